"""Few frames are merged: who shows a place is settled over the whole picture before a pixel is mixed.

Frames of a short bracket lie far apart in focus. A place that is plain in one
is plain in most, and grain would decide there pixel by pixel; where two frames
differ in brightness by a hair, that choice shows as mottle. And where one
frame gives way to the next the two differ so much that a hard seam is seen. So
the frames are read twice: once for their shares, which are then evened out
where the picture is plain and made to follow its edges (the guided filter: He,
Sun, Tang, 2013), and once for their pixels. A dense sweep needs neither: its
neighbours differ little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import filled_up, shrink
from postfocus.fuse.gate import Gate
from postfocus.fuse.layout import Layout, black_code
from postfocus.fuse.merge import TILE, Merger
from postfocus.fuse.noise import box_mean
from postfocus.fuse.pieces import blockwise_max, doubled, halved, on_half, slices, warp
from postfocus.fuse.weigh import BLOCK, counted, parted, power20
from postfocus.model.alignment import Alignment, Rect
from postfocus.model.frame import Frame
from postfocus.model.tone import Tone

FEW_FLOOR = 11.5
"""Grey levels added to every score. How much of it is noise few frames cannot tell."""

PLAIN = 8.5
"""Grey levels of score above the floor from which a place decides for itself."""

FROM, TO = parted(np.array([FEW_FLOOR, FEW_FLOOR + PLAIN], np.float32), 8).tolist()
"""The same as scores are held against one another, and such a score of nothing."""

AROUND = 8.0
"""Half-size pixels, the standard deviation of the neighbourhood that decides where a place is plain."""

SURE = 0.02
"""Weight there of a place whose frames score alike."""

STEP = 4
"""Half-size pixels of a cell on which that neighbourhood is averaged."""

EDGE = 2.55
"""Grey levels of contrast from which a seam follows the picture's edge."""

STRIP = 128
"""Half-size rows worked on at a time."""

REACH = 2
"""Half-size pixels on each side that the guided filter depends on."""

LEAST = 1e-3
"""Share below which a frame is left out."""

KEPT = 0.02
"""Part of the weight by a place's own scores that a frame keeps, so that no place is left without one."""


