"""What is known of a clip before its pictures are decoded one by one."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction

from postfocus.io.video_planes import Turn
from postfocus.model.frame import Coding


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What a clip says of itself.

    Attributes
    ----------
    width, height
        Pixels, upright.
    count
        Pictures listed in the file; some may turn out not to decode.
    coding, turn
        From the first picture.
    codec
        ``"h264"``, ``"hevc"``, ``"av1"`` …
    rate
        Mean pictures per second; ``None`` where there is only one or no times.
    tags
        Text the container carries (``"creation_time"``, ``"com.apple.quicktime.model"`` …).
    """

    width: int
    height: int
    count: int
    coding: Coding
    turn: Turn
    codec: str
    rate: Fraction | None
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class PictureTable:
    """The pictures of a clip in the order they are shown.

    Attributes
    ----------
    pts
        Their time stamps in ticks, rising strictly; empty if the file has none to rely on.
    count
        How many pictures the file holds.
    keys
        Time stamps at which decoding can start, rising.
    tick
        Seconds per tick.
    depth
        How many pictures a picture can be overtaken by between decoding and showing.
    rate
        Pictures per second as the file states it, or ``None``.
    cut
        The file ends before what it promises.
    """

    pts: tuple[int, ...]
    count: int
    keys: tuple[int, ...]
    tick: Fraction
    depth: int
    rate: Fraction | None
    cut: bool

    def untimed(self) -> PictureTable:
        """The same pictures, told apart by counting only."""
        return PictureTable((), self.count, (), self.tick, 0, self.rate, self.cut)

    def keys_before(self, pts: int) -> tuple[int, ...]:
        """Where to start decoding for a picture: the nearest such place, and two before it."""
        end = bisect_right(self.keys, pts)
        return self.keys[max(0, end - 3) : end][::-1]
