"""A receding landscape: fence and flowers near, a meadow, trees, hills and a sky behind."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from postfocus.synth.model import Layer, Plane, SceneModel
from postfocus.synth.scenes.draw import Floats, Page, Sheet, colour, mix
from postfocus.synth.scenes.finish import pillar

_HORIZON = 0.272
_SLOPE = -0.90 / (0.5625 - _HORIZON)


def _depth(y: float) -> float:
    """Focus unit of the meadow at height `y`."""
    return 0.92 + _SLOPE * (y - _HORIZON)


def _ridge(s: Sheet, base: float, rise: float, rough: float) -> Floats:
    """Height `(1, w)` of a line of hills, in picture widths."""
    line = s.noise_of(4, s.w, rough * s.page.width, 7, 1.0, 0.48)[1:2]
    return (base - rise * (line - 0.25)).astype(np.float32)


def _sky(page: Page) -> Layer:
    """Sky, clouds, and three ranges of hills in haze."""
    s = Sheet(page, seed=1)
    down = np.clip(s.Y / _HORIZON, 0, 1) + 0 * s.X
    tone = mix(colour("#3f78c4"), colour("#f3dcb8"), down**1.4)
    cloud = np.clip((s.noise(0.16, 7, 2.6, 0.55) - 0.48) * 3.0, 0, 1) * np.clip(1.25 - 0.8 * down, 0, 1)
    lit = 0.90 + 0.8 * (s.noise(0.08, 5, 2.0) - 0.5)
    tone = mix(tone, colour("#fffaf0") * lit[..., None], cloud)
    s.stamp(np.ones((s.h, s.w), np.float32), tone)
    for base, rise, rough, far, near in (
        (0.258, 0.14, 0.26, "#8fa6c4", "#b9c4cf"), (0.270, 0.085, 0.18, "#66866f", "#93a88f"),
        (0.283, 0.055, 0.12, "#3f6238", "#7a9a58"),
    ):  # fmt: skip
        top = _ridge(s, base, rise, rough)
        wood = 0.72 + 0.56 * s.noise(0.012, 5)
        haze = mix(colour(far), colour(near), np.clip((s.Y - top) / 0.05, 0, 1))
        s.stamp(np.clip((s.Y - top) * page.width + 0.5, 0, 1), haze * wood[..., None])
    return s.layer("sky and hills", Plane(1.0))


def _meadow(page: Page) -> Layer:
    s = Sheet(page, (-page.rim, _HORIZON - 0.012, 1 + page.rim, page.tall + page.rim), seed=2)
    near = np.clip((s.Y - _HORIZON) / (page.tall - _HORIZON), 0, 1.2)
    total = np.zeros((s.h, s.w), np.float32)
    for size, middle in (
        (0.004, 0.05),
        (0.009, 0.25),
        (0.020, 0.55),
        (0.036, 0.95),
    ):  # grass grows with nearness
        share = np.exp(-(((near - middle) / 0.24) ** 2))
        total += share * (s.noise(size, 5, 0.5 if middle > 0.2 else 3.0, 0.75) - 0.5)
    sun = s.noise(0.25, 3, 3.5)
    tone = mix(colour("#3f5f1e"), colour("#b4b64a"), np.clip(0.42 + 1.15 * total + 0.45 * (sun - 0.5), 0, 1))
    tone = mix(
        tone, np.broadcast_to(colour("#c8cc8a"), tone.shape), 0.45 * (1 - np.clip(near * 4, 0, 1)) + 0 * s.X
    )
    edge = s.noise_of(4, s.w, 0.02 * page.width, 4, 1.0, 0.6)[1:2] * 0.012
    path = 0.62 + 0.05 * np.sin(near * 5.0) - 0.20 * near
    wide = 0.004 + 0.10 * near**1.15
    gravel = mix(colour("#8a7550"), colour("#d8c69c"), s.noise(0.006, 5))
    lane = np.clip(
        0.5
        + (wide - np.abs(s.X - path) + 0.05 * near * (s.noise(0.008, 5, 2.0, 0.75) - 0.5)) / (0.16 * wide),
        0,
        1,
    )
    tone = mix(tone, gravel, lane)
    s.stamp(np.clip((s.Y - _HORIZON + 0.010 - edge) * page.width, 0, 1), tone)
    rng = s.rng
    for _ in range(900):  # flowers, smaller and denser far away
        q = rng.random() ** 1.6
        x, y = rng.uniform(-0.04, 1.04), _HORIZON + 0.006 + q * (page.tall - _HORIZON)
        if abs(x - np.interp(q, (0, 1), (0.62, 0.37))) < 0.02 + 0.12 * q:
            continue
        r = 0.0004 + 0.0030 * q
        dot = Sheet(page, (x - 2 * r, y - 2 * r, x + 2 * r, y + 2 * r))
        at = slice(dot.y - s.y, dot.y - s.y + dot.h), slice(dot.x - s.x, dot.x - s.x + dot.w)
        if dot.y > s.y and s.rgba[at].shape[:2] == (dot.h, dot.w):
            tint = colour(
                ("#f5f2e6", "#f0c52c", "#c93a2c", "#8a62c4")[int(rng.choice(4, p=(0.4, 0.3, 0.2, 0.1)))]
            )
            s.stamp(dot.ellipse(x, y, r, 0.7 * r), tint * np.float32(rng.uniform(0.7, 1.1)), at)
    return s.layer("meadow", Plane(_depth(page.tall / 2), 0.0, _SLOPE))


def _tree(page: Page, x: float, y: float, tall: float, seed: int) -> Layer:
    """A leafy tree: a trunk, and clumps of leaves lit from the left."""
    s = Sheet(page, (x - 0.95 * tall, y - 1.25 * tall, x + 0.95 * tall, y + 0.06 * tall), seed=seed)
    rng = s.rng
    s.stamp(
        s.ellipse(x + 0.2 * tall, y, 0.42 * tall, 0.035 * tall, soft=0.03 * tall) * 0.5, colour("#1a2a0e")
    )
    t = np.linspace(0, 1, 20)
    trunk = np.stack([x + 0.02 * tall * np.sin(3 * t), y - 0.5 * tall * t], axis=1)
    s.strip(trunk, tall * (0.075 - 0.045 * t), mix(colour("#3a2a1c"), colour("#5e4a34"), t), 0.5)
    clumps = [(rng.normal(0, 0.21), rng.normal(0.62, 0.16), rng.uniform(0.10, 0.20)) for _ in range(34)]
    for dx, up, r in sorted(clumps, key=lambda c: c[2], reverse=True):
        cx, cy = x + dx * tall, y - np.clip(up, 0.34, 0.92) * tall
        q = 1.3 * r * tall
        dot = Sheet(page, (cx - q, cy - q, cx + q, cy + q), int(rng.integers(1 << 30)))
        rho = np.hypot((dot.X - cx) / (r * tall), (dot.Y - cy) / (0.85 * r * tall))
        leaf = dot.noise(0.05 * tall, 4, 1.2, 0.8)
        mask = np.clip((1.05 - rho + 1.3 * (leaf - 0.5)) * 5, 0, 1)
        light = 0.5 - 0.42 * (dot.X - cx) / (r * tall) - 0.5 * (dot.Y - cy) / (r * tall) + 1.1 * (leaf - 0.5)
        tone = mix(colour("#16290d"), colour("#86a23c"), 0.85 * light - 0.28 * dx)
        x0, y0 = max(dot.x, s.x), max(dot.y, s.y)
        x1, y1 = min(dot.x + dot.w, s.x + s.w), min(dot.y + dot.h, s.y + s.h)
        if x1 > x0 and y1 > y0:
            own = slice(y0 - dot.y, y1 - dot.y), slice(x0 - dot.x, x1 - dot.x)
            s.stamp(mask[own], tone[own], (slice(y0 - s.y, y1 - s.y), slice(x0 - s.x, x1 - s.x)))
    return s.layer("tree", Plane(min(0.97, _depth(y))))


def _posts() -> list[tuple[float, float, float]]:
    """x, foot and height of the fence's posts: evenly spaced on the ground, far to near."""
    found: list[tuple[float, float, float]] = []
    for k in range(9, -1, -1):
        q = 1 / (1 + 0.62 * k)
        found.append((0.585 - 0.49 * q, _HORIZON + 0.006 + 0.252 * q, 0.235 * q))
    return found


