"""A private folder for what a person dropped or will download; it goes when the server ends."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from postfocus.errors import CannotWrite
from postfocus.io.atomic import cannot_write
from postfocus.io.cache import Cache
from postfocus.io.leftovers import process_gone

_NAME = re.compile(r"session-(\d+)-[0-9a-f]+")


class Scratch:
    """A folder beside the cache that only this user can look into.

    It lies there, and not where the system keeps temporary files, because clips are large and that place
    often is memory. What a killed server left is cleared away by the next one.

    Parameters
    ----------
    cache
        Beside which it lies; the user's by default.

    Raises
    ------
    CannotWrite
        The folder cannot be made.
    """

    def __init__(self, cache: Cache | None = None) -> None:
        root = (cache or Cache.default()).root.parent / "sessions"
        self.path = root / f"session-{os.getpid()}-{secrets.token_hex(6)}"
        try:
            root.mkdir(parents=True, exist_ok=True)
            _clear_leftovers(root)
            self.path.mkdir(mode=0o700)
        except OSError as error:
            raise CannotWrite(
                f"{cannot_write(root, error)} POSTFOCUS_CACHE names another place for the cache."
            ) from error

    def folder(self) -> Path:
        """A new folder in it."""
        path = self.path / secrets.token_hex(8)
        path.mkdir(mode=0o700)
        return path

    def close(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        with suppress(OSError):
            self.path.parent.rmdir()


def _clear_leftovers(root: Path) -> None:
    for path in root.iterdir():
        left = _NAME.fullmatch(path.name)
        if left and process_gone(int(left[1])):
            shutil.rmtree(path, ignore_errors=True)
