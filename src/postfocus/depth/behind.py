"""How deep the scene lies where something passes before it: told by the frames that show it.

Where a thing moves through the picture, the depth map may hold the depth of
that thing, and plain places beside its outline were given that depth, too. To
merge what lies behind it, depth is made anew of the same sharpness without the
cells that it hides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postfocus.depth.estimate import DepthSettings, estimate_depth, estimate_noise
from postfocus.model.depth import DepthMap, Hidden, Volume


@dataclass(frozen=True, slots=True)
class Shown:
    """A volume without the cells that something hides.

    Attributes
    ----------
    volume
        Sharpness of the frames that are merged.
    hidden
        What is hidden in each of them, by rank.
    """

    volume: Volume
    hidden: Hidden

    @property
    def count(self) -> int:
        """Number of frames."""
        return self.volume.count

    @property
    def height(self) -> int:
        """Rows of cells."""
        return self.volume.height

    @property
    def width(self) -> int:
        """Columns of cells."""
        return self.volume.width

    def frame(self, slot: int) -> NDArray[np.float32]:
        """`(height, width)` float32 grey levels of one frame; 0 where it does not show a cell."""
        return self._seen(slot, self.volume.frame(slot), 0)

    def band(self, top: int, bottom: int) -> Iterator[NDArray[np.float32]]:
        """Rows `top` up to `bottom`, frame after frame: `(bottom - top, width)` float32 grey levels."""
        for slot, layer in enumerate(self.volume.band(top, bottom)):
            yield self._seen(slot, layer, top)

    def _seen(self, slot: int, layer: NDArray[np.float32], top: int) -> NDArray[np.float32]:
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
