"""Something small flies through the picture while the lens sweeps: a bumblebee."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postfocus.synth.model import Layer, Plane, SceneModel
from postfocus.synth.scenes.draw import Page, Sheet, colour
from postfocus.synth.scenes.finish import ball


@dataclass(frozen=True, slots=True)
class Mover:
    """A sprite and its path.

    Attributes
    ----------
    sprite
        The thing, placed at picture pixel (0, 0), at its depth.
    path
        `(N, 2)` int x, y of its top left corner in each frame, scene pixels.
    """

    sprite: Layer
    path: NDArray[np.int64]

    def layer(self, index: int) -> Layer:
        """The thing where it is during frame `index`."""
        return self.sprite.shifted(int(self.path[index, 0]), int(self.path[index, 1]))

    def placed(self, scene: SceneModel, index: int) -> SceneModel:
        """The scene with the thing in it, behind everything that is nearer at the centre."""
        depth = self.sprite.plane.u0
        place = 1 + sum(layer.plane.u0 >= depth for layer in scene.layers[1:])
        return scene.with_layer(self.layer(index), place)


def _bee(size: int) -> Layer:
    sheet = Sheet(Page(size, size, 0, 0))
    for turn, x in ((-0.5, 0.36), (0.5, 0.62)):
        wing = sheet.ellipse(x, 0.30, 0.13, 0.24, turn)
        sheet.stamp(wing * 0.45, colour("#dfe8ee"))
    body = sheet.ellipse(0.5, 0.55, 0.33, 0.22)
    shade = ball(sheet, 0.5, 0.55, 0.33, 0.22)
    x = sheet.X
    stripes = (np.sin((x - 0.2) * 24) > 0.1)[..., None]
    fur = sheet.noise(0.03, 2)[..., None]
    coat = np.where(stripes, colour("#e0a018"), colour("#1c1612")) * (0.55 + 0.9 * fur)
    sheet.stamp(body, coat * shade[..., None])
    sheet.stamp(sheet.ellipse(0.82, 0.52, 0.09, 0.10), colour("#17120f"))
    return sheet.layer("bee", Plane(0.0))


def make_mover(width: int, height: int, scene: SceneModel, frames: int, rng: np.random.Generator) -> Mover:
    """A bee of a tenth of the picture's width that crosses it on a wavy path at middle depth."""
    size = max(8, width // 10)
    bee = _bee(size)
    depth = scene.near + rng.uniform(0.3, 0.6) * (scene.far - scene.near)
    t = np.linspace(0, 1, frames)
    x = (0.05 + 0.8 * t) * width
    y = (rng.uniform(0.25, 0.5) + 0.08 * np.sin(7 * t + rng.uniform(0, 6))) * height
    sprite = Layer("mover", bee.rgba, 0, 0, Plane(float(depth)))
    return Mover(sprite, np.rint(np.stack([x, y], axis=1)).astype(np.int64))
