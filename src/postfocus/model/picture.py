"""A finished picture, ready to be written."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from postfocus.model.alignment import Rect
from postfocus.model.frame import CameraFacts


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels with all that must travel with them.

    Attributes
    ----------
    pixels
        `(H, W, 3)` R, G, B or `(H, W)` grey; uint8 or uint16 full range, or float32 for depth.
    icc
        ICC profile of the pixels; ``None`` means sRGB (an sRGB profile is written).
    camera
        Facts to write as EXIF.
    record
        What was done, as JSON values: written into postfocus' own XMP field, so that the picture
        can be made again.
    moment
        Seconds from the capture time in `camera` to this picture; ``None``: it is this picture's own.
    valid
        Part of the picture that every used frame covers; ``None``: all of it.
    held
        `(H, W)` bool: what moves and was therefore taken from one frame; ``None``: nothing was.
    never_sharp
        `(H, W)` bool: what is sharp in none of the merged frames; ``None``: nothing that is known.
    glow
        `(H, W)` bool: where the glow of near things was taken off far ones beside them; ``None``: nowhere.
    notes
        What a person should be told of this picture, in sentences.
    """

    pixels: NDArray[Any]
    icc: bytes | None = field(default=None, repr=False)
    camera: CameraFacts = field(default_factory=CameraFacts)
    record: dict[str, Any] = field(default_factory=dict)
    moment: Fraction | None = None
    valid: Rect | None = None
    held: NDArray[np.bool_] | None = field(default=None, repr=False)
    never_sharp: NDArray[np.bool_] | None = field(default=None, repr=False)
    glow: NDArray[np.bool_] | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()

    def cropped(self) -> Picture:
        """Only the part that every frame covers."""
        if self.valid is None:
            return self
        v = self.valid
        part = (slice(v.y, v.y + v.h), slice(v.x, v.x + v.w))
        return replace(
            self,
            pixels=np.ascontiguousarray(self.pixels[part]),
            valid=Rect(0, 0, v.w, v.h),
            held=None if self.held is None else self.held[part],
            never_sharp=None if self.never_sharp is None else self.never_sharp[part],
            glow=None if self.glow is None else self.glow[part],
        )
