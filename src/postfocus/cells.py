"""The small cells of the index: how pictures shrink to them, how contrast scores in them, and their averages.

A frame does not show every cell; averages are then over those that it shows.
"""

from __future__ import annotations

from typing import Any, TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

Values = TypeVar("Values", bound=NDArray[Any])

LONG_SIDE = 1600
"""Cells along the longer side, at most."""

REACH = 2.5
"""Standard deviations at which the Gaussian is cut off."""

CONCENTRATED = 3.0
"""Grey levels of contrast at which a pixel's score counts double; beyond, its cube soon prevails."""

RAGGED = 0.02
"""Share of a row that may be missing before the row counts as border."""


def pool_for(width: int, height: int) -> int:
    """How many pixels of each side make a cell: 4 for 4K and 6K, 2 for 2048, 1 for small pictures.

    Focus is scored on these cells, and frames are registered on pictures of one pixel a cell.

    >>> pool_for(3840, 2160), pool_for(5184, 3456), pool_for(2048, 1536), pool_for(860, 679)
    (4, 4, 2, 1)
    """
    pool = 1
    while max(width, height) / pool > LONG_SIDE:
        pool *= 2
    return pool


def shrink(picture: NDArray[Any], factor: int, into: NDArray[Any] | None = None) -> NDArray[Any]:
    """Mean of `factor` x `factor` pixels, same type; right and bottom remainders are dropped.

    Parameters
    ----------
    picture
        `(H, W)` or `(H, W, C)`, uint8, uint16 or float32.
    factor
        A power of two. Halving twice gives the mean of four to half a code and is four times cheaper
        than one step of four.
    into
        A result no longer needed, whose memory is used again if it fits.

    Returns
    -------
    `(H // factor, W // factor[, C])`, the type and unit of `picture`.
    """
    height, width = picture.shape[0] // factor * factor, picture.shape[1] // factor * factor
    out = picture[:height, :width]
    while factor > 1:
        size = (out.shape[1] // 2, out.shape[0] // 2)
        out = cv2.resize(out, size, dst=into if factor == 2 else None, interpolation=cv2.INTER_AREA)
        factor //= 2
    return out


def doubled(values: NDArray[Any], shape: tuple[int, int], flags: int) -> NDArray[Any]:
    """Twice as many rows and columns; the way back from `shrink` by 2.

    Parameters
    ----------
    values
        `(h, w)`, any type that OpenCV resizes, or bool.
    shape
        Rows and columns wanted: twice those of `values`, or one more, which repeats its neighbour.
    flags
        How OpenCV is to interpolate.

    Returns
    -------
    `shape`, the type and unit of `values`; bool as uint8, 0 or 1.
    """
    if values.dtype == np.bool_:
        values = values.astype(np.uint8)
    size = (2 * values.shape[1], 2 * values.shape[0])
    large = cv2.resize(values, size, interpolation=flags)
    if large.shape == shape:
        return large
    return np.pad(large, ((0, shape[0] - size[1]), (0, shape[1] - size[0])), mode="edge")


def score_of(contrast: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a pixel's contrast adds to the score of its cell: ``c + (c / 3) ** 3``.

    Takes and returns float32 grey levels, 0 or more, of any one shape. A point of light keeps its sum of
    contrast when it spreads into a disc, even gains where it was clipped, but it loses its height: the cube
    tells the two apart. Weak texture is told from noise by sums over many pixels, so there the score stays
    linear.
    """
    cube = np.square(contrast)
    cube *= np.float32(CONCENTRATED**-3)
    cube += 1
    cube *= contrast
    return cube


def contrast_of(score: NDArray[np.float32]) -> NDArray[np.float32]:
    """The even contrast of a cell that has this score: the inverse of `score_of`, by Newton's method.

    Takes and returns float32 grey levels, 0 or more, of any one shape.
    """
    contrast = np.minimum(score, CONCENTRATED * np.cbrt(score)).astype(np.float32)
    for _ in range(4):
        slope = 1 + 3 * np.square(contrast) / np.float32(CONCENTRATED**3)
        contrast -= (score_of(contrast) - score) / slope
    return contrast


def halo(sigma: float) -> int:
    """Cells on each side that `averaged` looks at."""
    return max(1, int(np.ceil(REACH * sigma)))


def averaged(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Gaussian mean over the neighbours that are shown.

    Parameters
    ----------
    values
        `(h, w)` float32 above 0; 0 where a cell is not shown.
    sigma
        Standard deviation, cells.

    Returns
    -------
    `(h, w)` float32, the unit of `values`; 0 where a cell is not shown.
    """
    smooth = _gaussian(values, sigma)
    hole = values <= 0
    if not hole.any():
        return smooth
    reach = halo(sigma)
    for rows, cols in _borders(hole, reach):
        top, left = max(0, rows.start - reach), max(0, cols.start - reach)
        shown = (~hole[top : rows.stop + reach, left : cols.stop + reach]).astype(np.float32)
        share = _gaussian(shown, sigma)
        inner = (slice(rows.start - top, rows.stop - top), slice(cols.start - left, cols.stop - left))
        smooth[rows, cols] *= shown[inner] / np.maximum(share[inner], np.float32(1e-6))
    return smooth


def quartered(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means of about 4 x 4 cells, a quarter of the rows and columns, rounded up; `(h, w)`, any unit."""
    size = (-(-values.shape[1] // 4), -(-values.shape[0] // 4))
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)


def unquartered(quarter: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The way back from `quartered`, linear, to `shape` rows and columns."""
    return np.asarray(cv2.resize(quarter, shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def finer_than(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """What a Gaussian of `sigma` cells, 8 or more, takes away: detail without shading.

    The Gaussian is taken of the means of 4 x 4 cells, at a sixteenth of the cost. `(h, w)` float32, any unit.
    """
    wide = cv2.GaussianBlur(quartered(values), (0, 0), sigma / 4, borderType=cv2.BORDER_REPLICATE)
    return values - unquartered(np.asarray(wide, np.float32), values.shape)


def filled_up(values: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    """`(h, w)` or `(h, w, c)` values with the last row and column repeated up to a multiple of `step`."""
    below, right = -values.shape[0] % step, -values.shape[1] % step
    if below == 0 and right == 0:
        return values
    return np.asarray(cv2.copyMakeBorder(values, 0, below, 0, right, cv2.BORDER_REPLICATE), np.float32)


def enlarged(
    cells: NDArray[Any], pool: int, shape: tuple[int, ...], corner: tuple[int, int] = (0, 0)
) -> NDArray[Any]:
    """Every cell for its `pool` x `pool` pixels; the last ones also for what remains at right and bottom.

    `(h, w[, c])` cells of any type and unit; returned are `shape` pixels from row and column `corner` on.
    """
    rows = np.minimum(np.arange(corner[0], corner[0] + shape[0]) // pool, cells.shape[0] - 1)
    cols = np.minimum(np.arange(corner[1], corner[1] + shape[1]) // pool, cells.shape[1] - 1)
    return cells[rows][:, cols]


def in_view(cells: Values, view: NDArray[np.float64] | None, outside: int = 0) -> Values:
    """`(h, w)` cells as a picture of another geometry has them, each the nearest; ``None``: it has the same.

    `view` is the `(2, 3)` matrix from its cells to those given. Beyond them lies what stands for `outside`.
    """
    if view is None:
        return cells
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    whole = cells.view(np.uint8) if cells.dtype == np.bool_ else cells
    seen = cv2.warpAffine(whole, view, cells.shape[::-1], flags=flags, borderValue=outside)
    return cast(Values, np.asarray(seen, cells.dtype))


def blended_in_view(cells: NDArray[np.float32], view: NDArray[np.float64] | None) -> NDArray[np.float32]:
    """As `in_view`, of values between which there are others; beyond the last cells lies what they hold."""
    if view is None:
        return cells
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(cells, view, cells.shape[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.float32)


def averaged_plain(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """The definition of `averaged`: weighted sum of what is shown over the sum of its weights."""
    shown = (values > 0).astype(np.float32)
    mean = _gaussian(values, sigma) / np.maximum(_gaussian(shown, sigma), np.float32(1e-6))
    return np.asarray(np.where(values > 0, mean, 0), np.float32)


def _gaussian(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    side = 2 * halo(sigma) + 1
    out = cv2.GaussianBlur(values, (side, side), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(out, np.float32)


def _borders(hole: NDArray[np.bool_], reach: int) -> list[tuple[slice, slice]]:
    """Disjoint strips along the four sides outside of which no cell's neighbourhood has a hole.

    Frames miss cells along their borders; a hole in the middle makes a strip as wide as the map.
    """
    height, width = hole.shape
    missing = np.asarray(cv2.reduce(hole.view(np.uint8), 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S))[:, 0]
    ragged = missing > RAGGED * width
    whole = np.flatnonzero(~ragged)
    if len(whole) == 0:
        return [(slice(0, height), slice(0, width))]
    first, last = int(whole[0]), int(whole[-1]) + 1
    if ragged[first:last].any():
        return [(slice(0, height), slice(0, width))]
    cols = np.flatnonzero(hole[first:last].any(axis=0))
    left = int(cols[cols < width // 2].max(initial=-1)) + 1
    right = int(cols[cols >= width // 2].min(initial=width))
    top = min(height, first + reach) if first else 0
    bottom = max(top, last - reach) if last < height else height
    middle = slice(top, bottom)
    strips = [
        (slice(0, top), slice(0, width)),
        (slice(bottom, height), slice(0, width)),
        (middle, slice(0, min(width, left + reach) if left else 0)),
        (middle, slice(max(left + reach if left else 0, right - reach) if right < width else width, width)),
    ]
    return [(rows, cols) for rows, cols in strips if rows.start < rows.stop and cols.start < cols.stop]
