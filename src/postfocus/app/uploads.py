"""What a person drops on the page is written to disk as it comes, looked at, and sorted into sweeps.

Nothing is believed: not the names, not the sizes, not the kinds. Files lie in a
private folder under numbers of ours until they are complete; then their first
bytes say what they are, and a name made harmless is given to them.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from postfocus.app.names import numbered
from postfocus.app.scratch import Scratch
from postfocus.errors import CannotRead, PostfocusError
from postfocus.io.atomic import cannot_write, display_name
from postfocus.io.sniff import STILL_SUFFIXES, STILLS, UNSUPPORTED, VIDEO_SUFFIXES, sniff
from postfocus.sources.naming import result_stem, safe_stem

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}")
_SPARE = 1 << 30
_SHOWN = 120


class Refused(PostfocusError):
    """Something that was dropped is not taken.

    Attributes
    ----------
    status
        The HTTP status that says the same: 404, 409, 413, 415, 429 or 507.
    title
        What the page puts over the sentence.
    """

    def __init__(self, status: int, title: str, text: str) -> None:
        super().__init__(text)
        self.status, self.title = status, title


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be dropped at once: bytes and files in all, how many uploads may be open, and files come."""

    max_bytes: int = 16 << 30
    max_files: int = 4000
    max_open: int = 8
    max_coming: int = 24


@dataclass(frozen=True, slots=True)
class Understood:
    """What was made of a drop.

    Attributes
    ----------
    sweeps
        What `postfocus.open` takes for each, in the order in which they came.
    words
        ``"3 clips, 96 stills in 4 sweeps"``.
    left_out
        Names, for display, of what is neither clip nor still, and why.
    """

    sweeps: tuple[Path, ...]
    words: str
    left_out: tuple[str, ...] = ()


@dataclass(slots=True)
class _File:
    """A file on its way: the name it was given, its size, and where it is once complete."""

    name: str
    size: int
    path: Path | None = None
    coming: bool = False


@dataclass(slots=True)
class _Upload:
    """A drop under way, and the private folder it goes to."""

    folder: Path
    files: list[_File]
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
            self._uploads[name] = _Upload(self._scratch.folder(), [_File(n, size) for n, size in files])
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
            return _understood(found)
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
        if not any(_may_be_read(name) for name, _ in files):
            raise _unreadable(files[0][0])
        return total


def shown(name: str) -> str:
    """A name as it may be shown: one line, nothing invisible, not endless."""
    last = PurePosixPath(name.replace("\\", "/")).name or "a file without a name"
    text = display_name(last)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


@dataclass(slots=True)
class _Group:
    """What came from one folder."""

    name: str
    clips: list[_File] = field(default_factory=list[_File])
    stills: list[_File] = field(default_factory=list[_File])


def _understood(upload: _Upload) -> Understood:
    groups, left_out = _grouped(upload)
    sweeps: list[Path] = []
    clips = stills = 0
    for number, group in enumerate(groups):
        place = upload.folder / f"{number}"
        for at, file in enumerate(group.clips):
            sweeps += _moved([file], place / f"clip-{at}")
        clips += len(group.clips)
        # Beside clips of the same folder stills are no bracket: as where a folder is opened by its name.
        if group.stills and not (group.clips and group.name):
            stem = safe_stem(group.name) if group.name else _common_name(group.stills)
            moved = _moved(group.stills, place / stem)
            sweeps.append(moved[0] if len(moved) == 1 else moved[0].parent)
            stills += len(group.stills)
    if not sweeps:
        raise _unreadable(upload.files[0].name)
    return Understood(tuple(sweeps), _words(clips, stills, len(sweeps)), tuple(left_out))


def _grouped(upload: _Upload) -> tuple[list[_Group], list[str]]:
    """Clips and stills by the folder they came from, told by their first bytes; and what is neither."""
    groups: dict[str, _Group] = {}
    left_out: list[str] = []
    for file in upload.files:
        if file.path is None or _hidden(file.name):
            continue
        parent = PurePosixPath(file.name.replace("\\", "/")).parent
        try:
            named = file.path.rename(file.path.with_suffix(_suffix(file.name) or ".bin"))
            file.path, kind = named, sniff(named)
        except (CannotRead, OSError):
            kind = None
        group = groups.setdefault(str(parent), _Group(parent.name))
        if kind == "video":
            group.clips.append(file)
        elif kind in STILLS:
            group.stills.append(file)
        else:
            why = UNSUPPORTED.get(kind or "", "not a picture or clip")
            left_out.append(f"{shown(file.name)} is {why}")
            with suppress(OSError):
                file.path.unlink()
    return list(groups.values()), left_out


def _moved(files: Sequence[_File], folder: Path) -> list[Path]:
    """Give files their own names, made harmless, in a folder of their own."""
    folder.mkdir(parents=True)
    moved: list[Path] = []
    for file in files:
        assert file.path is not None
        plain = folder / f"{safe_stem(Path(shown(file.name)).stem)}{_suffix(file.name)}"
        free = (path for number in count(1) if not os.path.lexists(path := numbered(plain, number)))
        moved.append(file.path.rename(next(free)))
    return moved


def _common_name(files: Sequence[_File]) -> str:
    return result_stem([Path(safe_stem(Path(shown(file.name)).stem)) for file in files])


def _suffix(name: str) -> str:
    suffix = PurePosixPath(name.replace("\\", "/")).suffix
    return suffix.lower() if _SUFFIX.fullmatch(suffix) else ""


def _hidden(name: str) -> bool:
    return PurePosixPath(name.replace("\\", "/")).name.startswith((".", "~"))


def _may_be_read(name: str) -> bool:
    """Whether it is worth sending: files without an extension are, too."""
    suffix = _suffix(name)
    return not _hidden(name) and (not suffix or suffix in STILL_SUFFIXES or suffix in VIDEO_SUFFIXES)


def _unreadable(name: str) -> Refused:
    return Refused(
        415, "Not a picture or clip",
        f"{shown(name)} is not a kind postfocus can read. It opens MP4, MOV, JPEG, PNG, TIFF, WebP, AVIF and "
        "raw files.",
    )  # fmt: skip


def _words(clips: int, stills: int, sweeps: int) -> str:
    """What was understood.

    >>> _words(3, 96, 4), _words(1, 0, 1), _words(0, 24, 1)
    ('3 clips, 96 stills in 4 sweeps', '1 clip', '24 stills')
    """
    parts = [f"{n} {what}{'' if n == 1 else 's'}" for n, what in ((clips, "clip"), (stills, "still")) if n]
    return ", ".join(parts) + (f" in {sweeps} sweeps" if sweeps > 1 and stills else "")
