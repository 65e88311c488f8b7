"""From what a person points at to a sweep: a video, a folder, a pattern or a list of stills.

What a file is, is told by its contents. In a folder the frames are found among
sidecars, thumbnails and strangers; files that look as if they had been meant
but cannot be frames are named, and where two readings are possible the person
is asked.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from postfocus.errors import BadUse, CannotRead
from postfocus.io.atomic import display_name
from postfocus.io.sniff import STILL_SUFFIXES, STILLS, UNSUPPORTED, VIDEO_SUFFIXES, sniff
from postfocus.model.frame import FrameSource, LeftOut, SourceInfo
from postfocus.sources.naming import UNLIKE, in_order, safe_stem, strangers
from postfocus.sources.still_source import left_out

_MEANT = (
    STILL_SUFFIXES
    | VIDEO_SUFFIXES
    | {".heic", ".heif", ".jxl", ".jp2", ".gif", ".bmp", ".psd", ".exr", ".lfp", ".lfr"}
)
_NOT_FRAMES = {"thumbs.db", "desktop.ini", "picasa.ini"}


Recall = Callable[[str], SourceInfo | None]
"""From an input's fingerprint to what was learnt of it before."""


@dataclass(slots=True)
class _Found:
    stills: list[Path] = field(default_factory=list)
    raw: set[Path] = field(default_factory=set)
    videos: list[Path] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def open_source(
    inputs: Sequence[str | Path], recall: Recall | None = None, *, threads: int = 2
) -> FrameSource:
    """Open a sweep.

    Parameters
    ----------
    inputs
        One video; one multi-page TIFF; one folder of stills (or with one video); a pattern with
        ``*``, ``?`` or ``[``; or the stills themselves. Stills come in the natural order of their names,
        however they were listed, because shells list ``frame10`` before ``frame9``.
    recall
        Asked what is known of a clip, by its fingerprint; see `SweepVideo.open`.
    threads
        Of a clip's decoder; see there.

    Raises
    ------
    postfocus.errors.BadUse
        Nothing given, several sweeps at once, or videos mixed with stills.
    postfocus.errors.CannotRead
        Nothing there that can be read; see also `Bracket.open`.
    """
    if not inputs:
        raise BadUse("Nothing to open; give a video, a folder of stills, or the stills.")
    if not all(os.fspath(given) for given in inputs):
        raise BadUse("The name of an input is empty; give a video, a folder of stills, or the stills.")
    paths = [Path(given) for given in inputs]
    if len(paths) == 1:
        return _open_one(paths[0], partial(_video, recall=recall, threads=threads))
    listed: list[Path] = []
    for path in paths:
        if os.path.isdir(path):
            raise BadUse(
                f"{display_name(path)} is a folder among other inputs; give one folder, or only files."
            )
        listed.extend(_expanded(path) if glob.has_magic(str(path)) and not os.path.exists(path) else [path])
    found = _Found()
    for path in listed:
        (found.videos if sniff(path) == "video" else found.stills).append(path)
    if found.videos and found.stills:
        raise BadUse(
            f"{display_name(found.videos[0])} is a video among stills; give one video alone, or only stills."
        )
    if len(found.videos) > 1:
        raise BadUse("Several videos were given; open one sweep at a time.")
    return _bracket(found.stills)


def _open_one(path: Path, clip: Callable[[Path], FrameSource]) -> FrameSource:
    if os.path.isdir(path):
        name = safe_stem(Path(os.path.abspath(path)).name)
        return _open_found(path, _sort_out(_listing(path)), name, clip)
    if not os.path.exists(path) and glob.has_magic(str(path)):
        matches = _expanded(path)
        if len(matches) == 1:
            return _open_one(matches[0], clip)
        found = _sort_out([match for match in matches if os.path.isfile(match)])
        return _open_found(path, found, None, clip)
    kind = sniff(path)
    if kind == "video":
        return clip(path)
    if kind is None and path.suffix.lower() in VIDEO_SUFFIXES:
        raise CannotRead(f"{display_name(path)} is not a video, whatever its name says; copy the clip again.")
    return _pages(path, ()) if kind == "tiff" else _bracket([path])


