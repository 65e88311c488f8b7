"""Frames that lie on one another already are left where they are.

Blur that differs from frame to frame looks like a motion of a fraction of a
pixel, and moving a picture by that costs sharpness and gains nothing. So while
frames come in, every link is also judged as if nothing had moved. A hand or a
lens that breathes moves some pair of frames visibly; where no pair says so,
nothing is moved.
"""

from __future__ import annotations

from dataclasses import replace

from postfocus.align.kept import Past
from postfocus.align.lattice import Lattice
from postfocus.align.picture import Level
from postfocus.align.register import unmoved
from postfocus.align.verdict import Link

SPREAD, NCC, PIXELS = 1.7, 0.012, 2.0
"""Nothing moved if without motion the blocks disagree at most so many times as much as with the motion that
was found, if that costs no more correlation than this, and if that moves no corner by more than so many
full-size pixels. Registered pairs of light-field pictures came to 1.6, 0.011 and 1.5; the first two frames
of three brackets that breathe to 3.3 and more, 0.02 and more."""


class Unmoved:
    """The links of a sweep as they are if nothing moved, as long as that can be.

    Parameters
    ----------
    width, height, scale
        Full-size pixels of a frame; full-size pixels per working pixel.
    """

    def __init__(self, width: int, height: int, scale: int) -> None:
        self._corner, self._scale = abs(complex(width, height)) / (2 * scale), scale
        self._links: list[Link] | None = []

    @property
    def links(self) -> list[Link] | None:
        """All links, none of which moves anything; ``None`` if something moved."""
        return self._links

    def add(self, link: Link, past: Past, level: Level, lattice: Lattice) -> None:
        """Judge a link from the frame `past` to the one that `level` shows."""
        if self._links is None:
            return
        if not link.accepted or link.blank:
            self._links.append(link)
            return
        left, found = unmoved(past.fine, level, lattice), link.fit
        moved = abs(found.motion.b) + self._corner * abs(found.motion.a - 1)
        if (
            moved * self._scale < PIXELS
            and left.spread < SPREAD * found.spread
            and left.ncc > found.ncc - NCC
        ):
            self._links.append(replace(link, fit=left))
        else:
            self._links = None
