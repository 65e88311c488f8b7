"""Colour of full size: as its definition says, true at edges, and untouched where brightness is silent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from postfocus.fuse.colour import NOISE, STRIP, full_colour
from postfocus.fuse.plain import full_colour_plain
from postfocus.io.colour import sited_left
from postfocus.model.frame import Coding, Frame, FrameInfo, Matrix
from postfocus.synth.encode import to_planes
from tests.support.scenes import grey_frame, rgb_frame, video_frame


def noisy(h: int, w: int, bits: int, seed: int = 1) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    kind = np.uint8 if bits == 8 else np.uint16
    shapes = [(h, w)] + [(-(-h // 2), -(-w // 2))] * 2
    return [rng.integers(40 << bits - 8, 200 << bits - 8, shape).astype(kind) for shape in shapes]


@pytest.mark.parametrize("full", [False, True], ids=["left", "midway"])
@pytest.mark.parametrize("bits", [8, 10, 16])
@pytest.mark.parametrize(("h", "w"), [(2 * STRIP + 22, 40), (STRIP, 30), (STRIP + 2, 6), (2, 2)])
def test_strips_agree_with_the_definition(h, w, bits, full):
    planes = noisy(h, w, bits)
    frame = Frame(tuple(planes), planes[0], Coding(Matrix.BT601, full, bits), FrameInfo(0))
    assert sited_left(frame.coding) is not full
    found = full_colour(frame)
    unit = 1 << bits - 8
    for number in (1, 2):
        wanted = full_colour_plain(planes[0], planes[number], not full, NOISE * unit)
        wanted = np.clip(np.rint(wanted), 0, 2**bits - 1)
        assert found.planes[number].dtype == planes[0].dtype
        assert np.abs(found.planes[number] - wanted).max() <= max(1, unit / 16)
    assert found.planes[0] is planes[0]


@pytest.mark.parametrize(("h", "w"), [(STRIP + 1, 33), (STRIP - 1, 7), (3, 3), (1, 1)])
def test_odd_sizes_keep_theirs(h, w):
    planes = noisy(h, w, 8)
    found = full_colour(video_frame(*planes))
    even = full_colour(video_frame(*(np.pad(p, ((0, q), (0, r)), mode="edge") for p, q, r in [
        (planes[0], h % 2, w % 2), (planes[1], 0, 0), (planes[2], 0, 0),
    ])))  # fmt: skip
    for plane, wide in zip(found.planes, even.planes, strict=True):
        np.testing.assert_array_equal(plane, wide[:h, :w])


@settings(max_examples=10, deadline=None)
@given(st.tuples(*[st.integers(0, 255)] * 3), st.tuples(*[st.integers(0, 255)] * 3), st.integers(0, 3))
def test_an_edge_between_two_colours_is_as_sharp_as_its_brightness(one, other, phase):
    rgb = np.empty((24, 40, 3), np.uint8)
    rgb[:] = one
    rgb[:, 16 + phase :] = other
    planes = to_planes(rgb)
    assume(abs(int(planes[0][0, 0]) - int(planes[0][0, -1])) >= 40)
    flat = [np.array(to_planes(np.full((2, 2, 3), c, np.uint8))[1:])[:, 0, 0] for c in (one, other)]
    truth = np.where(np.arange(40)[None, :, None] < 16 + phase, flat[0], flat[1])
    found = np.stack(full_colour(video_frame(*planes)).planes[1:], axis=-1)[0].astype(int)
    error = np.abs(found - truth[0])
    assert error.max() <= 3 + 0.02 * np.abs(flat[0].astype(int) - flat[1]).max()


def test_where_brightness_is_even_colour_halved_again_is_what_was_recorded():
    """As nearly as one step back brings it: of noise, the worst there is, a third stays."""
    _, u, v = noisy(60, 80, 8)
    full = full_colour(video_frame(np.full((60, 80), 90, np.uint8), u, v))
    for plane, recorded in zip(full.planes[1:], (u, v), strict=True):
        rows = (plane[0::2].astype(float) + plane[1::2]) / 2
        again = (rows[:, 1:-2:2] + 2 * rows[:, 2:-1:2] + rows[:, 3::2]) / 4
        assert np.abs(again - recorded[:, 1:]).std() < recorded.std() / 3
        assert plane.mean() == pytest.approx(recorded.mean(), abs=1)


def test_even_colour_stays_even():
    y, _, _ = noisy(60, 80, 8)
    even = np.full((30, 40), 140, np.uint8)
    found = full_colour(video_frame(y, even, even))
    assert (found.planes[1] == 140).all()
    assert (found.planes[2] == 140).all()


def test_what_is_not_halved_is_left_alone():
    y, u, v = noisy(20, 30, 8)
    wide = Frame((y, u.repeat(2, 0), v.repeat(2, 0)), y, Coding(), FrameInfo(0))
    for frame in (grey_frame(y), rgb_frame(np.dstack([y, y, y])), wide):
        assert full_colour(frame) is frame
