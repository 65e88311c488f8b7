"""A touch finds its frame, and few frames are chosen that show most."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.depth.estimate import DepthSettings, estimate_depth, estimate_noise, smoothed_band
from postfocus.depth.pick import cover, curve_at, peak_at
from postfocus.model.depth import Noise, State
from tests.support.scenes import curves_at, volume_of


def cost(position: np.ndarray, weight: np.ndarray, chosen) -> float:
    """How far, weighted, the places lie from the nearest chosen frame."""
    return float((weight * np.abs(position[:, None] - np.array(chosen)).min(axis=1)).sum())


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 9), st.integers(1, 5), st.integers(0, 10_000))
def test_frames_that_show_most_are_the_best_there_are(count, most, seed):
    rng = np.random.default_rng(seed)
    frames = np.cumsum(rng.integers(1, 4, count))
    held = rng.random(count) < 0.8
    held[0] = True
    position = frames[held].astype(np.float32)
    weight = rng.uniform(0.1, 1, held.sum()).astype(np.float32)
    chosen = cover(position[None], weight[None], frames, most)
    assert chosen == sorted(set(chosen))
    assert set(chosen) <= set(frames.tolist())
    assert len(chosen) == min(most, held.sum())
    best = min(cost(position, weight, c) for c in combinations(frames.tolist(), len(chosen)))
    assert cost(position, weight, chosen) <= best + 1e-5


def test_fewer_planes_need_fewer_frames():
    position = np.array([[2.1, 1.9, 7.0, 7.2, 2.0]], np.float32)
    assert cover(position, np.ones_like(position), np.arange(10), 5) == [2, 7]
    assert cover(position, np.zeros_like(position), np.arange(10), 5) == []
    assert cover(position, np.ones_like(position), np.array([4]), 3) == [4]


def test_long_sweeps_are_covered_too():
    position = np.linspace(0, 299, 5000, dtype=np.float32)[None]
    chosen = cover(position, np.ones_like(position), np.arange(300), 3)
    assert np.abs(np.array(chosen) - (50, 150, 250)).max() <= 2


def test_curve_of_a_place_is_that_of_the_depth_map(tmp_path):
    rng = np.random.default_rng(1)
    volume = volume_of(rng.uniform(1, 20, (8, 40, 50)), tmp_path / "v")
    sigma = 1.75
    for row, col in ((20, 25), (15, 30)):
        whole = smoothed_band(volume, row, row + 1, sigma)[:, 0, col]
        np.testing.assert_allclose(curve_at(volume, row, col, sigma), whole, rtol=0.03)


def test_unseen_neighbours_do_not_lower_a_curve(tmp_path):
    curves = np.full((6, 30, 30), 9.0)
    curves[2, :, :15] = 0
    curve = curve_at(volume_of(curves, tmp_path / "v"), 10, 16, 2.0)
    np.testing.assert_allclose(curve, 9, rtol=0.02)
    assert curve_at(volume_of(curves, tmp_path / "w"), 10, 12, 2.0)[2] == 0


def test_a_touch_finds_the_peak_everywhere_even_in_corners(tmp_path):
    truth = np.linspace(2, 17, 60)[None].repeat(40, 0)
    volume = volume_of(curves_at(truth, 20), tmp_path / "v")
    noise = estimate_noise(volume, 1.75)
    for row in (0, 20, 39):
        for col in (0, 30, 59):
            found = peak_at(volume, row, col, 1.75, noise)
            assert found.state[0] == State.IN_FOCUS
            assert abs(found.slot[0] - truth[row, col]) < 0.4


def test_between_the_lines_the_surroundings_are_asked(tmp_path):
    rng = np.random.default_rng(2)
    curves = curves_at(np.full((40, 40), 8.0), 20)
    curves[:, 17:23, 17:23] = 1.0
    curves += rng.normal(0, 0.05, curves.shape).astype(np.float32)
    volume = volume_of(curves, tmp_path / "v")
    found = peak_at(volume, 20, 20, 1.75, Noise(0.05, np.zeros(20, np.float32)))
    assert found.state[0] == State.IN_FOCUS
    assert abs(found.slot[0] - 8) < 0.5


def test_a_lamp_beside_weak_texture_speaks_for_itself_only(tmp_path):
    rng = np.random.default_rng(4)
    weak = np.exp(-0.5 * ((np.arange(20) - 4) / 3.0) ** 2)[:, None, None]
    curves = (0.5 + 0.6 * weak + rng.normal(0, 0.05, (20, 40, 40))).astype(np.float32)
    lamp = np.exp(-0.5 * ((np.arange(20) - 16) / 0.8) ** 2)[:, None, None]
    curves[:, 18:22, 25:29] += 300 * lamp.astype(np.float32)
    volume = volume_of(curves, tmp_path / "v")
    noise = Noise(0.02, np.zeros(20, np.float32))
    found = peak_at(volume, 20, 20, 1.0, noise)
    assert abs(found.slot[0] - 4) < 3
    assert abs(peak_at(volume, 20, 27, 1.0, noise).slot[0] - 16) < 0.5


def test_a_plain_wall_has_no_frame(tmp_path):
    rng = np.random.default_rng(3)
    curves = 1 + rng.normal(0, 0.1, (20, 40, 40)).astype(np.float32)
    volume = volume_of(curves, tmp_path / "v")
    found = peak_at(volume, 20, 20, 1.75, estimate_noise(volume, 1.75))
    assert found.state[0] == State.NO_TEXTURE


@pytest.mark.parametrize("place", [(5, 5), (20, 31), (39, 59)])
def test_touch_and_map_agree(tmp_path, place):
    truth = np.linspace(2, 17, 60)[None].repeat(40, 0)
    volume = volume_of(curves_at(truth, 20), tmp_path / "v")
    depth = estimate_depth(volume, np.arange(20), 4, 240, 160, DepthSettings())
    found = peak_at(volume, *place, 1.75, estimate_noise(volume, 1.75))
    assert abs(found.slot[0] - depth.position[place]) < 0.4
