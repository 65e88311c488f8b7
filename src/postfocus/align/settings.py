"""How hard to look for the motion between frames, and when to believe what was found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AlignSettings:
    """Choices of the registration; the defaults are measured ones.

    Attributes
    ----------
    step, last_step
        Lattice step in pixels of the working picture, and that of the last Gauss-Newton step of all
        links but those to the neighbour, which decides how exact the pose is: the longer links carry it.
        Smaller pictures lower the first until about 1500 points remain.
    gaps
        Frames that are linked besides the neighbour, as `(gap, every)`: frame `k` is linked to
        `k - gap` when `k` is a multiple of `every`.
    fallbacks
        Gaps tried in turn while the neighbour cannot be linked.
    all_pairs
        Sweeps of up to this many frames link every pair.
    iterations
        Gauss-Newton steps of a link at the working scale (ten at the coarse one).
    min_ncc, min_ncc_coarse
        Least correlation of an accepted link, at the working and at the coarse scale.
    min_inliers, min_overlap
        Least share of textured points that agree, and that both frames show.
    max_spread
        Largest disagreement between blocks of an accepted link, pixels of the working picture.
    doubt
        Disagreement between blocks, pixels of the working picture, above which another explanation is
        looked for.
    weak_error, weak_ncc
        A frame is called weak above this likely error (full-size pixels) or below this correlation.
    """

    step: int = 8
    last_step: int = 3
    gaps: tuple[tuple[int, int], ...] = ((4, 1), (16, 2), (48, 6))
    fallbacks: tuple[int, ...] = (2, 3, 5)
    all_pairs: int = 14
    iterations: int = 4
    min_ncc: float = 0.35
    min_ncc_coarse: float = 0.55
    min_inliers: float = 0.25
    min_overlap: float = 0.3
    max_spread: float = 2.5
    doubt: float = 0.09
    weak_error: float = 1.0
    weak_ncc: float = 0.6
