"""Which frames of the input are the focus sweep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DENSE = 16
"""Frames from which a sweep is dense: neighbours differ little, so that the shape of a curve can be judged,
and motion told from large steps of focus."""


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
