"""The rendered sweeps on which merges are judged: scene, seed, motion, mover, noise and kind of file.

Each sweep is rendered once and kept both as H.264 and as a folder of JPEGs; what is true about it is worked
out again from its settings.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import Known, settings_of, shown_sharp
from postfocus.io.colour import frame_to_rgb
from postfocus.model.frame import FrameSource
from postfocus.synth.encode import VideoSettings, write_jpegs, write_video
from postfocus.synth.sweep import SimulatedSweep, SweepSettings

NOISE = {0: (0.0, 0.0), 1: (12.0, 1.5), 2: (24.0, 4.0), 3: (48.0, 10.0)}
"""Photon noise at white and read noise at black, thousandths of white: none, base ISO, dim, night."""

FILES = ("h264", "stills")
Mask = NDArray[np.bool_]
Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Case:
    """One sweep to be merged; `noise` is a key of `NOISE`, `file` one of `FILES`."""

    scene: str
    seed: int
    tripod: bool
    mover: bool
    noise: int
    file: str
    frames: int
    width: int

    @property
    def name(self) -> str:
        parts = [self.scene, str(self.seed), "tripod" if self.tripod else "handheld"]
        return "-".join([*parts, *(["mover"] if self.mover else []), f"noise{self.noise}"])

    @property
    def settings(self) -> SweepSettings:
        photon, read = NOISE[self.noise]
        plain = settings_of(self.scene, self.frames, self.width, self.seed, self.tripod)
        return replace(plain, mover=self.mover, photon=photon, read=read)

    @property
    def still(self) -> Case:
        """The same without the mover: motion, noise and exposure are alike."""
        return replace(self, mover=False)


class Named(Protocol):
    """What a sweep's files are named for, and which of them is wanted."""

    @property
    def name(self) -> str: ...
    @property
    def frames(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def file(self) -> str: ...


def rendered(case: Named, sim: SimulatedSweep, cache: Path) -> Path:
    """The case's file, rendered if it is not there."""
    stem = cache / f"m-{case.name}-{case.frames}-{case.width}"
    clip, folder = stem.with_name(stem.name + ".mp4"), stem
    if not (clip.exists() and folder.is_dir()):
        part_clip, part = stem.with_name(stem.name + ".part"), stem.with_name(stem.name + ".parts")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        frames = list(sim.frames(2))
        write_video(part_clip, iter(frames), VideoSettings(preset="veryfast"), "mp4")
        write_jpegs(part, iter(frames))
        part_clip.replace(clip)
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    return clip if case.file == "h264" else folder


def known_of(sim: SimulatedSweep) -> Known:
    """What is true, without the mover."""
    truth = sim.truth
    near = truth.near_edge(24 * sim.settings.width / 3840, 0.5)
    textured = (truth.texture >= 4) & shown_sharp(truth.depth, sim.alignment)
    return Known(truth.codes(8), truth.depth, textured, near, sim.alignment)


def mover_at(sim: SimulatedSweep, frame: int) -> Mask:
    """`(H, W)` of the reference: where the mover is at the moment of a frame, grown by its blur there."""
    size = (sim.settings.width, sim.settings.height)
    if sim.mover is None:
        return np.zeros(size[::-1], np.bool_)
    layer = sim.mover.layer(frame)
    pose = sim.pose(sim.reference).copy()
    pose[:, 2] += pose[:, :2] @ (layer.x, layer.y)
    alpha = cv2.warpAffine(np.ascontiguousarray(layer.rgba[..., 3]).astype(np.float32), pose, size)
    blur = int(np.ceil(1.3 * sim.aperture * abs(layer.plane.u0 - sim.focus[frame]))) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * blur + 1, 2 * blur + 1))
    return cv2.dilate((alpha > 0.01 * max(float(alpha.max()), 1e-9)).astype(np.uint8), disc) > 0


def true_depth_pick(source: FrameSource, known: Known) -> NDArray[np.float32]:
    """`(H, W, 3)`: each pixel from the frame that is nearest to its true depth."""
    size = known.depth.shape[::-1]
    wanted = np.clip(np.rint(known.depth), known.alignment.frames[0], known.alignment.frames[-1])
    out = np.zeros((*known.depth.shape, 3), np.float32)
    for frame in source.frames():
        slot = int(np.flatnonzero(known.alignment.frames == frame.info.index)[0])
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        pixels = frame_to_rgb(frame).astype(np.float32)
        moved = cv2.warpAffine(pixels, known.alignment.matrix(slot), size, flags=flags)
        here = wanted == frame.info.index
        out[here] = moved[here]
    return out
