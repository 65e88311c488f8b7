"""Short brackets of rendered scenes: our merge against the truth, and what the scores of pairs say of it.

    python -m benchmarks.brackets --cache DIR [--scenes still-life grass] [--counts 2 3 5] [--seeds 3 5]

A bracket is taken out of a tripod sweep at even steps and written as JPEGs. Of it are judged: our merge, GFF,
the nearer frame at each pixel in windows of 9 x 9, chosen by knowing the truth, and the truth itself. PSNR is
taken over the whole picture and within 24 pixels (at 3840 wide) of a depth edge, after a factor of exposure.
Q_AB/F and Q_W know of the frames only, as on the public pairs (`benchmarks.pairs`): light that is spread over
a frame counts for them as an edge that a merge should keep.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import postfocus
from benchmarks.baselines import guided_fusion
from benchmarks.fusion_scores import grey, q_abf, q_w
from benchmarks.pairs import best, levels, load
from benchmarks.quality import settings_of
from benchmarks.scores import score
from postfocus.io.cache import Cache
from postfocus.synth import SCENE_NAMES
from postfocus.synth.encode import write_jpegs
from postfocus.synth.sweep import simulate_sweep

SWEEP = 24
"""Frames of the sweep that brackets are taken from."""

BORDER = 63
"""Pixels at 3840 wide that are left out at each side."""

OURS, GUIDED, NEARER, TRUTH = "**postfocus**", "GFF (our copy)", "nearer frame per pixel", "the truth"


@dataclass(frozen=True, slots=True)
class Bracket:
    """Stills of one scene, `(H, W, 3)` its true picture, and `(H, W)` bool where a depth edge is near."""

    files: tuple[Path, ...]
    truth: NDArray[np.uint8]
    near: NDArray[np.bool_]


def brackets(scene: str, seed: int, width: int, counts: Sequence[int], cache: Path) -> dict[int, Bracket]:
    """Brackets of so many frames, the middles of equal parts of one sweep; written where they are not yet."""
    sim = simulate_sweep(settings_of(scene, SWEEP, width, seed, True))
    near = sim.truth.near_edge(24 * width / 3840, 0.5)
    out: dict[int, Bracket] = {}
    for count in counts:
        folder = cache / f"b-{scene}-{seed}-{width}-{count}"
        if not folder.is_dir():
            folder.mkdir(parents=True)
            write_jpegs(folder, [sim.frame((2 * n + 1) * SWEEP // (2 * count)) for n in range(count)])
        out[count] = Bracket(tuple(sorted(folder.glob("*.jpg"))), sim.truth.codes(8), near)
    return out


def judged(bracket: Bracket) -> dict[str, NDArray[np.float64]]:
    """Of each merge: PSNR whole, near depth edges and away from them, SSIM, Q_AB/F, Q_W."""
    with (
        tempfile.TemporaryDirectory() as folder,
        postfocus.index(postfocus.open(*bracket.files), cache=Cache(Path(folder))) as scene,
    ):
        ours = levels(scene.stack().pixels)
    frames, truth = [load(file) for file in bracket.files], bracket.truth.astype(np.float64)
    results = {OURS: ours, GUIDED: guided_fusion(frames), NEARER: best(frames, truth.astype(np.float32))}
    results[TRUTH] = truth / exposure(results[NEARER], truth)
    greys = [grey(frame) for frame in frames]
    return {name: _scores(picture, bracket, greys) for name, picture in results.items()}


def exposure(picture: NDArray[Any], truth: NDArray[np.float64]) -> float:
    """The factor that brings a picture nearest to the truth."""
    picture = picture.astype(np.float64)
    return float((picture * truth).sum() / np.square(picture).sum())


def _scores(
    picture: NDArray[Any], bracket: Bracket, greys: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    truth = bracket.truth
    even = picture * exposure(picture, truth.astype(np.float64))
    found, fused = score(even, truth, bracket.near, BORDER * truth.shape[1] // 3840), grey(picture)
    return np.array([found.psnr, found.near, found.away, found.ssim, q_abf(greys, fused), q_w(greys, fused)])


def main(arguments: Sequence[str] | None = None) -> dict[int, dict[str, NDArray[np.float64]]]:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps the rendered stills")
    parser.add_argument("--scenes", nargs="+", default=list(SCENE_NAMES))
    parser.add_argument("--counts", nargs="+", type=int, default=[2, 3, 5])
    parser.add_argument("--seeds", nargs="+", type=int, default=[3, 5])
    parser.add_argument("--width", type=int, default=1280)
    args = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    found: dict[int, dict[str, list[NDArray[np.float64]]]] = {count: {} for count in args.counts}
    for seed in args.seeds:
        for scene in args.scenes:
            made = brackets(scene, seed, args.width, args.counts, args.cache)
            for count, bracket in made.items():
                for name, scores in judged(bracket).items():
                    found[count].setdefault(name, []).append(scores)
                print(f"{scene} {seed}, {count} frames: {found[count][OURS][-1][0]:.2f} dB", flush=True)
    print("\n| frames | merge | PSNR | near | away | SSIM | Q_AB/F | Q_W |\n" + "|---" * 8 + "|")
    out = {c: {name: np.mean(rows, axis=0) for name, rows in merges.items()} for c, merges in found.items()}
    for count, merges in out.items():
        for name, row in merges.items():
            told = " | ".join(f"{v:.2f}" if n < 3 else f"{v:.4f}" for n, v in enumerate(row))
            print(f"| {count} | {name} | {told} |")
    return out


if __name__ == "__main__":
    main()
