"""Which sweeps there are in what a person points at: clips, stills, and folders of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from postfocus.errors import BadUse, CannotRead, PostfocusError
from postfocus.io.atomic import display_name
from postfocus.io.sniff import STILL_SUFFIXES, STILLS, VIDEO_SUFFIXES, sniff
from postfocus.sources.naming import in_order

DEPTH = 6
"""Folders below the one named that are looked into."""

MOST = 2000
"""Sweeps of one folder."""

INDEX_SUFFIX = ".postfocus"


def sweeps_of(inputs: Sequence[str | Path]) -> list[tuple[Path, ...]]:
    """What each sweep consists of.

    A clip is a sweep, and so is a portable index. Stills named one by one are one sweep together; so are
    the stills of a folder, and those of each folder in it. Where a folder holds clips, its stills are none.

    Parameters
    ----------
    inputs
        Files, folders and patterns, as for `postfocus.open`.

    Returns
    -------
    For each sweep what `postfocus.open` takes, in the order named and, in folders, by name. What is
    neither clip nor still but was named itself stays, so that the page can say what is wrong with it.

    Raises
    ------
    BadUse
        Nothing is given.
    CannotRead
        A folder holds no sweep, or something named does not exist.
    """
    if not inputs:
        raise BadUse("Nothing to open; give a clip, a folder of stills, or the stills.")
    found: list[tuple[Path, ...]] = []
    loose: list[Path] = []
    for given in inputs:
        path, whole = Path(given), Path(os.path.abspath(given))
        if path.is_dir() and path.suffix != INDEX_SUFFIX:
            inside = _in_folder(whole, DEPTH)
            if not inside:
                raise CannotRead(
                    f"{display_name(path)} holds no clip and no stills; give a folder that does, or a clip."
                )
            found.extend(inside)
        elif path.exists() and not path.is_dir() and _kind(path) in STILLS:
            loose.append(whole)
        else:
            found.append((whole if path.exists() else path,))
    return found + ([tuple(in_order(loose))] if loose else [])


def _in_folder(folder: Path, depth: int) -> list[tuple[Path, ...]]:
    """The sweeps of a folder and, after them, of the folders in it."""
    files, folders = _listing(folder)
    clips = [path for path in files if path.suffix.lower() in VIDEO_SUFFIXES and _kind(path) == "video"]
    found: list[tuple[Path, ...]] = [(path,) for path in clips]
    # Stills among clips are no bracket but what was photographed, or saved by us, in between. Stills alone
    # are named by their folder, so that sidecars and strangers among them are sorted out with all care.
    if not clips and any(_is_frame(path, folders) for path in files):
        found.append((folder,))
    for inner in folders if depth > 0 else ():
        if len(found) >= MOST:
            break
        found.extend(_in_folder(inner, depth - 1))
    return found[:MOST]


def _is_frame(path: Path, folders: Sequence[Path]) -> bool:
    """Whether a file may be a still of a sweep, and not what we saved of a folder of stills beside it."""
    saved = any(path.stem.startswith(folder.name) for folder in folders)
    return path.suffix.lower() in STILL_SUFFIXES and not saved


def _listing(folder: Path) -> tuple[list[Path], list[Path]]:
    """Files and folders in natural order; hidden ones, links to folders and indexes are passed over."""
    files: list[Path] = []
    folders: list[Path] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith((".", "~")):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.endswith((INDEX_SUFFIX, ".truth")):
                        folders.append(Path(entry.path))
                elif entry.is_file():
                    files.append(Path(entry.path))
    except OSError:  # one folder that may not be read is no reason to refuse the others
        return [], []
    return in_order(files), in_order(folders)


def _kind(path: Path) -> str | None:
    """What a file is by its contents; ``None`` also where it cannot be read."""
    try:
        return sniff(path)
    except (PostfocusError, OSError):
        return None
