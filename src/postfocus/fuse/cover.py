"""What near things, out of focus, cover of the far ones beside them, and whether frames confirm it.

In a frame in focus on a far thing a near one is a blur that lies half over it:

    seen = veil + (1 - cover) * behind

(the layered model of Hasinoff and Kutulakos, 2007). The merged picture shows both
sharply; its near layers, blurred as they were in the frame that a far place comes
from, are the veil. Frames in focus on the near thing had no part in it: there it
hides nothing beside its edge, and the far side is seen blurred and unveiled. The
picture with the veil and the one without, blurred as these frames blurred them, are
held against them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from postfocus.cells import shrink
from postfocus.fuse.layers import Box, Layers, places_of, spread, times
from postfocus.fuse.linear import grey, levels_of
from postfocus.light import Light
from postfocus.model.defocus import Defocus

APART, LAYERS = 0.5, 2.99
"""Cells of blur from which a nearer layer lays a veil over a farther one; and layers, where these lie farther
apart: in between lie slopes."""

LEFT = 0.3
"""Share of its own light that a place is taken to have left, at least."""

SEEN, COVERED = 0.15, 0.02
"""Share of its blurred light that a place must have from behind, and that near things must cover of it at
least somewhere, to be compared."""

DOUBT = 4.0
"""Squared grey levels of difference between with and without, for each cover, that count for nothing."""


@dataclass(frozen=True, slots=True)
class Swept:
    """The frames of a merged picture, by which it is told what near things do to far ones.

    Attributes
    ----------
    slots
        `(M,)` int, increasing: those that were merged.
    defocus
        How wide they blur one another.
    light
        Their brightness, in the picture's geometry.
    """

    slots: NDArray[np.int64]
    defocus: Defocus
    light: Light

    def shrunk(self) -> Swept:
        """The same on cells twice as large each way."""
        return Swept(self.slots, Defocus(self.defocus.place / 2), self.light.shrunk(2))


@dataclass(frozen=True, slots=True)
class Cover:
    """What near things cover.

    Attributes
    ----------
    share
        `(h, w)` float32, 0…1, cells of the index: how much of each place.
    light
        `(h, w, c)` float32, 0…1: their linear light there.
    agree, differ, weigh
        `(h / 2, w / 2)` float32, sums over the frames in focus on near things: the change from the picture
        with the veil to the one without, grey levels, times what they show of it; its square; their weight.
    """

    share: NDArray[np.float32]
    light: NDArray[np.float32]
    agree: NDArray[np.float32]
    differ: NDArray[np.float32]
    weigh: NDArray[np.float32]


def cover_of(whole: NDArray[np.float32], slot: NDArray[np.float32], swept: Swept) -> Cover | None:
    """Find it, taking what comes into focus first to be nearest.

    Parameters
    ----------
    whole
        `(h, w, c)` float32, 0…1: linear light of a merged picture, cells of the index, even in number.
    slot
        `(h, w)` float32: the slot that each comes from.
    swept
        The merged frames.

    Returns
    -------
    ``None`` where all lies at one depth.
    """
    defocus, slots = swept.defocus, swept.slots
    blur = 2 * defocus.of(slot)
    at = places_of(blur)
    if len(at) < 3:
        return None
    share, veil, over = _covered(Layers(whole, blur, at))
    left = np.maximum(1 - share, np.float32(LEFT))
    behind = np.asarray(np.clip((whole - veil) / left[..., None], 0, 1), np.float32)
    both = Layers(np.dstack([grey(whole), grey(behind)]), blur, at)
    small = [shrink(both.layer(number), 2) for number in range(len(at))]
    agree, differ, weigh = (np.zeros(over[0].shape, np.float32) for _ in range(3))
    for near, cover in enumerate(over):
        if cover.max() < COVERED:
            continue
        seen = np.zeros((*cover.shape, 3), np.float32)
        for far in range(near + 1, len(at)):
            seen += spread(small[far], (at[far] - at[near]) / 2)
        seen[..., :2] /= np.maximum(seen[..., 2:], np.float32(1e-3))
        veiled, clear = (levels_of(seen[..., n]) for n in range(2))
        level = swept.light.of(int(slots[np.abs(2 * defocus.place[slots] - at[near]).argmin()]))
        weight = cover * ((seen[..., 2] > SEEN) & (level > 0))
        change = clear - veiled
        agree += weight * change * (level - veiled)
        differ += weight * change * change
        weigh += weight
    return Cover(share, veil, agree, differ, weigh)


def near_first(whole: NDArray[np.float32], slot: NDArray[np.float32], swept: Swept) -> bool:
    """Whether frames confirm what near things cover of a sweep from near to far, or at least no less.

    Parameters as for `cover_of`; it is held against the same sweep from far to near.
    """
    confirmed: list[float] = []
    place = swept.defocus.place
    backwards = replace(swept, defocus=Defocus(place.max() - place))
    for one in (swept, backwards):
        cover = cover_of(whole, slot, one)
        if cover is None:
            return True
        agree, differ, weigh = (float(part.sum()) for part in (cover.agree, cover.differ, cover.weigh))
        confirmed.append(agree / max(differ + DOUBT * weigh, 1e-9))
    return confirmed[0] >= confirmed[1]


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


def _halved(box: Box) -> Box:
    rows, cols = (slice(s.start // 2, s.stop // 2) for s in box)
    return rows, cols
