"""``postfocus cache``: what is kept of sweeps that were read before."""

from __future__ import annotations

import time
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from postfocus.cli.arguments import Parser
from postfocus.cli.options import add_common, add_output
from postfocus.cli.report import check_report, keep
from postfocus.cli.talk import Answer, Talk
from postfocus.errors import BadUse, PostfocusError
from postfocus.io.atomic import display_name

if TYPE_CHECKING:
    from postfocus.io.cache import Entry


def parser() -> Parser:
    """The options of ``cache``."""
    made = Parser(
        "cache",
        "Show the indexes that are kept. POSTFOCUS_CACHE names their folder, POSTFOCUS_CACHE_LIMIT the\n"
        "room they may take, such as 500M or 4G; the least recently used go first.",
    )
    made.add_argument("--clear", action="store_true", help="remove all of them")
    made.add_argument("--trim", action="store_true", help="remove the oldest until the rest fits the limit")
    add_output(made, "write this report to a .json or .txt as well")
    add_common(made)
    return made


def run(args: Namespace, talk: Talk) -> Answer:
    """Show, clear or trim."""
    from postfocus.io.cache import Cache

    del talk
    if args.clear and args.trim:
        raise BadUse("Choose one of --clear and --trim.")
    check_report(args.output)
    cache = Cache.default()
    before = len(cache.entries())
    if args.clear and cache.root.is_dir():
        cache.clear()
    if args.trim:
        cache.trim()
    entries = cache.entries()
    values: dict[str, Any] = {
        "path": str(cache.root),
        "limit": cache.limit,
        "size": sum(entry.size for entry in entries),
        "removed": before - len(entries),
        "entries": [_values(entry) for entry in entries],
    }
    return keep(Answer(values, _text(values)), args.output, args.overwrite)


def spoken_size(size: int) -> str:
    """Bytes for people.

    >>> spoken_size(0), spoken_size(1536), spoken_size(5 << 30)
    ('0 bytes', '1.5 KiB', '5.0 GiB')
    """
    value = float(size)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if value < 1024 or unit == "GiB":
            break
        value /= 1024
    return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"


def _values(entry: Entry) -> dict[str, Any]:
    from postfocus.io.index_folder import read_index

    try:
        info = read_index(entry.path).info
        name, frames = info.name, info.count
    except PostfocusError:
        name, frames = None, None
    return {"input": name, "frames": frames, "path": str(entry.path), "size": entry.size, "used": entry.used}


def _text(values: dict[str, Any]) -> str:
    entries: list[dict[str, Any]] = values["entries"]
    noun = "index" if len(entries) == 1 else "indexes"
    lines = [
        display_name(values["path"]),
        f"{len(entries)} {noun}, {spoken_size(values['size'])} of {spoken_size(values['limit'])}",
    ]
    if values["removed"]:
        lines.append(f"{values['removed']} removed")
    for entry in entries:
        used = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry["used"]))
        name = display_name(entry["input"] or "unreadable")
        lines.append(f"  {used}  {spoken_size(entry['size']):>10}  {name}")
    return "\n".join(lines)
