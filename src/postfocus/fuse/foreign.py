"""What is foreign in a frame: there for a moment, in front of what the other frames show.

Each frame is compared, on coarse cells, with what the frames before and after
it mostly show. Where that is another thing (`postfocus.strange`), it stands
before the scene.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import shrink
from postfocus.light import Light
from postfocus.model.sweep import DENSE
from postfocus.strange import (
    CERTAIN,
    LEAST,
    LIKELY,
    REACH,
    Bytes,
    differing,
    disc,
    out_of_range,
    reach_among,
    reach_of,
    with_colour,
    with_core,
)

WINDOW = 9
"""Frames, evenly spaced round each, whose median is what a place mostly shows."""

SPAN = 14
"""The window's step is the number of frames over this, so that it covers about 60 % of the sweep."""

FEWEST, FAR = 3, 3
"""Frames among which one can be told from the others; coarse cells by which light spreads between so few."""

BODY = 32
"""Coarse cells within which, where steps of focus are large, something foreign differs from the frame before
or behind it: a body is alike from frame to frame in its middle alone."""

MARGIN = 4
"""Coarse cells by which it is widened where blur is mild: `REACH`, within which the range test cannot see it,
and its blur."""

BESIDE, SUDDEN, TRIM = 8, 1.5, 2
"""Coarse cells beside something foreign in which it may be as bright as the scene but not as sharp, and how
many times sharper than the scene mostly is, and than it is a step of the window before and behind; margin of
what is then found."""

SLACK = 0.5
"""Coarse cells by which light may be carried farther than blur was found to, in frames with others before and
behind them. Not at the ends of a sweep: what is falsely foreign there is hardly missed, and a small walker of
a real sweep was lost."""

_MEDIAN9 = (
    (1, 2), (4, 5), (7, 8), (0, 1), (3, 4), (6, 7), (1, 2), (4, 5), (7, 8), (0, 3),
    (5, 8), (4, 7), (3, 6), (1, 4), (2, 5), (4, 7), (4, 2), (6, 4), (4, 2),
)  # fmt: skip
"""Exchanges after which the fifth of nine values is their median (Paeth, Graphics Gems I, 1990)."""


def foreign_cells(light: Light, slots: NDArray[np.int64], place: NDArray[np.float64]) -> dict[int, Bytes]:
    """For each slot with something foreign in it: `(h, w)` uint8, 1 on the coarse cells it covers.

    Parameters
    ----------
    light
        Brightness of all slots.
    slots
        `(M,)` int, increasing: slots to be merged.
    place
        `(M,)` float64: theirs on the line of blur, coarse cells (`postfocus.model.defocus`). Not asked of
        fewer slots than `WINDOW`.
    """
    if len(slots) < WINDOW:
        return _among_few(light, slots)
    out: dict[int, Bytes] = {}
    reaches = [_reach(rank, place) for rank in range(len(slots))]
    tinted = _strange_colours(light, slots, reaches)
    for (slot, here, usual), reach in zip(_compared(slots, light.level), reaches, strict=True):
        excess = out_of_range(here, usual, reach) * (here > 0)
        cells = grown(with_colour(excess, next(tinted), here, usual), reach)
        if cells is not None:
            out[slot] = cells
    return out if len(light.gain) >= DENSE else _sudden(out, light, slots)


def _reach(rank: int, place: NDArray[np.float64]) -> int:
    """Coarse cells by which blur may carry light between a frame and what its window mostly shows."""
    blur = float(np.median(np.abs(place[window(rank, len(place))] - place[rank])))
    inner = WINDOW // 2 <= rank < len(place) - WINDOW // 2
    return reach_of(blur + inner * SLACK)


