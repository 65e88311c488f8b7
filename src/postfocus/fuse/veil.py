"""The glow of near things is taken off the far ones beside them.

In every frame that shows the far side of an edge sharply, the near side is a
blur that lies half over it: each stacker's glow along edges. How much of a place's
light is the near thing's is known (`postfocus.fuse.cover`), so what lies behind can
be solved for; but that is kept only as far as frames confirm it that had no part in
it: what share of the difference they show is the share that is taken off. Where that
is none, as where a thing was taken for near that is not, the picture stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import doubled, shrink
from postfocus.fuse.cover import DOUBT, LEFT, Swept, cover_of
from postfocus.fuse.linear import codes, linear
from postfocus.fuse.pieces import blockwise_max, on_cells, on_full
from postfocus.model.alignment import Rect

FADE = 0.1
"""How much more than `LEFT` of its own light a place must have for all of its veil to be taken off: up to
that it is left as it is, for noise grows with it."""

AROUND = 0.5
"""Standard deviation, coarse cells, of the neighbourhood that decides."""

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
    swept: Swept,
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
    swept
        The merged frames.
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
    found = cover_of(whole, on_cells(source, (rows, cols)), swept)
    if found is None:
        return None
    cover = found.share
    agree, differ, weigh = (
        cv2.GaussianBlur(part, (0, 0), AROUND) for part in (found.agree, found.differ, found.weigh)
    )
    share = agree / np.maximum(differ + np.float32(DOUBT) * weigh, np.float32(1e-9))
    share = np.asarray(np.clip(share, 0, 1), np.float32)
    taken = cover * doubled(share, cover.shape, cv2.INTER_LINEAR)
    taken *= np.clip((1 - cover - LEFT) * np.float32(1 / FADE), 0, 1)
    # Single cells that lose much more than those around would be specks.
    taken = np.minimum(taken, cv2.blur(taken, (3, 3)))
    brightest = reduce(cv2.max, cv2.split(whole))
    taken *= cv2.dilate((brightest > CLIPPED).astype(np.uint8), _NEAR_CLIPPED) == 0
    if alone is not None:
        taken *= ~alone[:rows, :cols]
    return Veil(cover, found.light, taken, pool) if (taken > LEAST).any() else None
