"""Merge the sweep, or the chosen planes of it, into one sharp picture: every frame is read once and added.

What the index knows of sharpness and brightness says beforehand which part of
which frame is heard, and what moves; strokes made by hand are laid over the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from postfocus.depth.behind import depth_behind
from postfocus.errors import CannotRead
from postfocus.focus.volume import FocusVolume
from postfocus.fuse.colour import full_colour
from postfocus.fuse.gate import Gate
from postfocus.fuse.half_colour import HalfColour
from postfocus.fuse.merge import Layout, Merger, mergeable
from postfocus.fuse.noise import cleaned, share_of
from postfocus.fuse.retouch import Retouch, lines_of
from postfocus.fuse.soft_colour import sharp_colour
from postfocus.fuse.weigh import floor_of
from postfocus.io.atomic import display_name
from postfocus.light import Light
from postfocus.model.frame import Frame, FrameSource, Matrix
from postfocus.model.index import Index
from postfocus.model.planes import Planes
from postfocus.model.stroke import Stroke
from postfocus.progress import Progress, silent

SHARP_ENOUGH = 0.5
"""Share of its best sharpness below which what moves is called out of focus."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a merged picture is to be made of, and to show.

    Attributes
    ----------
    slots
        `(M,)` int, increasing, at least one: frames to be merged.
    reference
        Slot whose geometry the picture gets; ``None``: the index's own.
    moment
        Slot of which what moves is shown; ``None``: the one that shows it best.
    retouch
        Strokes to be painted over it, of frames that are in the index.
    planes
        Those that are to be sharp, of which `slots` are the frames; ``None``: all.
    """

    slots: NDArray[np.int64]
    reference: int | None = None
    moment: int | None = None
    retouch: Sequence[Stroke] = ()
    planes: Planes | None = None


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged picture.

    Attributes
    ----------
    frame
        The picture, 16-bit codes.
    held
        `(h, w)` bool, cells of the index in the picture's geometry: what moves and was therefore taken from
        one frame; ``None``: nothing was.
    notes
        What a person should be told, in sentences.
    """

    frame: Frame
    held: NDArray[np.bool_] | None
    notes: tuple[str, ...] = ()


def merge_sweep(
    source: FrameSource,
    index: Index,
    volume: FocusVolume,
    light: Light,
    order: Order,
    progress: Progress = silent,
) -> Merged:
    """Merge frames into one sharp picture, in one decode.

    Parameters
    ----------
    volume, light
        The index's maps of sharpness, and of brightness and colour.
    order
        Which frames, and what the picture is to show.

    Returns
    -------
    The picture. Where the chosen planes are not in focus it shows the real blur of the nearest of them.

    Raises
    ------
    CannotRead
        A frame that could be read when the sweep was indexed cannot be read any more.
    """
    alignment, view, reference = index.alignment, None, order.reference
    if reference is not None and reference != alignment.reference:
        view = np.linalg.inv(np.vstack([alignment.matrix(reference, index.pool), [0, 0, 1]]))[:2]
        alignment = alignment.with_reference(reference)
    behind = partial(depth_behind, volume.of(order.slots), index.pool)
    gate = Gate(
        volume, order.slots, index.depth, index.frames, view, light, order.moment, order.planes, behind
    )
    merging = set(order.slots.tolist())
    slot_of = {int(number): slot for slot, number in enumerate(index.frames)}
    lines = lines_of(order.retouch, slot_of, index.alignment, alignment.reference)
    paint = Retouch(lines, alignment) if lines else None
    rank = {int(index.frames[slot]): slot for slot in merging | {line.slot for line in lines}}
    waiting = set(rank)
    merger: Merger | None = None
    halved = _halved(source, index, volume, order.slots)
    for frame in source.frames(min(rank), max(rank) + 1):
        if frame.info.index not in rank:
            continue
        frame, slot = mergeable(frame) if halved is None else halved.apart(frame), rank[frame.info.index]
        merger = merger or Merger(alignment, gate, Layout.of(frame), index.pool, floor_of(gate.noise))
        if slot in merging:
            merger.add(frame, slot)
        if paint is not None:
            paint.add(slot, partial(merger.seen, frame, slot))
        waiting.remove(frame.info.index)
        progress("merge", frame.info.index - min(rank) + 1, max(rank) - min(rank) + 1)
    if merger is None or waiting:
        gone = f"frame {min(waiting)} of {display_name(index.info.name)}"
        raise CannotRead(f"{gone} can no longer be read; check that the input is unchanged")
    share = share_of(gate.noise)
    picture = full_colour(cleaned(sharp_colour(merger.finish(paint)), share), share)
    return Merged(picture, gate.held(), _of_movers(gate, index))


def _halved(
    source: FrameSource, index: Index, volume: FocusVolume, slots: NDArray[np.int64]
) -> HalfColour | None:
    """Whether stills were enlarged from halved colour, told by the one in which most is sharp."""
    if source.info.coding.matrix is not Matrix.RGB:
        return None
    sharpest = max(slots.tolist(), key=lambda slot: float(volume.frame(slot).mean()))
    return HalfColour.of(source.read(int(index.frames[sharpest])))


def _of_movers(gate: Gate, index: Index) -> tuple[str, ...]:
    """A warning where what moves is out of focus at the moment that is shown."""
    movers = gate.movers
    if movers is None or movers.focus >= SHARP_ENOUGH:
        return ()
    shown, best = (int(index.frames[slot]) for slot in (movers.moment, movers.sharpest))
    return (
        f"what moves is out of focus in frame {shown}, whose moment is shown; frame {best} has it sharpest "
        f"(--reference {best})",
    )
