"""Near things hide what lies behind them, also where frames show it through them.

Out of focus, a thing narrower than its blur is hardly there: a frame in focus on
the wall shows the wall through the fence, and where that has more contrast than
the fence, the merge takes it right across the wire. Which of the two a place
belongs to is told by the frame in focus on the near thing. There, what lies behind
is blurred by a known amount: where the frame shows just that, it sees past the
near thing, and where it shows something else, it sees the thing itself. Then the
place is taken from that frame.

Where most of what should be behind is not explained so, and where frames tell that
the sweep runs from far to near, nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.cells import enlarged as of_pixels
from postfocus.fuse.behind import Behind, behind, colours, near_first_in
from postfocus.fuse.cover import Swept
from postfocus.fuse.hills import NONE
from postfocus.fuse.layout import Layout, into_codes, sixteen_bits
from postfocus.fuse.merge import TILE
from postfocus.fuse.pieces import Seen, blockwise, cut, enlarged, fitted, halved, shown, slices
from postfocus.model.alignment import Alignment, Rect
from postfocus.model.defocus import Defocus
from postfocus.model.frame import Frame

REACH = 6.0
"""Cells from where two things are sharp up to which the near one may hide the far one."""

MARGIN = 2.0
"""Cells beyond that are kept along."""

UNLIKE = 6.0
"""Grey levels that cannot be told from what is blurred."""

PART, FULL = 0.25, 0.45
"""Share of the greatest difference near by from which a place belongs to the near thing, and from which all
of it does: the veil that the near thing itself lays over what is behind changes that, too."""

AROUND = 15
"""Coarse cells on each side that are near by."""

FINE = 0.7
"""Standard deviation, pixels, of what decides on a pixel."""

EXPLAINED = 0.5
"""Share of the places behind that must look as they should, blurred."""

_AROUND = np.ones((2 * AROUND + 1, 2 * AROUND + 1), np.uint8)


class InFront:
    """What near things look like where something far may show through them.

    Parameters
    ----------
    slot
        `(h, w)` cells: the slot in which a near thing is sharp before a far one; `NONE` where there is none.
    alignment
        Where the scene lies in each frame. Its reference gives the picture's geometry.
    pool
        Full-size pixels of a cell.
    layout
        Planes of all frames, and of the picture.
    """

    def __init__(self, slot: NDArray[np.int16], alignment: Alignment, pool: int, layout: Layout) -> None:
        self._slot, self._pool, self._layout = _grown(slot, REACH), pool, layout
        self._alignment = alignment
        self._size = layout.shapes[0][:2]
        # Colours are enlarged, and pixels averaged, across the rim.
        self._wide = _grown(self._slot, MARGIN)
        self._boxes = self._boxes_of(self._wide)
        self._planes = [np.zeros(shape, np.uint16) for shape in layout.shapes]

    def add(self, slot: int, seen: Seen) -> None:
        """Keep what a frame shows of the near things that are sharp in it.

        Parameters
        ----------
        slot
            Of the frame.
        seen
            Gives a piece of it, as `Merger.seen` does.
        """
        for piece in self._boxes.pop(slot, []):
            self._leave_out(slot, np.asarray(shown(self._alignment, slot, piece)) < 1, piece)
            share = (_on_pixels(self._wide, self._pool, piece) == slot).astype(np.float32)
            for kept, part in zip(self._parts(self._planes, piece), seen(piece), strict=True):
                np.copyto(kept, sixteen_bits(part, self._layout.scale), where=fitted(share, part) > 0)

    def _leave_out(self, slot: int, pixels: NDArray[np.bool_], piece: Rect) -> None:
        """Forget what a slot is to give of cells that hold any of the `(h, w)` pixels of a piece."""
        if pixels.any():
            cells = blockwise(pixels, self._pool)
            known = self._slot[piece.y // self._pool :, piece.x // self._pool :]
            known = known[: cells.shape[0], : cells.shape[1]]
            known[cells[: known.shape[0], : known.shape[1]] & (known == slot)] = NONE

    def lay_over(
        self,
        picture: Frame,
        source: NDArray[np.float32],
        swept: Swept,
        alone: NDArray[np.bool_] | None = None,
    ) -> None:
        """Put near things before what they hide.

        Parameters
        ----------
        picture
            As `Merger.finish` gave it; its planes are changed.
        source
            `(ceil(H / 2), ceil(W / 2))` float32: the slot that each place comes from; is changed with it.
        swept
            The merged frames.
        alone
            `(h, w)` bool: cells that are to be left as they are; ``None``: there are none.
        """
        if alone is not None:
            self._slot[alone[: self._slot.shape[0], : self._slot.shape[1]]] = NONE
        far = behind(picture, source, self._slot, swept.defocus, self._pool)
        if far is None:
            return
        shares = np.zeros(self._size, np.uint8)
        pieces = list(self._pieces(far.beyond < np.inf))
        rows, cols = far.beyond.shape
        most, side, told = np.zeros((rows // 2, cols // 2), np.uint8), 2 * self._pool, 0
        for piece in pieces:
            unlike, here = self._unlike(piece, picture, source, swept.defocus, far)
            shares[slices(piece)] = unlike * here
            told += int(np.count_nonzero(here))
            blocks = blockwise(unlike, side)
            near = most[piece.y // side :, piece.x // side :][: blocks.shape[0], : blocks.shape[1]]
            np.maximum(near, blocks[: near.shape[0], : near.shape[1]], out=near)
        greatest = cv2.dilate(most, _AROUND)
        for piece in pieces:
            shares[slices(piece)] = _share(shares[slices(piece)], _on_pixels(greatest, side, piece))
        laid = int(np.count_nonzero(shares))
        if not 0 < laid <= (1 - EXPLAINED) * told or not near_first_in(far.whole, source, swept):
            return
        for piece in pieces:
            self._lay(piece, shares[slices(piece)] * np.float32(1 / 255), picture, source)

    def _unlike(
        self, piece: Rect, picture: Frame, source: NDArray[np.float32], defocus: Defocus, far: Behind
    ) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """By how many grey levels near frames show else than what is behind; which pixels come from there."""
        place = 2 * defocus.of(source[slices(halved(piece))])
        beyond = _on_pixels(far.beyond, self._pool, piece)
        planes = list(self._parts(self._planes, piece))
        seen = colours(planes, picture) * np.float32(1 / 257)
        # The last cells behind stand for all that remains, also for what is to be left alone.
        known = (beyond < np.inf) & (_on_pixels(self._slot, self._pool, piece) != NONE)
        unlike = np.abs(seen - _on_pixels(far.levels, self._pool, piece)).max(axis=2) * known
        unlike = cv2.GaussianBlur(unlike, (0, 0), FINE) * known
        return np.rint(unlike).astype(np.uint8), known & (enlarged(place, piece.h, piece.w) >= beyond)

    def _lay(
        self, piece: Rect, share: NDArray[np.float32], picture: Frame, source: NDArray[np.float32]
    ) -> None:
        """Blend a piece of what near things look like into the picture by its share, 0…1."""
        both = zip(self._parts(self._planes, piece), self._parts(picture.planes, piece), strict=True)
        for near, whole in both:
            mixed = near.astype(np.float32) - whole
            mixed *= fitted(share, whole)
            mixed += whole
            into_codes(mixed, 16, whole)
        half = source[slices(halved(piece))]
        slot = _on_pixels(self._slot, self._pool, piece)[::2, ::2]
        np.copyto(half, slot, where=(fitted(share, half) > 0.5) & (slot != NONE))

    def _boxes_of(self, slots: NDArray[np.int16]) -> dict[int, list[Rect]]:
        """For each slot the parts of the picture, with even corners, that hold its cells."""
        out: dict[int, list[Rect]] = {}
        even = max(1, 2 // self._pool)
        for piece in self._pieces(slots != NONE):
            y, x = piece.y // self._pool, piece.x // self._pool
            block = slots[y : y + TILE // self._pool, x : x + TILE // self._pool]
            for slot in np.unique(block[block != NONE]).tolist():
                rows, cols = (np.flatnonzero((block == slot).any(axis=axis)) for axis in (1, 0))
                top, left = (int(which[0]) // even * even * self._pool for which in (rows, cols))
                height, width = int(rows[-1] + 1) * self._pool - top, int(cols[-1] + 1) * self._pool - left
                # What remains beyond the last cells goes with them.
                height = piece.h - top if y + int(rows[-1]) + 1 == slots.shape[0] else height + height % 2
                width = piece.w - left if x + int(cols[-1]) + 1 == slots.shape[1] else width + width % 2
                out.setdefault(slot, []).append(
                    cut(Rect(piece.x + left, piece.y + top, width, height), piece)
                )
        return out

    def _pieces(self, cells: NDArray[np.bool_]) -> Iterator[Rect]:
        """The blocks of the picture that hold any of some cells."""
        height, width = self._size
        side = TILE // self._pool
        for y in range(0, cells.shape[0], side):
            for x in range(0, cells.shape[1], side):
                if cells[y : y + side, x : x + side].any():
                    top, left = y * self._pool, x * self._pool
                    yield Rect(left, top, min(TILE, width - left), min(TILE, height - top))

    def _parts(self, planes: Sequence[NDArray[np.uint16]], piece: Rect) -> Iterator[NDArray[np.uint16]]:
        """What planes hold of a piece."""
        for number, plane in enumerate(planes):
            yield plane[slices(halved(piece) if number else piece)]


def _grown(slot: NDArray[np.int16], reach: float) -> NDArray[np.int16]:
    """Slots, and those of the nearest cell that has one up to `reach` cells away."""
    away, label = cv2.distanceTransformWithLabels(
        (slot == NONE).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    known = np.full(int(label.max()) + 1, NONE, np.int16)
    known[label[slot != NONE]] = slot[slot != NONE]
    return np.where(away <= reach, known[label], np.int16(NONE))


def _share(unlike: NDArray[np.uint8], greatest: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How far a pixel belongs to the near thing, 0…255, where differences near by reach the `greatest`."""
    share = (unlike - (UNLIKE + PART * greatest)) / (UNLIKE + (FULL - PART) * greatest)
    return np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)


def _on_pixels(cells: NDArray[Any], pool: int, piece: Rect) -> NDArray[Any]:
    """Each cell for its `pool` x `pool` pixels of a piece; the last ones also for what remains."""
    return of_pixels(cells, pool, (piece.h, piece.w), (piece.y, piece.x))
