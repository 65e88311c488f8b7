"""Which planes of the sweep are to be sharp, and which frame shows what lies beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Planes:
    """One or more ranges of planes.

    Attributes
    ----------
    spans
        First and last plane of each, in frames of the input, ascending, none meeting another.
    soft
        Frames over which sharpness gives way beside a range: right beside it things are still shown
        sharp, ever less so with distance, until from `soft` frames on they are shown as by the frame half
        as far from the range. 0: as by its very end.
    """

    spans: tuple[tuple[float, float], ...]
    soft: float = 0.0

    @staticmethod
    def union(spans: Iterable[tuple[float, float]], soft: float = 0.0) -> Planes:
        """All planes of `spans`, which may overlap.

        >>> Planes.union([(7, 9), (1, 3), (2, 5)]).spans
        ((1, 5), (7, 9))
        """
        joined: list[tuple[float, float]] = []
        for first, last in sorted(spans):
            if joined and first <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], last))
            else:
                joined.append((first, last))
        return Planes(tuple(joined), soft)

    def shown(self, position: NDArray[Any]) -> NDArray[np.float32]:
        """The frames that show what is sharpest at `position`: itself inside the ranges.

        Parameters
        ----------
        position
            Frames of the input with fraction, any shape.

        Returns
        -------
        float32 frames of the input, the shape of `position`; rising with it within the reach of one range.
        """
        position = np.asarray(position, np.float32)
        best = np.full(position.shape, np.inf, np.float32)
        for first, last in self.spans:
            within = np.clip(position, first, last)
            beside = position - within
            near = within + np.sign(beside) * self._yield(np.abs(beside))
            best = np.where(np.abs(near - position) < np.abs(best - position), near, best)
        return np.asarray(best, np.float32)

    def used(self, frames: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which frames of the input take part: those of the ranges, and what soft ends need beside them."""
        reach = self.soft / 2
        return np.any([(frames >= a - reach) & (frames <= b + reach) for a, b in self.spans], axis=0)

    def _yield(self, away: NDArray[Any]) -> NDArray[Any]:
        """How far beyond an end lies the frame that shows what is `away` from it."""
        if self.soft <= 0:
            return np.zeros_like(away)
        t = np.minimum(away, np.float32(self.soft))
        return t - t * t * np.float32(0.5 / self.soft)
