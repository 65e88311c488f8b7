"""Small made things, as macro lenses see them: a circuit board, jewellery, coins."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.other_scenes_brushes import TURN, Ink, flat, inset, whole
from postfocus.synth.model import Layer, Plane, SceneModel
from postfocus.synth.scenes.draw import Page, Sheet, colour, mix
from postfocus.synth.scenes.finish import ball, print_mask

_CHIPS = ((0.12, 0.08, 0.3, 0.2), (0.55, 0.1, 0.68, 0.23), (0.3, 0.36, 0.5, 0.46))
_LABEL = (("TEXAS 74HC595N", 0.22), ("LOT 4471-B 2026", 0.18), ("MALAYSIA", 0.15))


def circuit(page: Page) -> SceneModel:
    """A circuit board that leans back: traces, small print, three chips, two rows of pins, a capacitor.

    Hard: the pins stand up towards the lens and are in focus slice by slice, each slice before most of the
    one behind it; their tops, some of which glint, repeat.
    """
    pins = [_pins(page, n, float(u)) for n, u in enumerate(np.linspace(0.75, 0.05, 8))]
    layers = (_board(page), _chips(page), *pins, _capacitor(page))
    return SceneModel("circuit", page.width, page.height, page.margin, layers, 0.0, 1.05)


def _board(page: Page) -> Layer:
    """The green board with its traces, soldered holes and the names of its parts."""
    s = Sheet(page, seed=1)
    s.stamp(whole(s), colour("#0d3b22") * (0.8 + 0.4 * s.noise(0.002, 3))[..., None])
    traces, r = Ink(s), s.rng
    for _ in range(150):
        x, y = r.uniform(0, 1), r.uniform(0, page.tall)
        points = [(x, y)]
        for _ in range(4):
            turn, long = r.integers(0, 8) * np.pi / 4, r.uniform(0.01, 0.06)
            x, y = x + long * np.cos(turn), y + long * np.sin(turn)
            points.append((x, y))
        traces.line(np.array(points), 0.0018)
    s.stamp(traces.mask(), colour("#1c6a3e") * (0.8 + 0.4 * s.noise(0.001, 2))[..., None])
    holes = Ink(s)
    for _ in range(500):
        holes.disc(r.uniform(0, 1), r.uniform(0, page.tall), 0.0018)
    s.stamp(holes.mask(), colour("#c8a860"))
    for _ in range(26):
        x, y, tall = r.uniform(0, 0.92), r.uniform(0.01, page.tall - 0.02), r.uniform(0.007, 0.014)
        name = f"{r.choice(list('RCUQLD'))}{r.integers(1, 999)}"
        w, h = int(tall * 3.2 * page.width * 4), int(tall * page.width * 4)
        ink = print_mask([(name, 0.8)], max(8, w), max(8, h), 0.02)
        right, bottom = x + tall * 3.2, y + tall
        s.paste(flat(colour("#e8e8e0"), ink), ink, ((x, y), (right, y), (right, bottom), (x, bottom)))
    return s.layer("board", Plane(0.92, 0.0, -0.25))


def _chips(page: Page) -> Layer:
    """Three black chips with grey print on them."""
    c = Sheet(page, seed=2)
    for x0, y0, x1, y1 in _CHIPS:
        corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
        c.stamp(c.fill(corners), colour("#17181a") * (0.7 + 0.6 * c.noise(0.0015, 2))[..., None])
        w, h = int((x1 - x0) * page.width * 2), int((y1 - y0) * page.width * 2)
        ink = print_mask(_LABEL, w, h, 0.1)
        c.paste(flat(colour("#9a9a96"), ink), ink * 0.8, corners)
    return c.layer("chips", Plane(0.72, 0, -0.25))


def _pins(page: Page, n: int, u: float) -> Layer:
    """Slice `n`, at depth `u`, of twice fourteen pins; the eighth is their tops, some of which glint."""
    p = Sheet(page, seed=3)
    lean, half, top = (0.75 - u) * 0.03, 0.0035 * (1 + 0.25 * (0.75 - u)), n == 7
    for k in range(14):
        for q in range(2):
            x, y = 0.18 + k * 0.05 + lean * (k - 7) / 7, 0.27 + q * 0.035 - lean * 0.5
            box = [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
            light = (3.0 if (k + q) % 3 == 0 else 1.1) if top else 0.35 + 0.3 * ((n + k) % 2)
            p.stamp(p.fill(box), colour("#d8c890") * light)
    return p.layer(f"pins{n}", Plane(u))


def _capacitor(page: Page) -> Layer:
    """A can seen from above, a cross stamped into its lid."""
    c = Sheet(page, (0.75, 0.3, 0.97, 0.52), seed=5)
    x, y = 0.86, 0.41
    c.stamp(c.ellipse(x, y, 0.07, 0.07), colour("#20242c") * (0.5 + ball(c, x, y, 0.08, 0.08))[..., None])
    c.stamp(c.ellipse(x, y, 0.06, 0.06), colour("#b0b4b8") * (0.6 + 0.5 * c.noise(0.02, 3, 3.0))[..., None])
    cross = Ink(c)
    cross.line(np.array([(0.82, 0.41), (0.9, 0.41)]), 0.002)
    cross.line(np.array([(0.86, 0.37), (0.86, 0.45)]), 0.002)
    c.stamp(cross.mask(), colour("#40444a"))
    return c.layer("cap", Plane(0.28))


_STONES = ("#c9a227", "#b8c4d0", "#7a1030", "#103a7a", "#0d6040")


def jewellery(page: Page) -> SceneModel:
    """Fourteen rows of beads on dark cloth that runs from far (top) to near, and a ring in front.

    Hard: glints up to forty times as bright as white, which out of focus become large discs that outshine
    what is sharp, and facets that look alike.
    """
    s = Sheet(page, seed=1)
    weave = 0.5 + 0.5 * np.sin(s.X * page.width * 0.9)
    weave = weave * (0.5 + 0.5 * np.sin(s.Y * page.width * 0.9))
    s.stamp(whole(s), mix(colour("#0a0a12"), colour("#1c1c2c"), 0.4 * weave + 0.6 * s.noise(0.01, 4)))
    layers = [s.layer("cloth", Plane(0.75, 0, -0.8))]
    rng = np.random.default_rng((page.seed, 9))
    for n in range(14):
        y = 0.12 + 0.028 * n
        u = 0.75 - 0.8 * (y - page.tall / 2) - 0.06
        b = Sheet(page, seed=20 + n)
        for k in range(9):
            x = 0.06 + 0.11 * k + 0.05 * (n % 2) + rng.uniform(-0.02, 0.02)
            _bead(b, rng, x, y + rng.uniform(-0.008, 0.008), rng.uniform(0.006, 0.014))
        layers.append(b.layer(f"beads{n}", Plane(float(np.clip(u, 0.02, 1)))))
    layers.append(_ring(page))
    return SceneModel("jewellery", page.width, page.height, page.margin, tuple(layers), 0.0, 1.0)


def _bead(b: Sheet, rng: np.random.Generator, x: float, y: float, radius: float) -> None:
    """A cut bead with three glints on it."""
    small, at = inset(b, x, y, 2 * radius, 2 * radius)
    stone = colour(_STONES[int(rng.integers(5))])
    turn = np.arctan2(small.Y - y, small.X - x)
    cut = np.abs(np.sin(turn * 4 + rng.uniform(0, 6)))
    facets = 0.35 + 0.65 * cut * np.clip(np.hypot(small.X - x, small.Y - y) / radius * 1.4, 0.2, 1)
    lit = facets * ball(small, x, y, radius, radius)
    b.stamp(small.ellipse(x, y, radius, radius), stone * lit[..., None], at)
    for _ in range(3):
        gx, gy = x + rng.uniform(-0.6, 0.6) * radius, y + rng.uniform(-0.6, 0.6) * radius
        mask, spot = b.spot(gx, gy, rng.uniform(0.0004, 0.0012))
        b.stamp(mask, colour("#fff4e0") * np.float32(rng.uniform(3, 40)), spot)


def _ring(page: Page) -> Layer:
    """A golden ring set with forty small stones."""
    r = Sheet(page, (0.36, 0.2, 0.66, 0.5), seed=50)
    band = np.clip(r.ellipse(0.5, 0.36, 0.1, 0.1) - r.ellipse(0.5, 0.36, 0.085, 0.085), 0, 1)
    turn = np.arctan2(r.Y - 0.36, r.X - 0.5)
    lit = 0.15 + 0.9 * np.abs(np.sin(turn * 3 + 1)) ** 6 * 2 + 0.25 * r.noise(0.004, 3)
    r.stamp(band, colour("#e8c860") * lit[..., None])
    for k in range(40):
        turn = k / 40 * TURN
        mask, at = r.spot(0.5 + 0.0925 * np.cos(turn), 0.36 + 0.0925 * np.sin(turn), 0.0014)
        r.stamp(mask, colour("#ffffff") * np.float32(r.rng.choice([0.3, 0.8, 5, 20])), at)
    return r.layer("ring", Plane(0.1))


_METALS = ("#c8782f", "#c8b060", "#b8bcc0")


def coins(page: Page) -> SceneModel:
    """A heap of coins on a wooden table that runs from far (top) to near; each lies at a height of its own.

    Hard: the coins' rims are small steps of depth everywhere, and milled edges repeat.
    """
    s = Sheet(page, seed=1)
    s.stamp(whole(s), mix(colour("#5a3c22"), colour("#9a6e44"), s.noise(0.02, 5, 18.0, 0.7)))
    layers = [s.layer("table", Plane(0.8, 0, -0.6))]
    rng = np.random.default_rng((page.seed, 3))
    places: list[tuple[float, float, float]] = []
    for _ in range(26):
        x, y = rng.uniform(0.05, 0.95), rng.uniform(0.04, page.tall - 0.04)
        places.append((0.8 - 0.6 * (y - page.tall / 2) - rng.integers(1, 7) * 0.07, x, y))
    for n, (u, x, y) in enumerate(sorted(places, reverse=True)):
        layers.append(_coin(page, rng, n, (x, y, float(np.clip(u, 0.02, 1)))))
    return SceneModel("coins", page.width, page.height, page.margin, tuple(layers), 0.0, 1.0)


def _coin(page: Page, rng: np.random.Generator, n: int, place: tuple[float, float, float]) -> Layer:
    """A struck coin at (x, y, depth): its number, a raised rim, and grain, lit from one side."""
    x, y, u = place
    r = rng.uniform(0.035, 0.06)
    c = Sheet(page, (x - 1.2 * r, y - 1.2 * r, x + 1.2 * r, y + 1.2 * r), seed=10 + n)
    metal = colour(_METALS[int(rng.integers(3))])
    rho, turn = np.hypot(c.X - x, c.Y - y) / r, np.arctan2(c.Y - y, c.X - x)
    relief = c.noise(0.006, 3) + 0.4 * (np.abs(rho - 0.9) < 0.03) + 0.15 * np.cos(turn * 60) * (rho > 0.94)
    number = Ink(c)
    number.word(str(rng.choice(["10", "50", "2", "1"])), x - 0.5 * r, y + 0.35 * r, r)
    relief = np.asarray(relief + 0.5 * number.mask(), np.float32)
    slope = cv2.Sobel(relief, -1, 1, 0) + cv2.Sobel(relief, -1, 0, 1)
    lit = np.clip(0.55 + 0.35 * slope + 0.35 * np.cos(turn * 2 + n) ** 8, 0.05, 4)
    c.stamp(c.ellipse(x, y, r, r), metal * lit[..., None])
    return c.layer(f"coin{n}", Plane(u, 0, -0.3))
