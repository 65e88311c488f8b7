"""A place in the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the picture, in fractions of its width and height from the top left.

    Raises
    ------
    ValueError
        If a fraction is not a number from 0 to 1.
    """

    x: float
    y: float

    def __post_init__(self) -> None:
        for value in (self.x, self.y):
            if not (math.isfinite(value) and 0 <= value <= 1):
                raise ValueError(f"{value} is not a fraction of the picture; give numbers from 0 to 1")

    @staticmethod
    def parse(text: str) -> Place:
        """Read ``"0.31,0.62"``.

        >>> Place.parse("0.31,0.62")
        Place(x=0.31, y=0.62)
        """
        parts = text.split(",")
        if len(parts) != 2:
            raise ValueError(f"{text!r} is not a place; write it as X,Y with fractions, like 0.31,0.62")
        try:
            x, y = (float(p) for p in parts)
        except ValueError:
            raise ValueError(
                f"{text!r} is not a place; write it as X,Y with fractions, like 0.31,0.62"
            ) from None
        return Place(x, y)
