"""Pieces of a frame and where they lie: half and full size, what a piece is seen through, resampling."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.fuse.weigh import GRID, MARGIN
from postfocus.model.alignment import Alignment, Rect

BORDER = 2.0
"""Pixels from its border on which a frame fades out, as resampling there repeats the last ones."""

Seen = Callable[[Rect], list[NDArray[np.float32]]]
"""Gives the planes of a piece of a frame in the picture's geometry, float32 codes."""


def warp(
    source: NDArray[Any],
    matrix: NDArray[np.float64],
    box: Rect,
    piece: Rect,
    flags: int,
    bend: NDArray[np.complex64] | None = None,
) -> NDArray[Any]:
    """Sample `source`, which is the part `box` of a frame, where `matrix` sends the pixels of `piece`.

    `bend`: `(piece.h, piece.w)`, pixels of the piece's grid by which these are moved before.
    """
    # Plain numbers: small arrays cost more than the sums.
    (a, b, left), (c, d, top) = matrix.tolist()
    left += a * piece.x + b * piece.y - box.x
    top += c * piece.x + d * piece.y - box.y
    m = np.array([[a, b, left], [c, d, top]])
    if bend is not None:
        return _bent(source, m, bend, flags)
    x, y = round(left), round(top)
    turn = max(abs(a - 1), abs(b), abs(c), abs(d - 1)) * max(piece.w, piece.h)
    if turn < 1e-4 and abs(left - x) < 1e-4 and abs(top - y) < 1e-4:
        still = source[max(y, 0) : y + piece.h, max(x, 0) : x + piece.w]
        if still.shape[:2] == (piece.h, piece.w):
            return still
    flags |= cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(source, m, (piece.w, piece.h), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _bent(
    source: NDArray[Any], m: NDArray[np.float64], bend: NDArray[np.complex64], flags: int
) -> NDArray[Any]:
    """Sample where `m` sends the pixels of a piece that were moved before."""
    x = np.arange(bend.shape[1], dtype=np.float32) + bend.real
    y = np.arange(bend.shape[0], dtype=np.float32)[:, None] + bend.imag
    (a, b, left), (c, d, top) = m.astype(np.float32)
    return cv2.remap(
        source, a * x + b * y + left, c * x + d * y + top, flags, borderMode=cv2.BORDER_REPLICATE
    )


def span(low: float, high: float, size: int) -> tuple[int, int]:
    """Pixels that cover `low`…`high` with margin, within 0…`size`, from and up to a multiple of `GRID`."""
    least = min(size, 2 * MARGIN)
    first = min(max(int(low) - MARGIN, 0), size - least) // GRID * GRID
    return first, min(-(-max(int(high) + 1 + MARGIN, first + least) // GRID) * GRID, size)


def halved(rect: Rect) -> Rect:
    """A rectangle with an even corner on the half-size grid."""
    return Rect(rect.x // 2, rect.y // 2, -(-rect.w // 2), -(-rect.h // 2))


def slices(rect: Rect) -> tuple[slice, slice]:
    """Its rows and columns."""
    return slice(rect.y, rect.y + rect.h), slice(rect.x, rect.x + rect.w)


def on_half(cells: NDArray[np.float32], pool: int, piece: Rect) -> NDArray[np.float32]:
    """`(h, w)` values of cells of `pool` full-size pixels on the half-size grid of a piece; linear."""
    small, scale = halved(piece), 2 / pool
    offset = 0.5 * scale - 0.5
    grid = np.array([[scale, 0, piece.x / pool + offset], [0, scale, piece.y / pool + offset]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(cells, grid, (small.w, small.h), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.float32)


def on_full(cells: NDArray[np.float32], pool: int, piece: Rect) -> NDArray[np.float32]:
    """`(h, w)` or `(h, w, c)` values of cells of `pool` full-size pixels on those of a piece; linear."""
    offset = 0.5 / pool - 0.5
    grid = np.array([[1 / pool, 0, piece.x / pool + offset], [0, 1 / pool, piece.y / pool + offset]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(cells, grid, (piece.w, piece.h), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.float32)


def on_cells(half: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Values of the half-size grid on cells, of which there are `shape`, each from one place."""
    return np.asarray(cv2.resize(half, shape[::-1], interpolation=cv2.INTER_NEAREST), np.float32)


def doubled(rect: Rect) -> Rect:
    """A rectangle of the half-size grid on the full one."""
    return Rect(2 * rect.x, 2 * rect.y, 2 * rect.w, 2 * rect.h)


def cut(rect: Rect, to: Rect) -> Rect:
    """What of a rectangle lies left of and above the ends of another."""
    return Rect(rect.x, rect.y, min(rect.w, to.x + to.w - rect.x), min(rect.h, to.y + to.h - rect.y))


def blockwise_max(values: NDArray[np.float32], side: int, rows: int, cols: int) -> NDArray[np.float32]:
    """Maximum over blocks of `side` x `side`, each widened by one cell; `(rows, cols)`, the last repeated."""
    wide = np.asarray(cv2.dilate(values, np.ones((3, 3), np.uint8)), np.float32)
    most = blockwise(wide, side)[:rows, :cols]
    below, right = rows - most.shape[0], cols - most.shape[1]
    return np.pad(most, ((0, below), (0, right)), mode="edge") if below or right else most


def blockwise(values: NDArray[Any], side: int) -> NDArray[Any]:
    """The greatest of each block of `side` x `side`, also of what remains at right and bottom; any type."""
    if side == 1:
        return values
    rows, cols = values.shape
    whole = rows // side * side
    most = values[:whole].reshape(-1, side, cols).max(axis=1)
    if whole < rows:
        most = np.vstack([most, values[whole:].max(axis=0)])
    return np.asarray(np.maximum.reduceat(most, np.arange(0, cols, side), axis=1))


def enlarged(share: NDArray[np.float32], h: int, w: int) -> NDArray[np.float32]:
    """Half-size shares on the full grid, each for its 2 x 2 pixels.

    Not interpolated: a running average stays an average only if each pixel's shares belong together.
    """
    double = (2 * share.shape[1], 2 * share.shape[0])
    return np.asarray(cv2.resize(share, double, interpolation=cv2.INTER_NEAREST)[:h, :w], np.float32)


def fitted(share: NDArray[np.float32], plane: NDArray[Any]) -> NDArray[np.float32]:
    """Shares of pixels for a piece of a plane: of luma as they are, of 4:2:0 chroma the means of 2 x 2."""
    if share.shape != plane.shape[:2]:
        below, right = share.shape[0] % 2, share.shape[1] % 2
        even = cv2.copyMakeBorder(share, 0, below, 0, right, cv2.BORDER_REPLICATE)
        size = (plane.shape[1], plane.shape[0])
        share = np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), np.float32)
    return share[..., None] if plane.ndim == 3 else share


def shown(alignment: Alignment, slot: int, piece: Rect) -> NDArray[np.float32] | float:
    """How far a frame shows the pixels of a piece: 1 inside of it, 0 outside; one number if it shows all."""
    m = alignment.matrix(slot)
    x = np.arange(piece.x, piece.x + piece.w, dtype=np.float64)
    y = np.arange(piece.y, piece.y + piece.h, dtype=np.float64)[:, None]
    inside = np.full((1, 1), np.inf)
    border = BORDER
    if alignment.bend is not None and alignment.bend.moves(slot):
        border += abs(alignment.a[slot]) * alignment.bend.margin([slot])
        shift = alignment.bend.at(slot, x, y[:, 0])
        x, y = x + shift.real, y + shift.imag
    left, right, top, bottom = piece.x, piece.x + piece.w - 1, piece.y, piece.y + piece.h - 1
    corners = np.array([[left, right, left, right], [top, top, bottom, bottom], [1, 1, 1, 1]])
    for row, last in zip(m, (alignment.width - 1, alignment.height - 1), strict=True):
        at = row @ corners
        if slot == alignment.reference or (at.min() >= border and at.max() <= last - border):
            continue
        place = row[0] * x + row[1] * y + row[2]
        inside = np.minimum(inside, np.minimum(place, last - place))
    if np.isinf(inside).all():
        return 1.0
    return np.clip(inside * (1 / BORDER), 0, 1).astype(np.float32)


def block_of(piece: Rect, row: int, column: int, side: int) -> Rect:
    """One of the blocks of a piece, of so many pixels each way."""
    x, y = piece.x + column * side, piece.y + row * side
    return Rect(x, y, min(side, piece.x + piece.w - x), min(side, piece.y + piece.h - y))


def runs(awake: NDArray[np.bool_], longest: int) -> Iterator[tuple[int, int]]:
    """First and one past the last of each run of true, cut to at most so many."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], awake.astype(np.int8), [0]])))
    for first, last in edges.reshape(-1, 2).tolist():
        for start in range(first, last, longest):
            yield start, min(start + longest, last)
