"""Merge the sweep, or the chosen planes of it, into one sharp picture: every frame is read and added.

What the index knows of sharpness and brightness says beforehand which part of
which frame is heard, and what moves; strokes made by hand are laid over the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from postfocus.align.notes import frames_in_words
from postfocus.depth.behind import depth_behind
from postfocus.focus.volume import FocusVolume
from postfocus.fuse.colour import full_colour
from postfocus.fuse.cover import Swept
from postfocus.fuse.few import FewMerger
from postfocus.fuse.gate import Gate
from postfocus.fuse.in_front import InFront
from postfocus.fuse.layout import Layout
from postfocus.fuse.merge import Merger
from postfocus.fuse.noise import cleaned, share_of
from postfocus.fuse.retouch import Retouch, lines_of
from postfocus.fuse.soft_colour import sharp_colour
from postfocus.fuse.tone import tones_of
from postfocus.fuse.veil import veil_of
from postfocus.fuse.weigh import floor_of
from postfocus.io.colour import frame_to_rgb
from postfocus.io.levels import grey_level
from postfocus.light import Light
from postfocus.model.alignment import Alignment
from postfocus.model.frame import Coding, Frame, FrameSource, Matrix, Transfer
from postfocus.model.index import Index
from postfocus.model.planes import Planes
from postfocus.model.stroke import Stroke
from postfocus.model.sweep import DENSE
from postfocus.model.tone import Tone
from postfocus.never_sharp import NeverSharp, never_sharp
from postfocus.progress import Progress, silent
from postfocus.reading import FrameReader, halved_in, span_of

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
    keep_glow
        Leave the glow of near things on far ones beside them. It is taken off whole sweeps only.
    """

    slots: NDArray[np.int64]
    reference: int | None = None
    moment: int | None = None
    retouch: Sequence[Stroke] = ()
    planes: Planes | None = None
    keep_glow: bool = False


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
    never_sharp
        What is sharp in none of the merged frames; ``None``: nothing that is known.
    glow
        `(h, w)` bool, cells of the index in the picture's geometry: where glow of near things was taken off;
        ``None``: nowhere.
    notes
        What a person should be told, in sentences.
    """

    frame: Frame
    held: NDArray[np.bool_] | None
    never_sharp: NeverSharp | None = None
    glow: NDArray[np.bool_] | None = None
    notes: tuple[str, ...] = ()


def merge_sweep(
    source: FrameSource,
    index: Index,
    volume: FocusVolume,
    light: Light,
    order: Order,
    progress: Progress = silent,
) -> Merged:
    """Merge frames into one sharp picture, in one decode; few frames in two. Of stills one is read besides.

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
        view = _view(index, reference, 1)
        alignment = alignment.with_reference(reference)
    merging = set(order.slots.tolist())
    slot_of = {int(number): slot for slot, number in enumerate(index.frames)}
    lines = lines_of(order.retouch, slot_of, index.alignment, alignment.reference)
    paint = Retouch(lines, alignment) if lines else None
    rank = {int(index.frames[slot]): slot for slot in merging | {line.slot for line in lines}}
    few = {int(index.frames[slot]): slot for slot in merging} if len(index.frames) < DENSE else {}
    if few:
        light = light.evened(tones_of(light, rank.values(), alignment.reference), alignment.reference)
    behind = partial(depth_behind, volume.of(order.slots), index.pool)
    gate = Gate(
        volume, order.slots, index.depth, index.frames, view, light, order.moment, order.planes, behind
    )
    # A curve of brightness bends colours with it only where they are red, green and blue.
    halved = None if light.tones else halved_in(source, index, volume)
    reading = FrameReader(source, halved, progress, span_of(few) + span_of(rank))
    merger: Merger | None = None
    whole = order.planes is None and len(order.slots) == len(index.depth.noise.pulse)
    near = gate.in_front() if whole and not few and gate.defocus is not None else None
    front: InFront | None = None
    if few:
        merger = _settled(reading, few, alignment, gate, index.pool, _in_codes(light, source, index))
    for frame, slot in reading.round(rank):
        layout = Layout.of(frame)
        merger = merger or Merger(alignment, gate, layout, index.pool, floor_of(gate.noise))
        if slot in merging:
            merger.add(frame, slot)
        if paint is not None:
            paint.add(slot, partial(merger.seen, frame, slot))
        if near is not None:
            front = front or InFront(near, alignment, index.pool, layout)
            front.add(slot, partial(merger.seen, frame, slot))
    assert merger is not None
    share = share_of(gate.noise)
    picture, origin = merger.finish(None if paint is None else paint.lay_over), merger.source
    merger = None  # what it averaged is no longer needed
    alone = _either(gate.held(), None if paint is None else paint.touched(index.pool))
    swept: Swept | None = None
    if gate.defocus is not None:
        seen = light if view is None else light.seen(_view(index, alignment.reference, 2))
        swept = Swept(order.slots, gate.defocus, seen)
        if front is not None:
            front.lay_over(picture, origin, swept, alone)
    front = None  # nor what near things look like
    picture = full_colour(cleaned(sharp_colour(picture), share), share)
    missed = glow = None
    # What lies outside of chosen planes, or of a slab of the sweep, is meant to be blurred.
    if whole:
        sweep = volume.of(order.slots), index.depth, index.frames[order.slots]
        missed = never_sharp(picture.planes[0], *sweep, view)
        if not order.keep_glow and swept is not None:
            picture = _in_rgb(picture)  # its planes of full-size colour are let go
            glow = _glow_lifted(picture, origin, swept, index.pool, alone)
    notes = _of_movers(gate, index) + _of_tones(light, index, alignment.reference)
    if missed is not None:
        notes += missed.notes()
    return Merged(picture, gate.held(), missed, glow, notes)


