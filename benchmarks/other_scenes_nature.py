"""What grows, crawls and falls: the stamens of a lily, a hairy insect, snow."""

from __future__ import annotations

import numpy as np

from benchmarks.other_scenes_brushes import TURN, inset, whole
from postfocus.synth.model import Layer, Plane, SceneModel
from postfocus.synth.scenes.draw import Page, Sheet, colour, mix
from postfocus.synth.scenes.finish import ball, glint


def stamens(page: Page) -> SceneModel:
    """A lily seen into: six veined petals, and fourteen anthers that stand out at all depths.

    Hard: thin filaments and small anthers, each at a depth of its own, over smooth petals, before a ground
    with nothing in it.
    """
    ground = Sheet(page, seed=1)
    ground.stamp(whole(ground), mix(colour("#22401c"), colour("#5c8038"), ground.noise(0.3, 2)))
    cx, cy = 0.5, 0.28
    filaments: list[Layer] = []
    anthers: list[Layer] = []
    t = np.linspace(0, 1, 40)
    for n in range(14):
        turn = n / 14 * TURN
        u = 0.12 + 0.25 * (0.5 - 0.5 * np.sin(turn))
        end = cx + 0.13 * np.cos(turn) + 0.02 * np.sin(n * 7), cy - 0.03 + 0.10 * np.sin(turn)
        spine = np.stack(
            [cx + (end[0] - cx) * t + 0.01 * np.sin(t * 3) * np.sin(n), cy + (end[1] - cy) * t], 1
        )
        tip = Sheet(page, seed=30 + n)
        tip.strip(spine[24:], np.full(16, 0.0032), colour("#e9f0b8"), 0.3)
        x, y = spine[-1]
        small, at = inset(tip, x, y, 0.02, 0.02)
        pollen = mix(colour("#6b3a08"), colour("#f2b428"), small.noise(0.0018, 2))
        lit = 0.3 + ball(small, x, y, 0.012, 0.008)
        tip.stamp(small.ellipse(x, y, 0.012, 0.0055, turn), pollen * lit[..., None], at)
        stalk = Sheet(page, seed=60 + n)
        stalk.strip(spine[:25], np.full(25, 0.0034), colour("#dfe8a8"), 0.3)
        filaments.append(stalk.layer(f"fil{n}", Plane((u + 0.55) / 2)))
        anthers.append(tip.layer(f"anther{n}", Plane(float(u))))
    standing = sorted([*filaments[::-1], *anthers], key=lambda layer: -layer.plane.u0)
    layers = (ground.layer("ground", Plane(1.0)), _petals(page, cx, cy), *standing)
    return SceneModel("stamens", page.width, page.height, page.margin, layers, 0.05, 1.0)


def _petals(page: Page, cx: float, cy: float) -> Layer:
    """Six petals about a middle, pale there and pink at their ends."""
    p = Sheet(page, seed=2)
    t = np.linspace(0, 1, 40)
    long = 0.36
    for k in range(6):
        turn = k / 6 * TURN + 0.3
        c, s = np.cos(turn), np.sin(turn)
        spine = np.stack([cx + long * t * c, cy + 0.62 * long * t * s], 1)
        wide = 0.17 * np.sin(np.pi * np.clip(t * 0.85 + 0.12, 0, 1)) ** 0.7
        along = np.gradient(spine, axis=0)
        along /= np.hypot(*along.T)[:, None]
        side = np.stack([-along[:, 1], along[:, 0]], 1) * wide[:, None] / 2
        mask = p.fill(np.concatenate([spine - side, (spine + side)[::-1]]))
        out = ((p.X - cx) * c + (p.Y - cy) / 0.62 * s) / long
        across = (-(p.X - cx) * s + (p.Y - cy) / 0.62 * c) / 0.1
        vein = 1 - 0.07 * np.clip(np.cos(across * 28) * 3 - 2, 0, 1)
        shade = vein * (0.75 + 0.25 * np.cos(across * 1.4)) * (0.97 + 0.06 * p.noise(0.003, 2))
        tone = mix(colour("#f6dfe6"), colour("#d24a86"), np.clip(out, 0, 1) ** 0.8) * shade[..., None]
        p.stamp(mask, tone * np.float32(0.8 + 0.1 * np.sin(turn * 3)))
    return p.layer("petals", Plane(0.6, 0, -0.5))


_BODY = (
    (0.78, 0.30, 0.13, 0.10, 0.72),
    (0.66, 0.30, 0.12, 0.105, 0.55),
    (0.55, 0.29, 0.10, 0.10, 0.40),
    (0.44, 0.285, 0.085, 0.09, 0.25),
)
"""Middle, radii and depth of each slice of the insect, from its tail to its head."""


