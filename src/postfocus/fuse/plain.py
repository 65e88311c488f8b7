"""The definition of the merged picture, readable: every frame whole, every weight written out.

Of frames that lie on one another by their matrices alone and have one tone curve.

`postfocus.fuse.merge` gives the same picture piece by piece, looking only where
the gate lets a frame in; `full_colour_plain` then sharpens its colour, which
`postfocus.fuse.colour` does strip by strip. `hills_plain` looks at one curve
alone, `postfocus.fuse.hills` at all of them while frames go by. Tests hold them
together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.fuse.few import AROUND, FEW_FLOOR, FROM, KEPT, LEAST, SURE, TO, Fit
from postfocus.fuse.gate import Gate
from postfocus.fuse.hills import LEAST as LEAST_HILL
from postfocus.fuse.hills import MOST, RISE
from postfocus.fuse.layout import black_code
from postfocus.fuse.weigh import BLOCK, FLOOR, HEARD, contrast, keen_blocks, parted
from postfocus.model.alignment import Alignment, Rect
from postfocus.model.frame import Frame


def merge_plain(
    frames: Sequence[Frame], slots: Sequence[int], alignment: Alignment, gate: Gate, pool: int
) -> tuple[NDArray[np.float64], ...]:
    """Average frames by ``say * (sharpness / greatest sharpness) ** 20``, sharpness as `parted`.

    Parameters
    ----------
    frames, slots
        The frames and their slots, in any order; RGB, grey or 4:2:0 planes of one size.
    alignment
        Where the scene lies in each slot; its reference gives the picture's geometry.
    gate
        Which frames have a say where.
    pool
        Full-size pixels of a cell of the gate.

    Returns
    -------
    Planes like the frames', float64 in their code values.
    """
    shape = frames[0].planes[0].shape[:2]
    weights, _, keen = _weights(frames, slots, alignment, gate, pool, FLOOR)
    full = [weight.repeat(2, 0).repeat(2, 1)[: shape[0], : shape[1]] for weight in weights]
    return _mixed(frames, slots, alignment, list(weights), full, keen)


def merge_few_plain(
    frames: Sequence[Frame], slots: Sequence[int], alignment: Alignment, gate: Gate, pool: int
) -> tuple[NDArray[np.float64], ...]:
    """Average few frames by such weights, evened out where the picture is plain and along its edges.

    Parameters and what is returned as of `merge_plain`; `postfocus.fuse.few` does it piece by piece.
    """
    height, width = frames[0].planes[0].shape[:2]
    weights, best, keen = _weights(frames, slots, alignment, gate, pool, FEW_FLOOR)
    heard = weights > 0
    half, unit = best.shape, 2.0 ** (8 - frames[0].coding.bits)
    guide, black = np.zeros(half), float(black_code(frames[0].coding, 0)) * unit
    for frame, slot, weight in zip(frames, slots, weights, strict=True):
        luma = np.pad(frame.luma.astype(float), ((0, height % 2), (0, width % 2)), mode="edge")
        small = luma.reshape(half[0], 2, half[1], 2).mean(axis=(1, 3)) * unit
        seen = _sampled(small, alignment.matrix(slot, 2), half, cv2.INTER_LINEAR)
        guide += weight * ((seen - black) / alignment.gain[slot] + black)
    least = best * np.where(heard, weights / weights.max(axis=0), 0).min(axis=0) ** (1 / 20)
    sure = np.maximum(best - np.maximum(least, FROM), 0) + SURE
    nearby = np.stack([cv2.GaussianBlur(sure * weight, (0, 0), AROUND) for weight in weights])
    plain = np.clip((TO - best) / (TO - FROM), 0, 1)
    evened = weights + plain * (nearby / nearby.sum(axis=0) - weights) * heard
    fit = Fit(guide.astype(np.float32))
    shares: list[NDArray[np.float64]] = []
    for slot, weight, share in zip(slots, weights, evened, strict=True):
        shown = _sampled(gate.shown(slot), _grid(pool), half, cv2.INTER_LINEAR)
        share = share + shown * (fit.of(share.astype(np.float32)) - share)
        shares.append(np.maximum(share * (share >= LEAST), KEPT * weight))
    full = np.stack([_enlarged(share, left=False)[:height, :width] for share in shares])
    shares, total = list(np.stack(shares) / np.sum(shares, axis=0)), full.sum(axis=0)
    return _mixed(frames, slots, alignment, shares, [part / total for part in full], keen)


def _weights(
    frames: Sequence[Frame], slots: Sequence[int], alignment: Alignment, gate: Gate, pool: int, floor: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[NDArray[np.bool_]]]:
    """Half-size weights of the frames, the best score of each place in grey levels, full-size keen blocks."""
    height, width = frames[0].planes[0].shape[:2]
    half = (-(-height // 2), -(-width // 2))
    heard: list[NDArray[np.float64]] = []
    says: list[NDArray[np.float64]] = []
    keen: list[NDArray[np.bool_]] = []
    bits, grid = frames[0].coding.bits, _grid(pool)
    for frame, slot in zip(frames, slots, strict=True):
        score = contrast(frame, Rect(0, 0, width, height), floor)
        score = _sampled(score, alignment.matrix(slot, 2), half, cv2.INTER_LINEAR)
        beside = gate.beside()
        if beside is not None:
            even = floor * 2.0 ** (bits - 8)
            score += _sampled(beside, grid, half, cv2.INTER_LINEAR) * (even - score)
        say = _sampled(gate.say(slot), grid, half, cv2.INTER_LINEAR)
        says.append(say)
        single = score.astype(np.float32)
        blocks = keen_blocks(single, say > HEARD, bits, floor)
        keen.append(blocks.repeat(BLOCK, 0).repeat(BLOCK, 1)[:height, :width])
        heard.append(parted(single, bits) * np.clip(say / HEARD, 0, 1))
    best = np.maximum(np.max(heard, axis=0), 1e-9)
    weights = np.stack([say * (score / best) ** 20 for say, score in zip(says, heard, strict=True)])
    total = weights.sum(axis=0)
    return weights / total, best * weights.max(axis=0) ** (1 / 20) * 2.0 ** (8 - bits), keen


def _grid(pool: int) -> NDArray[np.float64]:
    """From half-size pixels to cells.

    Pixel i has its centre at full-size 2 i + 1/2, cell j at pool j + (pool - 1) / 2.
    """
    scale = 2 / pool
    return np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2]])


def _mixed(
    frames: Sequence[Frame], slots: Sequence[int], alignment: Alignment, half: Sequence[NDArray[np.float64]],
    full: Sequence[NDArray[np.float64]], keen: Sequence[NDArray[np.bool_]],
) -> tuple[NDArray[np.float64], ...]:  # fmt: skip
    """The frames' planes in one geometry and brightness, averaged by weights of half and of full size."""
    means: list[NDArray[np.float64]] = []
    for number, first in enumerate(frames[0].planes):
        mean = np.zeros(first.shape)
        black = float(black_code(frames[0].coding, number))
        weights = half if number else full
        for frame, slot, weight, mask in zip(frames, slots, weights, keen, strict=True):
            matrix = alignment.matrix(slot) if number == 0 else alignment.matrix(slot, 2)
            codes = frame.planes[number].astype(np.float32)
            value = _sampled(codes, matrix, first.shape[:2], cv2.INTER_CUBIC)
            if number == 0:
                fine = _sampled(codes, matrix, first.shape[:2], cv2.INTER_LANCZOS4)
                value[mask] = fine[mask]
            value = (value - black) / alignment.gain[slot] + black
            mean += value * (weight if first.ndim == 2 else weight[..., None])
        means.append(mean)
    return tuple(means)


