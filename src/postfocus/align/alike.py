"""Two frames of a sweep are made alike before they are laid on one another.

What is out of focus grows and runs into what lies beside it, and that looks like
motion. But when depth is known and how wide each frame blurs, the sharper of two
frames can be blurred as the other is: then whatever still lies apart has moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.align.picture import Picture
from postfocus.align.scales import LEAST, Region, Scale
from postfocus.cells import finer_than, quartered, unquartered
from postfocus.defocus import DISC
from postfocus.model.alignment import Alignment

WIDE = 12.0
"""Standard deviation, cells, above which structure is shading and does not count."""

FLOOR = 1.5
"""Levels of linear light added to the local strength, so that noise stays quiet."""

TEXTURED = 0.003
"""Least squared gradient of a cell worth comparing."""

AWAY = 0.5
"""How far from an edge of depth a cell must be, for each cell of blur."""

REACH, QUIET = 4.0, 0.05
"""Tukey's weight ends at so many times the usual difference, which is at least the second."""

EVEN = 0.5
"""Frames on either side of focus are compared if they blur alike up to this share of their blur."""

CLOSE = 0.3
"""Cells of blur up to which two frames are alike as they are."""

HIDDEN = 5
"""Cells along the sides of a frame that are not compared: what lies beyond them was guessed."""

FINE = 2
"""Steps of blur in each octave."""

UNKNOWNS = 4
"""Of a motion."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one region says of two frames: normal equations of the motion that is left between them.

    Attributes
    ----------
    one, other
        The frames.
    information
        `(4, 4)` float64, of scale and roll (in full-size pixels at half the width) and shift x and y (in
        full-size pixels), over the squared difference.
    pull
        `(4,)` float64: ``information @ motion = pull``, where the `other` frame shows at ``z`` what the first
        shows at ``z + motion(z)``.
    """

    one: int
    other: int
    information: NDArray[np.float64]
    pull: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Blurred:
    """A frame as it would be if it were blurred more.

    All `(h * w,)` float32: its band of detail over its own strength, one over that strength, the band's
    gradient in a cell, and its bow (Laplacian), as which it changes when it is blurred a little more.
    """

    band: Picture
    softer: Picture
    gx: Picture
    gy: Picture
    bow: Picture


@dataclass(frozen=True, slots=True)
class _Pair:
    """A region in two frames: cells of blur in the `other`, and the steps that the `sharper` one lacks."""

    region: Region
    sharper: int
    other: int
    blur: float
    step: int


