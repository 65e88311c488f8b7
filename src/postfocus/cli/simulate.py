"""``postfocus simulate``: a sweep drawn by code, with all that is true about it beside it."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import fields
from pathlib import Path
from typing import Any

from postfocus.cli.arguments import Parser, number, size, whole
from postfocus.cli.doctor import cpus
from postfocus.cli.options import add_common, add_output
from postfocus.cli.talk import Answer, Talk
from postfocus.errors import BadUse
from postfocus.io.atomic import check_target, display_name

_NUMBERS = {
    "blur": "radius of blur per frame out of focus",
    "shake": "shake of the hand",
    "roll": "roll of the hand, in degrees",
    "breathing": "change of scale over the sweep, as a fraction",
    "rolling": "rolling shutter",
    "drift": "change of exposure over the sweep, as a fraction",
    "flicker": "change of exposure from frame to frame, as a fraction",
    "vignetting": "light missing in the corners, 0 to 0.95",
    "photon": "noise at white, in thousandths of white",
    "read": "noise at black, in thousandths of white",
    "wind": "pixels by which the nearest thing sways to each side",
    "waves": "pixels by which what lies before the farthest ground ripples",
    "blade-turn": "turn of the aperture's blades, in degrees",
}
_COUNTS = {
    "lead-in": "frames before the lens begins to move",
    "tail": "frames after the lens has come to rest",
    "turn-back": "frames at the end in which the lens runs back",
}


def parser() -> Parser:
    """The options of ``simulate``."""
    made = Parser(
        "simulate",
        "Make a simulated focus sweep, and beside it the folder OUT.truth with the picture that is sharp\n"
        "everywhere, the depth and the poses. OUT ends in .mp4, .mov or .mkv; without an extension it\n"
        "becomes a folder of JPEGs. Pixels are meant at 3840 wide and scale with the picture.",
    )
    made.add_argument("out", nargs="?", metavar="OUT", help="the clip to write")
    add_output(made, "the same")
    made.add_argument("--list", action="store_true", help="list the scenes")
    made.add_argument("--scene", metavar="NAME", help="what to draw (usual: still-life)")
    made.add_argument("--frames", metavar="N", type=whole(2, 10_000), help="how many frames (usual: 30)")
    made.add_argument("--size", metavar="WxH", type=size, help="size of the frames (usual: 3840x2160)")
    made.add_argument("--seed", metavar="S", type=whole(0), help="another seed makes another sweep")
    made.add_argument("--steps", choices=("even", "uneven"), help="steps of the lens")
    made.add_argument("--shape", metavar="NAME", help="disc, pentagon, hexagon, octagon or ring")
    made.add_argument("--tripod", action="store_true", default=None, help="no shake, no roll")
    made.add_argument("--mover", action="store_true", default=None, help="something flies through")
    for name, text in _NUMBERS.items():
        made.add_argument(f"--{name}", metavar="X", type=number, help=text)
    for name, text in _COUNTS.items():
        made.add_argument(f"--{name}", metavar="N", type=whole(0), help=text)
    made.add_argument("--codec", choices=("h264", "hevc", "av1"), default="h264", help="usual: h264")
    made.add_argument("--bits", type=whole(8, 10), default=8, metavar="8|10", help="bits of each sample")
    add_common(made)
    return made


def run(args: Namespace, talk: Talk) -> Answer:
    """Draw, photograph and write."""
    from postfocus.synth.encode import VideoSettings
    from postfocus.synth.sweep import SweepSettings
    from postfocus.synth.write import truth_folder, write_simulation

    if args.list:
        return _scenes()
    if (args.out is None) == (args.output is None):
        raise BadUse("Name one clip to write, like: postfocus simulate clip.mp4")
    out = Path(args.out) if args.out is not None else args.output
    for target in (out, truth_folder(out)):
        if not (args.overwrite and target.is_dir()):
            check_target(target, overwrite=args.overwrite)
    if args.size is not None:
        args.width, args.height = args.size
    given = {field.name: getattr(args, field.name, None) for field in fields(SweepSettings)}
    settings = SweepSettings(**{name: value for name, value in given.items() if value is not None})
    write_simulation(
        settings, out, talk.progress, video=VideoSettings(codec=args.codec, bits=args.bits),
        workers=min(4, cpus()), replace=args.overwrite,
    )  # fmt: skip
    values: dict[str, Any] = {
        "output": str(out),
        "truth": str(truth_folder(out)),
        "scene": settings.scene,
        "frames": settings.frames,
        "width": settings.width,
        "height": settings.height,
        "seed": settings.seed,
    }
    return Answer(
        values, f"wrote {display_name(out)}, and what is true about it into {display_name(truth_folder(out))}"
    )


def _scenes() -> Answer:
    from postfocus.synth.scenes import SCENES

    return Answer({"scenes": list(SCENES)}, "\n".join(SCENES))
