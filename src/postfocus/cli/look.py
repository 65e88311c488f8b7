"""A choice of focus that was made before, on the page or by a script, is made again on the command line."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from postfocus.app.look_file import look_file, read_look
from postfocus.cli.arguments import Parser, plain
from postfocus.cli.opening import check_outputs, indexed, open_recording, preload, stem_of
from postfocus.cli.talk import Answer, Talk
from postfocus.errors import BadUse
from postfocus.io.atomic import display_name
from postfocus.model.look import Look

if TYPE_CHECKING:
    from postfocus.api import Recording

KEPT = "kept"


def add_look(parser: Parser, what: str) -> None:
    """Add the option that takes a look."""
    parser.add_argument(
        "--look", metavar="LOOK", type=plain(_given),
        help=f"{what}: the JSON itself, a file that holds it, or the word {KEPT} for the one that the page "
        "keeps beside the input",
    )  # fmt: skip


def look_of(args: Namespace, recording: Recording) -> Look:
    """The look that the option names.

    Raises
    ------
    CannotRead
        The file is missing or is no look.
    """
    given: Look | Path = args.look
    if isinstance(given, Look):
        return given
    if str(given) == KEPT:
        from postfocus.app.inputs import sweeps_of

        given = look_file(sweeps_of(args.input)[0], recording.info.name)
    return read_look(given)


def range_of(look: Look) -> Look:
    """The look itself, if it says what to merge.

    Raises
    ------
    BadUse
        It names one place to focus on: that is a frame, not a merge.
    """
    if look.focus is not None and look.whole:
        raise BadUse("The look names one place to focus on; use 'postfocus pick', or name a range.")
    if look.single_frame is not None:
        raise BadUse("The look names a single frame; use 'postfocus pick', or name a range.")
    return look


def pick_by_look(args: Namespace, talk: Talk) -> Answer:
    """Save the frame that a look names."""
    import postfocus

    preload("postfocus.export.stills")
    with open_recording(args) as recording:
        look = look_of(args, recording)
        output: Path = args.output or _usual_name(look, stem_of(recording))
        check_outputs([output], recording, args.overwrite)
        scene = indexed(recording, talk)
        picture = scene.picture_of(look, aligned=args.aligned, force=args.force)
        inputs = recording.info.paths
        postfocus.save(
            picture, output, quality=args.quality, overwrite=args.overwrite, inputs=inputs,
            location=args.location,
        )  # fmt: skip
    record = picture.record
    at = None if look.focus is None else [look.focus.x, look.focus.y]
    values = {
        "at": at,
        "frame": record.get("position"),
        "saved_frame": record["frame"],
        "confidence": record.get("confidence"),
        "state": record.get("state"),
        "look": look.to_json(),
        "output": str(output),
    }
    return Answer(values, f"frame {record['frame']} -> {display_name(output)}")


def _usual_name(look: Look, stem: str) -> Path:
    if look.single_frame is not None:
        return Path(f"{stem}_{look.single_frame:04d}.jpg")
    if look.focus is not None:
        return Path(f"{stem}_focus-{look.focus.x:g}-{look.focus.y:g}.jpg")
    raise BadUse("The look names no place to focus on; use 'postfocus stack' for a range.")


def _given(text: str) -> Look | Path:
    """Read the option: JSON begins with a brace; a file may have an @ before its name."""
    if text.lstrip().startswith("{"):
        return Look.from_json(text)
    name = text.removeprefix("@")
    if not name:
        raise ValueError("a look is missing; give JSON, a file that holds it, or the word kept")
    return Path(name)
