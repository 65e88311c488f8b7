"""Two frames are laid on one another: shift, roll and scale, by Gauss-Newton on a sparse lattice.

The step is inverse compositional (Baker and Matthews, "Lucas-Kanade 20 years
on", 2004) with Tukey's weight, so that what moves by itself or is not there
has no say. What is left over in each part of the picture tells how good it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from postfocus.align.lattice import COLUMNS, ROWS, SANE, Lattice, Motion, Template, matrix, sample
from postfocus.align.picture import Level

BLOCKS = ROWS * COLUMNS
CHUNK = 8192
"""Points multiplied at once: larger products would wake the linear algebra's other threads."""
ENOUGH = 2000
"""Points from which the size of the differences is taken."""
SMALL_SHEAR = 0.05
"""Pixels at the top and bottom up to which one step finds the row term well enough."""

Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Fit:
    """How one frame lies on another, and how far to believe it. Lengths in pixels of the level.

    Attributes
    ----------
    motion
        ``target(motion(z))`` shows ``template(z)``.
    sheared
        The same with a row term, for a rolling shutter.
    ncc
        Plain correlation over all common textured points.
    inliers, overlap
        Share of the common points that agree, and of the template's points that are common.
    spread, sheared_spread
        Information-weighted rms of the blocks' own left-over shifts, without and with the row term.
    shifts
        `(54,)` complex: by how much each block would still move.
    weights
        `(54,)` information of the blocks (trace of the normal matrix).
    """

    motion: Motion
    sheared: Motion
    ncc: float
    inliers: float
    overlap: float
    spread: float
    sheared_spread: float
    shifts: NDArray[np.complex128]
    weights: NDArray[np.float64]


NOTHING = Fit(Motion(), Motion(), 0.0, 0.0, 0.0, np.inf, np.inf, np.zeros(BLOCKS, complex), np.zeros(BLOCKS))


@dataclass(frozen=True, slots=True)
class _Compared:
    """Residuals of one evaluation over the template's points."""

    seen: NDArray[np.float32]
    valid: NDArray[np.bool_]
    r: NDArray[np.float32]
    w: NDArray[np.float32]
    inliers: float


def jacobian(template: Template, lattice: Lattice) -> Rows:
    """`(6, T)` float32: columns of scale, roll, x, y, gain and row shear, by rows.

    Scale, roll and shear are in pixels at half the width and half the height.
    """
    px, py = lattice.px[template.at], lattice.py[template.at]
    gx, gy = template.gx, template.gy
    j = np.empty((6, len(gx)), np.float32)
    unit = np.float32(1 / lattice.unit)
    j[0] = (gx * px + gy * py) * unit
    j[1] = (gy * px - gx * py) * unit
    j[2], j[3], j[4] = gx, gy, template.n
    j[5] = gx * py * np.float32(1 / lattice.half)
    return j


def register(
    template: Template, level: Level, lattice: Lattice, start: Motion, iterations: int = 4,
    only: NDArray[np.bool_] | None = None, still: float = 0.004,
) -> Fit:  # fmt: skip
    """Find how `level` shows what `template` shows, from a `start` that is right to a few pixels.

    Parameters
    ----------
    template
        The earlier frame at the lattice's points.
    level
        The later frame.
    start
        First guess, pixels of the level.
    iterations
        Most steps.
    only
        `(54,)` blocks that may decide; all by default.
    still
        It stops when shift, and scale and roll at the sides, change by less than this, pixels.
    """
    if template.plain:
        return NOTHING
    allowed = None if only is None else only[lattice.block[template.at]]
    j = jacobian(template, lattice)
    motion, shear = start, start.row != 0
    for _ in range(iterations):
        seen = compare(template, level, lattice, motion, allowed)
        x = _solve(j if shear else j[:5], seen)
        if x is None:
            return NOTHING
        motion = _moved(motion, x, lattice)
        if not abs(motion.a - 1) < 0.5:
            return NOTHING
        if np.abs(x[:4]).max() < still:
            break
    return _judge(template, level, lattice, motion, j, allowed)


