"""A stroke of the brush: along it, the merged picture shows one frame, whatever the merge thinks best."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from postfocus.model.place import Place

MOST_STROKES = 1000
"""Strokes of a look."""

MOST_POINTS = 4000
"""Points of all strokes of a look together."""

WIDEST = 0.5
"""Greatest radius, as a fraction of the picture's width."""

_NAMES = {"frame", "points", "radius", "softness"}


@dataclass(frozen=True, slots=True)
class Stroke:
    """Take this from that frame.

    Attributes
    ----------
    frame
        Of the input, counted from 0.
    points
        The line that the brush was drawn along, in fractions of the picture's width and height as all
        places of a look; a single point is a dab.
    radius
        Of the brush, as a fraction of the picture's width.
    softness
        Share of the radius over which the frame gives way to the merge, 0…1.

    Raises
    ------
    ValueError
        If any of them cannot be meant.
    """

    frame: int
    points: tuple[Place, ...]
    radius: float
    softness: float = 0.5

    def __post_init__(self) -> None:
        if self.frame < 0:
            raise ValueError("frames are counted from 0")
        if not self.points:
            raise ValueError("a stroke has no points; give at least one")
        if not (math.isfinite(self.radius) and 0 < self.radius <= WIDEST):
            raise ValueError(f"a brush of radius {self.radius} cannot be used; give more than 0 to {WIDEST}")
        if not (math.isfinite(self.softness) and 0 <= self.softness <= 1):
            raise ValueError(f"a softness of {self.softness} cannot be used; give a number from 0 to 1")

    def to_json(self) -> dict[str, Any]:
        """Plain values.

        >>> Stroke(3, (Place(0.5, 0.25),), 0.02).to_json()
        {'frame': 3, 'points': [[0.5, 0.25]], 'radius': 0.02, 'softness': 0.5}
        """
        points = [[point.x, point.y] for point in self.points]
        return {"frame": self.frame, "points": points, "radius": self.radius, "softness": self.softness}


def strokes_from(value: Any) -> tuple[Stroke, ...]:
    """Read the list of what `Stroke.to_json` gave.

    Raises
    ------
    ValueError
        If it is none, or one that is too long.
    """
    if not isinstance(value, list):
        raise ValueError("retouch is a list of strokes")
    if len(value) > MOST_STROKES:
        raise ValueError(f"a look has at most {MOST_STROKES} strokes, not {len(value)}")
    points = sum(len(one["points"]) for one in value if isinstance(one, dict) and _has_points(one))
    if points > MOST_POINTS:
        raise ValueError(f"the strokes of a look have at most {MOST_POINTS} points together, not {points}")
    return tuple(_stroke(one) for one in value)


def _has_points(value: dict[Any, Any]) -> bool:
    return isinstance(value.get("points"), list)


def _stroke(value: Any) -> Stroke:
    if not isinstance(value, dict) or set(value) - _NAMES or not {"frame", "points", "radius"} <= set(value):
        raise ValueError("a stroke has a frame, points, a radius, and perhaps a softness; nothing else")
    if type(value["frame"]) is not int:
        raise ValueError("the frame of a stroke is a whole number, counted from 0")
    if not _has_points(value) or not all(isinstance(p, list) and len(p) == 2 for p in value["points"]):
        raise ValueError("the points of a stroke are pairs of numbers, like [0.31, 0.62]")
    points = tuple(Place(_number(x), _number(y)) for x, y in value["points"])
    return Stroke(value["frame"], points, _number(value["radius"]), _number(value.get("softness", 0.5)))


def _number(value: Any) -> float:
    if type(value) not in (int, float):
        raise ValueError("places, radius and softness of a stroke are numbers")
    return float(value)
