"""Sweeps that are photographed once for all tests, and made-up indexes whose every number is known."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from postfocus.errors import CannotRead
from postfocus.focus.volume import FocusVolume, MapStack, MapWriter, encode
from postfocus.light import Light
from postfocus.model.alignment import Alignment
from postfocus.model.defocus import Defocus
from postfocus.model.depth import DepthMap, Noise, State
from postfocus.model.frame import (
    CameraFacts,
    Coding,
    Frame,
    FrameInfo,
    LeftOut,
    Matrix,
    SourceInfo,
    Transfer,
)
from postfocus.model.index import Index
from postfocus.model.sweep import Sweep
from postfocus.pipeline import build_index
from postfocus.settings import COARSE, COLOUR, VOLUME, IndexSettings
from postfocus.synth.source import SimulatedSource
from postfocus.synth.sweep import SimulatedSweep, SweepSettings, simulate_sweep

# Blur is meant at 3840 pixels; at this width it must be larger to be seen at all.
SMALL = SweepSettings(scene="still-life", width=480, height=270, frames=12, seed=3, blur=10.0)
TRIPOD = replace(
    SMALL, width=320, height=180, frames=9, tripod=True, breathing=0.0, drift=0.0, flicker=0.0, seed=5
)


class KeptSource:
    """Frames in memory, read as if they came from a camera."""

    def __init__(self, frames: list[Frame], info: SourceInfo) -> None:
        self._frames, self.info = frames, info
        self.problems: tuple[LeftOut, ...] = ()
        self.decoded: list[int] = []
        self.closed = False

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Frames `start` up to `stop`, noted in `decoded`."""
        for frame in self._frames[start:stop]:
            if self.closed:
                raise CannotRead("closed")
            self.decoded.append(frame.info.index)
            yield frame

    def read(self, index: int) -> Frame:
        """One frame."""
        return self._frames[index]

    def camera(self, index: int) -> CameraFacts:
        """The same for every frame."""
        return self.info.camera

    def fingerprint(self) -> str:
        """Made of the name alone."""
        return self.info.name

    def close(self) -> None:
        """Refuse further reading."""
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


@cache
def simulated(settings: SweepSettings = SMALL) -> tuple[SimulatedSweep, tuple[Frame, ...]]:
    """A simulation and its frames, rendered once in the test run."""
    sim = simulate_sweep(settings)
    return sim, tuple(SimulatedSource(sim).frames())


def kept(settings: SweepSettings = SMALL, frames: list[Frame] | None = None) -> KeptSource:
    """A source over a simulation, or over `frames` instead of its own."""
    sim, own = simulated(settings)
    chosen = list(own) if frames is None else frames
    info = SimulatedSource(sim).info
    return KeptSource(chosen, replace(info, count=len(chosen), coding=chosen[0].coding))


@cache
def indexed(settings: SweepSettings = SMALL) -> tuple[Index, Path]:
    """The index of a simulation and its folder, built once in the test run; read it, never change it."""
    folder = Path(_ROOT.name) / str(abs(hash(repr(settings))))
    folder.mkdir()
    return build_index(kept(settings), folder, IndexSettings(previews=True)), folder


_ROOT = tempfile.TemporaryDirectory(prefix="postfocus-tests-")


def maps_of(index: Index, folder: Path) -> tuple[FocusVolume, Light]:
    """The sharpness, and the brightness and colour, that an index in `folder` keeps."""
    count = len(index.frames)
    volume = FocusVolume(MapStack(folder / VOLUME, count, *index.map_shape()))
    coarse = MapStack(folder / COARSE, count, *index.map_shape(2))
    rows, cols = index.map_shape(4)
    return volume, Light(coarse, index.alignment.gain, MapStack(folder / COLOUR, count, 2 * rows, cols))


def grey_frame(codes: NDArray[Any], index: int = 0, bits: int = 8) -> Frame:
    """A frame of one grey plane."""
    coding = Coding(Matrix.RGB, True, bits)
    return Frame((codes,), codes, coding, FrameInfo(index, name=f"frame {index}"))


