"""A simulated sweep is read frame by frame as if it came from a camera, with nothing lost to a codec."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Self

import cv2
import numpy as np

from postfocus.errors import BadUse, CannotRead
from postfocus.model.frame import CameraFacts, Coding, Frame, FrameInfo, LeftOut, SourceInfo
from postfocus.synth.sweep import SimulatedSweep

_RATE = Fraction(30000, 1001)


class SimulatedSource:
    """A `postfocus.model.frame.FrameSource` over a simulation."""

    def __init__(self, sim: SimulatedSweep) -> None:
        s = sim.settings
        self._sim = sim
        self._open = True
        self._info = SourceInfo(
            "simulated",
            f"{s.scene} (simulated)",
            (),
            s.width,
            s.height,
            s.frames,
            Coding(),
            self.camera(0),
            rate=_RATE,
        )

    @property
    def sim(self) -> SimulatedSweep:
        """The sweep, with its truth."""
        return self._sim

    @property
    def info(self) -> SourceInfo:
        """What the input is."""
        return self._info

    @property
    def problems(self) -> tuple[LeftOut, ...]:
        """Nothing: every simulated frame can be read."""
        return ()

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Yield frames `start` up to but not including `stop`."""
        for index in range(max(0, start), self._sim.count if stop is None else min(stop, self._sim.count)):
            yield self.read(index)

    def read(self, index: int) -> Frame:
        """Photograph one frame."""
        if not self._open:
            raise CannotRead("The simulated sweep was closed; open it again.")
        if not 0 <= index < self._sim.count:
            raise BadUse(f"There is no frame {index}; the sweep has frames 0 to {self._sim.count - 1}.")
        rgb = self._sim.frame(index)
        luma = cv2.transform(rgb, np.array([[0.2126, 0.7152, 0.0722]]))
        rgb.flags.writeable = False
        luma = luma.reshape(rgb.shape[:2])
        luma.flags.writeable = False
        return Frame((rgb,), luma, Coding(), FrameInfo(index, index / _RATE, f"frame {index}"))

    def camera(self, index: int) -> CameraFacts:
        """An invented camera."""
        return CameraFacts(make="postfocus", model="simulated lens", burst="post focus")

    def fingerprint(self) -> str:
        """All settings: they decide every pixel."""
        return f"simulated {self._sim.settings!r}"

    def close(self) -> None:
        """Refuse further reading."""
        self._open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
