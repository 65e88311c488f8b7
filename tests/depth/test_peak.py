"""Peaks whose place is known are found, and what is no peak is told apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import postfocus.depth.peak as peak
from postfocus.depth.peak import find_peaks
from postfocus.model.depth import Noise, State


def quiet(count: int, scatter: float = 0.02) -> Noise:
    return Noise(scatter, np.zeros(count, np.float32))


def bells(count: int, at: np.ndarray, width: float, height: float = 10.0, floor: float = 1.0) -> np.ndarray:
    k = np.arange(count)[:, None]
    return (floor + height * np.exp(-0.5 * ((k - at) / width) ** 2)).astype(np.float32)


@pytest.mark.parametrize("count", [9, 12, 30, 120])
@pytest.mark.parametrize("width", [1.0, 2.0, 4.0])
def test_inner_peaks_are_found_to_a_tenth_of_a_frame(count, width):
    at = np.linspace(1, count - 2, 173)
    found = find_peaks(bells(count, at, width), quiet(count))
    error = np.abs(found.slot - at)
    # Nearer to an end than the curve is wide, half of it is missing.
    inner = np.minimum(at, count - 1 - at) > 1.5 * width
    assert error.max() < 0.4
    assert error[inner].max(initial=0) < 0.25
    assert np.sqrt(np.mean(error**2)) < 0.15
    assert (found.state == State.IN_FOCUS).all()


def test_broad_peaks_of_a_dense_sweep_are_found():
    at = np.linspace(10, 109, 200)
    found = find_peaks(bells(120, at, 12.0), quiet(120))
    assert np.abs(found.slot - at).max() < 0.5


@settings(max_examples=25, deadline=None)
@given(st.integers(8, 60), st.floats(1.0, 4.0), st.integers(0, 1000))
def test_noise_moves_peaks_little(count, width, seed):
    rng = np.random.default_rng(seed)
    at = rng.uniform(2, count - 3, 200)
    curves = bells(count, at, width)
    curves += rng.normal(0, 0.1, curves.shape).astype(np.float32)
    found = find_peaks(curves, quiet(count, 0.1))
    assert np.sqrt(np.mean((found.slot - at) ** 2)) < 0.2
    assert (found.state != State.NO_TEXTURE).mean() > 0.99


@pytest.mark.parametrize(
    ("width", "at", "off"),
    [(3, 1, 0.5), (3, 5, 1.2), (3, 14.5, 0.3), (5, 3, 2.6), (5, 5, 2.4), (5, 14.5, 0.3),
     (9, 1, 1.0), (9, 5, 0.7), (9, 14.5, 0.3), (12, 3, 1.1), (12, 5, 0.8), (12, 27, 1.1)],
)  # fmt: skip
def test_a_low_hill_is_found_under_the_noise_on_its_top(width, at, off):
    rng = np.random.default_rng(9)
    hill = 0.9 * np.exp(-0.5 * ((np.arange(30) - at) / width) ** 2)
    curves = (0.7 + hill[:, None] + rng.normal(0, 0.05, (30, 4000))).astype(np.float32)
    found = find_peaks(curves, quiet(30, 0.05))
    assert np.sqrt(np.mean((found.slot - at) ** 2)) < off


def test_a_weak_curve_that_has_no_summit_keeps_the_place_of_its_top():
    curves = np.full((30, 5), 1.0, np.float32)
    curves[0] = curves[-1] = 1.6
    found = find_peaks(curves, quiet(30, 0.05))
    assert np.isin(np.rint(found.slot), (0, 29)).all()


@pytest.mark.parametrize("count", [12, 30, 120])
def test_flat_noise_is_no_texture(count):
    rng = np.random.default_rng(count)
    curves = (2 + rng.normal(0, 0.05, (count, 20000))).astype(np.float32)
    found = find_peaks(curves, quiet(count, 0.05))
    assert (found.state == State.NO_TEXTURE).mean() > 0.999
    assert np.median(found.confidence) < 0.4


def test_pulses_that_every_plain_place_shows_are_taken_off():
    count = 60
    pulse = np.where(np.arange(count) % 15 == 0, 0.6, 0).astype(np.float32)
    rng = np.random.default_rng(4)
    plain = (1 + pulse[:, None] + rng.normal(0, 0.03, (count, 3000))).astype(np.float32)
    told = find_peaks(plain, Noise(0.03, pulse))
    untold = find_peaks(plain, quiet(count, 0.03))
    assert (told.state == State.NO_TEXTURE).mean() > 0.99
    assert (untold.state == State.NO_TEXTURE).mean() < 0.9


@pytest.mark.parametrize("count", [16, 30, 120])
def test_curves_that_only_rise_or_fall_lie_outside(count):
    k = np.arange(count)[:, None] / count
    rising = (1 + 10 * np.exp(3 * (k - 1)) * np.ones(4)).astype(np.float32)
    for curves, end in ((rising, count - 1), (rising[::-1], 0)):
        found = find_peaks(np.ascontiguousarray(curves), quiet(count))
        assert (found.state == State.OUTSIDE).all()
        assert np.abs(found.slot - end).max() < 0.15 * count
        assert found.confidence.max() < 0.45


@pytest.mark.parametrize("count", [3, 7, 15])
def test_the_ends_of_a_bracket_of_few_frames_count_as_inside(count):
    curves = np.ones((count, 2), np.float32)
    curves[0, 0] = curves[-1, 1] = 9
    found = find_peaks(curves, quiet(count))
    assert (found.state == State.IN_FOCUS).all()
    assert found.slot.tolist() == pytest.approx([0, count - 1], abs=0.2)


@pytest.mark.parametrize("count", [18, 30, 120])
def test_a_peak_far_beyond_the_end_is_outside_and_one_at_the_end_is_not(count):
    width = 0.15 * count
    beyond = np.array([-0.35 * count, count - 1 + 0.35 * count])
    assert (find_peaks(bells(count, beyond, width), quiet(count)).state == State.OUTSIDE).all()
    within = np.array([0.0, count - 1.0])
    found = find_peaks(bells(count, within, width), quiet(count))
    assert (found.state == State.IN_FOCUS).all()
    assert np.abs(found.slot - within).max() < 0.06 * count


def test_two_peaks_are_trusted_less_than_one():
    one = bells(40, np.array([10.0]), 2.0)
    two = one + bells(40, np.array([30.0]), 2.0, floor=0.0)
    sure, unsure = find_peaks(one, quiet(40)), find_peaks(two, quiet(40))
    assert sure.confidence[0] > 0.6
    assert unsure.confidence[0] < 0.3
    assert unsure.confidence[0] < 0.5 * sure.confidence[0]


def test_frames_that_do_not_show_the_place_do_not_count():
    at = np.linspace(6, 24, 50)
    curves = bells(30, at, 2.0)
    for hidden in (slice(0, 3), slice(28, 30)):
        cut = curves.copy()
        cut[hidden] = 0
        found, whole = find_peaks(cut, quiet(30)), find_peaks(curves, quiet(30))
        assert np.abs(found.slot - whole.slot).max() < 0.1
        assert (found.state == State.IN_FOCUS).all()
    # Darkness is not a rise: a flat curve seen by half of the frames stays without texture.
    flat = np.full((30, 5), 2, np.float32)
    flat[:15] = 0
    assert (find_peaks(flat, quiet(30)).state == State.NO_TEXTURE).all()


def test_a_place_no_frame_shows_is_no_texture():
    found = find_peaks(np.zeros((20, 4), np.float32), quiet(20))
    assert (found.state == State.NO_TEXTURE).all()
    assert np.isfinite(found.slot).all()
    assert found.confidence.max() < 0.05


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 40), st.integers(1, 9), st.integers(1, 400), st.integers(0, 99))
def test_results_stay_within_their_ranges(count, rows, cols, seed):
    rng = np.random.default_rng(seed)
    curves = (63 * rng.random((count, rows, cols)) ** 4).astype(np.float32)
    curves[rng.random(curves.shape) < 0.1] = 0
    found = find_peaks(curves, quiet(count))
    for values in (found.slot, found.confidence, found.state):
        assert values.shape == (rows, cols)
        assert np.isfinite(values).all()
    assert found.slot.min() >= 0
    assert found.slot.max() <= count - 1
    assert found.confidence.min() >= 0
    assert found.confidence.max() <= 1
    assert found.state.max() <= State.OUTSIDE


def test_pieces_do_not_change_the_result(monkeypatch):
    rng = np.random.default_rng(3)
    curves = bells(20, rng.uniform(0, 19, 3000), 2.0).reshape(20, 30, 100)
    curves += rng.normal(0, 0.1, curves.shape).astype(np.float32)
    whole = find_peaks(curves, quiet(20))
    monkeypatch.setattr(peak, "CHUNK_VALUES", 16)
    pieces = find_peaks(curves, quiet(20))
    np.testing.assert_allclose(pieces.slot, whole.slot, atol=1e-3)
    np.testing.assert_allclose(pieces.confidence, whole.confidence, atol=1e-3)
    np.testing.assert_array_equal(pieces.state, whole.state)


def test_brightness_of_the_place_does_not_matter():
    at = np.linspace(3, 26, 60)
    low, high = bells(30, at, 2.0, 5.0, 0.5), bells(30, at, 2.0, 50.0, 5.0)
    a, b = find_peaks(low, quiet(30, 1e-4)), find_peaks(high, quiet(30, 1e-4))
    np.testing.assert_allclose(a.slot, b.slot, atol=1e-3)
    np.testing.assert_allclose(a.confidence, b.confidence, atol=0.02)