def rgb_frame(codes: NDArray[Any], index: int = 0, bits: int = 8) -> Frame:
    """A frame of red, green and blue."""
    luma = np.rint(codes @ np.array([0.2126, 0.7152, 0.0722])).astype(codes.dtype)
    return Frame((codes,), luma, Coding(Matrix.RGB, True, bits), FrameInfo(index, name=f"frame {index}"))


def video_frame(y: NDArray[Any], u: NDArray[Any], v: NDArray[Any], index: int = 0, bits: int = 8) -> Frame:
    """A frame of 4:2:0 planes in limited range."""
    coding = Coding(Matrix.BT709, False, bits, Transfer.BT709)
    return Frame((y, u, v), y, coding, FrameInfo(index, name=f"frame {index}"))


def volume_of(curves: NDArray[Any], path: Path) -> FocusVolume:
    """A focus volume on disk from `(N, h, w)` grey levels; 0 stays 0 (not shown)."""
    with MapWriter(path) as writer:
        for layer in curves.astype(np.float32):
            writer.append(np.where(layer > 0, encode(layer), 0).astype(np.uint8))
    return FocusVolume(MapStack(path, *curves.shape))


def curves_at(position: NDArray[Any], count: int, width: float = 2.0) -> NDArray[np.float32]:
    """`(count, h, w)` Gaussian curves of height 10 on a floor of 1 that peak at `position` `(h, w)`."""
    k = np.arange(count).reshape(-1, 1, 1)
    return (1 + 10 * np.exp(-0.5 * ((k - position) / width) ** 2)).astype(np.float32)


def a_depth(rows: int, cols: int, pool: int, count: int, position: float | NDArray[Any] = 0.0) -> DepthMap:
    """A depth map that is sure of itself."""
    where = np.broadcast_to(np.float32(position), (rows, cols)).astype(np.float32)
    return DepthMap(
        where, np.ones((rows, cols), np.float32), np.full((rows, cols), State.IN_FOCUS, np.uint8),
        pool, cols * pool, rows * pool, count - 1, Noise(0.02, np.zeros(count, np.float32)),
    )  # fmt: skip


def an_index(count: int = 4, rows: int = 6, cols: int = 9, pool: int = 2) -> Index:
    """An index with something in every field."""
    rng = np.random.default_rng(1)
    frames = np.arange(count, dtype=np.int64) * 2 + 1
    camera = CameraFacts("Panasonic", "DC-G9", taken="2026:11:21 09:30:00", f_number=2.8, exif=b"II*\0abc")
    info = SourceInfo(
        "stills", "bracket", tuple(Path(f"folder/{n}.jpg").absolute() for n in range(count)), cols * pool + 1,
        rows * pool, count, Coding(icc=b"profile"), camera, "jpeg", None, 0, (LeftOut(None, "x.txt", "odd"),),
    )  # fmt: skip
    a = (1 + 0.01 * rng.standard_normal(count)) * np.exp(0.01j * rng.standard_normal(count))
    b = rng.standard_normal(count) + 1j * rng.standard_normal(count)
    alignment = Alignment(
        info.width, info.height, frames, 1, a, b, 0.001 * rng.standard_normal(count), rng.random(count),
        ("aligned",) * (count - 1) + ("lost",), 1 + 0.1 * rng.random(count), ("a note",),
    )  # fmt: skip
    state = rng.integers(0, 4, (rows, cols)).astype(np.uint8)
    position = rng.uniform(1, 5, (rows, cols)).astype(np.float32)
    depth = DepthMap(
        position, rng.random((rows, cols)).astype(np.float32), state, pool, info.width, info.height, 5,
        Noise(0.05, rng.random(count - 1).astype(np.float32)), Defocus(np.cumsum(rng.random(count))),
    )  # fmt: skip
    slots = np.arange(count - 1, dtype=np.int64)
    sweep = Sweep(slots, int(frames[0]), int(frames[count - 2]), ("frame 9 is blurred",))
    return Index(info, pool, frames, alignment, sweep, depth, (LeftOut(7, "frame 7", "is cut short"),))
