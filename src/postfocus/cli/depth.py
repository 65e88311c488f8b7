"""``postfocus depth``: where in the sweep each place is sharpest, as a picture of numbers."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from postfocus.cli.arguments import Parser
from postfocus.cli.opening import check_outputs, indexed, open_recording, stem_of
from postfocus.cli.options import add_common, add_frames, add_input, add_location, add_output
from postfocus.cli.talk import Answer, Talk
from postfocus.io.atomic import display_name


def parser() -> Parser:
    """The options of ``depth``."""
    made = Parser(
        "depth",
        "Write for each pixel the place in the sweep, counted in frames, at which it is sharpest:\n"
        "as it is into a .tif of 32-bit numbers, or spread over the 16 bits of a .png.\n"
        "OUT.confidence.png and the coloured OUT.preview.png go beside it.",
    )
    add_input(made)
    add_output(made, "depth to write, .png or .tif (usual: NAME_depth.png)")
    add_frames(made, "use only these frames, counted from 0, both included")
    add_location(made)
    add_common(made)
    return made


def run(args: Namespace, talk: Talk) -> Answer:
    """Write the three files."""
    from postfocus.export.depth_files import depth_paths, save_depth
    from postfocus.export.full_size import full_size

    if args.output is not None:
        depth_paths(args.output)
    with open_recording(args) as recording:
        info = recording.info
        output: Path = args.output or Path(f"{stem_of(recording)}_depth.png")
        check_outputs(depth_paths(output), recording, args.overwrite)
        scene = indexed(recording, talk, args.frames)
        depth, confidence, state = full_size(scene.depth)
        record: dict[str, Any] = {
            "kind": "depth",
            "reference_frame": scene.reference,
            "sweep": {"first": scene.sweep.first, "last": scene.sweep.last},
            "input": info.name,
        }
        written = save_depth(
            depth, confidence, state, output, last_frame=scene.depth.last_frame, record=record,
            camera=scene.source.camera(scene.reference), location=args.location, overwrite=args.overwrite,
            inputs=info.paths,
        )  # fmt: skip
    values = {
        "output": str(written[0]),
        "confidence": str(written[1]),
        "preview": str(written[2]),
        "reference_frame": scene.reference,
        "last_frame": scene.depth.last_frame,
        "width": info.width,
        "height": info.height,
        "in_focus": round(float((state == 0).mean()), 4),
    }
    return Answer(values, "\n".join(f"wrote {display_name(path)}" for path in written))
