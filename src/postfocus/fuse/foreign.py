"""What is foreign in a frame: there for a moment, in front of what the other frames show.

Each frame is compared, on coarse cells, with what the frames before and after
it mostly show. Defocus and small misalignment only spread the light of
neighbouring cells: then one of the two pictures stays, cell by cell, within
the range of the other's neighbourhood. Where neither does, something else is
in the frame. The same is asked of colour: a pale wing before a bright sky is
as bright as the sky.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import doubled, shrink
from postfocus.fuse.spread import Light

WINDOW = 9
"""Frames, evenly spaced round each, whose median is what a place mostly shows."""

SPAN = 14
"""The window's step is the number of frames over this, so that it covers about 60 % of the sweep."""

REACH = 2
"""Coarse cells by which defocus and misalignment may carry light within the window."""

CERTAIN, LIKELY = 8, 3
"""Grey levels out of range from which something is foreign, and down to which its surroundings are, too."""

STEEP, BLUNT = 1 / 8, 4
"""Levels of colour that may be out of range for each grey level by which brightness varies within so many
coarse cells."""

LEAST = 6
"""Coarse cells that something foreign covers at least."""

MARGIN = 4
"""Coarse cells by which it is widened: `REACH`, within which the range test cannot see it, and its blur."""

BESIDE, SUDDEN, TRIM = 8, 1.5, 2
"""Coarse cells beside something foreign in which it may be as bright as the scene but not as sharp, and how
many times sharper than the scene mostly is; margin of what is then found."""

_MEDIAN9 = (
    (1, 2), (4, 5), (7, 8), (0, 1), (3, 4), (6, 7), (1, 2), (4, 5), (7, 8), (0, 3),
    (5, 8), (4, 7), (3, 6), (1, 4), (2, 5), (4, 7), (4, 2), (6, 4), (4, 2),
)  # fmt: skip
"""Exchanges after which the fifth of nine values is their median (Paeth, Graphics Gems I, 1990)."""

Bytes = NDArray[np.uint8]


def foreign_cells(light: Light, slots: NDArray[np.int64]) -> dict[int, Bytes]:
    """For each slot with something foreign in it: `(h, w)` uint8, 1 on the coarse cells it covers."""
    if len(slots) < WINDOW:
        return {}
    out: dict[int, Bytes] = {}
    tinted = _strange_colours(light, slots)
    for slot, here, usual in _compared(slots, partial(level, light)):
        excess = out_of_range(here, usual) * (here > 0)
        cells = grown(with_colour(excess, next(tinted), here, usual))
        if cells is not None:
            out[slot] = cells
    return out


def _compared(slots: NDArray[np.int64], load: Callable[[int], Bytes]) -> Iterator[tuple[int, Bytes, Bytes]]:
    """Each slot, its map, and what the maps of its window mostly show."""
    for slot, here, around in _windows(slots, slots.tolist(), load):
        yield slot, here, median_of_nine([_unholed(layer, here) for layer in around])


