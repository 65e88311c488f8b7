"""Brightness is evened where exposure changed, and not where a veil or another tone curve did it."""

from __future__ import annotations

import numpy as np
import pytest

from postfocus.align.gain import brightness_ratio, low_points
from postfocus.align.lattice import Motion, lattice_of
from postfocus.align.picture import Level


def scene() -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.uniform(5, 180, (24, 32)).repeat(5, 0).repeat(5, 1).astype(np.float32)


def ratio_of(first: np.ndarray, second: np.ndarray) -> float:
    h, w = first.shape
    lattice = lattice_of(Level(first, (w - 1) / 2, (h - 1) / 2), 4)
    return brightness_ratio(low_points(first, lattice), second, lattice, Motion())


@pytest.mark.parametrize("factor", [0.8, 1.0, 1.2])
def test_a_change_of_exposure_is_measured(factor):
    assert ratio_of(scene(), scene() * np.float32(factor)) == pytest.approx(factor, rel=0.01)


def test_a_veil_over_the_dark_is_no_exposure():
    assert ratio_of(scene(), scene() + np.float32(30)) == 1.0


def test_nothing_is_said_of_what_is_clipped():
    assert ratio_of(scene() * 0 + 250, scene() * 0 + 240) == 1.0
