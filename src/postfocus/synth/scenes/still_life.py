"""A still life: a printed page, coins, books, fruit and a vase on a wooden table before a plain wall."""

from __future__ import annotations

import cv2
import numpy as np

from postfocus.synth.model import Layer, Plane, SceneModel
from postfocus.synth.scenes.draw import Floats, Page, Sheet, colour, mix
from postfocus.synth.scenes.finish import ball, glint, pillar, print_mask

_BACK = 0.30
"""Height of the table's far rim, in picture widths from the top."""
_SLOPE = -0.82 / (0.5625 - _BACK)
_STORY = (
    "The lamp was lit, and on the table lay the",
    "letter she had carried over three borders.",
    "Nobody had opened it. The wax was whole,",
    "the corners soft from pockets and from rain.",
    "He turned it once, and once again, and then",
    "he put it down between the coins and said",
    "that some things are better read tomorrow,",
    "when there is light enough to see them by.",
    "Outside the harbour bells began to count.",
    "One for the boats that had come home, one",
    "for the boats that had not, and a long one",
    "for the lighthouse keeper and his daughter,",
    "who had seen the storm before the glass did.",
    "She smiled: tomorrow is a place like others,",
    "only farther off, and slightly out of focus.",
)


def _depth(y: float) -> float:
    """Focus unit of the table at height `y`."""
    return 0.82 + _SLOPE * (y - _BACK)


def _table_plane(page: Page) -> Plane:
    return Plane(_depth(page.tall / 2), 0.0, _SLOPE)


def _wall(page: Page) -> Layer:
    s = Sheet(page, seed=1)
    light = np.exp(-(((s.X - 0.22) / 0.55) ** 2) - ((s.Y - 0.02) / 0.5) ** 2)
    grain = s.noise(0.25, 3) * 0.06 + s.noise(0.006, 3) * 0.05
    tone = mix(colour("#51646b"), colour("#c9cdbf"), light * 0.85 + 0.06)
    s.stamp(np.ones((s.h, s.w), np.float32), tone * (0.95 + grain)[..., None])
    return s.layer("wall", Plane(1.0))


def _wood(s: Sheet) -> Floats:
    """Planks that run away from the viewer, in perspective: `(h, w, 3)`."""
    away = np.maximum(0.02, s.Y - _BACK + 0.34)
    across = (s.X - 0.5) / away * 0.62
    along = 0.3 / away
    plank = np.floor(across * 5.0 + 0.37)
    gap = np.abs(across * 5.0 + 0.37 - plank - 0.5)
    shift = np.sin(plank * 78.233) * 43758.5453
    shift -= np.floor(shift)
    texture = s.noise_of(900, 1600, 26.0, 6, 14.0, 0.72).T.copy()
    u = ((across * 950) % 899).astype(np.float32)
    v = ((along * 900 + shift * 600) % 1599).astype(np.float32)
    grain = cv2.remap(
        texture, u, np.broadcast_to(v, u.shape).copy(), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
    )
    rings = 0.5 + 0.5 * np.sin(26 * grain + 5 * shift)
    tone = mix(colour("#5a3620"), colour("#b27c48"), 0.25 + 0.5 * grain + 0.22 * rings + 0.25 * (shift - 0.5))
    seam = np.clip((0.5 - gap) / 0.012, 0, 1)
    return tone * (0.35 + 0.65 * seam)[..., None]


def _shadow(s: Sheet, x: float, y: float, width: float, length: float) -> Floats:
    """Factor of a soft shadow thrown to the right by something standing at (x, y)."""
    contact = s.ellipse(x, y, width * 0.62, width * 0.14, soft=width * 0.12)
    cast = s.ellipse(x + length * 0.5, y - 0.008, width * 0.45 + length * 0.5, width * 0.2, soft=width * 0.3)
    return (1 - 0.62 * contact) * (1 - 0.5 * cast)


