"""Indexes made before, so that the next command on the same sweep starts at once.

An index is written under a temporary name and renamed into place when it is
complete; whoever dies on the way leaves only a temporary folder, which the next
run clears away. Two processes may make the same index: the first to finish
wins, the other uses it. The least recently used indexes go when the cache
outgrows its limit.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from postfocus.errors import BadUse, CannotWrite
from postfocus.io.atomic import cannot_write
from postfocus.io.leftovers import process_gone

DEFAULT_LIMIT = 8 << 30
"""Bytes the cache may take, unless POSTFOCUS_CACHE_LIMIT says otherwise."""

STALE_SECONDS = 24 * 3600
_PART = re.compile(r"\.part-(\d+)-[0-9a-f]+")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


@dataclass(frozen=True, slots=True)
class Entry:
    """One index in the cache: its folder, bytes, and when it was last used (seconds since 1970)."""

    path: Path
    size: int
    used: float


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of indexes.

    Attributes
    ----------
    root
        The folder; made when first needed.
    limit
        Bytes it may take.
    """

    root: Path
    limit: int = DEFAULT_LIMIT

    @staticmethod
    def default() -> Cache:
        """The user's cache, or the folder that POSTFOCUS_CACHE names."""
        from platformdirs import user_cache_path

        named = os.environ.get("POSTFOCUS_CACHE")
        root = Path(os.path.expanduser(named)) if named else user_cache_path("postfocus", appauthor=False)
        return Cache(root / "indexes", limit_from(os.environ.get("POSTFOCUS_CACHE_LIMIT")))

    def find(self, key: str) -> Path | None:
        """The folder of a complete index, marked as just used, or ``None``."""
        path = self.root / key
        try:
            os.utime(path)
        except OSError:
            return None
        return path

    @contextmanager
    def workspace(self) -> Generator[Path]:
        """An empty folder to build an index in; gone afterwards unless it was published.

        Raises
        ------
        CannotWrite
            The cache cannot be written to.
        """
        path = self.root / f".part-{os.getpid()}-{secrets.token_hex(6)}"
        try:
            path.mkdir(parents=True)
        except OSError as error:
            raise self.unusable(error) from error
        try:
            self._clear_leftovers()
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def publish(self, built: Path, key: str) -> Path:
        """Move a finished index into place; if another process was faster, use that one."""
        target = self.root / key
        try:
            os.rename(built, target)
        except OSError as error:
            if not target.is_dir():
                raise self.unusable(error) from error
        self.trim(keep=target)
        return target

    def drop(self, path: Path) -> None:
        """Remove one index: renamed first, so that nobody finds half of it."""
        gone = self.root / f".part-{os.getpid()}-{secrets.token_hex(6)}"
        try:
            os.rename(path, gone)
        except OSError:
            return
        shutil.rmtree(gone, ignore_errors=True)

    def entries(self) -> list[Entry]:
        """Every complete index, the most recently used first."""
        found: list[Entry] = []
        for path in self.root.iterdir() if self.root.is_dir() else ():
            if path.name.startswith(".") or not path.is_dir():
                continue
            try:
                size = sum(f.stat().st_size for f in path.iterdir())
                found.append(Entry(path, size, path.stat().st_mtime))
            except OSError:
                continue
        return sorted(found, key=lambda e: -e.used)

    def trim(self, keep: Path | None = None) -> None:
        """Remove the least recently used indexes until the rest fits the limit."""
        total = 0
        for entry in self.entries():
            total += entry.size
            if total > self.limit and entry.path != keep:
                self.drop(entry.path)
                total -= entry.size

    def clear(self) -> int:
        """Remove every index; returns how many."""
        entries = self.entries()
        for entry in entries:
            self.drop(entry.path)
        self._clear_leftovers()
        return len(entries)

    def unusable(self, error: OSError) -> CannotWrite:
        """The plain sentence for what the system refused, with the way out."""
        return CannotWrite(
            f"{cannot_write(self.root, error)} POSTFOCUS_CACHE names another place for the cache."
        )

    def _clear_leftovers(self) -> None:
        """Temporary folders of processes that are gone."""
        for path in self.root.iterdir() if self.root.is_dir() else ():
            part = _PART.fullmatch(path.name)
            if part and not _alive(int(part[1]), path):
                shutil.rmtree(path, ignore_errors=True)


def key_of(*parts: str) -> str:
    """A folder's name for an input and its settings."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def limit_from(text: str | None) -> int:
    """Bytes from ``"500M"``, ``"4G"`` or a plain number; ``None`` is the default.

    >>> limit_from("500M"), limit_from("1 GiB")
    (524288000, 1073741824)
    """
    if not text:
        return DEFAULT_LIMIT
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*", text.lower())
    if not match:
        raise BadUse(f"{text!r} is not a size; write the cache's limit like 500M or 4G")
    return int(float(match[1]) * _UNITS[match[2]])


def _alive(pid: int, path: Path) -> bool:
    """Whether the process that made a temporary folder may still be at work."""
    try:
        fresh = time.time() - path.stat().st_mtime < STALE_SECONDS
    except OSError:
        return True
    return fresh and not process_gone(pid)
