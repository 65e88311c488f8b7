"""Layers hold all light once, and blurred they are what a blur of the whole is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from postfocus.fuse.layers import MOST, WIDE, Layers, places_of, spread

RNG = np.random.default_rng(4)
BLUR = cv2.GaussianBlur(RNG.uniform(0, 9, (40, 60)).astype(np.float32), (0, 0), 6)
BLUR = np.asarray(np.interp(BLUR, (BLUR.min(), BLUR.max()), (2, 9)), np.float32)
VALUES = RNG.uniform(0, 1, (40, 60, 3)).astype(np.float32)


def test_places_span_the_picture_and_are_not_too_many() -> None:
    at = places_of(BLUR)
    assert (at[0], at[-1]) == pytest.approx((2, 9))
    assert len(at) == 8
    assert len(places_of(BLUR * 20)) == MOST
    assert len(places_of(np.full((4, 4), 3, np.float32))) < 2


def test_shares_sum_to_one_and_layers_to_the_picture() -> None:
    layers = Layers(VALUES, BLUR, places_of(BLUR))
    total = sum(layers.layer(n) for n in range(len(layers.at)))
    np.testing.assert_allclose(total[..., 3], 1, atol=1e-5)
    np.testing.assert_allclose(total[..., :3], VALUES, atol=1e-5)


@pytest.mark.parametrize("radius", [1.5, WIDE + 2])
def test_a_layer_blurred_in_a_box_is_the_blurred_layer_cut(radius: float) -> None:
    layers = Layers(VALUES, BLUR, places_of(BLUR))
    box = (slice(8, 24), slice(16, 40))
    part, whole = layers.blurred(3, radius, box), spread(layers.layer(3), radius)
    np.testing.assert_allclose(part, whole[box], atol=0.01)


def test_a_wide_blur_at_half_the_size_is_nearly_the_same() -> None:
    layer = Layers(VALUES, BLUR, places_of(BLUR)).layer(2)
    wide = spread(layer, WIDE)
    exact = cv2.GaussianBlur(layer, (0, 0), WIDE / 2, borderType=cv2.BORDER_REPLICATE)
    assert np.abs(wide - exact)[4:-4, 4:-4].max() < 0.03


def test_layers_meet_only_within_reach() -> None:
    blur = np.full((40, 60), 1, np.float32)
    blur[:, :6], blur[:, 54:] = 0, 2
    layers = Layers(VALUES, blur, [0.0, 1.0, 2.0])
    assert layers.meet(0, 2, 1) is not None
    assert layers.meet(0, 1.0, 2) is None
