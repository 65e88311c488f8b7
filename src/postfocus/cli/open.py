"""``postfocus open``: sweeps are opened in the browser, to be touched where they should be sharp."""

from __future__ import annotations

import os
import sys
import webbrowser
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, NoReturn

from postfocus.cli.arguments import Parser, whole
from postfocus.cli.options import add_common
from postfocus.cli.talk import Answer, Talk
from postfocus.io.atomic import display_name

if TYPE_CHECKING:
    from postfocus.app.server import Screen

PORT = 8230
"""Tried first, so that the address stays the same from day to day."""


def parser() -> Parser:
    """The options of ``open``."""
    made = Parser(
        "open",
        "Open sweeps in the browser: touch the picture, and see it sharp there. Several inputs, or a\n"
        "folder with several sweeps, make a contact sheet; without any, drop pictures on the page.\n"
        "Everything stays on this computer. Ctrl-C ends it.",
    )
    made.add_argument(
        "input", nargs="*", metavar="INPUT", help="videos, folders of stills, stills, or folders of all these"
    )
    made.add_argument(
        "--host", metavar="H", default="127.0.0.1",
        help="address to listen at; 0.0.0.0 lets phones on the same network in, by a code to scan",
    )  # fmt: skip
    made.add_argument(
        "--port", metavar="N", type=whole(0, 65535), help=f"usual: {PORT}, or a free one if that is taken"
    )
    made.add_argument("--no-browser", action="store_true", help="print the address only")
    add_common(made)
    return made


def run(args: Namespace, talk: Talk) -> NoReturn:
    """Serve the page until a person stops it."""
    show(
        args.input, lambda screen: talk.answer(_answer(screen)),
        host=args.host, port=args.port, browser=not args.no_browser, verbose=args.verbose,
    )  # fmt: skip
    talk.note("postfocus was closed.")
    raise SystemExit(0)  # the answer was given at the beginning


def show(
    inputs: list[str],
    tell: Callable[[Screen], object],
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    browser: bool = True,
    stay: bool = True,
    verbose: bool = False,
) -> None:
    """Serve the page of some inputs, until a person stops it.

    Parameters
    ----------
    inputs
        Videos, stills or folders; none: the empty page.
    tell
        Called when the page can be opened.
    host, port
        Where it is listened for; without a port the usual one, or any if that is taken.
    browser
        Open it, where there is a desktop.
    stay
        Otherwise it ends at once.
    verbose
        Say on stderr where an unexpected error arose.
    """
    from postfocus.app.inputs import sweeps_of
    from postfocus.app.server import Screen, listen
    from postfocus.app.studio import Studio

    sweeps = sweeps_of(inputs) if inputs else []
    listening = listen(host, port, PORT)
    screen = Screen(Studio(inputs=sweeps, folder=_folder(inputs)), listening)

    def ready() -> None:
        tell(screen)
        if browser and stay and _has_desktop():
            # Other users of this computer can read a program's arguments: this key opens once.
            address = screen.address(screen.keys.ticket())
            Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    screen.serve(ready, stay=stay, verbose=verbose)


def _folder(inputs: list[str]) -> str | None:
    """Name of the folder, if one folder was opened."""
    if len(inputs) != 1 or not Path(inputs[0]).is_dir():
        return None
    return display_name(Path(os.path.abspath(inputs[0])).name)


def _answer(screen: Screen) -> Answer:
    """The address, and the phone's with its code."""
    address, phone = screen.address(), screen.phone()
    values: dict[str, Any] = {"address": address, "port": screen.port, "phone": phone}
    lines = [address]
    if phone is not None:
        lines += ["", "On a phone in the same network:", phone, *_code(phone)]
        lines += [
            "Whoever has this address can see and save these pictures; the network can read them along."
        ]
    if sys.stdout.isatty():
        lines += ["Ctrl-C ends it."]
    return Answer(values, "\n".join(lines))


def _code(phone: str) -> list[str]:
    """The code to scan, where the terminal can draw it."""
    if not (sys.stdout.encoding or "").lower().startswith("utf"):
        return []
    from postfocus.app.qr import as_text

    return ["", as_text(phone)]


def _has_desktop() -> bool:
    """Whether there is a browser with windows; one in the terminal would be of no use."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
