"""Turn the focus volume into a depth map: a position, a confidence and a state for every cell.

The volume is read in bands of rows, so memory stays the same for 30 frames and
for 1000. Scores are averaged over a few neighbouring cells first; a single
4-pixel cell is too small to tell texture from noise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import averaged, doubled, halo, shrink
from postfocus.depth.fill import fill
from postfocus.depth.peak import OUTSIDE_TRUST, Peaks, find_peaks
from postfocus.errors import TooFewFrames
from postfocus.model.depth import DepthMap, Noise, State, Volume
from postfocus.model.sweep import DENSE

BAND_BYTES = 20 << 20
"""Most bytes of float32 curves worked on at a time."""

MOST_ASKED = 1 << 21
"""Most scores that are asked how much noise there is."""

LEAST_SCATTER = 0.02
"""Grey levels: below this, scores differ by their own rounding."""

THIN_FROM = 200_000
"""Cells from which depth is looked for in every second one, and interpolated."""

BROAD, UNSURE = 4, 0.5
"""Cells along each side of those on which broader structure is looked at; trust below which it is asked."""

CLIPPED = 0.004
"""Grey levels: a curve that bends less belongs to a place without noise, black or white."""

TYPICAL, TYPICAL_OF_FEW, TYPICAL_OF_FEWEST = 0.2, 0.3, 0.1
"""Quantile of the cells' fluctuations that is taken for the whole picture's: in a dense sweep, with fewer
frames than that, and with fewer than `SOME`.

