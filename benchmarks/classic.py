"""Two classical merges of a sweep whose poses are known, to hold ours against.

Frames are moved by the true poses and evened to the true exposure, so that nothing is lost to alignment, and
read one at a time: `baselines` has the second merge too, for pairs of small pictures that are all at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import postfocus
from benchmarks.baselines import guided
from benchmarks.quality import Known
from benchmarks.scores import luma
from postfocus.io.colour import frame_to_rgb

LEVELS = 6
"""Levels of detail of the pyramid; at 1280 pixels wide the finest structure of its base is 64 pixels."""

Picture = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Posed:
    """The frames of a sweep as `(H, W, 3)` levels 0…255, as the reference sees them; each loop reads anew."""

    path: Path
    known: Known

    def __iter__(self) -> Iterator[Picture]:
        true, size = self.known.alignment, self.known.depth.shape[::-1]
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        with postfocus.open(self.path) as recording:
            for frame in recording.source.frames():
                slot = int(np.flatnonzero(true.frames == frame.info.index)[0])
                levels = frame_to_rgb(frame).astype(np.float32)
                matrix, edge = true.matrix(slot), cv2.BORDER_REPLICATE
                moved = cv2.warpAffine(levels, matrix, size, flags=flags, borderMode=edge)
                yield np.asarray(moved, np.float32) / np.float32(true.gain[slot])


def pyramid_fusion(frames: Iterable[Picture]) -> Picture:
    """Laplacian pyramids; at each place of each level, that of the frame of most energy nearby.

    After Burt & Kolczynski 1993, "Enhanced image capture through fusion", without their averaging of what is
    alike. The base is taken from the frame whose coarsest detail has most energy.
    """
    best: list[Picture] = []
    most: list[Picture] = []
    for frame in frames:
        parts = _pyramid(frame)
        energy = [_energy(detail) for detail in parts[:-1]]
        base = parts[-1].shape[1::-1]
        energy.append(np.asarray(cv2.resize(energy[-1], base, interpolation=cv2.INTER_AREA), np.float32))
        if not best:
            best, most = parts, energy
            continue
        for level, (part, strong) in enumerate(zip(parts, energy, strict=True)):
            better = strong > most[level]
            best[level][better], most[level][better] = part[better], strong[better]
    out = best[-1]
    for detail in best[-2::-1]:
        out = np.asarray(cv2.pyrUp(out, dstsize=detail.shape[1::-1]) + detail, np.float32)
    return np.clip(out, 0, 255)


def _pyramid(picture: Picture) -> list[Picture]:
    """Details from the finest on, and the base."""
    parts: list[Picture] = []
    for _ in range(LEVELS):
        half = np.asarray(cv2.pyrDown(picture), np.float32)
        parts.append(np.asarray(picture - cv2.pyrUp(half, dstsize=picture.shape[1::-1]), np.float32))
        picture = half
    return [*parts, picture]


def _energy(detail: Picture) -> Picture:
    return np.asarray(cv2.GaussianBlur(np.square(luma(detail)), (5, 5), 1.2), np.float32)


def guided_filter_fusion(frames: Iterable[Picture]) -> Picture:
    """Base and detail of each frame, weighed by the map of where it is sharpest, smoothed by its own edges.

    Li, Kang & Hu 2013, "Image fusion with guided filtering", with the constants of its authors; the frames
    are read twice.
    """
    best = np.zeros(0, np.float32)
    chosen = np.zeros(0, np.int32)
    for number, frame in enumerate(frames):
        detail = np.abs(cv2.Laplacian(luma(frame) / 255, cv2.CV_32F, ksize=1))
        salience = np.asarray(cv2.GaussianBlur(detail, (11, 11), 5), np.float32)
        if number == 0:
            best, chosen = salience, np.zeros(salience.shape, np.int32)
        better = salience > best
        best[better], chosen[better] = salience[better], number
    bases, details = _Mean(45, 0.3), _Mean(7, 1e-6)
    for number, frame in enumerate(frames):
        guide, here = luma(frame).astype(np.float64) / 255, (chosen == number).astype(np.float64)
        base = np.asarray(cv2.blur(frame, (31, 31)), np.float32)
        bases.add(base, guide, here)
        details.add(frame - base, guide, here)
    return np.clip(bases.mean() + details.mean(), 0, 255)


class _Mean:
    """Mean of pictures, each weighed by where it was chosen, the choice smoothed along its edges."""

    def __init__(self, radius: int, smooth: float) -> None:
        self._radius, self._smooth = radius, smooth
        self._sum, self._weight = np.zeros(1), np.full(1, 1e-9)

    def add(self, part: Picture, guide: NDArray[np.float64], here: NDArray[np.float64]) -> None:
        weight = np.clip(guided(guide, here, self._radius, self._smooth), 0, None)[..., None]
        self._sum, self._weight = self._sum + weight * part, self._weight + weight

    def mean(self) -> Picture:
        return (self._sum / self._weight).astype(np.float32)
