"""What moves is looked for on larger cells where blur is wide.

All that tells motion from defocus counts in cells: how far light may have spread,
how large a body is, what lies beside it. Macro lenses blur the far end of a sweep
over a twentieth of the picture. On small cells rims of bright discs look moved
there, however far light is allowed to spread, for blur is known only roughly. So
cells are made larger until blur is as many of them wide as elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from postfocus.cells import enlarged, shrink
from postfocus.defocus import widening
from postfocus.fuse.movers import Mask, Movers
from postfocus.light import Light
from postfocus.model.defocus import Defocus


class WideMovers:
    """`Movers` on cells `factor` times as large; all that is given and taken is on the usual ones."""

    def __init__(
        self, light: Light, slots: NDArray[np.int64], moment: int | None,
        sharpness: Callable[[int], NDArray[np.float32]], place: NDArray[np.float64], factor: int,
    ) -> None:  # fmt: skip
        self._factor, self._shape = factor, (light.maps.height, light.maps.width)
        self._movers = Movers(
            light.shrunk(factor), slots, moment, lambda slot: shrink(sharpness(slot), factor), place / factor
        )
        self.moment, self.sharpest, self.focus = (
            self._movers.moment, self._movers.sharpest, self._movers.focus,
        )  # fmt: skip

    @property
    def touched(self) -> Mask:
        """`(h, w)` bool, coarse cells in which some frame is not heard."""
        return enlarged(self._movers.touched, self._factor, self._shape)

    @property
    def held(self) -> Mask:
        """`(h, w)` coarse cells that are taken from one moment."""
        return enlarged(self._movers.held, self._factor, self._shape)

    def hidden(self, slot: int) -> Mask | None:
        """`(h, w)` coarse cells in which the frame must not be heard; ``None``: in none."""
        hidden = self._movers.hidden(slot)
        return None if hidden is None else enlarged(hidden, self._factor, self._shape)

    def settle(
        self, nearest: NDArray[np.float32], depth: NDArray[np.float32],
        says: Iterable[tuple[int, NDArray[np.float32]]],
    ) -> bool:  # fmt: skip
        """As `Movers.settle`."""
        step = slice(None, None, self._factor)
        return self._movers.settle(
            nearest[step, step], depth[step, step], ((slot, say[step, step]) for slot, say in says)
        )


def movers_of(
    light: Light, slots: NDArray[np.int64], moment: int | None,
    sharpness: Callable[[int], NDArray[np.float32]], defocus: Defocus,
) -> Movers | WideMovers:  # fmt: skip
    """What moves, looked for on cells as large as blur asks for.

    Parameters
    ----------
    light, slots, moment, sharpness
        As for `Movers`.
    defocus
        How wide frames blur.
    """
    factor = widening(defocus, slots, (light.maps.height, light.maps.width))
    place = defocus.place[slots]
    if factor == 1:
        return Movers(light, slots, moment, sharpness, place)
    return WideMovers(light, slots, moment, sharpness, place, factor)
