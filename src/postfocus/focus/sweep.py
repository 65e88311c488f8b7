"""Find the focus sweep among the frames of a recording.

A recording may begin and end with the lens at rest, hold frames that shake
blurred from edge to edge, repeat frames, or run through the scene twice. Two
frames are alike when the same places are sharp in both; how unlike they are,
pair by pair, shows all of this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postfocus.cells import shrink
from postfocus.focus.passes import LEAST_PASS, SHARP, passes_of, steady_blocks
from postfocus.light import Light
from postfocus.model.depth import Contrasts
from postfocus.model.sweep import Sweep

BLOCK = 8
"""Cells of each side of a block of which sharpness is compared."""

MOST_BLOCKS = 2048

REST, REST_SHARE = 3, 0.06
"""Frames at rest that are worth leaving out, and as a share of all: a dense sweep begins slowly, too."""

GROWTH = 1.6
"""Difference from the very first frame, over that of the second one's, at which a lens has moved on."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How frames differ in what is sharp.

    Attributes
    ----------
    share
        `(N, B)` float32, 0…1: sharpness of each block as a share of its best.
    distance
        `(N, N)` float32: root mean square difference of two rows of `share`.
    level
        `(N, B)` float32 grey levels: mean brightness of each block; ``None``: it is not known.
    """

    share: NDArray[np.float32]
    distance: NDArray[np.float32]
    level: NDArray[np.float32] | None = None


def compare_frames(volume: Contrasts, light: Light | None = None) -> Likeness:
    """Compare every frame with every other by what is sharp in it; `light` is the brightness of all."""
    telling, best = _telling(volume)
    # Gone through anew: of all blocks of all frames too much would have to be kept.
    share = np.stack([blocks[telling] for blocks in _blocks(volume)])
    share /= np.maximum(best, np.float32(1e-3))
    square = (share * share).mean(axis=1)
    cross = share @ share.T / share.shape[1]
    gap = np.maximum(square[:, None] + square[None, :] - 2 * cross, 0)
    return Likeness(share, np.sqrt(gap).astype(np.float32), _levels(volume, light, telling))


def _levels(volume: Contrasts, light: Light | None, telling: NDArray[np.intp]) -> NDArray[np.float32] | None:
    """Mean brightness of some of the blocks, `(N, B)` grey levels; ``None``: blocks are too small for it."""
    block = _side(volume)
    if light is None or block < 2:
        return None
    return np.stack([shrink(light.of(slot), block // 2).ravel()[telling] for slot in range(volume.count)])


def _side(volume: Contrasts) -> int:
    """Cells of each side of a block: fewer than `BLOCK` in very small pictures."""
    return min(BLOCK, 2 ** int(np.log2(max(1, min(volume.height, volume.width)))))


def _blocks(volume: Contrasts) -> Iterator[NDArray[np.float32]]:
    """Mean contrast of each block, `(B,)` grey levels, frame after frame."""
    block = _side(volume)
    for slot in range(volume.count):
        yield np.asarray(shrink(volume.contrast(slot), block), np.float32).ravel()


def _telling(volume: Contrasts) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The blocks that change most, at most `MOST_BLOCKS` of those all frames show; their best contrast."""
    best = least = np.empty(0, np.float32)
    for blocks in _blocks(volume):
        best = np.maximum(best, blocks) if best.size else blocks
        least = np.minimum(least, blocks) if least.size else blocks
    shown = np.flatnonzero(least > 0)
    shown = shown if len(shown) >= 16 else np.arange(len(best))
    swing = (best - least)[shown]
    most = np.argsort(swing)[-min(MOST_BLOCKS, max(16, len(swing) // 2)) :]
    # Not ``>``: where nothing changes at all, every block tells as little as any other.
    telling = shown[most[swing[most] >= 0.15 * swing[most[-1]]]]
    return telling, best[telling]


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
    blurred = _blurred_everywhere(likeness, slots)
    if blurred.any():
        findings.append(f"{_named(frames[slots[blurred]])} blurred everywhere and left out")
        slots = slots[~blurred]
    distance = likeness.distance
    start, end = _ends_at_rest(likeness, slots)
    if start:
        findings.append(f"the lens rests until frame {frames[slots[start]]}; {start} frames left out")
    if end:
        findings.append(
            f"the lens rests from frame {frames[slots[len(slots) - 1 - end]]}; {end} frames left out"
        )
    slots = slots[start : len(slots) - end]
    same = _repeated(distance, slots)
    if same.any():
        findings.append(f"{_named(frames[slots[same]])} a repeat of the one before and left out")
        slots = slots[~same]
    passes = passes_of(likeness.share, likeness.level, slots)
    if len(passes) > 1:
        longest = max(passes, key=lambda p: (len(p), -int(p[0])))
        turns = ", ".join(str(frames[p[0]]) for p in passes[1:])
        findings.append(
            f"from frame {turns} the lens passes the same planes again ({len(passes)} passes); "
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


def _blurred_everywhere(likeness: Likeness, slots: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Frames less sharp than both neighbours in nearly every block: shaken, not merely focused elsewhere.

    Where the lens turns back beyond the last plane the turning frame is less sharp too. There the third
    frames before and after it are alike, more than frames that follow one another.
    """
    s = likeness.share[slots]
    steady = steady_blocks(s)
    d = likeness.distance[np.ix_(slots, slots)]
    out = np.zeros(len(slots), np.bool_)
    for k in range(1, len(slots) - 1):
        around = np.minimum(s[k - 1], s[k + 1])
        telling = (around > 0.5) & steady
        if telling.sum() >= 0.02 * telling.size:
            loss = s[k][telling] / around[telling]
            turn = 3 <= k < len(slots) - 3 and d[k - 3, k + 3] < 0.5 * d[k - 3, k - 1]
            out[k] = np.median(loss) < 0.8 and (loss < 1).mean() > 0.9 and not turn
    return out


def _ends_at_rest(likeness: Likeness, slots: NDArray[np.int64]) -> tuple[int, int]:
    """How many frames to drop at the start and the end because the lens has not moved yet, or any more.

    The lens rests while frames stay as like the very first one as neighbours are, and something is
    sharp in them: where nothing is, the lens may move unseen. One or two frames of the rest are kept,
    for they show the end plane.
    """
    distance = likeness.distance
    d = distance[np.ix_(slots, slots)]
    shown = (likeness.share[slots] > SHARP).mean(axis=1) > 0.03
    steps = np.diag(d, 1)
    quiet = float(np.quantile(steps, 0.1))
    if quiet * 3 > float(np.median(d)):
        return 0, 0
    limit = 1.5 * quiet + 0.01

    least = max(REST, REST_SHARE * len(slots))

    def resting(row: NDArray[np.float32], steps: NDArray[np.float32], sharp: bool) -> int:
        # At rest a frame differs from the first by noise alone; a slow lens takes them ever farther apart.
        moved = np.flatnonzero(row > min(limit, GROWTH * float(row[1]) + 0.005))
        if len(moved) == 0 or moved[0] < 2 or not sharp:
            return 0
        last = int(moved[0]) - 1
        rest = last if steps[last - 1] <= 1.5 * quiet else last - 1
        return rest if rest >= least else 0

    start = resting(d[0], steps, bool(shown[0]))
    end = resting(d[-1][::-1], steps[::-1], bool(shown[-1]))
    return (start, end) if start + end <= len(slots) - LEAST_PASS else (0, 0)


def _repeated(distance: NDArray[np.float32], slots: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Frames that differ from the one before by next to nothing, compared with the usual step."""
    steps = distance[slots[:-1], slots[1:]]
    return np.concatenate([[False], steps < 0.05 * np.median(steps)])
