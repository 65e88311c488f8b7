"""Things that are looked through: a wire fence, a lace curtain, an iron grate, grass at night."""

from __future__ import annotations

import numpy as np

from benchmarks.other_scenes_brushes import TURN, Ink, brick_wall, flat, whole, words
from postfocus.synth.model import Layer, Plane, SceneModel
from postfocus.synth.scenes.draw import Page, Sheet, colour, mix


def fence(page: Page) -> SceneModel:
    """A brick wall and a bush, seen through a fence of crossed wires close to the lens.

    Hard: the wires are everywhere, and where they are sharp the wall is blurred over many of them, so that
    nearly the whole picture lies beside a large step of depth.
    """
    net = Sheet(page, seed=2)
    wires = Ink(net)
    t = np.linspace(-0.1, 1.1, 120)
    for k in range(-30, 60):
        sway = 0.0015 * np.sin(t * 60 + k)
        wires.line(np.stack([k * 0.045 + t, t * 0.9 + sway], 1), 0.0026)
        wires.line(np.stack([k * 0.045 - t + 0.6, t * 0.9 - sway], 1), 0.0026)
    lit = 0.35 + 0.9 * net.noise(0.003, 3, fall=0.8)
    net.stamp(wires.mask(), mix(colour("#4b5055"), colour("#c8ced2"), lit))
    wall, near = brick_wall(page, Plane(1.0, 0.08, 0)), net.layer("fence", Plane(0.12, -0.1, 0))
    return SceneModel("fence", page.width, page.height, page.margin, (wall, _bush(page), near), 0.0, 1.05)


def _bush(page: Page) -> Layer:
    """Five hundred small leaves."""
    b = Sheet(page, (0.55, 0.2, 0.95, page.tall + page.rim), seed=3)
    t = np.linspace(0, 1, 8)
    for _ in range(500):
        x, y = b.rng.uniform(0.58, 0.92), b.rng.uniform(0.25, 0.6)
        turn, long = b.rng.uniform(0, TURN), b.rng.uniform(0.008, 0.025)
        spine = np.stack([x + long * np.cos(turn) * t, y + long * np.sin(turn) * t], 1)
        tone = mix(colour("#1d3a12"), colour("#7da546"), b.rng.uniform())
        b.strip(spine, 0.006 * np.sin(np.pi * t) + 0.0006, tone, 0.2)
    return b.layer("bush", Plane(0.6))


def lace(page: Page) -> SceneModel:
    """A garden beyond a window frame, on its left through a curtain of lace with folds and flowers.

    Hard: the curtain lets through a part of the light everywhere, so that two depths are true at one place;
    the truth is the nearer where it covers half and more.
    """
    layers = (_garden(page), _frame(page), _curtain(page))
    return SceneModel("lace", page.width, page.height, page.margin, layers, 0.0, 1.05)


def _garden(page: Page) -> Layer:
    s = Sheet(page, seed=1)
    sky = np.broadcast_to(np.clip(1 - s.Y / page.tall * 1.3, 0, 1), (s.h, s.w))
    haze = mix(colour("#5c6e40"), colour("#c4d4e4"), sky)
    s.stamp(whole(s), haze * (0.85 + 0.3 * s.noise(0.02, 4))[..., None])
    t = np.linspace(0, 1, 8)
    for _ in range(260):
        x, y = s.rng.uniform(-0.05, 1.05), s.rng.uniform(0.1, 0.6)
        turn, long = s.rng.uniform(-2.2, -0.9), s.rng.uniform(0.02, 0.12)
        spine = np.stack([x + long * t * np.cos(turn), y + long * t * np.sin(turn)], 1)
        tone = mix(colour("#241c14"), colour("#5c7a34"), s.rng.uniform())
        s.strip(spine, np.linspace(0.004, 0.001, 8), tone, 0.2)
    return s.layer("garden", Plane(1.0, 0.05, -0.3))


def _frame(page: Page) -> Layer:
    w = Sheet(page, seed=2)
    for x in (0.33, 0.68):
        bar = w.fill([(x, -0.1), (x + 0.02, -0.1), (x + 0.02, 0.7), (x, 0.7)])
        w.stamp(bar, colour("#d8d4cc") * (0.8 + 0.15 * w.noise(0.002, 2))[..., None])
    return w.layer("frame", Plane(0.55))


