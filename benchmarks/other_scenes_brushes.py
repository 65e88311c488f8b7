"""Brushes of the other scenes: sharp ink, a wall of bricks, a page of words."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.synth.model import Layer, Plane
from postfocus.synth.scenes.draw import Floats, Page, Sheet, colour, mix
from postfocus.synth.scenes.finish import print_mask

TURN = 6.28
"""Once around, near enough for drawings."""

_FINE = 4
_MORTAR = 1.8
_WORDS = (
    "focus", "lens", "plane", "sharp", "light", "depth", "merge", "frame", "of", "the", "and", "in", "a",
    "to", "picture", "taken", "with", "glass", "edge", "small", "print", "under", "lamp", "1984",
    "27.5", "f/2.8",
)  # fmt: skip

Points = NDArray[np.float64] | Sequence[Sequence[float]]


class Ink:
    """A mask over a whole sheet, drawn four times as fine as its pixels; widths in picture widths."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.fine = np.zeros((sheet.h * _FINE, sheet.w * _FINE), np.uint8)

    def size(self, width: float) -> int:
        """A width in fine pixels, at least one."""
        return max(1, round(width * self.sheet.page.width * _FINE))

    def places(self, points: Points) -> NDArray[np.int32]:
        """Places to fine pixels."""
        return np.rint((self.sheet.pixels(points) + 0.5) * _FINE).astype(np.int32)

    def line(self, points: Points, width: float) -> None:
        cv2.polylines(self.fine, [self.places(points)], False, 255, self.size(width), cv2.LINE_8)

    def polygon(self, points: Points, strength: int = 255) -> None:
        cv2.fillPoly(self.fine, [self.places(points)], strength)

    def disc(self, x: float, y: float, radius: float, strength: int = 255) -> None:
        column, row = self.places([(x, y)])[0]
        cv2.circle(self.fine, (int(column), int(row)), self.size(radius), strength, -1)

    def word(self, text: str, x: float, y: float, tall: float) -> None:
        """A word whose first letter stands at (x, y); bold."""
        column, row = self.places([(x, y)])[0]
        size = tall * self.sheet.page.width * _FINE
        face, bold = cv2.FONT_HERSHEY_DUPLEX, max(1, int(size / 9))
        cv2.putText(self.fine, text, (int(column), int(row)), face, size / 34, 255, bold)

    def mask(self) -> Floats:
        """`(h, w)` of the sheet, 0…1."""
        small = cv2.resize(self.fine, (self.sheet.w, self.sheet.h), interpolation=cv2.INTER_AREA)
        return small.astype(np.float32) / 255


def whole(sheet: Sheet) -> Floats:
    """The mask of everything."""
    return np.ones((sheet.h, sheet.w), np.float32)


def inset(
    sheet: Sheet, x: float, y: float, reach_x: float, reach_y: float
) -> tuple[Sheet, tuple[slice, slice]]:
    """A small sheet about (x, y), to make masks on, and the rows and columns of the large one it covers."""
    small = Sheet(sheet.page, (x - reach_x, y - reach_y, x + reach_x, y + reach_y))
    left, top = small.x - sheet.x, small.y - sheet.y
    return small, (slice(top, top + small.h), slice(left, left + small.w))


def flat(tone: Floats, mask: Floats) -> Floats:
    """One colour as a picture of the size of a mask, to be pasted with it."""
    return np.broadcast_to(tone, (*mask.shape, 3)).astype(np.float32)


def brick_wall(page: Page, plane: Plane, regular: bool = False) -> Layer:
    """A wall of bricks, all over the canvas; `regular`: one brick is as the other, and hardly any grain."""
    s = Sheet(page, seed=1)
    wide, tall = 0.06, 0.02
    row = np.floor(s.Y / tall)
    x = s.X + (row % 2) * wide / 2
    across, down = (x / wide) % 1, (s.Y / tall) % 1
    upright = np.clip(1 - np.minimum(across, 1 - across) * wide * page.width / _MORTAR, 0, 1)
    level = np.clip(1 - np.minimum(down, 1 - down) * tall * page.width / _MORTAR, 0, 1)
    mortar = np.maximum(upright, level)
    brick = (np.floor(x / wide) * 131 + row * 977 + page.seed * 31) % 251 / 251
    if regular:
        brick = np.full_like(brick, 0.5)
    grain = 0.1 if regular else 0.5
    tone = mix(colour("#8a4a38"), colour("#a86450"), brick)
    tone = tone * (1 - grain / 2 + grain * s.noise(0.004, 4, fall=0.8))[..., None]
    s.stamp(whole(s), mix(tone, np.broadcast_to(colour("#b8b0a4"), tone.shape), mortar))
    return s.layer("bricks", plane)


def words(page: Page, width: int, height: int, seed: int, lines: int, size: float) -> Floats:
    """Ink mask of a page of lines of words; letters are `size` of its height."""
    rng = np.random.default_rng((page.seed, seed))
    rows = [(" ".join(rng.choice(_WORDS) for _ in range(14)), size) for _ in range(lines)]
    return print_mask(rows, width, height, 0.05)
