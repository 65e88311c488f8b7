"""The score that chooses between frames: focus raises it, and a piece scores like the whole."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from postfocus.fuse.weigh import FLOOR, GRID, MARGIN, contrast
from postfocus.model.alignment import Rect
from tests.fuse.test_merge import KINDS, photographs
from tests.support.scenes import grey_frame, video_frame


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("h", "w"), [(200, 240), (199, 241)])
def test_a_piece_scores_like_the_whole(kind, h, w):
    frame = photographs(kind, h, w, 1)[0]
    whole = contrast(frame, Rect(0, 0, w, h))
    assert whole.shape == (-(-h // 2), -(-w // 2))
    assert whole.min() >= FLOOR * 0.99
    x, y = 5 * GRID, 4 * GRID
    for box in (Rect(x, y, 12 * GRID, 10 * GRID), Rect(x, y, w - x, h - y)):
        piece = contrast(frame, box)
        inner = MARGIN // 2  # of the half-size grid: what a piece has round it
        part = whole[y // 2 : (y + box.h + 1) // 2, x // 2 : (x + box.w + 1) // 2]
        right = None if x + box.w == w else -inner
        cut = (slice(inner, right), slice(inner, right))
        # Only the wide average, a fourth of the score, sees farther than the margin, and little.
        np.testing.assert_allclose(piece[cut], part[cut], rtol=0.03)
        deep = slice(3 * inner, -3 * inner)
        np.testing.assert_allclose(piece[deep, deep], part[deep, deep], rtol=1e-3)


def test_blur_lowers_the_score_everywhere():
    sharp = np.random.default_rng(1).integers(0, 255, (96, 128)).astype(np.uint8)
    box = Rect(0, 0, 128, 96)
    scores = [contrast(grey_frame(cv2.GaussianBlur(sharp, (0, 0), s)), box) for s in (0.5, 1, 2, 4)]
    for better, worse in pairwise(scores):
        assert (better > worse).mean() > 0.99


def test_colour_alone_counts():
    flat = np.full((80, 100), 120, np.uint8)
    colour = np.random.default_rng(2).integers(60, 200, (40, 50)).astype(np.uint8)
    grey = np.full((40, 50), 128, np.uint8)
    box = Rect(0, 0, 100, 80)
    assert contrast(video_frame(flat, colour, grey), box).min() > 5
    np.testing.assert_allclose(contrast(video_frame(flat, grey, grey), box), FLOOR, atol=1e-4)