def insect(page: Page) -> SceneModel:
    """An insect from its head backwards: a body in slices of depth, a faceted eye, bristles all over.

    Hard: hundreds of hairs one or two pixels thin, crossing others of other depths, and a ground without
    texture behind them.
    """
    s = Sheet(page, seed=1)
    sky = np.broadcast_to(np.clip(s.Y / page.tall, 0, 1), (s.h, s.w))
    s.stamp(whole(s), mix(colour("#c8d4c0"), colour("#8fa8a0"), sky))
    layers = [s.layer("ground", Plane(1.0))]
    rng = np.random.default_rng((page.seed, 5))
    for n, (cx, cy, rx, ry, u) in enumerate(_BODY):
        b = Sheet(page, seed=10 + n)
        shell = mix(colour("#1a1c10"), colour("#5c6238"), b.noise(0.0025, 3, fall=0.8))
        b.stamp(b.ellipse(cx, cy, rx, ry), shell * (0.25 + 0.9 * ball(b, cx, cy, rx, ry))[..., None])
        hairs = Sheet(page, seed=40 + n)
        t = np.linspace(0, 1, 10)
        for _ in range(170):
            turn, out = rng.uniform(0, TURN), rng.uniform(0.3, 1.0) ** 0.5
            x, y = cx + rx * out * np.cos(turn), cy + ry * out * np.sin(turn)
            long, way = rng.uniform(0.02, 0.06), turn + rng.normal(0, 0.35)
            bend = np.stack([0.006 * t * t, 0.012 * t * t], 1)
            spine = np.stack([x + long * t * np.cos(way), y + long * t * np.sin(way)], 1) + bend
            tone = mix(colour("#0c0a08"), colour("#a08858"), rng.uniform() ** 2)
            hairs.strip(spine, np.linspace(0.0016, 0.0004, 10), tone, 0.0)
        layers += [b.layer(f"body{n}", Plane(u)), hairs.layer(f"hairs{n}", Plane(u - 0.06))]
    layers += [_eye(page), _feelers(page, rng)]
    return SceneModel("insect", page.width, page.height, page.margin, tuple(layers), 0.0, 1.0)


def _eye(page: Page) -> Layer:
    """A red eye of many facets, with two glints."""
    e = Sheet(page, (0.28, 0.14, 0.5, 0.44), seed=70)
    cx, cy, rx, ry = 0.39, 0.28, 0.065, 0.09
    x, y = (e.X - cx) / rx, (e.Y - cy) / ry
    facets = 0.5 + 0.25 * np.cos(x * 70) + 0.25 * np.cos(x * 35 + y * 60)
    tone = mix(colour("#4a0a06"), colour("#c84020"), facets)
    e.stamp(e.ellipse(cx, cy, rx, ry), tone * (0.2 + ball(e, cx, cy, rx, ry))[..., None])
    e.glow(glint(e, cx - 0.02, cy - 0.03, 0.016, 4) + glint(e, cx + 0.025, cy + 0.02, 0.006, 1.5))
    return e.layer("eye", Plane(0.15))


def _feelers(page: Page, rng: np.random.Generator) -> Layer:
    """Bristles about the eye, and two feelers towards the lens."""
    h = Sheet(page, seed=80)
    t = np.linspace(0, 1, 10)
    for _ in range(60):
        x, y = 0.36 + rng.normal(0, 0.03), 0.28 + rng.choice([-1, 1]) * rng.uniform(0.07, 0.1)
        long, way = rng.uniform(0.03, 0.09), np.pi + rng.normal(0, 0.6)
        spine = np.stack([x + long * t * np.cos(way), y + long * t * np.sin(way)], 1)
        h.strip(spine, np.linspace(0.0018, 0.0004, 10), colour("#100c08"), 0.0)
    t = np.linspace(0, 1, 20)
    for side in (-1, 1):
        spine = np.stack([0.37 - 0.2 * t, 0.26 - 0.14 * t + side * 0.03 * t * t], 1)
        h.strip(spine, np.linspace(0.004, 0.001, 20), colour("#1c140c"), 0.3)
    return h.layer("front", Plane(0.03))


def snow(page: Page) -> SceneModel:
    """A field of snow with three drifts one before the other, and bare twigs in front.

    Hard: next to no contrast anywhere but at the twigs; depth is to be had from grain of one per cent. Each
    drift has a crest and fades downwards into the field, so that where it ends is a matter of degree.
    """
    s = Sheet(page, seed=1)
    crust = 0.965 + 0.035 * s.noise(0.05, 6, 2.0, 0.7) + 0.012 * s.noise(0.002, 2)
    s.stamp(whole(s), colour("#dfe6ee") * crust[..., None])
    layers = [s.layer("field", Plane(0.62, 0, -1.1))]
    for n, (y, u) in enumerate(((0.16, 0.85), (0.30, 0.6), (0.43, 0.3))):
        d = Sheet(page, seed=5 + n)
        edge = y + 0.03 * np.sin(d.X * 7 + n * 2) + 0.01 * np.sin(d.X * 23 + n)
        mask = np.clip((d.Y - edge) * page.width + 0.5, 0, 1) * np.clip((edge + 0.07 - d.Y) * 14, 0, 1)
        lit = 0.96 + 0.03 * d.noise(0.01, 4) - 0.02 * np.clip((d.Y - edge) * 20, 0, 1)
        d.stamp(mask.astype(np.float32), colour("#eef2f6") * lit[..., None])
        layers.append(d.layer(f"drift{n}", Plane(u)))
    twigs = Sheet(page, seed=9)
    t = np.linspace(0, 1, 12)
    for _ in range(16):
        x, y = twigs.rng.uniform(0.1, 0.9), twigs.rng.uniform(0.38, 0.52)
        long = twigs.rng.uniform(0.04, 0.12)
        spine = np.stack([x + 0.02 * twigs.rng.normal() * t, y - long * t], 1)
        twigs.strip(spine, np.linspace(0.0026, 0.0008, 12), colour("#8a8074"), 0.2)
    layers.append(twigs.layer("twigs", Plane(0.18)))
    return SceneModel("snow", page.width, page.height, page.margin, tuple(layers), 0.0, 1.05)
