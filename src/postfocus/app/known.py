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

from postfocus.app.reading import FileState, ReadSweep
from postfocus.errors import CannotRead, CannotWrite
from postfocus.io.atomic import atomic_path
from postfocus.io.cache import Cache, key_of
from postfocus.io.index_folder import FORMAT, read_info


def remember(inputs: tuple[str, ...], sweep: ReadSweep, cache: Cache | None = None) -> None:
    """Note that a sweep has been read; where nothing can be noted, it is opened again next time."""
    values = {
        "folder": sweep.folder.name,
        "fingerprint": sweep.fingerprint,
        "files": sweep.files,
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
        files = states_of(inputs, info.paths)
        if [tuple(one) for one in values["files"]] != list(files):
            return None
        return ReadSweep(folder, info, str(values["fingerprint"]), files)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, CannotRead):
        return None


def _note(inputs: tuple[str, ...], cache: Cache | None) -> Path:
    root = (cache or Cache.default()).root.parent / "read"
    return root / f"{key_of(str(FORMAT), *(os.path.abspath(one) for one in inputs))}.json"


def states_of(inputs: tuple[str, ...], paths: Iterable[Path]) -> tuple[FileState, ...]:
    """What the system says of the inputs as they were named, a folder among them, and of every file.

    Raises
    ------
    OSError
        One is gone.
    """
    files = sorted({*(os.path.abspath(one) for one in inputs), *(str(path) for path in paths)})
    return tuple(_state(name) for name in files)


def has_changed(sweep: ReadSweep) -> bool:
    """Whether an input is another than the one that was read, or gone; a `stat` of each file.

    A folder counts as the same as long as its files are: who saves a note among the stills changes no still.
    """
    for known in sweep.files:
        try:
            if not os.path.isdir(known[0]) and _state(known[0]) != known:
                return True
        except OSError:
            return True
    return False


def _state(name: str) -> FileState:
    state = os.stat(name)
    return name, state.st_size, state.st_mtime_ns, state.st_ino
