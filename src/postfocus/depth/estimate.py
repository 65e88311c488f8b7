"""Turn the focus volume into a depth map: a position, a confidence and a state for every cell.

The volume is read in bands of rows, so memory stays the same for 30 frames and
for 1000. Scores are averaged over a few neighbouring cells first; a single
4-pixel cell is too small to tell texture from noise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.depth.fill import fill
from postfocus.depth.peak import Noise, find_peaks
from postfocus.errors import TooFewFrames
from postfocus.model.depth import DepthMap, State, Volume

BAND_BYTES = 12 << 20
"""Most bytes of float32 curves worked on at a time."""


@dataclass(frozen=True, slots=True)
class DepthSettings:
    """How depth is read from the volume.

    Attributes
    ----------
    smooth_cells, smooth_px
        Standard deviation of the Gaussian that pools neighbouring cells: so many cells, but at least
        so many full-size pixels.
    """

    smooth_cells: float = 1.25
    smooth_px: float = 2.5

    def sigma(self, pool: int) -> float:
        """The standard deviation in cells of `pool` pixels."""
        return max(self.smooth_cells, self.smooth_px / pool)


def estimate_depth(
    volume: Volume, frames: NDArray[np.int64], pool: int, width: int, height: int, settings: DepthSettings
) -> DepthMap:
    """Find the position of focus of every cell.

    Parameters
    ----------
    volume
        Sharpness of all frames in the reference's geometry (`postfocus.focus.volume.MapStack`).
    frames
        `(N,)` int: index in the input of each slot, increasing.
    pool, width, height
        Full-size pixels of a cell's side, and of the picture.

    Raises
    ------
    TooFewFrames
        With fewer than two frames there is nothing to compare.
    """
    if volume.count < 2:
        raise TooFewFrames("a depth map needs at least two frames with different focus")
    noise = estimate_noise(volume, settings.sigma(pool))
    shape = (volume.height, volume.width)
    slot = np.empty(shape, np.float32)
    confidence = np.empty(shape, np.float32)
    state = np.empty(shape, np.uint8)
    rows = max(8, BAND_BYTES // (4 * volume.count * volume.width))
    for top in range(0, volume.height, rows):
        bottom = min(top + rows, volume.height)
        peaks = find_peaks(smoothed_band(volume, top, bottom, settings.sigma(pool)), noise)
        slot[top:bottom], confidence[top:bottom], state[top:bottom] = (
            peaks.slot,
            peaks.confidence,
            peaks.state,
        )
    trust = np.where(state == State.IN_FOCUS, confidence, confidence * 0.1)
    position = np.interp(slot, np.arange(volume.count), frames).astype(np.float32)
    filled = fill(position, np.clip(trust * 4 - 0.4, 1e-4, 1).astype(np.float32))
    return DepthMap(filled, confidence, state, pool, width, height, int(frames[-1]))


def mark_moved(depth: DepthMap, moved: NDArray[np.float32]) -> DepthMap:
    """The same map with cells marked where something moved round their sharpest frame.

    `moved` is `(h', w')` float32 at any coarser size; above 1 something moved. Confidence falls with it.
    """
    rows, cols = depth.position.shape
    strength = cv2.resize(moved, (cols, rows), interpolation=cv2.INTER_LINEAR)
    state = depth.state.copy()
    state[(strength > 1) & (state == State.IN_FOCUS)] = State.MOVED
    confidence = (depth.confidence / (1 + np.maximum(strength - 0.5, 0) ** 2)).astype(np.float32)
    return replace(depth, state=state, confidence=confidence)


def smoothed_band(volume: Volume, top: int, bottom: int, sigma: float) -> NDArray[np.float32]:
    """Curves of rows `top`…`bottom`: `(N, bottom - top, w)` float32 grey levels, averaged over neighbours.

    `sigma` is the Gaussian's standard deviation in cells; cells that a frame does not show stay 0.
    """
    halo = int(np.ceil(3 * sigma))
    first, last = max(0, top - halo), min(volume.height, bottom + halo)
    inner = slice(top - first, bottom - first)
    out = np.empty((volume.count, bottom - top, volume.width), np.float32)
    for k, energy in enumerate(volume.band(first, last)):
        smooth = cv2.GaussianBlur(energy, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
        out[k] = smooth[inner]
        out[k][energy[inner] == 0] = 0
    return out


def estimate_noise(volume: Volume, sigma: float) -> Noise:
    """Learn from the volume itself what a plain area scores, and how much that fluctuates.

    The least scores met anywhere are those of plain or fully blurred places; about a dozen rows are
    looked at.
    """
    rows = np.unique(np.linspace(0, volume.height - 1, 14)[1:-1].round().astype(int))
    curves = np.concatenate([smoothed_band(volume, int(r), int(r) + 1, sigma)[:, 0] for r in rows], axis=1)
    seen = np.where(curves > 0, curves, np.inf).min(axis=0)
    seen = seen[np.isfinite(seen)]
    if seen.size == 0:
        return Noise(floor=1e-3, jitter=0.02)
    floor = float(np.quantile(seen, 0.02))
    if volume.count < 5:
        return Noise(floor, 0.03)
    quiet = curves < 1.3 * floor
    quiet &= curves > 0
    still = quiet[:-2] & quiet[1:-1] & quiet[2:]
    bend = (curves[:-2] - 2 * curves[1:-1] + curves[2:])[still]
    if bend.size < 200:
        return Noise(floor, 0.03)
    sigma_bend = 1.4826 * float(np.median(np.abs(bend)))
    return Noise(floor, min(max(sigma_bend / np.sqrt(6) / max(floor, 1e-6), 0.005), 0.1))
