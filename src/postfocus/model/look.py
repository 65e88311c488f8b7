"""What a person chose: the same value in a click, on the command line, in a sidecar and on the web."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from postfocus.model.place import Place
from postfocus.model.stroke import Stroke, strokes_from

__all__ = ["Frames", "Look", "Pick", "Place", "Stroke"]

MOST_RANGES = 100
"""Ranges of a look."""

SOFTEST = 1000
"""Frames over which a range may end."""


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames `first` to `last` of the input, counted from 0, both included; ``None`` is the end."""

    first: int | None = None
    last: int | None = None

    def __post_init__(self) -> None:
        if (self.first is not None and self.first < 0) or (self.last is not None and self.last < 0):
            raise ValueError("frames are counted from 0")
        if self.first is not None and self.last is not None and self.last < self.first:
            raise ValueError(f"frames {self.first}:{self.last} run backwards; write the lower one first")

    def to_json(self) -> dict[str, int | None]:
        """Plain values."""
        return {"first": self.first, "last": self.last}

    @staticmethod
    def parse(text: str) -> Frames:
        """Read ``"3:27"``, ``"3:"`` or ``":27"``.

        >>> Frames.parse("3:")
        Frames(first=3, last=None)
        """
        parts = text.split(":")
        if len(parts) != 2 or not all(p.strip().isdecimal() or not p.strip() for p in parts):
            raise ValueError(f"{text!r} is not a range of frames; write it as A:B, like 3:27")
        first, last = (int(p) if p.strip() else None for p in parts)
        return Frames(first, last)


@dataclass(frozen=True, slots=True)
class Look:
    """A choice of focus.

    Attributes
    ----------
    focus
        Show the frame that is sharpest there; beside a single frame in `frames`, the place that was touched.
    near, far
        Merge the planes between these two places, in either order. One alone means a sweep from near to
        far: `near` goes on to its last frame, `far` begins at its first.
    frames
        Merge only these frames; a single one is shown as it is.
    ranges
        More frames to be merged, range by range; between them things keep the blur of the nearest range.
    soft
        Frames over which sharpness gives way beside each range; 0 where it ends at once.
    reference
        Frame of the input whose geometry the picture has; ``None``: the index's own.
    retouch
        Strokes painted over the merged picture, later ones over earlier ones.
    keep_glow
        Leave the glow that near things, out of focus, throw over far ones beside them.
    """

    focus: Place | None = None
    near: Place | None = None
    far: Place | None = None
    frames: Frames | None = None
    reference: int | None = None
    retouch: tuple[Stroke, ...] = ()
    ranges: tuple[Frames, ...] = ()
    soft: float = 0.0
    keep_glow: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.soft <= SOFTEST:
            raise ValueError(f"soft ends of {self.soft} frames cannot be made; give 0 to {SOFTEST}")
        if len(self.ranges) > MOST_RANGES:
            raise ValueError(f"a look has at most {MOST_RANGES} ranges, not {len(self.ranges)}")

    @property
    def whole(self) -> bool:
        """No range is named: all planes are merged."""
        return self.near is self.far is self.frames is None and not self.ranges

    @property
    def single_frame(self) -> int | None:
        """The frame that was chosen by hand: the one in `frames`, if there is but one."""
        if self.frames is None or self.frames.first != self.frames.last or self.ranges:
            return None
        return self.frames.first

    def to_json(self) -> dict[str, Any]:
        """Plain values, without what was left open.

        >>> Look(focus=Place(0.5, 0.25)).to_json()
        {'focus': {'x': 0.5, 'y': 0.25}}
        """
        out: dict[str, Any] = {}
        for name in ("focus", "near", "far"):
            place: Place | None = getattr(self, name)
            if place is not None:
                out[name] = {"x": place.x, "y": place.y}
        if self.frames is not None:
            out["frames"] = self.frames.to_json()
        if self.ranges:
            out["ranges"] = [frames.to_json() for frames in self.ranges]
        if self.soft:
            out["soft"] = self.soft
        if self.reference is not None:
            out["reference"] = self.reference
        if self.keep_glow:
            out["keep_glow"] = True
        if self.retouch:
            out["retouch"] = [stroke.to_json() for stroke in self.retouch]
        return out

    @staticmethod
    def from_json(text: str | dict[str, Any]) -> Look:
        """Read what `to_json` gave, as values or as text.

        The frames that a person kept for saving, which the page notes in the same file, are no part of the
        choice and are passed over.

        Raises
        ------
        ValueError
            If it is not a look.
        """
        try:
            plain: Any = json.loads(text) if isinstance(text, str) else text
            if not isinstance(plain, dict):
                raise ValueError("a look is an object with names such as focus")
            known = {
                "focus",
                "near",
                "far",
                "frames",
                "ranges",
                "soft",
                "reference",
                "retouch",
                "kept",
                "keep_glow",
            }
            if set(plain) - known:
                raise ValueError(f"a look has no {', '.join(sorted(set(plain) - known))}")
            places = {n: Place(**plain[n]) for n in ("focus", "near", "far") if n in plain}
            return Look(
                **places,
                frames=_frames(plain["frames"]) if "frames" in plain else None,
                ranges=_ranges(plain.get("ranges", [])),
                soft=_soft(plain.get("soft", 0)),
                reference=_number(plain.get("reference")),
                retouch=strokes_from(plain.get("retouch", [])),
                keep_glow=_truth(plain.get("keep_glow", False)),
            )
        except (TypeError, AttributeError, OverflowError, RecursionError, json.JSONDecodeError) as error:
            raise ValueError(f"not a look: {error}") from error


def _frames(value: Any) -> Frames:
    return Frames(**{name: _number(number) for name, number in value.items()})


def _ranges(value: Any) -> tuple[Frames, ...]:
    if not isinstance(value, list) or len(value) > MOST_RANGES:
        raise ValueError(f"ranges are a list of at most {MOST_RANGES}, like the one in frames")
    return tuple(_frames(one) for one in value)


def _soft(value: Any) -> float:
    if type(value) not in (int, float):
        raise ValueError("soft is a number of frames")
    return float(value)


def _truth(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError("keep_glow is true or false")
    return value


def _number(value: Any) -> int | None:
    """The number of a frame from JSON; ``None`` stays open."""
    if value is None or (type(value) is int and value >= 0):
        return value
    raise ValueError("frames are whole numbers, counted from 0")


@dataclass(frozen=True, slots=True)
class Pick:
    """The answer to a touch.

    Attributes
    ----------
    at
        The place.
    frame
        Where in the sweep it is sharpest, in frames of the input, with fraction.
    saved_frame
        The frame nearest to that: the one to show and save.
    confidence
        0…1.
    state
        ``"in focus"``, ``"no texture"``, ``"outside the sweep"`` or ``"moved"``.
    """

    at: Place
    frame: float
    saved_frame: int
    confidence: float
    state: str
