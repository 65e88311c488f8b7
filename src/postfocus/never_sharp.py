"""What is sharp in no frame is looked for in the merged picture, so that a person can be told of it.

Two things must agree. Sharpness grew up to the very end of the sweep
(`postfocus.depth.out_of_reach`): the place lies nearer or farther than the lens was
focused. And its edges are shallower in the picture than those of places that are in
focus (`postfocus.focus.edges`): what comes into focus in the very last frame is not
told of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import in_view
from postfocus.depth.out_of_reach import LEAST, out_of_reach
from postfocus.focus.edges import steepness
from postfocus.model.depth import DepthMap, State, Volume

BLURRED = 0.8
"""Steepness of its edges, as a share of that of places in focus, below which a piece is out of focus."""

SURE = 0.7
"""Confidence from which a place in focus is compared with."""

AROUND = 21
"""Cells across of the neighbourhood over which steepness is averaged."""

PIECE, PART = 0.001, 0.25
"""Share of the picture that a piece covers at least, and share of it that must be blurred: of what comes into
focus in the last frame, a soft shade is no more than that."""

COMPARED = 200
"""Cells with an edge that must be in focus, at least."""


@dataclass(frozen=True, slots=True)
class NeverSharp:
    """Places that are sharp in no frame, in the merged picture's geometry.

    Attributes
    ----------
    before, after
        `(h, w)` bool: cells that would be sharp before the first frame, and after the last one.
    """

    before: NDArray[np.bool_]
    after: NDArray[np.bool_]

    @property
    def cells(self) -> NDArray[np.bool_]:
        """`(h, w)` bool: both."""
        return self.before | self.after

    def notes(self, first: int, last: int) -> tuple[str, ...]:
        """What a person should be told; the frames are those at the ends of the sweep."""
        ends = (
            (self.before, f"before frame {first}, the first", "begin nearer", "farther away"),
            (self.after, f"after frame {last}, the last", "end farther away", "nearer"),
        )
        return tuple(
            f"about {max(1, round(100 * float(cells.mean())))} % of the picture is sharp in no merged frame: "
            f"it comes into focus only {where}; {what} next time ({other}, if it runs from far to near)"
            for cells, where, what, other in ends
            if cells.mean() >= LEAST
        )


def never_sharp(
    picture: NDArray[Any], volume: Volume, depth: DepthMap, view: NDArray[np.float64] | None = None
) -> NeverSharp | None:
    """Find what a merged picture shows blurred because no frame has it sharp.

    Parameters
    ----------
    picture
        `(H, W)` brightness or `(H, W, 3)` R, G, B: uint8 or uint16 codes of full range.
    volume
        Sharpness of the frames that were merged, of which the depth map was made.
    depth
        The depth map.
    view
        `(2, 3)` matrix from cells of the picture to cells of the depth map, where their geometries differ.

    Returns
    -------
    ``None`` where there is nothing to be told of.
    """
    found = out_of_reach(volume, depth)
    if found is None:
        return None
    steep = steepness(picture if picture.ndim == 2 else np.ascontiguousarray(picture[..., 1]), depth.pool)
    sharp = in_view((depth.state == State.IN_FOCUS) & (depth.confidence > SURE), view)
    compared = steep[sharp & (steep > 0)]
    if len(compared) < COMPARED:
        return None
    limit = BLURRED * float(compared.mean())
    blurred = NeverSharp(*(_blurred(in_view(one, view), steep, limit) for one in (found.before, found.after)))
    return blurred if blurred.cells.mean() >= LEAST else None


def _blurred(cells: NDArray[np.bool_], steep: NDArray[np.float32], limit: float) -> NDArray[np.bool_]:
    """Those of `cells` round which edges are on average less steep than `limit`, in pieces that hold many."""
    own = steep * cells
    edges, total = (cv2.blur(part, (AROUND, AROUND)) for part in ((own > 0).astype(np.float32), own))
    blurred = cells & (total < limit * edges)
    count, found, stats, _ = cv2.connectedComponentsWithStats(cells.astype(np.uint8), connectivity=8)
    labels, sizes = np.asarray(found, np.int32), np.asarray(stats, np.int32)[:, cv2.CC_STAT_AREA]
    parts = np.bincount(labels[blurred], minlength=count)
    keep = (sizes >= PIECE * cells.size) & (parts >= PART * sizes)
    return keep[labels] & blurred