class FewMerger(Merger):
    """Merges few frames in two rounds: `weigh` each, `settle`, then `add` each, once.

    Parameters
    ----------
    slots
        Those to be merged.
    alignment, gate, layout, pool, tones
        See `Merger`.
    """

    def __init__(
        self, slots: Sequence[int], alignment: Alignment, gate: Gate, layout: Layout, pool: int,
        tones: Mapping[int, Tone] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(alignment, gate, layout, pool, FEW_FLOOR, tones)
        half = self._best.shape
        # Scores at first, to the power that the merge weighs them by; shares when they are settled.
        self._shares = {slot: np.zeros(half, np.float16) for slot in slots}
        blocks = (-(-2 * half[0] // BLOCK), -(-2 * half[1] // BLOCK))
        self._keen = {slot: np.zeros(blocks, np.bool_) for slot in slots}
        self._shown: dict[int, NDArray[np.float32]] = {}
        self._guide = np.zeros(half, np.float32)

    def weigh(self, frame: Frame, slot: int) -> None:
        """Learn how well a frame shows each place."""
        say = self._gate.say(slot)
        self._shown[slot] = self._gate.shown(slot)
        unit = np.float32(2.0 ** (8 - frame.coding.bits))
        for piece in self._pieces(self._awake(say)):
            small = halved(piece)
            score, here, keen = self._weighed(frame, slot, say, piece)
            heard = np.power(np.clip(here, 0, 1), np.float32(1 / 20))
            self._shares[slot][slices(small)] = counted(score, here) * unit * heard
            self._keen[slot][_blocks(piece)] = keen
            guide = self._guide[slices(small)]
            guide += (self._luma(frame, slot, piece) * unit - guide) * self._share(score, here, small)

    def settle(self) -> None:
        """Turn what was learned into shares."""
        nearby = self._nearby()
        rows, cols = self._guide.shape
        above = {slot: own[:0] for slot, own in self._shares.items()}
        for top in range(0, rows, STRIP):
            first, bottom = max(0, top - REACH), min(top + STRIP, rows)
            last = min(rows, bottom + REACH)
            strip = {slot: np.vstack([above[slot], own[top:last]]) for slot, own in self._shares.items()}
            above = {slot: own[bottom - REACH : bottom].copy() for slot, own in self._shares.items()}
            best = _best(list(strip.values()))
            plain, fit = _plainness(best), Fit(self._guide[first:last])
            here = Rect(0, first, cols, last - first)
            for slot, weight in zip(strip, _weights(list(strip.values()), best), strict=True):
                evened = on_half(nearby[slot], 2 * STEP, doubled(here)) - weight
                share = np.asarray(weight + plain * evened * (strip[slot] > 0), np.float32)
                shown = on_half(self._shown[slot], self._pool, doubled(here))
                share += shown * (fit.of(share) - share)
                share = np.maximum(share * (share >= LEAST), np.float32(KEPT) * weight)
                self._shares[slot][top:bottom] = share[top - first : bottom - first]
        self._sum[:] = 0

    def add(self, frame: Frame, slot: int) -> float:
        """Add a frame by its share; returns how much of the picture had to be looked at."""
        own = self._shares.pop(slot)
        self._sum += own
        rows, cols = self._layout.shapes[0][:2]
        some = np.asarray(cv2.dilate((own > 0).astype(np.float32), np.ones((3, 3), np.uint8)), np.float32)
        awake = blockwise_max(some, TILE // 2, -(-rows // TILE), -(-cols // TILE)) > 0
        for piece in self._pieces(awake):
            small = halved(piece)
            share, total = own[slices(small)].astype(np.float32), self._sum[slices(small)]
            full = _enlarged(own, piece) / np.clip(_enlarged(self._sum, piece), 1e-6, np.inf)
            half = np.asarray(share / np.clip(total, 1e-6, np.inf), np.float32)
            self._mix(frame, slot, piece, half, full, piece, self._keen[slot][_blocks(piece)])
        return float(awake.mean())

    def _luma(self, frame: Frame, slot: int, piece: Rect) -> NDArray[np.float32]:
        """Half-size brightness of a piece in the picture's geometry and exposure, codes."""
        box = self._source_box(slot, piece)
        luma = filled_up(frame.luma[box.y : box.y + box.h, box.x : box.x + box.w].astype(np.float32), 2)
        size = (luma.shape[1] // 2, luma.shape[0] // 2)
        half, bend = cv2.resize(luma, size, interpolation=cv2.INTER_AREA), self._bend(slot, halved(piece), 2)
        seen = warp(half, self._matrix(slot, 2), halved(box), halved(piece), cv2.INTER_LINEAR, bend)
        black = black_code(self._layout.coding, 0)
        seen = np.asarray((seen - black) * np.float32(1 / self._alignment.gain[slot]) + black, np.float32)
        tone = self._tones.get(slot)
        return seen if tone is None else tone.of(seen)

    def _nearby(self) -> dict[int, NDArray[np.float32]]:
        """The share of each slot in the neighbourhood, by those places there whose frames differ most.

        On cells of `STEP` half-size pixels.
        """
        rows, cols = self._guide.shape
        shape = (-(-rows // STEP), -(-cols // STEP))
        maps = {slot: np.zeros(shape, np.float32) for slot in self._shares}
        for top in range(0, rows, STRIP):
            scores = [own[top : top + STRIP] for own in self._shares.values()]
            best = _best(scores)
            least = np.maximum(np.min(scores, axis=0), FROM)
            sure = np.clip(best - least, 0, np.inf) + np.float32(SURE)
            for slot, weight in zip(maps, _weights(scores, best), strict=True):
                small = shrink(filled_up(weight * sure, STEP), STEP)
                maps[slot][top // STEP : top // STEP + len(small)] = small
        for values in maps.values():
            values[:] = cv2.GaussianBlur(values, (0, 0), AROUND / STEP)
        total = np.sum(list(maps.values()), axis=0)
        return {slot: values / total for slot, values in maps.items()}


class Fit:
    """Lines fitted to a guide in windows of 3 x 3: what follows it keeps its edges, the rest is averaged."""

    def __init__(self, guide: NDArray[np.float32]) -> None:
        self._guide, self._mean = guide, box_mean(guide, 1)
        spread = box_mean(guide * guide, 1) - self._mean * self._mean
        self._scale = 1 / (np.clip(spread, 0, np.inf) + np.float32(EDGE * EDGE))

    def of(self, share: NDArray[np.float32]) -> NDArray[np.float32]:
        """Shares of 0…1 along those lines."""
        mean = box_mean(share, 1)
        slope = np.asarray((box_mean(self._guide * share, 1) - self._mean * mean) * self._scale, np.float32)
        level = np.asarray(mean - slope * self._mean, np.float32)
        return np.asarray(np.clip(box_mean(slope, 1) * self._guide + box_mean(level, 1), 0, 1), np.float32)


def _plainness(best: NDArray[np.float32]) -> NDArray[np.float32]:
    """`(h, w)` 0…1: how little the best score of a place is above the floor."""
    return np.asarray(np.clip((TO - best) / (TO - FROM), 0, 1), np.float32)


def _best(scores: Sequence[NDArray[np.float16]]) -> NDArray[np.float32]:
    """The greatest score of each place; never 0."""
    return np.asarray(np.clip(np.max(scores, axis=0).astype(np.float32), 1e-3, np.inf), np.float32)


def _weights(scores: Sequence[NDArray[np.float16]], best: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The share of each frame by its scores alone."""
    weights = [power20(score / best) for score in scores]
    total = np.clip(np.sum(weights, axis=0), 1e-6, np.inf)
    return [np.asarray(weight / total, np.float32) for weight in weights]


def _blocks(piece: Rect) -> tuple[slice, slice]:
    """The blocks of a piece among all."""
    bottom, right = -(-(piece.y + piece.h) // BLOCK), -(-(piece.x + piece.w) // BLOCK)
    return slice(piece.y // BLOCK, bottom), slice(piece.x // BLOCK, right)


def _enlarged(values: NDArray[np.floating[Any]], piece: Rect) -> NDArray[np.float32]:
    """Half-size values on a piece of the full grid, by straight lines between; the border continues."""
    small = halved(piece)
    top, left = max(0, small.y - 1), max(0, small.x - 1)
    part = values[top : small.y + small.h + 1, left : small.x + small.w + 1].astype(np.float32)
    size = (2 * part.shape[1], 2 * part.shape[0])
    double = cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)
    y, x = piece.y - 2 * top, piece.x - 2 * left
    return np.asarray(double[y : y + piece.h, x : x + piece.w], np.float32)
