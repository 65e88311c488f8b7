"""Hair before a plain wall: strands thinner than a pixel, and a background without any texture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.synth.model import Layer, Plane, SceneModel
from postfocus.synth.scenes.draw import Floats, Page, Sheet, colour, mix
from postfocus.synth.scenes.finish import ball

_CX, _CY = 0.47, 0.215
_TONES = ("#3a1a0c", "#6b3414", "#9a5420", "#c98038", "#e8b56a")


def _wall(page: Page) -> Layer:
    s = Sheet(page, seed=1)
    light = np.exp(-(((s.X - 0.78) / 0.6) ** 2) - ((s.Y - 0.12) / 0.5) ** 2)
    # Smooth on purpose: nothing here tells a focus measure anything.
    s.stamp(np.ones((s.h, s.w), np.float32), mix(colour("#5b6d80"), colour("#d9dccf"), light))
    return s.layer("wall", Plane(1.0))


def _lock(rng: np.random.Generator, count: int) -> list[NDArray[np.float64]]:
    """Strands from the crown over the head and down the back: `count` arrays `(60, 2)` of places."""
    t = np.linspace(0, 1, 60)
    over, down = np.minimum(t / 0.42, 1) * np.pi / 2, np.clip(t / 0.58 - 0.42 / 0.58, 0, 1)
    found: list[NDArray[np.float64]] = []
    for _ in range(count):
        side = float(np.clip(rng.uniform(-1, 1) + rng.normal(0, 0.06), -1.06, 1.06))
        length = rng.normal(0.225, 0.022) - 0.05 * side**2
        x = _CX + side * (0.122 * np.sin(over) + 0.018 * np.sin(np.pi * down) - 0.012 * down)
        x += down * 0.006 * np.sin(2 * np.pi * (1.3 * down + 0.8 * side)) + rng.normal(0, 0.004) * down
        y = _CY - 0.135 * np.cos(over) * (1 - 0.02 * rng.random()) + length * down
        found.append(np.stack([x, y], axis=1))
    return found


def _strands(s: Sheet, spines: list[NDArray[np.float64]], width: float, paint: Floats) -> None:
    """Paint many strands of one colour at once; thinner than a pixel they become faint, not thick."""
    fine = width * s.page.width
    line = max(1, round(fine))
    mask = np.zeros((s.h, s.w), np.uint8)
    for spine in spines:
        points = np.rint(s.pixels(spine) * 16).astype(np.int32)
        cv2.polylines(mask, [points[:, None]], False, 255, line, cv2.LINE_AA, 4)
    s.stamp(mask.astype(np.float32) * np.float32(min(1.0, fine / line) / 255), paint)


def _shine(s: Sheet) -> tuple[Floats, Floats]:
    """How the lamp glances off the crown: a factor of the hair's own colour, and white light added."""
    band = np.exp(-(((s.Y - _CY + 0.045 - 0.9 * (s.X - _CX) ** 2) / 0.028) ** 2))
    band += 0.45 * np.exp(-(((s.Y - _CY - 0.13) / 0.04) ** 2))
    rim = np.exp(-(((s.X - _CX - 0.12) / 0.035) ** 2))
    dim = 0.55 + 0.45 * np.clip((s.X - _CX) / 0.2 + 0.5, 0, 1)
    return (dim + 1.3 * band + 0.9 * rim)[..., None], (0.10 * band)[..., None] * colour("#fff0d8")


def _jumper(page: Page) -> Layer:
    """Shoulders in a knitted jumper."""
    s = Sheet(page, (0.10, 0.34, 0.88, page.tall + page.rim), seed=2)
    x = s.X - _CX
    top = (
        0.385
        + 0.085 * (np.sqrt(x * x / 0.0144 + 0.16) - 0.4) / (1 + np.sqrt(x * x / 0.0625 + 0.01))
        + 9.0 * np.clip(np.abs(x) - 0.17, 0, 1) ** 2.6
    )
    body = np.clip((s.Y - top) * page.width + 0.5, 0, 1)
    fx, fy = 110 * x, 110 * (s.Y - 0.25 * x * x)
    v = np.abs((fx % 1) - 0.5)
    knit = 0.5 + 0.5 * np.sin(2 * np.pi * (fy * 1.15 + 1.4 * v))
    rib = 0.45 + 0.55 * np.cos((v - 0.25) * np.pi * 2) ** 2
    yarn = 0.55 + 0.6 * knit * rib + 0.35 * (s.noise(0.002, 2) - 0.5)
    bands = (np.floor((s.Y - top) * 26) % 5 == 2).astype(np.float32)
    tone = mix(colour("#2b4a63"), colour("#e3dccb"), bands)
    light = np.clip(0.55 + 1.5 * x - 0.6 * (s.Y - top), 0.15, 1.3)
    s.stamp(body, tone * (yarn * light)[..., None])
    return s.layer("jumper", Plane(0.40))