def _coin(s: Sheet, x: float, y: float, radius: float, metal: str, word: str) -> None:
    """A coin lying on the table."""
    flat = 0.42
    s.shade(
        1
        - 0.55
        * s.ellipse(x + radius * 0.14, y + radius * 0.1, radius * 1.05, radius * flat * 1.12, 0, radius * 0.3)
    )
    base = colour(metal)
    s.stamp(s.ellipse(x, y + radius * 0.055, radius, radius * flat), base * 0.28)
    n = max(24, int(radius * s.page.width * 2.4))
    yy, xx = np.mgrid[0:n, 0:n].astype(np.float32) / n * 2 - 1
    rho, angle = np.hypot(xx, yy), np.arctan2(yy, xx)
    height = 0.5 * np.clip((rho - 0.86) / 0.04, 0, 1) + 0.15 * s.noise_of(n, n, n / 6, 4, 1.0, 0.6)
    height += 0.35 * np.clip((0.05 - np.abs(rho - 0.72)) / 0.03, 0, 1) * (np.sin(angle * 40) > 0)
    ink = print_mask(((word, 0.42),), n, n, 0.30)
    height = cv2.GaussianBlur((height + 0.6 * ink).astype(np.float32), (0, 0), max(0.6, n / 260))
    lit = 1.0 + 5.0 * (np.gradient(height, axis=1) + np.gradient(height, axis=0)) * (n / 220) ** 0.5
    sheen = 0.75 + 0.5 * np.exp(-(((xx + yy + 0.5) / 0.6) ** 2)) + 0.25 * np.cos(angle * 2 + 1)
    face = base * (np.clip(lit, 0.25, 2.2) * sheen)[..., None]
    disc = np.clip((1 - rho) * n / 2, 0, 1)
    box = ((x - radius, y - radius * flat), (x + radius, y - radius * flat),
           (x + radius, y + radius * flat), (x - radius, y + radius * flat))  # fmt: skip
    s.paste(face.astype(np.float32), disc.astype(np.float32), box)


def _paper(s: Sheet, corners: tuple[tuple[float, float], ...]) -> None:
    """The printed page, with a soft shadow under it."""
    s.shade(1 - 0.45 * s.blur(s.fill(np.add(corners, (0.004, 0.004))), 0.004))
    w, h = int(0.52 * s.page.width), int(0.62 * s.page.width)
    lines = [
        ("THE HARBOUR BELL", 0.052),
        ("chapter eleven", 0.030),
        ("", 0.02),
        *((t, 0.0335) for t in _STORY),
    ]
    ink = print_mask(lines, w, h, 0.07)
    fibre = s.noise_of(h, w, 5.0, 2, 1.0, 0.6)
    tone = mix(colour("#efe6d0"), colour("#1b1a1c"), ink * 0.93) * (0.9 + 0.12 * fibre)[..., None]
    y = np.linspace(0, 1, h, dtype=np.float32)[:, None, None]
    s.paste((tone * (0.86 + 0.14 * y)).astype(np.float32), np.ones((h, w), np.float32), corners)


def _pencil(s: Sheet) -> None:
    ends = np.array([[0.455, 0.535], [0.60, 0.492]])
    s.shade(
        1
        - 0.5
        * s.blur(
            s.fill(np.concatenate([np.add(ends, (0.004, 0.001)), np.add(ends[::-1], (0.006, 0.009))])), 0.003
        )
    )
    across = np.array([0.0017, 0.0056])
    for k, tone in ((-1.0, "#f0b428"), (-0.33, "#d8961c"), (0.33, "#9a6410")):
        quad = np.array([ends[0] + across * k, ends[1] + across * k * 0.8,
                         ends[1] + across * (k + 0.67) * 0.8, ends[0] + across * (k + 0.67)])  # fmt: skip
        s.stamp(s.fill(quad), colour(tone))
    tip = ends[1] + np.array([0.026, -0.0078])
    s.stamp(s.fill([ends[1] - across * 0.8, tip, ends[1] + across * 0.8]), colour("#d9b98a"))
    lead = tip - np.array([0.007, -0.0021])
    s.stamp(s.fill([lead - across * 0.21, tip, lead + across * 0.21]), colour("#26242a"))
    s.stamp(s.fill([ends[0] - across, ends[0] + across, ends[0] + across + (-0.012, 0.0036),
                    ends[0] - across + (-0.012, 0.0036)]), colour("#c2574b"))  # fmt: skip


def _table(page: Page) -> Layer:
    s = Sheet(page, (-page.rim, _BACK, 1 + page.rim, page.tall + page.rim), seed=2)
    s.stamp(np.ones((s.h, s.w), np.float32), _wood(s))
    s.shade(0.55 + 0.75 * np.exp(-(((s.X - 0.3) / 0.6) ** 2) - ((s.Y - 0.46) / 0.3) ** 2))
    for x, y, width, length in (
        (0.235, 0.368, 0.20, 0.12),
        (0.800, 0.352, 0.09, 0.10),
        (0.545, 0.412, 0.075, 0.07),
        (0.655, 0.428, 0.055, 0.06),
        (0.815, 0.502, 0.05, 0.05),
    ):
        s.shade(_shadow(s, x, y, width, length))
    _paper(s, ((0.085, 0.405), (0.40, 0.398), (0.455, 0.60), (0.0, 0.61)))
    for x, y, r, metal, word in (
        (0.470, 0.452, 0.021, "#d7a64a", "10"),
        (0.700, 0.470, 0.024, "#c9c8c2", "50"),
        (0.635, 0.520, 0.030, "#c07a4c", "2"),
        (0.745, 0.538, 0.031, "#d7a64a", "20"),
        (0.915, 0.450, 0.020, "#c07a4c", "5"),
        (0.420, 0.345, 0.011, "#c9c8c2", "1"),
    ):
        _coin(s, x, y, r, metal, word)
    _pencil(s)
    return s.layer("table", _table_plane(page))


