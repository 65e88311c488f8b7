"""Sharpness of cells: the fast way equals its readable definition, and focus raises it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.cells import LONG_SIDE, contrast_of, pool_for, score_of, shrink
from postfocus.focus.measure import measure, measure_plain

pools = st.sampled_from([1, 2, 4])


@settings(max_examples=40, deadline=None)
@given(st.integers(12, 300), st.integers(12, 90), pools, st.booleans(), st.integers(0, 99))
def test_fast_measure_keeps_to_the_definition(rows, cols, pool, deep, seed):
    rng = np.random.default_rng(seed)
    top = 65535 if deep else 255
    luma = np.clip(rng.normal(0.5, 0.25, (rows, cols)) * top, 0, top).astype(np.uint16 if deep else np.uint8)
    unit = 257.0 if deep else 1.0
    plain, fast = measure_plain(luma, pool, unit), measure(luma, pool, unit=unit)
    assert fast.shape == plain.shape == (rows // pool, cols // pool)
    assert fast.dtype == np.float32
    # Half a code for each of two roundings, and what the mean over the cell makes of that.
    assert np.abs(contrast_of(fast) - contrast_of(plain)).max() <= (0.01 if deep else 0.75)
    half = shrink(luma, min(pool, 2))
    np.testing.assert_array_equal(measure(luma, pool, half, unit), fast)


def test_a_point_of_light_scores_more_than_its_disc():
    y, x = np.mgrid[:96, :96] - 48.0
    scores = []
    for radius in (2.5, 4, 6, 9):  # the light is the same, spread ever wider; clipped while small
        light = np.minimum(9 * (np.hypot(x, y) < radius) / radius**2, 1)
        disc = cv2.GaussianBlur(light, (0, 0), 1) ** (1 / 2.2) * 255
        scores.append(measure(disc.astype(np.uint8), 4).sum())
    assert scores == sorted(scores, reverse=True)


@given(st.floats(0, 255, width=32))
def test_contrast_is_found_back_from_its_score(contrast):
    back = contrast_of(score_of(np.array([contrast], np.float32)))
    np.testing.assert_allclose(back, contrast, rtol=2e-4, atol=1e-5)


def test_padded_rows_do_not_matter():
    wide = np.random.default_rng(1).integers(0, 255, (64, 200)).astype(np.uint8)
    view = wide[:, :150]
    np.testing.assert_array_equal(measure(view, 4), measure(view.copy(), 4))


@pytest.mark.parametrize("pool", [1, 2, 4])
def test_blur_lowers_and_a_flat_picture_has_none(pool):
    sharp = np.random.default_rng(2).integers(0, 255, (96, 128)).astype(np.uint8)
    scores = [measure(cv2.GaussianBlur(sharp, (0, 0), s), pool).mean() for s in (0.6, 1.2, 2.4, 4.8)]
    assert scores == sorted(scores, reverse=True)
    assert measure(np.full((50, 70), 90, np.uint8), pool).max() == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(8, 60), st.integers(8, 60), st.sampled_from([1, 2, 4, 8]), st.booleans())
def test_shrinking_takes_means(rows, cols, factor, colour):
    shape = (rows, cols, 3) if colour else (rows, cols)
    picture = np.random.default_rng(rows).integers(0, 256, shape).astype(np.uint8)
    small = shrink(picture, factor)
    whole = picture[: rows // factor * factor, : cols // factor * factor].astype(float)
    blocks = whole.reshape(rows // factor, factor, cols // factor, factor, *shape[2:]).mean(axis=(1, 3))
    assert small.dtype == np.uint8
    # Each halving rounds by at most half a code.
    assert np.abs(small - blocks).max() <= 0.5 * np.log2(factor) + 1e-6
    np.testing.assert_allclose(shrink(picture.astype(np.float32), factor), blocks, atol=1e-3)


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 20000), st.integers(2, 20000))
def test_cells_are_as_small_as_the_limit_allows(width, height):
    pool = pool_for(width, height)
    assert pool & (pool - 1) == 0
    assert max(width, height) / pool <= LONG_SIDE
    assert pool == 1 or max(width, height) / (pool // 2) > LONG_SIDE
