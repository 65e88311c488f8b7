"""The glow of near things is taken off the far ones beside them.

In every frame that shows the far side of an edge sharply, the near side is a
blur that lies half over it: each stacker's glow along edges. The merged picture
knows what lies near, for it shows that sharply, too. Blurred as it was in the
frame that a far place comes from, it tells how much of the light there is its own
and how much is left of the far thing's:

    seen = veil + (1 - cover) * behind

(the layered model of Hasinoff and Kutulakos, 2007). What lies behind is solved
for, but kept only as far as frames confirm it that had no part in it: those in
focus on the near thing, where it hides nothing beside its edge and the far side
is seen blurred and unveiled. The picture with the veil and the one without are
blurred as these frames blurred them; what share of the difference between the two
the frames show is the share that is taken off. Where that is none, as where a
thing was taken for near that is not, the picture stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, reduce

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import doubled, shrink
from postfocus.fuse.layers import Box, Layers, places_of, spread, times
from postfocus.fuse.pieces import blockwise_max, on_cells, on_full
from postfocus.io.colour import LUMINANCE, srgb_to_light
from postfocus.light import Light
from postfocus.model.alignment import Rect
from postfocus.model.defocus import Defocus

APART, LAYERS = 0.5, 2.99
"""Cells of blur from which a nearer layer lays a veil over a farther one; and layers, where these lie farther
apart: in between lie slopes."""

LEFT, FADE = 0.3, 0.1
"""Share of its own light up to which a place is left as it is, and how much more it must be for all of its
veil to be taken off: noise grows with it."""

SEEN, COVERED = 0.15, 0.02
"""Share of its blurred light that a place must have from behind, and that near things must cover of it at
least somewhere, to be compared."""

AROUND = 0.5
"""Standard deviation, coarse cells, of the neighbourhood that decides."""

DOUBT = 4.0
"""Squared grey levels of difference between with and without, for each cover, that count for nothing."""

LEAST = 0.008
"""Share of light below which nothing is taken off."""

CLIPPED = 0.9
"""Linear light from which a cell may hold any: near it, nothing is known of how light spreads."""

_NEAR_CLIPPED = np.ones((9, 9), np.uint8)

VISIBLE = 0.02
"""Share of light from which it is told that it was taken off."""

ROOM, DARK = 0.8, 1e-4
"""How much brighter than its veil a pixel must be, in every colour, to lose all of it; least light."""

BLOCK = 128
"""Full-size pixels of each side of what is worked on at a time; a multiple of every pool."""

WHITE = 65535


@dataclass(frozen=True, slots=True)
class Veil:
    """What near things spread over the picture.

    Attributes
    ----------
    cover
        `(h, w)` float32, 0…1, cells of the index: share of each place that near things cover.
    light
        `(h, w, c)` float32, 0…1: their linear light there; red, green, blue, or grey.
    taken
        `(h, w)` float32, 0…1: share of the light seen at each cell that is taken off, as frames confirm it.
    pool
        Full-size pixels of a cell.
    """

    cover: NDArray[np.float32]
    light: NDArray[np.float32]
    taken: NDArray[np.float32]
    pool: int

    @property
    def cells(self) -> NDArray[np.bool_]:
        """`(h, w)` bool: where so much is taken off that it can be seen."""
        return self.taken > VISIBLE

    def lift(self, pixels: NDArray[np.uint16]) -> None:
        """Take the veil off a picture, in place: `(H, W, c)` uint16 sRGB codes."""
        rows, cols = pixels.shape[:2]
        side = BLOCK // self.pool
        busy = blockwise_max(self.taken, side, -(-rows // BLOCK), -(-cols // BLOCK)) > LEAST
        for row, column in np.argwhere(busy).tolist():
            y, x = row * BLOCK, column * BLOCK
            part = pixels[y : y + BLOCK, x : x + BLOCK]
            self._lift(part, Rect(x, y, part.shape[1], part.shape[0]))

    def _lift(self, part: NDArray[np.uint16], at: Rect) -> None:
        """The same of a part of the picture."""
        taken = on_full(self.taken, self.pool, at)
        here = taken > LEAST
        seen, cover = linear(part[here]), on_full(self.cover, self.pool, at)[here]
        light = np.atleast_3d(on_full(self.light, self.pool, at))[here]
        # What is darker than the veil that should lie over it has less of it.
        room = reduce(np.minimum, (seen / np.maximum(light, np.float32(DARK))).T)
        share = np.clip((room - 1) * np.float32(1 / ROOM), 0, 1) * taken[here]
        share /= np.maximum(cover, np.float32(LEAST))
        behind = seen - light
        behind *= (1 / (1 - np.minimum(cover, np.float32(1 - LEFT))))[:, None]
        behind -= seen
        behind *= share[:, None]
        behind += seen
        part[here] = codes(behind)


def veil_of(
    pixels: NDArray[np.uint16],
    source: NDArray[np.float32],
    slots: NDArray[np.int64],
    defocus: Defocus,
    light: Light,
    pool: int,
    alone: NDArray[np.bool_] | None = None,
) -> Veil | None:
    """Find what near things spread over a merged picture.

    Parameters
    ----------
    pixels
        `(H, W, c)` uint16 sRGB codes of the picture.
    source
        `(ceil(H / 2), ceil(W / 2))` float32: the slot that each place comes from, with fractions where
        several were mixed.
    slots
        `(M,)` int, increasing: the frames that were merged.
    defocus
        How wide frames blur one another.
    light
        Brightness of all frames, in the picture's geometry.
    pool
        Full-size pixels of a cell of the index.
    alone
        `(h, w)` bool: cells that are to be left as they are.

    Returns
    -------
    ``None`` where there is none to be taken off.
    """
    rows, cols = (2 * (size // pool // 2) for size in pixels.shape[:2])
    whole = linear(shrink(pixels[: rows * pool, : cols * pool], pool)).reshape(rows, cols, -1)
    slot = on_cells(source, (rows, cols))
    blur = 2 * defocus.of(slot)
    at = places_of(blur)
    if len(at) < 3:
        return None
    cover, veil, over = _covered(Layers(whole, blur, at))
    left = np.maximum(1 - cover, np.float32(LEFT))
    behind = np.asarray(np.clip((whole - veil) / left[..., None], 0, 1), np.float32)
    nearest = [int(slots[np.abs(2 * defocus.place[slots] - place).argmin()]) for place in at]
    both = np.dstack([_grey(whole), _grey(behind)])
    share = _confirmed(Layers(both, blur, at), over, lambda near: light.of(nearest[near]))
    taken = cover * doubled(share, cover.shape, cv2.INTER_LINEAR)
    taken *= np.clip((1 - cover - LEFT) * np.float32(1 / FADE), 0, 1)
    # Single cells that lose much more than those around would be specks.
    taken = np.minimum(taken, cv2.blur(taken, (3, 3)))
    brightest = reduce(cv2.max, cv2.split(whole))
    taken *= cv2.dilate((brightest > CLIPPED).astype(np.uint8), _NEAR_CLIPPED) == 0
    if alone is not None:
        taken *= ~alone[:rows, :cols]
    return Veil(cover, veil, taken, pool) if (taken > LEAST).any() else None


def _covered(layers: Layers) -> tuple[NDArray[np.float32], NDArray[np.float32], list[NDArray[np.float32]]]:
    """How far each place was covered by nearer layers in the frame it comes from, and by what light.

    Third, by layer, how far it covered each place: `(h / 2, w / 2)`, coarse cells.
    """
    count, step = len(layers.at), layers.at[1] - layers.at[0]
    apart = APART if step <= 1 else max(APART, LAYERS * step)
    shape = layers.shape
    cover, light = np.zeros(shape[:2], np.float32), np.zeros(shape, np.float32)
    over = [np.zeros((shape[0] // 2, shape[1] // 2), np.float32) for _ in range(count)]
    for near in range(count - 1):
        for far in range(near + 1, count):
            radius = layers.at[far] - layers.at[near]
            here = None if radius < apart else layers.meet(near, radius, far)
            if here is None:
                continue
            own = layers.share(far)[here]
            blurred = times(layers.blurred(near, radius, here), own)
            light[here] += blurred[..., :-1]
            cover[here] += blurred[..., -1]
            over[near][_halved(here)] += shrink(blurred[..., -1], 2)
    full = np.clip(cover, 1, np.inf)
    cover /= full
    light /= full[..., None]
    return cover, light, over


def _confirmed(
    layers: Layers, over: list[NDArray[np.float32]], levels: Callable[[int], NDArray[np.float32]]
) -> NDArray[np.float32]:
    """`(h / 2, w / 2)` float32, 0…1: which share of what is taken off the frames show to be a veil.

    Parameters
    ----------
    layers
        Linear brightness of the picture with its veil and without it.
    over
        By layer, how far it covered each coarse cell.
    levels
        Grey levels of the frame that is in focus on a layer; 0 where it shows nothing.
    """
    shape = over[0].shape
    agree, differ, weigh = (np.zeros(shape, np.float32) for _ in range(3))
    small = [shrink(layers.layer(number), 2) for number in range(len(over))]
    for near, cover in enumerate(over):
        if cover.max() < COVERED:
            continue
        seen = np.zeros((*shape, 3), np.float32)
        for far in range(near + 1, len(over)):
            seen += spread(small[far], (layers.at[far] - layers.at[near]) / 2)
        seen[..., :2] /= np.maximum(seen[..., 2:], np.float32(1e-3))
        veiled, clear = (levels_of(seen[..., n]) for n in range(2))
        level = levels(near)
        weight = cover * ((seen[..., 2] > SEEN) & (level > 0))
        change = clear - veiled
        agree += weight * change * (level - veiled)
        differ += weight * change * change
        weigh += weight
    agree, differ, weigh = (cv2.GaussianBlur(part, (0, 0), AROUND) for part in (agree, differ, weigh))
    share = agree / np.maximum(differ + np.float32(DOUBT) * weigh, np.float32(1e-9))
    return np.asarray(np.clip(share, 0, 1), np.float32)


def _halved(box: Box) -> Box:
    rows, cols = (slice(s.start // 2, s.stop // 2) for s in box)
    return rows, cols


def _grey(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """`(h, w)` brightness of linear light (BT.709)."""
    return light[..., 0] if light.shape[2] == 1 else light @ LUMINANCE


@cache
def _curve() -> NDArray[np.float32]:
    """`(65536,)` linear light 0…1 of each sRGB code (IEC 61966-2-1)."""
    return srgb_to_light(np.arange(WHITE + 1) / WHITE).astype(np.float32)


def linear(pixels: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Linear light 0…1 of sRGB codes, of any shape."""
    return np.take(_curve(), pixels)


def codes(light: NDArray[np.float32]) -> NDArray[np.uint16]:
    """The sRGB codes of linear light, clipped to 0…1, of any shape."""
    light = np.clip(light, 0, 1)
    code = np.power(light, np.float32(1 / 2.4))
    code *= np.float32(1.055)
    code -= np.float32(0.055)
    code = np.where(light <= np.float32(0.0031308), np.float32(12.92) * light, code)
    code *= np.float32(WHITE)
    return np.rint(code, out=code).astype(np.uint16)


def levels_of(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Grey levels of linear light."""
    return codes(light) * np.float32(1 / 257)
