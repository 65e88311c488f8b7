"""What moves while the lens sweeps, and the one moment from which it is taken.

A walker, a bird or a waving leaf is somewhere else in every frame; merged by
sharpness alone it is left in the picture many times over. So each frame is
compared, on coarse cells, with what the frames before and after it mostly show
there. Defocus and small misalignment only spread the light of neighbouring
cells: then each of the two pictures stays, cell by cell, within the range of
the other's neighbourhood, or the other way about. Where neither holds,
something foreign is in the frame. There the frame is not heard, except in the
one moment that is kept: of that frame, what moves is taken whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.fuse.spread import Light

WINDOW = 9
"""Frames, evenly spaced round each, whose median is what a place mostly shows."""

SPAN = 14
"""The window's step is the number of frames over this, so that it covers about 60 % of the sweep."""

REACH = 2
"""Coarse cells by which defocus and misalignment may carry light within the window."""

CERTAIN, LIKELY = 12, 4
"""Grey levels out of range from which something is foreign, and down to which its surroundings are, too."""

LEAST = 6
"""Coarse cells that something foreign covers at least."""

MARGIN = 4
"""Coarse cells by which it is widened: what the range test cannot see, and its blur."""

BESIDE, SUDDEN, TRIM = 8, 1.5, 2
"""Coarse cells beside something foreign in which it may be as bright as the scene but not as sharp, and how
many times sharper than the scene mostly is; margin of what is then found."""

_MEDIAN9 = (
    (1, 2), (4, 5), (7, 8), (0, 1), (3, 4), (6, 7), (1, 2), (4, 5), (7, 8), (0, 3),
    (5, 8), (4, 7), (3, 6), (1, 4), (2, 5), (4, 7), (4, 2), (6, 4), (4, 2),
)  # fmt: skip
"""Exchanges after which the fifth of nine values is their median (Paeth, Graphics Gems I, 1990)."""

Cells = NDArray[np.uint8]


class Movers:
    """Where each frame must not be heard because something else is there at its moment.

    Parameters
    ----------
    light
        Brightness of all slots.
    slots
        `(M,)` int, increasing: slots to be merged.
    moment
        Slot whose moment is kept; ``None``: the one that shows best what moves.
    sharpness
        Gives the `(h, w)` float32 sharpness of a slot, on cells of half the size.

    Attributes
    ----------
    moment
        The slot whose moment is kept.
    touched
        `(h, w)` bool, coarse cells in which some frame is not heard.
    """

    def __init__(
        self,
        light: Light,
        slots: NDArray[np.int64],
        moment: int | None,
        sharpness: Callable[[int], NDArray[np.float32]],
    ) -> None:
        self._shape = (light.maps.height, light.maps.width)
        found = completed(foreign_cells(light, slots), slots, sharpness)
        self._foreign = {slot: np.packbits(cells) for slot, cells in found.items()}
        self.touched = np.zeros(self._shape, np.bool_)
        for cells in found.values():
            self.touched |= cells > 0
        if moment is None:
            moment = max(found, key=lambda slot: _sum(sharpness(slot), found[slot]), default=int(slots[0]))
        self.moment = int(slots[np.abs(slots - moment).argmin()])
        self._held = found.get(self.moment, np.zeros(self._shape, np.uint8))

    @property
    def held(self) -> NDArray[np.bool_]:
        """`(h, w)` coarse cells that are taken from one moment."""
        return self._held > 0

    def hidden(self, slot: int) -> NDArray[np.bool_]:
        """`(h, w)` coarse cells in which the frame must not be heard."""
        if slot == self.moment:
            return np.zeros(self._shape, np.bool_)
        out = self._held > 0
        if slot in self._foreign:
            bits = np.unpackbits(self._foreign[slot], count=out.size)
            out |= bits.reshape(out.shape) > 0
        return out


def foreign_cells(light: Light, slots: NDArray[np.int64]) -> dict[int, Cells]:
    """For each slot with something foreign in it: `(h, w)` uint8, 1 on the coarse cells it covers."""
    if len(slots) < WINDOW:
        return {}
    out: dict[int, Cells] = {}
    loaded: dict[int, Cells] = {}
    for rank, slot in enumerate(slots.tolist()):
        ranks = window(rank, len(slots))
        for gone in [r for r in loaded if r < min(ranks)]:
            del loaded[gone]
        for wanted in {*ranks, rank} - loaded.keys():
            loaded[wanted] = level(light, int(slots[wanted]))
        here = loaded[rank]
        usual = median_of_nine([_filled(loaded[r], here) for r in ranks])
        cells = grown(out_of_range(here, usual) * (here > 0))
        if cells is not None:
            out[slot] = cells
    return out


