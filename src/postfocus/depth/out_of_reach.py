"""Tell the places that may be sharp in no frame: they lie nearer, or farther, than the lens was focused.

Such a place grows sharper up to the very end of the sweep and would go on to do so
(`postfocus.depth.peak`). Beside the edges of near things a few cells always look like
that, for blur comes and goes there; so a place counts only among others of which most
do, too. What has no texture, and what is so far out of focus that none is left in it,
is never named: nothing is known of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import averaged
from postfocus.depth.estimate import DepthSettings
from postfocus.model.depth import DepthMap, State, Volume

AROUND = 21
"""Cells across of the neighbourhood that is asked."""

MOST = 0.5
"""Share of its cells with texture that must be out of reach at the same end."""

CLOSED = 7
"""Cells across of gaps without texture that are counted along."""

LEAST = 0.01
"""Share of the picture below which nothing is said of it."""


@dataclass(frozen=True, slots=True)
class OutOfReach:
    """Places that would be sharp before the first frame, and after the last one.

    Attributes
    ----------
    before, after
        `(h, w)` bool: cells of the depth map.
    """

    before: NDArray[np.bool_]
    after: NDArray[np.bool_]


def out_of_reach(volume: Volume, depth: DepthMap) -> OutOfReach | None:
    """Find them.

    Parameters
    ----------
    volume
        Sharpness of the frames that the depth map was made of.
    depth
        The depth map.

    Returns
    -------
    ``None`` where there are hardly any; always for a bracket of few frames, in which no place is known to lie
    outside: what is in focus in its last frame looks the same, and soft shades are as blurred.
    """
    outside = depth.state == State.OUTSIDE
    if outside.mean() < LEAST:
        return None
    sigma = DepthSettings().sigma(depth.pool)
    first, last = (averaged(volume.frame(rank), sigma) for rank in (0, volume.count - 1))
    plain, near = depth.state == State.NO_TEXTURE, outside & (first >= last)
    return OutOfReach(_region(near, plain), _region(outside & ~near, plain))


def _region(cells: NDArray[np.bool_], plain: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Those of `cells` that are among their like, with the gaps between them that are `plain`."""
    share, textured = (cv2.blur(part.astype(np.float32), (AROUND, AROUND)) for part in (cells, ~plain))
    among = (cells & (share > MOST * textured)).astype(np.uint8)
    closed = cv2.morphologyEx(among, cv2.MORPH_CLOSE, np.ones((CLOSED, CLOSED), np.uint8))
    return np.asarray((among > 0) | (closed > 0) & plain, np.bool_)