def hills_plain(curve: Sequence[float]) -> tuple[list[tuple[int, float]], float]:
    """The hills of one curve of sharpness, from the first frame to the last.

    Parameters
    ----------
    curve
        Grey levels above 0, one for each frame.

    Returns
    -------
    The last frame (the valley) and the top of each hill but the last, whose frame is that of the curve;
    and the level of the deepest valley, infinite where there is none.
    """
    hills: list[tuple[int, float]] = []
    foot, start = np.inf, 0
    for k in range(len(curve)):
        if k == start:
            continue
        top = start + int(np.argmax(curve[start:k]))
        valley = top + int(np.argmin(curve[top:k]))
        needed = RISE * curve[valley] + LEAST_HILL
        if min(curve[top], curve[k]) > needed and len(hills) < MOST - 1:
            hills.append((valley, curve[top]))
            foot, start = min(foot, curve[valley]), k
    return [*hills, (len(curve) - 1, max(curve[start:]))], float(foot)


def full_colour_plain(
    luma: NDArray[Any], chroma: NDArray[Any], left: bool, noise: float
) -> NDArray[np.float64]:
    """One colour plane at luma's size: enlarged evenly, plus the detail of luma along a fitted line.

    Plus what the sum, halved again, lacks.

    Parameters
    ----------
    luma, chroma
        `(2 h, 2 w)` and `(h, w)` codes.
    left
        Colour samples lie on the left one of their two columns of luma, not midway.
    noise
        Codes of contrast below which luma tells nothing.

    Returns
    -------
    `(2 h, 2 w)` float64 codes, neither rounded nor clipped.
    """
    y, c = luma.astype(np.float64), chroma.astype(np.float64)
    small = _halved(y, left)
    slope = _covariance(small, c) / (_covariance(small, small) + noise**2)
    sharp = _enlarged(c, left) + _enlarged(slope, left) * (y - _enlarged(small, left))
    return sharp + _enlarged(c - _halved(sharp, left), left)


def _halved(plane: NDArray[np.float64], left: bool) -> NDArray[np.float64]:
    """Pairs of rows; of columns 1-2-1 about even ones, or pairs."""
    rows = (plane[0::2] + plane[1::2]) / 2
    before = np.column_stack([rows[:, :1], rows[:, 1:-1:2]])
    even, odd = rows[:, 0::2], rows[:, 1::2]
    return (before + 2 * even + odd) / 4 if left else (even + odd) / 2


def _covariance(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Over the 3 x 3 samples round each; the border continues."""

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        wide = np.pad(values, 1, mode="edge")
        shifted = [wide[i : i + len(a), j : j + a.shape[1]] for i in range(3) for j in range(3)]
        return np.asarray(np.mean(shifted, axis=0), np.float64)

    return mean(a * b) - mean(a) * mean(b)


def _enlarged(plane: NDArray[np.float64], left: bool) -> NDArray[np.float64]:
    """Values between samples by straight lines along columns, then along rows; the border continues."""
    h, w = plane.shape
    down, right = np.arange(2 * h), np.arange(2 * w)
    across = right / 2 if left else (right - 0.5) / 2
    tall = np.stack([np.interp((down - 0.5) / 2, np.arange(h), column) for column in plane.T], axis=1)
    return np.stack([np.interp(across, np.arange(w), row) for row in tall])


def _sampled(
    picture: NDArray[Any], matrix: NDArray[np.float64], shape: tuple[int, ...], flags: int
) -> NDArray[np.float64]:
    """`picture` where `matrix` sends each pixel of a picture of `shape`; beyond the border it continues."""
    flags |= cv2.WARP_INVERSE_MAP
    size = (shape[1], shape[0])
    seen = cv2.warpAffine(picture, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.float64)
