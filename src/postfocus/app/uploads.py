"""What a person drops on the page is written to disk as it comes, so much of it as was announced.

Nothing is believed: not the names, not the sizes. Files lie in a private folder
under numbers of ours until they are complete; then `postfocus.app.dropped` looks
at what they are.
"""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from postfocus.app.dropped import Dropped, Refused, Understood, may_be_read, shown, understood, unreadable
from postfocus.app.scratch import Scratch
from postfocus.io.atomic import cannot_write

_SPARE = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be dropped at once: bytes and files in all, how many uploads may be open, and files come."""

    max_bytes: int = 16 << 30
    max_files: int = 4000
    max_open: int = 8
    max_coming: int = 24


@dataclass(slots=True)
class _Upload:
    """A drop under way, and the private folder it goes to."""

    folder: Path
    files: list[Dropped]
    finished: bool = False


@dataclass(slots=True)
class Incoming:
    """One file being received."""

    _file: BinaryIO
    _left: int
    _name: str

    def write(self, data: bytes) -> None:
        """Take the next bytes.

        Raises
        ------
        Refused
            More comes than was announced.
        """
        self._left -= len(data)
        if self._left < 0:
            raise Refused(413, "Too large", f"More of {self._name} came than was announced; drop it again.")
        try:
            self._file.write(data)
        except OSError as error:
            raise Refused(507, "The disk is full", str(cannot_write(Path(self._name), error))) from error

    @property
    def complete(self) -> bool:
        """Whether all of it has come."""
        return self._left == 0


class Uploads:
    """All drops under way. Methods may be called from any thread.

    Parameters
    ----------
    scratch
        Where they are kept; whoever closes it removes them.
    limits
        What may be dropped.
    """

    def __init__(self, scratch: Scratch, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._scratch = scratch
        self._uploads: dict[str, _Upload] = {}
        self._coming = 0
        self._lock = threading.Lock()

    def begin(self, files: Sequence[tuple[str, int]]) -> str:
        """Announce a drop: name and bytes of each file; returns its id.

        Raises
        ------
        Refused
            413: too many files or bytes. 415: nothing among them can be a picture or clip. 429: too many
            drops at once. 507: too little room on the disk.
        """
        total = self._check(files)
        with self._lock:
            open_now = [u for u in self._uploads.values() if not u.finished]
            if len(open_now) >= self.limits.max_open:
                raise Refused(429, "Too much at once", "Wait until what was dropped before has arrived.")
            coming = sum(f.size for u in open_now for f in u.files if f.path is None)
            free = shutil.disk_usage(self._scratch.path).free - _SPARE - coming
            if total > free:
                missing = -(-(total - free) // (1 << 20))
                raise Refused(507, "The disk is full", f"{missing} MB more are needed; free some space.")
            name = secrets.token_urlsafe(9)
            self._uploads[name] = _Upload(self._scratch.folder(), [Dropped(n, size) for n, size in files])
        return name

    @contextmanager
    def receive(self, upload: str, index: int) -> Generator[Incoming]:
        """Take one file of a drop; what is not complete at the end is thrown away.

        Raises
        ------
        Refused
            404: no such drop or file. 409: it has come already, or comes just now, or not all of it came.
            429: too many files come just now.
        """
        with self._lock:
            found = self._uploads.get(upload)
            if found is None or found.finished or not 0 <= index < len(found.files):
                raise Refused(404, "No such upload", "It was given up; drop the files again.")
            file = found.files[index]
            if file.coming or file.path is not None:
                raise Refused(409, "Already here", f"{shown(file.name)} has come already.")
            if self._coming >= self.limits.max_coming:
                raise Refused(429, "Too much at once", "Wait until other files have arrived.")
            self._coming += 1
            file.coming = True
        path = found.folder / f"{index:05d}.part"
        try:
            with path.open("wb") as stream:
                incoming = Incoming(stream, file.size, shown(file.name))
                yield incoming
            if not incoming.complete:
                raise Refused(409, "Not all of it came", f"{shown(file.name)} broke off; drop it again.")
            file.path = path
        finally:
            with self._lock:
                self._coming -= 1
                file.coming = False
            if file.path is None:
                path.unlink(missing_ok=True)

    def finish(self, upload: str) -> Understood:
        """Look at what came and sort it into sweeps.

        Raises
        ------
        Refused
            404: no such drop. 415: nothing in it is a picture or clip.
        """
        with self._lock:
            found = self._uploads.get(upload)
            if found is None or found.finished:
                raise Refused(404, "No such upload", "It was given up; drop the files again.")
            found.finished = True
        try:
            return understood(found.folder, found.files)
        except Refused:
            self.drop(upload)
            raise

    def drop(self, upload: str) -> None:
        """Give up a drop and remove its files; unknown ones are no error."""
        with self._lock:
            found = self._uploads.pop(upload, None)
        if found is not None:
            shutil.rmtree(found.folder, ignore_errors=True)

    def _check(self, files: Sequence[tuple[str, int]]) -> int:
        """Bytes in all, after looking at what is announced."""
        if not files:
            raise Refused(415, "Nothing to read", "Drop a clip, stills, or a folder of stills.")
        if len(files) > self.limits.max_files:
            raise Refused(
                413, "Too many files",
                f"{len(files)} files were dropped; the limit is {self.limits.max_files}. "
                "Files opened from the command line have none.",
            )  # fmt: skip
        total = sum(size for _, size in files)
        if min(size for _, size in files) < 0 or total > self.limits.max_bytes:
            largest = max(files, key=lambda one: one[1])
            raise Refused(
                413, "Too large",
                f"{shown(largest[0])} and what came with it are {total / 1e9:.1f} GB. The limit for dropped "
                f"files is {self.limits.max_bytes / 1e9:.1f} GB; files opened from the command line have "
                "none.",
            )  # fmt: skip
        if not any(may_be_read(name) for name, _ in files):
            raise unreadable(files[0][0])
        return total
