"""Print and cloth: a page seen at a slant, books on a shelf, fabrics of one brightness."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.other_scenes_brushes import flat, whole, words
from postfocus.synth.model import Layer, Plane, SceneModel
from postfocus.synth.scenes.draw import Floats, Page, Sheet, colour, mix
from postfocus.synth.scenes.finish import print_mask


def tilted(page: Page) -> SceneModel:
    """A page that leans away steeply, small print on its left half, and a pencil lying on it.

    Hard: depth has no steps but runs through the whole sweep within the picture; each frame shows one band
    of lines, and lines look alike.
    """
    s = Sheet(page, seed=1)
    s.stamp(whole(s), colour("#e9e4d6") * (0.96 + 0.06 * s.noise(0.0015, 2))[..., None])
    w, h = page.width, page.height
    ink = cv2.resize(words(page, w * 2, h * 2, 3, 60, 0.022), (w, h), interpolation=cv2.INTER_AREA)
    ink = np.asarray(ink, np.float32)
    s.paste(flat(colour("#1a1a1e"), ink), ink, ((0.01, 0), (0.99, 0), (0.99, page.tall), (0.01, page.tall)))
    p, t = Sheet(page, (0.3, 0.1, 0.8, 0.45), seed=4), np.linspace(0, 1, 40)
    p.strip(np.stack([0.33 + 0.42 * t, 0.4 - 0.24 * t], 1), np.full(40, 0.016), colour("#d8a020"), 0.5)
    layers = (s.layer("page", Plane(0.5, 0.35, -1.4)), p.layer("pencil", Plane(0.35, 0.3, -1.2)))
    return SceneModel("tilted", page.width, page.height, page.margin, layers, 0.0, 1.0)


_TITLES = ("Optics of thin lenses", "The long exposure", "Fields of light", "A winter journal")


def books(page: Page) -> SceneModel:
    """A shelf of books, each pulled out by as much as it likes, with titles of little contrast.

    Hard: spines are almost plain, and beside each is a step of depth, small or large.
    """
    s = Sheet(page, seed=1)
    s.stamp(whole(s), colour("#2a221c") * (0.9 + 0.2 * s.noise(0.01, 3))[..., None])
    layers = [s.layer("back", Plane(1.0))]
    rng = np.random.default_rng((page.seed, 2))
    x, row = -0.05, list[tuple[float, float, float, float]]()
    while x < 1.05:
        wide, top, u = rng.uniform(0.03, 0.07), rng.uniform(0.03, 0.12), rng.uniform(0.1, 0.9)
        row.append((u, x, wide, top))
        x += wide - 0.002
    layers += [_book(page, rng, n, place) for n, place in enumerate(sorted(row, reverse=True))]
    return SceneModel("books", page.width, page.height, page.margin, tuple(layers), 0.0, 1.0)


def _book(page: Page, rng: np.random.Generator, n: int, place: tuple[float, float, float, float]) -> Layer:
    """A book's back at (depth, left edge, width, top edge)."""
    u, x, wide, top = place
    low = page.tall + page.rim
    b = Sheet(page, (x - 0.01, top - 0.01, x + wide + 0.01, low), seed=10 + n)
    cloth = mix(colour("#5a5046"), colour("#6e6a60"), rng.uniform()) * np.float32(rng.uniform(0.7, 1.3))
    spine = b.fill([(x, top), (x + wide, top), (x + wide, low), (x, low)])
    rounded = 0.8 + 0.3 * np.sqrt(np.clip(1 - ((b.X - x - wide / 2) / (wide / 2)) ** 2, 0, 1))
    b.stamp(spine, cloth * (rounded * (0.985 + 0.03 * b.noise(0.002, 3)))[..., None])
    long, across = int((page.tall - top) * page.width * 0.7), int(wide * page.width * 0.6)
    ink = np.rot90(print_mask([(str(rng.choice(_TITLES)), 0.7)], max(16, long), max(8, across), 0.05), -1)
    left, right, upper = x + 0.2 * wide, x + 0.2 * wide + wide * 0.6, top + 0.05
    lower = upper + long / page.width
    corners = ((left, upper), (right, upper), (right, lower), (left, lower))
    b.paste(flat(cloth * np.float32(1.35), ink), np.ascontiguousarray(ink), corners)
    return b.layer(f"book{n}", Plane(float(u)))


def fabrics(page: Page) -> SceneModel:
    """A woven cloth, a checked one and a striped ball, all in red and blue of the same brightness.

    Hard: in black and white the picture is one even grey; sharpness and depth are in its colour alone.
    """
    s = Sheet(page, seed=1)
    weave = 0.5 + 0.5 * np.sin(s.X * page.width * 0.35) * np.sin(s.Y * page.width * 0.35)
    s.stamp(whole(s), _red_to_blue(np.clip(weave + 0.6 * (s.noise(0.01, 4, fall=0.7) - 0.5), 0, 1)))
    f = Sheet(page, seed=2)
    checks = ((np.floor(f.X * 60) + np.floor(f.Y * 60)) % 2).astype(np.float32) * 0.8
    f.stamp(
        f.fill([(0.1, 0.12), (0.55, 0.08), (0.6, 0.4), (0.15, 0.46)]),
        _red_to_blue(checks + 0.2 * f.noise(0.002, 2)),
    )
    g = Sheet(page, seed=3)
    stripes = np.clip(0.5 + 0.5 * np.sign(np.sin((g.X + g.Y) * 300)) * 0.9, 0, 1)
    g.stamp(g.ellipse(0.74, 0.36, 0.12, 0.1), _red_to_blue(stripes.astype(np.float32)))
    layers = (
        s.layer("cloth", Plane(0.7, 0, -0.9)),
        f.layer("check", Plane(0.42, 0.1, 0)),
        g.layer("ball", Plane(0.1)),
    )
    return SceneModel("fabrics", page.width, page.height, page.margin, layers, 0.0, 1.05)


def _red_to_blue(t: Floats) -> Floats:
    """Linear colours `(h, w, 3)` from red (0) to blue (1), all of the same encoded luma of 0.32."""
    red, blue = np.array([0.42, 0.035, 0.04], np.float32), np.array([0.035, 0.085, 0.80], np.float32)
    rgb = np.maximum(red + (blue - red) * t[..., None], 1e-4)
    strength, luma = np.ones(rgb.shape[:2], np.float32), np.array([0.2126, 0.7152, 0.0722], np.float32)
    for _ in range(12):
        seen = np.clip(rgb * strength[..., None], 1e-5, 4) ** (1 / 2.2) @ luma
        strength *= (np.float32(0.32) / seen) ** 2.0
    return np.asarray(rgb * strength[..., None], np.float32)