Few frames lie far apart in focus, so that most curves bend by more than noise; the quietest do not. But the
quietest of stills are dark or clipped, and where the frames are not that few, they tell too little."""

SOME = 7
"""Frames from which, at the median of them, most places are far from focus."""

MOST_PULSE, PULSE_OF_NOISE = 1.0, 4.0
"""Grey levels: what coding may add to a plain place's score, or so many times its scatter. Where noise is
strong, intra-coded frames keep three times as much of it as the rest."""


@dataclass(frozen=True, slots=True)
class DepthSettings:
    """How depth is read from the volume.

    Attributes
    ----------
    smooth_cells, smooth_px
        Standard deviation of the Gaussian that pools neighbouring cells: so many cells, but at least
        so many full-size pixels.
    """

    smooth_cells: float = 2.6
    smooth_px: float = 2.5

    def sigma(self, pool: int) -> float:
        """The standard deviation in cells of `pool` pixels."""
        return max(self.smooth_cells, self.smooth_px / pool)


@dataclass(frozen=True, slots=True)
class Broad:
    """Depth by structure much broader than a cell (`postfocus.depth.broad`), on cells `BROAD` times as large.

    Attributes
    ----------
    rank
        `(h, w)` float32: place among the frames of the volume.
    trust
        `(h, w)` float32, 0…1; 0 where such structure tells nothing.
    """

    rank: NDArray[np.float32]
    trust: NDArray[np.float32]


def estimate_depth(
    volume: Volume, frames: NDArray[np.int64], pool: int, width: int, height: int, settings: DepthSettings,
    noise: Noise | None = None, broad: Broad | None = None,
) -> DepthMap:  # fmt: skip
    """Find the position of focus of every cell.

    Parameters
    ----------
    volume
        Sharpness of all frames in the reference's geometry (`postfocus.focus.volume`).
    frames
        `(N,)` int: index in the input of each slot, increasing.
    pool, width, height
        Full-size pixels of a cell's side, and of the picture.
    noise
        What sharpness looks like where there is none; ``None``: it is learned from the volume.
    broad
        Depth of places that are unsure of themselves; ``None``: only what lies round them tells it.

    Raises
    ------
    TooFewFrames
        With fewer than two frames there is nothing to compare.
    """
    if volume.count < 2:
        raise TooFewFrames("a depth map needs at least two frames with different focus")
    sigma = settings.sigma(pool)
    noise = noise or estimate_noise(volume, sigma)
    thin = Thinned(volume) if volume.height * volume.width >= THIN_FROM else volume
    found = _peaks_of_all(thin, sigma * thin.width / volume.width, noise)
    peaks = found if thin is volume else _widened(found, (volume.height, volume.width))
    trust = peaks.confidence.copy()
    trust[peaks.state == State.NO_TEXTURE] *= np.float32(0.1)
    # What lies outside the sweep is sharpest in its end frame all the same.
    trust[peaks.state == State.OUTSIDE] /= np.float32(OUTSIDE_TRUST)
    slot = peaks.slot if broad is None else _told(peaks, trust, broad)
    position = np.interp(slot, np.arange(volume.count), frames).astype(np.float32)
    position = steadied(position, trust)
    filled = fill(position, np.clip((trust - 0.45) / 0.3, 1e-6, 1).astype(np.float32))
    return DepthMap(filled, peaks.confidence, peaks.state, pool, width, height, int(frames[-1]), noise)


def _told(peaks: Peaks, trust: NDArray[np.float32], broad: Broad) -> NDArray[np.float32]:
    """Slots with those of unsure places by what is `broad`; `trust` changes in place."""
    size = trust.shape[::-1]
    grid = np.array([[1 / BROAD, 0, (1 / BROAD - 1) / 2], [0, 1 / BROAD, (1 / BROAD - 1) / 2]])
    flags, border = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP, cv2.BORDER_REPLICATE
    rank, sure = (
        cv2.warpAffine(values, grid, size, flags=flags, borderMode=border)
        for values in (broad.rank, broad.trust)
    )
    told = (trust < UNSURE) & (sure > 0)
    trust[told] = sure[told]
    return np.asarray(np.where(told, rank, peaks.slot), np.float32)


def _peaks_of_all(volume: Volume, sigma: float, noise: Noise) -> Peaks:
    """The peak of every cell, band by band; arrays `(h, w)`."""
    shape = (volume.height, volume.width)
    out = Peaks(np.empty(shape, np.float32), np.empty(shape, np.float32), np.empty(shape, np.uint8))
    rows = max(8, BAND_BYTES // (4 * volume.count * volume.width))
    for top in range(0, volume.height, rows):
        band = slice(top, min(top + rows, volume.height))
        peaks = find_peaks(smoothed_band(volume, band.start, band.stop, sigma), noise)
        out.slot[band], out.confidence[band], out.state[band] = peaks.slot, peaks.confidence, peaks.state
    return out


@dataclass(frozen=True, slots=True)
class Thinned:
    """A volume of cells twice as large: the mean of 2 x 2, where a frame shows all four.

    The Gaussian that pools neighbours is wider than such a cell, so little is lost and three quarters of
    the work saved.
    """

    volume: Volume

    @property
    def count(self) -> int:
        """Number of frames."""
        return self.volume.count

    @property
    def height(self) -> int:
        """Rows of cells."""
        return self.volume.height // 2

    @property
    def width(self) -> int:
        """Columns of cells."""
        return self.volume.width // 2

    def frame(self, slot: int) -> NDArray[np.float32]:
        """`(height, width)` float32 grey levels of one frame; 0 where it does not show a cell."""
        return self._halved(self.volume.frame(slot))

    def band(self, top: int, bottom: int) -> Iterator[NDArray[np.float32]]:
        """Rows `top` up to `bottom`, frame after frame: `(bottom - top, width)` float32 grey levels."""
        for layer in self.volume.band(2 * top, 2 * bottom):
            yield self._halved(layer)

    def _halved(self, layer: NDArray[np.float32]) -> NDArray[np.float32]:
        even = layer[:, : 2 * self.width]
        mean = shrink(even, 2)
        if (even == 0).any():
            least = np.minimum(np.minimum(even[::2, ::2], even[1::2, ::2]), even[::2, 1::2])
            mean[np.minimum(least, even[1::2, 1::2]) == 0] = 0
        return np.asarray(mean, np.float32)


def _widened(peaks: Peaks, shape: tuple[int, int]) -> Peaks:
    """Peaks of thinned cells for every cell: interpolated, but never across a depth edge."""
    near = doubled(peaks.slot, shape, cv2.INTER_NEAREST)
    between = doubled(peaks.slot, shape, cv2.INTER_LINEAR)
    slot = np.where(np.abs(between - near) < 0.5, between, near)
    return Peaks(
        np.asarray(slot, np.float32),
        np.asarray(doubled(peaks.confidence, shape, cv2.INTER_LINEAR), np.float32),
        np.asarray(doubled(peaks.state, shape, cv2.INTER_NEAREST), np.uint8),
    )


def steadied(position: NDArray[np.float32], trust: NDArray[np.float32]) -> NDArray[np.float32]:
    """Let surer neighbours correct a doubtful cell.

    A cell keeps its own position above a trust of 0.95; below 0.5 it takes the mean of its
    neighbourhood (Gaussian, 2.5 cells) weighted by ``trust ** 4``.
    """
    weight = np.maximum(np.square(np.square(trust)), 1e-6)
    total = cv2.GaussianBlur(weight, (0, 0), 2.5)
    around = cv2.GaussianBlur(position * weight, (0, 0), 2.5) / np.maximum(total, 1e-9)
    own = np.clip((trust - 0.5) / 0.45, 0, 1)
    return np.asarray(own * position + (1 - own) * around, np.float32)


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
    reach = halo(sigma)
    first, last = max(0, top - reach), min(volume.height, bottom + reach)
    inner = slice(top - first, bottom - first)
    out = np.empty((volume.count, bottom - top, volume.width), np.float32)
    for k, layer in enumerate(volume.band(first, last)):
        out[k] = averaged(layer, sigma)[inner]
    return out


def estimate_noise(volume: Volume, sigma: float) -> Noise:
    """Learn from the volume itself how much a plain area's score fluctuates.

    Six rows are looked at; of very many frames, every second or third cell of them. A cell's fluctuation is
    how its curve bends from one frame to the next, at the median of its frames: focus bends it only round
    the peak. Of all cells the quieter ones count (`TYPICAL`); clipped places, which have no noise at all, do
    not. The tenth of the cells that is never sharp tells what each frame adds to every plain place.
    `sigma` is the standard deviation of the averaging, cells.
    """
    none = Noise(LEAST_SCATTER, np.zeros(volume.count, np.float32))
    if volume.count < 3:
        return none
    rows = np.unique(np.linspace(0, volume.height - 1, 8)[1:-1].round().astype(int))
    every = -(-volume.count * volume.width * len(rows) // MOST_ASKED)
    curves = np.concatenate(
        [smoothed_band(volume, int(r), int(r) + 1, sigma)[:, 0, ::every].copy() for r in rows], axis=1
    )
    curves = curves[:, (curves > 0).all(axis=0)]
    bends = np.median(np.abs(curves[:-2] - 2 * curves[1:-1] + curves[2:]), axis=0)
    alive = bends > CLIPPED
    if alive.sum() < 10:
        return none
    curves, bends = curves[:, alive], bends[alive]
    best = curves.max(axis=0)
    plain = curves[:, best <= np.quantile(best, 0.1)]
    few = TYPICAL_OF_FEW if volume.count >= SOME else TYPICAL_OF_FEWEST
    quantile = TYPICAL if volume.count >= DENSE else few
    scatter = max(LEAST_SCATTER, 1.4826 / 6**0.5 * float(np.quantile(bends, quantile)))
    pulse = plain.mean(axis=1)
    pulse = np.minimum(pulse - pulse.min(), max(MOST_PULSE, PULSE_OF_NOISE * scatter)).astype(np.float32)
    return Noise(scatter, pulse)
