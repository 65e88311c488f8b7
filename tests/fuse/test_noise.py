"""Noise left in a merged picture is averaged away; the picture's own contrast stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from postfocus.fuse.colour import full_colour
from postfocus.fuse.noise import MOST, STRIP, USUAL, cleaned, cleaned_colour, share_of
from tests.support.scenes import grey_frame, rgb_frame, video_frame

UNIT = 257.0
"""Codes of a grey level in 16-bit pictures of full range."""


def noisy(clean: np.ndarray, level: float) -> np.ndarray:
    noise = np.random.default_rng(5).normal(0, level, clean.shape)
    return np.clip(np.rint((clean + noise) * UNIT), 0, 65535).astype(np.uint16)


def rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


@pytest.mark.parametrize("make", [grey_frame, rgb_frame])
def test_noise_of_a_plain_area_is_averaged(make):
    clean = np.full((2 * STRIP + 9, 90, 3), 120.0)
    clean = clean if make is rgb_frame else clean[..., 0]
    frame = make(noisy(clean, 0.5), 0, 16)
    after = rms(cleaned(frame, 1.0).planes[0] / UNIT - clean)
    assert after < 0.7 * rms(frame.planes[0] / UNIT - clean)


def test_strong_texture_stays_as_it_is():
    rng = np.random.default_rng(2)
    clean = 120 + cv2.GaussianBlur(rng.normal(0, 60, (200, 200)), (0, 0), 0.8)
    frame = grey_frame(noisy(clean, 0.0), 0, 16)
    assert rms(cleaned(frame, 1.0).planes[0] / UNIT - frame.planes[0] / UNIT) < 0.05


def test_strips_meet_without_a_seam():
    rng = np.random.default_rng(3)
    codes = rng.integers(30000, 30500, (3 * STRIP, 64)).astype(np.uint16)
    whole = cleaned(grey_frame(codes, 0, 16), 1.0).planes[0]
    part = cleaned(grey_frame(codes[STRIP - 20 : STRIP + 50], 0, 16), 1.0).planes[0]
    assert np.array_equal(whole[STRIP - 10 : STRIP + 40], part[10:60])


def test_nothing_is_done_where_noise_is_unknown():
    frame = grey_frame(noisy(np.full((40, 40), 90.0), 2.0), 0, 16)
    assert share_of(0.0) == 0
    assert cleaned(frame, share_of(0.0)) is frame


def test_the_share_follows_noise_up_to_a_limit():
    assert share_of(USUAL) == pytest.approx(1)
    assert share_of(100 * USUAL) == MOST


def test_colour_keeps_its_edges_and_those_of_brightness():
    rng = np.random.default_rng(4)
    luma = np.full((60, 80), 100.0, np.float32)
    chroma = np.full((60, 80), 128.0, np.float32)
    luma[:, 40:] += 30  # brightness and colour change together …
    chroma[:, 40:] += 12
    chroma[30:] -= 20  # … and colour alone
    dirty = (chroma + rng.normal(0, 0.7, chroma.shape)).astype(np.float32)
    found = cleaned_colour(dirty, luma, 1.0, 1.0)
    assert rms(found - chroma) < 0.6 * rms(dirty - chroma)
    edges = np.s_[25:35, 35:45]
    assert rms((found - chroma)[edges]) < rms((dirty - chroma)[edges])


def test_a_merged_video_frame_has_calmer_colour():
    rng = np.random.default_rng(6)
    luma = np.full((90, 120), 100 << 8, np.uint16)
    planes = [np.clip(rng.normal(128 * 256, 256, (45, 60)), 0, 65535).astype(np.uint16) for _ in range(2)]
    frame = video_frame(luma, *planes, index=0, bits=16)
    before, after = full_colour(frame), full_colour(frame, 1.0)
    for old, new in zip(before.planes[1:], after.planes[1:], strict=True):
        assert new.std() < 0.7 * old.std()
