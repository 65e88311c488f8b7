"""How wide each frame blurs what is sharp in another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Defocus:
    """Where the frames lie on a line of blur.

    Attributes
    ----------
    place
        `(N,)` float64, not decreasing, one for each slot: what is sharpest in slot `j` is blurred in slot `k`
        by a radius of ``abs(place[k] - place[j])`` coarse cells.
    """

    place: NDArray[np.float64]

    def of(self, source: NDArray[np.float32]) -> NDArray[np.float32]:
        """The places of slots, with fractions."""
        return np.interp(source, np.arange(len(self.place)), self.place).astype(np.float32)
