"""Merges of sweeps in the wind: flowers that sway, a meadow that ripples like water.

    python -m benchmarks.swaying --cache DIR [--scenes landscape grass] [--width 1280] [--seed 3]
        [--pictures DIR]

Every sweep is merged with and without the part that finds what sways. PSNR in dB within the path of what
moves: against the truth of the one moment that suits the merge best, and against that of the best moment for
each neighbourhood of 41 pixels, for a meadow may be taken from several. Beside it that of the same sweep in a
calm, and the share of the picture that was held.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
from numpy.typing import NDArray

import postfocus
from benchmarks.quality import settings_of
from benchmarks.scores import psnr
from postfocus.fuse import movers
from postfocus.fuse.swaying import Band
from postfocus.io.cache import Cache
from postfocus.synth.encode import write_jpegs
from postfocus.synth.sensor import to_codes
from postfocus.synth.sweep import SimulatedSweep, SweepSettings, simulate_sweep
from postfocus.synth.truth import truth_render

WINDS = {"sways": {"wind": 24.0}, "sways little": {"wind": 8.0}, "ripples": {"waves": 4.5}}
"""Pixels at 3840 wide."""

BORDER, AROUND = 30, 41
Levels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Merge:
    """RGB levels 0…255, and the share that was held."""

    levels: Levels
    held: float


def stills(settings: SweepSettings, name: str, cache: Path) -> Path:
    """The sweep as a folder of JPEGs, rendered if it is not there."""
    folder = cache / f"w-{name}"
    if not folder.is_dir():
        part = cache / f"w-{name}.parts"
        part.mkdir(parents=True, exist_ok=True)
        write_jpegs(part, simulate_sweep(settings).frames(2))
        part.rename(folder)
    return folder


def merged(folder: Path, reference: int, cache: Path) -> Merge:
    """Merge through the public interface."""
    with postfocus.index(folder, cache=Cache(cache / "indexes")) as scene:
        picture = scene.stack(postfocus.Look(reference=reference))
        return Merge(picture.pixels.astype(np.float32) / np.float32(257), picture.record.get("held", 0.0))


def moments(sim: SimulatedSweep) -> NDArray[np.uint8]:
    """`(N, H, W, 3)`: the truth at the moment of every frame."""
    out: list[NDArray[np.uint8]] = []
    for index in range(sim.count):
        calm = replace(sim, scene=sim.scene_at(index), settings=replace(sim.settings, wind=0.0, waves=0.0))
        out.append(to_codes(truth_render(calm, 0.0, 0.0)))
    return np.stack(out)


def nothing(*_: object) -> list[Band]:
    """Find that nothing sways."""
    return []


def row(scene: str, seed: int, width: int, kind: str, cache: Path, pictures: Path | None) -> str:
    """Measure one sweep."""
    calm = settings_of(scene, 30, width, seed, True)
    settings = replace(calm, **WINDS[kind])
    sim, name = simulate_sweep(settings), f"{scene}-{seed}-{width}"
    truths = moments(sim)
    path = (truths.max(axis=0) > truths.min(axis=0)).any(axis=2)
    path[:BORDER] = path[-BORDER:] = path[:, :BORDER] = path[:, -BORDER:] = False
    still = merged(stills(calm, name, cache), sim.reference, cache)
    truth = to_codes(truth_render(simulate_sweep(calm), 0.0, 0.0))
    cells = [f"{psnr(np.square(still.levels - truth).mean(axis=2)[path]):.2f}"]
    folder = stills(settings, f"{name}-{kind.replace(' ', '-')}", cache)
    for part in ("without", "with"):
        with patch.object(movers, "swaying", nothing if part == "without" else movers.swaying):
            ours = merged(folder, sim.reference, cache)
        errors = [np.square(ours.levels - truth).mean(axis=2) for truth in truths]
        one = max(psnr(error[path]) for error in errors)
        each = np.min([cv2.blur(error, (AROUND, AROUND)) for error in errors], axis=0)
        cells.append(f"{one:.2f} | {psnr(each[path]):.2f} | {100 * ours.held:.1f}")
        if pictures is not None:
            pictures.mkdir(parents=True, exist_ok=True)
            eight = np.clip(np.rint(ours.levels), 0, 255).astype(np.uint8)
            cv2.imwrite(str(pictures / f"{name}-{kind.replace(' ', '-')}-{part}.png"), eight[..., ::-1])
    return f"| {scene} | {kind} | {100 * path.mean():.1f} | " + " | ".join(cells) + " |"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps the rendered sweeps")
    parser.add_argument("--scenes", nargs="+", default=["landscape", "grass", "still-life", "hair"])
    parser.add_argument("--kinds", nargs="+", default=list(WINDS), choices=list(WINDS))
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--pictures", type=Path, help="folder for our merges as PNG")
    args = parser.parse_args(arguments)
    columns = "one moment | nearby | held %"
    print(f"| scene | what | path % | calm | without: {columns} | with: {columns} |")
    print("|---" * 10 + "|")
    for scene in args.scenes:
        for kind in args.kinds:
            print(row(scene, args.seed, args.width, kind, args.cache, args.pictures), flush=True)


if __name__ == "__main__":
    main()
