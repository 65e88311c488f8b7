"""The order frames were meant in, and the name a result takes from them.

Cameras and programs count in names: ``frame9`` comes before ``frame10``. A
result is named after what the frames have in common. Where nearly all names
count in one way, one that does not is no frame: most often it is what another
stacker made of them.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from functools import reduce
from pathlib import Path

_NUMBER = re.compile(r"(\d+)", re.ASCII)
_COUNTER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_OF_A_STACKER = re.compile(r"stack|merge|fused|fusion|result|output|composite|focus|edof|pmax|dmap")
UNLIKE = "left out as a result of stacking, for the others are numbered; list the files to use it"
"""Why a stranger is left out."""
_LEAST_SERIES, _SERIES_SHARE = 4, 0.75
_TRAILING = re.compile(r"[\s._\-(\[#]*\d*$", re.ASCII)
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
_LONGEST = 100


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key that counts the way people do.

    Returns
    -------
    tuple
        Alternating runs of text (case folded) and whole numbers; equal runs keep the shorter spelling first.

    Examples
    --------
    >>> sorted(["f10", "F9", "f1"], key=natural_key)
    ['f1', 'F9', 'f10']
    """
    runs = _NUMBER.split(text)
    return tuple((1, int(run), run) if at % 2 else (0, 0, run.casefold()) for at, run in enumerate(runs))


def in_order(paths: Sequence[Path]) -> list[Path]:
    """Sort stills by name as people count; equal names by time of writing, then by folder."""

    def key(path: Path) -> tuple[object, ...]:
        try:
            written = os.stat(path).st_mtime_ns
        except OSError:
            written = 0
        return natural_key(path.stem), natural_key(path.name), written, natural_key(str(path))

    return sorted(paths, key=key)


def strangers(paths: Sequence[Path]) -> set[Path]:
    """Stills whose names do not belong to the numbered series of the others.

    A series is at least four names, and three quarters of all, that are alike but for their numbers. A
    name that goes on after a number missing in the series (``IMG_7_COVER``) is taken for that frame.

    Parameters
    ----------
    paths
        The stills of a folder.

    Returns
    -------
    set of Path
        Empty where no series stands out.

    Examples
    --------
    >>> [path.name for path in strangers([Path(f"f{n}.jpg") for n in range(9)] + [Path("sharp.jpg")])]
    ['sharp.jpg']
    """
    forms = {path: _COUNTER.sub("#", path.stem.casefold()) for path in paths}
    counted = Counter(form for form in forms.values() if "#" in form)
    series, size = counted.most_common(1)[0] if counted else ("", 0)
    if size < max(_LEAST_SERIES, _SERIES_SHARE * len(forms)):
        return set()
    numbered = {path.stem.casefold() for path, form in forms.items() if form == series}

    def a_frame(path: Path) -> bool:
        stem = path.stem.casefold()
        if forms[path] == series or not forms[path].startswith(series):
            return forms[path] == series
        return not _OF_A_STACKER.search(stem) and not any(
            stem.startswith(one) and not stem[len(one)].isdecimal() for one in numbered
        )

    return {path for path in paths if not a_frame(path)}


def result_stem(paths: Sequence[Path]) -> str:
    """What the names of a bracket have in common: ``beetle`` for ``beetle_01.jpg``, ``beetle_02.jpg``.

    Examples
    --------
    >>> result_stem([Path("beetle_01.jpg"), Path("beetle_12.jpg")])
    'beetle'
    >>> result_stem([Path("1.jpg"), Path("2.jpg")])
    '1'
    """
    common = _TRAILING.sub("", reduce(_common_start, (path.stem for path in paths)))
    return safe_stem(common or paths[0].stem)


def safe_stem(name: str) -> str:
    r"""Turn a name into one every disk accepts, without leading dots or dashes.

    Examples
    --------
    >>> safe_stem("-rf\n*")
    'rf'
    """
    stem = _UNSAFE.sub("_", name).strip(" ._-")
    return stem.encode("utf-8", "replace")[:_LONGEST].decode("utf-8", "ignore").strip(" ._-") or "postfocus"


def _common_start(one: str, other: str) -> str:
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return one[:at]
    return one[: len(other)]
