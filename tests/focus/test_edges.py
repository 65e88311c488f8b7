"""Edges are as steep as they were drawn, whatever their contrast and wherever they lie."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.focus import edges
from postfocus.focus.edges import LEAST, steepness


def edge(low: float, high: float, sigma: float, side: int = 96) -> np.ndarray:
    """A slanting edge, blurred."""
    y, x = np.mgrid[:side, :side]
    drawn = np.where(x + 0.3 * y > side / 2, high, low).astype(np.float32)
    return drawn if sigma == 0 else cv2.GaussianBlur(drawn, (0, 0), sigma)


def at_the_edge(luma: np.ndarray, pool: int = 2) -> float:
    found = steepness(luma, pool)
    return float(np.median(found[found > 0]))


def test_blur_makes_edges_shallow():
    blurs = [at_the_edge(edge(40, 200, sigma).round().astype(np.uint8)) for sigma in (0, 0.7, 1, 2, 3)]
    assert blurs == sorted(blurs, reverse=True)
    assert blurs[0] == 1
    assert blurs[2] == pytest.approx(0.38, abs=0.06)
    assert blurs[4] < 0.25


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 100), st.integers(60, 150), st.sampled_from([1.0, 2.0]))
def test_contrast_does_not_matter(low, contrast, sigma):
    faint = edge(low, low + contrast, sigma)
    strong = edge(20, 220, sigma)
    assert at_the_edge(faint.round().astype(np.uint8)) == pytest.approx(
        at_the_edge(strong.round().astype(np.uint8)), abs=0.04
    )


def test_sixteen_bits_are_measured_as_eight():
    codes = edge(40, 200, 1.5).round()
    eight, sixteen = steepness(codes.astype(np.uint8), 4), steepness((256 * codes).astype(np.uint16), 4)
    np.testing.assert_array_equal(eight, sixteen)


@pytest.mark.parametrize("pool", [1, 2, 4])
def test_strips_leave_no_seam(monkeypatch, pool):
    luma = cv2.GaussianBlur(
        np.random.default_rng(3).uniform(0, 255, (83, 61)).astype(np.float32), (0, 0), 1.2
    )
    codes = cv2.normalize(luma, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    monkeypatch.setattr(edges, "STRIP", 1000)
    whole = steepness(codes, pool)
    assert whole.any()
    monkeypatch.setattr(edges, "STRIP", 8)
    np.testing.assert_array_equal(steepness(codes, pool), whole)


@pytest.mark.parametrize("pool", [1, 2, 4])
def test_there_is_one_figure_a_cell_and_none_without_an_edge(pool):
    luma = np.full((50, 71), 90, np.uint8)
    assert not steepness(luma, pool).any()
    luma[:, 40:] += LEAST - 1
    assert not steepness(luma, pool).any()
    luma[:, 40:] += 1
    found = steepness(luma, pool)
    assert found.shape == (50 // pool, 71 // pool)
    columns = np.flatnonzero(found.any(axis=0)) * pool + pool // 2
    assert columns.min() >= 35
    assert columns.max() <= 44
    assert set(np.unique(found)) == {0, 1}