def _books(page: Page) -> Layer:
    s = Sheet(page, (0.08, 0.17, 0.40, 0.39), seed=3)
    y = 0.372
    for x0, x1, tall, cover, gold, title in (
        (0.125, 0.345, 0.050, "#5d1f22", "#d9b45f", "OPTICKS  -  A Treatise of Light"),
        (0.140, 0.330, 0.040, "#1f4a4b", "#e9dfc4", "Voyage of a Naturalist"),
        (0.118, 0.322, 0.046, "#2c3157", "#e0b34c", "Tales of the North Sea"),
    ):
        body = s.fill([(x0, y - tall), (x1, y - tall), (x1, y), (x0, y)])
        round_ = np.sqrt(np.clip(1 - ((s.Y - (y - tall * 0.6)) / (tall * 0.75)) ** 2, 0.05, 1))
        cloth = 0.85 + 0.3 * s.noise(0.0025, 2)
        fade = 1.15 - 0.55 * np.clip((s.X - x0) / (x1 - x0), 0, 1)
        s.stamp(body, colour(cover) * (round_ * cloth * fade)[..., None] * 1.5)
        w, h = int((x1 - x0) * page.width * 1.3), int(tall * page.width * 1.3)
        if w > 8 and h > 4:
            ink = print_mask(((title, 0.42),), w, h, 0.12)
            ink = np.roll(ink, int(h * 0.16), axis=0)
            s.paste(np.broadcast_to(colour(gold) * 0.8, (h, w, 3)).astype(np.float32), ink,
                    ((x0, y - tall), (x1, y - tall), (x1, y), (x0, y)))  # fmt: skip
        for band in (x0 + 0.008, x1 - 0.012):
            s.stamp(s.fill([(band, y - tall), (band + 0.004, y - tall), (band + 0.004, y), (band, y)]) * 0.8,
                    colour(gold) * 0.7)  # fmt: skip
        y -= tall
    return s.layer("books", Plane(_depth(0.372)))


def _vase(page: Page) -> tuple[Layer, Layer]:
    """A glazed vase, and the dry stems in it."""
    s = Sheet(page, (0.70, 0.12, 0.92, 0.37), seed=4)
    t = np.clip((s.Y - 0.185) / (0.358 - 0.185), 0, 1)
    half = 0.020 + 0.034 * np.sin(np.pi * np.clip(t * 0.92 + 0.02, 0, 1)) ** 1.5 + 0.008 * (t > 0.0) * t**3
    inside = np.clip((half - np.abs(s.X - 0.80)) * page.width + 0.5, 0, 1)
    inside *= np.clip((s.Y - 0.185) * page.width, 0, 1)
    inside *= np.clip((0.358 - 0.012 * ((s.X - 0.8) / 0.04) ** 2 - s.Y) * page.width, 0, 1)
    crackle = np.clip(np.abs(s.noise(0.012, 3) - 0.5) * 14, 0, 1)
    glaze = mix(
        colour("#0e5a63"), colour("#7fb7a4"), np.clip(1.3 - 1.6 * t + 0.5 * (s.noise(0.03, 3) - 0.5), 0, 1)
    )
    s.stamp(inside, glaze * (pillar(s, 0.80, half) * (0.75 + 0.25 * crackle))[..., None])
    s.glow(glint(s, 0.778, 0.255, 0.012, 1.4))
    s.stamp(s.ellipse(0.80, 0.186, 0.0205, 0.0042), colour("#0a2b30"))
    stems = Sheet(page, (0.60, -page.rim, 1 + page.rim, 0.21), seed=5)
    rng = stems.rng
    for k in range(13):
        top = np.array([0.80 + np.clip(rng.normal(0, 0.07), -0.13, 0.13), rng.uniform(-0.02, 0.10)])
        p = np.linspace(0, 1, 30)[:, None]
        spine = np.array([0.80 + rng.normal(0, 0.006), 0.20]) * (1 - p) + top * p
        spine[:, 0] += 0.02 * np.sin(p[:, 0] * 2.2 + k)
        tone = mix(colour("#6d5a3a"), colour("#b89a62"), float(rng.random()))
        stems.strip(spine, np.linspace(0.0022, 0.0009, 30), tone)
        for _ in range(16):  # the seed head
            q = spine[-1] + rng.normal(0, (0.006, 0.011))
            d = rng.normal((0.0, -0.004), 0.004)
            husk = np.stack([q, q + d * 0.5, q + d])
            paint = mix(colour("#8a6d3c"), colour("#e0c48c"), float(rng.random()))
            stems.strip(husk, np.array([0.0006, 0.0026, 0.0004]), paint)
    return s.layer("vase", Plane(_depth(0.352))), stems.layer("stems", Plane(_depth(0.352) + 0.015))