def completed(
    found: dict[int, Cells], slots: NDArray[np.int64], sharpness: Callable[[int], NDArray[np.float32]]
) -> dict[int, Cells]:
    """What is found, and beside it what is as bright as the scene but suddenly sharper than it."""
    loaded: dict[int, NDArray[np.float32]] = {}
    out: dict[int, Cells] = {}
    ring = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * BESIDE + 1, 2 * BESIDE + 1))
    small = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * TRIM + 1, 2 * TRIM + 1))
    for rank, slot in enumerate(slots.tolist()):
        cells = found.get(slot)
        if cells is None:
            continue
        ranks = window(rank, len(slots))
        for gone in [r for r in loaded if r < min(ranks)]:
            del loaded[gone]
        for wanted in {*ranks, rank} - loaded.keys():
            loaded[wanted] = _halved(sharpness(int(slots[wanted])), cells.shape)
        usual = median_of_nine([loaded[r] for r in ranks])
        sudden = loaded[rank] > SUDDEN * usual + 1
        more = cv2.dilate(cells, ring) * sudden
        out[slot] = np.asarray(cv2.max(cells, cv2.dilate(more, small)), np.uint8)
    return out


def window(rank: int, count: int) -> list[int]:
    """Nine ranks round one, of `count`: evenly spaced, closer where the sweep ends soon."""
    reach = WINDOW // 2
    step = min(max(1, count // SPAN), max(1, min(rank, count - 1 - rank) // reach))
    middle = min(max(rank, reach * step), count - 1 - reach * step)
    return [middle + step * (n - reach) for n in range(WINDOW)]


def _filled(layer: Cells, here: Cells) -> Cells:
    """The layer, with what it does not show taken from `here`, so that it decides nothing."""
    holes = layer == 0
    return np.asarray(cv2.max(layer, here * holes), np.uint8) if holes.any() else layer


def level(light: Light, slot: int) -> Cells:
    """`(h, w)` uint8 grey levels of a frame at the reference's exposure."""
    codes = light.maps.one(slot)
    return np.asarray(cv2.convertScaleAbs(codes, alpha=1 / float(light.gain[slot])), np.uint8)


def median_of_nine(layers: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """The median of nine arrays, element by element."""
    p = list(layers)
    for low, high in _MEDIAN9:
        p[low], p[high] = np.minimum(p[low], p[high]), np.maximum(p[low], p[high])
    return p[4]


def out_of_range(one: Cells, other: Cells) -> Cells:
    """Grey levels by which two pictures of a place differ more than blur and misalignment can explain."""
    return np.minimum(_beyond(one, other), _beyond(other, one))


def _beyond(value: Cells, around: Cells) -> Cells:
    """How far each value lies outside the range of the other picture's neighbourhood."""
    square = np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)
    under = cv2.subtract(cv2.erode(around, square), value)
    over = cv2.subtract(value, cv2.dilate(around, square))
    return np.asarray(cv2.max(under, over), np.uint8)


def grown(excess: Cells) -> Cells | None:
    """From levels out of range to the cells that something covers, 0 or 1; ``None``: nothing is there."""
    if excess.max() < CERTAIN:
        return None
    likely = (excess >= LIKELY).astype(np.uint8)
    count, found, stats, _ = cv2.connectedComponentsWithStats(likely, connectivity=8)
    labels = np.asarray(found, np.int32)
    keep = np.zeros(count, np.uint8)
    keep[np.unique(labels[excess >= CERTAIN])] = 1
    keep[stats[:, cv2.CC_STAT_AREA] < LEAST] = 0
    keep[0] = 0
    if not keep.any():
        return None
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * MARGIN + 1, 2 * MARGIN + 1))
    return np.asarray(cv2.dilate(keep[labels], disc), np.uint8)


def _sum(sharpness: NDArray[np.float32], cells: Cells) -> float:
    """Sharpness within some coarse cells."""
    return float(_halved(sharpness, cells.shape)[cells > 0].sum())


def _halved(values: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Mean of 2 x 2 cells."""
    rows, cols = shape
    small = cv2.resize(values[: 2 * rows, : 2 * cols], (cols, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)
