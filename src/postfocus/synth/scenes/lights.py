"""String lights at dusk: lamps far brighter than white, which become figures of the aperture when blurred."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from postfocus.synth.model import Layer, Plane, SceneModel
from postfocus.synth.scenes.draw import Floats, Page, Sheet, colour, mix
from postfocus.synth.scenes.finish import pillar, print_mask

_WARM = ("#ffb45a", "#ffc97a", "#ff9a3c", "#ffd9a0")
_GAY = ("#ff5a3c", "#ffc24a", "#5ac8ff", "#7dff8a", "#ff7ad0", "#ffe9c0")


def _dot(s: Sheet, x: float, y: float, radius: float, light: Floats) -> None:
    """Add a small round lamp."""
    mask, at = s.spot(x, y, radius)
    s.stamp(mask, light, at)


def _town(page: Page) -> Layer:
    """The far bank at blue hour with its many small lamps."""
    s = Sheet(page, seed=1)
    sky = mix(colour("#c2705a"), colour("#101c3c"), np.clip((0.27 - s.Y) / 0.30, 0, 1) ** 0.7 + 0 * s.X)
    s.stamp(np.ones((s.h, s.w), np.float32), sky * (0.62 + 0.25 * s.noise(0.3, 3, 3.0))[..., None])
    rng = s.rng
    for k in range(26):
        x, w, top = k / 24 - 0.05 + rng.normal(0, 0.01), rng.uniform(0.03, 0.07), rng.uniform(0.19, 0.27)
        wall = colour("#131a2c") * np.float32(rng.uniform(0.6, 1.5))
        s.stamp(s.fill([(x, top), (x + w, top), (x + w, 0.33), (x, 0.33)]), wall)
    water = np.clip((s.Y - 0.31) / 0.004, 0, 1) + 0 * s.X
    ripple = 0.6 + 0.8 * s.noise(0.01, 4, 9.0)
    s.stamp(
        water,
        mix(colour("#5a4a5c"), colour("#0b1222"), (s.Y - 0.31) * 5 + 0 * s.X) * (0.5 * ripple)[..., None],
    )
    for _ in range(190):
        x, y = rng.uniform(-0.04, 1.04), 0.305 - abs(rng.normal(0, 0.035))
        tone = colour(str(rng.choice(_WARM if rng.random() < 0.75 else _GAY)))
        power = float(rng.lognormal(1.6, 0.9))
        _dot(s, x, y, 0.0008, tone * np.float32(power))
        for _ in range(5):  # its broken image in the water
            _dot(
                s,
                x + rng.normal(0, 0.001),
                0.315 + abs(rng.normal(0, 0.05)),
                0.0006,
                tone * np.float32(power * 0.25),
            )
    return s.layer("town", Plane(1.0))


def _sag(x0: float, y0: float, x1: float, y1: float, sag: float, n: int) -> NDArray[np.float64]:
    t = np.linspace(0, 1, n)
    return np.stack([x0 + (x1 - x0) * t, y0 + (y1 - y0) * t + sag * 4 * t * (1 - t)], axis=1)


def _string(
    page: Page,
    seed: int,
    ends: tuple[float, float, float, float],
    sag: float,
    lamps: int,
    size: float,
    plane: Plane,
) -> Layer:
    """A cable with lamps: glass bulbs with a glowing filament."""
    top = min(ends[1], ends[3]) - 0.03
    s = Sheet(page, (-page.rim, top, 1 + page.rim, max(ends[1], ends[3]) + sag + 4 * size), seed=seed)
    cable = _sag(*ends, sag, 200)
    s.strip(cable[::1], np.full(200, 0.10 * size), colour("#0d0e12"), 0.3)
    for x, y in _sag(*ends, sag, lamps + 2)[1:-1]:
        sock = s.fill(
            [
                (x - 0.16 * size, y),
                (x + 0.16 * size, y),
                (x + 0.2 * size, y + 0.5 * size),
                (x - 0.2 * size, y + 0.5 * size),
            ]
        )
        s.stamp(sock, colour("#1c1d22") * pillar(s, x, 0.2 * size)[..., None])
        cy = y + 1.12 * size
        tone = colour(str(s.rng.choice(_WARM)))
        near = s.ellipse(x, cy, 0.48 * size, 0.66 * size)
        rim = near - s.ellipse(x, cy, 0.42 * size, 0.60 * size)
        s.stamp(near * 0.20, tone * 1.2)
        s.stamp(rim * 0.55, tone * 0.9)
        t = np.linspace(0, 1, 30)
        wire = np.stack([x + 0.20 * size * np.sin(t * 9.4), cy + size * (0.30 - 0.55 * t)], axis=1)
        s.strip(wire, np.full(30, max(0.05 * size, 0.7 / page.width)), tone * 24, 0.0)
        _dot(s, x - 0.2 * size, cy - 0.25 * size, 0.05 * size, colour("#ffffff") * 2)
    return s.layer("lamps", plane)


def _rail(page: Page) -> Layer:
    """A wooden rail in front, running away to the right, with frost and screws."""
    s = Sheet(page, (-page.rim, 0.42, 1 + page.rim, page.tall + page.rim), seed=5)
    top = 0.445 + 0.02 * s.X
    grain = s.noise(0.03, 5, 22.0, 0.7)
    lit = np.clip(1 - (s.Y - top) / 0.022, 0, 1)
    tone = mix(colour("#2a2320"), colour("#8a6f58"), grain) * (0.28 + 0.9 * lit)[..., None]
    frost = (s.noise(0.004, 3) > 0.66) * lit * 0.5
    s.stamp(np.clip((s.Y - top) * page.width + 0.5, 0, 1), tone + frost[..., None] * colour("#cfe0ff"))
    for x in (0.08, 0.36, 0.68, 0.94):
        s.stamp(
            s.ellipse(x, 0.488 + 0.02 * x, 0.007, 0.007),
            colour("#5c6068") * (0.5 + 40 * np.clip(0.49 - s.Y + 0.02 * x, 0, 0.03))[..., None],
        )
    return s.layer("rail", Plane(0.25, 0.28, 0.0))


def _sign(page: Page) -> Layer:
    """A small enamel sign: fine print in the dark."""
    s = Sheet(page, (0.10, 0.24, 0.36, 0.46), seed=6)
    s.stamp(s.fill([(0.222, 0.40), (0.232, 0.40), (0.232, 0.46), (0.222, 0.46)]), colour("#3a3f48"))
    board = s.fill([(0.115, 0.27), (0.335, 0.262), (0.335, 0.402), (0.115, 0.410)])
    s.stamp(
        board,
        colour("#16324a")
        * (0.6 + 1.2 * np.exp(-(((s.X - 0.28) / 0.09) ** 2) - ((s.Y - 0.26) / 0.12) ** 2))[..., None],
    )
    w, h = max(16, int(0.30 * page.width)), max(10, int(0.19 * page.width))
    lines = (
        ("FERRY", 0.30),
        ("to the old town", 0.13),
        ("every 20 minutes until 23:40", 0.075),
        ("bells ring before departure", 0.06),
    )
    ink = print_mask(lines, w, h, 0.07)
    ink[: max(1, h // 60)] = ink[-max(1, h // 60) :] = 0.9
    light = (
        np.linspace(0.30, 0.85, w, dtype=np.float32)[None, :, None]
        * np.linspace(1.1, 0.7, h, dtype=np.float32)[:, None, None]
    )
    s.paste((colour("#f2ead2") * light).astype(np.float32), ink.astype(np.float32),
            ((0.12, 0.275), (0.33, 0.267), (0.33, 0.397), (0.12, 0.405)))  # fmt: skip
    return s.layer("sign", Plane(0.32))


def _lantern(page: Page) -> Layer:
    """The nearest thing: a lantern with a candle on the rail."""
    s = Sheet(page, (0.66, 0.14, 0.90, 0.49), seed=7)
    cx, base, tall, half = 0.775, 0.470, 0.20, 0.058
    glassy = s.fill(
        [
            (cx - half, base - tall),
            (cx + half, base - tall),
            (cx + half, base - 0.018),
            (cx - half, base - 0.018),
        ]
    )
    halo = np.exp(-(((s.X - cx) / 0.05) ** 2) - ((s.Y - base + 0.075) / 0.07) ** 2)
    s.stamp(glassy * 0.30, colour("#ff9c3a") * (0.25 + 1.6 * halo)[..., None])
    wax = s.fill(
        [
            (cx - 0.022, base - 0.075),
            (cx + 0.022, base - 0.075),
            (cx + 0.024, base - 0.016),
            (cx - 0.024, base - 0.016),
        ]
    )
    s.stamp(wax, colour("#f6dfae") * (pillar(s, cx, 0.024, 0.5) * (0.25 + 0.75 * halo))[..., None])
    t = np.linspace(0, 1, 24)
    flame = np.stack([cx + 0.002 * np.sin(4 * t), base - 0.076 - 0.040 * t], axis=1)
    s.strip(
        flame,
        0.017 * np.sin(np.pi * np.clip(t * 0.9 + 0.1, 0, 1)) ** 0.8,
        mix(colour("#fff2b0") * 5, colour("#ff9a30") * 3, t),
        0.0,
    )
    iron = colour("#1a1b1f")
    edge = (0.5 + 2.2 * np.exp(-(((s.X - cx) / 0.06) ** 2)))[..., None] + 0 * s.Y[..., None]
    for x in (cx - half, cx - half / 3, cx + half / 3, cx + half):
        s.stamp(
            s.fill(
                [(x - 0.0022, base - tall), (x + 0.0022, base - tall), (x + 0.0022, base), (x - 0.0022, base)]
            ),
            iron * edge,
        )
    for y, w in ((base, half + 0.008), (base - tall, half + 0.008)):
        s.stamp(
            s.fill([(cx - w, y - 0.017), (cx + w, y - 0.017), (cx + w, y), (cx - w, y)]), iron * edge * 1.4
        )
    roof = s.fill(
        [
            (cx - half - 0.006, base - tall - 0.016),
            (cx + half + 0.006, base - tall - 0.016),
            (cx + 0.02, base - tall - 0.06),
            (cx - 0.02, base - tall - 0.06),
        ]
    )
    s.stamp(roof, iron * (1.2 + 1.5 * np.sin((s.X - cx) * 500) ** 2)[..., None] + 0 * s.Y[..., None])
    ring = s.ellipse(cx, base - tall - 0.074, 0.017, 0.017) - s.ellipse(
        cx, base - tall - 0.074, 0.0135, 0.0135
    )
    s.stamp(np.clip(ring, 0, 1), iron * 2.5)
    return s.layer("lantern", Plane(0.0))


def lights(page: Page) -> SceneModel:
    """Draw it. Depth 0 (the lantern) to 1 (the far bank)."""
    layers = (
        _town(page),
        _string(page, 2, (-0.08, 0.10, 1.08, 0.02), 0.09, 17, 0.014, Plane(0.80, 0.10)),
        _string(page, 3, (-0.08, 0.02, 1.08, 0.12), 0.10, 11, 0.022, Plane(0.52, -0.22)),
        _sign(page),
        _rail(page),
        _lantern(page),
    )
    return SceneModel("lights", page.width, page.height, page.margin, layers, 0.0, 1.0)
