"""A simulated clip and its truth are written: both whole, or neither."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray

from postfocus.errors import BadUse, CannotWrite
from postfocus.progress import Progress, silent
from postfocus.synth.encode import CONTAINERS, VideoSettings, write_jpegs, write_video
from postfocus.synth.sweep import SimulatedSweep, SweepSettings, simulate_sweep


def truth_folder(out: Path) -> Path:
    """Where the truth of clip `out` goes: the clip's name and ``.truth``."""
    return out.with_name(out.name + ".truth")


@contextmanager
def _cleared(*paths: Path) -> Generator[None]:
    """Remove temporary files and folders whatever happens, also when the person stops the work."""
    try:
        yield
    finally:
        for path in paths:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _png(path: Path, picture: NDArray[Any]) -> None:
    data = picture[..., ::-1] if picture.ndim == 3 else picture
    good, packed = cv2.imencode(".png", data, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not good:
        raise CannotWrite(f"{path.name} could not be written.")
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
    (folder / "poses.json").write_text(json.dumps(_poses(sim), indent=1), encoding="utf-8")
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
        Write over an existing clip.

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
    if not out.parent.is_dir():
        raise CannotWrite(f"The folder {out.parent} does not exist; make it first.")
    for path in (out, folder):
        if path.exists() and not replace:
            raise CannotWrite(f"{path.name} exists already; choose another name.")
    mark = f".{os.getpid()}.part"
    clip_part, folder_part = out.with_name(f".{out.name}{mark}"), folder.with_name(f".{folder.name}{mark}")
    sim = simulate_sweep(settings, progress)
    with _cleared(clip_part, folder_part):
        try:
            folder_part.mkdir()
            if stills:
                clip_part.mkdir()
        except OSError as error:
            raise CannotWrite(f"{out.parent} cannot be written to: {error.strerror}.") from error
        frames = sim.frames(workers, progress=progress)
        if stills:
            write_jpegs(clip_part, frames)
        else:
            write_video(clip_part, frames, video, CONTAINERS[out.suffix.lower()])
        progress("render", settings.frames, settings.frames)
        try:
            write_truth(sim, folder_part)
            _swap(folder_part, folder)
            try:
                _swap(clip_part, out)
            except OSError:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        except OSError as error:
            raise CannotWrite(f"{folder.name} could not be written: {error.strerror}.") from error
    return sim


def _swap(part: Path, final: Path) -> None:
    """Give a finished part its name."""
    if final.is_dir():
        shutil.rmtree(final)
    part.replace(final)
