"""Where a frame may have a say in the merged picture, known before its pixels are touched.

The index holds the sharpness of every 4-pixel cell in every frame. A frame far
from its best in a cell cannot carry weight there, and a plain place takes only
the frames next to its filled-in depth. So most of each frame is never looked
at, and noise in plain places wakes nothing. Where a cell is sharp twice, a near
thing before a far one, both are heard (`postfocus.fuse.hills`). In every cell
the frame nearest to its depth that shows it is heard, so no place is left
without a picture. Of frames that differ in brightness beside a light, only the
darkest are heard (`postfocus.fuse.spread`).
"""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import averaged
from postfocus.fuse.hills import Hills
from postfocus.fuse.spread import Light, Scores, Spread
from postfocus.model.depth import Contrasts, DepthMap, State

OPEN, SHUT = 0.6, 0.3
"""How far up from a cell's least to its best sharpness a frame has its full say, and none."""

SIGMA = 1.5
"""Cells over which sharpness is averaged before it is compared."""

NEIGHBOURS = 7
"""Cells across of the neighbourhood whose depths a cell may take frames from: both sides of an edge."""

PLAIN = 3.0
"""Frames from its depth at which a plain place no longer hears one: a few are averaged, noise is less."""

MOST_KEPT = 96 << 20
"""Bytes of says that are kept for the second time they are asked for; more are made again."""

REACH, LEAST_REACH = 0.1, 2.0
"""Frames beyond those depths that may be heard, as a share of all and at least."""


class Sharpness(Scores, Contrasts, Protocol):
    """Both figures of sharpness."""


class Gate:
    """The say of each frame, 0…1, per cell of the index.

    Parameters
    ----------
    volume
        Sharpness of all slots in the reference's geometry.
    slots
        `(M,)` int: slots to be merged.
    depth
        Depth of the whole sweep.
    frames
        `(N,)` int: index in the input of each slot.
    view
        `(2, 3)` matrix from cells of the picture to be made to cells of the index, where their
        geometries differ.
    light
        Brightness of all slots; ``None``: spread light is not looked for.
    """

    def __init__(
        self,
        volume: Sharpness,
        slots: NDArray[np.int64],
        depth: DepthMap,
        frames: NDArray[np.int64],
        view: NDArray[np.float64] | None = None,
        light: Light | None = None,
    ) -> None:
        self._volume, self._view = volume, view
        self._rank = {slot: rank for rank, slot in enumerate(slots.tolist())}
        position = np.interp(depth.position, frames[slots], np.arange(len(slots))).astype(np.float32)
        shape = (volume.height, volume.width)
        best, least = np.zeros(shape, np.float32), np.full(shape, np.inf, np.float32)
        far, nearest = np.full(shape, np.inf, np.float32), np.rint(position)
        self._hills = Hills(shape)
        for slot, rank in self._rank.items():
            sharpness = self._sharpness(slot)
            self._hills.add(rank, sharpness)
            np.maximum(best, sharpness, out=best)
            distance = np.abs(position - np.float32(rank))
            hidden = sharpness <= 0
            if hidden.any():
                distance[hidden] = sharpness[hidden] = np.inf
            np.minimum(least, sharpness, out=least)
            nearest += (distance < far) * (rank - nearest)
            np.minimum(far, distance, out=far)
        self._hills.finish()
        least = np.minimum(least, 0.9 * best)
        self._slope = 1 / (np.maximum(best - least, 1e-6) * np.float32(OPEN - SHUT))
        self._start = np.asarray(-least * self._slope - SHUT / (OPEN - SHUT), np.float32)
        reach = max(LEAST_REACH, REACH * len(slots))
        around = np.ones((NEIGHBOURS, NEIGHBOURS), np.uint8)
        self._position, self._nearest = position, nearest
        self._first = cv2.erode(position, around) - reach
        self._last = cv2.dilate(position, around) + reach
        plain = depth.state == State.NO_TEXTURE
        self._doubt = np.asarray(cv2.blur(plain.astype(np.float32), (3, 3)), np.float32)
        self._kept: dict[int, NDArray[np.uint8]] = {}
        self._keeps = light is not None and len(slots) * best.size <= MOST_KEPT
        self._light = light
        says = ((slot, self._own(slot)) for slot in self._rank)
        self._spread = None if light is None else Spread(volume, light, says)
        self._keeps = False

    def say(self, slot: int) -> NDArray[np.float32]:
        """`(h, w)` float32, 0…1: how far the frame may take part in each cell."""
        say = self._own(slot)
        if self._spread is not None:
            say *= self._spread.free(slot)
        if self._view is None:
            return say
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = (say.shape[1], say.shape[0])
        seen = cv2.warpAffine(say, self._view, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(seen, np.float32)

    def _own(self, slot: int) -> NDArray[np.float32]:
        """The say by sharpness and depth alone, in the geometry of the index; asked for twice."""
        kept = self._kept.pop(slot, None)
        if kept is not None:
            return kept * np.float32(1 / 255)
        rank = self._rank[slot]
        sharpness = self._sharpness(slot)
        say = np.asarray(sharpness * self._slope, np.float32)
        say += self._start
        np.clip(say, 0, 1, out=say)
        say *= (self._first <= rank) & (self._last >= rank)
        near = np.abs(self._position - np.float32(rank))
        np.subtract(np.float32(PLAIN), near, out=near)
        np.clip(near, 0, 1, out=near)
        near -= say
        near *= self._doubt
        say += near
        self._hills.open(rank, sharpness, say, self._change(slot))
        ours = self._nearest == rank
        np.maximum(say, ours, out=say)
        wide = np.asarray(cv2.dilate(say, np.ones((3, 3), np.uint8)), np.float32)
        wide[(sharpness == 0) & ~ours] = 0
        if self._keeps:
            self._kept[slot] = np.asarray(cv2.convertScaleAbs(wide, alpha=255), np.uint8)
        return wide

    def _change(self, slot: int) -> NDArray[np.float32] | None:
        """`(h, w)` grey levels by which a frame differs from the one before or the one behind it."""
        if self._light is None:
            return None
        slots, rank = list(self._rank), self._rank[slot]
        beside = [slots[n] for n in (rank - 1, rank + 1) if 0 <= n < len(slots)]
        return self._light.change(slot, beside, self._nearest.shape)

    def _sharpness(self, slot: int) -> NDArray[np.float32]:
        """`(h, w)` float32 grey levels, averaged over the cells that are shown; 0 where one is not."""
        return averaged(self._volume.contrast(slot), SIGMA)
