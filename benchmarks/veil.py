"""How much could be gained near depth edges by taking the veil of near things away: an upper bound.

    python -m benchmarks.veil [--scenes hair lights] [--width 960] [--seed 3] [--noise 2]

A merge knows neither the mattes of near things nor what lies behind them. Here both are known by the truth:
from every frame what is nearer than a pixel's own surface is taken off exactly, the rest is brightened again
(and its noise with it, where more than 15 % is left), and each pixel is taken from the frame where blur and
noise together err least. Beside it the best single frame as it is. No codec, no alignment, no halved colour:
dB within 24 pixels (of 3840) of depth edges. What a merge could really gain is less.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import settings_of
from benchmarks.scores import psnr
from postfocus.synth.model import Layer, SceneModel
from postfocus.synth.sensor import to_codes, vignette
from postfocus.synth.sweep import SimulatedSweep, simulate_sweep
from postfocus.synth.thin_lens import render

LEAST = 0.15
"""Share of a pixel's own light below which a frame cannot show it."""

Light = NDArray[np.float32]


class Split:
    """A sweep's frames, in the geometry of its reference, split in what is near and what is behind it."""

    def __init__(self, sim: SimulatedSweep) -> None:
        self._sim, self._scene = sim, sim.scene_at(sim.reference)
        clear = self._seen(self._scene, 0.0, 0.0)
        self.surface = np.zeros(clear.shape[:2], np.int64)
        undecided = np.ones(clear.shape[:2], np.bool_)
        for number in reversed(range(len(self._scene.layers))):
            found = undecided & (self._through(number - 1, 0.0, 0.0) < 0.5)
            self.surface[found] = number
            undecided &= ~found
        self._numbers = np.unique(self.surface).tolist()
        behind, left = self.behind(0.0, 0.0)
        self.near, self.left = clear - left[..., None] * behind, left

    def whole(self, focus: float) -> Light:
        """`(H, W, 3)` light of a frame."""
        return self._seen(self._scene, focus, self._sim.aperture)

    def behind(self, focus: float, aperture: float) -> tuple[Light, Light]:
        """`(H, W, 3)` light of each surface and what lies behind it; `(H, W)` share that comes through."""
        light, left = np.zeros((*self.surface.shape, 3), np.float32), np.ones(self.surface.shape, np.float32)
        for number in self._numbers:
            here = self.surface == number
            part = replace(self._scene, layers=self._scene.layers[: number + 1])
            light[here] = self._seen(part, focus, aperture)[here]
            left[here] = self._through(number, focus, aperture)[here]
        return light, left

    def _through(self, number: int, focus: float, aperture: float) -> Light:
        """`(H, W)` share of light that all layers nearer than one let through."""
        ground = self._scene.layers[0]
        white = replace(ground, rgba=np.ones_like(ground.rgba))
        nearer = [replace(layer, rgba=_black(layer)) for layer in self._scene.layers[number + 1 :]]
        return self._seen(replace(self._scene, layers=(white, *nearer)), focus, aperture)[..., 0]

    def _seen(self, scene: SceneModel, focus: float, aperture: float) -> Light:
        sim = self._sim
        return render(scene, focus, aperture, shape=sim.shape, pose=sim.pose(sim.reference))


def _black(layer: Layer) -> Light:
    """A sheet that only hides."""
    rgba = np.zeros_like(layer.rgba)
    rgba[..., 3] = layer.rgba[..., 3]
    return rgba


def bound(scene: str, width: int, seed: int, noise: float) -> str:
    """Measure one scene."""
    sim = simulate_sweep(settings_of(scene, 30, width, seed, True))
    shade = np.asarray(vignette(width, sim.settings.height, sim.settings.vignetting)[..., None], np.float32)
    split, truth = Split(sim), sim.truth
    edge = truth.near_edge(24 * width / 3840, 0.5)
    wanted = truth.codes(16).astype(np.float32) / 257

    def error(light: Light) -> Light:
        codes = to_codes(np.asarray(np.maximum(light, 0) * shade, np.float32), 16).astype(np.float32) / 257
        return np.asarray(np.square(codes - wanted).mean(axis=2), np.float32)

    plain, gone = (np.full(edge.shape, np.inf, np.float32) for _ in range(2))
    for focus in sim.focus.tolist():
        np.minimum(plain, error(split.whole(focus)), out=plain)
        behind, left = split.behind(focus, sim.aperture)
        more = np.maximum(split.left / np.maximum(left, np.float32(1e-3)), 1)
        clear = np.asarray(split.near + split.left[..., None] * behind, np.float32)
        own = error(clear) + np.float32(noise**2) * (more * more - 1)
        own[left < LEAST] = np.inf
        np.minimum(gone, own, out=gone)
    gone = cv2.min(plain, gone)
    noisy = [psnr((errors + noise**2)[edge]) for errors in (plain, gone)]
    return f"| {scene} | {noisy[0]:.2f} | {noisy[1]:.2f} | {noisy[1] - noisy[0]:+.2f} |"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenes", nargs="+", default=["still-life", "hair", "lights", "macro"])
    parser.add_argument("--width", type=int, default=960)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--noise", type=float, default=2.0, help="grey levels of noise of a frame")
    args = parser.parse_args(arguments)
    print("| scene | best frame, near | veil taken away | gain |\n|---|---|---|---|")
    for scene in args.scenes:
        print(bound(scene, args.width, args.seed, args.noise), flush=True)


if __name__ == "__main__":
    main()
