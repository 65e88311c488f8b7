"""The hands and the lens move: shift and roll wander from frame to frame, breathing scales the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postfocus.model.alignment import ALIGNED, Alignment


@dataclass(frozen=True, slots=True)
class Motion:
    """Where each frame sees the drawn scene.

    With ``z`` from the picture's centre in pixels, frame `n` shows the scene's ``z`` at
    ``a[n] z + row[n] y + b[n]``; `a`, `b` complex, `row` real (rolling shutter).
    """

    a: NDArray[np.complex128]
    b: NDArray[np.complex128]
    row: NDArray[np.float64]

    def _linear(self, n: int) -> NDArray[np.float64]:
        a = self.a[n]
        return np.array([[a.real, -a.imag + self.row[n]], [a.imag, a.real]])

    def pose(self, n: int, width: int, height: int) -> NDArray[np.float64]:
        """`(2, 3)` matrix from scene pixel to pixel of frame `n`."""
        linear, centre = self._linear(n), np.array([(width - 1) / 2, (height - 1) / 2])
        shift = np.array([self.b[n].real, self.b[n].imag]) + centre - linear @ centre
        return np.column_stack([linear, shift])

    def alignment(self, width: int, height: int, reference: int, gain: NDArray[np.float64]) -> Alignment:
        """The same motion as a perfect aligner would report it, relative to frame `reference`.

        The reference has neither roll, scale nor skew (`wander` sees to that), only a shift.
        """
        z = self.b[reference]
        n = len(self.a)
        b = self.b - self.a * z - self.row * z.imag
        return Alignment(
            width, height, np.arange(n), reference, self.a.copy(), b, self.row.copy(), np.zeros(n),
            (ALIGNED,) * n, gain / gain[reference],
        )  # fmt: skip


def _walk(rng: np.random.Generator, count: int, memory: float) -> NDArray[np.float64]:
    """AR(1) velocity, summed: a hand that drifts and corrects; peak to peak 1."""
    speed = np.zeros(count)
    for n in range(1, count):
        speed[n] = memory * speed[n - 1] + rng.standard_normal()
    place = np.cumsum(speed)
    place -= np.linspace(0, 0.7 * place[-1], count)
    reach = np.ptp(place)
    return place / reach if reach > 0 else place


def wander(
    rng: np.random.Generator,
    focus: NDArray[np.float64],
    reference: int,
    *,
    shake: float,
    roll: float,
    breathing: float,
    rolling: float,
    tripod: bool,
) -> Motion:
    """Invent the motion of a sweep.

    Parameters
    ----------
    rng
        Source of chance.
    focus
        `(N,)` position in the sweep 0…1 of each frame: breathing follows focus, not time.
    reference
        Frame that has no roll and no scale.
    shake
        Peak to peak shift over the sweep in pixels (two thirds of it vertically).
    roll
        Peak to peak roll in degrees.
    breathing
        Growth of the picture from the first to the last focus position (0.03: three percent).
    rolling
        Largest skew of the rolling shutter in pixels per row.
    tripod
        No shake and no roll; breathing stays.
    """
    n = len(focus)
    x, y, turn = (_walk(rng, n, 0.6) for _ in range(3))
    fine = rng.standard_normal((2, n)) * 0.06
    # Half a pixel and a bit: no frame, and not the reference either, lies on the drawing's own grid.
    base = complex(*rng.uniform(-0.5, 0.5, 2))
    if tripod:
        b = np.full(n, base)
        angle = np.zeros(n)
        row = np.zeros(n)
    else:
        path = shake * (x + fine[0]) + 1j * shake * (0.67 * y + fine[1])
        b = path - path[reference] + base
        angle = np.deg2rad(roll) * (turn - turn[reference])
        row = np.gradient(path.real) if n > 1 else np.zeros(n)
        row = rolling * row / max(1e-9, float(np.abs(row).max()))
        row -= row[reference]
    # Breathing is smooth and not quite linear in focus, as in real lenses.
    curve = focus + 0.15 * focus * (1 - focus)
    scale = 1 + breathing * (curve - curve[reference])
    a = (scale * np.exp(1j * angle)).astype(np.complex128)
    return Motion(a, b.astype(np.complex128), row)
