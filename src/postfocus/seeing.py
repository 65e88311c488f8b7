"""The sweep once its frames lie on one another: its maps in one geometry, which frames it is, and its depth.

Where frames are to be aligned again, or bent to fit, it says by what.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from postfocus.align.luminance import Luminance
from postfocus.align.parts import Parts, parts_of
from postfocus.align.second import Known
from postfocus.cells import pool_for, shrink
from postfocus.defocus import defocus_of
from postfocus.depth.broad import broad_depth
from postfocus.depth.estimate import DepthSettings, estimate_depth, mark_moved
from postfocus.errors import TooFewFrames
from postfocus.focus.chroma import CELL
from postfocus.focus.floor import evened
from postfocus.focus.motion import moved_cells
from postfocus.focus.sweep import compare_frames, find_sweep
from postfocus.focus.volume import FocusVolume, settle
from postfocus.light import Light
from postfocus.measuring import Measured
from postfocus.model.alignment import Alignment
from postfocus.model.depth import DepthMap, State
from postfocus.model.sweep import Sweep
from postfocus.progress import Progress, silent
from postfocus.settings import COARSE, COLOUR, VOLUME

MIXED = "mixed"
"""File of the mixture of colours, in one geometry, while the index is made."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The sweep as it looks in the geometry that an alignment gives it."""

    alignment: Alignment
    light: Light
    sweep: Sweep
    depth: DepthMap


def depth_of(
    volume: FocusVolume,
    light: Light,
    sweep: Sweep,
    alignment: Alignment,
    progress: Progress = silent,
) -> DepthMap:
    """Depth from the frames of `sweep` alone."""
    if len(sweep.slots) < 2:
        raise TooFewFrames("the chosen range holds fewer than two usable frames; choose a wider one")
    pool = pool_for(alignment.width, alignment.height)
    frames = alignment.frames[sweep.slots]
    progress("depth", 0, 1)
    scores, broad = evened(volume.of(sweep.slots), light, sweep.slots), broad_depth(light, sweep.slots)
    depth = estimate_depth(
        scores, frames, pool, alignment.width, alignment.height, DepthSettings(), broad=broad
    )
    peak = np.interp(depth.position, frames, sweep.slots).astype(np.float32)
    defocus = defocus_of(light, peak, sweep.slots)
    moved = moved_cells(light, sweep.slots, shrink(peak, 2), defocus.place[sweep.slots])
    progress("depth", 1, 1)
    return replace(mark_moved(depth, moved), defocus=defocus)


def see(measured: Measured, alignment: Alignment, folder: Path, progress: Progress) -> Seen:
    """Move all maps into the reference's geometry, and find the sweep and its depth in them."""
    pool = pool_for(alignment.width, alignment.height)
    coarse = settle(measured.coarse, alignment, 2 * pool, folder / COARSE)
    volume = FocusVolume(settle(measured.volume, alignment, pool, folder / VOLUME, scores=True))
    colour = settle(measured.colour, alignment, CELL * pool, folder / COLOUR, layers=2)
    if measured.looked_at is not measured.coarse:
        coarse = settle(measured.looked_at, alignment, 2 * pool, folder / MIXED)
    light = Light(coarse, alignment.gain, colour)
    sweep = find_sweep(compare_frames(volume, light), measured.frames, alignment.usable())
    return Seen(alignment, light, sweep, depth_of(volume, light, sweep, alignment, progress))


def known_of(measured: Measured, seen: Seen) -> Known:
    """What frames can be aligned by once more."""
    frames, depth = seen.alignment.frames, seen.depth
    source = np.interp(depth.position, frames, np.arange(len(frames))).astype(np.float32)
    light = Luminance(measured.looked_at, measured.colour, measured.coding, measured.hue)
    telling = _telling(depth)
    return Known(light, seen.sweep.slots, depth.defocus, shrink(source, 2), telling, 2 * depth.pool)


def parts_in(seen: Seen) -> Parts:
    """What one motion a frame leaves of the sweep, by the small copies of its frames."""
    slots, depth, alignment = seen.sweep.slots, seen.depth, seen.alignment
    position = np.interp(depth.position, alignment.frames[slots], np.arange(len(slots)))
    return parts_of(
        seen.light.maps, slots, shrink(position.astype(np.float32), 2), _telling(depth), 2 * depth.pool,
        int(np.abs(slots - alignment.reference).argmin()),
    )  # fmt: skip


def _telling(depth: DepthMap) -> NDArray[np.bool_]:
    """Pairs of cells each way with texture that did not move."""
    telling = (depth.state == State.IN_FOCUS) | (depth.state == State.OUTSIDE)
    return shrink(telling.astype(np.uint8) * 255, 2) > 127
