"""The order frames were meant in, and the name a result takes from them.

Cameras and programs count in names: ``frame9`` comes before ``frame10``. A
result is named after what the frames have in common.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import reduce
from pathlib import Path

_NUMBER = re.compile(r"(\d+)", re.ASCII)
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
