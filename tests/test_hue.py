"""Frames are aligned by brightness, unless their detail is in their colour."""

from __future__ import annotations

import numpy as np
import pytest

from postfocus.align.picture import Preparation
from postfocus.hue import BRIGHTNESS, Hue, hue_of, linear_rgb
from postfocus.io.colour import LUMINANCE
from postfocus.model.frame import Coding, Matrix
from tests.align.scenes import texture

H, W = 90, 160


def cloth(one: tuple[float, float, float], other: tuple[float, float, float], seed: int = 1) -> np.ndarray:
    """`(H, W, 3)` light, 0...255, woven of two colours."""
    share = texture(np.random.default_rng(seed), H, W)[..., None] / 255
    return (share * np.array(one) + (1 - share) * np.array(other)).astype(np.float32)


def test_red_on_blue_of_one_brightness_is_told_by_their_difference():
    light = cloth((90.0, 10.0, 10.0), (10.0, 10.0, 10.0 + 80.0 * LUMINANCE[0] / LUMINANCE[2]))
    assert (light @ LUMINANCE).std() < 1e-3
    hue = hue_of(light)
    assert hue is not None
    assert hue.weights[0] * hue.weights[2] < 0
    assert abs(hue.weights[1]) < 0.1
    assert np.abs(np.array(hue.weights)).sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "colours",
    [((220, 220, 220), (20, 20, 20)), ((220, 90, 30), (20, 60, 10)), ((200, 90, 150), (30, 90, 20))],
)
def test_light_and_dark_are_told_by_brightness(colours):
    assert hue_of(cloth(*colours)) is BRIGHTNESS


@pytest.mark.parametrize("colour", [(60, 0, 200), (120, 0, 220), (20, 0, 200), (0, 20, 200)])
def test_light_stays_brighter_than_dark(colour):
    hue = hue_of(cloth(colour, (0, 0, 0)))
    assert hue is not None
    assert hue.black == pytest.approx(0, abs=1)
    assert min(hue.weights) > -0.01


def test_noise_and_even_grounds_show_nothing():
    even = np.full((H, W, 3), 60, np.float32)
    assert hue_of(even) is None
    even[..., 2] += np.random.default_rng(2).normal(0, 4, (H, W)).astype(np.float32)
    assert hue_of(even) is None


def test_what_frames_are_aligned_by_keeps_to_the_levels_of_light():
    hue = Hue.along(np.array([-0.5, 0.1, 0.8]))
    corners = np.array([[(r, g, b) for r in (0, 255) for g in (0, 255) for b in (0, 255)]], np.float32)
    seen = hue.of(corners)
    assert seen.min() == pytest.approx(0, abs=1e-3)
    assert seen.max() == pytest.approx(255, abs=1e-3)
    assert BRIGHTNESS.black == 0
    assert BRIGHTNESS.of(corners) == pytest.approx(corners @ LUMINANCE, abs=1e-3)


def test_planes_of_any_kind_become_the_same_light():
    grey = np.full((4, 6), 188, np.uint8)
    neutral = np.full((4, 6), 128, np.uint8)
    light = linear_rgb(grey, neutral, neutral, Coding(Matrix.RGB))
    assert light == pytest.approx(np.full((4, 6, 3), 128), abs=1.5)
    assert (linear_rgb(grey + np.float32(0.2), neutral, neutral, Coding(Matrix.RGB)) == light).all()
    video = linear_rgb(grey, neutral, neutral, Coding(Matrix.BT709, full_range=False))
    assert video[0, 0, 0] > light[0, 0, 0]


@pytest.mark.parametrize("size", [(40, 44), (100, 180), (240, 320)], ids=["tiny", "small", "usual"])
def test_detail_comes_from_what_is_given_and_brightness_from_luma(size):
    h, w = size
    rng = np.random.default_rng(3)
    luma, other = (texture(rng, h, w) for _ in range(2))
    usual, told = (Preparation(w, h, 1).views(luma, light) for light in (None, np.square(other) / 255))
    alone = Preparation(w, h, 1).views(other)
    assert (told.low == usual.low).all()
    assert told.fine.n == pytest.approx(alone.fine.n, abs=1e-3)
    assert told.coarse.n == pytest.approx(alone.coarse.n, abs=1e-3)
    assert usual.low.mean() == pytest.approx(float((luma**2).mean()) / 255, rel=0.05)
