"""A known motion between two frames is found, whatever their focus."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.align.lattice import (
    OUTSIDE,
    SANE,
    Motion,
    border_of,
    hide_border,
    lattice_of,
    matrix,
    sample_fast,
    sample_plain,
    template_of,
)
from postfocus.align.picture import Preparation, normalised, shrink
from postfocus.align.register import NOTHING, Dense, register
from postfocus.cells import pool_for
from tests.align.scenes import corner_error, place, texture

W, H = 400, 300
SHEET = texture(np.random.default_rng(4), H + 120, W + 120)


def prepared(frame):
    """The fine view of a frame, on its own buffers."""
    return Preparation(W, H, 1).views(frame).fine


@settings(deadline=None, max_examples=12, derandomize=True)
@given(
    scale=st.floats(0.97, 1.03), roll=st.floats(-0.02, 0.02), dx=st.floats(-8, 8), dy=st.floats(-8, 8),
    blur=st.tuples(st.floats(0.6, 3.0), st.floats(0.6, 3.0)),
)  # fmt: skip
def test_a_similarity_between_differently_blurred_frames_is_found(scale, roll, dx, dy, blur):
    one = cv2.GaussianBlur(SHEET, (0, 0), blur[0])
    two = cv2.GaussianBlur(SHEET, (0, 0), blur[1])
    a, b = scale * np.exp(1j * roll), complex(dx, dy)
    before, after = prepared(place(one, 1, 0, W, H)), prepared(place(two, a, b, W, H))
    lattice = lattice_of(before, 4)
    start = Motion(1, complex(round(dx), round(dy)))
    fit = register(template_of(before, lattice), after, lattice, start, 20)
    assert corner_error(fit.motion.a, fit.motion.b, a, b, W, H) < 0.25
    assert fit.ncc > 0.7


def test_a_last_step_on_a_denser_lattice_is_more_exact():
    off = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        a, b = np.exp(complex(*rng.normal(0, 0.004, 2))), complex(*rng.normal(0, 2, 2))
        one, two = (cv2.GaussianBlur(SHEET, (0, 0), sigma) for sigma in (0.7, 2.5))
        before, after = prepared(place(one, 1, 0, W, H)), prepared(place(two, a, b, W, H))
        sparse, lattice = lattice_of(before, 16, 100), lattice_of(before, 4)
        template, dense = template_of(before, sparse), Dense(template_of(before, lattice), lattice)
        fits = [register(template, after, sparse, Motion(), 10, dense=d) for d in (None, dense)]
        off.append([corner_error(fit.motion.a, fit.motion.b, a, b, W, H) for fit in fits])
    without, with_dense = np.mean(off, axis=0)
    assert with_dense < 0.7 * without


def test_the_border_is_neither_asked_nor_answered():
    level = prepared(place(SHEET, 1, 0, W, H))
    border = border_of(level)
    assert border > 1
    hide_border(level, border)
    lattice = lattice_of(level, 1, border=border)
    inside = template_of(level, lattice)
    x, y = lattice.px[inside.at] + level.cx, lattice.py[inside.at] + level.cy
    assert min(x.min(), y.min()) > border
    assert x.max() < W - 1 - border
    assert y.max() < H - 1 - border
    # Neither values nor differences have touched what is hidden.
    assert max(np.abs(v).max() for v in (inside.n, inside.gx, inside.gy)) < SANE
    shifted = sample_fast(level.n, matrix(lattice, Motion(1, -border)), lattice.shape)
    assert (shifted[:, : border - 1] > SANE).all()
    assert (shifted[:, border + 1 :] < SANE).all()


def test_the_row_term_is_found_and_told_from_roll():
    before = prepared(place(SHEET, 1, 0, W, H))
    after = prepared(place(SHEET, 1, 1 - 2j, W, H, row=0.006))
    lattice = lattice_of(before, 4)
    fit = register(template_of(before, lattice), after, lattice, Motion(), 10)
    assert fit.sheared.row == pytest.approx(0.006, abs=3e-4)
    assert np.angle(fit.sheared.a) == pytest.approx(0, abs=3e-4)
    assert fit.sheared_spread < 0.5 * fit.spread


def test_a_foreign_frame_does_not_correlate():
    before = prepared(place(SHEET, 1, 0, W, H))
    after = prepared(place(SHEET, 1, 0, W, H)[::-1, ::-1].copy())
    lattice = lattice_of(before, 4)
    assert register(template_of(before, lattice), after, lattice, Motion()).ncc < 0.3


def test_a_plain_frame_gives_nothing():
    plain = prepared(np.full((H, W), 77, np.float32))
    lattice = lattice_of(plain, 4)
    assert register(template_of(plain, lattice), plain, lattice, Motion()) is NOTHING


@settings(deadline=None, max_examples=10, derandomize=True)
@given(
    scale=st.floats(0.9, 1.1), roll=st.floats(-0.1, 0.1), dx=st.floats(-30, 30), row=st.floats(-0.01, 0.01)
)
def test_both_samplers_agree(scale, roll, dx, row):
    level = prepared(place(SHEET, 1, 0, W, H))
    lattice = lattice_of(level, 8)
    m = matrix(lattice, Motion(scale * np.exp(1j * roll), complex(dx, -3.3), row))
    plain, fast = (f(level.n, m, lattice.shape) for f in (sample_plain, sample_fast))
    inside = plain < OUTSIDE
    # OpenCV 4 rounds positions to 1/32 pixel; the steepest place of the picture says what that may cost.
    exact = int(cv2.__version__.split(".")[0]) >= 5
    limit = 1e-3 if exact else float(np.abs(np.diff(level.n, axis=1)).max()) / 16
    assert np.abs(plain - fast)[inside].max() < limit
    touched = cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1)
    assert np.all(fast[touched == 1] < 100)


def test_motions_compose_and_invert():
    one, two = Motion(1.02 * np.exp(0.01j), 5 - 3j), Motion(0.98 * np.exp(-0.03j), -1 + 7j)
    z = 120 - 40j
    both = one.then(two)
    assert both.a * z + both.b == pytest.approx(two.a * (one.a * z + one.b) + two.b)
    back = both.then(both.inverse())
    assert back.a == pytest.approx(1)
    assert back.b == pytest.approx(0, abs=1e-12)
    assert one.scaled(4).b == 4 * one.b


def test_the_normalised_picture_does_not_see_exposure_and_is_the_same_in_buffers():
    frame = place(SHEET, 1, 0, W, H)
    y = (frame * frame / 255).astype(np.float32)
    plain = normalised(y, shrink(y, 4), 1.5)
    preparation = Preparation(W, H, 1)
    preparation.views(frame[::-1].copy())
    assert preparation.views(frame).fine.n == pytest.approx(plain, abs=1e-4)
    dim = prepared(frame * np.float32(0.8)).n
    assert np.corrcoef(dim.ravel(), plain.ravel())[0, 1] > 0.995


def test_the_working_picture_fits_and_odd_sizes_keep_their_geometry():
    assert pool_for(1600, 900) == 1
    assert pool_for(1601, 900) == 2
    # Full-size columns 0…6 shrunk by 2: cells at 0.5, 2.5, 4.5; the centre 3 is cell 1.25.
    view = Preparation(7 * 40 + 1, 203, 2).views(np.zeros((101, 140), np.uint8))
    assert view.fine.cx == pytest.approx((140.0 - 0.5) / 2)
    assert view.fine.cy == pytest.approx((101.0 - 0.5) / 2)


@pytest.mark.parametrize("size", [(64, 48), (325, 217), (116, 115), (60, 200)])
def test_small_frames_register(size):
    w, h = size
    sheet = texture(np.random.default_rng(3), h + 40, w + 40)
    before, after = (Preparation(w, h, 1).views(place(sheet, 1, b, w, h)).fine for b in (0, 1.5 - 0.7j))
    lattice = lattice_of(before, 8)
    assert lattice.shape[0] * lattice.shape[1] >= 1500 or lattice.step == 1
    fit = register(template_of(before, lattice), after, lattice, Motion(), 10)
    assert corner_error(fit.motion.a, fit.motion.b, 1, 1.5 - 0.7j, w, h) < 0.25
