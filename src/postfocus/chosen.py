"""Which frames a look merges, and which planes of the scene are to be sharp in the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postfocus.errors import BadUse
from postfocus.frames import slots_of
from postfocus.model.index import Index
from postfocus.model.look import Look, Place
from postfocus.model.planes import Planes
from postfocus.model.sweep import Sweep


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a look merges.

    Attributes
    ----------
    slots
        `(M,)` int, increasing.
    planes
        Those that are to be sharp; ``None``: all.
    """

    slots: NDArray[np.int64]
    planes: Planes | None = None


def chosen_of(index: Index, sweep: Sweep, look: Look, ends: tuple[float, float] | None) -> Chosen:
    """Work out what a look merges.

    Parameters
    ----------
    ends
        Frames of the input, fractions included, between which the look's two places lie; ``None``: it names
        none.

    Raises
    ------
    BadUse
        A range lies outside the input or names no usable frame.
    """
    if look.whole:
        return Chosen(sweep.slots)
    numbers = index.frames
    ranges = [*look.ranges] if look.frames is None else [look.frames, *look.ranges]
    slots = [slots_of(index, frames) for frames in ranges]
    if ends is not None:
        own = numbers[sweep.slots]
        slots.append(sweep.slots[(own >= np.floor(ends[0])) & (own <= np.ceil(ends[1]))])
    spans = [(float(numbers[one[0]]), float(numbers[one[-1]])) for one in slots if len(one)]
    if not spans:
        raise BadUse("the chosen range holds no usable frame; choose a wider one")
    planes = Planes.union(spans, look.soft)
    if look.soft:
        slots.append(sweep.slots[planes.used(numbers[sweep.slots])])
    return Chosen(np.unique(np.concatenate(slots)), planes)


def place_of(x: float, y: float) -> Place:
    """A place that a person gave; raises `BadUse` where the picture has none such."""
    try:
        return Place(float(x), float(y))
    except ValueError as error:
        raise BadUse(str(error)) from error
