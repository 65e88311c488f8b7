"""A simulated clip and its truth are written, each whole; a clip appears only when its truth is there."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray

from postfocus.errors import BadUse, CannotWrite
from postfocus.io.atomic import atomic_dir, atomic_path, display_name
from postfocus.progress import Progress, silent
from postfocus.synth.encode import CONTAINERS, VideoSettings, write_jpegs, write_video
from postfocus.synth.sweep import SimulatedSweep, SweepSettings, simulate_sweep

POSES = "poses.json"
"""Marks a truth folder as ours."""

FIRST_JPEG = "frame-000.jpg"
"""Marks a folder of simulated stills; see `write_jpegs`."""


def truth_folder(out: Path) -> Path:
    """Where the truth of clip `out` goes: the clip's name and ``.truth``."""
    if not out.name:
        raise BadUse(f"{display_name(out)} is a folder; name a clip or a new folder in it.")
    return out.with_name(out.name + ".truth")


def _png(path: Path, picture: NDArray[Any]) -> None:
    data = picture[..., ::-1] if picture.ndim == 3 else picture
    good, packed = cv2.imencode(".png", data, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not good:
        raise CannotWrite("OpenCV cannot encode the truth as PNG; choose a smaller size.")
    path.write_bytes(packed.tobytes())


def _poses(sim: SimulatedSweep) -> dict[str, Any]:
    a = sim.alignment
    return {
        "convention": "z = x + iy from the picture's centre ((W-1)/2, (H-1)/2), y down: frame n shows at "
        "a z + b (and row * y added to x) what the reference shows at z",
        "settings": asdict(sim.settings),
        "reference": a.reference,
        "a": [[v.real, v.imag] for v in a.a.tolist()],
        "b": [[v.real, v.imag] for v in a.b.tolist()],
        "row": a.row.tolist(),
        "focus": sim.focus.tolist(),
        "gain_linear": sim.gain.tolist(),
        "blur_pixels_per_focus_unit": sim.aperture,
    }


def write_truth(sim: SimulatedSweep, folder: Path) -> None:
    """Write ``all-in-focus.png``, ``depth.tif``, ``poses.json`` and the mattes into an existing folder."""
    truth = sim.truth
    _png(folder / "all-in-focus.png", truth.codes(16))
    tifffile.imwrite(folder / "depth.tif", truth.depth, compression=None)
    (folder / POSES).write_text(json.dumps(_poses(sim), indent=1), encoding="utf-8")
    for number, (name, matte) in enumerate(truth.mattes):
        _png(folder / f"matte-{number:02d}-{name.replace(' ', '-')}.png", matte)
    if truth.mover.any():
        _png(folder / "mover.png", truth.mover.astype(np.uint8) * np.uint8(255))


def write_simulation(
    settings: SweepSettings,
    out: Path,
    progress: Progress = silent,
    *,
    video: VideoSettings | None = None,
    workers: int = 2,
    replace: bool = False,
) -> SimulatedSweep:
    """Simulate a sweep, and write the clip and its truth folder.

    Parameters
    ----------
    settings
        What to simulate.
    out
        ``.mp4``, ``.mov`` or ``.mkv``; any name without a suffix becomes a folder of JPEGs.
    progress
        Told after each frame; may raise `Cancelled`.
    video
        How to encode.
    workers
        Rendering threads; they never change a pixel.
    replace
        Write over an existing clip and its truth; a folder only if its truth lies beside it.

    Returns
    -------
    SimulatedSweep
        The sweep, for whoever wants its truth in memory.

    Raises
    ------
    postfocus.errors.CannotWrite
        The name is taken, or there is no room or permission; nothing is left behind.
    """
    stills = out.suffix == ""
    if not stills and out.suffix.lower() not in CONTAINERS:
        raise BadUse(
            f"Give the clip a name that ends in {', '.join(CONTAINERS)}, or none for a folder of JPEGs."
        )
    folder = truth_folder(out)
    if stills and replace and out.exists() and not (folder / POSES).is_file():
        raise CannotWrite(
            f"{display_name(out)} may hold pictures of yours: no {display_name(folder.name)} lies beside it; "
            "choose another name."
        )
    clip: AbstractContextManager[Path] = (
        atomic_dir(out, marker=FIRST_JPEG, overwrite=replace)
        if stills
        else atomic_path(out, overwrite=replace)
    )
    with clip as clip_part, atomic_dir(folder, marker=POSES, overwrite=replace) as folder_part:
        sim = simulate_sweep(settings, progress)
        frames = sim.frames(workers, progress=progress)
        if stills:
            write_jpegs(clip_part, frames)
        else:
            write_video(clip_part, frames, video, CONTAINERS[out.suffix.lower()])
        progress("render", settings.frames, settings.frames)
        write_truth(sim, folder_part)
    return sim
