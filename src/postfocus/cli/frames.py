"""``postfocus frames``: many frames become pictures at once."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postfocus.cli.arguments import Parser, whole
from postfocus.cli.opening import check_outputs, indexed, open_recording, stem_of
from postfocus.cli.options import (
    add_aligned,
    add_common,
    add_frames,
    add_input,
    add_location,
    add_output,
    add_quality,
)
from postfocus.cli.talk import Answer, Talk
from postfocus.errors import BadUse, CannotWrite, NothingSharp
from postfocus.export.formats import FORMATS
from postfocus.io.atomic import cannot_write, display_name

if TYPE_CHECKING:
    from postfocus.scene import Scene


def parser() -> Parser:
    """The options of ``frames``."""
    made = Parser(
        "frames",
        "Save frames as NAME_0007.jpg into a folder: all of them, every Nth, or the best N, which between\n"
        "them show as much as possible of the picture sharp.",
    )
    add_input(made)
    add_output(made, "folder for the pictures; made if need be", required=True, name="DIR")
    made.add_argument("--all", action="store_true", help="every frame (the usual)")
    made.add_argument("--every", metavar="N", type=whole(1), help="the first frame and every Nth after it")
    made.add_argument("--best", metavar="N", type=whole(1), help="at most N frames that cover what is there")
    made.add_argument("--format", choices=FORMATS, default="jpg", help="format of the pictures; usual: jpg")
    add_frames(made, "only from these frames, counted from 0, both included")
    add_aligned(made)
    add_quality(made)
    add_location(made)
    add_common(made)
    return made


def run(args: Namespace, talk: Talk) -> Answer:
    """Choose and save."""
    import postfocus

    if args.all + (args.every is not None) + (args.best is not None) > 1:
        raise BadUse("Choose one of --all, --every and --best.")
    folder: Path = args.output
    with open_recording(args) as recording:
        _check_folder(folder)
        # The range is the sweep only where sharpness is asked for: one frame alone can be saved, too.
        scene = indexed(recording, talk, args.frames if args.best is not None else None)
        numbers = _chosen(scene, args, talk)
        stem = stem_of(recording)
        names = [folder / f"{stem}_{number:04d}.{args.format}" for number in numbers]
        made = _make(folder)
        try:
            check_outputs(names, recording, args.overwrite)
            for done, (number, name) in enumerate(zip(numbers, names, strict=True)):
                talk.progress("save", done, len(numbers))
                postfocus.save(
                    scene.picture(number, aligned=args.aligned), name, quality=args.quality,
                    overwrite=args.overwrite, inputs=recording.info.paths, location=args.location,
                )  # fmt: skip
            talk.progress("save", len(numbers), len(numbers))
        finally:
            if made and not any(folder.iterdir()):
                folder.rmdir()
    values: dict[str, Any] = {
        "output": str(folder),
        "frames": [{"frame": n, "output": str(name)} for n, name in zip(numbers, names, strict=True)],
    }
    count = f"{len(numbers)} frame{'' if len(numbers) == 1 else 's'}"
    return Answer(values, f"saved {count} -> {display_name(folder)}")


def _chosen(scene: Scene, args: Namespace, talk: Talk) -> list[int]:
    """Numbers of the frames to save."""
    if args.best is not None:
        best = scene.best(args.best)
        if not best:
            raise NothingSharp("No frame is sharp anywhere; use --all to save them nevertheless.")
        return best
    usable = scene.index.alignment.usable()
    first = 0 if args.frames is None or args.frames.first is None else args.frames.first
    last = None if args.frames is None else args.frames.last
    chosen: list[int] = []
    for slot, number in enumerate(scene.index.frames.tolist()):
        if number < first or (last is not None and number > last):
            continue
        if args.aligned and not usable[slot]:
            talk.note(f"note: frame {number} could not be aligned and is not saved")
            continue
        chosen.append(number)
    if not chosen:
        numbers = scene.index.frames
        raise BadUse(
            f"The chosen range holds no frame that can be saved; frames are counted from {numbers[0]} to "
            f"{numbers[-1]}."
        )
    return chosen[:: args.every or 1]


def _check_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise CannotWrite(f"{display_name(folder)} is a file; name a folder.")


def _make(folder: Path) -> bool:
    """Make the folder; whether it was missing."""
    try:
        missing = not folder.is_dir()
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    return missing
