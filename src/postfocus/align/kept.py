"""What is kept of a frame that has passed: its values at the lattice points, a tenth of its pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace

from postfocus.align.gain import low_points
from postfocus.align.lattice import (
    DECISIVE,
    Lattice,
    Template,
    border_of,
    hide_border,
    lattice_of,
    template_of,
)
from postfocus.align.picture import Level, Picture, Views
from postfocus.align.register import Dense


@dataclass(frozen=True, slots=True)
class Lattices:
    """The points at which the frames of a sweep are compared.

    Attributes
    ----------
    fine
        On the working picture.
    dense
        Denser, for the last step; ``None`` where `fine` is dense enough.
    coarse, low
        On the coarse picture, for the first guess and for the brightness.
    """

    fine: Lattice
    dense: Lattice | None
    coarse: Lattice
    low: Lattice

    @classmethod
    def over(cls, seen: Views, step: int, last_step: int) -> Lattices:
        """Lattices for frames of this size; steps in working pixels."""
        fine = lattice_of(seen.fine, step, border=border_of(seen.fine))
        dense = None
        if last_step < fine.step:
            dense = lattice_of(seen.fine, last_step, border=border_of(seen.fine))
        low = lattice_of(Level(seen.low, seen.coarse.cx, seen.coarse.cy), 4, 200)
        return cls(fine, dense, lattice_of(seen.coarse, 4), low)


@dataclass(frozen=True, slots=True)
class Past:
    """A frame that has passed; `coarse` only while a first guess may need it."""

    fine: Template
    dense: Dense | None
    low: Picture
    coarse: tuple[Template, Level] | None

    def without_coarse(self) -> Past:
        """The same in less memory, for links that need no first guess."""
        return replace(self, coarse=None)


def keep(seen: Views, lattices: Lattices) -> Past:
    """Read a frame at the lattices, and hide the border of its fine picture from later comparisons."""
    hide_border(seen.fine, border_of(seen.fine))
    dense = None
    if lattices.dense is not None:
        dense = Dense(template_of(seen.fine, lattices.dense, DECISIVE), lattices.dense)
    return Past(
        template_of(seen.fine, lattices.fine),
        dense,
        low_points(seen.low, lattices.low),
        (template_of(seen.coarse, lattices.coarse), seen.coarse),
    )
