"""Find the focus sweep among the frames of a recording.

A recording may begin and end with the lens at rest, hold frames that shake
blurred from edge to edge, repeat frames, or run through the scene twice. Two
frames are alike when the same places are sharp in both; how unlike they are,
pair by pair, shows all of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from postfocus.focus.measure import shrink
from postfocus.model.depth import Volume
from postfocus.model.sweep import Sweep

BLOCK = 8
"""Cells of each side of a block of which sharpness is compared."""

MOST_BLOCKS = 2048
REST = 3
"""Frames at rest that are worth leaving out."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How frames differ in what is sharp.

    Attributes
    ----------
    energy
        `(N, B)` float32: natural logarithm of the sharpness of each block.
    distance
        `(N, N)` float32: root mean square difference of two rows of `energy`, their means removed.
    """

    energy: NDArray[np.float32]
    distance: NDArray[np.float32]


def compare_frames(volume: Volume) -> Likeness:
    """Compare every frame with every other by what is sharp in it."""
    rows = []
    for slot in range(volume.count):
        energy = volume.frame(slot)
        block = min(BLOCK, 2 ** int(np.log2(max(1, min(energy.shape)))))
        rows.append(shrink(energy, block).ravel())
    blocks = np.stack(rows)
    shown = (blocks > 0).all(axis=0)
    blocks = blocks[:, shown if shown.sum() >= 16 else slice(None)]
    best = blocks.max(axis=0)
    swing = best / np.maximum(blocks.min(axis=0), 1e-3)
    telling = np.argsort(swing)[-min(MOST_BLOCKS, max(16, len(best) // 2)) :]
    energy = np.log(np.maximum(blocks[:, telling], 1e-3)).astype(np.float32)
    flat = energy - energy.mean(axis=1, keepdims=True)
    square = (flat * flat).mean(axis=1)
    cross = flat @ flat.T / flat.shape[1]
    gap = np.maximum(square[:, None] + square[None, :] - 2 * cross, 0)
    return Likeness(energy, np.sqrt(gap).astype(np.float32))


def find_sweep(likeness: Likeness, frames: NDArray[np.int64], usable: NDArray[np.bool_]) -> Sweep:
    """Choose the frames of one pass of the lens.

    Parameters
    ----------
    likeness
        How the frames differ.
    frames
        `(N,)` int: index in the input of each slot.
    usable
        `(N,)` bool: frames whose pixels may be used at all.

    Returns
    -------
    The sweep. With fewer than five frames everything usable is the sweep.
    """
    slots = np.flatnonzero(usable)
    if len(slots) < 5:
        return _sweep(slots, frames, ())
    findings: list[str] = []
    blurred = _blurred_everywhere(likeness.energy, slots)
    if blurred.any():
        findings.append(f"{_named(frames[slots[blurred]])} blurred everywhere and left out")
        slots = slots[~blurred]
    distance = likeness.distance
    start, end = _ends_at_rest(distance, slots)
    if start >= REST:
        findings.append(f"the lens rests until frame {frames[slots[start]]}; {start} frames left out")
    if end >= REST:
        findings.append(
            f"the lens rests from frame {frames[slots[len(slots) - 1 - end]]}; {end} frames left out"
        )
    slots = slots[start if start >= REST else 0 : len(slots) - (end if end >= REST else 0)]
    same = _repeated(distance, slots)
    if same.any():
        findings.append(f"{_named(frames[slots[same]])} a repeat of the one before and left out")
        slots = slots[~same]
    passes = _passes(distance, slots)
    if len(passes) > 1:
        longest = max(passes, key=lambda p: (len(p), -int(p[0])))
        turns = ", ".join(str(frames[p[0]]) for p in passes[1:])
        findings.append(
            f"the lens turns back at frame {turns}, so planes are passed {len(passes)} times; "
            f"frames {frames[longest[0]]} to {frames[longest[-1]]} are the longest pass"
        )
        slots = longest
    return _sweep(slots, frames, tuple(findings))


def _sweep(slots: NDArray[np.int64], frames: NDArray[np.int64], findings: tuple[str, ...]) -> Sweep:
    first, last = (int(frames[slots[0]]), int(frames[slots[-1]])) if len(slots) else (0, 0)
    return Sweep(np.asarray(slots, np.int64), first, last, findings)


def _named(frames: NDArray[np.int64]) -> str:
    """``frame 7 is`` or ``frames 7, 8 are``."""
    listed = ", ".join(str(f) for f in frames[:8]) + (" …" if len(frames) > 8 else "")
    return f"frame {listed} is" if len(frames) == 1 else f"frames {listed} are"


def _blurred_everywhere(energy: NDArray[np.float32], slots: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Frames less sharp than both neighbours in nearly every block: shaken, not merely focused elsewhere."""
    e = energy[slots]
    out = np.zeros(len(slots), np.bool_)
    for k in range(1, len(slots) - 1):
        loss = np.minimum(e[k - 1], e[k + 1]) - e[k]
        out[k] = np.median(loss) > 0.15 and (loss > 0).mean() > 0.85
    return out


