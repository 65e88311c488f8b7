"""A daisy with a ladybird, close up: petals on a steep slant, dew, and a soft green ground."""

from __future__ import annotations

import numpy as np

from postfocus.synth.model import Layer, Plane, SceneModel
from postfocus.synth.scenes.draw import Page, Sheet, colour, mix
from postfocus.synth.scenes.finish import ball, glint

_CX, _CY, _FLAT = 0.47, 0.245, 0.66


def _ground(page: Page) -> Layer:
    s = Sheet(page, seed=1)
    leaf = s.noise(0.16, 4)
    tone = mix(colour("#16300f"), colour("#7fa83c"), 0.08 + 0.9 * leaf - 0.2 * (s.Y / page.tall))
    warm = np.exp(-(((s.X - 0.85) / 0.3) ** 2) - ((s.Y - 0.05) / 0.25) ** 2)
    tone = tone * (0.75 + 0.2 * s.noise(0.012, 3))[..., None] + (0.5 * warm)[..., None] * colour("#ffe08a")
    s.stamp(np.ones((s.h, s.w), np.float32), tone)
    for _ in range(60):
        x, y = s.rng.uniform(0, 1), s.rng.uniform(0, page.tall)
        mask, at = s.spot(x, y, s.rng.uniform(0.0006, 0.0012))
        s.stamp(mask, colour("#f4ffd0") * np.float32(s.rng.uniform(1, 9)), at)
    return s.layer("ground", Plane(1.0))


def _stem(page: Page) -> Layer:
    s = Sheet(page, (0.40, 0.24, 0.62, page.tall + page.rim), seed=2)
    t = np.linspace(0, 1, 60)
    spine = np.stack([_CX + 0.05 * t**1.6, _CY + (page.tall + page.rim - _CY) * t], axis=1)
    s.strip(
        spine, np.full(60, 0.018), mix(colour("#4d6e25"), colour("#88a84a"), 0.5 + 0.5 * np.sin(40 * t)), 0.5
    )
    for _ in range(160):  # fine hairs, seen against the light
        k = int(s.rng.integers(4, 58))
        side = 1 if s.rng.random() < 0.5 else -1
        a = np.add(spine[k], (side * 0.008, 0))
        b = np.add(a, (side * s.rng.uniform(0.004, 0.010), s.rng.uniform(-0.004, 0.001)))
        s.strip(np.stack([a, (a + b) / 2, b]), np.array([0.0005, 0.0004, 0.0003]), colour("#d6e6a0"), 0.0)
    return s.layer("stem", Plane(0.62))


def _petal(s: Sheet, angle: float, length: float, width: float, row: int) -> None:
    """One ray floret from the middle outwards, with grooves and a notched tip."""
    t = np.linspace(0, 1, 40)
    ca, sa = np.cos(angle), np.sin(angle)
    bend = s.rng.normal(0, 0.012)
    along = np.stack([ca * length * t, sa * length * t], axis=1)
    across = np.stack([-sa * np.ones(40), ca * np.ones(40)], axis=1)
    mid = along + across * (bend * t**2)[:, None]
    half = (
        width
        * np.sin(np.pi * np.clip(0.14 + 0.66 * t, 0, 1)) ** 0.55
        * (0.42 + 0.58 * np.minimum(1, t * 2.2))
        / 2
    )
    half *= np.sqrt(np.clip(1 - (np.clip((t - 0.90) / 0.10, 0, 1)) ** 2, 0, 1))
    centre = np.array([_CX, _CY])
    flat = np.array([1.0, _FLAT])
    edge = (
        np.concatenate([mid - across * half[:, None], (mid + across * half[:, None])[::-1]]) * flat + centre
    )
    pixels = s.pixels(edge)
    x0, y0 = np.maximum(0, np.floor(pixels.min(axis=0)).astype(int) - 2)
    x1, y1 = np.ceil(pixels.max(axis=0)).astype(int) + 3
    at = slice(y0, min(s.h, y1)), slice(x0, min(s.w, x1))
    mask = s.fill(edge)[at]
    dx, dy = s.X[:, at[1]] - _CX, (s.Y[at[0]] - _CY) / np.float32(_FLAT)
    u = (dx * ca + dy * sa) / length
    v = (-dx * sa + dy * ca) / width
    groove = 0.88 + 0.07 * np.cos(v * 26) + 0.05 * np.cos(v * 61 + 6 * u)
    fold = np.clip(0.86 + 0.5 * v * np.sign(ca if abs(ca) > 0.2 else 1), 0.5, 1.15)
    base = mix(colour("#b9c08a"), colour("#fbf8f2"), np.clip(u * 2.2, 0, 1))
    tip = np.clip((u - 0.85) / 0.15, 0, 1)
    tone = mix(base, np.broadcast_to(colour("#f2c9d6"), base.shape), 0.35 * tip) if row == 0 else base
    light = np.clip(0.92 - 0.30 * ca * 0.8 - 0.30 * sa, 0.45, 1.25) * (0.72 + 0.2 * row)
    s.rgba[at][..., :3] *= (1 - 0.30 * s.blur(s.fill(np.add(edge, (0.003, 0.005))), 0.004)[at])[..., None]
    s.stamp(mask, tone * (groove * fold * np.float32(light))[..., None], at)