def compare(
    template: Template, level: Level, lattice: Lattice, motion: Motion, allowed: NDArray[np.bool_] | None
) -> _Compared:
    """Sample the target where `motion` says and weigh the differences."""
    grid = sample(level.n, matrix(lattice, motion), lattice.shape).ravel()
    seen = grid[template.at]
    valid = seen < SANE
    r = np.where(valid, seen - template.n, np.float32(0))
    use = valid if allowed is None else valid & allowed
    chosen = r[use]
    if len(chosen) < 30:
        return _Compared(seen, valid, r, np.zeros_like(r), 0.0)
    chosen = np.abs(chosen[:: 1 + len(chosen) // ENOUGH])
    middle = len(chosen) // 2
    s = max(0.1, 1.48 * float(np.partition(chosen, middle)[middle]))
    q = r * np.float32(1 / (4 * s))
    w = np.maximum(1 - q * q, np.float32(0))
    w *= w
    w *= use
    return _Compared(seen, valid, r, w, float((chosen < 2 * s).mean()))


def _solve(j: Rows, seen: _Compared) -> NDArray[np.float64] | None:
    """Weighted least squares ``J x = r``."""
    h, g = _normal(j, seen)
    try:
        x = np.linalg.solve(h + 1e-6 * np.trace(h) * np.eye(len(h)), g)
    except np.linalg.LinAlgError:
        return None
    return x if np.isfinite(x).all() and np.trace(h) > 0 else None


def _normal(j: Rows, seen: _Compared) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    k = len(j)
    h, g = np.zeros((k, k)), np.zeros(k)
    for start in range(0, j.shape[1], CHUNK):
        part = slice(start, start + CHUNK)
        weighted = j[:, part] * seen.w[part]
        h += weighted @ j[:, part].T
        g += weighted @ seen.r[part]
    return h, g


def _moved(motion: Motion, x: NDArray[np.float64], lattice: Lattice) -> Motion:
    """`motion` after the small motion that the template makes is taken back."""
    da = 1 + complex(x[0], x[1]) / lattice.unit
    row = float(x[5]) / lattice.half if len(x) == 6 else 0.0
    a = motion.a / da
    return Motion(a, motion.b - a * complex(x[2], x[3]), motion.row - row)


def _judge(
    template: Template, level: Level, lattice: Lattice, motion: Motion, j: Rows,
    allowed: NDArray[np.bool_] | None,
) -> Fit:  # fmt: skip
    """Measure how good a pose is, and what a row term would still change."""
    seen = compare(template, level, lattice, motion, allowed)
    if not seen.w.any():
        return NOTHING
    x = _solve(j, seen)
    gain = np.float32(0 if x is None else x[4])
    shifts, weights = block_shifts(template, lattice, replace(seen, r=seen.r - gain * template.n))
    sheared, left = _with_rows(template, level, lattice, motion, j, allowed, x, shifts)
    common = seen.valid
    return Fit(
        motion, sheared, _correlation(template.n[common], seen.seen[common]), seen.inliers,
        float(common.mean()), _rms(shifts, weights), _rms(left, weights), shifts, weights,
    )  # fmt: skip


def _with_rows(
    template: Template, level: Level, lattice: Lattice, motion: Motion, j: Rows,
    allowed: NDArray[np.bool_] | None, x: NDArray[np.float64] | None, shifts: NDArray[np.complex128],
) -> tuple[Motion, NDArray[np.complex128]]:  # fmt: skip
    """The pose with a row term, and the blocks' shifts that it leaves.

    One linear step says what it would be; only if it is not small are two more steps taken.
    """
    if x is None:
        return motion, shifts
    m, sheared = lattice.middle, _moved(motion, x, lattice)
    left = shifts - (
        complex(x[0], x[1]) * m / lattice.unit + complex(x[2], x[3]) + x[5] * m.imag / lattice.half
    )
    if abs(x[5]) < SMALL_SHEAR:
        return sheared, left
    for _ in range(2):
        step = _solve(j, compare(template, level, lattice, sheared, allowed))
        if step is None:
            return motion, shifts
        sheared = _moved(sheared, step, lattice)
    seen = compare(template, level, lattice, sheared, allowed)
    return sheared, block_shifts(template, lattice, seen)[0]


def block_shifts(
    template: Template, lattice: Lattice, seen: _Compared
) -> tuple[NDArray[np.complex128], NDArray[np.float64]]:
    """Each block's own left-over shift (complex, pixels) and its information."""
    at, gx, gy = lattice.block[template.at], template.gx, template.gy
    wx, wy = seen.w * gx, seen.w * gy
    xx, xy, yy, rx, ry = (
        np.bincount(at, v, BLOCKS) for v in (wx * gx, wx * gy, wy * gy, wx * seen.r, wy * seen.r)
    )
    trace = (xx + yy).astype(np.float64)
    ridge = 0.02 * trace + 1e-3
    xx, yy = xx + ridge, yy + ridge
    det = xx * yy - xy * xy
    return ((yy * rx - xy * ry) + 1j * (xx * ry - xy * rx)) / det, trace


def _rms(shifts: NDArray[np.complex128], weights: NDArray[np.float64]) -> float:
    total = float(weights.sum())
    return float(np.sqrt((weights * np.abs(shifts) ** 2).sum() / total)) if total > 0 else float("inf")


def _correlation(p: NDArray[np.float32], q: NDArray[np.float32]) -> float:
    if len(p) < 30:
        return 0.0
    p, q = p - p.mean(), q - q.mean()
    power = float(p @ p) * float(q @ q)
    return float(p @ q) / power**0.5 if power > 0 else 0.0
