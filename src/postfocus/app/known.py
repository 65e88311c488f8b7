"""A sweep that was read before is on the screen at once: its index is found without opening the input.

What was read is noted beside the cache: the files' sizes and dates, and where
the index lies. As long as they are the same, nothing needs to be opened.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from postfocus.app.reading import ReadSweep
from postfocus.errors import CannotRead, CannotWrite
from postfocus.io.atomic import atomic_path
from postfocus.io.cache import Cache, key_of
from postfocus.io.index_folder import FORMAT, read_info


def remember(inputs: tuple[str, ...], sweep: ReadSweep, cache: Cache | None = None) -> None:
    """Note that a sweep has been read; where nothing can be noted, it is opened again next time."""
    values = {
        "folder": sweep.folder.name,
        "fingerprint": sweep.fingerprint,
        "files": _states(_files(inputs, sweep.info.paths)),
    }
    note = _note(inputs, cache)
    with suppress(OSError, CannotWrite):
        note.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(note, overwrite=True) as part:
            part.write_text(json.dumps(values), "utf-8")


def recall(inputs: tuple[str, ...], cache: Cache | None = None) -> ReadSweep | None:
    """The sweep, if it was read before and neither input nor index have changed; takes a millisecond."""
    cache = cache or Cache.default()
    try:
        values: Any = json.loads(_note(inputs, cache).read_text("utf-8"))
        folder = cache.find(Path(values["folder"]).name)
        if folder is None:
            return None
        info = read_info(folder)
        if values["files"] != _states(_files(inputs, info.paths)):
            return None
        return ReadSweep(folder, info, str(values["fingerprint"]))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, CannotRead):
        return None


def _note(inputs: tuple[str, ...], cache: Cache | None) -> Path:
    root = (cache or Cache.default()).root.parent / "read"
    return root / f"{key_of(str(FORMAT), *(os.path.abspath(one) for one in inputs))}.json"


def _files(inputs: tuple[str, ...], paths: Iterable[Path]) -> list[str]:
    """What must not change: the inputs as they were named, a folder among them, and every file."""
    return sorted({*(os.path.abspath(one) for one in inputs), *(str(path) for path in paths)})


def _states(files: Iterable[str]) -> list[list[Any]]:
    states = ((name, os.stat(name)) for name in files)
    return [[name, state.st_size, state.st_mtime_ns, state.st_ino] for name, state in states]
