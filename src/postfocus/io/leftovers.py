"""What a killed program left half-written beside the photographs is cleared away by the next one.

Everything is written under a hidden name first (`postfocus.io.atomic`). A
process that is killed outright cannot remove it; its name therefore says who
was writing, so that it can be told from the work of a program still running.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import stat
import sys
import time
import zlib
from contextlib import suppress
from functools import cache
from pathlib import Path

STALE_SECONDS = 3600.0
_NAME_BYTES = 255


def hidden_name(target: Path, word: str) -> Path:
    """A free hidden name beside `target`, with its extension, that says which process uses it."""
    tail = f".{word}-{_host()}-{os.getpid()}-{os.urandom(4).hex()}{target.suffix}"
    room = _NAME_BYTES - len(os.fsencode(tail)) - 1
    stem = os.fsencode(target.stem)[: max(0, room)].decode(sys.getfilesystemencoding(), "ignore")
    return target.with_name(f".{stem}{tail}")


@cache
def clear_leftovers(folder: Path) -> None:
    """Remove unfinished files and folders of writers that were killed; once for each folder.

    Only what carries a name of `hidden_name`, belongs to this user, was written on this computer by a
    process that is gone, and has not been touched for an hour. What cannot be removed stays: it is in
    nobody's way.
    """
    name = re.compile(rf"\..*\.part-{_host()}-(\d+)-[0-9a-f]{{8}}(\.[^.]*)?", re.DOTALL)
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            part = name.fullmatch(entry.name)
            if part and process_gone(int(part[1])) and _untouched(Path(entry.path)):
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    with suppress(OSError):
                        os.unlink(entry.path)


def process_gone(pid: int) -> bool:
    """Whether surely no process of this number runs on this computer; never sure but on POSIX."""
    if os.name != "posix":
        return False  # there, signal 0 would interrupt the process
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def _untouched(path: Path) -> bool:
    """Whether a file, or a folder with all in it, is this user's and was not written to for an hour."""
    try:
        inside = path.rglob("*") if path.is_dir() and not path.is_symlink() else ()
        facts = [one.lstat() for one in (path, *inside)]
    except OSError:
        return False
    ours = not hasattr(os, "getuid") or facts[0].st_uid == os.getuid()
    plain = stat.S_ISREG(facts[0].st_mode) or stat.S_ISDIR(facts[0].st_mode)
    return ours and plain and time.time() - max(fact.st_mtime for fact in facts) > STALE_SECONDS


@cache
def _host() -> str:
    """Four digits for this computer: folders may be shared with others, whose processes are not seen."""
    return f"{zlib.crc32(platform.node().encode('utf-8', 'replace')) & 0xFFFF:04x}"
