"""``postfocus index``: a sweep is read once, so that every later command starts at once."""

from __future__ import annotations

import time
from argparse import Namespace
from typing import Any

from postfocus.cli.arguments import Parser
from postfocus.cli.info import sweep_of
from postfocus.cli.opening import open_recording
from postfocus.cli.options import add_common, add_input, add_output
from postfocus.cli.talk import Answer, Talk
from postfocus.errors import BadUse
from postfocus.io.atomic import display_name


def parser() -> Parser:
    """The options of ``index``."""
    made = Parser(
        "index",
        "Read a sweep once: align its frames and find where each place is sharp. The index is kept in\n"
        "the cache, or in a folder of its own that can be kept beside the input and named in its place.",
    )
    add_input(made)
    add_output(made, "a folder to keep the index in", name="NAME.postfocus")
    made.add_argument(
        "--previews", action="store_true", help="keep a small JPEG of every frame as well, for clicking"
    )
    add_common(made)
    return made


def run(args: Namespace, talk: Talk) -> Answer:
    """Index, and say what was found."""
    import postfocus
    from postfocus.settings import IndexSettings

    if args.output is not None and args.output.suffix.lower() != ".postfocus":
        raise BadUse(f"{display_name(args.output.name)} does not end in .postfocus; name the folder so.")
    settings = IndexSettings(previews=args.previews)
    began = time.monotonic()
    with open_recording(args) as recording:
        if args.output is not None:
            scene = postfocus.write_portable(
                recording, args.output, overwrite=args.overwrite, settings=settings, progress=talk.progress
            )
        else:
            scene = postfocus.index(recording, settings=settings, progress=talk.progress)
        notes = list(scene.index.notes())
        for text in notes:
            talk.note(f"note: {text}")
        values: dict[str, Any] = {**sweep_of(scene), "notes": notes}
    seconds = time.monotonic() - began
    values |= {"seconds": round(seconds, 3), "output": str(scene.folder)}
    sweep = values["sweep"]
    return Answer(
        values,
        f"{display_name(recording.info.name)}: {values['frames']} frames, sweep {sweep['first']} to "
        f"{sweep['last']}, {seconds:.1f} s -> {display_name(scene.folder)}",
    )