def _view(index: Index, reference: int, factor: int) -> NDArray[np.float64]:
    """The matrix from cells of a picture in a slot's geometry, `factor` times the index's, to its own."""
    matrix = index.alignment.matrix(reference, factor * index.pool)
    return np.asarray(np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2], np.float64)


def _in_rgb(picture: Frame) -> Frame:
    """The same in 16-bit red, green and blue; brightness as it was."""
    coding = Coding(Matrix.RGB, True, 16, Transfer.SRGB, picture.coding.icc)
    return Frame((frame_to_rgb(picture, bits=16),), picture.luma, coding, picture.info)


def _glow_lifted(
    picture: Frame, source: NDArray[np.float32], swept: Swept, pool: int, alone: NDArray[np.bool_] | None
) -> NDArray[np.bool_] | None:
    """Take the glow of near things off a picture, in place; cells `alone` stay. Returns where it was."""
    pixels = picture.planes[0]
    veil = veil_of(pixels, source, swept, pool, alone)
    if veil is None:
        return None
    veil.lift(pixels)
    return veil.cells


def _either(one: NDArray[np.bool_] | None, other: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
    """What is true in any of two."""
    if one is None or other is None:
        return other if one is None else one
    return one | other[: one.shape[0], : one.shape[1]]


def _settled(
    reading: FrameReader, rank: dict[int, int], alignment: Alignment, gate: Gate, pool: int,
    tones: Mapping[int, Tone],
) -> FewMerger:  # fmt: skip
    """A merger of few frames that has seen them all."""
    merger: FewMerger | None = None
    for frame, slot in reading.round(rank):
        if merger is None:
            merger = FewMerger(list(rank.values()), alignment, gate, Layout.of(frame), pool, tones)
        merger.weigh(frame, slot)
    assert merger is not None
    merger.settle()
    return merger


def _in_codes(light: Light, source: FrameSource, index: Index) -> dict[int, Tone]:
    """The curves of brightness in codes of the frames: a grey level is what the index took it for."""
    if not light.tones:
        return {}
    unit = grey_level(source.read(int(index.frames[0])))
    return {slot: tone.scaled(unit) for slot, tone in light.tones.items()}


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


def _of_tones(light: Light, index: Index, reference: int) -> tuple[str, ...]:
    """A sentence where frames differed in brightness by more than exposure."""
    if not light.tones:
        return ()
    which = (
        f"{frames_in_words(index.frames[sorted(light.tones)])} {'was' if len(light.tones) == 1 else 'were'}"
    )
    return (
        f"{which} developed with another tone curve than frame {int(index.frames[reference])} and got its "
        "brightness; develop all frames alike for the best merge",
    )
