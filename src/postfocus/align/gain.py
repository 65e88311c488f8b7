"""How much brighter one frame is than another, measured where they show the same thing."""

from __future__ import annotations

import numpy as np

from postfocus.align.lattice import Lattice, Motion, matrix, sample
from postfocus.align.picture import Picture

DARK, BRIGHT = 1.0, 225.0
"""Levels of linear light beyond which a ratio says nothing: noise below, clipping above."""

TORN = 1.25
"""How many times the ratio of the dark third of the points may be that of the bright third, or the reverse.
Exposure changes both alike; where they differ more it is a veil of light or another tone curve, and to even
that by a factor would burn out what is bright."""


def brightness_ratio(before: Picture, low: Picture, lattice: Lattice, motion: Motion) -> float:
    """Median ratio of the later frame's brightness to the earlier one's; 1 where it cannot be told.

    Parameters
    ----------
    before
        The earlier frame's low-pass brightness at the lattice points, linear light 0…255.
    low
        The later frame's low-pass brightness, linear light 0…255.
    motion
        From the earlier to the later frame, pixels of `low`.
    """
    now = sample(low, matrix(lattice, motion), lattice.shape)
    good = (before > DARK) & (before < BRIGHT) & (now > DARK) & (now < BRIGHT)
    if good.sum() < 20:
        return 1.0
    ratio = now[good] / before[good]
    both = now[good] * before[good]
    dark, bright = np.quantile(both, (1 / 3, 2 / 3))
    torn = np.median(ratio[both <= dark]) / np.median(ratio[both >= bright])
    return 1.0 if max(torn, 1 / torn) > TORN else float(np.median(ratio))


def low_points(low: Picture, lattice: Lattice) -> Picture:
    """The low-pass brightness at the lattice points."""
    return sample(low, matrix(lattice, Motion()), lattice.shape)
