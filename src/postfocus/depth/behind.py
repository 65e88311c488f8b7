"""How deep the scene lies where something passes before it: told by the frames that show it.

Where a thing moves through the picture, the depth map may hold the depth of
that thing, and plain places beside its outline were given that depth, too. To
merge what lies behind it, depth is made anew of the same sharpness without the
cells that it hides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postfocus.depth.estimate import DepthSettings, estimate_depth, estimate_noise
from postfocus.model.depth import Altered, DepthMap, Hidden, Volume


@dataclass(frozen=True, slots=True)
class Shown(Altered):
    """A volume without the cells that something hides.

    Attributes
    ----------
    hidden
        What is hidden in each of them, by rank.
    """

    hidden: Hidden

    def altered(self, layer: NDArray[np.float32], slot: int, top: int) -> NDArray[np.float32]:
        """Rows of a frame, from `top` on, with 0 where something hides them."""
        hidden = self.hidden(slot)
        if hidden is None:
            return layer
        rows = np.minimum(np.arange(top, top + len(layer)) // 2, len(hidden) - 1)
        columns = np.minimum(np.arange(self.width) // 2, hidden.shape[1] - 1)
        return layer * ~hidden[rows][:, columns]


def depth_behind(volume: Volume, pool: int, hidden: Hidden) -> DepthMap:
    """Depth of the scene, whatever passes before it.

    Parameters
    ----------
    volume
        Sharpness of the frames that are merged, two at least.
    pool
        Full-size pixels of a cell's side.
    hidden
        As in `Shown`.

    Returns
    -------
    Positions are ranks among those frames. What counts as noise is told with nothing hidden.
    """
    settings = DepthSettings()
    noise = estimate_noise(volume, settings.sigma(pool))
    ranks = np.arange(volume.count)
    height, width = volume.height * pool, volume.width * pool
    return estimate_depth(Shown(volume, hidden), ranks, pool, width, height, settings, noise)
