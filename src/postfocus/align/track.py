"""One reading of the sweep while it is still coming in: where each frame lies in its unbroken run."""

from __future__ import annotations

from dataclasses import dataclass, field

from postfocus.align.lattice import Motion
from postfocus.align.verdict import Link


@dataclass(frozen=True, slots=True)
class Place:
    """A frame's pose in its own unbroken run of frames, working pixels."""

    run: int
    motion: Motion


@dataclass(slots=True)
class Track:
    """One explanation of the sweep: where each frame is, and what was measured."""

    consensus: bool
    places: dict[int, Place] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    anchors: dict[int, int] = field(default_factory=dict)

    def join(self, i: int, slot: int, motion: Motion) -> None:
        """Frame `slot` lies at `motion` from frame `i`: their runs become one."""
        here = self.places[i]
        place = Place(here.run, here.motion.then(motion))
        old = self.places.get(slot)
        self.places[slot] = place
        if old is None or old.run == place.run:
            return
        way = place.motion
        back = old.motion.inverse()
        for k, other in self.places.items():
            if other.run == old.run:
                self.places[k] = Place(place.run, way.then(back.then(other.motion)))
        self.anchors.pop(old.run, None)

    def copy(self) -> Track:
        """The same so far, to be gone on with by consensus."""
        return Track(True, dict(self.places), list(self.links), dict(self.anchors))
