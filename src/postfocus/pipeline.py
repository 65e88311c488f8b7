"""The conductor: from a sweep to an index in which any focus can be found.

One decode feeds three things at once: how each frame lies (alignment), how
sharp each place is in it (focus volume), and coarse copies, of brightness and
of colour, that show what moved. Everything after the decode works on small maps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from postfocus.align.luminance import Luminance
from postfocus.align.notes import told_again
from postfocus.align.parts import Parts, parts_of
from postfocus.align.second import Known, align_again, moved_by
from postfocus.align.stream import Registrar
from postfocus.cells import pool_for, shrink
from postfocus.defocus import defocus_of
from postfocus.depth.broad import broad_depth
from postfocus.depth.estimate import DepthSettings, estimate_depth, mark_moved
from postfocus.errors import CannotAlign, CannotRead, TooFewFrames
from postfocus.focus.by_hue import measure_hue
from postfocus.focus.chroma import CELL, chroma_cells, colour_of
from postfocus.focus.floor import evened
from postfocus.focus.measure import measure
from postfocus.focus.motion import moved_cells
from postfocus.focus.sweep import compare_frames, find_sweep
from postfocus.focus.volume import FocusVolume, MapStack, MapWriter, encode, settle
from postfocus.hue import BRIGHTNESS, Hue, hue_of, linear_rgb
from postfocus.io.atomic import display_name
from postfocus.io.levels import grey_level
from postfocus.io.previews import PreviewWriter
from postfocus.light import Light
from postfocus.model.alignment import Alignment
from postfocus.model.depth import DepthMap, State
from postfocus.model.frame import Coding, FrameSource, SourceInfo
from postfocus.model.index import TELLING_MOTION, Index
from postfocus.model.sweep import Sweep
from postfocus.progress import Progress, silent
from postfocus.settings import COARSE, COLOUR, MEASURED, PREVIEWS, VOLUME, IndexSettings

MIXED = "mixed"
"""File of the mixture of colours, in one geometry, while the index is made."""

AGAIN = 2
"""How often a strongly blurred sweep is aligned again; the second time only if the first moved most frames by
more than a coarse cell, for then depth was read from frames that lay apart."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one decode gave: maps in each frame's own geometry, the poses, and the light these go by.

    `mixed` are codes of `hue` on the cells of `coarse`; none where that is brightness.
    """

    frames: NDArray[np.int64]
    alignment: Alignment
    volume: MapStack
    coarse: MapStack
    mixed: MapStack
    colour: MapStack
    coding: Coding
    hue: Hue

    @property
    def looked_at(self) -> MapStack:
        """In what depth, blur and motion are seen: the mixture of colours, where brightness shows nothing."""
        return self.coarse if self.hue is BRIGHTNESS else self.mixed

    def discard(self) -> None:
        """Remove the maps."""
        for maps in (self.volume, self.coarse, self.mixed, self.colour):
            maps.path.unlink()


@dataclass(frozen=True, slots=True)
class Seen:
    """The sweep as it looks in the geometry that an alignment gives it."""

    alignment: Alignment
    light: Light
    sweep: Sweep
    depth: DepthMap


def build_index(
    source: FrameSource, folder: Path, settings: IndexSettings | None = None, progress: Progress = silent
) -> Index:
    """Turn a sweep into an index in which any focus can be found.

    Parameters
    ----------
    source
        The sweep.
    folder
        An existing, empty folder that takes the index's files.

    Raises
    ------
    CannotRead
        The pictures are too narrow to be divided into cells.
    TooFewFrames
        Fewer than two frames could be decoded.
    CannotAlign
        No two frames show the same scene.
    """
    settings = settings or IndexSettings()
    info = source.info
    pool = pool_for(info.width, info.height)
    _check_size(info, pool)
    measured = measure_sweep(source, folder, settings, progress)
    seen = _seen(measured, measured.alignment, folder, progress)
    for _ in range(AGAIN):
        aligned = align_again(_known(measured, seen), seen.alignment, measured.alignment)
        if aligned is None:
            break
        moved = moved_by(seen.alignment, aligned)
        seen = _seen(measured, aligned, folder, progress)
        if moved <= 2 * pool:
            break
    measured.discard()
    parts, alignment = _parts_of(seen), seen.alignment
    (folder / MIXED).unlink(missing_ok=True)
    notes = alignment.notes
    if alignment is not measured.alignment:
        notes = told_again(notes, moved=bool((seen.depth.state == State.MOVED).mean() > TELLING_MOTION))
    alignment = replace(
        alignment,
        notes=notes + ((parts.note,) if parts.note else ()),
        bend=parts.bend(alignment, seen.sweep.slots, 2 * pool),
    )
    return Index(
        info, pool, measured.frames, alignment, seen.sweep, seen.depth, info.left_out + source.problems
    )


def measure_sweep(source: FrameSource, folder: Path, settings: IndexSettings, progress: Progress) -> Measured:
    """Decode every frame once; align it, score its focus, keep coarse copies. See `build_index`."""
    info = source.info
    pool = pool_for(info.width, info.height)
    registrar = Registrar(info.width, info.height, settings.align, expected=info.count)
    frames: list[int] = []
    unit, half, coding, hue = 0.0, None, Coding(), None
    with (
        MapWriter(folder / MEASURED) as volume,
        MapWriter(folder / "coarse.measured") as coarse,
        MapWriter(folder / "mixed.measured") as mixed,
        MapWriter(folder / "colour.measured") as colour,
        PreviewWriter(folder / PREVIEWS if settings.previews else None) as previews,
    ):
        for frame in source.frames():
            unit, coding = unit or grey_level(frame), frame.coding
            half = shrink(frame.luma, min(pool, 2), half)
            level = _in_grey_levels(shrink(half, pool // min(pool, 2)), unit)
            light, seen, score = None, level, None
            if hue is not BRIGHTNESS:
                rgb = linear_rgb(level, *colour_of(frame, pool, unit), coding)
                hue = hue or hue_of(shrink(rgb, CELL))
                if hue is not None and hue is not BRIGHTNESS:
                    light, seen = hue.of(rgb), hue.codes(rgb)
                    score = measure_hue(frame, pool, hue, half, unit)
            registrar.add(frame.info.index, level, light)
            if score is None:
                score = measure(frame.luma, pool, half, unit)
            volume.append(encode(score))
            coarse.append(_small(level))
            if hue is not BRIGHTNESS:
                mixed.append(_small(seen))
            colour.append(chroma_cells(frame, pool, unit))
            previews.append(frame, half)
            frames.append(frame.info.index)
            progress("index", len(frames), info.count)
    if len(frames) < 2:
        raise TooFewFrames(
            f"{display_name(info.name)} has {len(frames)} readable frame{'' if len(frames) == 1 else 's'}; "
            "a sweep needs at least two with different focus"
        )
    alignment = registrar.finish()
    if np.count_nonzero(alignment.usable()) < 2:
        raise CannotAlign(
            f"no two frames of {display_name(info.name)} show the same scene; give the frames of one sweep"
        )
    indices = np.array(frames, np.int64)
    maps = volume.maps(), coarse.maps(), mixed.maps(), colour.maps()
    return Measured(indices, alignment, *maps, coding, hue or BRIGHTNESS)


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


def _seen(measured: Measured, alignment: Alignment, folder: Path, progress: Progress) -> Seen:
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


def _known(measured: Measured, seen: Seen) -> Known:
    """What frames can be aligned by once more."""
    frames, depth = seen.alignment.frames, seen.depth
    source = np.interp(depth.position, frames, np.arange(len(frames))).astype(np.float32)
    light = Luminance(measured.looked_at, measured.colour, measured.coding, measured.hue)
    telling = _telling(depth)
    return Known(light, seen.sweep.slots, depth.defocus, shrink(source, 2), telling, 2 * depth.pool)


def _parts_of(seen: Seen) -> Parts:
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


def _check_size(info: SourceInfo, pool: int) -> None:
    """Refuse pictures of which a map would have no cell."""
    if min(info.width, info.height) < CELL * pool:
        raise CannotRead(
            f"{display_name(info.name)} is only {info.width}x{info.height} pixels; give pictures of at least "
            f"{CELL * pool} pixels each way"
        )


def _small(levels: NDArray[Any]) -> NDArray[np.uint8]:
    """Of half the size, as bytes; 0 is kept for what a frame does not show."""
    return np.clip(shrink(levels, 2), 1, 255).astype(np.uint8)


def _in_grey_levels(codes: NDArray[Any], unit: float) -> NDArray[Any]:
    """Code values over `unit` code values a grey level: as they are for 8 bits, else float32."""
    return codes if unit == 1 else codes * np.float32(1 / unit)
