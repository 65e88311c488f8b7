"""The scores of merges without truth, on pictures whose score is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from benchmarks.baselines import BASELINES
from benchmarks.fusion_scores import Grey, fusion_score, grey, mean_score, nmi, q_abf, q_cv, q_w
from benchmarks.scores import gmsd
from hypothesis import given, settings
from hypothesis import strategies as st

KEPT = 0.9994 / (1 + np.exp(-15 * 0.5)) * 0.9879 / (1 + np.exp(-22 * 0.2))
"""Q_AB/F where every edge is kept as it was."""


def picture(seed: int, size: tuple[int, int] = (96, 128)) -> Grey:
    """Texture of 0…255, both reached."""
    raw = cv2.GaussianBlur(np.random.default_rng(seed).normal(size=size), (0, 0), 1.5)
    return np.rint((raw - raw.min()) / np.ptp(raw) * 255)


def blurred(x: Grey, sigma: float) -> Grey:
    return np.asarray(cv2.GaussianBlur(x, (0, 0), sigma), np.float64)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000), count=st.integers(2, 4))
def test_merge_of_equal_pictures_reaches_the_limits(seed: int, count: int) -> None:
    x = picture(seed)
    score = fusion_score([x] * count, x)
    assert score.edges == pytest.approx(KEPT, abs=1e-6)
    assert score.information == pytest.approx(2, abs=1e-9)
    assert score.similarity == pytest.approx(1, abs=1e-9)
    assert score.perceived == pytest.approx(0, abs=1e-9)


def test_an_unrelated_picture_scores_badly() -> None:
    x, y = picture(1), picture(2)
    good, bad = fusion_score([x, x], x), fusion_score([x, x], y)
    assert bad.edges < 0.2
    assert bad.information < 0.5 * good.information
    assert bad.similarity < 0.2
    assert bad.perceived > 100


def test_right_halves_of_two_score_better_than_either() -> None:
    x = picture(3, (128, 256))
    soft = blurred(x, 3)
    left = np.arange(256) < 128
    a, b = np.where(left, x, soft), np.where(left, soft, x)
    merged, mean = fusion_score([a, b], x), fusion_score([a, b], (a + b) / 2)
    for other in (mean, fusion_score([a, b], a)):
        assert merged.similarity > other.similarity
        assert merged.perceived < other.perceived
    assert merged.edges > mean.edges


def test_a_turned_edge_is_lost_and_a_fainter_one_half_kept() -> None:
    stripes = np.tile(100 * np.sin(np.arange(256) * np.pi / 4), (256, 1))
    assert q_abf([stripes], stripes) == pytest.approx(KEPT, abs=1e-6)
    assert q_abf([stripes], np.ascontiguousarray(stripes.T)) < 0.1
    half = 0.9994 / 2 * 0.9879 / (1 + np.exp(-22 * 0.2))
    assert q_abf([stripes], stripes / 2) == pytest.approx(half, abs=1e-3)


def test_flat_pictures_have_scores() -> None:
    flat = np.full((48, 48), 90.0)
    assert q_abf([flat * 0, flat * 0], flat * 0) == 0
    assert q_w([flat, flat], flat) == pytest.approx(1)
    assert nmi([flat, flat], flat) == pytest.approx(2)
    assert q_cv([flat * 0, flat * 0], flat * 0) == 0


def test_q_cv_of_a_known_wave() -> None:
    """The mean square of a wave is weighed by the squared sensitivity at its own frequency."""
    n, period = 128, 8
    x = 20 + picture(5, (n, n)) * 0.84
    y = x + 8 * np.sin(2 * np.pi * np.arange(n) / period)
    for extreme in (x, y):
        extreme[0, :2] = 0, 255
    r = 2 * n / 8 / period
    seen = 2.6 * (0.0192 + 0.144 * r) * np.exp(-((0.144 * r) ** 1.1))
    assert q_cv([x, x], y) == pytest.approx(seen**2 * 8**2 / 2, rel=0.05)


def test_grey_is_that_of_the_papers() -> None:
    colours = np.array([[[255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    assert grey(colours).tolist() == [[255, 76, 150, 29]]


def test_mean_of_scores() -> None:
    x = picture(1)
    one, other = fusion_score([x, x], x), fusion_score([x, x], picture(2))
    assert mean_score([one, other]).similarity == pytest.approx((one.similarity + other.similarity) / 2)


def test_gmsd_is_zero_for_equals_and_grows_with_blur() -> None:
    x = picture(7).astype(np.float32)
    soft = [gmsd(x, cv2.GaussianBlur(x, (0, 0), s).astype(np.float32)) for s in (0.7, 1.5)]
    assert gmsd(x, x) == 0
    assert 0 < soft[0] < soft[1]


@pytest.mark.parametrize("name", BASELINES)
def test_classical_merges_take_the_sharp_halves(name: str) -> None:
    x = np.repeat(picture(9, (160, 320))[..., None], 3, axis=2).astype(np.uint8)
    soft = cv2.GaussianBlur(x, (0, 0), 3)
    left = (np.arange(320) < 160)[None, :, None]
    merged = BASELINES[name]([np.where(left, x, soft), np.where(left, soft, x)])
    off = np.abs(merged.astype(int) - x).mean(axis=(0, 2))
    assert merged.shape == x.shape
    assert off[:120].mean() < 3
    assert off[200:].mean() < 3
