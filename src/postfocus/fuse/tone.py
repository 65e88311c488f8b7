"""Frames whose tone curves differ are brought to that of one of them.

Some brackets are developed frame by frame, and a raw converter that brightens
shadows by the picture's content treats a blurred frame otherwise than a sharp
one. No factor evens that, and left alone every seam shows. Focus does not
change the brightness of wide plain parts, so there a curve is read from the
small copies of the frames: the median difference at each brightness. It is
used only where it is large, explains most of what differs, and is the same in
all parts of the picture; light that is spread over a part of it is none.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.light import Light
from postfocus.model.tone import Tone

WIDE = 1 / 60
"""Standard deviation of the blur, as a share of the picture's longer side."""

PLAIN = 3.0
"""Grey levels by which half of that blur may differ from all of it."""

CLIPPED = 250
"""Codes from which brightness may be cut off."""

STEP = 16
"""Grey levels from one point of the curve to the next."""

MANY, POINTS, SPAN = 40, 4, 32.0
"""Cells that a point needs; points that a curve needs, and grey levels from the first to the last."""

LARGE = 1.5
"""Grey levels by which frames must differ, at the median."""

LEFT, LEFT_ELSEWHERE = 0.2, 0.35
"""Share of that difference which the curve may leave, and which that of one half of the picture may leave in
the other half, in three of four such trials. Known curves left 0.02 to 0.15, and mostly less than 0.3; what
remains between frames of one tone 0.4 to 1, and more than 0.6."""

STEEPEST = 6.0
"""Slope beyond which a curve is none."""


def tones_of(light: Light, slots: Iterable[int], reference: int) -> dict[int, Tone]:
    """Curves of the frames whose brightness differs from that of the reference by more than a factor.

    Parameters
    ----------
    light
        Small copies of the frames, in one geometry, and their gains.
    slots
        Frames to be looked at.
    reference
        Slot whose brightness the others are to have.

    Returns
    -------
    For each slot that needs one, a curve for codes whose gain over the reference's was evened.
    """
    wanted = light.maps.one(reference)
    out: dict[int, Tone] = {}
    for slot in slots:
        if slot == reference:
            continue
        codes = light.maps.one(slot)
        even = np.asarray(codes * np.float32(light.gain[reference] / light.gain[slot]), np.float32)
        told = (codes > 0) & (wanted > 0) & (np.maximum(codes, wanted) < CLIPPED)
        tone = _tone(even, wanted.astype(np.float32), told)
        if tone is not None:
            out[slot] = tone
    return out


def _tone(seen: NDArray[np.float32], wanted: NDArray[np.float32], told: NDArray[np.bool_]) -> Tone | None:
    """The curve from one picture to the other, if there is one; `told` where they tell of it."""
    a, plain_a = _calm(wanted, told)
    b, plain_b = _calm(seen, told)
    used = plain_a & plain_b & told
    if used.sum() < MANY * POINTS:
        return None
    level = np.asarray((a[used] + b[used]) / 2, np.float32)
    more = np.asarray(b[used] - a[used], np.float32)
    if np.median(np.abs(more)) < LARGE:
        return None
    points = _points(level, more)
    if len(points) < POINTS or points[-1, 0] - points[0, 0] < SPAN or _left(points, level, more) > LEFT:
        return None
    rows, cols = np.nonzero(used)
    trials: list[float] = []
    for axis in (rows, cols):
        half = axis < np.median(axis)
        for one, other in ((half, ~half), (~half, half)):
            trials.append(_left(_points(level[one], more[one]), level[other], more[other]))
    return None if sorted(trials)[-2] > LEFT_ELSEWHERE else _curve(points)


def _calm(
    picture: NDArray[np.float32], shown: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The picture blurred widely, and where half of that blur gives the same: no edge is near."""
    sigma = WIDE * max(picture.shape)

    def blurred(by: float) -> NDArray[np.float32]:
        share = cv2.GaussianBlur(shown.astype(np.float32), (0, 0), by)
        return np.asarray(cv2.GaussianBlur(picture * shown, (0, 0), by) / np.maximum(share, 1e-3), np.float32)

    wide = blurred(sigma)
    return wide, np.asarray(np.abs(wide - blurred(sigma / 2)) < PLAIN, np.bool_)


def _points(level: NDArray[np.float32], more: NDArray[np.float32]) -> NDArray[np.float64]:
    """`(K, 2)`: brightness, and by how much the frame is brighter there."""
    bins = (level // STEP).astype(np.int64)
    found = [bins == k for k in range(int(256 // STEP) + 1) if np.count_nonzero(bins == k) >= MANY]
    return np.array([(np.median(level[b]), np.median(more[b])) for b in found], np.float64).reshape(-1, 2)


def _left(points: NDArray[np.float64], level: NDArray[np.float32], more: NDArray[np.float32]) -> float:
    """Share of the difference that a curve leaves, at those levels of which it tells; 1 if of hardly any."""
    if len(points) < 2:
        return 1.0
    told = (level >= points[0, 0]) & (level <= points[-1, 0])
    if told.sum() < MANY:
        return 1.0
    left = np.abs(more[told] - np.interp(level[told], points[:, 0], points[:, 1]))
    return float(np.median(left) / max(float(np.median(np.abs(more[told]))), 1e-6))


def _curve(points: NDArray[np.float64]) -> Tone | None:
    """The curve through points of `_points`; black stays black and white stays white."""
    level, more = points.T
    seen, wanted = level + more / 2, level - more / 2
    inside = (np.minimum(seen, wanted) > 0) & (np.maximum(seen, wanted) < 255)
    seen = np.concatenate([[0], seen[inside], [255]])
    wanted = np.concatenate([[0], wanted[inside], [255]])
    across, up = np.diff(seen), np.diff(wanted)
    if min(across.min(), up.min()) <= 0 or (up > STEEPEST * across).any():
        return None
    return Tone(seen, wanted)
