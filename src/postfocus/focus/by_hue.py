"""Score how sharp each cell of a frame is where its brightness shows nothing.

Of a red and blue cloth the grey picture holds noise alone, and the frame with
most of it would seem the sharpest. So the mixture of colours that the sweep is
aligned by (`postfocus.hue`) is scored as brightness otherwise is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from postfocus.cells import shrink
from postfocus.focus.chroma import colour_of
from postfocus.focus.measure import measure
from postfocus.hue import Hue, linear_rgb
from postfocus.model.frame import Frame


def measure_hue(
    frame: Frame, pool: int, hue: Hue, half: NDArray[Any] | None = None, unit: float = 1.0
) -> NDArray[np.float32]:
    """Score each cell as `postfocus.focus.measure.measure` does, by a mixture of colours.

    Parameters
    ----------
    frame
        Planes of any kind; without colour it is scored by its brightness.
    pool
        Pixels of each side of a cell, a power of two.
    hue
        The mixture.
    half
        `shrink(frame.luma, 2)` if the caller has it already and `pool` is 4 or more.
    unit
        Codes a grey level.

    Returns
    -------
    `(H // pool, W // pool)` float32 in grey levels, 0 or more.
    """
    step = 2 if pool >= 4 else 1
    grey = frame.luma if step == 1 else shrink(frame.luma, 2) if half is None else half
    light = linear_rgb(grey * np.float32(1 / unit), *colour_of(frame, step, unit), frame.coding)
    codes = hue.codes(light)
    return measure(codes, pool, codes if step > 1 else None)
