"""A merge becomes a picture: with the camera's facts, the area it covers, and maps of what was done where."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from postfocus.cells import enlarged
from postfocus.io.colour import frame_to_rgb
from postfocus.merging import Merged
from postfocus.model.frame import FrameSource
from postfocus.model.index import Index
from postfocus.model.picture import Picture


def stacked(
    source: FrameSource,
    index: Index,
    merged: Merged,
    slots: NDArray[np.int64],
    reference: int,
    record: dict[str, Any],
) -> Picture:
    """The picture of a merge.

    Parameters
    ----------
    source, index
        The sweep.
    merged
        What `merge_sweep` made.
    slots, reference
        The merged ones, and the one whose geometry the picture has.
    record
        What the picture is to say of itself besides the shares of its maps.
    """
    pixels = frame_to_rgb(merged.frame, bits=16)
    missed = merged.never_sharp
    cells = {
        "held": merged.held, "never_sharp": None if missed is None else missed.cells, "glow": merged.glow,
    }  # fmt: skip
    maps = {
        name: enlarged(one, index.pool, pixels.shape[:2]) for name, one in cells.items() if one is not None
    }
    told = record | {name: round(float(one.mean()), 5) for name, one in maps.items()}
    camera = source.camera(int(index.frames[reference]))
    valid = index.alignment.with_reference(reference).valid(slots)
    icc = merged.frame.coding.icc
    return Picture(pixels, icc, camera, told, None, valid, **maps, notes=merged.notes)
