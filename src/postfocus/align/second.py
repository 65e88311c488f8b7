"""Strongly blurred sweeps are aligned a second time, now that depth and blur are known.

The first alignment compares frames as they are. Where blur is wide it takes the
growing of what goes out of focus for motion, each step a little, and over a sweep
frames come to lie pixels apart. Here every region of one depth is compared in
pairs of frames of which the sharper is blurred as the other is (the relative blur
of Subbarao and Surya, "Depth from defocus", 1994), on the small copies that the
index keeps, and all poses are corrected at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from postfocus.align.alike import Comparison, Evidence
from postfocus.align.luminance import Copy
from postfocus.align.scales import Scale, scales_of
from postfocus.align.together import apart, correct, corrected
from postfocus.model.alignment import Alignment
from postfocus.model.defocus import Defocus

MOST = 20
"""Frames that are compared; those between share their correction."""

FROM, LEAST = 10.0, 3
"""Cells of blur from one end of a sweep to the other from which it is aligned again, and frames of it. Below
that the first alignment was mostly as exact or more so: on twelve rendered sweeps its corner errors were 0.06
pixels against 0.07 at 7 to 9 cells, and 0.25 against 0.20 at 15 to 17 (by luma)."""

WIDE = 6.0
"""Cells of blur up to which frames are compared on the finest scale, and on each larger one."""

STEPS = (1, 1, 1, 0, 0)
"""The finest scale of each step: drift is found on large cells first."""

STILL = 0.02
"""Cells: corrections below this end it."""

STOOD, NO_WORSE = 1.8, 1.05
"""How many times as far as by the best poses, and as by those before, frames may lie apart as they came for
the camera to have stood still. Fifteen rendered sweeps and brackets from a tripod came to 0.9 to 1.5 and to
0.2 to 1.0, but for one each; 46 handheld ones to 2.0 and more, of which 10 were asked to 1.3 and more."""


class Maps(Protocol):
    """Small copies of the frames."""

    def one(self, slot: int) -> Copy:
        """One frame, in its own geometry."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a sweep before its frames are aligned again.

    Attributes
    ----------
    maps
        `(h, w)` copies of all frames, each in its own geometry.
    slots
        `(M,)` int, increasing: the frames of the sweep.
    defocus
        How wide they blur, in cells of the maps.
    source
        `(h, w)` float32: the slot that shows each cell sharpest, in the reference's geometry.
    telling
        `(h, w)` bool: cells of which that is known.
    cell
        Full-size pixels of each side of a cell.
    """

    maps: Maps
    slots: NDArray[np.int64]
    defocus: Defocus | None
    source: NDArray[np.float32]
    telling: NDArray[np.bool_]
    cell: int


def align_again(known: Known, now: Alignment, before: Alignment) -> Alignment | None:
    """Correct the poses of a sweep; ``None``: blur is mild or nothing moves, so they are right as they are.

    Parameters
    ----------
    known
        Frames, blur and depth, by the poses so far.
    now, before
        The poses so far, and those of the first alignment.
    """
    if known.defocus is None or not _misled(known.defocus.place[known.slots], now):
        return None
    sweep = _Sweep.of(known, known.defocus, now.reference)
    poses, error = now, now.error
    for finest in STEPS:
        evidence = sweep.evidence(poses, finest)
        if not evidence:
            return None
        correction = correct(evidence, poses, before, sweep.slots, sweep.fixed)
        poses, error = corrected(poses, sweep.slots, correction), correction.error
        if finest == 0 and float(correction.size.max()) < STILL * known.cell:
            break
    still = replace(now, a=np.ones_like(now.a), b=np.zeros_like(now.b), row=np.zeros_like(now.row))
    stood, came, best = (apart(sweep.evidence(each)) for each in (still, now, poses))
    if stood < min(STOOD * best, NO_WORSE * came):
        return still
    everywhere = np.interp(np.arange(len(now.error)), sweep.slots, error)
    return replace(poses, error=np.where(now.usable(), everywhere, now.error))


def moved_by(one: Alignment, other: Alignment) -> float:
    """Full-size pixels by which corners of most frames lie elsewhere in another alignment."""
    corner = float(np.hypot(one.width, one.height)) / 2
    return float(np.median(np.abs(one.b - other.b) + corner * np.abs(one.a - other.a)))


def _misled(place: NDArray[np.float64], now: Alignment) -> bool:
    """Whether motion was found where blur is wide."""
    moves = bool(now.b.any() or (now.a != 1).any())
    return moves and len(place) >= LEAST and float(np.ptp(place)) > FROM


@dataclass(frozen=True, slots=True)
class _Sweep:
    """The frames that are compared, on every scale; `fixed` is the one whose pose stays."""

    scales: Sequence[Scale]
    slots: Sequence[int]
    place: NDArray[np.float64]
    fixed: int
    cell: int

    @staticmethod
    def of(known: Known, defocus: Defocus, reference: int) -> _Sweep:
        fixed = known.slots[np.abs(known.slots - reference).argmin()]
        some = known.slots[np.linspace(0, len(known.slots) - 1, MOST).round().astype(int)]
        slots = np.unique(np.append(some, fixed))
        place = defocus.place[slots]
        pictures = [known.maps.one(slot) for slot in slots.tolist()]
        scales = scales_of(pictures, place, defocus.of(known.source), known.telling, WIDE)
        return _Sweep(list(scales), slots.tolist(), place, int(np.flatnonzero(slots == fixed)[0]), known.cell)

    def evidence(self, poses: Alignment, finest: int = 0) -> list[Evidence]:
        """What is left between pairs of frames by some poses, on scales from `finest`."""
        out: list[Evidence] = []
        for scale in self.scales[min(finest, len(self.scales) - 1) :]:
            out += Comparison(scale, poses, self.slots, self.place, self.cell * scale.factor).evidence()
        return out
