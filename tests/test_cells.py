"""Averages over cells that are shown: the fast form equals its definition."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.cells import averaged, averaged_plain, finer_than, halo


@given(
    st.integers(1, 60), st.integers(1, 70), st.floats(0.5, 3), st.integers(0, 12), st.integers(0, 12),
    st.integers(0, 12), st.integers(0, 12), st.floats(-0.2, 0.2), st.integers(0, 9),
)  # fmt: skip
@settings(max_examples=120, deadline=None)
def test_borders_of_any_width_and_tilt_agree_with_the_definition(
    rows: int, cols: int, sigma: float, top: int, bottom: int, left: int, right: int, tilt: float, seed: int
) -> None:
    values = np.random.default_rng(seed).uniform(0.1, 5, (rows, cols)).astype(np.float32)
    y, x = np.mgrid[:rows, :cols]
    inside = (y + tilt * x >= top) & (y + tilt * x < rows - bottom)
    inside &= (x - tilt * y >= left) & (x - tilt * y < cols - right)
    values[~inside] = 0
    np.testing.assert_allclose(averaged(values, sigma), averaged_plain(values, sigma), atol=1e-4)


@pytest.mark.parametrize("holes", [1, 40, 3000])
def test_holes_anywhere_agree_with_the_definition(holes: int) -> None:
    rng = np.random.default_rng(holes)
    values = rng.uniform(0.1, 5, (60, 80)).astype(np.float32)
    values.flat[rng.integers(0, values.size, holes)] = 0
    np.testing.assert_allclose(averaged(values, 1.5), averaged_plain(values, 1.5), atol=1e-4)


def test_what_is_not_shown_does_not_darken_its_neighbours() -> None:
    values = np.full((30, 40), 3, np.float32)
    values[:, :7] = 0
    mean = averaged(values, 2.0)
    assert np.allclose(mean[:, 7:], 3, atol=1e-5)
    assert (mean[:, :7] == 0).all()
    assert halo(2.0) == 5


def test_what_is_finer_than_shading_agrees_with_the_gaussian_itself() -> None:
    rng = np.random.default_rng(6)
    down, across = np.mgrid[:90, :121].astype(np.float32)
    values = (rng.normal(0, 4, (90, 121)) + 60 + 20 * np.sin(across / 40) + down / 3).astype(np.float32)
    wide = cv2.GaussianBlur(values, (0, 0), 10.0, borderType=cv2.BORDER_REPLICATE)
    inner = (slice(20, -20), slice(20, -20))
    fine = finer_than(values, 10.0)
    np.testing.assert_allclose(fine[inner], (values - wide)[inner], atol=0.1)
    assert np.sqrt(np.square(fine - (values - wide)).mean()) < 0.3
