"""``postfocus pick``: the frame that is sharpest at a place becomes a picture."""

from __future__ import annotations

import re
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postfocus.cli.arguments import Parser
from postfocus.cli.look import add_look, pick_by_look
from postfocus.cli.opening import check_extension, check_outputs, indexed, open_recording, preload, stem_of
from postfocus.cli.options import (
    add_aligned,
    add_common,
    add_force,
    add_frames,
    add_input,
    add_location,
    add_output,
    add_quality,
    place,
)
from postfocus.cli.sentences import sentence
from postfocus.cli.talk import Answer, Talk
from postfocus.errors import BadUse, NothingSharp
from postfocus.io.atomic import display_name
from postfocus.model.look import Pick, Place

if TYPE_CHECKING:
    from postfocus.scene import Scene

_FIELD = re.compile(r"\{(stem|n|x|y|frame)(?::0?(\d))?\}")
_NEEDS_FRAME = re.compile(r"\{frame(?::0?\d)?\}")


def parser() -> Parser:
    """The options of ``pick``."""
    made = Parser(
        "pick",
        "Save the original frame that is sharpest at a place.\n\n"
        "With several places OUT.jpg becomes OUT-1.jpg, OUT-2.jpg …, unless OUT holds {n}, {x}, {y},\n"
        "{frame} or {stem}. Without OUT the pictures go to the current folder.",
    )
    add_input(made)
    made.add_argument(
        "--at", metavar="X,Y", type=place, action="append", default=[],
        help="the place, in fractions of width and height from the top left; may be given again",
    )  # fmt: skip
    add_look(made, "in place of --at, the choice of the page")
    add_output(made, "picture to write; the extension picks the format")
    add_frames(made, "look only among these frames, counted from 0, both included")
    add_aligned(made)
    add_force(made)
    add_quality(made)
    add_location(made)
    add_common(made)
    return made


def run(args: Namespace, talk: Talk) -> Answer:
    """Find and save."""
    places: list[Place] = args.at
    if args.output is not None:
        check_extension(args.output)
    if args.look is not None:
        if places or args.frames is not None:
            raise BadUse("Choose the frame by --look or by --at and --frames, not by both.")
        return pick_by_look(args, talk)
    if not places:
        raise BadUse("--at is missing; 'postfocus pick --help' shows how to write the command.")
    preload("postfocus.export.stills")
    with open_recording(args) as recording:
        stem = stem_of(recording)
        pattern = _pattern(args.output, stem, len(places))
        if not _NEEDS_FRAME.search(pattern.name):
            check_outputs(_names(pattern, stem, places, None), recording, args.overwrite)
        scene = indexed(recording, talk, args.frames)
        picks = [scene.pick(p.x, p.y) for p in places]
        names = _names(pattern, stem, places, picks)
        sharp = [args.force or pick.state == "in focus" for pick in picks]
        wanted = [name for name, good in zip(names, sharp, strict=True) if good]
        check_outputs(wanted, recording, args.overwrite)
        found: list[dict[str, Any]] = []
        for done, (pick, name, good) in enumerate(zip(picks, names, sharp, strict=True)):
            if len(picks) > 1:
                talk.progress("save", done, len(picks))
            found.append(_saved(scene, pick, name, args) if good else _not_sharp(scene, pick))
    return _answer(found)


def _saved(scene: Scene, pick: Pick, name: Path, args: Namespace) -> dict[str, Any]:
    import postfocus

    picture = scene.picture(pick, aligned=args.aligned)
    postfocus.save(
        picture, name, quality=args.quality, overwrite=args.overwrite, inputs=scene.source.info.paths,
        location=args.location,
    )  # fmt: skip
    return {**_values(pick), "output": str(name)}


def _not_sharp(scene: Scene, pick: Pick) -> dict[str, Any]:
    try:
        scene.require_sharp(pick)
    except NothingSharp as error:
        return {**_values(pick), "output": None, "error": str(error)}
    raise AssertionError("a pick that is not in focus is refused")


def _values(pick: Pick) -> dict[str, Any]:
    return {
        "at": [pick.at.x, pick.at.y],
        "frame": round(pick.frame, 4),
        "saved_frame": pick.saved_frame,
        "confidence": pick.confidence,
        "state": pick.state,
    }


def _answer(found: list[dict[str, Any]]) -> Answer:
    refused = [one["error"] for one in found if "error" in one]
    values: dict[str, Any] = {"picks": found}
    if len(found) == 1:
        values |= found[0]
    text = "\n".join(_line(one) for one in found if "error" not in one)
    if not refused:
        return Answer(values, text)
    problem, exit_code = sentence(NothingSharp("; ".join(refused)))
    return Answer({**values, "error": problem, "exit_code": exit_code}, text, exit_code, problem)


def _line(one: dict[str, Any]) -> str:
    x, y = one["at"]
    where = f"{x:g},{y:g}: frame {one['saved_frame']} (sharpest at {one['frame']:.1f}"
    return f"{where}, confidence {one['confidence']:.2f}) -> {display_name(one['output'])}"


def _pattern(output: Path | None, stem: str, count: int) -> Path:
    if output is None:
        return Path(f"{stem}_focus-{{x}}-{{y}}.jpg")
    if count > 1 and not _FIELD.search(output.name):
        return output.with_name(f"{output.stem}-{{n}}{output.suffix}")
    return output


def _names(pattern: Path, stem: str, places: list[Place], picks: list[Pick] | None) -> list[Path]:
    """The name of each picture; without `picks`, ``{frame}`` stays as it is."""
    names: list[Path] = []
    for number, at in enumerate(places):
        values: dict[str, Any] = {"stem": stem, "n": number + 1, "x": f"{at.x:g}", "y": f"{at.y:g}"}
        if picks is not None:
            values["frame"] = picks[number].saved_frame
        names.append(pattern.with_name(_filled(pattern.name, values)))
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise BadUse(f"Two places would both be saved as {display_name(twice)}; put {{n}} into the name.")
    return names


def _filled(template: str, values: dict[str, Any]) -> str:
    """Fill in the fields; ``{n:02}`` pads with noughts."""

    def fill(field: re.Match[str]) -> str:
        if field[1] not in values:
            return field[0]
        return str(values[field[1]]).zfill(int(field[2] or 0))

    return _FIELD.sub(fill, template)
