"""Every frame is read once; what must be known of it is kept, small.

One decode feeds three things at once: how each frame lies (alignment), how
sharp each place is in it (focus volume), and coarse copies, of brightness and
of colour, that show what moved. Everything after the decode works on small maps.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from postfocus.align.stream import Registrar
from postfocus.cells import pool_for, shrink
from postfocus.errors import CannotAlign, CannotRead, TooFewFrames
from postfocus.focus.by_hue import measure_hue
from postfocus.focus.chroma import CELL, chroma_cells, colour_of
from postfocus.focus.measure import measure
from postfocus.focus.volume import MapStack, MapWriter, encode
from postfocus.hue import BRIGHTNESS, Hue, hue_of, linear_rgb
from postfocus.io.atomic import display_name
from postfocus.io.levels import grey_level
from postfocus.io.previews import PreviewWriter
from postfocus.model.alignment import Alignment
from postfocus.model.frame import Coding, FrameSource, SourceInfo
from postfocus.progress import Progress
from postfocus.settings import MEASURED, PREVIEWS, IndexSettings


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


def measure_sweep(source: FrameSource, folder: Path, settings: IndexSettings, progress: Progress) -> Measured:
    """Decode every frame once; align it, score its focus, keep coarse copies.

    Parameters, and errors raised, as of `postfocus.pipeline.build_index`.
    """
    info = source.info
    pool = pool_for(info.width, info.height)
    _check_size(info, pool)
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
