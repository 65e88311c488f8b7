"""What the links say together: where each frame lies, how sure that is, and what is odd about the sweep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postfocus.align.graph import Edge, Poses, solve
from postfocus.align.notes import cut_note, lost_note, motion_note, reference_note
from postfocus.align.register import Fit
from postfocus.align.settings import AlignSettings
from postfocus.model.alignment import ALIGNED, LOST, WEAK, Alignment

BETTER = 0.7
"""Another explanation must close the loops at least this much better,"""
AS_GOOD_AND_CALM = (1.6, 0.6)
"""or about as well, when what is left in the blocks shrinks by the second factor. On real sweeps without
a mover, sets of blocks close the loops 2.5 to 5 times worse than the whole picture."""
MISSING = 5.0
"""Full-size pixels that a link which was tried and failed counts for when loops are judged."""
FEW, SAME = 16, 0.1
"""Below so many frames the steps of focus are large, and what blur and coding do to blocks is easily taken
for motion: a mover is told of only if it moves the poses by so many working pixels from frame to frame.
Blur and coding came to 0.02, a mover that fills four tenths of the picture to 0.6 and more."""
BLANK_ERROR = 3.0
"""Full-size pixels said of two frames without texture that look the same."""


@dataclass(frozen=True, slots=True)
class Link:
    """A measured or failed link from slot `i` to slot `k`; `blank` if both are plain and look alike.

    `fit` is in working pixels; `gain` the brightness of `k` over that of `i`.
    """

    i: int
    k: int
    accepted: bool
    fit: Fit
    gain: float = 1.0
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of the sweep besides its links.

    Attributes
    ----------
    width, height, scale
        Full-size pixels; full-size pixels per working pixel.
    frames
        `(N,)` numbers in the source.
    plain
        `(N,)` true for frames without texture.
    settings
        Thresholds.
    """

    width: int
    height: int
    scale: int
    frames: NDArray[np.int64]
    plain: NDArray[np.bool_]
    settings: AlignSettings

    @property
    def radius(self) -> float:
        """Rms distance of the picture's pixels from its centre."""
        return float(np.hypot(self.width, self.height) / np.sqrt(12))


@dataclass(frozen=True, slots=True)
class _Explanation:
    """One way to read the links, solved."""

    links: tuple[Link, ...]
    sheared: bool
    poses: Poses
    closure: float
    spread: float


def believable(fit: Fit, s: AlignSettings) -> bool:
    """Whether a link may be taken for what it says."""
    return (
        fit.ncc > s.min_ncc
        and fit.inliers > s.min_inliers
        and fit.overlap > s.min_overlap
        and fit.spread < s.max_spread
    )


def conclude(
    reading: Reading, first: Sequence[Link], second: Sequence[Link] | None, reference: int | None
) -> Alignment:
    """Solve the poses under each explanation, keep the best and say how sure it is.

    Parameters
    ----------
    first, second
        Links of the plain run, and of the run in which agreeing blocks decided, if there was one.
    reference
        Frame number, or ``None`` for the middle aligned frame.
    """
    best = _explain(reading, first, sheared=False)
    consensus = False
    if second is not None:
        other = _explain(reading, second, sheared=False)
        if _closes_better(other, best):
            few = len(reading.frames) < FEW
            consensus = not few or _apart(other.poses, best.poses) > SAME * reading.scale
            best = other
    shear = _explain(reading, best.links, sheared=True)
    if _shears(reading, best, shear):
        best = shear
    return _record(reading, best, consensus, reference)


def _closes_better(other: _Explanation, plain: _Explanation) -> bool:
    if len(other.poses.members) < len(plain.poses.members):
        return False
    loops, calm = AS_GOOD_AND_CALM
    return other.closure < BETTER * plain.closure or (
        other.closure < loops * plain.closure and other.spread < calm * plain.spread
    )


def _apart(one: Poses, other: Poses) -> float:
    """Median distance of the shifts from frame to frame in two solutions, full-size pixels."""
    _, mine, theirs = np.intersect1d(one.members, other.members, return_indices=True)
    return float(np.median(np.abs(np.diff(one.b[mine]) - np.diff(other.b[theirs]))))


def _explain(reading: Reading, links: Sequence[Link], *, sheared: bool) -> _Explanation:
    accepted = [link for link in links if link.accepted]
    edges = [_edge(link, reading.scale, sheared=sheared) for link in accepted]
    worth = np.where(reading.plain, 0.01, 1.0)
    poses = solve(len(reading.frames), edges, worth, reading.radius)
    off = np.nan_to_num(poses.off, nan=MISSING)
    loops = [min(MISSING, o) for link, o in zip(accepted, off, strict=True) if link.k > link.i + 1]
    loops += [MISSING for link in links if not link.accepted and link.k > link.i + 1]
    spreads = [
        (link.fit.sheared_spread if sheared else link.fit.spread) * reading.scale
        for link in accepted
        if link.k == link.i + 1 and not link.blank
    ]
    return _Explanation(
        tuple(links), sheared, poses,
        float(np.median(loops)) if loops else 0.0, float(np.median(spreads)) if spreads else 0.0,
    )  # fmt: skip


