"""What moves while the lens sweeps, and the moments from which it is taken.

A walker, a bird or a waving leaf is somewhere else in every frame; merged by
sharpness alone it is left in the picture many times over. Where a frame has
something foreign (`postfocus.fuse.foreign`) it is not heard, except in the one
moment that is kept: of that frame, what moves is taken whole. Where something
never leaves (a slow walker), the frames that would be merged contradict one
another; such a region is taken from one frame that is sharp there. What only
sways (leaves, water) is found apart (`postfocus.fuse.swaying`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import shrink
from postfocus.fuse.foreign import WINDOW, completed, foreign_cells
from postfocus.fuse.spread import HEARD
from postfocus.fuse.swaying import Band, Compared, step_of, swaying
from postfocus.light import Light
from postfocus.model.sweep import DENSE
from postfocus.strange import (
    APART,
    CERTAIN,
    FEW,
    LIKELY,
    MARGIN,
    Bytes,
    around,
    disc,
    filled,
    out_of_blur,
    out_of_range,
    with_core,
)

CLOSE = 0.2
"""Share of the sweep within which two frames that are merged may contradict one another by motion. Farther
apart it is mostly the veil of a near thing out of focus."""

FAR_APART = 5
"""Coarse cells by which light spreads between frames so close: where steps of focus are large, and from what
is much nearer or farther."""

FEW_OF_FEW = 64
"""Contradicting coarse cells that are let pass where frames are so few that a depth is sooner wrong, and blur
soon wide."""

SURE, PART = 1 / 3, 1 / 4
"""Share of a region's contradictions that the blur of something much nearer or farther must leave unexplained
for the rest to be dropped, and share of those that count which a part of it needs to be held."""

LOOSE = 2
"""Coarse cells by which what is kept of the moment is widened: less than `MARGIN`, for what lies beside it is
as blurred as that one frame has it."""

SHARP = 0.8
"""Share of its best sharpness from which a region is sharp enough for the moment that was asked for."""

Mask = NDArray[np.bool_]


class Movers:
    """Where each frame must not be heard because of what moves.

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
    place
        `(M,)` float64: where the slots lie on the line of blur, coarse cells (`postfocus.model.defocus`).

    Attributes
    ----------
    moment
        The slot whose moment is kept of what comes and goes.
    sharpest
        The slot that shows best what comes and goes.
    focus
        How sharp that is in the kept moment, as a share of its sharpness in `sharpest`.
    touched
        `(h, w)` bool, coarse cells in which some frame is not heard.
    """

    def __init__(
        self,
        light: Light,
        slots: NDArray[np.int64],
        moment: int | None,
        sharpness: Callable[[int], NDArray[np.float32]],
        place: NDArray[np.float64],
    ) -> None:
        self._light, self._slots, self._sharpness, self._asked = light, slots, sharpness, moment is not None
        self._shape, self._place = (light.maps.height, light.maps.width), place
        found = completed(foreign_cells(light, slots, place), slots, sharpness)
        self._foreign = {slot: np.packbits(cells) for slot, cells in found.items()}
        self.touched = np.zeros(self._shape, np.bool_)
        for cells in found.values():
            self.touched |= cells > 0
        scores = {slot: self._squares(slot, cells > 0) for slot, cells in found.items()}
        few = min(WINDOW, len(slots) - 1) // 2
        ends = {*slots[:few].tolist(), *slots[len(slots) - few :].tolist()}
        # Seen from an end of the sweep, strong defocus may look foreign.
        inner = [slot for slot in scores if slot not in ends]
        middle = int(slots[len(slots) // 2])
        self.sharpest = max(inner, key=lambda slot: float(scores[slot].sum()), default=middle)
        moment = self.sharpest if moment is None else moment
        self.moment = int(slots[np.abs(slots - moment).argmin()])
        means = {slot: float(values.mean()) for slot, values in scores.items()}
        self.focus = float(np.sqrt(means.get(self.moment, np.inf) / max(means.get(self.sharpest, 0), 1e-6)))
        self._when = np.full(self._shape, -1, np.int32)
        self._bands: list[Band] = []
        kept = cv2.erode(self._seen(self.moment).astype(np.uint8), disc(MARGIN - LOOSE))
        self._when[kept > 0] = self.moment

    @property
    def held(self) -> Mask:
        """`(h, w)` coarse cells that are taken from one moment."""
        return self._when >= 0

    def hidden(self, slot: int) -> Mask | None:
        """`(h, w)` coarse cells in which the frame must not be heard; ``None``: in none."""
        if not self.touched.any():
            return None
        out = self._seen(slot)
        out |= self._when >= 0
        out &= self._when != slot
        rank = int(np.searchsorted(self._slots, slot))
        for band in self._bands:
            if band.bars(rank):
                out[band.box] |= band.path & (self._when[band.box] != slot)
        return out if out.any() else None

    def settle(
        self,
        nearest: NDArray[np.float32],
        depth: NDArray[np.float32],
        says: Iterable[tuple[int, NDArray[np.float32]]],
    ) -> bool:
        """Hold the regions in which the frames to be merged contradict one another.

        Parameters
        ----------
        nearest
            `(2 h, 2 w)` or one more: rank of the frame that each cell is surely taken from.
        depth
            Rank at which each cell is sharpest, whatever moves there.
        says
            Slot and say, 0…1, of every frame on the same cells.

        Returns
        -------
        Whether there are any; then `hidden` has changed.
        """
        if len(self._slots) < WINDOW:
            return False
        near = self._thinned(nearest)
        usual = np.zeros(self._shape, np.uint8)
        for rank, slot in enumerate(self._slots.tolist()):
            usual += self._light.level(slot) * (near == rank)
        limit = max(2.0, CLOSE * len(self._slots))
        dense, depth = len(self._light.gain) >= DENSE, self._thinned(depth)
        worst, sure = np.zeros(self._shape, np.uint8), np.zeros(self._shape, np.uint8)
        heard: list[Mask] = []
        place = self._place.astype(np.float32)
        there = place[near.astype(np.int64)]
        for rank, (slot, say) in enumerate(says):
            here = self._light.level(slot)
            ours = self._thinned(say) >= HEARD
            if dense and rank % step_of(len(self._slots)) == 0:
                heard.append(ours.copy())
            ours &= (np.abs(near - np.float32(rank)) <= limit) & (here > 0)
            sure = np.maximum(sure, out_of_range(here, usual, FAR_APART) * ours)
            if dense:
                worst = np.maximum(worst, out_of_blur(here, usual, np.abs(there - place[rank]), ours))
        if dense:
            self._sway(heard, near, depth)
        core = with_core(worst if dense else sure, LIKELY, CERTAIN)
        if core is None:
            return bool(self._bands)
        few = FEW if dense else FEW_OF_FEW
        explained = _beside_edge(depth, limit) & (sure < LIKELY)
        return self._hold(core, core * ~explained, depth, few) or bool(self._bands)

    def _sway(self, heard: Sequence[Mask], near: NDArray[np.float32], depth: NDArray[np.float32]) -> None:
        """Look for what sways; `heard` are the cells in which each of the frames compared is."""
        slots = self._slots.tolist()
        ranks = range(0, len(slots), step_of(len(slots)))
        frames: list[Compared] = []
        for rank, own in zip(ranks, heard, strict=True):
            hidden, level = self.hidden(slots[rank]), self._light.level(slots[rank])
            shown = level if hidden is None else level * ~hidden
            frames.append(Compared(rank, float(self._place[rank]), shown, own))
        self._bands = swaying(
            frames, lambda rank: shrink(self._sharpness(slots[rank]), 2), near, depth, len(slots)
        )
        for band in self._bands:
            when = self._when[band.box]
            when[band.held & (when < 0)] = slots[band.rank]
            self.touched[band.box] |= band.path

    def _hold(self, core: Bytes, sure: Bytes, depth: NDArray[np.float32], few: int) -> bool:
        """Give every region with enough contradictions its moment; whether that holds anything.

        Where enough of them are `sure`, only those tell how far it reaches.
        """
        wide = np.asarray(cv2.dilate(core, disc(APART)), np.uint8)
        count, found = cv2.connectedComponents(cv2.max(wide, self.touched.astype(np.uint8)), connectivity=8)
        labels = np.asarray(found, np.int32)
        enough = np.bincount(labels[core > 0], minlength=count) >= few
        enough[0] = False
        if not enough.any():
            return False
        region = np.where(wide > 0, labels, 0)
        sharp = {slot: self._sums(slot, region, count) for slot in self._slots.tolist()}
        before = self._when.copy()
        for label in np.flatnonzero(enough):
            here = labels == label
            slot = self._moment_of({slot: float(sums[label]) for slot, sums in sharp.items()})
            self._when[here] = -1
            own, certain = core * here, sure * here
            own = certain if certain.sum() >= SURE * own.sum() else own
            self._when[here & self._swath(own, slot, depth)] = slot
        self.touched |= self._when >= 0
        return bool((self._when != before).any())

    def _swath(self, core: Bytes, slot: int, depth: NDArray[np.float32]) -> Mask:
        """All that a thing covers while it is sharp, to be taken from one frame.

        What stands still before or behind it, much nearer or farther, stays out, and what that cuts off.
        """
        limit, rank = CLOSE * len(self._slots), np.searchsorted(self._slots, slot)
        covered = core > 0
        for other in self._foreign:
            if abs(int(np.searchsorted(self._slots, other) - rank)) <= limit / 2:
                covered |= self._seen(other)
        whole = filled(around(covered, MARGIN))
        elsewhere = (np.abs(depth - np.float32(rank)) > limit).astype(np.uint8)
        elsewhere = cv2.morphologyEx(elsewhere, cv2.MORPH_OPEN, disc(MARGIN))
        count, found = cv2.connectedComponents(whole * (elsewhere == 0), connectivity=8)
        parts = np.asarray(found, np.int32)
        enough = np.bincount(parts[core > 0], minlength=count) >= PART * core.sum()
        enough[0] = False
        return enough[parts] | self._seen(slot)

    def _moment_of(self, sharp: dict[int, float]) -> int:
        """The sharpest slot, or of those nearly as sharp the one nearest to the moment asked for."""
        best = max(sharp.values())
        if not self._asked:
            return max(sharp, key=sharp.__getitem__)
        return min((s for s in sharp if sharp[s] >= SHARP * best), key=lambda s: abs(s - self.moment))

    def _thinned(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """One of each 2 x 2 cells."""
        rows, cols = self._shape
        return values[: 2 * rows : 2, : 2 * cols : 2]

    def _seen(self, slot: int) -> Mask:
        """Where something foreign is in a frame."""
        bits = self._foreign.get(slot)
        if bits is None:
            return np.zeros(self._shape, np.bool_)
        rows, cols = self._shape
        return np.unpackbits(bits, count=rows * cols).reshape(self._shape).view(np.bool_)

    def _squares(self, slot: int, cells: Mask) -> NDArray[np.float32]:
        """Squared sharpness of some coarse cells."""
        return np.square(shrink(self._sharpness(slot), 2)[cells])

    def _sums(self, slot: int, labels: NDArray[np.int32], count: int) -> NDArray[np.float64]:
        """Sharpness within each label."""
        weights = shrink(self._sharpness(slot), 2).ravel()
        return np.asarray(np.bincount(labels.ravel(), weights, minlength=count), np.float64)


def _beside_edge(depth: NDArray[np.float32], limit: float) -> Mask:
    """Where a much nearer or farther thing lies so near that its blur may reach over a cell."""
    square, calm = np.ones((2 * FAR_APART + 1, 2 * FAR_APART + 1), np.uint8), cv2.medianBlur(depth, 5)
    return np.asarray(cv2.dilate(calm, square) - cv2.erode(calm, square) > limit, np.bool_)
