"""Frames that lie on one another already are left where they are.

Blur that differs from frame to frame looks like a motion of a fraction of a
pixel, and moving a picture by that costs sharpness and gains nothing. So while
frames come in, every link is also judged as if nothing had moved. A hand or a
lens that breathes moves some pair of frames visibly; where no pair says so,
nothing is moved. Where steps of focus are large, blur moves some pairs farther
than that, and the farther the more of it is added up; but it moves each its own
way, and most pairs lie no better for it. There the most of them decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from postfocus.align.kept import Past
from postfocus.align.lattice import Lattice
from postfocus.align.picture import Level
from postfocus.align.register import Fit, unmoved
from postfocus.align.verdict import Link

SPREAD, NCC, PIXELS = 1.7, 0.012, 2.0
"""Nothing moved if without motion the blocks disagree at most so many times as much as with the motion that
was found, if that costs no more correlation than this, and if that moves no corner by more than so many
full-size pixels. Registered pairs of light-field pictures came to 1.6, 0.011 and 1.5; the first two frames
of three brackets that breathe to 3.3 and more, 0.02 and more."""

TELLING, ENOUGH = 0.7, 8
"""Correlation from which a pair of frames is alike enough to tell, and pairs below which none is told."""

MOST, OF_ALL, OF_FAR = 0.75, 1.25, 1.4
"""Share of the pairs that must lie as well without motion, and what the blocks' disagreement may grow by: of
all pairs, and of those equally far from one another, for a slow drift is seen in distant ones alone. Rendered
sweeps from a tripod with up to 12 pixels of blur a frame came to 1.19 and 1.35, handheld ones to 1.61 and
more."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """A link, and how it fits if nothing moved."""

    link: Link
    left: Fit

    @property
    def worse(self) -> float:
        """How many times as much the blocks disagree without motion."""
        return self.left.spread / max(self.link.fit.spread, 1e-9)

    @property
    def lost(self) -> float:
        """Correlation that it costs."""
        return self.link.fit.ncc - self.left.ncc


class Unmoved:
    """The links of a sweep as they are if nothing moved, as long as that can be.

    Parameters
    ----------
    width, height, scale
        Full-size pixels of a frame; full-size pixels per working pixel.
    """

    def __init__(self, width: int, height: int, scale: int) -> None:
        self._corner, self._scale = abs(complex(width, height)) / (2 * scale), scale
        self._links: list[Link] = []
        self._telling: list[_Judged] = []
        self._all_still, self._over = True, False

    @property
    def links(self) -> list[Link] | None:
        """All links, none of which moves anything; ``None`` if something moved."""
        return self._links if not self._over and (self._all_still or self._mostly()) else None

    def add(self, link: Link, past: Past, level: Level, lattice: Lattice) -> None:
        """Judge a link from the frame `past` to the one that `level` shows."""
        if self._over:
            return
        if not link.accepted or link.blank:
            self._links.append(link)
            return
        seen = _Judged(link, unmoved(past.fine, level, lattice))
        self._links.append(replace(link, fit=seen.left))
        motion = link.fit.motion
        moved = abs(motion.b) + self._corner * abs(motion.a - 1)
        self._all_still &= moved * self._scale < PIXELS and seen.worse < SPREAD and seen.lost < NCC
        if link.fit.ncc >= TELLING:
            self._telling.append(seen)
        # Further links need not be judged twice: a hand is seen in the first few.
        known = len(self._telling) >= ENOUGH
        self._over = not self._all_still and known and _most(self._telling, 0.5) > OF_ALL

    def _mostly(self) -> bool:
        """Whether most pairs of frames that are alike lie as well without any motion."""
        told = self._telling
        if len(told) < ENOUGH or _most(told) > OF_ALL:
            return False
        if float(np.quantile([one.lost for one in told], MOST)) > NCC:
            return False
        gaps = {one.link.k - one.link.i for one in told}
        groups = [[one for one in told if one.link.k - one.link.i == gap] for gap in gaps]
        return all(_most(group) <= OF_FAR for group in groups if len(group) >= ENOUGH // 2)


def _most(told: Sequence[_Judged], share: float = MOST) -> float:
    """By how much the blocks' disagreement grows without motion in most pairs."""
    return float(np.quantile([one.worse for one in told], share))