def _fruit(page: Page, x: float, y: float, r: float, skin: tuple[str, str], seed: int) -> Layer:
    s = Sheet(page, (x - 1.5 * r, y - 2.9 * r, x + 1.5 * r, y + 0.4 * r), seed=seed)
    cy = y - 0.86 * r
    dx, dy = (s.X - x) / r, (s.Y - cy) / (0.93 * r)
    rho = np.sqrt(dx * dx + dy * dy)
    angle = np.arctan2(dy, dx)
    edge = 1 - 0.10 * np.exp(-(((angle + np.pi / 2) / 0.42) ** 2)) - 0.03 * np.cos(2 * angle)
    body = np.clip((edge - rho) * r * page.width + 0.5, 0, 1)
    streak = s.noise(0.006, 3) * 0.5 + 0.5 * (0.5 + 0.5 * np.sin(angle * 23 + 7 * s.noise(0.02, 3)))
    blush = np.clip(0.55 + 0.5 * dx + 0.5 * (streak - 0.5) + 0.5 * (s.noise(0.03, 2) - 0.5), 0, 1)
    dots = (s.noise(0.0022, 1) > 0.74) * 0.25
    tone = mix(colour(skin[0]), colour(skin[1]), blush) * (1 + dots)[..., None]
    hollow = 1 - 0.6 * s.ellipse(x, cy - 0.86 * r, 0.30 * r, 0.13 * r, soft=0.2 * r)
    s.stamp(body, tone * (ball(s, x, cy, 1.03 * r, 0.97 * r, 0.2) * hollow)[..., None])
    s.glow(glint(s, x - 0.38 * r, cy - 0.45 * r, 0.16 * r, 0.9))
    p = np.linspace(0, 1, 12)
    stalk = np.stack([x + 0.16 * r * p**2, cy - 0.80 * r - 0.52 * r * p], axis=1)
    s.strip(stalk, np.linspace(0.055 * r, 0.09 * r, 12), colour("#4a3420"))
    return s.layer("fruit", Plane(_depth(y - 0.01)))


def _coin_stack(page: Page) -> Layer:
    s = Sheet(page, (0.76, 0.42, 0.87, 0.53), seed=8)
    rng = s.rng
    y, half = 0.503, 0.024
    for k in range(9):
        x = 0.815 + rng.normal(0, 0.0016)
        metal = colour(("#d7a64a", "#c9c8c2", "#c07a4c")[k % 3])
        thick = 0.0052
        rim = pillar(s, x, half, 0.15) * (0.72 + 0.28 * np.sign(np.sin((s.X - x) * 2600)))
        side = np.maximum(s.ellipse(x, y, half, half * 0.36), s.ellipse(x, y - thick, half, half * 0.36))
        middle = s.fill([(x - half, y - thick), (x + half, y - thick), (x + half, y), (x - half, y)])
        s.stamp(np.maximum(side, middle), metal * rim[..., None] * 0.8)
        s.stamp(s.ellipse(x, y - thick, half, half * 0.36), metal * 0.5)
        y -= thick
    face = 0.75 + 0.45 * np.exp(-(((s.X - 0.806) / 0.014) ** 2))
    s.stamp(s.ellipse(0.815, y, half * 0.97, half * 0.35), colour("#c07a4c") * face[..., None])
    s.stamp(s.ellipse(0.815, y, half * 0.78, half * 0.27) * 0.5, colour("#7e4a2a"))
    s.stamp(s.ellipse(0.815, y + 0.0004, half * 0.76, half * 0.26), colour("#b87446") * face[..., None])
    return s.layer("coin stack", Plane(_depth(0.503)))


def still_life(page: Page) -> SceneModel:
    """Draw it. Depth 0 at the near rim of the table to 1 at the wall."""
    vase, stems = _vase(page)
    layers = (
        _wall(page), _table(page), _books(page), stems, vase,
        _fruit(page, 0.655, 0.432, 0.040, ("#c9c13c", "#9db32f"), 6),
        _fruit(page, 0.545, 0.418, 0.052, ("#d8a832", "#a31621"), 7),
        _coin_stack(page),
    )  # fmt: skip
    return SceneModel("still-life", page.width, page.height, page.margin, layers, 0.0, 1.0)
