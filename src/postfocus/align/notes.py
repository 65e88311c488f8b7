"""Sentences for a person about frames left out and about sweeps that are not one rigid motion."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from postfocus.align.lattice import COLUMNS, ROWS

RIGID = 0.8
"""Full-size pixels by which blocks must disagree between neighbours before a mover is told of."""

LARGE = "Something large moves in the scene; the frames are aligned on what stands still."
"""Told in error where blur is wide: its growing looks like this until depth is known."""


def frames_in_words(frames: Sequence[int] | NDArray[np.int64]) -> str:
    """Runs of frame numbers as a person writes them.

    >>> frames_in_words([3]), frames_in_words([0, 1, 2, 7])
    ('frame 3', 'frames 0 to 2 and 7')
    """
    runs: list[list[int]] = []
    for k in map(int, frames):
        if runs and runs[-1][-1] == k - 1:
            runs[-1].append(k)
        else:
            runs.append([k])
    words = [
        str(r[0]) if len(r) == 1 else f"{r[0]} and {r[1]}" if len(r) == 2 else f"{r[0]} to {r[-1]}"
        for r in runs
    ]
    if len(words) > 1:
        words = [", ".join(words[:-1]) + " and " + words[-1]]
    return ("frame " if len(frames) == 1 else "frames ") + words[0]


def lost_note(lost: NDArray[np.int64], count: int) -> str:
    """Names the frames that could not be aligned."""
    if not len(lost):
        return ""
    if len(lost) == count - 1 and count > 1:
        return (
            "No frame could be aligned with any other; the sweep may have no texture or show several scenes."
        )
    return f"{_capital(frames_in_words(lost))} could not be aligned and will not be used."


def cut_note(
    frames: NDArray[np.int64], pairs: Sequence[tuple[int, int]], found: NDArray[np.bool_],
    plain: NDArray[np.bool_],
) -> str:  # fmt: skip
    """Says so when the sweep falls into parts that no link connects."""
    part = np.arange(len(frames))
    for i, k in pairs:
        part[part == part[k]] = part[i]
    others = [
        p for p in np.unique(part[~found & ~plain]) if (part == p).sum() > 1 and not found[part == p].any()
    ]
    if not others:
        return ""
    kept = frames_in_words(frames[found])
    rest = "; ".join(frames_in_words(frames[part == p]) for p in others)
    return f"The scene or the place of the camera changes: only {kept} are used, {rest} show something else."


def reference_note(wanted: int, taken: int) -> str:
    """The wanted reference is lost."""
    return f"Frame {wanted} could not be aligned, so frame {taken} gives the picture its geometry instead."


def motion_note(blocks: NDArray[np.float64], spread: float, sheared: bool, consensus: bool) -> str:
    """Says when rows move against one another, or something large moves by itself.

    Parameters
    ----------
    blocks
        `(54,)` rms left-over shift of each block between neighbours, full-size pixels.
    spread
        Median disagreement of blocks between neighbours, full-size pixels.
    """
    if sheared:
        return (
            "Rows of the picture shift against one another (a rolling shutter, or a floor seen by a swaying "
            "camera); this was taken out."
        )
    if consensus or (spread > RIGID and _compact(blocks)):
        return LARGE
    return ""


def told_again(notes: Sequence[str], *, moved: bool) -> tuple[str, ...]:
    """A first alignment's notes without that of something large, unless it `moved` in focus, too.

    For frames that were aligned once more when blur was known.
    """
    return tuple(note for note in notes if moved or note != LARGE)


def parts_note(apart: float, *, bent: bool = False) -> str:
    """Says how far parts of the picture lie apart in neighbouring frames, full-size pixels; 0: nothing.

    `bent`: merges bend the frames so that they fit.
    """
    if apart <= 0:
        return ""
    pixels = max(2, round(apart))
    rest = (
        "merges bend the frames to fit, but edges of near things may still be doubled."
        if bent
        else "edges of near things may be doubled."
    )
    return (
        f"Parts of the picture lie up to {pixels} pixels apart from frame to frame (the camera moved "
        f"sideways, or the lens draws otherwise as it focuses); {rest}"
    )


def _compact(blocks: NDArray[np.float64]) -> bool:
    """Whether under half of the blocks hold most of the left-over motion and touch one another."""
    grid = np.nan_to_num(blocks).reshape(ROWS, COLUMNS)
    moving = grid > 3 * np.nanmedian(blocks)
    if not 2 <= moving.sum() <= 0.45 * moving.size or (grid[moving] ** 2).sum() < 0.7 * (grid**2).sum():
        return False
    rows, columns = np.flatnonzero(moving.any(1)), np.flatnonzero(moving.any(0))
    box = (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1)
    return bool(moving.sum() > 0.5 * box)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
