"""What was painted by hand is laid over the merge: along each stroke, the one frame that was asked for.

Strokes lie over one another like paint, the last on top. How much of each frame
that leaves at each pixel is known from the strokes alone, so frames are added as
they come by, in any order, and only their pieces under a stroke are looked at;
what the merge itself shows is then faded by what the frames took of it.

Where a frame shows nothing, since the camera had moved, nothing is painted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postfocus.fuse.merge import TILE
from postfocus.fuse.pieces import Seen, fitted, shown
from postfocus.model.alignment import Alignment, Rect
from postfocus.model.stroke import Stroke

LEAST = 1 / 512
"""Share of a pixel below which paint is not seen."""

SHARPEST = 1.0
"""Pixels over which the edge of the hardest brush fades: less would show steps."""

UNIT = 65535
"""Of the shares as they are kept."""


@dataclass(frozen=True, slots=True)
class Line:
    """A stroke on the picture to be made.

    Attributes
    ----------
    slot
        Of the frame to be taken.
    points
        `(N, 2)` float64: x and y in full-size pixels.
    radius
        Of the brush, full-size pixels.
    softness
        Share of the radius over which it fades.
    """

    slot: int
    points: NDArray[np.float64]
    radius: float
    softness: float

    @property
    def fade(self) -> tuple[float, float]:
        """Distances from the line up to which the frame covers all, and from which nothing."""
        full = min(self.radius * (1 - self.softness), self.radius - SHARPEST / 2)
        return full, max(self.radius, full + SHARPEST)


def lines_of(
    strokes: Sequence[Stroke], slots: Mapping[int, int], alignment: Alignment, reference: int
) -> list[Line]:
    """The strokes in pixels of a picture with the geometry of slot `reference`.

    Parameters
    ----------
    strokes
        In fractions of the picture that `alignment` refers to, as all places of a look are.
    slots
        The slot of each of their frames.
    """
    m = alignment.matrix(reference)
    scale = float(abs(alignment.a[reference]))
    size = (alignment.width, alignment.height)
    lines: list[Line] = []
    for stroke in strokes:
        places = np.array([(point.x, point.y) for point in stroke.points]) * size - 0.5
        if alignment.bend is not None:
            moved = [alignment.bend.at(reference, place[:1], place[1:])[0, 0] for place in places]
            places += np.array([(shift.real, shift.imag) for shift in moved])
        points = places @ m[:, :2].T + m[:, 2]
        radius = stroke.radius * alignment.width * scale
        lines.append(Line(slots[stroke.frame], points, radius, stroke.softness))
    return lines


class Retouch:
    """The paint: which frame takes how much of every pixel, and what the frames gave so far.

    Parameters
    ----------
    lines
        The strokes, in the order in which they were painted.
    alignment
        Its reference gives the picture's geometry.
    """

    def __init__(self, lines: Sequence[Line], alignment: Alignment) -> None:
        self._width, self._height = alignment.width, alignment.height
        self._shares: dict[Rect, dict[int, NDArray[np.uint16]]] = {}
        for piece, touching in self._pieces(lines).items():
            self._shares[piece] = _shares([lines[n] for n in touching], alignment, piece)
        self._taken: dict[Rect, NDArray[np.float32]] = {}
        self._paint: dict[Rect, list[NDArray[np.float32]]] = {}

    def add(self, frame_slot: int, seen: Seen) -> None:
        """Take from a frame what it is to give.

        Parameters
        ----------
        frame_slot
            Of the frame.
        seen
            Gives a piece of it in the picture's geometry, as `Merger.seen` does.
        """
        for piece, shares in self._shares.items():
            share = shares.pop(frame_slot, None)
            if share is None:
                continue
            part = share * np.float32(1 / UNIT)
            planes = seen(piece)
            paint = self._paint.setdefault(piece, [np.zeros_like(plane) for plane in planes])
            for whole, plane in zip(paint, planes, strict=True):
                whole += plane * fitted(part, whole)
            taken = self._taken.setdefault(piece, np.zeros(part.shape, np.float32))
            taken += part

    def lay_over(self, planes: Sequence[NDArray[np.float32]]) -> None:
        """Fade the merged planes where frames were taken, and put these in; changes `planes`."""
        height, width = planes[0].shape[:2]
        for piece, paint in self._paint.items():
            rest = 1 - self._taken[piece]
            for whole, painted in zip(planes, paint, strict=True):
                step = 1 if whole.shape[:2] == (height, width) else 2
                y, x = piece.y // step, piece.x // step
                here = whole[y : y + painted.shape[0], x : x + painted.shape[1]]
                here *= fitted(rest, here)
                here += painted

    def touched(self, pool: int) -> NDArray[np.bool_]:
        """`(h, w)` bool: cells of `pool` full-size pixels that hold any paint, once all frames are added."""
        out = np.zeros((-(-self._height // pool), -(-self._width // pool)), np.bool_)
        for piece, taken in self._taken.items():
            rows, cols = np.nonzero(taken > LEAST)
            out[(rows + piece.y) // pool, (cols + piece.x) // pool] = True
        return out

    def _pieces(self, lines: Sequence[Line]) -> dict[Rect, list[int]]:
        """The blocks of the picture under any stroke, and which strokes may touch each."""
        rows, cols = -(-self._height // TILE), -(-self._width // TILE)
        found: dict[Rect, list[int]] = {}
        for number, line in enumerate(lines):
            under = np.zeros((rows, cols), bool)
            for low, high in zip(*_boxes(line), strict=True):
                x0, y0 = np.maximum(np.floor(low / TILE), 0).astype(int)
                x1, y1 = np.maximum(np.floor(high / TILE) + 1, 0).astype(int)
                under[y0:y1, x0:x1] = True
            for row, col in np.argwhere(under).tolist():
                x, y = col * TILE, row * TILE
                piece = Rect(x, y, min(TILE, self._width - x), min(TILE, self._height - y))
                found.setdefault(piece, []).append(number)
        return found


def coverage(line: Line, piece: Rect) -> NDArray[np.float32]:
    """How far a stroke covers each pixel of a piece.

    Returns
    -------
    `(h, w)` float32: 1 along the line, falling smoothly and steadily to 0 at its radius.
    """
    full, end = line.fade
    x = np.arange(piece.x, piece.x + piece.w, dtype=np.float32)
    y = np.arange(piece.y, piece.y + piece.h, dtype=np.float32)[:, None]
    nearest = np.full((piece.h, piece.w), end * end, np.float32)
    low, high = _boxes(line)
    right, bottom = piece.x + piece.w - 1, piece.y + piece.h - 1
    near = (low <= (right, bottom)).all(axis=1) & (high >= (piece.x, piece.y)).all(axis=1)
    starts, ends = _segments(line)
    for (ax, ay), (bx, by) in zip(starts[near], ends[near], strict=True):
        dx, dy = float(bx - ax), float(by - ay)
        along = (x - np.float32(ax)) * np.float32(dx) + (y - np.float32(ay)) * np.float32(dy)
        along *= np.float32(1 / max(dx * dx + dy * dy, 1e-12))
        np.clip(along, 0, 1, out=along)
        off = np.square(x - np.float32(ax) - along * np.float32(dx))
        off += np.square(y - np.float32(ay) - along * np.float32(dy))
        np.minimum(nearest, off, out=nearest)
        if nearest.max() <= full * full:
            break
    t = np.clip((end - np.sqrt(nearest)) * (1 / (end - full)), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def _shares(lines: Sequence[Line], alignment: Alignment, piece: Rect) -> dict[int, NDArray[np.uint16]]:
    """What each frame has of each pixel of a piece, from the topmost stroke down to where all is covered."""
    left = np.ones((piece.h, piece.w), np.float32)
    shares: dict[int, NDArray[np.float32]] = {}
    for line in reversed(lines):
        part = coverage(line, piece) * shown(alignment, line.slot, piece) * left
        if part.max() > LEAST:
            left -= part
            known = shares.get(line.slot)
            shares[line.slot] = part if known is None else known + part
        if left.max() < LEAST:
            break
    return {slot: np.rint(share * UNIT).astype(np.uint16) for slot, share in shares.items()}


def _segments(line: Line) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """First and last points of the straight parts of a line; a dab is one of no length."""
    if len(line.points) == 1:
        return line.points, line.points
    return line.points[:-1], line.points[1:]


def _boxes(line: Line) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least and greatest x and y that each straight part covers."""
    starts, ends = _segments(line)
    reach = line.fade[1]
    return np.minimum(starts, ends) - reach, np.maximum(starts, ends) + reach