def _petals(page: Page) -> Layer:
    s = Sheet(page, (0.21, 0.07, 0.73, 0.43), seed=3)
    for row, count, length in ((0, 19, 0.235), (1, 17, 0.215)):
        turns = (np.arange(count) + 0.5 * row) / count * 2 * np.pi + s.rng.normal(0, 0.05, count)
        for angle in s.rng.permutation(turns):
            _petal(s, float(angle), length * s.rng.uniform(0.92, 1.05), 0.062, row)
    hollow = 1 - 0.55 * s.ellipse(_CX + 0.006, _CY + 0.012, 0.078, 0.058, soft=0.03)
    s.shade(hollow)
    middle = 0.48 + 1.55 * (_CY - page.tall / 2)
    return s.layer("petals", Plane(middle, 0.0, -1.55))


def _disc(page: Page) -> Layer:
    """The yellow middle: florets in the spiral of the golden angle."""
    s = Sheet(page, (_CX - 0.09, _CY - 0.075, _CX + 0.09, _CY + 0.07), seed=4)
    s.stamp(s.ellipse(_CX, _CY, 0.066, 0.052), colour("#7a4d08") * ball(s, _CX, _CY, 0.07, 0.056)[..., None])
    n = 420
    for k in range(n - 1, -1, -1):
        rho, phi = np.sqrt((k + 0.5) / n), k * 2.399963
        x, y = _CX + 0.066 * rho * np.cos(phi), _CY - 0.012 * (1 - rho**2) + 0.052 * rho * np.sin(phi)
        r = 0.0017 + 0.0016 * rho
        dot = Sheet(page, (x - 1.6 * r, y - 1.6 * r, x + 1.6 * r, y + 1.6 * r))
        at = slice(dot.y - s.y, dot.y - s.y + dot.h), slice(dot.x - s.x, dot.x - s.x + dot.w)
        light = np.clip(0.75 - 0.35 * rho * np.cos(phi) - 0.4 * rho * np.sin(phi), 0.25, 1.3)
        tone = mix(colour("#c9b42a"), colour("#f3a808"), min(1.0, float(rho) * 1.4))
        if s.rgba[at].shape[:2] == (dot.h, dot.w):
            s.stamp(
                dot.ellipse(x, y, r, r), tone * (ball(dot, x, y, r, r) * np.float32(light))[..., None], at
            )
    return s.layer("florets", Plane(0.455))


def _ladybird(page: Page) -> Layer:
    s = Sheet(page, (0.52, 0.22, 0.70, 0.37), seed=5)
    cx, cy, r = 0.612, 0.300, 0.036
    for side, lean in ((-1, -0.5), (-1, 0.1), (-1, 0.6), (1, -0.4), (1, 0.2), (1, 0.7)):
        a = np.array([cx + side * 0.02, cy + 0.016])
        b = np.add(a, (side * 0.016 + 0.008 * lean, 0.006))
        leg = np.stack([a, b, np.add(b, (0.006 * lean, 0.011))])
        s.strip(leg, np.array([0.004, 0.0032, 0.0018]), colour("#15110f"), 0.2)
    for bend in (-1.0, 1.0):
        t = np.linspace(0, 1, 14)
        feeler = np.stack([cx - 0.034 - 0.020 * t, cy - 0.006 + bend * 0.008 * t - 0.010 * t**2], axis=1)
        s.strip(feeler, np.linspace(0.0012, 0.0016, 14), colour("#201a16"), 0.0)
    s.stamp(
        s.ellipse(cx - 0.030, cy + 0.003, 0.013, 0.016),
        colour("#100d0c") * (0.4 + ball(s, cx - 0.03, cy, 0.013, 0.016))[..., None],
    )
    for y in (-0.008, 0.012):
        s.stamp(s.ellipse(cx - 0.031, cy + 0.001 + y, 0.0040, 0.0028), colour("#efe9d8"))
    shell = s.ellipse(cx, cy, r, 0.81 * r)
    shade = ball(s, cx, cy, r, 0.81 * r, 0.18)
    red = mix(colour("#8a0a06"), colour("#e8301a"), shade) * (0.92 + 0.16 * s.noise(0.002, 2))[..., None]
    s.stamp(shell, red * (0.25 + 0.85 * shade)[..., None])
    off = np.abs(s.Y - cy - 0.0006 * np.sin((s.X - cx) * 90)) * page.width
    s.stamp(shell * np.clip(1 - off / max(1.0, 0.0011 * page.width), 0, 1), colour("#1c0503"))
    for dx, dy, q in ((-0.020, -0.010, 0.0065), (0.004, -0.014, 0.0080), (0.020, -0.008, 0.0052),
                      (-0.018, 0.012, 0.0060), (0.006, 0.014, 0.0075), (0.021, 0.009, 0.0048)):  # fmt: skip
        s.stamp(s.ellipse(cx + dx, cy + dy, q, 0.8 * q) * shell, colour("#140806") * (0.4 + shade)[..., None])
    s.glow(glint(s, cx - 0.012, cy - 0.014, 0.0062, 1.8) + glint(s, cx + 0.014, cy - 0.004, 0.012, 0.10))
    return s.layer("ladybird", Plane(0.30))


