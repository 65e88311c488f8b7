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
NEARLY = 0.02
"""Size of a step, pixels, below which one more on a denser lattice is the last."""
SMALL_SHEAR = 0.05
"""Pixels at the top and bottom up to which one step finds the row term well enough."""

Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Dense:
    """A frame at the points of a denser lattice."""

    template: Template
    lattice: Lattice


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
class Compared:
    """Differences at one pose over the template's points.

    Attributes
    ----------
    seen
        `(T,)` what the target shows there.
    valid
        `(T,)` inside the target.
    r
        `(T,)` target minus template, 0 where not valid.
    w
        `(T,)` Tukey's weight.
    inliers
        Share of the points within half the weight's reach.
    """

    seen: NDArray[np.float32]
    valid: NDArray[np.bool_]
    r: NDArray[np.float32]
    w: NDArray[np.float32]
    inliers: float


@dataclass(frozen=True, slots=True)
class _Pair:
    """A template, a target, and what does not change while they are laid on one another.

    `j` is `(6, T)`: columns of scale, roll, x, y, gain and row shear, by rows; scale, roll and shear in
    pixels at half the width and half the height. `allowed` are the points that may decide.
    """

    template: Template
    level: Level
    lattice: Lattice
    j: Rows
    allowed: NDArray[np.bool_] | None

    def compare(self, motion: Motion) -> Compared:
        """Sample the target where `motion` says and weigh the differences."""
        template = self.template
        grid = sample(self.level.n, matrix(self.lattice, motion), self.lattice.shape).ravel()
        seen = grid[template.at]
        valid = seen < SANE
        r = (seen - template.n) * valid
        use = valid if self.allowed is None else valid & self.allowed
        chosen = r[use]
        if len(chosen) < 30:
            return Compared(seen, valid, r, np.zeros_like(r), 0.0)
        chosen = np.abs(chosen[:: 1 + len(chosen) // ENOUGH])
        middle = len(chosen) // 2
        s = max(0.1, 1.48 * float(np.partition(chosen, middle)[middle]))
        q = r * np.float32(1 / (4 * s))
        w = np.asarray(np.clip(1 - q * q, 0, 1), np.float32)
        w *= w
        w *= valid
        return Compared(seen, valid, r, w, float((chosen < 2 * s).mean()))

    def step(self, motion: Motion, *, rows: bool) -> tuple[Motion, float] | None:
        """One Gauss-Newton step and its size in pixels; ``None`` where nothing holds the picture."""
        x = self.solve(self.compare(motion), rows=rows)
        return None if x is None else (self.moved(motion, x), float(np.abs(x[:4]).max()))

    def solve(self, seen: Compared, *, rows: bool) -> NDArray[np.float64] | None:
        """Weighted least squares ``J x = r`` over the points that may decide."""
        j = self.j if rows else self.j[:5]
        w = seen.w if self.allowed is None else seen.w * self.allowed
        h, g = np.zeros((len(j), len(j))), np.zeros(len(j))
        for start in range(0, j.shape[1], CHUNK):
            part = slice(start, start + CHUNK)
            weighted = j[:, part] * w[part]
            h += weighted @ j[:, part].T
            g += weighted @ seen.r[part]
        power = float(np.trace(h))
        if not power > 0:
            return None
        h.flat[:: len(j) + 1] += 1e-6 * power
        x: NDArray[np.float64] = np.asarray(np.linalg.solve(h, g), np.float64)
        return x if np.isfinite(x).all() else None

    def moved(self, motion: Motion, x: NDArray[np.float64]) -> Motion:
        """`motion` after the small motion that the template makes is taken back."""
        da = 1 + complex(x[0], x[1]) / self.lattice.unit
        row = float(x[5]) / self.lattice.half if len(x) == 6 else 0.0
        a = motion.a / da
        return Motion(a, motion.b - a * complex(x[2], x[3]), motion.row - row)


def _pair(template: Template, level: Level, lattice: Lattice, only: NDArray[np.bool_] | None) -> _Pair:
    px, py = lattice.px[template.at], lattice.py[template.at]
    gx, gy = template.gx, template.gy
    j = np.empty((6, len(gx)), np.float32)
    unit = np.float32(1 / lattice.unit)
    j[0] = (gx * px + gy * py) * unit
    j[1] = (gy * px - gx * py) * unit
    j[2], j[3], j[4] = gx, gy, template.n
    j[5] = gx * py * np.float32(1 / lattice.half)
    return _Pair(template, level, lattice, j, None if only is None else only[lattice.block[template.at]])


def register(
    template: Template, level: Level, lattice: Lattice, start: Motion, iterations: int = 4,
    only: NDArray[np.bool_] | None = None, still: float = 0.004, dense: Dense | None = None,
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
        `(54,)` blocks that may decide; all by default. `spread` is theirs; correlation and shifts are
        given for all.
    still
        It stops when shift, and scale and roll at the sides, change by less than this, pixels;
        with `dense`, below `NEARLY`.
    dense
        The earlier frame on a denser lattice, where one last step is made.
    """
    if template.plain:
        return NOTHING
    pair = _pair(template, level, lattice, only)
    motion = start
    for _ in range(iterations):
        step = pair.step(motion, rows=False)
        if step is None:
            return NOTHING
        motion, size = step
        if not abs(motion.a - 1) < 0.5:
            return NOTHING
        if size < (still if dense is None else NEARLY):
            break
    last = pair
    if dense is not None and not dense.template.plain:
        last = _pair(dense.template, level, dense.lattice, only)
        step = last.step(motion, rows=False)
        motion = motion if step is None else step[0]
    return _judge(pair, last, motion, only)


def unmoved(template: Template, level: Level, lattice: Lattice) -> Fit:
    """What `register` would say had it found that nothing moved."""
    pair = _pair(template, level, lattice, None)
    fit = _judge(pair, pair, Motion(), None)
    return replace(fit, sheared=Motion(), sheared_spread=fit.spread)


def _judge(pair: _Pair, last: _Pair, motion: Motion, only: NDArray[np.bool_] | None) -> Fit:
    """Measure how good a pose is, and what a row term would still change; `last` decides the latter."""
    seen = pair.compare(motion)
    x = pair.solve(seen, rows=True)
    if x is None:
        return NOTHING
    n = pair.template.n
    # Blocks without a say are weighed by the differences of all, so that they can come back.
    every = seen if only is None else replace(pair, allowed=None).compare(motion)
    shifts, weights = block_shifts(
        pair.template, pair.lattice, replace(every, r=every.r - np.float32(x[4]) * n)
    )
    sheared, left = _with_rows(pair, last, motion, x, shifts)
    say = weights if only is None else weights * only
    return Fit(
        motion, sheared, _correlation(n[seen.valid], seen.seen[seen.valid]), seen.inliers,
        float(seen.valid.mean()), _rms(shifts, say), _rms(left, say), shifts, weights,
    )  # fmt: skip


def _with_rows(
    pair: _Pair, last: _Pair, motion: Motion, x: NDArray[np.float64], shifts: NDArray[np.complex128]
) -> tuple[Motion, NDArray[np.complex128]]:
    """The pose with a row term, and the blocks' shifts that it leaves.

    The last linear system says what it would be; only if that is not small are two more steps taken.
    """
    m, lattice = pair.lattice.middle, pair.lattice
    shift = complex(x[0], x[1]) * m / lattice.unit + complex(x[2], x[3]) + x[5] * m.imag / lattice.half
    sheared = pair.moved(motion, x)
    if abs(x[5]) < SMALL_SHEAR:
        return sheared, shifts - shift
    for _ in range(2):
        step = last.step(sheared, rows=True)
        if step is None:
            return motion, shifts
        sheared = step[0]
    return sheared, block_shifts(pair.template, lattice, pair.compare(sheared))[0]


def block_shifts(
    template: Template, lattice: Lattice, seen: Compared
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
