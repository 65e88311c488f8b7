"""``postfocus stack``: the sweep, or a range of it, is merged into one sharp picture."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from postfocus.cli.arguments import Parser, whole
from postfocus.cli.look import add_look, look_of, range_of
from postfocus.cli.opening import check_extension, check_outputs, indexed, open_recording, stem_of
from postfocus.cli.options import (
    add_common,
    add_force,
    add_frames,
    add_input,
    add_location,
    add_output,
    add_quality,
    place,
)
from postfocus.cli.talk import Answer, Talk
from postfocus.errors import BadUse
from postfocus.io.atomic import display_name
from postfocus.model.look import Look

if TYPE_CHECKING:
    from postfocus.scene import Scene


def parser() -> Parser:
    """The options of ``stack``."""
    made = Parser(
        "stack",
        "Merge the sweep into one picture that is sharp everywhere, or only between two places or\n"
        "among some frames; elsewhere the real blur of the lens is kept. TIFF and PNG have 16 bits.\n\n"
        "Two places may be given in either order. One alone means a sweep that runs from near to far, as\n"
        "Post Focus and most brackets do; where it runs from far to near, exchange --near and --far,\n"
        "or use --frames.",
    )
    add_input(made)
    add_output(made, "picture to write; the extension picks the format (usual: NAME_stack.jpg)")
    made.add_argument(
        "--near", metavar="X,Y", type=place,
        help="sharp from the plane at this place … (alone: to the last frame)",
    )  # fmt: skip
    made.add_argument(
        "--far", metavar="X,Y", type=place,
        help="… to the plane at this one (alone: from the first frame)",
    )  # fmt: skip
    add_frames(made, "merge only these frames, counted from 0, both included")
    add_look(made, "in place of these, the choice of the page")
    made.add_argument("--reference", metavar="K", type=whole(0), help="frame whose geometry the picture gets")
    made.add_argument(
        "--slabs", metavar="N", type=whole(1),
        help="merge every N frames of them for themselves, too: layers for retouching, OUT-slab-01.tif … "
        "beside OUT.tif; killed and started again, it goes on where it stopped",
    )  # fmt: skip
    made.add_argument(
        "--overlap", metavar="M", type=whole(0), help="frames that each slab shares with the last (usual: 0)"
    )
    made.add_argument("--crop", action="store_true", help="keep only what every merged frame shows")
    add_force(made)
    add_quality(made)
    add_location(made)
    add_common(made)
    return made


def run(args: Namespace, talk: Talk) -> Answer:
    """Merge and save."""
    import postfocus

    if args.frames is not None and (args.near is not None or args.far is not None):
        raise BadUse("Choose the range by --near and --far or by --frames, not by both.")
    by_hand = any(value is not None for value in (args.near, args.far, args.frames, args.reference))
    if args.look is not None and by_hand:
        raise BadUse("Choose the range by --look or by the other options, not by both.")
    if args.overlap is not None and args.slabs is None:
        raise BadUse("--overlap is about slabs; add --slabs, or leave it out.")
    if args.slabs is not None and (args.overlap or 0) >= args.slabs:
        raise BadUse("Slabs overlap by fewer frames than they have; choose a smaller --overlap.")
    if args.output is not None:
        check_extension(args.output)
    with open_recording(args) as recording:
        output: Path = args.output or Path(f"{stem_of(recording)}_stack.jpg")
        # Slabs, and the whole, may be there from a run that was killed.
        check_outputs([output], recording, args.overwrite or args.slabs is not None)
        look = Look(near=args.near, far=args.far, frames=args.frames, reference=args.reference)
        if args.look is not None:
            look = range_of(look_of(args, recording))
        scene = indexed(recording, talk)
        if args.slabs is not None:
            return _slabs(args, talk, scene, look, output)
        picture = scene.stack(look, force=args.force, progress=talk.progress)
        if args.crop:
            picture = picture.cropped()
        inputs = recording.info.paths
        postfocus.save(
            picture, output, quality=args.quality, overwrite=args.overwrite, inputs=inputs,
            location=args.location,
        )  # fmt: skip
    used = picture.record["frames_used"]
    values = {
        "reference_frame": picture.record["reference_frame"],
        "frames_used": used,
        "valid": asdict(picture.valid) if picture.valid else None,
        "output": str(output),
    }
    return Answer(values, f"merged {len(used)} frames ({used[0]} to {used[-1]}) -> {display_name(output)}")


def _slabs(args: Namespace, talk: Talk, scene: Scene, look: Look, output: Path) -> Answer:
    """Merge and save the slabs and the whole."""
    import postfocus

    saved = postfocus.save_slabs(
        scene, output, args.slabs, overlap=args.overlap or 0, look=look, force=args.force, crop=args.crop,
        quality=args.quality, overwrite=args.overwrite, location=args.location, progress=talk.progress,
    )  # fmt: skip
    *slabs, whole = saved
    known = [display_name(one.path.name) for one in saved if one.kept]
    if known:
        names = known[0] if len(known) == 1 else f"{len(known)} pictures ({known[0]} … {known[-1]})"
        talk.note(f"note: kept {names}, which an earlier run had written whole")
    reference = scene.reference if look.reference is None else look.reference
    values = {
        "reference_frame": reference,
        "frames_used": list(whole.frames),
        "valid": asdict(whole.valid),
        "output": str(whole.path),
        "kept": whole.kept,
        "slabs": [
            {
                "slab": one.slab,
                "frames_used": list(one.frames),
                "valid": asdict(one.valid),
                "output": str(one.path),
                "kept": one.kept,
            }
            for one in slabs
        ],
    }
    text = f"merged {len(whole.frames)} frames ({whole.frames[0]} to {whole.frames[-1]}) -> "
    text += f"{display_name(output)}\n"
    last = "" if len(slabs) == 1 else f" to {display_name(slabs[-1].path.name)}"
    text += f"{len(slabs)} slab{'' if len(slabs) == 1 else 's'} -> {display_name(slabs[0].path)}{last}"
    return Answer(values, text)
