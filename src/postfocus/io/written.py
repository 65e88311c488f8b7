"""Which pictures a long piece of work has written whole, so that after a kill it goes on where it stopped.

A picture is noted by its name, what it was made of, and a digest of its bytes,
before it appears under its name. Later it counts as written only if it is there
and still has these very bytes: what is cut short, changed or made otherwise
never does.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from postfocus.errors import CannotWrite
from postfocus.io.atomic import atomic_path

WRITTEN = "written.json"
"""The notes, beside the index of the sweep that the pictures are of."""

_BLOCK = 1 << 20


class Written:
    """The notes of one folder. They only save work: where none can be kept, nothing is known.

    Parameters
    ----------
    folder
        Where they lie.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / WRITTEN

    def holds(self, path: Path, recipe: str) -> bool:
        """Whether a picture is there, made by a recipe, whole and unchanged."""
        noted = self._notes().get(_name(path))
        if noted is None or noted[0] != recipe:
            return False
        try:
            return _digest(path) == noted[1]
        except OSError:
            return False

    def note(self, path: Path, recipe: str, bytes_of: Path) -> None:
        """Note that `path` will have the bytes that `bytes_of` has now; what is gone is forgotten."""
        notes = {name: noted for name, noted in self._notes().items() if os.path.isfile(name)}
        with suppress(OSError, CannotWrite):
            notes[_name(path)] = [recipe, _digest(bytes_of)]
            with atomic_path(self._file, overwrite=True) as part:
                part.write_text(json.dumps(notes, indent=1), "ascii")

    def _notes(self) -> dict[str, list[str]]:
        """What is noted; nothing, if the notes are damaged."""
        try:
            found: Any = json.loads(self._file.read_text("ascii"))
        except (OSError, ValueError, RecursionError):
            return {}
        return {name: noted for name, noted in found.items() if _is_note(noted)} if _is_object(found) else {}


def _is_object(found: Any) -> bool:
    return isinstance(found, dict)


def _is_note(noted: Any) -> bool:
    return isinstance(noted, list) and [type(part) for part in noted] == [str, str]


def _name(path: Path) -> str:
    return os.path.realpath(path)


def _digest(path: Path) -> str:
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
