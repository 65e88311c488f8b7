"""Stills whose colour was enlarged from half the size are found out, and taken apart again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.fuse.colour import widened
from postfocus.fuse.half_colour import STRIP, HalfColour, taken_back
from postfocus.io.colour import frame_to_rgb
from postfocus.model.frame import Coding, Frame, FrameInfo, Matrix
from postfocus.synth.encode import to_planes
from tests.support.painting import painting, through_jpeg
from tests.support.scenes import grey_frame, rgb_frame, video_frame


def out_of_video(picture: np.ndarray) -> np.ndarray:
    return frame_to_rgb(video_frame(*to_planes(picture)))


def test_colours_are_found_where_jpeg_and_video_put_them():
    assert HalfColour.of(rgb_frame(through_jpeg(painting(), "420"), 0)) == HalfColour(left=False)
    assert HalfColour.of(rgb_frame(out_of_video(painting()[:262, :300]), 0)) == HalfColour(left=True)


@pytest.mark.parametrize("sampling", ["444", "422"])
def test_colour_of_full_size_in_either_direction_is_left_alone(sampling):
    whole = through_jpeg(painting(), sampling)
    assert HalfColour.of(rgb_frame(whole, 0)) is None
    assert HalfColour.of(rgb_frame(np.ascontiguousarray(whole.swapaxes(0, 1)), 0)) is None


def test_nothing_is_told_by_plain_grey_small_or_noisy_pictures():
    noise = np.random.default_rng(5).integers(0, 255, (300, 200, 3)).astype(np.uint8)
    for picture in (np.full((300, 200, 3), 77, np.uint8), painting(40, 300), noise):
        assert HalfColour.of(rgb_frame(picture, 0)) is None
    assert HalfColour.of(grey_frame(painting()[..., 0], 0)) is None


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize(("h", "w"), [(2 * STRIP + 7, 301), (STRIP, 300), (STRIP + 1, 31)])
@pytest.mark.parametrize("left", [False, True], ids=["midway", "left"])
def test_taken_apart_a_picture_is_what_it_was_enlarged_from(left, h, w, bits):
    rng = np.random.default_rng(3)
    luma = rng.integers(90 << 8, 160 << 8, (h, w)).astype(np.uint16)
    half = (-(-h // 2), -(-w // 2))
    colours = [rng.integers(118 << 8, 138 << 8, half).astype(np.uint16) for _ in range(2)]
    coding = Coding(Matrix.BT709 if left else Matrix.BT601, True, 16)
    rgb = frame_to_rgb(Frame((luma, *colours), luma, coding, FrameInfo(4)), bits=bits)
    found = HalfColour(left).apart(rgb_frame(rgb, 4, bits))
    unit = 257 if bits == 8 else 1
    assert found.coding == coding
    assert found.info.index == 4
    assert np.abs(found.planes[0].astype(int) - luma).max() <= 2 * unit
    for plane, recorded in zip(found.planes[1:], colours, strict=True):
        assert np.abs(plane.astype(int) - recorded).max() <= 5 * unit
    again, first = (frame_to_rgb(x, bits=16).astype(int) for x in (found, rgb_frame(rgb, 4, bits)))
    assert np.abs(again - first).max() <= 5 * unit


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 9), st.integers(1, 5), st.integers(0, 1000))
def test_lines_aretaken_back_exactly(h, w, seed):
    rows = np.random.default_rng(seed).uniform(-200, 200, (h, w)).astype(np.float32)
    drawn = widened(rows.T.copy(), left=False).T
    np.testing.assert_allclose(taken_back(drawn), rows, atol=1e-3)
    np.testing.assert_allclose(taken_back(drawn[:-1]), rows, atol=2e-3)
    np.testing.assert_array_equal(widened(rows, left=True)[:, 0::2], rows)
