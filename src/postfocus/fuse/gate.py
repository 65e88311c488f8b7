"""Where a frame may have a say in the merged picture, known before its pixels are touched.

The index holds the sharpness of every 4-pixel cell in every frame. A frame far
from its best in a cell cannot carry weight there, and a plain place takes only
the frames next to its filled-in depth. So most of each frame is never looked
at, and noise in plain places wakes nothing. Where a cell is sharp twice, a near
thing before a far one, both are heard (`postfocus.fuse.hills`). In every cell
the frame nearest to its depth that shows it is heard, so no place is left
without a picture. Of frames that differ in brightness beside a light, only the
darkest are heard (`postfocus.fuse.spread`), and what moves is heard at one
moment only (`postfocus.fuse.movers`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import averaged, blended_in_view, doubled, in_view
from postfocus.defocus import defocus_in
from postfocus.fuse.beside import beside_planes, give_way
from postfocus.fuse.hills import NONE, Hills, next_to, slots_in_front
from postfocus.fuse.nearest import Nearest, near_hidden, same_thing
from postfocus.fuse.spread import Scores, Spread, rows_with
from postfocus.fuse.wide import movers_of
from postfocus.light import Light
from postfocus.model.depth import Contrasts, DepthBehind, DepthMap, State
from postfocus.model.planes import Planes
from postfocus.model.sweep import DENSE

OPEN, SHUT = 0.6, 0.3
"""How far up from a cell's least to its best sharpness a frame has its full say, and none."""

SIGMA = 1.5
"""Cells over which sharpness is averaged before it is compared."""

NEIGHBOURS = 21
"""Cells across of the neighbourhood whose depths a cell may take frames from: both sides of an edge, and
thin things whose own depth was lost beside them."""

_NEIGHBOURS, _AROUND = np.ones((NEIGHBOURS, NEIGHBOURS), np.uint8), np.ones((7, 7), np.uint8)
_BESIDE = np.ones((3, 3), np.uint8)

PLAIN = 3.0
"""Frames from its depth at which a plain place no longer hears one: a few are averaged, noise is less."""

PLAIN_OF_NOISE, MOST_PLAIN = 20.0, 9.0
"""Frames more for each grey level by which a plain cell's score scatters from frame to frame; never above."""

STRIP = 64
"""Rows of cells worked on at a time, so that a strip stays in the processor's cache."""

MOST_KEPT = 96 << 20
"""Bytes of says that are kept for the next time they are asked for; more are made again."""

REACH, LEAST_REACH = 0.1, 2.0
"""Frames beyond those depths that may be heard, as a share of all and at least."""


class Sharpness(Scores, Contrasts, Protocol):
    """Both figures of sharpness."""


