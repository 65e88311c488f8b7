"""The options that commands share, so that each is spelt and explained once."""

from __future__ import annotations

from pathlib import Path

from postfocus.cli.arguments import Parser, plain, whole
from postfocus.model.look import Frames, Place

INPUT_HELP = "a video, a folder of stills, the stills themselves, a multi-page TIFF, or NAME.postfocus"


def add_common(parser: Parser) -> None:
    """Add what every command takes."""
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist already")
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    parser.add_argument("-v", "--verbose", action="store_true", help="say more; show where an error arose")


def add_input(parser: Parser) -> None:
    """Add the sweep to work on."""
    parser.add_argument("input", nargs="+", metavar="INPUT", help=INPUT_HELP)


def add_output(parser: Parser, what: str, *, required: bool = False, name: str = "OUT") -> None:
    """Add the name to write to."""
    parser.add_argument("-o", "--output", metavar=name, type=plain(_path), required=required, help=what)


def add_frames(parser: Parser, what: str) -> None:
    """Add a range of frames."""
    parser.add_argument("--frames", metavar="A:B", type=plain(Frames.parse), help=what)


def add_quality(parser: Parser) -> None:
    """Add the quality of JPEG, WebP and AVIF."""
    parser.add_argument(
        "--quality",
        metavar="Q",
        type=whole(1, 100),
        default=95,
        help="1 to 100 for JPEG, WebP, AVIF; usual 95",
    )


def add_location(parser: Parser) -> None:
    """Add the way to keep to oneself where a picture was taken."""
    parser.add_argument(
        "--no-location", dest="location", action="store_false",
        help="write no GPS tags, nor MakerNotes, which may repeat them",
    )  # fmt: skip


def add_aligned(parser: Parser) -> None:
    """Add the choice of geometry."""
    parser.add_argument(
        "--aligned", action="store_true", help="move frames into the geometry of the reference frame"
    )


def add_force(parser: Parser) -> None:
    """Add the way past `NothingSharp`."""
    parser.add_argument("--force", action="store_true", help="go on where nothing is surely sharp")


def place(text: str) -> Place:
    """Read ``X,Y``."""
    return plain(Place.parse)(text)


def _path(text: str) -> Path:
    if not text:
        raise ValueError("the name is empty")
    return Path(text)
