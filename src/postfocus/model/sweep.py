"""Which frames of the input are the focus sweep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Sweep:
    """The frames in which the lens moved once through the scene.

    Attributes
    ----------
    slots
        `(M,)` int, increasing: slots of the index that belong to the sweep.
    first, last
        Index in the input of its first and last frame.
    findings
        Sentences on what was left out and why; empty for a clean sweep.
    """

    slots: NDArray[np.int64]
    first: int
    last: int
    findings: tuple[str, ...] = ()
