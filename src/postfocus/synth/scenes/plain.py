"""Texture down to none: slanted boards whose pattern fades, and patterns that only colour shows."""

from __future__ import annotations

import numpy as np

from postfocus.synth.model import Layer, Plane, SceneModel
from postfocus.synth.scenes.draw import Page, Sheet, colour


def _wall(page: Page) -> Layer:
    """A wall that runs from near (left) to far (right) while its plaster gets smooth."""
    s = Sheet(page, seed=1)
    amount = np.clip(0.9 - s.X, 0, 1) ** 2
    plaster = s.noise(0.02, 6, 1.0, 0.75) - 0.5
    light = 0.35 + 0.25 * np.exp(-(((s.X - 0.4) / 0.5) ** 2) - ((s.Y - 0.1) / 0.4) ** 2)
    s.stamp(
        np.ones((s.h, s.w), np.float32), colour("#d8d2c4") * (light * (1 + 1.1 * amount * plaster))[..., None]
    )
    return s.layer("wall", Plane(0.80, 0.40, 0.0))


def _board(page: Page, index: int, x: float, y: float, kind: str, plane: Plane) -> Layer:
    """One board; `kind` is its pattern."""
    half = 0.085
    s = Sheet(page, (x - 1.2 * half, y - 1.2 * half, x + 1.2 * half, y + 1.2 * half), seed=10 + index)
    body = s.fill(
        [(x - half, y - half), (x + half, y - 0.9 * half), (x + half, y + half), (x - half, y + 0.9 * half)]
    )
    noise = s.noise(0.01, 6, 1.0, 0.8) - 0.5
    grey = colour("#8c8c8c")
    fade = np.clip((x + half - s.X) / (2 * half), 0, 1)
    if kind == "strong":
        tone = grey * (1 + 1.8 * noise)[..., None]
    elif kind == "weak":
        tone = grey * (1 + 0.10 * noise)[..., None]
    elif kind == "fading":
        tone = grey * (1 + 1.8 * noise * fade**2)[..., None]
    elif kind == "colour":
        # Red and green of the same luma: grey measures see nothing here.
        swing = np.clip(0.5 + 2.2 * noise, 0, 1)[..., None]
        red, green = np.array([0.62, 0.12, 0.20], np.float32), np.array([0.10, 0.2746, 0.20], np.float32)
        tone = red * swing + green * (1 - swing)
    elif kind == "stripes":
        tone = (
            grey * (1 + 0.7 * np.sign(np.sin((s.Y - y) * 2 * np.pi / 0.006)))[..., None] + 0 * s.X[..., None]
        )
    else:
        tone = np.broadcast_to(colour("#7d8fa6"), (s.h, s.w, 3))
    s.stamp(body, tone.astype(np.float32))
    return s.layer(f"{kind} board", plane)


def plain(page: Page) -> SceneModel:
    """Draw it. Depth 0 (the nearest board) to 1 (the wall's far end)."""
    kinds = (
        (0.20, 0.14, "weak", Plane(0.70, 0.2, 0.2)), (0.50, 0.14, "none", Plane(0.60)),
        (0.80, 0.14, "colour", Plane(0.50, -0.6, 0.0)), (0.20, 0.42, "stripes", Plane(0.40, 0.0, 0.9)),
        (0.50, 0.42, "fading", Plane(0.25)), (0.80, 0.42, "strong", Plane(0.08, -0.1, -0.1)),
    )  # fmt: skip
    boards = tuple(_board(page, k, x, y, kind, plane) for k, (x, y, kind, plane) in enumerate(kinds))
    return SceneModel("plain", page.width, page.height, page.margin, (_wall(page), *boards), 0.0, 1.0)