def _open_found(
    place: Path, found: _Found, name: str | None, clip: Callable[[Path], FrameSource]
) -> FrameSource:
    where = display_name(place)
    if found.videos and found.stills:
        raise BadUse(
            f"{where} holds both stills and a video ({display_name(found.videos[0].name)}); "
            "give the video, or the stills by a pattern such as '*.jpg'."
        )
    if len(found.videos) > 1:
        raise BadUse(f"{where} holds {len(found.videos)} videos; give one of them.")
    if found.videos:
        return clip(found.videos[0])
    if not found.stills:
        because = _why_nothing(place, found)
        raise CannotRead(
            f"{where} holds no frames{because}; give a folder of JPEG, PNG, TIFF, WebP, AVIF or camera raw "
            "files, or a video."
        )
    if len(found.stills) == 1 and sniff(found.stills[0]) == "tiff":
        return _pages(found.stills[0], found.left_out)
    return _bracket(found.stills, name=name, also_out=found.left_out, forgiving=True)


def _why_nothing(place: Path, found: _Found) -> str:
    if found.left_out:
        return f" ({display_name(found.left_out[0].name)} {found.left_out[0].reason})"
    folders = sorted(path.name for path in place.glob("*/")) if os.path.isdir(place) else []
    return f" itself, only folders such as {display_name(folders[0])}" if folders else ""


def _bracket(
    stills: Sequence[Path], name: str | None = None, also_out: Sequence[LeftOut] = (), forgiving: bool = False
) -> FrameSource:
    # Loaded when needed: a clip needs none of the libraries that read stills.
    from postfocus.sources.bracket import Bracket

    return Bracket.open(stills, name=name, also_out=also_out, forgiving=forgiving)


def _pages(path: Path, also_out: Sequence[LeftOut]) -> FrameSource:
    from postfocus.sources.pages import Pages

    return Pages.open(path, also_out=also_out)


def _video(path: Path, recall: Recall | None, threads: int) -> FrameSource:
    from postfocus.sources.sweep_video import SweepVideo  # starting the video library costs time

    return SweepVideo.open(path, threads=threads, recall=recall)


def _expanded(pattern: Path) -> list[Path]:
    matches = [Path(match) for match in glob.glob(str(pattern), recursive=True)]
    if not matches:
        raise CannotRead(f"No file matches {display_name(pattern)}; check the name or the pattern.")
    return in_order(matches)


def _listing(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            # A link that leads in a circle is no file, and no reason to refuse the others.
            return [Path(entry.path) for entry in entries if os.path.isfile(entry.path)]
    except OSError as error:
        why = (error.strerror or "unknown reason").lower()
        raise CannotRead(f"{display_name(folder)} cannot be listed ({why}); check its permissions.") from None


def _sort_out(paths: Sequence[Path]) -> _Found:
    found = _Found()
    for path in in_order(paths):
        suffix = path.suffix.lower()
        if (
            path.name.startswith((".", "~"))
            or path.name.lower() in _NOT_FRAMES
            or (suffix and suffix not in _MEANT)
        ):
            continue
        try:
            kind = sniff(path)
        except CannotRead as error:
            if suffix:
                found.left_out.append(left_out(path, error))
            continue
        if kind == "video":
            found.videos.append(path)
        elif kind in STILLS:
            found.stills.append(path)
            found.raw.update([path] if kind == "raw" else [])
        elif suffix:
            reason = f"is {UNSUPPORTED[kind]}" if kind in UNSUPPORTED else "is not a picture"
            found.left_out.append(LeftOut(None, path.name, reason))
    _raw_or_developed(found)
    return found


def _raw_or_developed(found: _Found) -> None:
    raw = [path for path in found.stills if path in found.raw]
    developed = [path for path in found.stills if path not in found.raw]
    if not raw or not developed:
        return
    odd = strangers(found.stills)
    names = {path.stem.casefold() for path in raw}
    if all(path.stem.casefold() in names or path in odd for path in developed):
        found.stills, reason = raw, "is not used: the raw file of the same name is"
        found.left_out.extend(LeftOut(None, path.name, UNLIKE) for path in developed if path in odd)
        unused = [path for path in developed if path not in odd]
    else:
        found.stills, unused, reason = developed, raw, "is not used: some frames have no raw file"
    found.left_out.extend(LeftOut(None, path.name, reason) for path in unused)
