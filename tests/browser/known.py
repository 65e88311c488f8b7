"""Small sweeps rendered for the browser: their frames as recorded, their poses, and places of known depth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import postfocus
from postfocus.io.colour import frame_to_rgb
from postfocus.synth.sweep import SweepSettings
from postfocus.synth.truth import Truth
from postfocus.synth.write import write_simulation

WIDTH, HEIGHT, FRAMES = 960, 540, 14
TRIPOD = SweepSettings(
    scene="still-life", frames=FRAMES, width=WIDTH, height=HEIGHT, tripod=True, blur=6.0, breathing=0.0
)
HANDHELD = SweepSettings(
    scene="still-life", frames=FRAMES, width=WIDTH, height=HEIGHT, blur=6.0, breathing=0.05, seed=4
)
BORDER = 60
"""Pixels at the border where no place is taken: a handheld sweep does not share them."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A thing in the picture: where to touch it, in fractions, and the frame in which it is sharp."""

    name: str
    x: float
    y: float
    frame: float


@dataclass(frozen=True, slots=True)
class Known:
    """A clip and all that is true about it.

    Attributes
    ----------
    path
        The clip.
    frames
        `(N, H, W, 3)` uint8: as recorded.
    matrices
        `(N, 2, 3)`: pixels of the truth's geometry to pixels of each frame.
    truth
        What is sharp where.
    spots
        One place on each thing, nearest first.
    """

    path: Path
    frames: NDArray[np.uint8]
    matrices: NDArray[np.float64]
    truth: Truth
    spots: tuple[Spot, ...]

    def seen(self, slot: int, reference: int) -> NDArray[np.uint8]:
        """Frame `slot` as it lies on frame `reference`: `(H, W, 3)`."""
        matrix = joined(self.matrices[slot], cv2.invertAffineTransform(self.matrices[reference]))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        moved = cv2.warpAffine(self.frames[slot], matrix, (WIDTH, HEIGHT), flags=flags)
        return np.asarray(moved, np.uint8)

    def place(self, spot: Spot, reference: int) -> tuple[float, float]:
        """Where the thing lies, in fractions, when the pictures have the geometry of frame `reference`."""
        pixel = (spot.x * WIDTH - 0.5, spot.y * HEIGHT - 0.5, 1.0)
        x, y = self.matrices[reference] @ pixel
        return float((x + 0.5) / WIDTH), float((y + 0.5) / HEIGHT)

    def spot(self, name: str) -> Spot:
        """The place on the thing of that name."""
        return next(s for s in self.spots if s.name == name)


def joined(outer: NDArray[np.float64], inner: NDArray[np.float64]) -> NDArray[np.float64]:
    """The 2x3 matrix that does `inner`, then `outer`."""
    whole = np.vstack([outer, (0, 0, 1)]) @ np.vstack([inner, (0, 0, 1)])
    return np.asarray(whole[:2], np.float64)


def render(settings: SweepSettings, path: Path) -> Known:
    """Render the clip and keep all that is true about it."""
    sim = write_simulation(settings, path)
    with postfocus.open(path) as recording:
        frames = np.stack([frame_to_rgb(frame) for frame in recording.source.frames()]).astype(np.uint8)
    matrices = np.stack([sim.alignment.matrix(n) for n in range(settings.frames)])
    return Known(path, frames, matrices, sim.truth, _spots(sim.truth))


def _spots(truth: Truth) -> tuple[Spot, ...]:
    """The best textured place of each thing, away from edges of depth."""
    inside = np.zeros(truth.depth.shape, np.bool_)
    inside[BORDER:-BORDER, BORDER:-BORDER] = True
    clean = inside & (truth.texture >= 8) & ~truth.near_edge(10, 0.5)
    spots: list[Spot] = []
    for name, matte in truth.mattes:
        good = clean & (matte >= 250)
        if good.sum() < 20:
            continue
        score = cv2.blur(truth.texture * clean, (15, 15)) * good
        y, x = map(int, np.unravel_index(int(score.argmax()), score.shape))
        named = name if all(name != s.name for s in spots) else f"{name} 2"
        spots.append(Spot(named, (x + 0.5) / WIDTH, (y + 0.5) / HEIGHT, float(truth.depth[y, x])))
    return tuple(sorted(spots, key=lambda s: s.frame))
