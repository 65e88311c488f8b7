"""What is foreign where steps of focus are large: in brackets of a few stills, and of a dozen.

A frame of so few is soon the only sharp one at a place, and neighbours blur one
another widely. How widely is known, though: what two frames show otherwise than
that explains has moved. In which of the two it is, a third one tells.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.fuse.hills import next_to
from postfocus.light import Light
from postfocus.strange import (
    APART,
    CERTAIN,
    LEAST,
    LIKELY,
    MARGIN,
    REACH,
    Bytes,
    around,
    differing,
    disc,
    filled,
    reach_among,
    with_core,
)

FEWEST = 3
"""Frames among which one can be told from the others."""

SOME, FLAT = 4, 0.02
"""Coarse cells by which light spreads between neighbours of less than a dense sweep, at least, and less than
which they lie apart on the line of blur where that tells nothing: it may be flat because nothing is known."""

SLACK, CLOSE = 1.5, 0.25
"""Coarse cells by which light may be carried farther than blur was found to: where something is surely
foreign, and beside it."""

GAPS = 4
"""Coarse cells of a body among so few that may be as bright as the scene, between others that are not."""

THEIRS = 3
"""Coarse cells about what is surely foreign in another frame alone in which this one differs from it, too."""

BODY = 32
"""Coarse cells within which, where steps of focus are large, something foreign surely differs from the frame
before or behind it: a body is alike from frame to frame in its middle alone."""

_BODY = np.ones((2 * BODY + 1, 2 * BODY + 1), np.uint8)


def sudden(
    found: dict[int, Bytes], light: Light, slots: NDArray[np.int64], place: NDArray[np.float64]
) -> dict[int, Bytes]:
    """Of what is found, what is not far from where a frame differs from the one before or behind it.

    Where steps of focus are large, strong blur looks foreign, too, but comes little by little.
    """
    out: dict[int, Bytes] = {}
    ranked, changes = slots.tolist(), _Changes(light, slots, place, least=_usual(light))
    for slot, cells in found.items():
        rank = ranked.index(slot)
        beside = next_to(range(len(ranked)), rank)
        change = np.maximum.reduce([changes.between(rank, other) for other in beside])
        core = with_core(change, LIKELY, CERTAIN, LEAST)
        if core is None:
            continue
        cells = cells * np.asarray(cv2.dilate(core, disc(BODY)), np.uint8)
        if cells.any():
            out[slot] = cells
    return out


def among_few(light: Light, slots: NDArray[np.int64], place: NDArray[np.float64]) -> dict[int, Bytes]:
    """What is foreign among too few frames for a median: the two nearest to one agree, and it does not.

    Parameters and result as of `postfocus.fuse.foreign.foreign_cells`.
    """
    out: dict[int, Bytes] = {}
    if len(slots) < FEWEST:
        return out
    near, sure = _Changes(light, slots, place, CLOSE, 1), _Changes(light, slots, place, SLACK)
    trios = [_nearest_two(rank, len(slots)) for rank in range(len(slots))]
    cores = [_core(sure, rank, *trio) for rank, trio in enumerate(trios)]
    for rank, (one, other) in enumerate(trios):
        if cores[rank].max() < CERTAIN:
            continue
        beside = cv2.max(near.between(rank, one), near.between(rank, other))
        beside = np.minimum(beside * (near.between(one, other) < LIKELY), np.uint8(CERTAIN - 1))
        # Blur may be wider than was found; what it does far from the core is left out.
        beside = beside * cv2.dilate((cores[rank] >= CERTAIN).astype(np.uint8), _BODY)
        theirs = cv2.max(cores[one], cores[other]) >= LIKELY
        theirs = (theirs & (cores[rank] < LIKELY)).astype(np.uint8)
        beside = beside * (1 - cv2.dilate(theirs, disc(THEIRS)))
        whole = cv2.morphologyEx(cv2.max(cores[rank], beside), cv2.MORPH_CLOSE, disc(GAPS))
        cells = with_core(np.asarray(whole, np.uint8), LIKELY, CERTAIN, LEAST)
        if cells is not None:
            unseen = max(REACH, min(near.reach(rank, n) for n in (one, other)))
            cells = filled(around(cells > 0, min(unseen + MARGIN - REACH, APART)))
            out[int(slots[rank])] = cells * (1 - theirs)
    return out


def _nearest_two(rank: int, count: int) -> tuple[int, int]:
    """The ranks nearest to one: before and behind it where it is not the first or last."""
    first = min(max(rank - 1, 0), count - FEWEST)
    one, other = (n for n in range(first, first + FEWEST) if n != rank)
    return one, other


def _core(sure: _Changes, rank: int, one: int, other: int) -> Bytes:
    """`(h, w)` uint8 levels by which a frame is out of range of two that agree.

    Light may then be carried a little farther than blur was found to.
    """
    core = cv2.min(sure.between(rank, one), sure.between(rank, other))
    return np.asarray(core * (sure.between(one, other) < LIKELY), np.uint8)


class _Changes:
    """Levels by which frames differ more than blur explains; pairs are compared once.

    Parameters
    ----------
    light, slots, place
        As for `foreign_cells`.
    slack, least
        Coarse cells by which light may be carried farther than blur was found to, and in any case.
    """

    def __init__(
        self, light: Light, slots: NDArray[np.int64], place: NDArray[np.float64], slack: float = 0.0,
        least: int = REACH,
    ) -> None:  # fmt: skip
        self._light, self._slots, self._place = light, slots.tolist(), place.tolist()
        self._slack, self._least, self._usual = slack, least, _usual(light)
        self._known: dict[tuple[int, int], Bytes] = {}

    def reach(self, one: int, other: int) -> int:
        """Coarse cells by which light may be carried between the frames of two ranks."""
        blur = abs(self._place[one] - self._place[other])
        least = self._usual if blur < FLAT else self._least
        return max(least, math.ceil(blur + self._slack))

    def between(self, one: int, other: int) -> Bytes:
        """`(h, w)` uint8 levels by which the frames of two ranks differ."""
        pair = (min(one, other), max(one, other))
        if pair not in self._known:
            light, first, second = self._light, self._slots[one], self._slots[other]
            tints = None if light.colour is None else (light.tint(first), light.tint(second))
            levels = light.level(first), light.level(second)
            self._known[pair] = differing(*levels, tints, self.reach(one, other))
        return self._known[pair]


def _usual(light: Light) -> int:
    """Coarse cells by which light is taken to spread between neighbours of which nothing is known."""
    return max(SOME, reach_among(len(light.gain)))
