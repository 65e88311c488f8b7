"""Grass: thin blades and stems in many layers before a bright, soft meadow."""

from __future__ import annotations

import numpy as np

from postfocus.synth.model import Layer, Plane, SceneModel
from postfocus.synth.scenes.draw import Page, Sheet, colour, mix
from postfocus.synth.scenes.finish import glint


def _meadow(page: Page) -> Layer:
    s = Sheet(page, seed=1)
    down = np.clip(s.Y / page.tall, 0, 1)
    sun = np.exp(-(((s.X - 0.72) / 0.35) ** 2) - ((s.Y - 0.08) / 0.22) ** 2)
    tone = mix(colour("#b9cf8a"), colour("#2f4a1c"), down + 0 * s.X)
    tone = tone * (0.7 + 0.6 * s.noise(0.09, 4))[..., None] + (1.1 * sun)[..., None] * colour("#fff0b8")
    s.stamp(np.ones((s.h, s.w), np.float32), tone)
    for _ in range(70):  # dew and leaves that will turn into discs
        x, y = s.rng.uniform(-0.03, 1.03), s.rng.uniform(0, page.tall * 0.8)
        mask, at = s.spot(x, y, s.rng.uniform(0.0006, 0.0012))
        s.stamp(mask, colour("#ffe9a0") * np.float32(s.rng.uniform(1, 7)), at)
    return s.layer("meadow", Plane(1.0))


def _blades(page: Page, index: int, count: int, depth: float, size: float) -> Layer:
    """A row of blades rooted below the picture."""
    s = Sheet(page, seed=10 + index)
    rng = s.rng
    n = 26
    t = np.linspace(0, 1, n)
    far = depth
    for _ in range(count):
        x0 = rng.uniform(-0.1, 1.1)
        tall = page.tall * rng.uniform(0.35, 1.0) * (0.55 + 0.55 * size)
        lean, bend = rng.normal(0, 0.08), rng.normal(0, 0.16) * size
        spine = np.stack(
            [x0 + lean * t + bend * t**2.6, page.tall + page.rim - tall * (t - 0.13 * t**3)], axis=1
        )
        width = rng.uniform(0.004, 0.010) * size * np.clip(1.02 - t**1.7, 0, 1) + 0.0003
        young = float(rng.random())
        root = mix(colour("#1c3310"), colour("#3c5a1e"), far)
        tip = mix(mix(colour("#5f9a26"), colour("#a8c24a"), young), colour("#a3bd7a"), 0.5 * far)
        s.strip(spine, width, mix(root, tip, t.astype(np.float32)) * np.float32(rng.uniform(0.75, 1.25)), 0.4)
    return s.layer(f"grass {index}", Plane(depth, 0.08 if index == 3 else 0.0, 0.0))


def _heads(page: Page) -> Layer:
    """Seed heads: hair-thin stalks with awns, the hardest thing to merge."""
    s = Sheet(page, seed=40)
    rng = s.rng
    t = np.linspace(0, 1, 40)
    for x0, tall, bend in ((0.30, 0.47, 0.06), (0.37, 0.40, -0.05), (0.58, 0.50, -0.09), (0.66, 0.36, 0.07)):
        spine = np.stack([x0 + bend * t**2, page.tall + page.rim - (tall + page.rim) * t], axis=1)
        s.strip(spine, np.linspace(0.0028, 0.0013, 40), mix(colour("#55702a"), colour("#b9a45c"), t), 0.35)
        for k in range(44):
            at = spine[-1] + (spine[-12] - spine[-1]) * (k / 43)
            side = 1 if k % 2 else -1
            out = np.array([side * rng.uniform(0.003, 0.007), -rng.uniform(0.006, 0.010)])
            grain = np.stack([at, at + out * 0.5, at + out])
            paint = mix(colour("#8f7a3a"), colour("#e6d49a"), float(rng.random()))
            s.strip(grain, np.array([0.0007, 0.0033, 0.0005]), paint, 0.3)
            awn = np.stack([at + out, at + out * rng.uniform(2.2, 3.6)])
            s.strip(awn, np.array([0.0006, 0.0003]), colour("#f2e6b8"), 0.0)
    return s.layer("seed heads", Plane(0.45))


def _flower(page: Page) -> Layer:
    """One poppy bud and flower, a little nearer."""
    s = Sheet(page, (0.72, 0.05, 1.0, page.tall + page.rim), seed=50)
    t = np.linspace(0, 1, 40)
    spine = np.stack(
        [0.87 - 0.03 * np.sin(t * 2), page.tall + page.rim - (page.tall + page.rim - 0.2) * t], axis=1
    )
    s.strip(spine, np.linspace(0.006, 0.004, 40), mix(colour("#35551e"), colour("#7f9a4c"), t), 0.45)
    cx, cy = spine[-1]
    for dx, dy, rx, ry, tone in (
        (0.000, -0.030, 0.060, 0.036, "#8e100c"), (-0.030, -0.010, 0.042, 0.040, "#b01a10"),
        (0.030, -0.010, 0.042, 0.040, "#a81610"), (0.000, 0.006, 0.056, 0.034, "#d62c18"),
    ):  # fmt: skip
        angle = np.arctan2(s.Y - cy - dy, s.X - cx - dx)
        crease = 1 + 0.05 * np.sin(7 * angle + 30 * dx) + 0.06 * (s.noise(0.012, 3) - 0.5)
        rho = np.hypot((s.X - cx - dx) / rx, (s.Y - cy - dy) / ry) / crease
        petal = np.clip((1 - rho) * ry * page.width + 0.5, 0, 1)
        veins = (
            0.80
            + 0.20 * np.sin(angle * 46 + 9 * s.noise(0.02, 2)) * np.clip(rho, 0, 1)
            + 0.25 * (s.noise(0.004, 3) - 0.5)
        )
        fold = np.clip(0.80 - 8 * (s.Y - cy - dy) * (1 if dy > 0 else -0.6) - 4 * (s.X - cx - dx), 0.3, 1.5)
        s.stamp(petal, colour(tone) * (veins * fold * (0.75 + 0.35 * rho))[..., None])
    s.stamp(s.ellipse(cx, cy - 0.004, 0.013, 0.011), colour("#1c2212"))
    s.glow(glint(s, cx - 0.004, cy - 0.008, 0.004, 0.25))
    return s.layer("poppy", Plane(0.22))


def grass(page: Page) -> SceneModel:
    """Draw it. Depth 0 (a few broad blades) to 1 (the meadow)."""
    rows = ((1, 120, 0.86, 0.30), (2, 90, 0.72, 0.45), (3, 60, 0.58, 0.62), (4, 34, 0.34, 0.85))
    back = [_blades(page, i, n, d, z) for i, n, d, z in rows[:3]]
    front = [_blades(page, i, n, d, z) for i, n, d, z in rows[3:]]
    layers = (_meadow(page), *back, _heads(page), *front, _flower(page), _blades(page, 5, 7, 0.03, 1.5))
    return SceneModel("grass", page.width, page.height, page.margin, layers, 0.0, 1.0)