def _curtain(page: Page) -> Layer:
    """A net of threads, nowhere quite open, with flowers woven into it."""
    c = Sheet(page, (-page.rim, -page.rim, 0.62, page.tall + page.rim), seed=3)
    across = np.sin(c.X * page.width * 0.55 + 1.5 * np.sin(c.Y * 9))
    down = np.sin(c.Y * page.width * 0.55)
    net = np.clip(np.maximum(np.abs(across), np.abs(down)) * 4 - 3.1, 0, 1)
    flowers = Ink(c)
    for i in range(9):
        for j in range(8):
            x, y = 0.03 + i * 0.075 + 0.03 * (j % 2), 0.03 + j * 0.075
            for k in range(6):
                turn = k / 6 * TURN
                flowers.disc(x + 0.016 * np.cos(turn), y + 0.016 * np.sin(turn), 0.009)
            flowers.disc(x, y, 0.007, 0)
    fold = 0.75 + 0.25 * np.sin(c.X * 40 + np.sin(c.Y * 6))
    cover = np.clip(0.22 + 0.33 * net + 0.5 * flowers.mask(), 0, 0.92)
    tone = colour("#f4f2ec") * (fold * (0.9 + 0.15 * c.noise(0.0015, 2)))[..., None]
    c.stamp(cover.astype(np.float32), tone)
    return c.layer("lace", Plane(0.08, 0.15, 0))


def bricks(page: Page) -> SceneModel:
    """A wall of equal bricks that runs away sideways, and an iron grate before its lower part.

    Hard: both repeat and the bricks hardly differ, so that a frame may be laid one brick off.
    """
    wall = brick_wall(page, Plane(0.5, 1.1, 0), regular=True)
    s = Sheet(page, seed=2)
    bars = (np.abs((s.X / 0.03) % 1 - 0.5) < 0.09) & np.greater(s.Y, page.tall * 0.62)
    s.stamp(bars.astype(np.float32), colour("#30343a") * (0.8 + 0.3 * s.noise(0.003, 2))[..., None])
    grate = s.layer("grate", Plane(0.05))
    return SceneModel("bricks", page.width, page.height, page.margin, (wall, grate), -0.05, 1.05)


def night(page: Page) -> SceneModel:
    """A house with some lit windows, a worn board with print before it, and dark grass in front.

    Hard: what the picture shows is so dark that its texture drowns in noise; only the windows are bright.
    """
    s = Sheet(page, seed=1)
    s.stamp(whole(s), mix(colour("#05060a"), colour("#141a26"), s.noise(0.05, 5)))
    windows, r = Ink(s), s.rng
    for i in range(24):
        for j in range(9):
            if r.random() < 0.35:
                x, y = 0.03 + i * 0.04, 0.03 + j * 0.03
                box = [(x, y), (x + 0.014, y), (x + 0.014, y + 0.016), (x, y + 0.016)]
                windows.polygon(box, int(r.integers(60, 255)))
    s.stamp(windows.mask(), colour("#c08840") * np.float32(0.35))
    layers = (s.layer("house", Plane(1.0)), _sign(page), _dark_grass(page, r))
    return SceneModel("night", page.width, page.height, page.margin, layers, 0.0, 1.05)


def _sign(page: Page) -> Layer:
    b = Sheet(page, seed=2)
    face = b.fill([(0.1, 0.2), (0.9, 0.24), (0.9, 0.5), (0.1, 0.5)])
    b.stamp(face, mix(colour("#0c0a08"), colour("#2c241a"), b.noise(0.006, 4)))
    ink = words(page, int(0.5 * page.width), int(0.2 * page.width), 5, 7, 0.1)
    b.paste(flat(colour("#4a4438"), ink), ink, ((0.2, 0.24), (0.7, 0.26), (0.7, 0.46), (0.2, 0.44)))
    return b.layer("board", Plane(0.55, 0.3, 0))


def _dark_grass(page: Page, r: np.random.Generator) -> Layer:
    f = Sheet(page, seed=3)
    t = np.linspace(0, 1, 9)
    for _ in range(120):
        x, y = r.uniform(0, 1), r.uniform(0.42, 0.62)
        long, turn = r.uniform(0.05, 0.2), -1.57 + r.normal(0, 0.4)
        spine = np.stack([x + long * t * np.cos(turn), y + long * t * np.sin(turn)], 1)
        tone = mix(colour("#0a0f08"), colour("#2c3c20"), r.uniform())
        f.strip(spine, np.linspace(0.005, 0.001, 9), tone, 0.3)
    return f.layer("grass", Plane(0.1))