def _post(page: Page, x: float, foot: float, tall: float, seed: int) -> Layer:
    s = Sheet(page, (x - 0.2 * tall, foot - 1.1 * tall, x + 0.25 * tall, foot + 0.05 * tall), seed=seed)
    half = 0.055 * tall
    outline = ((-1.0, 0.0), (1.0, 0.0), (0.92, 1.0), (-0.3, 1.035), (-0.95, 0.99))
    body = s.fill([(x + across * half, foot - up * tall) for across, up in outline])
    grain = s.noise(0.035 * tall, 5, 0.12, 0.8)
    moss = np.clip((s.Y - foot + 0.35 * tall) / (0.35 * tall), 0, 1) * s.noise(0.05 * tall, 3)
    tone = mix(
        mix(colour("#4c4036"), colour("#b4a48c"), grain),
        np.broadcast_to(colour("#5c7030"), (s.h, s.w, 3)),
        moss,
    )
    s.stamp(body, tone * pillar(s, x, half, 0.35)[..., None])
    for k in range(14):
        at = np.array([x + s.rng.normal(0, 1.5 * half), foot + 0.015 * tall])
        top = np.add(at, (s.rng.normal(0, half), -s.rng.uniform(0.06, 0.22) * tall))
        s.strip(np.stack([at, (at + top) / 2, top]), np.array([0.02, 0.014, 0.002]) * tall,
                mix(colour("#3c5a1c"), colour("#a2b44c"), k / 14), 0.3)  # fmt: skip
    return s.layer("post", Plane(_depth(foot)))