def _sudden(found: dict[int, Bytes], light: Light, slots: NDArray[np.int64]) -> dict[int, Bytes]:
    """Of what is found, what is not far from where a frame differs from the one before or behind it.

    Where steps of focus are large, strong blur looks foreign, too, but comes little by little.
    """
    out: dict[int, Bytes] = {}
    ranked, changes = slots.tolist(), _Changes(light, max(FAR + 1, reach_among(len(light.gain))))
    for slot, cells in found.items():
        rank = ranked.index(slot)
        beside = [ranked[n] for n in (rank - 1, rank + 1) if 0 <= n < len(ranked)]
        change = np.maximum.reduce([changes.between(slot, other) for other in beside])
        core = with_core(change, LIKELY, CERTAIN, LEAST)
        if core is None:
            continue
        cells = cells * np.asarray(cv2.dilate(core, disc(BODY)), np.uint8)
        if cells.any():
            out[slot] = cells
    return out


def _among_few(light: Light, slots: NDArray[np.int64]) -> dict[int, Bytes]:
    """The same of too few frames for a median: the two nearest to a frame agree, and it shows another thing.

    Steps of focus are large, so light is granted a longer way.
    """
    out: dict[int, Bytes] = {}
    if len(slots) < FEWEST:
        return out
    sure, near = _Changes(light, max(FAR + 1, reach_among(len(light.gain)))), _Changes(light, FAR)
    for rank, slot in enumerate(slots.tolist()):
        first = min(max(rank - 1, 0), len(slots) - 3)
        one, other = (s for s in slots[first : first + 3].tolist() if s != slot)
        core = sure.alone(slot, one, other)
        if core.max() < CERTAIN:
            continue
        # What a little spread does not explain counts only beside what even a wide one does not.
        beside = np.minimum(near.alone(slot, one, other), np.uint8(CERTAIN - 1))
        cells = with_core(np.maximum(beside, core), LIKELY, CERTAIN, LEAST)
        if cells is not None:
            unseen = np.ones((2 * FAR + 1, 2 * FAR + 1), np.uint8)
            out[slot] = np.asarray(cv2.dilate(cv2.dilate(cells, unseen), disc(MARGIN - REACH)), np.uint8)
    return out


class _Changes:
    """Levels by which frames differ more than defocus over some cells explains; pairs are compared once."""

    def __init__(self, light: Light, reach: int) -> None:
        self._light, self._reach = light, reach
        self._known: dict[tuple[int, int], Bytes] = {}

    def alone(self, slot: int, one: int, other: int) -> Bytes:
        """`(h, w)` uint8 levels by which a frame differs from two others where these agree."""
        excess = cv2.min(self.between(slot, one), self.between(slot, other))
        return np.asarray(excess * (self.between(one, other) < LIKELY), np.uint8)

    def between(self, one: int, other: int) -> Bytes:
        """`(h, w)` uint8 levels by which two frames differ."""
        pair = (min(one, other), max(one, other))
        if pair not in self._known:
            light = self._light
            tints = None if light.colour is None else (light.tint(one), light.tint(other))
            self._known[pair] = differing(light.level(one), light.level(other), tints, self._reach)
        return self._known[pair]


def _compared(slots: NDArray[np.int64], load: Callable[[int], Bytes]) -> Iterator[tuple[int, Bytes, Bytes]]:
    """Each slot, its map, and what the maps of its window mostly show."""
    for seen in _windows(slots, slots.tolist(), load):
        around = [_unholed(layer, seen.here) for layer in seen.around]
        yield seen.slot, seen.here, median_of_nine(around)


