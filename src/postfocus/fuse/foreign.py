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
from postfocus.fuse.foreign_few import among_few, sudden
from postfocus.light import Light
from postfocus.model.sweep import DENSE
from postfocus.strange import (
    CERTAIN,
    LEAST,
    LIKELY,
    MARGIN,
    REACH,
    Bytes,
    disc,
    out_of_range,
    reach_of,
    with_colour,
    with_core,
)

WINDOW = 9
"""Frames, evenly spaced round each, whose median is what a place mostly shows."""

SPAN = 14
"""The window's step is the number of frames over this, so that it covers about 60 % of the sweep."""

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
        `(M,)` float64: theirs on the line of blur, coarse cells (`postfocus.model.defocus`).
    """
    if len(slots) < WINDOW:
        return among_few(light, slots, place)
    out: dict[int, Bytes] = {}
    reaches = [_reach(rank, place) for rank in range(len(slots))]
    tinted = _strange_colours(light, slots, reaches)
    for (slot, here, usual), reach in zip(_compared(slots, light.level), reaches, strict=True):
        excess = out_of_range(here, usual, reach) * (here > 0)
        cells = grown(with_colour(excess, next(tinted), here, usual), reach)
        if cells is not None:
            out[slot] = cells
    return out if len(light.gain) >= DENSE else sudden(out, light, slots, place)


def _reach(rank: int, place: NDArray[np.float64]) -> int:
    """Coarse cells by which blur may carry light between a frame and what its window mostly shows."""
    blur = float(np.median(np.abs(place[window(rank, len(place))] - place[rank])))
    inner = WINDOW // 2 <= rank < len(place) - WINDOW // 2
    return reach_of(blur + inner * SLACK)


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