class Gate:
    """The say of each frame, 0…1, per cell of the index.

    Attributes
    ----------
    noise
        Grey levels by which a plain cell's score scatters from frame to frame; 0 where frames are too few to
        tell.
    movers
        What moves; ``None``: it was not looked for.
    defocus
        How wide frames blur one another; ``None`` as for `movers`.

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
        Brightness of all slots; ``None``: neither spread light nor what moves is looked for.
    moment
        Slot of which what moves is shown; ``None``: the one that shows it best.
    planes
        Those to be sharp; ``None``: all. What clearly lies beside them is taken from the frames that
        are to show it, and no other, however little any of them shows.
    behind
        Finds the depth of what movers hide in some of the slots; ``None``: the depth given is taken for it.
    """

    def __init__(
        self,
        volume: Sharpness,
        slots: NDArray[np.int64],
        depth: DepthMap,
        frames: NDArray[np.int64],
        view: NDArray[np.float64] | None = None,
        light: Light | None = None,
        moment: int | None = None,
        planes: Planes | None = None,
        behind: DepthBehind | None = None,
    ) -> None:
        self._volume, self._view, self._behind = volume, view, behind
        # In a few frames, far apart in focus, hardly a curve bends by noise alone.
        self._sparse = len(frames) < DENSE
        self.noise = 0.0 if self._sparse else depth.noise.scatter
        self._plain = np.float32(min(MOST_PLAIN, PLAIN + PLAIN_OF_NOISE * self.noise))
        self._rank = {slot: rank for rank, slot in enumerate(slots.tolist())}
        wanted = depth.position if planes is None else planes.shown(depth.position)
        position = np.interp(wanted, frames[slots], np.arange(len(slots))).astype(np.float32)
        self._beside: NDArray[np.float32] | None = None
        if planes is not None:
            self._beside = beside_planes(wanted - depth.position)
            give_way(position, self._beside)
        self._depth = self._position = position
        self._doubt = self._plainness = _plainness(depth)
        self._kept: dict[int, NDArray[np.uint8]] = {}
        self._light = light
        self._keeps = light is not None and len(slots) * position.size <= MOST_KEPT
        self.movers = self.defocus = None
        if light is not None:
            self.defocus = defocus_in(light, depth, frames, slots)
            self.movers = movers_of(light, slots, moment, volume.contrast, self.defocus)
        self._survey()
        if self.movers is not None and self.movers.settle(self._nearest, self._depth, self._says()):
            self._kept.clear()
            self._survey()
        hidden = None if self.movers is None else self.movers.hidden
        self._spread = None
        if light is not None:
            self._spread = Spread(volume, light, self._rank, self._says(), hidden, not self._sparse)
        self._keeps = False

    def _survey(self) -> None:
        """Go through all frames for the range of each cell's sharpness, and the frame it surely hears."""
        touched = self._look_behind()
        position = self._position
        shape, count = position.shape, len(self._rank)
        best, least = np.zeros(shape, np.float32), np.full(shape, np.inf, np.float32)
        nearest, usual = Nearest(position), Nearest(self._depth)
        self._hills = Hills(shape, self.noise)
        for slot, rank in self._rank.items():
            sharpness = self._sharpness(slot)
            self._hills.add(rank, sharpness)
            np.maximum(best, sharpness, out=best)
            unseen = sharpness <= 0
            hidden = unseen if unseen.any() else None
            nearest.add(rank, hidden)
            if touched is not None:
                usual.add(rank, hidden)
            if hidden is not None:
                sharpness[hidden] = np.inf
            np.minimum(least, sharpness, out=least)
        self._hills.finish()
        least = np.minimum(least, 0.9 * best)
        self._slope = 1 / (np.maximum(best - least, 1e-6) * np.float32(OPEN - SHUT))
        self._start = np.asarray(-least * self._slope - SHUT / (OPEN - SHUT), np.float32)
        reach = max(LEAST_REACH, REACH * count)
        self._nearest, alone = nearest.rank, None
        if touched is not None and self._light is not None:
            alone = touched & ~same_thing(usual.rank, nearest.rank, best, self._light, self._rank)
            position[alone] = nearest.rank[alone] = usual.rank[alone]
        # Between two frames of a bracket lie depths that have nothing to do with one another.
        around = _AROUND if self._sparse else _NEIGHBOURS
        self._first, self._last = cv2.erode(position, around) - reach, cv2.dilate(position, around) + reach
        if alone is not None:
            self._first[alone] = self._last[alone] = nearest.rank[alone]

    def _look_behind(self) -> NDArray[np.bool_] | None:
        """Take the depth behind what moves from the frames that show it; returns where, if anywhere."""
        self._position, self._doubt = self._depth, self._plainness
        if self.movers is None or self._behind is None or not self.movers.touched.any():
            return None
        hidden, slots = self.movers.hidden, list(self._rank)
        depth = self._behind(lambda rank: hidden(slots[rank]))
        touched = near_hidden(self._depth, self._rank, hidden, LEAST_REACH)
        self._position = np.where(touched, depth.position, self._depth)
        self._doubt = np.where(touched, _plainness(depth), self._plainness)
        return touched

    def _says(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Slot and say of every frame by sharpness and depth alone."""
        return ((slot, self._own(slot)) for slot in self._rank)

    def say(self, slot: int) -> NDArray[np.float32]:
        """`(h, w)` float32, 0…1: how far the frame may take part in each cell."""
        say = self._own(slot)
        self._kept.pop(slot, None)
        if self._spread is not None:
            rows = rows_with(say > 0)
            say[rows] *= self._spread.free(slot, rows)
        return blended_in_view(say, self._view)

    def shown(self, slot: int) -> NDArray[np.float32]:
        """`(h, w)` float32, 0…1: how far a frame shows the scene in each cell, in focus or not.

        Not where something moves before it, where light is spread over it, and where it has no picture.
        """
        shown = (self._sharpness(slot) > 0).astype(np.float32)
        if self._spread is not None:
            shown *= self._spread.free(slot)
        return blended_in_view(np.asarray(cv2.erode(shown, _BESIDE), np.float32), self._view)

    def beside(self) -> NDArray[np.float32] | None:
        """`(h, w)` float32, 0…1: how far a cell is to keep its blur, so that sharpness does not count there.

        ``None``: nowhere.
        """
        return None if self._beside is None else blended_in_view(self._beside, self._view)

    def in_front(self) -> NDArray[np.int16] | None:
        """`(h, w)`: the slot in which a near thing is sharp before a far one that is sharper in another.

        -1 where there is none; ``None``: nowhere.
        """
        if self._light is None or not self._hills.found:
            return None
        slot = slots_in_front(self._hills, list(self._rank), self._light, self.defocus)
        return None if slot is None else in_view(slot, self._view, NONE)

    def held(self) -> NDArray[np.bool_] | None:
        """`(h, w)` cells of the picture that are taken from one frame; ``None``: there are none."""
        if self.movers is None or not self.movers.held.any():
            return None
        held = doubled(self.movers.held, self._position.shape, cv2.INTER_NEAREST)
        return in_view(held > 0, self._view)

    def _own(self, slot: int) -> NDArray[np.float32]:
        """The say by sharpness and depth alone, in the geometry of the index; asked for thrice."""
        kept = self._kept.get(slot)
        if kept is not None:
            return kept * np.float32(1 / 255)
        rank = self._rank[slot]
        sharpness = self._sharpness(slot)
        say = np.empty_like(sharpness)
        for top in range(0, len(say), STRIP):
            rows = slice(top, top + STRIP)
            self._open(rank, rows, sharpness[rows], say[rows])
        if self._hills.found:
            self._hills.open(rank, sharpness, say, self._change(slot))
        if self._beside is not None:
            say += self._beside * (np.clip(1 - np.abs(self._position - np.float32(rank)), 0, 1) - say)
        ours = self._nearest == rank
        np.maximum(say, ours, out=say)
        wide = np.asarray(cv2.dilate(say, np.ones((3, 3), np.uint8)), np.float32)
        wide[(sharpness == 0) & ~ours] = 0
        if self._keeps:
            self._kept[slot] = np.asarray(cv2.convertScaleAbs(wide, alpha=255), np.uint8)
        return wide

    def _open(self, rank: int, rows: slice, sharpness: NDArray[np.float32], say: NDArray[np.float32]) -> None:
        """Write the say of some rows, by how sharp they are and how near to their depth."""
        np.multiply(sharpness, self._slope[rows], out=say)
        say += self._start[rows]
        np.clip(say, 0, 1, out=say)
        say *= (self._first[rows] <= rank) & (self._last[rows] >= rank)
        near = np.abs(self._position[rows] - np.float32(rank))
        np.subtract(self._plain, near, out=near)
        np.clip(near, 0, 1, out=near)
        near -= say
        near *= self._doubt[rows]
        say += near

    def _change(self, slot: int) -> NDArray[np.float32] | None:
        """`(h, w)` grey levels by which a frame differs from the one before or the one behind it."""
        if self._light is None:
            return None
        beside = next_to(list(self._rank), self._rank[slot])
        return self._light.change(slot, beside, self._nearest.shape)

    def _sharpness(self, slot: int) -> NDArray[np.float32]:
        """`(h, w)` float32 grey levels, averaged over the cells that are shown; 0 where one is not."""
        sharpness = averaged(self._volume.contrast(slot), SIGMA)
        hidden = None if self.movers is None else self.movers.hidden(slot)
        if hidden is not None:
            sharpness *= doubled(~hidden, sharpness.shape, cv2.INTER_NEAREST)
        return sharpness


def _plainness(depth: DepthMap) -> NDArray[np.float32]:
    """`(h, w)` float32, 0…1: how far cells have no texture."""
    return np.asarray(cv2.blur((depth.state == State.NO_TEXTURE).astype(np.float32), (3, 3)), np.float32)
