"""How many code values make one grey level of an 8-bit picture."""

from __future__ import annotations

import numpy as np

from postfocus.model.frame import Frame


def grey_level(frame: Frame) -> float:
    """Code values per 8-bit grey level: 1 for 8 bits, 4 for 10 bits.

    A 16-bit file may hold a microscope's 12 bits. If its brightest codes use less than a quarter of
    the range, the level is taken from them, so that faint pictures are measured as fully as bright ones.
    """
    if frame.luma.dtype == np.uint8:
        return 1.0
    full = float(2**frame.coding.bits - 1)
    brightest = float(np.quantile(frame.luma[::8, ::8], 0.999))
    return max(brightest, 1.0) / 230 if brightest < full / 4 else (full + 1) / 256
