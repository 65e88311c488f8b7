"""A merge of few frames: equal to its definition, in any order, calm in plain places, and nobody bleeds."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.fuse.few import FewMerger
from postfocus.fuse.layout import Layout
from postfocus.fuse.merge import Merger
from postfocus.fuse.plain import merge_few_plain
from postfocus.io.colour import frame_to_rgb
from tests.fuse.test_merge import (
    KINDS,
    Says,
    merged,
    open_gate,
    photographs,
    seen,
    still,
    texture,
    uneven_says,
    wobbly,
)
from tests.support.scenes import grey_frame


def merged_few(frames, alignment, gate, pool, order=None) -> FewMerger:
    order = list(range(len(frames)) if order is None else order)
    merger = FewMerger(order, alignment, gate, Layout.of(frames[0]), pool)
    for slot in order:
        merger.weigh(frames[slot], slot)
    merger.settle()
    for slot in order:
        merger.add(frames[slot], slot)
    return merger


class Partly(Says):
    """A gate that also says where a frame shows the scene."""

    def shown(self, slot: int) -> np.ndarray:
        return np.asarray(self._maps[slot] > 0, np.float32)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("h", "w", "pool"), [(150, 290, 4), (149, 291, 4), (131, 137, 1), (530, 300, 2)])
def test_pieces_agree_with_the_definition(kind, h, w, pool):
    frames = photographs(kind, h, w, 4)
    alignment = wobbly(frames)
    frames = seen(frames, alignment)
    gate = Partly(uneven_says(len(frames), h, w, pool))
    found = merged_few(frames, alignment, gate, pool)._mean
    plain = merge_few_plain(frames, range(4), alignment, gate, pool)
    top = 2 ** frames[0].coding.bits - 1
    for a, b in zip(found, plain, strict=True):
        error = np.abs(a - b) / top * 255
        # The neighbourhood is averaged on coarser cells, and codes are rounded by resampling.
        assert error.mean() < 0.1
        assert np.quantile(error, 0.995) < 1.2


@pytest.mark.parametrize("kind", KINDS)
def test_equal_frames_give_themselves(kind):
    frames = photographs(kind, 141, 143, 3)[1:2] * 3
    picture = merged_few(frames, still(frames), open_gate(frames, 1), 1).finish()
    wanted = frame_to_rgb(frames[0], bits=16)
    assert np.abs(frame_to_rgb(picture, bits=16).astype(int) - wanted).max() <= 257


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(4)), st.sampled_from(KINDS))
def test_order_does_not_matter(order, kind):
    frames = photographs(kind, 90, 150, 4)
    alignment, gate = wobbly(frames), open_gate(frames, 2)
    one = merged_few(frames, alignment, gate, 2)._mean
    other = merged_few(frames, alignment, gate, 2, order)._mean
    top = 2 ** frames[0].coding.bits - 1
    for a, b in zip(one, other, strict=True):
        assert np.abs(a - b).max() / top * 255 < 0.5


def test_grain_does_not_choose_between_frames_of_plain_places():
    rng = np.random.default_rng(5)
    plain = [np.full((200, 300), level) + rng.normal(0, 1.0, (200, 300)) for level in (120.0, 126.0)]
    frames = [grey_frame(np.rint(p).astype(np.uint8), n) for n, p in enumerate(plain)]
    calm = merged_few(frames, still(frames), open_gate(frames, 1), 1)._mean[0]
    mottled = merged(frames, still(frames), open_gate(frames, 1), 1)._mean[0]

    def patches(picture: np.ndarray) -> float:
        return float(cv2.GaussianBlur(picture, (0, 0), 3)[20:-20, 20:-20].std())

    assert patches(calm) < 0.5 * patches(mottled)


def test_a_frame_is_not_heard_where_it_does_not_show_the_scene():
    rng = np.random.default_rng(6)
    sharp = (255 * texture(rng, 120, 160)).astype(np.uint8)
    frames = [grey_frame(sharp, 0), grey_frame(255 - sharp, 1)]
    own = np.ones((120, 160), np.float32)
    own[:, 80:] = 0
    merger = merged_few(frames, still(frames), Partly([own, 1 - own]), 1)
    left = np.abs(merger._mean[0][:, :78] - sharp[:, :78])
    right = np.abs(merger._mean[0][:, 82:] - (255.0 - sharp[:, 82:]))
    assert max(left.max(), right.max()) < 0.01
    assert isinstance(merger, Merger)


def test_a_frame_that_is_heard_alone_is_shown_whatever_its_neighbours_are():
    rng = np.random.default_rng(7)
    sharp = (255 * texture(rng, 120, 160)).astype(np.uint8)
    sharp[50:70, 70:90] = 100
    frames = [grey_frame(np.full((120, 160), 100, np.uint8), 0), grey_frame(sharp, 1)]
    own = np.zeros((120, 160), np.float32)
    own[50:70, 70:90] = 1
    merger = merged_few(frames, still(frames), Partly([own, 1 - own]), 1)
    assert (merger._sum > 0).all()
    assert np.abs(merger._mean[0][52:68, 72:88] - 100).max() < 0.01
    assert np.abs(merger._mean[0] - sharp).max() < 1
