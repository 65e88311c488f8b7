"""Brushes: shapes, shade and noise, painted in linear light onto one sheet of a scene.

Places are in picture widths: x from 0 (left) to 1 (right), y from 0 (top) down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.synth.model import Layer, Plane, as_float
from postfocus.synth.sensor import decode_srgb

Floats = NDArray[np.floating[Any]]


@lru_cache(maxsize=512)
def _hex(text: str) -> tuple[float, float, float]:
    r, g, b = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = decode_srgb(np.array([r, g, b]))
    return float(red), float(green), float(blue)


def colour(text: str) -> NDArray[np.float32]:
    """``"#rrggbb"`` (sRGB) to `(3,)` linear light."""
    return np.array(_hex(text), np.float32)


def mix(a: Floats, b: Floats, t: Floats | float) -> Floats:
    """From colour `a` (t = 0) to `b` (t = 1); `t` may be a picture."""
    t = np.clip(np.asarray(t, np.float32), 0, 1)
    if t.ndim:
        t = t[..., None]
    return np.asarray(a + (b - a) * t, np.float32)


@dataclass(frozen=True, slots=True)
class Page:
    """The picture that sheets belong to: size and margin in pixels, and the seed of the scene."""

    width: int
    height: int
    margin: int
    seed: int

    @property
    def tall(self) -> float:
        """Height in picture widths."""
        return self.height / self.width

    @property
    def rim(self) -> float:
        """Margin in picture widths."""
        return self.margin / self.width


def _filled(mask: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Rows and columns between which `mask` is true anywhere."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _polygon(pixels: NDArray[np.float64], h: int, w: int) -> Floats:
    """Mask `(h, w)` of a polygon given in pixels, to a sixteenth of one, edges anti-aliased."""
    mask = np.zeros((h, w), np.uint8)
    cv2.fillPoly(mask, [np.rint(pixels * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return mask.astype(np.float32) / np.float32(255)


class Sheet:
    """One layer while it is painted.

    Parameters
    ----------
    page
        The picture it belongs to.
    box
        x0, y0, x1, y1 in picture widths that it may paint on; ``None``: the whole canvas.
    seed
        Number that tells this sheet's chance from that of others.
    """

    def __init__(
        self, page: Page, box: tuple[float, float, float, float] | None = None, seed: int = 0
    ) -> None:
        self.page = page
        rim = page.rim
        x0, y0, x1, y1 = (-rim, -rim, 1 + rim, page.tall + rim) if box is None else box
        left, top = -page.margin, -page.margin
        right, bottom = page.width + page.margin, page.height + page.margin
        self.x = int(np.clip(round(x0 * page.width), left, right - 8))
        self.y = int(np.clip(round(y0 * page.width), top, bottom - 8))
        self.w = int(np.clip(round(x1 * page.width), self.x + 8, right)) - self.x
        self.h = int(np.clip(round(y1 * page.width), self.y + 8, bottom)) - self.y
        self.rgba = np.zeros((self.h, self.w, 4), np.float32)
        self.rng = np.random.default_rng((page.seed, seed, 4711))
        self.X: Floats = ((np.arange(self.w, dtype=np.float32) + self.x + 0.5) / page.width)[None]
        self.Y: Floats = ((np.arange(self.h, dtype=np.float32) + self.y + 0.5) / page.width)[:, None]

    def pixels(
        self, points: NDArray[np.float64] | Sequence[Sequence[float]] | tuple[float, float]
    ) -> NDArray[np.float64]:
        """Places to pixels of this sheet (pixel centres are whole numbers)."""
        return np.asarray(points, float) * self.page.width - 0.5 - (self.x, self.y)

    def noise(self, scale: float, octaves: int = 4, stretch: float = 1.0, fall: float = 0.55) -> Floats:
        """Fractal noise 0…1 (mean 0.5) over the sheet; largest blots `scale` picture widths.

        `stretch` > 1 draws the blots out sideways.
        """
        return self.noise_of(self.h, self.w, scale * self.page.width, octaves, stretch, fall)

    def noise_of(self, h: int, w: int, blot: float, octaves: int, stretch: float, fall: float) -> Floats:
        """Fractal noise of any size; `blot` in pixels."""
        total = np.zeros((h, w), np.float32)
        power, strength = 0.0, 1.0
        for _ in range(octaves):
            bx, by = max(1.0, blot * stretch), max(1.0, blot)
            gw, gh = int(np.ceil(w / bx)) + 3, int(np.ceil(h / by)) + 3
            grid = self.rng.standard_normal((gh, gw), dtype=np.float32)
            m = np.array([[1 / bx, 0, self.rng.uniform(0.5, 1.5)], [0, 1 / by, self.rng.uniform(0.5, 1.5)]])
            flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
            total += np.float32(strength) * cv2.warpAffine(
                grid, m, (w, h), flags=flags, borderMode=cv2.BORDER_WRAP
            )
            power += strength**2
            strength *= fall
            blot /= 2.1
            if blot < 1:
                break
        # Cubic interpolation of white noise keeps about half of its variance.
        return np.clip(0.5 + total / np.float32(4.2 * np.sqrt(power)), 0, 1)

    def ellipse(
        self, cx: float, cy: float, rx: float, ry: float, turn: float = 0.0, soft: float = 0.0
    ) -> Floats:
        """Mask 0…1 of an ellipse; `turn` in radians; `soft`: width of its edge in picture widths."""
        reach = max(rx, ry) + soft + 2 / self.page.width
        at = self.window(cx - reach, cy - reach, cx + reach, cy + reach)
        c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))
        dx, dy = self.X[:, at[1]] - np.float32(cx), self.Y[at[0]] - np.float32(cy)
        x, y = (c * dx + s * dy) / np.float32(rx), (c * dy - s * dx) / np.float32(ry)
        rho = np.sqrt(x * x + y * y)
        edge = max(1.0, soft * self.page.width)
        mask = np.zeros((self.h, self.w), np.float32)
        mask[at] = np.clip((1 - rho) * np.float32(min(rx, ry) * self.page.width / edge) + 0.5, 0, 1)
        return mask

    def spot(self, x: float, y: float, radius: float) -> tuple[Floats, tuple[slice, slice]]:
        """A small round mask and the rows and columns it belongs to; its area is kept below one pixel too."""
        cx, cy = self.pixels((x, y))
        r = radius * self.page.width
        at = self.window(x - radius, y - radius, x + radius, y + radius)
        at = slice(max(0, at[0].start - 1), at[0].stop + 1), slice(max(0, at[1].start - 1), at[1].stop + 1)
        rows = np.arange(self.h, dtype=np.float32)[at[0], None] - np.float32(cy)
        columns = np.arange(self.w, dtype=np.float32)[None, at[1]] - np.float32(cx)
        wide = max(r, 0.7)
        mask = np.clip(wide - np.hypot(rows, columns) + 0.5, 0, 1) * np.float32(min(1.0, (r / wide) ** 2))
        return mask.astype(np.float32), at

    def window(self, x0: float, y0: float, x1: float, y1: float) -> tuple[slice, slice]:
        """Rows and columns of this sheet that a box in picture widths covers."""
        left, top = np.floor(self.pixels((x0, y0))).astype(int)
        right, bottom = np.ceil(self.pixels((x1, y1))).astype(int) + 1
        return (
            slice(int(np.clip(top, 0, self.h)), int(np.clip(bottom, 0, self.h))),
            slice(int(np.clip(left, 0, self.w)), int(np.clip(right, 0, self.w))),
        )

    def fill(self, points: NDArray[np.float64] | Sequence[Sequence[float]] | tuple[float, float]) -> Floats:
        """Mask 0…1 of a polygon, over the whole sheet, edges anti-aliased."""
        return _polygon(self.pixels(points), self.h, self.w)

    def blur(self, mask: Floats, radius: float) -> Floats:
        """A softened mask (for shadows); `radius` in picture widths."""
        sigma = max(0.3, radius * self.page.width)
        small = max(1, int(sigma / 4))
        if small == 1:
            return as_float(cv2.GaussianBlur(mask, (0, 0), sigma))
        shrunk = cv2.resize(
            mask, (max(1, self.w // small), max(1, self.h // small)), interpolation=cv2.INTER_AREA
        )
        shrunk = cv2.GaussianBlur(shrunk, (0, 0), sigma / small)
        return as_float(cv2.resize(shrunk, (self.w, self.h), interpolation=cv2.INTER_LINEAR))

    def stamp(self, mask: Floats, paint: Floats, at: tuple[slice, slice] | None = None) -> None:
        """Lay `paint` (a colour or `(h, w, 3)`) over the sheet where `mask` is."""
        target = self.rgba if at is None else self.rgba[at]
        box = _filled(mask > 0)
        mask, target, wide = mask[box], target[box], np.broadcast_to(paint, (*mask.shape, 3))[box]
        for y in range(0, len(mask), 32):  # strips that stay in the processor's cache
            m, part = mask[y : y + 32, :, None], target[y : y + 32]
            part *= 1 - m
            part[..., :3] += m * wide[y : y + 32]
            part[..., 3:] += m

    def shade(self, factor: Floats) -> None:
        """Darken or lighten what is painted (a shadow, a gradient)."""
        box = _filled(factor != 1)
        self.rgba[box][..., :3] *= factor[box][..., None]

    def glow(self, light: Floats) -> None:
        """Add light `(h, w, 3)` where something is painted."""
        self.rgba[..., :3] += light * self.rgba[..., 3:]

    def strip(
        self, spine: NDArray[np.float64], widths: NDArray[np.float64], paint: Floats, shadow: float = 0.35
    ) -> None:
        """Paint a blade or stem.

        Parameters
        ----------
        spine
            `(n, 2)` places along its middle.
        widths
            `(n,)` full width at each, in picture widths.
        paint
            `(3,)`, or `(n, 3)` colours along the spine.
        shadow
            How much darker its right half is.
        """
        along = np.gradient(spine, axis=0)
        along /= np.maximum(1e-9, np.hypot(along[:, 0], along[:, 1]))[:, None]
        side = np.stack([-along[:, 1], along[:, 0]], axis=1) * (widths[:, None] / 2)
        whole = self.pixels(np.concatenate([spine - side, (spine + side)[::-1]]))
        x0, y0 = np.floor(whole.min(axis=0)).astype(int) - 1
        x1, y1 = np.ceil(whole.max(axis=0)).astype(int) + 2
        x0, y0, x1, y1 = max(0, x0), max(0, y0), min(self.w, x1), min(self.h, y1)
        if x1 <= x0 or y1 <= y0:
            return
        at = slice(y0, y1), slice(x0, x1)
        tone = np.broadcast_to(paint, (len(spine), 3))
        rows = self.pixels(spine)[:, 1] - y0
        order = np.argsort(rows)
        ys = np.arange(y1 - y0)
        column = np.stack([np.interp(ys, rows[order], tone[order, i]) for i in range(3)], axis=1)
        shaded = np.broadcast_to(column[:, None], (y1 - y0, x1 - x0, 3)).astype(np.float32)
        if shadow:
            right = np.concatenate([spine, (spine + side)[::-1]])
            half = _polygon(self.pixels(right) - (x0, y0), y1 - y0, x1 - x0)
            shaded = shaded * (1 - np.float32(shadow) * half)[..., None]
        self.stamp(_polygon(whole - (x0, y0), y1 - y0, x1 - x0), shaded, at)

    def paste(self, picture: Floats, mask: Floats, corners: Sequence[Sequence[float]]) -> None:
        """Lay a flat picture `(h, w, 3)` down in perspective; corners clockwise from the top left."""
        h, w = mask.shape
        source = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32) - 0.5
        places = self.pixels(corners)
        x0, y0 = np.maximum(0, np.floor(places.min(axis=0)).astype(int) - 2)
        x1, y1 = np.minimum((self.w, self.h), np.ceil(places.max(axis=0)).astype(int) + 3)
        if x1 <= x0 or y1 <= y0:
            return
        m = cv2.getPerspectiveTransform(source, (places - (x0, y0)).astype(np.float32))
        both = np.dstack([picture * mask[..., None], mask])
        # Four subsamples against the small print's flicker where the page is seen from far.
        total = np.zeros((y1 - y0, x1 - x0, 4), np.float32)
        for dx, dy in ((-0.25, -0.25), (0.25, -0.25), (-0.25, 0.25), (0.25, 0.25)):
            shift = np.array([[1, 0, dx], [0, 1, dy], [0, 0, 1]])
            total += (
                cv2.warpPerspective(both, shift @ m, (int(x1 - x0), int(y1 - y0)), flags=cv2.INTER_LINEAR) / 4
            )
        target = self.rgba[y0:y1, x0:x1]
        target *= 1 - total[..., 3:]
        target += total

    def layer(self, name: str, plane: Plane) -> Layer:
        """The finished sheet, as sharp as a good lens draws (Gaussian of 0.45 pixels)."""
        opaque = bool(self.rgba[..., 3].min() >= 0.9999) and self.w == self.page.width + 2 * self.page.margin
        opaque = opaque and self.h == self.page.height + 2 * self.page.margin
        rgba = as_float(cv2.GaussianBlur(self.rgba, (5, 5), 0.45))
        rgba[..., 3] = np.clip(rgba[..., 3], 0, 1)
        if opaque:
            rgba[..., 3] = 1
            return Layer(name, rgba, self.x, self.y, plane, True)
        rows, columns = _filled(rgba[..., 3] > 0)
        return Layer(name, rgba[rows, columns].copy(), self.x + columns.start, self.y + rows.start, plane)
