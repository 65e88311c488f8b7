"""``postfocus stack``: the sweep, or a range of it, is merged into one sharp picture."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from postfocus.cli.arguments import Parser, number, plain, whole
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
from postfocus.model.look import SOFTEST, Frames, Look

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from postfocus.model.picture import Picture
    from postfocus.scene import Scene


def parser() -> Parser:
    """The options of ``stack``."""
    made = Parser(
        "stack",
        "Merge the sweep into one picture that is sharp everywhere, or only between two places or\n"
        "among some frames; elsewhere the real blur of the lens is kept. TIFF and PNG have 16 bits.\n\n"
        "Two places may be given in either order. One alone means a sweep that runs from near to far, as\n"
        "Post Focus and most brackets do; where it runs from far to near, exchange --near and --far,\n"
        "or use --frames. What was retouched on the page comes along with --look.",
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
    made.add_argument(
        "--range", metavar="A:B", type=plain(Frames.parse), action="append", default=[],
        help="these frames, too; may be given again: all that is named is sharp, and nothing between",
    )  # fmt: skip
    made.add_argument(
        "--soft", metavar="N", type=soft,
        help="let sharpness give way over N frames beside each range, instead of at once",
    )  # fmt: skip
    add_look(made, "in place of these, the choice of the page")
    made.add_argument(
        "--reference",
        metavar="K",
        type=whole(0),
        help="frame whose geometry the picture gets, and whose moment where something moves",
    )
    made.add_argument(
        "--held-map", metavar="MAP", type=plain(Path),
        help="also write a picture that is white where something moves and one frame was taken",
    )  # fmt: skip
    made.add_argument(
        "--never-sharp-map", metavar="MAP", type=plain(Path),
        help="also write a picture that is white where no frame is sharp: nearer or farther than the sweep",
    )  # fmt: skip
    made.add_argument(
        "--glow-map", metavar="MAP", type=plain(Path),
        help="also write a picture that is white where glow of near things was taken off far ones",
    )  # fmt: skip
    made.add_argument(
        "--keep-glow", action="store_true",
        help="leave the glow that near things, out of focus, throw over what lies beside them",
    )  # fmt: skip
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


def soft(text: str) -> float:
    """Read a number of frames over which a range ends."""
    value = number(text)
    if not 0 <= value <= SOFTEST:
        raise ArgumentTypeError(f"{text!r} is not a number of frames from 0 to {SOFTEST}.")
    return value


def run(args: Namespace, talk: Talk) -> Answer:
    """Merge and save."""
    check(args)
    with open_recording(args) as recording:
        output: Path = args.output or Path(f"{stem_of(recording)}_stack.jpg")
        # Slabs, and the whole, may be there from a run that was killed.
        outputs = [output, *maps_of(args)]
        if len({name.absolute() for name in outputs}) < len(outputs):
            raise BadUse("Give the picture and its maps different names.")
        check_outputs(outputs, recording, args.overwrite or args.slabs is not None)
        look = Look(
            near=args.near, far=args.far, frames=args.frames, reference=args.reference,
            ranges=tuple(args.range), soft=args.soft or 0.0,
        )  # fmt: skip
        if args.look is not None:
            look = range_of(look_of(args, recording))
        look = replace(look, keep_glow=look.keep_glow or args.keep_glow)
        scene = indexed(recording, talk)
        make = _whole if args.slabs is None else _slabs
        return make(args, talk, scene, look, output)


def check(args: Namespace) -> None:
    """Refuse options that cannot be meant together, before anything is read."""
    if args.frames is not None and (args.near is not None or args.far is not None):
        raise BadUse("Choose the range by --near and --far or by --frames, not by both.")
    chosen = [value for value in (args.near, args.far, args.frames, *args.range) if value is not None]
    by_hand = bool(chosen) or args.reference is not None or args.soft is not None
    if args.soft is not None and not chosen and args.look is None:
        raise BadUse("--soft is of the ends of a range; add --range, --frames, or --near and --far.")
    if args.look is not None and by_hand:
        raise BadUse("Choose the range by --look or by the other options, not by both.")
    if args.overlap is not None and args.slabs is None:
        raise BadUse("--overlap is about slabs; add --slabs, or leave it out.")
    if args.slabs is not None and (args.overlap or 0) >= args.slabs:
        raise BadUse("Slabs overlap by fewer frames than they have; choose a smaller --overlap.")
    if args.slabs is not None and maps_of(args):
        names = ("--held-map", args.held_map), ("--never-sharp-map", args.never_sharp_map)
        option = next((name for name, path in names if path is not None), "--glow-map")
        raise BadUse(f"{option} is of one merge; leave --slabs out.")
    for name in (args.output, *maps_of(args)):
        if name is not None:
            check_extension(name)


def maps_of(args: Namespace) -> list[Path]:
    """The maps that are to be written beside the picture."""
    return [path for path in (args.held_map, args.never_sharp_map, args.glow_map) if path is not None]


def _whole(args: Namespace, talk: Talk, scene: Scene, look: Look, output: Path) -> Answer:
    """Merge and save one picture."""
    import postfocus

    picture = scene.stack(look, force=args.force, progress=talk.progress)
    if args.crop:
        picture = picture.cropped()
    for note in picture.notes:
        talk.note(f"note: {note}")
    inputs = scene.source.info.paths
    postfocus.save(
        picture, output, quality=args.quality, overwrite=args.overwrite, inputs=inputs,
        location=args.location,
    )  # fmt: skip
    maps = (
        (args.held_map, picture.held, "held map"),
        (args.never_sharp_map, picture.never_sharp, "never-sharp map"),
        (args.glow_map, picture.glow, "glow map"),
    )
    for path, places, kind in maps:
        if path is not None:
            postfocus.save(white_map(picture, places, kind), path, overwrite=args.overwrite, inputs=inputs)
    used = picture.record["frames_used"]
    values = {
        "reference_frame": picture.record["reference_frame"],
        "frames_used": used,
        "retouch": picture.record.get("retouch"),
        "valid": asdict(picture.valid) if picture.valid else None,
        "held": picture.record.get("held", 0.0),
        "never_sharp": picture.record.get("never_sharp", 0.0),
        "glow": picture.record.get("glow", 0.0),
        "notes": list(picture.notes),
        "output": str(output),
    }
    text = f"merged {len(used)} frames ({used[0]} to {used[-1]})"
    retouch = picture.record.get("retouch")
    if retouch is not None:
        count = retouch["strokes"]
        text += f", retouched by {count} stroke{'' if count == 1 else 's'}"
    return Answer(values, f"{text} -> {display_name(output)}")


def white_map(picture: Picture, places: NDArray[np.bool_] | None, kind: str) -> Picture:
    """White in some places of a picture, black elsewhere."""
    import numpy as np

    pixels = np.zeros(picture.pixels.shape[:2], np.uint8)
    if places is not None:
        pixels[places] = 255
    return replace(picture, pixels=pixels, icc=None, record={**picture.record, "kind": kind})


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
    for note in whole.notes:
        talk.note(f"note: {note}")
    reference = scene.reference if look.reference is None else look.reference
    values = {
        "reference_frame": reference,
        "frames_used": list(whole.frames),
        "valid": asdict(whole.valid),
        "notes": list(whole.notes),
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