def _wires(page: Page) -> Layer:
    """Two wires from post to post: thin, and slanted from near to far."""
    posts = _posts()
    left = (posts[-1][0] - 0.30, posts[-1][1] + 0.155, posts[-1][2] * 1.6)
    line = [*posts, left]
    s = Sheet(page, (-page.rim, 0.15, 0.62, page.tall + page.rim), seed=60)
    for up in (0.86, 0.52):
        for (x0, y0, h0), (x1, y1, h1) in pairwise(line):
            t = np.linspace(0, 1, 30)
            sag = 0.035 * (h0 + h1) * t * (1 - t)
            spine = np.stack(
                [x0 + (x1 - x0) * t, (y0 - up * h0) * (1 - t) + (y1 - up * h1) * t + sag], axis=1
            )
            s.strip(spine, 0.011 * (h0 + (h1 - h0) * t), colour("#6a6c70"), 0.45)
    (x0, y0, _), (x1, y1, _) = posts[0], posts[-1]
    slope = (_depth(y1) - _depth(y0)) / (x1 - x0)
    return s.layer("wires", Plane(_depth(y0) + slope * (0.5 - x0), slope, 0.0))


def _front(page: Page) -> Layer:
    """Flowers and blades right before the lens, in the right corner."""
    s = Sheet(page, (0.60, 0.22, 1 + page.rim, page.tall + page.rim), seed=70)
    rng, t = s.rng, np.linspace(0, 1, 24)
    for k in range(26):
        x0, tall = rng.uniform(0.70, 1.06), rng.uniform(0.10, 0.28)
        lean = rng.normal(0, 0.05)
        spine = np.stack([x0 + lean * t**2, page.tall + page.rim - (tall + page.rim) * t], axis=1)
        paint = mix(colour("#27431a"), colour("#9ab04a"), t)
        s.strip(spine, rng.uniform(0.003, 0.007) * (1 - 0.85 * t), paint, 0.4)
        if k % 3 == 0:
            cx, cy = spine[-1]
            size = rng.uniform(0.011, 0.018)
            tint = colour(("#e8402a", "#f4f0e4", "#7f68d0")[k // 3 % 3])
            for turn in np.arange(7) * 0.9 + rng.uniform(0, 1):
                px, py = cx + 0.62 * size * np.cos(turn), cy + 0.45 * size * np.sin(turn)
                s.stamp(
                    s.ellipse(px, py, 0.56 * size, 0.34 * size, float(turn)),
                    tint * np.float32(0.75 + 0.3 * np.sin(turn + 3.6)),
                )
            s.stamp(s.ellipse(cx, cy, 0.28 * size, 0.2 * size), colour("#e6b022"))
    return s.layer("flowers", Plane(0.0))


def landscape(page: Page) -> SceneModel:
    """Draw it. Depth 0 (flowers before the lens) to 1 (hills and sky)."""
    trees = tuple(
        _tree(page, x, y, tall, 30 + k)
        for k, (x, y, tall) in enumerate(
            ((0.70, 0.288, 0.075), (0.46, 0.291, 0.06), (0.90, 0.300, 0.13), (0.80, 0.335, 0.26))
        )
    )
    posts = tuple(_post(page, *post, 50 + k) for k, post in enumerate(_posts()))
    layers = (_sky(page), _meadow(page), *trees, *posts, _wires(page), _front(page))
    return SceneModel("landscape", page.width, page.height, page.margin, layers, 0.0, 1.0)