def _strange_colours(light: Light, slots: NDArray[np.int64]) -> Iterator[Bytes | None]:
    """Levels by which each slot's colour is out of range; ``None`` where it is not known."""
    if light.colour is None:
        return itertools.repeat(None)
    compared = _compared(slots, partial(tint, light))
    return (out_of_range(here, usual, REACH // 2) * (here > 0) for _, here, usual in compared)


def with_colour(excess: Bytes, colour: Bytes | None, here: Bytes, usual: Bytes) -> Bytes:
    """The greater of what brightness and colour are out of range by, on the cells of brightness.

    Parameters
    ----------
    here, usual
        The grey levels that were compared. Where they change steeply, at lamps and glints above all, colour
        may change with focus by more than that of the neighbours: what is clipped has lost its own.
    """
    if colour is None or colour.max() < LIKELY:
        return excess
    square = np.ones((2 * BLUNT + 1, 2 * BLUNT + 1), np.uint8)
    steep = [cv2.subtract(cv2.dilate(levels, square), cv2.erode(levels, square)) for levels in (here, usual)]
    large = doubled(cv2.max(*np.split(colour, 2)), excess.shape, cv2.INTER_NEAREST)
    return np.asarray(cv2.max(excess, cv2.scaleAdd(cv2.max(*steep), -STEEP, large)), np.uint8)


def completed(
    found: dict[int, Bytes], slots: NDArray[np.int64], sharpness: Callable[[int], NDArray[np.float32]]
) -> dict[int, Bytes]:
    """What is found, and beside it what is as bright as the scene but suddenly sharper than it.

    Parameters
    ----------
    found
        `(h, w)` uint8, 0 or 1, on coarse cells, of some of the slots.
    sharpness
        Gives the `(2 h, 2 w)` float32 sharpness of a slot, grey levels.
    """
    out: dict[int, Bytes] = {}
    for slot, here, around in _windows(slots, found, lambda slot: shrink(sharpness(slot), 2)):
        cells = found[slot]
        sudden = here > SUDDEN * median_of_nine(around) + 1
        more = cv2.dilate(cells, disc(BESIDE)) * sudden
        out[slot] = np.asarray(cv2.max(cells, cv2.dilate(more, disc(TRIM))), np.uint8)
    return out


def _windows(
    slots: NDArray[np.int64], wanted: Iterable[int], load: Callable[[int], NDArray[Any]]
) -> Iterator[tuple[int, NDArray[Any], list[NDArray[Any]]]]:
    """Each wanted slot, in order, with what `load` gives for it and for the nine of its window."""
    rank_of = {slot: rank for rank, slot in enumerate(slots.tolist())}
    loaded: dict[int, NDArray[Any]] = {}
    for slot in wanted:
        ranks = window(rank_of[slot], len(slots))
        for gone in [rank for rank in loaded if rank < ranks[0]]:
            del loaded[gone]
        for missing in {*ranks, rank_of[slot]} - loaded.keys():
            loaded[missing] = load(int(slots[missing]))
        yield slot, loaded[rank_of[slot]], [loaded[rank] for rank in ranks]


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


def level(light: Light, slot: int) -> Bytes:
    """`(h, w)` uint8 grey levels of a frame at the reference's exposure."""
    codes = light.maps.one(slot)
    return np.asarray(cv2.convertScaleAbs(codes, alpha=1 / float(light.gain[slot])), np.uint8)


def tint(light: Light, slot: int) -> Bytes:
    """`(2 h, w)` uint8 U above V of a frame at the reference's exposure, on cells of colour."""
    assert light.colour is not None
    codes, scale = light.colour.one(slot), 1 / float(light.gain[slot])
    if abs(scale - 1) < 0.002:
        return codes
    scaled = cv2.convertScaleAbs(codes, alpha=scale, beta=128 - 128 * scale)
    return np.asarray(cv2.max(scaled, 1) * (codes > 0), np.uint8)


def median_of_nine(layers: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """The median of nine arrays, element by element."""
    p = list(layers)
    for low, high in _MEDIAN9:
        p[low], p[high] = np.minimum(p[low], p[high]), np.maximum(p[low], p[high])
    return p[4]


def out_of_range(one: Bytes, other: Bytes, reach: int = REACH) -> Bytes:
    """Levels by which two pictures of a place differ more than blur and misalignment can explain."""
    return np.minimum(_beyond(one, other, reach), _beyond(other, one, reach))


def _beyond(value: Bytes, around: Bytes, reach: int) -> Bytes:
    """How far each value lies outside the range of the other picture's neighbourhood."""
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    under = cv2.subtract(cv2.erode(around, square), value)
    over = cv2.subtract(value, cv2.dilate(around, square))
    return np.asarray(cv2.max(under, over), np.uint8)


def grown(excess: Bytes) -> Bytes | None:
    """From levels out of range to the cells that something covers, 0 or 1; ``None``: nothing is there."""
    cells = with_core(excess, LIKELY, CERTAIN, LEAST)
    if cells is None:
        return None
    unseen = np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)
    return np.asarray(cv2.dilate(cv2.dilate(cells, unseen), disc(MARGIN - REACH)), np.uint8)


def with_core(values: Bytes, low: int, high: int, least: int = 1) -> Bytes | None:
    """Where values are `low` and hang together with a `high` one, in pieces of at least `least` cells.

    0 or 1; ``None``: nowhere.
    """
    if values.max() < high:
        return None
    count, found, stats, _ = cv2.connectedComponentsWithStats(
        (values >= low).astype(np.uint8), connectivity=8
    )
    labels = np.asarray(found, np.int32)
    keep = np.zeros(count, np.uint8)
    keep[np.unique(labels[values >= high])] = 1
    keep[np.asarray(stats, np.int32)[:, cv2.CC_STAT_AREA] < least] = 0
    return keep[labels] if keep.any() else None


def disc(radius: int) -> Bytes:
    """A round structuring element."""
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2), np.uint8)
