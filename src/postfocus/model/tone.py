"""How bright one frame shows what another shows, where that is more than a factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FAR = 1e6
"""More than any code differs from another."""


@dataclass(frozen=True, slots=True)
class Tone:
    """A curve from the brightness of a frame to that of the reference.

    Attributes
    ----------
    seen, wanted
        `(K,)` increasing grey levels or codes of the frame, and of the reference; straight lines between, and
        steps of equal size beyond.
    """

    seen: NDArray[np.float64]
    wanted: NDArray[np.float64]

    def of(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Values as the reference would have them."""
        seen = np.concatenate([[self.seen[0] - FAR], self.seen, [self.seen[-1] + FAR]])
        wanted = np.concatenate([[self.wanted[0] - FAR], self.wanted, [self.wanted[-1] + FAR]])
        return np.interp(values, seen, wanted).astype(np.float32)

    def scaled(self, unit: float) -> Tone:
        """The same curve of codes, of which `unit` are a grey level."""
        return Tone(self.seen * unit, self.wanted * unit)
