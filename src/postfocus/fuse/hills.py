"""Places that come into focus more than once: a near thing before a far one.

A cell at the rim of a near thing, or behind a thin one, is sharp when the near
thing is in focus and again when the far one is. Its curve of sharpness has two
hills or more. A lamp far away may score ten times as much as the bar that stands
before it; held against its highest hill alone, the bar would never be asked, and
the lamp would be merged right through it. So each frame is held against the hill
it belongs to.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.light import Light
from postfocus.model.defocus import Defocus

RISE = 1.3
"""How many times as sharp as in the valley between them both hills must be."""

LEAST = 0.7
"""Grey levels that they must be sharper besides, at least: noise makes valleys too."""

SWING = 14.0
"""The same in standard deviations by which a plain cell of the depth map scatters; its window is wider."""

MOST = 4
"""Hills told apart; what comes after belongs to the last."""

OPEN, SHUT = 0.9, 0.7
"""How far up from the valleys to the top of its hill a frame has its full say, and none."""

STEADY, STIRRED = 6.0, 12.0
"""Grey levels of change from frame to frame up to which a hill counts, and from which it does not.

Focus changes brightness little by little; what passes by changes it at once, and is sharp there, too."""

PASSING = 6.0
"""Grey levels by which the brightness round a place changes from frame to frame where something passes."""

CLEAR = 2.5
"""Grey levels that a hill must rise for what lies before others to be told by it."""

NONE = -1
"""Stands for no frame."""


class Hills:
    """The hills of every cell's curve, found while frames go by in order.

    Parameters
    ----------
    shape
        Rows and columns of cells.
    noise
        Grey levels by which a plain cell's score scatters from frame to frame.
    """

    def __init__(self, shape: tuple[int, int], noise: float = 0.0) -> None:
        self._least = np.float32(max(LEAST, SWING * noise))
        size = shape[0] * shape[1]
        self._top, self._low = np.zeros(size, np.float32), np.zeros(size, np.float32)
        self._at, self._found = np.zeros(size, np.int16), np.zeros(size, np.int8)
        self._ends = np.full((MOST - 1, size), np.iinfo(np.int16).max, np.int16)
        self._tops = np.zeros((MOST, size), np.float32)
        self._foot = np.full(size, np.inf, np.float32)
        self._cells, self._shape = np.zeros(0, np.int64), shape
        self._first = np.zeros(0, np.int16)

    def add(self, rank: int, sharpness: NDArray[np.float32]) -> None:
        """Add the next frame: its rank, and `(h, w)` float32 grey levels; 0 where it shows nothing."""
        value = sharpness.ravel()
        hidden = value <= 0
        if hidden.any():
            value = np.where(hidden, self._low, value)
        risen = self._low * np.float32(RISE)
        risen += self._least
        both = (value > risen) & (self._top > risen)
        if both.any():
            again = np.flatnonzero(both)
            again = again[self._found[again] < MOST - 1]
            self._end_hill(again)
        lower = (value > self._top) | (value < self._low)
        np.maximum(self._top, value, out=self._top)
        cv2.copyTo(value, lower.view(np.uint8), self._low)
        self._at += lower * (np.int16(rank) - self._at)

    def _end_hill(self, cells: NDArray[np.int64]) -> None:
        """The hill of these cells ended in the valley behind them; a new one has begun."""
        number = self._found[cells]
        self._ends[number, cells] = self._at[cells]
        self._tops[number, cells] = self._top[cells]
        self._foot[cells] = np.minimum(self._foot[cells], self._low[cells])
        self._found[cells] += 1
        self._top[cells] = 0

    def finish(self) -> None:
        """All frames have gone by; only cells with two hills or more are kept."""
        cells = np.flatnonzero(self._found)
        self._tops[self._found[cells], cells] = self._top[cells]
        self._ends, self._tops, self._foot = self._ends[:, cells], self._tops[:, cells], self._foot[cells]
        self._cells, self._first = cells, np.full(len(cells), NONE, np.int16)
        self._top = self._low = np.zeros(0, np.float32)
        self._at, self._found = np.zeros(0, np.int16), np.zeros(0, np.int8)

    @property
    def found(self) -> bool:
        """Whether any cell has two hills or more, once all frames have gone by."""
        return len(self._cells) > 0

    def open(
        self,
        rank: int,
        sharpness: NDArray[np.float32],
        say: NDArray[np.float32],
        change: NDArray[np.float32] | None = None,
    ) -> None:
        """Raise `say`, `(h, w)` float32 0…1, in place where a frame is at the top of a hill of its own.

        `change` is `(h, w)` grey levels by which brightness differs from the frames before and behind;
        ``None``: it does not.
        """
        hill = (self._ends < rank).sum(axis=0)
        top = np.take_along_axis(self._tops, hill[None], 0)[0]
        up = sharpness.ravel()[self._cells] - self._foot
        up /= np.maximum(top - self._foot, np.float32(1e-6))
        own = np.clip((up - SHUT) * np.float32(1 / (OPEN - SHUT)), 0, 1)
        if change is not None:
            steady = (STIRRED - change.ravel()[self._cells]) * np.float32(1 / (STIRRED - STEADY))
            own *= np.clip(steady, 0, 1)
        self._first[(hill == 0) & (up >= 1)] = rank
        flat = say.ravel()
        flat[self._cells] = np.maximum(flat[self._cells], own)

    def in_front(self) -> NDArray[np.int16]:
        """Once all were `open`ed: the rank at the top of each cell's first hill, if a later one is higher.

        `(h, w)`; `NONE` elsewhere.
        """
        out = np.full(self._shape, NONE, np.int16)
        behind = (self._tops.argmax(axis=0) > 0) & (self._tops[0] - self._foot > CLEAR)
        out.ravel()[self._cells[behind]] = self._first[behind]
        return out


def next_to(slots: Sequence[int], rank: int) -> list[int]:
    """The slots before and behind the one of a rank."""
    return [slots[n] for n in (rank - 1, rank + 1) if 0 <= n < len(slots)]


def slots_in_front(
    hills: Hills, slots: Sequence[int], light: Light, defocus: Defocus | None
) -> NDArray[np.int16] | None:
    """Where a near thing is sharp before a far one that is sharper still, and in which slot.

    Parameters
    ----------
    hills
        Of all of `slots`, in this order, every one `open`ed.
    light, defocus
        Brightness of all slots, and how wide they blur one another; ``None``: not known.

    Returns
    -------
    `(h, w)`, `NONE` where there is none; ``None``: nowhere. What passes by is left out: it is sharp before
    the scene, too, but gone in the frames before and behind, while blur only spreads light.
    """
    slot = np.array([*slots, NONE], np.int16)[hills.in_front()]
    place = np.zeros(max(slots) + 1) if defocus is None else defocus.place
    for rank, one in enumerate(slots):
        here = slot == one
        if here.any():
            beside = next_to(slots, rank)
            blur = max(1.0, *(abs(float(place[one] - place[other])) for other in beside))
            slot[here & (light.change(one, beside, slot.shape, blur) > PASSING)] = NONE
    return None if (slot == NONE).all() else slot
