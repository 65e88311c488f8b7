"""Depth is carried into places that have none, and left alone where it is sure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.depth.estimate import mark_moved, steadied
from postfocus.depth.fill import fill
from postfocus.model.depth import State
from tests.support.scenes import a_depth

shapes = st.tuples(st.integers(1, 40), st.integers(1, 40))


@settings(max_examples=50, deadline=None)
@given(shapes, st.integers(0, 99))
def test_sure_places_keep_their_depth_and_others_stay_between(shape, seed):
    rng = np.random.default_rng(seed)
    position = rng.uniform(0, 30, shape).astype(np.float32)
    sure = rng.random(shape) < 0.3
    filled = fill(position, np.where(sure, 1, 0).astype(np.float32))
    assert filled.shape == shape
    assert filled.dtype == np.float32
    assert np.isfinite(filled).all()
    np.testing.assert_array_equal(filled[sure], position[sure])
    if sure.any():
        # Nothing is invented: every place lies between the known ones, or keeps to its own.
        known = position[sure]
        assert filled.min() >= known.min() - 1e-3
        assert filled.max() <= known.max() + 1e-3


@settings(max_examples=20, deadline=None)
@given(shapes, st.floats(0, 100))
def test_one_depth_everywhere_stays(shape, depth):
    position = np.full(shape, depth, np.float32)
    confidence = np.random.default_rng(1).random(shape).astype(np.float32)
    np.testing.assert_allclose(fill(position, confidence), depth, atol=1e-3)


def test_a_hole_takes_the_depth_around_it():
    position = np.full((41, 53), 12.0, np.float32)
    confidence = np.ones((41, 53), np.float32)
    position[10:30, 15:40], confidence[10:30, 15:40] = 99.0, 1e-6
    assert np.abs(fill(position, confidence) - 12).max() < 0.05


def test_a_hole_between_two_planes_goes_from_one_to_the_other():
    position = np.where(np.arange(64) < 32, 4.0, 20.0).astype(np.float32)[None].repeat(48, 0)
    confidence = np.where((np.arange(64) < 8) | (np.arange(64) >= 56), 1.0, 0.0).astype(np.float32)
    row = fill(position, confidence[None].repeat(48, 0))[24]
    assert (np.diff(row) > -0.5).all()
    assert abs(row[12] - 4) < 4
    assert abs(row[51] - 20) < 4


def test_with_nothing_known_the_mean_is_taken():
    position = np.random.default_rng(2).uniform(0, 9, (12, 17)).astype(np.float32)
    np.testing.assert_allclose(fill(position, np.zeros_like(position)), position.mean(), rtol=1e-5)
    assert fill(np.zeros((0, 4), np.float32), np.zeros((0, 4), np.float32)).shape == (0, 4)


def test_sure_cells_stay_and_doubtful_ones_follow_them():
    rng = np.random.default_rng(5)
    position = np.full((30, 30), 8.0, np.float32)
    doubtful = rng.random((30, 30)) < 0.2
    position[doubtful] = rng.uniform(0, 20, int(doubtful.sum()))
    trust = np.where(doubtful, 0.1, 0.97).astype(np.float32)
    out = steadied(position, trust)
    np.testing.assert_allclose(out[~doubtful], 8.0, atol=1e-4)
    assert np.abs(out[doubtful] - 8).max() < 0.05
    np.testing.assert_allclose(steadied(position, np.ones_like(trust)), position, atol=1e-5)


@pytest.mark.parametrize("shape", [(6, 8), (12, 16), (13, 17)])
def test_what_moved_is_marked_and_trusted_less(shape):
    depth = a_depth(*shape, 2, 5)
    depth.state[0, 0] = State.NO_TEXTURE
    strength = np.zeros((6, 8), np.float32)
    strength[:, :4] = 5
    marked = mark_moved(depth, strength)
    left, right = slice(0, shape[1] * 3 // 8), slice(shape[1] * 5 // 8, None)
    assert (marked.state[1:, left] == State.MOVED).all()
    assert (marked.state[:, right] == State.IN_FOCUS).all()
    assert marked.state[0, 0] == State.NO_TEXTURE
    assert marked.confidence[:, left].max() < 0.1
    np.testing.assert_allclose(marked.confidence[:, right], 1)
    assert depth.state[1, 0] == State.IN_FOCUS, "the map given is left as it was"
