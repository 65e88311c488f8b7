"""How bright one frame shows what another shows, where that is more than a factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Tone:
    """A curve from the brightness of a frame to that of the reference.

    Attributes
    ----------
    seen, wanted
        `(K,)` increasing grey levels of the frame, and of the reference; straight lines between, and steps
        of equal size beyond.
    """

    seen: NDArray[np.float64]
    wanted: NDArray[np.float64]

    def of(self, values: NDArray[Any], unit: float = 1.0) -> NDArray[np.float32]:
        """Codes, of which `unit` are a grey level, as the reference would have them."""
        seen = np.concatenate([[self.seen[0] - 1e4], self.seen, [self.seen[-1] + 1e4]]) * unit
        wanted = np.concatenate([[self.wanted[0] - 1e4], self.wanted, [self.wanted[-1] + 1e4]]) * unit
        return np.interp(values, seen, wanted).astype(np.float32)
