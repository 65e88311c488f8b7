"""Small copies become light by the frames' own coding: blurred colours mix in them as in the lens."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from postfocus.align.luminance import Copy, Luminance
from postfocus.hue import Hue
from postfocus.io.colour import LUMINANCE, rgb_matrix, srgb_to_light, yuv_to_rgb_plain
from postfocus.model.frame import Coding, Matrix, Transfer

H, W = 60, 81
VIDEO, STILLS = Coding(Matrix.BT709, full_range=False), Coding(Matrix.RGB)
LINEAR = Coding(Matrix.RGB, bits=16, transfer=Transfer.LINEAR)


class Frames:
    """One frame, whatever is asked for."""

    def __init__(self, codes: NDArray[np.float64]) -> None:
        self.codes = np.clip(np.rint(codes), 1, 255).astype(np.uint8)

    def one(self, slot: int) -> NDArray[np.uint8]:
        return self.codes


def petal(blur: float) -> NDArray[np.float32]:
    """`(H, W, 3)` light 0…1: a pink disc before green leaves."""
    y, x = np.mgrid[:H, :W]
    inside = (np.hypot(y - H / 2, x - W / 2) < 18)[..., None]
    light = np.where(inside, (0.8, 0.12, 0.45), (0.08, 0.25, 0.03)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(light, (0, 0), blur), np.float32)


def coded(light: NDArray[np.float32], coding: Coding) -> Luminance:
    """As the index keeps it."""
    code = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.power(light, 1 / 2.4) - 0.055)
    if coding.transfer is Transfer.LINEAR:
        code = light
    like = Coding(Matrix.BT601) if coding.matrix is Matrix.RGB else coding
    matrix = rgb_matrix(like)
    planes = (code - matrix[:, 3]) @ np.linalg.inv(matrix[:, :3]).T
    small = planes[: H // 2 * 2, : W // 2 * 2].reshape(H // 2, 2, W // 2, 2, 3).mean((1, 3))
    colour = np.concatenate([small[..., 1], small[..., 2]])
    return Luminance(Frames(planes[..., 0]), Frames(colour), coding)


@pytest.mark.parametrize("coding", [VIDEO, STILLS, LINEAR], ids=["video", "stills", "linear"])
def test_light_is_what_the_lens_mixed(coding: Coding) -> None:
    light = petal(3.0)
    seen = coded(light, coding).one(0).light
    assert seen.shape == (H, W)
    assert np.abs(seen - 255 * light @ LUMINANCE)[:, : W - 1].max() < 3.5


def test_the_rim_of_a_petal_stays_where_it_is_as_it_blurs() -> None:
    sharp, soft = (coded(petal(blur), STILLS) for blur in (2.0, 5.0))
    more = np.sqrt(5.0**2 - 2.0**2)
    inner = (slice(12, -12), slice(12, -12))
    as_light = cv2.GaussianBlur(sharp.one(0).light, (0, 0), more) - soft.one(0).light
    luma = [np.square(each.bright.one(0) / 255.0) * 255 for each in (sharp, soft)]
    as_luma = cv2.GaussianBlur(luma[0], (0, 0), more) - luma[1]
    assert np.abs(as_light[inner]).mean() < 0.6
    assert np.abs(as_luma[inner]).mean() > 4 * np.abs(as_light[inner]).mean()


def test_colours_beyond_the_codes_are_light_all_the_same() -> None:
    black = Luminance(Frames(np.full((H, W), 16.0)), Frames(np.full((H, W // 2), 200.0)), VIDEO)
    planes = (np.full((1, 1), code) for code in (16, 200, 200))
    red, green, blue = yuv_to_rgb_plain(*planes, VIDEO)[0, 0]
    assert green == 0
    light = 255 * srgb_to_light(np.array([red, green, blue])) @ LUMINANCE
    assert black.one(0).light == pytest.approx(light, rel=0.03)


def test_another_mixture_of_light_is_that_which_was_kept() -> None:
    light, hue = petal(2.0), Hue.along(np.array([0.6, -0.1, 0.3]))
    kept = Frames(hue.codes((255 * light).astype(np.float32)))
    seen = replace(coded(light, STILLS), bright=kept, hue=hue).one(0)
    mixed = 153 * light[..., 0] - 25.5 * light[..., 1] + 76.5 * light[..., 2] + 25.5
    assert np.abs(seen.light - mixed).max() < 1.1
    assert not seen.clipped.any()


def test_what_is_nearly_white_may_be_clipped() -> None:
    light = petal(2.0)
    light[:8, :8] = 1
    clipped = coded(light, STILLS).one(0).clipped
    assert clipped[:7, :7].all()
    assert not clipped[10:].any()


def test_copies_of_half_the_size() -> None:
    light = np.arange(35, dtype=np.float32).reshape(5, 7)
    half = Copy(light, light == 9).halved()
    assert half.light == pytest.approx(light[:4, :6].reshape(2, 2, 3, 2).mean((1, 3)))
    assert np.argwhere(half.clipped).tolist() == [[0, 1]]