def _strange_colours(
    light: Light, slots: NDArray[np.int64], reaches: Sequence[int]
) -> Iterator[Bytes | None]:
    """Levels by which each slot's colour is out of range; ``None`` where it is not known."""
    if light.colour is None:
        return itertools.repeat(None)
    compared = _compared(slots, light.tint)
    return (
        out_of_range(here, usual, reach // 2) * (here > 0)
        for (_, here, usual), reach in zip(compared, reaches, strict=True)
    )


def completed(
    found: dict[int, Bytes], slots: NDArray[np.int64], sharpness: Callable[[int], NDArray[np.float32]]
) -> dict[int, Bytes]:
    """What is found, and beside it what is as bright as the scene but suddenly sharper than it.

    Among few frames it is what is found: each frame is the only sharp one somewhere.

    Parameters
    ----------
    found
        `(h, w)` uint8, 0 or 1, on coarse cells, of some of the slots.
    sharpness
        Gives the `(2 h, 2 w)` float32 sharpness of a slot, grey levels.
    """
    if len(slots) < WINDOW:
        return found
    out: dict[int, Bytes] = {}
    for seen in _windows(slots, found, lambda slot: shrink(sharpness(slot), 2)):
        cells = found[seen.slot]
        sudden = seen.here > SUDDEN * median_of_nine(seen.around) + 1
        for slot, layer in seen.beside.items():
            sharper = seen.here > SUDDEN * layer + 1
            # Focus makes nothing sharp within so few frames; what was foreign there cannot tell.
            sudden &= sharper | (found[slot] > 0) if slot in found else sharper
        more = cv2.dilate(cells, disc(BESIDE)) * sudden
        out[seen.slot] = np.asarray(cv2.max(cells, cv2.dilate(more, disc(TRIM))), np.uint8)
    return out


@dataclass(frozen=True, slots=True)
class _Seen:
    """A slot, its map, those of the nine of its window, and those a step of it before and behind."""

    slot: int
    here: NDArray[Any]
    around: list[NDArray[Any]]
    beside: dict[int, NDArray[Any]]


def _windows(
    slots: NDArray[np.int64], wanted: Iterable[int], load: Callable[[int], NDArray[Any]]
) -> Iterator[_Seen]:
    """Each wanted slot, in order, with what `load` gives for it and for those round it."""
    rank_of = {slot: rank for rank, slot in enumerate(slots.tolist())}
    loaded: dict[int, NDArray[Any]] = {}
    step = max(1, len(slots) // SPAN)
    for slot in wanted:
        rank = rank_of[slot]
        ranks = window(rank, len(slots))
        beside = [n for n in (rank - step, rank + step) if 0 <= n < len(slots)]
        for gone in [n for n in loaded if n < min(ranks[0], rank - step)]:
            del loaded[gone]
        for missing in {*ranks, *beside, rank} - loaded.keys():
            loaded[missing] = load(int(slots[missing]))
        around = [loaded[n] for n in ranks]
        yield _Seen(slot, loaded[rank], around, {int(slots[n]): loaded[n] for n in beside})


def window(rank: int, count: int) -> list[int]:
    """Nine ranks round one, of `count`: evenly spaced, closer where the sweep ends soon."""
    reach = WINDOW // 2
    step = min(max(1, count // SPAN), max(1, min(rank, count - 1 - rank) // reach))
    middle = min(max(rank, reach * step), count - 1 - reach * step)
    return [middle + step * (n - reach) for n in range(WINDOW)]


def _unholed(layer: Bytes, here: Bytes) -> Bytes:
    """The layer, with what it does not show taken from `here`, so that it decides nothing."""
    holes = layer == 0
    return np.asarray(cv2.max(layer, here * holes), np.uint8) if holes.any() else layer


def median_of_nine(layers: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """The median of nine arrays, element by element."""
    p = list(layers)
    for low, high in _MEDIAN9:
        p[low], p[high] = np.minimum(p[low], p[high]), np.maximum(p[low], p[high])
    return p[4]


def grown(excess: Bytes, reach: int = REACH) -> Bytes | None:
    """From levels out of range within `reach` to the cells that something covers, 0 or 1.

    ``None``: nothing is there.
    """
    cells = with_core(excess, LIKELY, CERTAIN, LEAST)
    if cells is None:
        return None
    unseen = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return np.asarray(cv2.dilate(cv2.dilate(cells, unseen), disc(MARGIN - REACH)), np.uint8)
