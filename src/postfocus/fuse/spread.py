"""Which frames show a light spread over the darker things beside it.

A lamp, a glint or any bright clipped spot grows with every frame away from its
focus, and the rim of its disc has more contrast than what truly lies there: by
contrast alone it would be merged with rings, and twice its size. But light that
spreads makes its surroundings brighter. Of the frames in which a neighbourhood is
sharp, highlights above all, the darkest one shows it unspoilt; frames brighter
than that one have no say there. Where nothing spreads, all frames are
equally bright and nothing changes. What is bright itself, or shone through
from behind, becomes darker out of focus instead; so light is held to be spread
only where something brighter lies near that has lost light in that frame, or is
clipped; or where a frame shows far less.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import doubled, shrink
from postfocus.light import Light
from postfocus.model.depth import Cells, Hidden

SIGMA = 1.25
"""Standard deviation, coarse cells, of the neighbourhood whose sharpness is compared."""

SHARP = 0.5
"""Share of its best score from which a neighbourhood counts as sharp."""

HEARD = 0.5
"""Say from which a frame may set the brightness of a cell."""

SAME, SPREAD = 2.0, 6.0
"""Grey levels above the darkest frame up to which a frame keeps its say, and from which it has none."""

REACH = 8
"""Coarse cells within which light is sought that may have spread."""

ALIKE, EVEN = 6.0, 8.0
"""Grey levels that it must be brighter than the place to tell anything; and how many more, at least, to tell
all. Beside an edge, light is no more than half as bright as what it spread from."""

LOST = 1.0, 5.0
"""Grey levels below its brightest frame from which a thing may have spread light, and from which it surely
has: what is spread over one place is gone at another."""

LITTLE, MUCH = 30.0, 50.0
"""Grey levels above the darkest frame from which light counts as spread by itself, and from which all of it
does: no thing that is itself in focus darkens by so much as long as anything is sharp there."""

CLIPPED, DARK = 245.0, 100.0
"""Grey levels from which light may be of any strength, and those around it, in the mean of the darkest
frames, below which it is a lamp and no sky: out of focus it may be as bright as in it, and larger."""

FREE = 0.3
"""Share of the cells round it in which a frame is free, up to which it is not heard in a cell."""

AROUND = 4
"""Rows of cells on each side on which it depends where a frame is free: 5 x 5 cells are looked at twice."""

UNKNOWN = np.float32(1e6)
"""Grey levels that stand for a brightness no frame can tell: far above any."""


def _ramp(low: float, high: float) -> NDArray[np.uint8]:
    """By codes 0…255: 0 up to `low`, 255 from `high`."""
    return np.clip((np.arange(256) - low) * 255 / (high - low), 0, 255).round().astype(np.uint8)


_SQUARE = np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)
_GONE, _MOST, _FREE = _ramp(*LOST), _ramp(LITTLE, MUCH), _ramp(255 * FREE, 255)
_WHOLE = (np.arange(256) == 255).astype(np.uint8)


class Scores(Cells, Protocol):
    """Sharpness in which highlights count more than in proportion."""

    def frame(self, slot: int) -> NDArray[np.float32]:
        """`(height, width)` float32 grey levels of one frame; 0 where it does not show a cell."""
        ...


class Spread:
    """How far each frame is free of light that belongs elsewhere.

    Parameters
    ----------
    scores
        Sharpness of all slots in the reference's geometry.
    light
        Their brightness.
    slots
        Every frame that takes part.
    says
        Slot and `(h, w)` say, 0…1, of each of them, on the cells of the scores.
    hidden
        Where something moves in front of all that, by slot: its sharpness does not count.
    smooth
        Whether what single cells decide gives way to what those round them do: of a dense sweep, where frames
        differ little.
    """

    def __init__(
        self,
        scores: Scores,
        light: Light,
        slots: Iterable[int],
        says: Iterable[tuple[int, NDArray[np.float32]]],
        hidden: Hidden | None = None,
        smooth: bool = False,
    ) -> None:
        self._smooth = smooth
        self._light, self._shape = light, (scores.height, scores.width)
        best = np.zeros((scores.height // 2, scores.width // 2), np.float32)
        brightest = np.zeros((light.maps.height, light.maps.width), np.float32)
        for slot in slots:
            np.maximum(brightest, light.of(slot), out=brightest)
            around = _around(scores.frame(slot))
            before = None if hidden is None else hidden(slot)
            if before is not None:
                around *= ~before
            np.maximum(best, around, out=best)
        best *= np.float32(SHARP)
        self._darkest = np.full(self._shape, UNKNOWN, np.float32)
        for slot, say in says:
            heard = say >= HEARD
            rows = rows_with(heard)
            if rows.start >= rows.stop:
                continue
            sharp = doubled(_around(scores.frame(slot)) >= best, self._shape, cv2.INTER_NEAREST)[rows]
            sharp &= heard[rows]
            here = self._here(light.of(slot), rows)
            here += UNKNOWN * ((sharp == 0) | (here <= 0))
            darkest = self._darkest[rows]
            np.minimum(darkest, here, out=darkest)
        around = cv2.blur(shrink(np.clip(self._darkest, 0, 255), 2), _SQUARE.shape)
        lamps = (cv2.dilate(brightest, _SQUARE) >= CLIPPED) & (around < DARK)
        self._brightest, self._lamps = cv2.convertScaleAbs(brightest), lamps * np.float32(255)
        self._clipped = (self._brightest >= CLIPPED) * np.uint8(255)

    def free(self, slot: int, rows: slice | None = None) -> NDArray[np.float32]:
        """`(h, w)` float32, 0…1, on the cells of the scores: 1 where nothing is spread over the frame.

        Wherever no frame can tell, every frame is free; elsewhere at least one that has a say is. Of `rows`
        alone, where they are given: a slice from and up to whole numbers.
        """
        whole = slice(0, self._shape[0])
        rows = whole if rows is None else rows
        if rows.start >= rows.stop:
            return np.ones((0, self._shape[1]), np.float32)
        wide = _widened(rows, whole.stop)
        free = self._free(self._light.of(slot), wide)
        return free[rows.start - wide.start : rows.stop - wide.start] * np.float32(1 / 255)

    def _free(self, light: NDArray[np.float32], rows: slice) -> NDArray[np.uint8]:
        """The same of some rows, 0…255; a few at their ends, unless they are the picture's, are not right."""
        here = self._here(light, rows)
        above = here - self._darkest[rows]
        np.clip(above, 0, 255, out=above)
        scale = 255 / (SPREAD - SAME)
        spread = cv2.convertScaleAbs(np.clip(above, SAME, SPREAD), alpha=scale, beta=-SAME * scale)
        lit = self._enlarged(self._source(light) - np.float32(ALIKE), rows)
        lit -= here
        most = cv2.dilate(cv2.convertScaleAbs(above), np.ones((5, 5), np.uint8))
        above *= np.float32(0.5)
        lit /= np.clip(above, EVEN, 255, out=above)
        lit = cv2.max(cv2.convertScaleAbs(np.clip(lit, 0, 1, out=lit), alpha=255), cv2.LUT(most, _MOST))
        free = np.asarray(cv2.bitwise_not(cv2.multiply(lit, spread, scale=1 / 255)), np.uint8)
        return _smoothed(free) if self._smooth else free

    def _source(self, light: NDArray[np.float32]) -> NDArray[np.float32]:
        """The brightest thing near each coarse cell that may have spread light over a frame, grey levels."""
        lost = cv2.subtract(self._brightest, cv2.convertScaleAbs(light))
        gone = cv2.max(cv2.LUT(lost, _GONE), self._clipped)
        source = cv2.dilate(cv2.multiply(gone, self._brightest, scale=1 / 255), _SQUARE).astype(np.float32)
        source += self._lamps * (source >= CLIPPED)
        return source

    def _here(self, light: NDArray[np.float32], rows: slice) -> NDArray[np.float32]:
        """Grey levels of a frame's `light` on some rows of cells of the scores; 0 where that is unsure."""
        here = self._enlarged(light, rows)
        hidden = light == 0
        if hidden.any():
            around = cv2.dilate(hidden.astype(np.uint8), np.ones((3, 3), np.uint8))
            here[doubled(around, self._shape, cv2.INTER_NEAREST)[rows] > 0] = 0
        return here

    def _enlarged(self, light: NDArray[np.float32], rows: slice) -> NDArray[np.float32]:
        """Some rows of cells of the scores from coarse ones, by straight lines."""
        wide = slice(max(0, rows.start // 2 - 1), (rows.stop + 1) // 2 + 1)
        part, start = light[wide], 2 * wide.start
        end = self._shape[0] if wide.stop >= len(light) else 2 * wide.stop
        tall = doubled(part, (end - start, self._shape[1]), cv2.INTER_LINEAR)
        return np.asarray(tall[rows.start - start : rows.stop - start], np.float32)


def rows_with(cells: NDArray[np.bool_]) -> slice:
    """From the first to the last row of `(h, w)` cells of which one is true; empty: there is none."""
    rows = np.flatnonzero(cells.any(axis=1))
    return slice(int(rows[0]), int(rows[-1]) + 1) if len(rows) else slice(0, 0)


def _widened(rows: slice, count: int) -> slice:
    """With those on each side, of `count`, on which they depend."""
    return slice(max(0, rows.start - AROUND), min(count, rows.stop + AROUND))


def _smoothed(free: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`(h, w)` 0…255, with crumbs and steps of single cells removed; never 0 where it was 255."""
    around = cv2.LUT(cv2.GaussianBlur(free, (5, 5), 1.0), _FREE)
    return np.asarray(cv2.max(around, cv2.LUT(free, _WHOLE)), np.uint8)


def _around(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean score of the neighbourhood of each coarse cell."""
    return np.asarray(cv2.GaussianBlur(shrink(scores, 2), (0, 0), SIGMA), np.float32)
