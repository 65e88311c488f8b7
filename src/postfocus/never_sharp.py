"""What is sharp in no frame is looked for in the merged picture, so that a person can be told of it.

Two things must agree. Sharpness grew up to the very end of the sweep
(`postfocus.depth.out_of_reach`): the place lies nearer or farther than the lens was
focused. And its edges are shallower in the picture than those of places that are in
focus (`postfocus.focus.edges`): what comes into focus in the very last frame is not
told of. What joins such a place and is visibly blurred belongs to it, too, if it is so
far out of focus that its sharpness tells nothing.
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
from postfocus.strange import with_core

BLURRED = 0.8
"""Steepness of its edges, as a share of that of places in focus, below which a piece is out of focus."""

SURE = 0.7
"""Confidence from which a place in focus is compared with."""

AROUND = 21
"""Cells across of the neighbourhood over which steepness is averaged."""

PIECE, PART = 0.001, 0.25
"""Share of the picture that a piece covers at least, and share of it that must be blurred: of what comes into
focus in the last frame, a soft shade is no more than that."""

NEXT_TO, JOINED = 1.0, 5
"""Frames from an end of the sweep within which the depth lies that plain cells were given; cells across over
which what is blurred joins."""

COMPARED = 200
"""Cells with an edge that must be in focus, at least."""


@dataclass(frozen=True, slots=True)
class NeverSharp:
    """Places that are sharp in no frame, in the merged picture's geometry.

    Attributes
    ----------
    before, after
        `(h, w)` bool: cells that would be sharp before the first frame, and after the last one.
    first, last
        Those frames.
    """

    before: NDArray[np.bool_]
    after: NDArray[np.bool_]
    first: int
    last: int

    @property
    def cells(self) -> NDArray[np.bool_]:
        """`(h, w)` bool: both."""
        return self.before | self.after

    def notes(self) -> tuple[str, ...]:
        """What a person should be told, in sentences."""
        ends = (
            (self.before, f"before frame {self.first}, the first", "begin nearer", "farther away"),
            (self.after, f"after frame {self.last}, the last", "end farther away", "nearer"),
        )
        return tuple(
            f"about {round(100 * float(cells.mean()))} % of the picture is sharp in no merged frame: "
            f"it comes into focus only {where}; {what} next time ({other}, if it runs from far to near)"
            for cells, where, what, other in ends
            if cells.any()
        )


def never_sharp(
    picture: NDArray[Any],
    volume: Volume,
    depth: DepthMap,
    frames: NDArray[np.int64],
    view: NDArray[np.float64] | None = None,
) -> NeverSharp | None:
    """Find what a merged picture shows blurred because no frame has it sharp.

    Parameters
    ----------
    picture
        `(H, W)` brightness or `(H, W, 3)` R, G, B: uint8 or uint16 codes.
    volume
        Sharpness of the frames that were merged, of which the depth map was made.
    depth
        The depth map.
    frames
        `(N,)` int: index in the input of each of them.
    view
        `(2, 3)` matrix from cells of the picture to cells of the depth map, where their geometries differ.

    Returns
    -------
    ``None`` where there is nothing to be told of.
    """
    found = out_of_reach(volume, depth)
    if found is None:
        return None
    steep = steepness(picture if picture.ndim == 2 else picture[..., 1], depth.pool)
    sharp = in_view((depth.state == State.IN_FOCUS) & (depth.confidence > SURE), view)
    compared = steep[sharp & (steep > 0)]
    if len(compared) < COMPARED:
        return None
    limit = BLURRED * float(compared.mean())
    plain, first, last = depth.state == State.NO_TEXTURE, int(frames[0]), int(frames[-1])
    sides = (
        (found.before, plain & (depth.position < first + NEXT_TO)),
        (found.after, plain & (depth.position > last - NEXT_TO)),
    )
    before, after = (
        _grown(_pieces(in_view(cells, view), steep, limit), in_view(beside, view), steep, limit)
        for cells, beside in sides
    )
    return NeverSharp(before, after, first, last) if before.any() or after.any() else None


def _pieces(cells: NDArray[np.bool_], steep: NDArray[np.float32], limit: float) -> NDArray[np.bool_]:
    """What is blurred of `cells`, in those pieces of them that are large and of which it is a large part."""
    blurred = cells & _shallow(steep * cells, limit)
    count, found, stats, _ = cv2.connectedComponentsWithStats(cells.astype(np.uint8), connectivity=8)
    labels, sizes = np.asarray(found, np.int32), np.asarray(stats, np.int32)[:, cv2.CC_STAT_AREA]
    parts = np.bincount(labels[blurred], minlength=count)
    keep = (sizes >= PIECE * cells.size) & (parts >= PART * sizes)
    return keep[labels] & blurred


def _grown(
    core: NDArray[np.bool_], beside: NDArray[np.bool_], steep: NDArray[np.float32], limit: float
) -> NDArray[np.bool_]:
    """A core, if large enough, with what is blurred and joins it of the plain cells `beside` it."""
    if core.mean() < LEAST:
        return np.zeros_like(core)
    likely = core | beside & _shallow(steep * beside, limit)
    square = np.ones((JOINED, JOINED), np.uint8)
    joined = with_core(cv2.dilate(likely.astype(np.uint8), square) + core, 1, 2)
    assert joined is not None
    return likely & (joined > 0)


def _shallow(steep: NDArray[np.float32], limit: float) -> NDArray[np.bool_]:
    """Cells round which edges are on average less steep than `limit`; `steep` is 0 where none counts."""
    edges, total = (cv2.blur(part, (AROUND, AROUND)) for part in ((steep > 0).astype(np.float32), steep))
    return np.asarray(total < limit * edges, np.bool_)