def _head(page: Page) -> Layer:
    """The mass of the hair, and the nape under it."""
    s = Sheet(page, (0.26, 0.04, 0.70, 0.56), seed=3)
    s.stamp(
        s.fill([(_CX - 0.05, 0.28), (_CX + 0.05, 0.28), (_CX + 0.075, 0.44), (_CX - 0.075, 0.44)]),
        colour("#8f5a42"),
    )
    mass = np.maximum(s.ellipse(_CX, _CY, 0.119, 0.132), s.ellipse(_CX, _CY + 0.06, 0.122, 0.15))
    s.stamp(mass, colour("#1d0d07") * (0.5 + ball(s, _CX, _CY, 0.15, 0.2))[..., None])
    factor, white = _shine(s)
    for k in range(36):
        base = colour(_TONES[int(s.rng.choice(5, p=(0.28, 0.34, 0.22, 0.12, 0.04)))])
        _strands(
            s, _lock(s.rng, 30), s.rng.uniform(0.0004, 0.0010), base * (0.45 + 0.02 * k) * factor + white
        )
    return s.layer("hair", Plane(0.52))


def _flying(page: Page, seed: int, count: int, depth: float, tone: str) -> Layer:
    """Loose strands that leave the head and cross the plain wall."""
    s = Sheet(page, (0.12, -page.rim, 0.86, page.tall), seed=seed)
    t = np.linspace(0, 1, 60)
    rng = s.rng
    for group in range(4):
        spines: list[NDArray[np.float64]] = []
        for _ in range(count // 4):
            side = 1.0 if rng.random() < 0.5 else -1.0
            angle = -np.pi / 2 + side * rng.uniform(0.0, 1.9)
            start = np.array([_CX + 0.119 * np.cos(angle), _CY + 0.132 * np.sin(angle)])
            reach = rng.gamma(2.0, 0.04) + 0.02
            # They leave nearly along the head and fall.
            lift = rng.uniform(0.05, 0.75) if rng.random() < 0.8 else rng.uniform(0.6, 1.3)
            turn = side * (np.pi / 2 - lift)
            heading = (
                angle + turn + side * rng.normal(0.5, 0.7) * t + 0.25 * np.sin(4 * t + rng.uniform(0, 6))
            )
            step = reach / len(t)
            spines.append(
                start + np.cumsum(np.stack([np.cos(heading), np.sin(heading)], axis=1) * step, axis=0)
            )
        glow = 0.8 + 2.2 * np.clip((s.X - _CX) / 0.2, 0, 1) + 0 * s.Y
        _strands(
            s, spines, rng.uniform(0.00018, 0.00042), colour(tone) * (glow * (0.7 + 0.2 * group))[..., None]
        )
    return s.layer("loose strands", Plane(depth))


def _front_lock(page: Page) -> Layer:
    """A curl that hangs nearest to the lens."""
    s = Sheet(page, (0.44, 0.05, 0.75, page.tall + page.rim), seed=9)
    rng, t = s.rng, np.linspace(0, 1, 80)
    for _ in range(9):
        spines: list[NDArray[np.float64]] = []
        for _ in range(11):
            off = rng.normal(0, 0.008)
            x = 0.575 + 0.035 * t + off * (1 - 0.5 * t) + 0.016 * t * np.sin(13 * t + 0.3 + 40 * off)
            spines.append(np.stack([x, 0.20 + (0.40 + rng.normal(0, 0.012)) * t**1.1], axis=1))
        base = colour(_TONES[int(rng.integers(0, 5))])
        _strands(
            s,
            spines,
            rng.uniform(0.0006, 0.0012),
            base * (0.8 + 0.6 * np.exp(-(((s.Y - 0.36) / 0.05) ** 2)))[..., None],
        )
    fade = np.clip((s.Y - 0.20) / 0.05, 0, 1)
    s.rgba *= fade[..., None]
    return s.layer("front lock", Plane(0.0))


def hair(page: Page) -> SceneModel:
    """Draw it. Depth 0 (a curl in front) to 1 (the wall)."""
    layers = (
        _wall(page),
        _flying(page, 20, 120, 0.66, "#8a5a30"),
        _jumper(page),
        _head(page),
        _flying(page, 21, 120, 0.40, "#a8703a"),
        _flying(page, 22, 60, 0.26, "#c08848"),
        _front_lock(page),
    )
    return SceneModel("hair", page.width, page.height, page.margin, layers, 0.0, 1.0)
