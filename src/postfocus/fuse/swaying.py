"""What sways while the lens sweeps: flowers and leaves in the wind, water, a flame.

Such a thing never leaves, and from frame to frame it moves no farther than blur
spreads light, so that nothing foreign is seen in any frame. But merged from a few
of them it is doubled and torn. In a dense sweep, frames close to one another differ
little in blur: where two of them that are both in focus contradict one another
nevertheless, something sways. Then, of the frames in which it is sharp, only one is
heard in all its path. What is slanted, like a meadow, is cut in bands of its depth,
each from a moment of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.strange import APART, CERTAIN, FEW, LIKELY, Bytes, around, disc, out_of_range, with_core

COMPARED = 30
"""Frames that are compared, evenly spaced over the sweep; up to twice as many."""

GAP = 1 / 10
"""Share of the sweep by which two of them are apart, and within which they lie from the depth of a place."""

BLUR = 1
"""Coarse cells by which blur may carry light from one to the other, at least."""

IN_FOCUS, AROUND = 0.75, 9
"""Share of its best sharpness, averaged over so many coarse cells across, that a place has in frames both of
which are in focus. Where steps of focus are large, no two are, and nothing is told."""

MOSTLY = 0.6
"""Share of what two frames both show sharply enough to be merged in which both must be in focus. Else steps
of focus are large, and only lamps seem to be in focus in both: their contrast stays as they spread."""

WIDER = 7
"""Coarse cells by which the path of a thing is wider than what contradicts there."""

BAND = 1 / 10
"""Share of the sweep up to which, from the depth of a moment, a thing is sharp in it; in frames of twice that
distance it is sharp enough to be seen double."""

MOST = 12
"""Bands of one region, at most."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the frames that are compared.

    Attributes
    ----------
    rank
        Its number among the frames to be merged.
    place
        Where it lies on the line of blur, coarse cells (`postfocus.model.defocus`).
    level
        `(h, w)` uint8 grey levels; 0 where it shows nothing, or something that is not heard anyway.
    heard
        `(h, w)` bool: coarse cells in which it is sharp enough to be merged.
    """

    rank: int
    place: float
    level: Bytes
    heard: Mask


@dataclass(frozen=True, slots=True)
class Band:
    """A thing that sways, or a part of it at one depth.

    Attributes
    ----------
    box
        Rows and columns of the coarse cells that are told of: there may be hundreds of small things.
    path
        `(h, w)` bool, those of them that it passes.
    held
        Those of its path at its depth: only `rank` is heard there.
    rank
        Of the frame from which it is taken.
    first, last
        Ranks of the frames that are not heard in all its path, but for `rank`.
    """

    box: tuple[slice, slice]
    path: Mask
    held: Mask
    rank: int
    first: int
    last: int

    def bars(self, rank: int) -> bool:
        """Whether a frame is not heard in the path."""
        return rank != self.rank and self.first <= rank <= self.last


def step_of(count: int) -> int:
    """Every how many-th frame of a sweep is compared."""
    return max(1, count // COMPARED)


def swaying(
    frames: Sequence[Compared],
    sharpness: Callable[[int], NDArray[np.float32]],
    near: NDArray[np.float32],
    depth: NDArray[np.float32],
    count: int,
) -> list[Band]:
    """Find what sways.

    Parameters
    ----------
    frames
        Every `step_of`-th of those to be merged, in order.
    sharpness
        `(h, w)` float32 sharpness of the frame of a rank.
    near
        `(h, w)` float32 rank of the frame that each coarse cell is surely taken from.
    depth
        `(h, w)` float32 rank at which each is sharpest, whatever moves there.
    count
        Frames to be merged.
    """
    ours = [frame.heard for frame in frames]
    worst = _contradictions(frames, ours, near, count)
    core = with_core(worst, LIKELY, CERTAIN)
    if core is None:
        return []
    focused = [own & mask for own, mask in zip(ours, _focused(frames, sharpness), strict=True)]
    if _shared(frames, focused, near, count) < MOSTLY * _shared(frames, ours, near, count):
        return []
    sure = with_core(_contradictions(frames, focused, near, count), LIKELY, CERTAIN)
    return [] if sure is None else list(_bands(worst >= LIKELY, core, sure, near, depth, count))


def _contradictions(
    frames: Sequence[Compared], ours: Sequence[Mask], near: NDArray[np.float32], count: int
) -> Bytes:
    """Grey levels by which close frames differ more than blur can explain, where both are `ours`."""
    worst = np.zeros(near.shape, np.uint8)
    for one, other, both in _pairs(frames, ours, near, count):
        both &= cv2.min(one.level, other.level) > 0
        if both.any():
            # To the nearest: what sways does so by little.
            reach = max(BLUR, round(abs(one.place - other.place)))
            np.maximum(worst, out_of_range(one.level, other.level, reach) * both, out=worst)
    return worst


def _shared(frames: Sequence[Compared], ours: Sequence[Mask], near: NDArray[np.float32], count: int) -> int:
    """Cells in which close frames are both `ours`, all pairs together."""
    return sum(int(np.count_nonzero(both)) for _, _, both in _pairs(frames, ours, near, count))


def _pairs(
    frames: Sequence[Compared], ours: Sequence[Mask], near: NDArray[np.float32], count: int
) -> Iterator[tuple[Compared, Compared, Mask]]:
    """Frames close to one another, and where both are `ours`, near the depth of a place."""
    gap = max(1, round(GAP * len(frames)))
    for number in range(len(frames) - gap):
        one, other = frames[number], frames[number + gap]
        middle, reach = (one.rank + other.rank) / 2, GAP * count - (other.rank - one.rank) / 2
        close = np.abs(near - np.float32(middle)) <= np.float32(reach)
        yield one, other, close & ours[number] & ours[number + gap]


def _focused(frames: Sequence[Compared], sharpness: Callable[[int], NDArray[np.float32]]) -> Iterator[Mask]:
    """For each frame, where all that lies around a coarse cell is in focus."""
    means = [cv2.blur(sharpness(frame.rank), (AROUND, AROUND)) for frame in frames]
    least = np.float32(IN_FOCUS) * reduce(np.maximum, means)
    return (mean >= least for mean in means)


def _bands(
    likely: Mask, core: Bytes, sure: Bytes, near: NDArray[np.float32], depth: NDArray[np.float32], count: int
) -> Iterator[Band]:
    """What sways, by the cells where frames are likely to contradict one another, do so, and surely do so."""
    wide = np.asarray(cv2.dilate(core, disc(APART)), np.uint8)
    regions, found, stats, _ = cv2.connectedComponentsWithStats(wide, connectivity=8)
    labels, boxes = np.asarray(found, np.int32), [_box(row) for row in np.asarray(stats, np.int32).tolist()]
    left = (np.bincount(labels[sure > 0], minlength=regions) >= FEW)[labels] & likely
    rank = np.clip(np.rint(near), 0, count - 1).astype(np.int32)
    width = max(1, round(BAND * count))
    for _ in range(MOST):
        cells = np.bincount(labels[left].astype(np.int64) * count + rank[left], minlength=regions * count)
        cells = cells.reshape(regions, count)
        window = (2 * width + 1, 1)
        close = cv2.blur(cells.astype(np.float32), window, borderType=cv2.BORDER_CONSTANT)
        for label in np.flatnonzero(cells.sum(axis=1) >= FEW).tolist():
            best, box = int(np.asarray(close[label]).argmax()), boxes[label]
            there, ranks = labels[box] == label, rank[box]
            own = left[box] & there & (np.abs(ranks - best) <= width)
            path = (around(own, WIDER) > 0) & there
            at_depth = path & (np.abs(depth[box] - np.float32(best)) <= 2 * width)
            yield Band(box, path, at_depth, best, best - 2 * width, best + 2 * width)
            left[box] &= ~(own | path & (np.abs(ranks - best) <= 2 * width))


def _box(stats: list[int]) -> tuple[slice, slice]:
    """Rows and columns of a region, and a cell more all round for what `around` takes off."""
    left, top, width, height, _ = stats
    more = APART - WIDER
    return (
        slice(max(0, top - more), top + height + more),
        slice(max(0, left - more), left + width + more),
    )