def _dew(page: Page) -> Layer:
    s = Sheet(page, (0.25, 0.10, 0.70, 0.41), seed=6)
    for _ in range(26):
        angle, far = s.rng.uniform(0.2, 3.0), s.rng.uniform(0.5, 0.95)
        x, y = _CX + 0.21 * far * np.cos(angle), _CY + 0.21 * far * _FLAT * np.sin(angle)
        r = s.rng.uniform(0.0016, 0.0052)
        drop = Sheet(page, (x - 2 * r, y - 2 * r, x + 2 * r, y + 2 * r))
        at = slice(drop.y - s.y, drop.y - s.y + drop.h), slice(drop.x - s.x, drop.x - s.x + drop.w)
        if s.rgba[at].shape[:2] != (drop.h, drop.w):
            continue
        body = drop.ellipse(x, y, r, 0.9 * r)
        up = np.clip((drop.Y - y) / r * 0.5 + 0.5, 0, 1) + 0 * drop.X
        s.stamp(body * (0.30 + 0.35 * up), mix(colour("#6d7a60"), colour("#ffffff"), up), at)
        s.rgba[at][..., :3] += glint(drop, x - 0.35 * r, y - 0.35 * r, 0.28 * r, 2.5) * body[..., None]
    return s.layer("dew", Plane(0.34 + 1.3 * (0.32 - page.tall / 2), 0.0, -1.3))


def _leaf(page: Page) -> Layer:
    """A leaf's rim close to the lens, on a slant."""
    s = Sheet(page, (-page.rim, 0.30, 0.46, page.tall + page.rim), seed=7)
    t = np.linspace(0, 1, 60)
    upper = np.stack([-0.08 + 0.48 * t, 0.47 - 0.13 * np.sin(np.pi * t**0.8) + 0.10 * t], axis=1)
    lower = np.stack([-0.08 + 0.48 * t, 0.47 + 0.12 * np.sin(np.pi * t**1.1) + 0.10 * t], axis=1)
    middle = (upper + lower) / 2
    body = s.fill(np.concatenate([upper, lower[::-1]]))
    rib = np.interp(s.X, middle[:, 0], middle[:, 1])
    veins = np.abs(((s.X - 0.55 * np.abs(s.Y - rib)) * 30) % 1 - 0.5)
    light = 0.55 + 0.45 * np.clip((rib - s.Y) * 12, -0.6, 1) + 0.25 * (s.noise(0.006, 3) - 0.5)
    tone = (
        mix(colour("#2c5a1a"), colour("#7fb043"), light) * (0.8 + 0.25 * np.clip(veins * 8, 0, 1))[..., None]
    )
    s.stamp(body, tone)
    s.strip(middle, np.linspace(0.006, 0.001, 60), colour("#b8cf7a"), 0.3)
    return s.layer("leaf", Plane(0.10, 0.30, 0.0))


def macro(page: Page) -> SceneModel:
    """Draw it. Depth 0 (the leaf's left end) to 1 (the ground)."""
    layers = (
        _ground(page),
        _stem(page),
        _petals(page),
        _disc(page),
        _dew(page),
        _ladybird(page),
        _leaf(page),
    )
    return SceneModel("macro", page.width, page.height, page.margin, layers, 0.0, 1.0)
