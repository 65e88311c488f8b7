"""How each frame must be moved so that the pictures lie on one another.

A handheld sweep shifts, rolls and, as the lens breathes, scales. Each frame's
motion is four numbers, written as two complex ones; where that leaves parts of the picture apart, a smooth
field of shifts goes before it (`postfocus.model.bend`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postfocus.model.bend import Bend

ALIGNED = "aligned"
WEAK = "weak"
LOST = "lost"


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in pixels: `x`, `y` the top left corner, `w` wide and `h` high."""

    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where the scene lies in each frame.

    With ``z = x + iy`` measured in full-size pixels from the picture's centre
    ``((W-1)/2, (H-1)/2)``, frame `n` shows at ``a[n] z + b[n]`` what the
    reference shows at ``z``: ``|a|`` is scale, ``arg a`` roll, `b` shift.

    Attributes
    ----------
    width, height
        Full-size pixels.
    frames
        `(N,)` int: index in the source of each slot.
    reference
        Slot (0…N-1) whose geometry every picture has.
    a, b
        `(N,)` complex128; ``a[reference] == 1``, ``b[reference] == 0``.
    row
        `(N,)` float64, pixels per pixel: x shift per row below the centre, of a rolling shutter (0: none).
    error
        `(N,)` float64: likely corner error in full-size pixels; honest for blur, noise and odd frames.
    state
        N words: ``"aligned"``, ``"weak"`` (kept, but not to be trusted to a pixel) or ``"lost"``
        (pose filled in; never used for pixels).
    gain
        `(N,)` float64: brightness of the frame over the reference's, in code values; 1 where equal.
    notes
        Sentences on what is not one rigid motion (parallax, a mover, a rolling shutter, a cut).
    bend
        What the frames need besides, in the reference's geometry; ``None``: nothing.
    """

    width: int
    height: int
    frames: NDArray[np.int64]
    reference: int
    a: NDArray[np.complex128]
    b: NDArray[np.complex128]
    row: NDArray[np.float64]
    error: NDArray[np.float64]
    state: tuple[str, ...]
    gain: NDArray[np.float64]
    notes: tuple[str, ...] = ()
    bend: Bend | None = None

    @staticmethod
    def still(width: int, height: int, frames: NDArray[np.int64]) -> Alignment:
        """The alignment of a tripod: nothing moves."""
        n = len(frames)
        return Alignment(
            width, height, np.asarray(frames, np.int64), n // 2,
            np.ones(n, np.complex128), np.zeros(n, np.complex128), np.zeros(n), np.zeros(n),
            (ALIGNED,) * n, np.ones(n),
        )  # fmt: skip

    def matrix(self, slot: int, pool: int = 1) -> NDArray[np.float64]:
        """The `(2, 3)` matrix from a reference pixel (x, y) to the pixel of frame `slot`.

        With `pool` > 1 both pictures are shrunk by area means of `pool` x `pool` pixels, whose cell
        (i, j) has its centre at full-size ``pool * i + (pool - 1) / 2``.
        """
        a, b, c = self.a[slot], self.b[slot], self.row[slot]
        cx, cy = (self.width - 1) / 2, (self.height - 1) / 2
        m = np.array(
            [
                [a.real, -a.imag + c, b.real + cx - a.real * cx + (a.imag - c) * cy],
                [a.imag, a.real, b.imag + cy - a.imag * cx - a.real * cy],
            ]
        )
        if pool > 1:
            offset = (pool - 1) / 2
            m[:, 2] = (m[:, :2] @ (offset, offset) + m[:, 2] - offset) / pool
        return m

    def with_reference(self, slot: int) -> Alignment:
        """The same motion seen from another frame."""
        a0, b0 = self.a[slot], self.b[slot]
        a = self.a / a0
        b = self.b - a * b0
        a[slot], b[slot] = 1, 0
        return Alignment(
            self.width, self.height, self.frames, slot, a, b,
            self.row - self.row[slot], self.error, self.state, self.gain / self.gain[slot], self.notes,
            self._bend_from(slot),
        )  # fmt: skip

    def _bend_from(self, slot: int) -> Bend | None:
        """The bend in the geometry of another frame."""
        if self.bend is None:
            return None
        centre = complex(self.width - 1, self.height - 1) / 2
        place = (self.bend.centres() - centre - self.b[slot]) / self.a[slot] + centre
        return self.bend.seen_from(slot, complex(self.a[slot]), place)

    def usable(self) -> NDArray[np.bool_]:
        """`(N,)` true where the frame's pixels may be used."""
        return np.array([s != LOST for s in self.state])

    def valid(self, slots: NDArray[np.int64] | None = None) -> Rect:
        """The largest centred-as-found rectangle of the reference that every usable frame covers.

        Found by shrinking each side to the corners of every frame; exact for shift and scale, and
        safe (a little small) for roll and where frames are bent.
        """
        usable = np.flatnonzero(self.usable()) if slots is None else slots
        left, top, right, bottom = 0.0, 0.0, self.width - 1.0, self.height - 1.0
        corners = np.array([[0, 0, 1], [self.width - 1, 0, 1], [0, self.height - 1, 1],
                            [self.width - 1, self.height - 1, 1]], float).T  # fmt: skip
        for slot in usable:
            m = np.vstack([self.matrix(int(slot)), [0, 0, 1]])
            x, y, _ = np.linalg.inv(m) @ corners
            left, right = max(left, x[0], x[2]), min(right, x[1], x[3])
            top, bottom = max(top, y[0], y[1]), min(bottom, y[2], y[3])
        if self.bend is not None:
            margin = self.bend.margin(usable.tolist())
            left, top, right, bottom = left + margin, top + margin, right - margin, bottom - margin
        x0, y0 = int(np.ceil(left - 1e-6)), int(np.ceil(top - 1e-6))
        return Rect(x0, y0, max(0, int(np.floor(right + 1e-6)) - x0 + 1),
                    max(0, int(np.floor(bottom + 1e-6)) - y0 + 1))  # fmt: skip
