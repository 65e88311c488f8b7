"""Stills with halved colour are found out, and merged with colour as sharp as brightness."""

from __future__ import annotations

import numpy as np
import pytest

from postfocus.fuse.soft_colour import STRIP, halved, sharp_colour
from tests.support.painting import painting, through_jpeg
from tests.support.scenes import grey_frame, rgb_frame

UNIT = 257.0


@pytest.mark.parametrize(
    ("sampling", "wanted"), [("444", (False, False)), ("422", (False, True)), ("420", (True, True))]
)
def test_what_a_jpeg_halved_is_seen_in_its_pixels(sampling, wanted):
    assert halved(through_jpeg(painting(), sampling), 1.0) == wanted


def test_a_picture_turned_on_its_side_has_halved_rows():
    turned = np.ascontiguousarray(through_jpeg(painting(), "422").swapaxes(0, 1))
    assert halved(turned, 1.0) == (True, False)


@pytest.mark.parametrize("sampling", ["422", "420"])
def test_colour_comes_nearer_to_what_it_was(sampling):
    truth = painting()
    soft = through_jpeg(truth, sampling).astype(np.uint16) * 257
    sharp = sharp_colour(rgb_frame(soft, 0, 16)).planes[0]

    def error(picture):
        return float(np.square(picture / UNIT - truth).mean())

    assert error(sharp) < 0.8 * error(soft)


def test_brightness_stays_as_it_is():
    soft = through_jpeg(painting(), "420").astype(np.uint16) * 100 + 15000  # room for every colour
    sharp = sharp_colour(rgb_frame(soft, 0, 16)).planes[0]
    weights = np.array([0.299, 0.587, 0.114])
    assert np.abs((sharp.astype(float) - soft) @ weights).max() < 1.5


def test_full_colour_and_grey_and_plain_pictures_are_left_alone():
    for picture in (painting(), np.full((300, 200, 3), 77, np.uint8), painting(4, 6)):
        frame = rgb_frame(picture.astype(np.uint16) * 257, 0, 16)
        assert sharp_colour(frame) is frame
    grey = grey_frame(painting()[..., 0].astype(np.uint16) * 257, 0, 16)
    assert sharp_colour(grey) is grey


def test_strips_meet_without_a_seam():
    soft = through_jpeg(painting(), "420").astype(np.uint16) * 257
    whole = sharp_colour(rgb_frame(soft, 0, 16)).planes[0]
    lower = sharp_colour(rgb_frame(soft[STRIP - 40 :], 0, 16)).planes[0]
    assert np.abs(whole[STRIP - 20 : STRIP + 60].astype(int) - lower[20:100]).max() <= 1
