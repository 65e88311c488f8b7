"""What was dropped on the page is looked at, given a harmless name, and sorted into sweeps.

The first bytes of a file say what it is, not its name; clips are sweeps one by
one, the stills of a folder are one together.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePosixPath

from postfocus.app.names import numbered
from postfocus.errors import CannotRead, PostfocusError
from postfocus.io.atomic import display_name
from postfocus.io.sniff import STILL_SUFFIXES, STILLS, UNSUPPORTED, VIDEO_SUFFIXES, sniff
from postfocus.sources.naming import result_stem, safe_stem

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}")
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
class Dropped:
    """A file that was dropped: the name it was given, its size, and where it is once it has come whole."""

    name: str
    size: int
    path: Path | None = None
    coming: bool = False


def shown(name: str) -> str:
    """A name as it may be shown: one line, nothing invisible, not endless."""
    last = PurePosixPath(name.replace("\\", "/")).name or "a file without a name"
    text = display_name(last)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


@dataclass(slots=True)
class _Group:
    """What came from one folder."""

    name: str
    clips: list[Dropped] = field(default_factory=list[Dropped])
    stills: list[Dropped] = field(default_factory=list[Dropped])


def understood(folder: Path, files: Sequence[Dropped]) -> Understood:
    """Sort what came into sweeps, below `folder`.

    Raises
    ------
    Refused
        415: nothing in it is a picture or clip.
    """
    groups, left_out = _grouped(files)
    sweeps: list[Path] = []
    clips = stills = 0
    for number, group in enumerate(groups):
        place = folder / f"{number}"
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
        raise unreadable(files[0].name)
    return Understood(tuple(sweeps), _words(clips, stills, len(sweeps)), tuple(left_out))


def _grouped(files: Sequence[Dropped]) -> tuple[list[_Group], list[str]]:
    """Clips and stills by the folder they came from, told by their first bytes; and what is neither."""
    groups: dict[str, _Group] = {}
    left_out: list[str] = []
    for file in files:
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


def _moved(files: Sequence[Dropped], folder: Path) -> list[Path]:
    """Give files their own names, made harmless, in a folder of their own."""
    folder.mkdir(parents=True)
    moved: list[Path] = []
    for file in files:
        assert file.path is not None
        plain = folder / f"{safe_stem(Path(shown(file.name)).stem)}{_suffix(file.name)}"
        free = (path for number in count(1) if not os.path.lexists(path := numbered(plain, number)))
        moved.append(file.path.rename(next(free)))
    return moved


def _common_name(files: Sequence[Dropped]) -> str:
    return result_stem([Path(safe_stem(Path(shown(file.name)).stem)) for file in files])


def _suffix(name: str) -> str:
    suffix = PurePosixPath(name.replace("\\", "/")).suffix
    return suffix.lower() if _SUFFIX.fullmatch(suffix) else ""


def _hidden(name: str) -> bool:
    return PurePosixPath(name.replace("\\", "/")).name.startswith((".", "~"))


def may_be_read(name: str) -> bool:
    """Whether it is worth sending: files without an extension are, too."""
    suffix = _suffix(name)
    return not _hidden(name) and (not suffix or suffix in STILL_SUFFIXES or suffix in VIDEO_SUFFIXES)


def unreadable(name: str) -> Refused:
    """What is said of a file that is neither picture nor clip."""
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
