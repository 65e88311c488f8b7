"""How sharp cloth of one brightness is, is told by its colour."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from postfocus.focus.by_hue import measure_hue
from postfocus.focus.measure import measure
from postfocus.hue import Hue
from postfocus.model.frame import Coding, Frame, FrameInfo, Matrix
from tests.support.scenes import video_frame

RED_OVER_BLUE = Hue((0.7, 0.0, -0.3), 76.5)
H, W = 120, 160


def cloth(blur: float, seed: int = 1) -> np.ndarray:
    """`(H / 2, W / 2)`: 40 levels of red on blue, as sharp as `blur` leaves it."""
    share = np.random.default_rng(seed).normal(size=(H // 2, W // 2)).astype(np.float32)
    return 40 * cv2.GaussianBlur(share, (0, 0), 0.7 + blur) / cv2.GaussianBlur(share, (0, 0), 0.7).std()


def woven(blur: float, grain: float) -> Frame:
    """Video of it, as bright everywhere but for the grain."""
    red = cloth(blur)
    u, v = (np.clip(128 + part * red, 0, 255).astype(np.uint8) for part in (-0.8, 0.4))
    luma = np.clip(110 + np.random.default_rng(2).normal(0, grain, (H, W)), 0, 255).astype(np.uint8)
    return video_frame(luma, u, v, 0)


@pytest.mark.parametrize("pool", [1, 2, 4, 8])
def test_the_sharper_cloth_has_the_higher_score_whatever_the_grain(pool):
    sharp, soft = woven(0.0, 0.5), woven(1.5, 3.0)
    assert measure(soft.luma, pool).mean() > measure(sharp.luma, pool).mean()
    scores = [measure_hue(frame, pool, RED_OVER_BLUE) for frame in (sharp, soft)]
    assert scores[0].shape == (H // pool, W // pool)
    assert scores[0].mean() > 1.5 * scores[1].mean()


def test_a_frame_of_odd_size_and_one_of_red_green_and_blue_have_as_many_cells():
    rgb = np.random.default_rng(3).integers(0, 256, (75, 101, 3)).astype(np.uint8)
    frame = Frame((rgb,), rgb[..., 1], Coding(Matrix.RGB, True, 8), FrameInfo(0))
    for pool in (1, 2, 4):
        score = measure_hue(frame, pool, RED_OVER_BLUE)
        assert score.shape == (75 // pool, 101 // pool)
        assert score.min() > 0