def _edge(link: Link, scale: int, *, sheared: bool) -> Edge:
    fit = link.fit
    motion = fit.sheared if sheared else fit.motion
    spread = fit.sheared_spread if sheared else fit.spread
    error = BLANK_ERROR if link.blank else 1.5 * spread * scale / fit.ncc
    return Edge(link.i, link.k, motion.scaled(scale), error, link.gain)


def _shears(reading: Reading, plain: _Explanation, shear: _Explanation) -> bool:
    """Whether rows move against one another: a row term makes the blocks agree and is not small."""
    row = shear.poses.row
    size = float(np.sqrt(np.mean((row - row.mean()) ** 2))) * reading.height / 2
    return size > 0.15 and shear.spread < 0.6 * plain.spread and shear.closure < 1.1 * plain.closure + 0.02


def _record(reading: Reading, best: _Explanation, consensus: bool, reference: int | None) -> Alignment:
    n, poses = len(reading.frames), best.poses
    found = np.zeros(n, bool)
    found[poses.members] = True
    ncc, least = _best_links(reading, best)
    slot, note = _reference(reading, poses, ncc, reference)
    member = int(np.flatnonzero(poses.members == slot)[0])
    error = np.full(n, float(np.hypot(reading.width, reading.height)))
    error[poses.members] = np.hypot(poses.error(member), least[poses.members])
    error[slot] = 0.0 if n == 1 else least[slot]
    weak = found & ((error > reading.settings.weak_error) | (ncc < reading.settings.weak_ncc))
    state = tuple(
        LOST if not f else WEAK if w and n > 1 else ALIGNED for f, w in zip(found, weak, strict=True)
    )
    a, b = _filled(reading.frames, poses)
    row = np.interp(reading.frames, reading.frames[poses.members], poses.row) if best.sheared else np.zeros(n)
    gain = np.exp(np.interp(reading.frames, reading.frames[poses.members], np.log(poses.gain)))
    blocks = _block_motion(best, reading.scale)
    notes = (
        note,
        lost_note(reading.frames[~found], n),
        cut_note(reading.frames, [(e.i, e.k) for e in best.links if e.accepted], found, reading.plain),
        motion_note(blocks, best.spread, best.sheared, consensus),
    )  # fmt: skip
    record = Alignment(
        reading.width, reading.height, reading.frames, int(poses.members[0]),
        a, b, row, error, state, gain, tuple(text for text in notes if text),
    )  # fmt: skip
    record = record.with_reference(slot)
    record.a[slot], record.b[slot] = 1, 0  # not 1 - 1e-16
    return record


def _best_links(reading: Reading, best: _Explanation) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """`(N,)` highest correlation and least error (full-size pixels) among each frame's trusted links."""
    n = len(reading.frames)
    ncc, least = np.zeros(n), np.full(n, np.inf)
    accepted = [link for link in best.links if link.accepted]
    for link, weight in zip(accepted, best.poses.weights, strict=True):
        if weight <= 0:
            continue
        error = _edge(link, reading.scale, sheared=best.sheared).error
        for k in (link.i, link.k):
            ncc[k], least[k] = max(ncc[k], link.fit.ncc), min(least[k], error)
    return ncc, least


def _reference(
    reading: Reading, poses: Poses, ncc: NDArray[np.float64], wanted: int | None
) -> tuple[int, str]:
    """The slot of the reference, and what to say when it is not the wanted one."""
    good = poses.members[ncc[poses.members] >= reading.settings.weak_ncc]
    good = good if len(good) else poses.members
    if wanted is None:
        return int(good[len(good) // 2]), ""
    slot = int(np.flatnonzero(reading.frames == wanted)[0])
    if slot in poses.members:
        return slot, ""
    nearest = int(good[np.abs(good - slot).argmin()])
    return nearest, reference_note(wanted, int(reading.frames[nearest]))


def _filled(frames: NDArray[np.int64], poses: Poses) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Poses of all frames: between aligned ones by straight lines; outside, scale goes on as it went."""
    at, known = frames.astype(float), frames[poses.members].astype(float)
    log_a: NDArray[np.complex128] = np.log(poses.a)
    size = np.interp(at, known, log_a.real)
    for outside, near in ((at < known[0], slice(0, 8)), (at > known[-1], slice(-8, None))):
        if outside.any() and len(known) >= 4:
            slope, base = np.polyfit(known[near], log_a.real[near], 1)
            size[outside] = slope * at[outside] + base
    a = np.exp(size + 1j * np.interp(at, known, log_a.imag))
    b = np.interp(at, known, poses.b.real) + 1j * np.interp(at, known, poses.b.imag)
    a[poses.members], b[poses.members] = poses.a, poses.b
    return a, b


def _block_motion(best: _Explanation, scale: int) -> NDArray[np.float64]:
    """`(54,)` full-size pixels: rms left-over shift of each block between neighbours; NaN if never seen."""
    near = [link.fit for link in best.links if link.accepted and not link.blank and link.k == link.i + 1]
    if not near:
        return np.full(54, np.nan)
    shifts = np.abs(np.array([fit.shifts for fit in near])) * scale
    weights = np.array([fit.weights for fit in near])
    total = weights.sum(0)
    power = (weights * shifts**2).sum(0)
    enough = total > 0.05 * np.median(total)
    return np.sqrt(np.divide(power, total, out=np.full(len(total), np.nan), where=enough & (total > 0)))