@dataclass(slots=True)
class Comparison:
    """Compares frames on one scale as they lie by an alignment.

    Parameters
    ----------
    scale
        The small copies.
    alignment, slots
        Poses, and which of them these frames have.
    place
        `(M,)` float64: where the frames are on the line of blur, cells of the finest scale.
    cell
        Full-size pixels of each side of a cell of this scale.
    """

    scale: Scale
    alignment: Alignment
    slots: Sequence[int]
    place: NDArray[np.float64]
    cell: int
    _laid: list[Picture] = field(init=False)
    _shown: list[NDArray[np.bool_]] = field(init=False)
    _from_light: list[Picture] = field(init=False)
    _bands: dict[int, Picture] = field(init=False, default_factory=dict[int, Picture])
    _x: Picture = field(init=False)
    _y: Picture = field(init=False)

    def __post_init__(self) -> None:
        rows, cols = self.scale.shape
        whole = np.zeros((rows, cols), np.uint8)
        whole[HIDDEN:-HIDDEN, HIDDEN:-HIDDEN] = 1
        self._laid, self._shown, self._from_light = [], [], []
        for picture, slot in zip(self.scale.pictures, self.slots, strict=True):
            matrix = self.alignment.matrix(slot, self.cell)
            laid = _moved(picture.light, matrix, cv2.INTER_LINEAR, cv2.BORDER_REPLICATE)
            lit = _moved(picture.clipped.astype(np.uint8), matrix, cv2.INTER_NEAREST, cv2.BORDER_CONSTANT)
            self._from_light.append(_distance(lit == 0))
            laid *= np.float32(1 / self.alignment.gain[slot] ** 2)
            self._laid.append(laid)
            self._shown.append(_moved(whole, matrix, cv2.INTER_NEAREST, cv2.BORDER_CONSTANT).ravel() > 0)
        half = self.alignment.width / 2
        across = ((np.arange(cols) + 0.5) * self.cell - 0.5 - (self.alignment.width - 1) / 2) / half
        down = ((np.arange(rows) + 0.5) * self.cell - 0.5 - (self.alignment.height - 1) / 2) / half
        self._x, self._y = np.tile(across, rows).astype(np.float32), np.repeat(down, cols).astype(np.float32)

    def evidence(self) -> Iterator[Evidence]:
        """What all regions say of all pairs of frames that belong on this scale."""
        asked = sorted(self._asked(), key=lambda pair: (pair.sharper, pair.step))
        for (sharper, step), pairs in groupby(asked, lambda pair: (pair.sharper, pair.step)):
            seen = self._as_blurred(sharper, step)
            for pair in pairs:
                found = self._compare(pair, seen)
                if found is not None:
                    yield found

    def _asked(self) -> Iterator[_Pair]:
        """Pairs whose wider blur is best seen on this scale."""
        for region in self.scale.regions:
            signed = (self.place - self.place[region.sharp]) / self.scale.factor
            blur = np.abs(signed)
            for sharper, other in _pairs(signed, region.sharp):
                least, most = float(blur[sharper]), float(blur[other])
                if not self.scale.narrow < most <= self.scale.wide:
                    continue
                more = np.sqrt(max(0.0, most**2 - least**2))
                step = 0 if more < CLOSE else round(FINE * float(np.log2(more / CLOSE))) + 1
                yield _Pair(region, sharper, other, most, step)

    def _compare(self, pair: _Pair, seen: _Blurred) -> Evidence | None:
        at = pair.region.at
        used = self._shown[pair.sharper][at] & self._shown[pair.other][at]
        used &= self.scale.clear[at] > AWAY * pair.blur
        used &= self._from_light[pair.sharper][at] > pair.blur + 1
        gx, gy = seen.gx[at], seen.gy[at]
        used &= gx * gx + gy * gy > TEXTURED
        at, gx, gy = at[used], gx[used], gy[used]
        if len(at) < LEAST:
            return None
        band = seen.band[at]
        off = self._band(pair.other)[at] * seen.softer[at] - band
        size = max(QUIET, 1.48 * float(np.median(np.abs(off))))
        weight = np.square(np.clip(1 - np.square(off * np.float32(1 / (REACH * size))), 0, 1))
        gx *= np.float32(1 / self.cell)
        gy *= np.float32(1 / self.cell)
        x, y = self._x[at], self._y[at]
        rows = np.stack([gx * x + gy * y, gy * x - gx * y, gx, gy, band, seen.bow[at]])
        weighted = rows * (weight * np.float32(1 / size**2))
        normal, pull = (weighted @ rows.T).astype(np.float64), (weighted @ off).astype(np.float64)
        return _motion_alone(pair, normal, pull)

    def _band(self, frame: int) -> Picture:
        if frame not in self._bands:
            self._bands[frame] = finer_than(self._laid[frame], WIDE).ravel()
        return self._bands[frame]

    def _as_blurred(self, frame: int, step: int) -> _Blurred:
        """A frame blurred by a step more; 0: as it is."""
        laid = self._laid[frame]
        if step:
            sigma = CLOSE * 2 ** ((step - 1) / FINE) / (2 * DISC)
            laid = np.asarray(
                cv2.GaussianBlur(laid, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float32
            )
        band = finer_than(laid, WIDE)
        softer = np.float32(1) / _strength(band)
        band *= softer
        gx = cv2.Sobel(band, cv2.CV_32F, 1, 0, ksize=1, scale=0.5)
        gy = cv2.Sobel(band, cv2.CV_32F, 0, 1, ksize=1, scale=0.5)
        bow = cv2.Laplacian(band, cv2.CV_32F)
        return _Blurred(*(cast(Picture, each).ravel() for each in (band, softer, gx, gy, bow)))


def _pairs(blur: NDArray[np.float64], sharp: int) -> Iterator[tuple[int, int]]:
    """Pairs of frames in which a region is compared, that which blurs it less first.

    The sharpest with every other; those on either side of focus that blur alike; and neighbours.
    """
    known = {(sharp, other) for other in range(len(blur)) if other != sharp}
    behind = np.flatnonzero(blur > CLOSE)
    if len(behind):
        for one in np.flatnonzero(blur < -CLOSE).tolist():
            other = int(behind[np.abs(blur[behind] + blur[one]).argmin()])
            less, more = sorted((one, other), key=lambda frame: abs(blur[frame]))
            left = np.sqrt(blur[more] ** 2 - blur[less] ** 2)
            if left <= EVEN * max(1.0, abs(blur[more])):
                known.add((less, more))
    for one in range(len(blur) - 1):
        less, more = sorted((one, one + 1), key=lambda frame: abs(blur[frame]))
        known.add((less, more))
    yield from sorted(known)


def _motion_alone(pair: _Pair, normal: NDArray[np.float64], pull: NDArray[np.float64]) -> Evidence:
    """Take out the other unknowns: how much stronger detail is in the other frame, and how much softer."""
    motion, other = slice(UNKNOWNS), slice(UNKNOWNS, None)
    among = normal[other, other] + np.diag(1e-6 * np.diag(normal[other, other]) + 1e-9)
    side = np.linalg.solve(among, normal[other, motion]).T
    return Evidence(
        pair.sharper, pair.other,
        normal[motion, motion] - side @ normal[other, motion], pull[motion] - side @ pull[other],
    )  # fmt: skip


def _distance(dark: NDArray[np.bool_]) -> Picture:
    """`(h * w,)` float32: cells from each cell to the nearest that is not dark."""
    return np.asarray(cv2.distanceTransform(dark.astype(np.uint8), cv2.DIST_L2, 3), np.float32).ravel()


def _moved(
    values: Picture | NDArray[np.uint8], matrix: NDArray[np.float64], how: int, border: int
) -> Picture:
    size, how = (values.shape[1], values.shape[0]), how | cv2.WARP_INVERSE_MAP
    return cast(Picture, cv2.warpAffine(values, matrix, size, flags=how, borderMode=border))


def _strength(band: Picture) -> Picture:
    """How strong detail is round each cell."""
    mean = cv2.blur(quartered(np.abs(band)), (7, 7))
    return unquartered(np.asarray(mean, np.float32), band.shape) + np.float32(FLOOR)