def _ends_at_rest(distance: NDArray[np.float32], slots: NDArray[np.int64]) -> tuple[int, int]:
    """How many frames to drop at the start and the end because the lens has not moved yet, or any more.

    The lens rests while frames stay as like the very first one as neighbours are. One frame of the
    rest is kept: it shows the end plane.
    """
    d = distance[np.ix_(slots, slots)]
    steps = np.diag(d, 1)
    quiet = float(np.quantile(steps, 0.1))
    if quiet * 3 > float(np.median(d)):
        return 0, 0
    limit = 1.5 * quiet + 0.01

    def resting(row: NDArray[np.float32]) -> int:
        moved = np.flatnonzero(row > limit)
        return max(0, int(moved[0]) - 2) if len(moved) else 0

    return resting(d[0]), resting(d[-1][::-1])


def _repeated(distance: NDArray[np.float32], slots: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Frames that differ from the one before by next to nothing, compared with the usual step."""
    steps = distance[slots[:-1], slots[1:]]
    return np.concatenate([[False], steps < 0.12 * np.median(steps)])


def _passes(distance: NDArray[np.float32], slots: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Split where the lens turns round or jumps back to planes it has passed."""
    d = distance[np.ix_(slots, slots)]
    n = len(slots)
    cuts = _turns(d) | _jumps(d)
    bounds = [0, *np.flatnonzero(cuts), n]
    return [slots[a:b] for a, b in pairwise(bounds) if b > a]


def _turns(d: NDArray[np.float32]) -> NDArray[np.bool_]:
    """True at the first frame of each new direction: frames mirrored about it are alike."""
    n = len(d)
    score = np.full(n, np.inf)
    for t in range(2, n - 2):
        for shift in (0, 1):
            reach = min(t, n - 1 - t - shift, 8)
            if reach < 2:
                continue
            g = np.arange(2, reach + 1)
            across = d[t - g, t + shift + g]
            along = 0.5 * (d[t - g, t] + d[t + shift, t + shift + g])
            score[t] = min(score[t], float(np.median(across / np.maximum(along, 1e-6))))
    out = np.zeros(n, np.bool_)
    while True:
        t = int(score.argmin())
        if not score[t] < 0.55:
            return out
        out[t] = True
        score[max(0, t - 4) : t + 5] = np.inf


def _jumps(d: NDArray[np.float32]) -> NDArray[np.bool_]:
    """True where a frame is far more like one several places back than like the one before it."""
    n = len(d)
    out = np.zeros(n, np.bool_)
    last = 0
    for k in range(4, n):
        earlier = d[last : k - 2, k]
        if k - last >= 4 and len(earlier) and earlier.min() < 0.6 * d[k - 1, k]:
            out[k] = True
            last = k
    return out
