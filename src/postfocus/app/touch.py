"""A place is touched: the frame in which it is sharpest, the curve in the slide bar, and if none is, why."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from postfocus.app.reading import SoFar
from postfocus.cells import contrast_of, score_of
from postfocus.depth.estimate import DepthSettings
from postfocus.depth.peak import FLICKER, SWING, find_peaks
from postfocus.depth.pick import WIDENING, curve_at
from postfocus.focus.volume import FocusVolume, MapStack
from postfocus.scene import Scene
from postfocus.settings import COARSE, VOLUME

BRIGHT, DARK = 250, 8
"""Grey levels beyond which a place that is nowhere sharp is called too bright or too dark to judge."""

SECOND = 0.6
"""Share of the best frame's sharpness, over the least, from which another peak counts."""

VALLEY = 0.75
"""Share of the lower of two peaks to which the curve must fall between them."""


def touched(scene: Scene, x: float, y: float) -> dict[str, Any]:
    """The answer to a touch, as values of JSON: what `Scene.pick` finds, its curve, and why nothing is sharp.

    The curve holds the contrast in every slot, in grey levels, over what a plain place shows in the same
    frame (`postfocus.cells.contrast_of` its score); 0 where a frame does not show the place. It counts as
    sharp where it rises over ``noise``.

    Raises
    ------
    postfocus.errors.BadUse
        Not a place of the picture.
    postfocus.errors.CannotRead
        The index is gone.
    """
    pick = scene.pick(x, y)
    frames = scene.index.frames
    slot = float(np.interp(pick.frame, frames, np.arange(len(frames))))
    curve = _curve(scene, x, y, pick.frame)
    noise = _floor(scene, curve)
    found = pick.state == "in focus"
    return {
        "x": x,
        "y": y,
        "frame": round(slot, 4),
        "slot": int(np.searchsorted(frames, pick.saved_frame)),
        "confidence": pick.confidence,
        "state": pick.state,
        "why": None if found else _why(scene, x, y, pick.state, slot, curve),
        "curve": [round(float(value), 4) for value in curve],
        "noise": round(noise, 4),
        "second": second_peak(curve, scene.sweep.slots, slot, noise) if found else None,
    }


def unread(x: float, y: float, count: int) -> dict[str, Any]:
    """The answer while the sweep is still being read."""
    return {
        "x": x, "y": y, "frame": 0.0, "slot": 0, "confidence": 0.0, "state": "not read yet", "why": "unread",
        "curve": [0.0] * count, "noise": 0.0, "second": None,
    }  # fmt: skip


def so_far(x: float, y: float, found: SoFar) -> dict[str, Any]:
    """The answer from the frames read so far."""
    middle = (len(found.curve) - 1) / 2
    whys = {"outside the sweep": "nearer" if found.slot < middle else "farther", "in focus": None}
    return {
        "x": x,
        "y": y,
        "frame": round(found.slot, 4),
        "slot": min(len(found.curve) - 1, round(found.slot)),
        "confidence": round(found.confidence, 4),
        "state": found.state,
        "why": whys.get(found.state, found.state),
        "curve": [round(float(value), 4) for value in contrast_of(found.curve)],
        "noise": round(float(contrast_of(np.array([found.noise], np.float32))[0]), 4),
        "second": None,
    }


def _curve(scene: Scene, x: float, y: float, frame: float) -> NDArray[np.float32]:
    """Contrast per slot, in the window that gave the answer: the one whose peak lies at `frame`."""
    index, noise = scene.index, scene.depth.noise
    slots, sigma = index.sweep.slots, DepthSettings().sigma(index.pool)
    maps = MapStack(scene.folder / VOLUME, len(index.frames), *index.map_shape())
    at = scene.depth.cell(x, y)
    curves = np.stack([curve_at(FocusVolume(maps), *at, sigma * factor) for factor in WIDENING])
    peaks = find_peaks(np.ascontiguousarray(curves[:, slots].T), noise).slot
    places = np.interp(peaks, np.arange(len(slots)), index.frames[slots])
    curve = curves[int(np.abs(places - frame).argmin())]
    shown = curve > 0
    curve[slots] -= noise.pulse
    return np.where(shown, contrast_of(np.maximum(curve, np.float32(1e-3))), np.float32(0))


def _floor(scene: Scene, curve: NDArray[np.float32]) -> float:
    """The contrast over which a curve rises only where there is texture; see `postfocus.depth.peak`."""
    seen = score_of(curve[curve > 0])
    least, best = (seen.min(), seen.max()) if seen.size else (0.0, 0.0)
    swing = SWING * np.hypot(scene.depth.noise.scatter, FLICKER * best)
    return float(contrast_of(np.array([least + swing], np.float32))[0])


def second_peak(
    curve: NDArray[np.float32], slots: NDArray[np.int64], best: float, noise: float
) -> int | None:
    """The slot of another clear peak, as where a twig crosses a far house; ``None`` if there is none.

    Parameters
    ----------
    curve
        `(N,)` float32 sharpness per slot.
    slots
        `(M,)` int, increasing: slots of the sweep.
    best
        Where the curve's own peak lies, in slots.
    noise
        Sharpness that chance may reach.
    """
    part = curve[slots].astype(np.float64)
    if len(part) < 5 or not (part > 0).all():
        return None
    smooth = part.copy()
    smooth[1:-1] = (part[:-2] + 2 * part[1:-1] + part[2:]) / 4
    rise = smooth - smooth.min()
    first = int(np.abs(slots - best).argmin())
    ends = np.concatenate([[-np.inf], rise, [-np.inf]])
    tops = np.flatnonzero((rise >= ends[:-2]) & (rise > ends[2:]))
    least = max(SECOND * rise.max(), noise - smooth.min())
    found = [
        (float(rise[top]), int(slots[top]))
        for top in tops.tolist()
        if rise[top] >= least and _valley(rise, first, top) <= VALLEY * min(rise[top], rise[first])
    ]
    return max(found)[1] if found else None


def _valley(rise: NDArray[np.float64], one: int, other: int) -> float:
    """The least value between two places of a curve."""
    return float(rise[min(one, other) : max(one, other) + 1].min())


def _why(scene: Scene, x: float, y: float, state: str, slot: float, curve: NDArray[np.float32]) -> str:
    """Why nothing is sharp at a place: a key of the page's table of words."""
    usable = scene.index.alignment.usable()
    slots = scene.sweep.slots[usable[scene.sweep.slots]]
    if np.count_nonzero(curve[slots] <= 0) > 0.1 * len(slots):
        return "border"
    if state == "moved":
        return state
    if state == "outside the sweep":
        middle = (float(scene.sweep.slots[0]) + float(scene.sweep.slots[-1])) / 2
        return "nearer" if slot < middle else "farther"
    rows, cols = scene.index.map_shape(2)
    row, col = min(int(y * rows), rows - 1), min(int(x * cols), cols - 1)
    maps = MapStack(scene.folder / COARSE, len(scene.index.frames), rows, cols)
    light = maps.band(row, row + 1, slots)[:, 0, col]
    if light.size and int(light.min()) >= BRIGHT:
        return "clipped"
    if light.size and int(light.max()) <= DARK:
        return "noise"
    return "no texture"
