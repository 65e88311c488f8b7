"""Whether the lens passes the same planes again.

A lens that turns back, or begins anew, shows what was sharp sharp once more, in
the same order or the reverse. What moves is sharp again, too, but not in order,
and what it hides is not as bright all the while.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LEAST_PASS = 3
"""Frames that a pass of the lens has at least."""

SHARP, BLURRED = 0.85, 0.65
"""Share of its best above which a block is sharp, and below which it is blurred between two passes."""

ORDER = 0.5
"""How closely the times at which blocks are sharp again must go with those before, or against them. A lens
that turns back or begins anew comes to 1; rims of discs of light, sharp somewhere when grown, to 0.1."""

STEADY = 0.05
"""Share of its best by which sharpness of a block may scatter from frame to frame if it is to tell that
something was sharp, then not, and then again: a fifth of it in between, four times as much."""

AGAIN, BETWEEN, MOSTLY = 8.0, 24.0, 0.4
"""Grey levels by which a block's brightness differs at most where it is sharp again, and where it is blurred
in between; share of such blocks of which that holds where nothing moves."""


def passes_of(
    share: NDArray[np.float32], level: NDArray[np.float32] | None, slots: NDArray[np.int64]
) -> list[NDArray[np.int64]]:
    """Split where the lens begins to pass the same planes again, again and again.

    Parameters
    ----------
    share
        `(N, B)` float32, 0…1: sharpness of each block of each frame as a share of its best.
    level
        `(N, B)` float32 grey levels: mean brightness of each block; ``None``: it is not known.
    slots
        `(M,)` int, increasing: frames to be split.
    """
    if len(slots) < 2 * LEAST_PASS:
        return [slots]
    cut = _second_pass(share[slots], None if level is None else level[slots])
    if cut is None:
        return [slots]
    return passes_of(share, level, slots[:cut]) + passes_of(share, level, slots[cut:])


def _second_pass(share: NDArray[np.float32], level: NDArray[np.float32] | None) -> int | None:
    """Where a second pass begins: blocks sharp before it and after it, but not as it begins.

    Of the blocks that are sharp on the side where fewer are, most must be sharp on both, in the same order or
    the reverse, and be as bright all the while.
    """
    n, steady = len(share), steady_blocks(share)
    before = np.maximum.accumulate(share, axis=0)
    after = np.maximum.accumulate(share[::-1], axis=0)[::-1]
    best_cut, most = None, 0
    for t in range(LEAST_PASS, n - LEAST_PASS + 1):
        dip = steady & (np.minimum(share[t - 1], share[t]) < BLURRED)
        first, second = dip & (before[t - 1] > SHARP), dip & (after[t] > SHARP)
        both = int((first & second).sum())
        fewer = min(int(first.sum()), int(second.sum()))
        likely = fewer >= 0.03 * share.shape[1] and both > max(0.6 * fewer, most)
        if likely and _seen_again(share, level, np.flatnonzero(first & second), t):
            best_cut, most = t, both
    return best_cut


def _seen_again(
    share: NDArray[np.float32], level: NDArray[np.float32] | None, blocks: NDArray[np.intp], cut: int
) -> bool:
    """Whether `(B,)` blocks that are sharp before and after a cut, and blurred at it, come in order again."""
    sharp = share[:, blocks] > SHARP
    once, again = cut - 1 - sharp[:cut][::-1].argmax(axis=0), cut + sharp[cut:].argmax(axis=0)
    if not _in_order(once, again):
        return False
    blurred = np.where(share[cut - 1, blocks] < share[cut, blocks], cut - 1, cut)
    return level is None or _undisturbed(*(level[slots, blocks] for slots in (once, blurred, again)))


def _in_order(once: NDArray[np.intp], again: NDArray[np.intp]) -> bool:
    """Whether blocks are sharp `again` in the order of the first time or its reverse: `(B,)` frames each."""
    few, many = sorted((int(np.ptp(once)), int(np.ptp(again))))
    return many <= 1 if few == 0 else abs(float(np.corrcoef(once, again)[0, 1])) > ORDER


def _undisturbed(one: NDArray[np.float32], between: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    """Whether blocks show one thing all the time: what moves is sharp where it is, and hides what is there.

    `(B,)` grey levels each, where they are sharp, blurred, and sharp again.
    """
    change = np.minimum(np.abs(between - one), np.abs(between - other))
    same = (np.abs(other - one) < AGAIN) & (change < BETWEEN)
    return float(same.mean()) > MOSTLY


def steady_blocks(share: NDArray[np.float32]) -> NDArray[np.bool_]:
    """`(B,)`: blocks whose sharpness is no matter of noise, by how their curves `(N, B)` mostly bend."""
    bends = np.median(np.abs(share[:-2] - 2 * share[1:-1] + share[2:]), axis=0)
    return np.asarray(1.4826 / 6**0.5 * bends < STEADY, np.bool_)
