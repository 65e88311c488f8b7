"""Poses: the matrix means what it says, at every scale and from every frame."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.model.alignment import Alignment, Rect

small = st.floats(-0.03, 0.03)
shift = st.floats(-20, 20)


@st.composite
def alignments(draw, row: bool = True):
    n = draw(st.integers(2, 5))
    reference = draw(st.integers(0, n - 1))
    width, height = draw(st.integers(60, 200)), draw(st.integers(60, 200))
    a = np.array([complex(1 + draw(small), draw(small)) for _ in range(n)])
    b = np.array([complex(draw(shift), draw(shift)) for _ in range(n)])
    skew = np.array([draw(small) if row else 0.0 for _ in range(n)])
    a[reference], b[reference], skew[reference] = 1, 0, 0
    gain = 1 + 0.1 * np.abs(np.arange(n) - reference)
    state = ("aligned",) * n
    return Alignment(width, height, np.arange(n), reference, a, b, skew, np.zeros(n), state, gain)


@settings(max_examples=40, deadline=None)
@given(alignments(), st.floats(0, 200), st.floats(0, 200))
def test_matrix_is_the_stated_motion(alignment, x, y):
    cx, cy = (alignment.width - 1) / 2, (alignment.height - 1) / 2
    z = complex(x - cx, y - cy)
    for slot in range(len(alignment.frames)):
        seen = alignment.a[slot] * z + alignment.b[slot] + alignment.row[slot] * (y - cy)
        found = alignment.matrix(slot) @ (x, y, 1)
        np.testing.assert_allclose(found, (seen.real + cx, seen.imag + cy), atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(alignments(), st.sampled_from([2, 4, 8]), st.integers(0, 40), st.integers(0, 40))
def test_cells_move_as_their_centres_do(alignment, pool, i, j):
    centre = (pool - 1) / 2
    for slot in range(len(alignment.frames)):
        full = alignment.matrix(slot) @ (pool * i + centre, pool * j + centre, 1)
        cell = alignment.matrix(slot, pool) @ (i, j, 1)
        np.testing.assert_allclose(pool * cell + centre, full, atol=1e-8)


@settings(max_examples=40, deadline=None)
@given(alignments(row=False), st.data())
def test_another_reference_sees_the_same_motion(alignment, data):
    slot = data.draw(st.integers(0, len(alignment.frames) - 1))
    turned = alignment.with_reference(slot)
    np.testing.assert_allclose(turned.a[slot], 1, atol=1e-15)
    np.testing.assert_allclose(turned.b[slot], 0, atol=1e-12)
    np.testing.assert_allclose(turned.gain[slot], 1)
    to_new = np.vstack([alignment.matrix(slot), [0, 0, 1]])
    for n in range(len(alignment.frames)):
        np.testing.assert_allclose(turned.matrix(n) @ to_new, alignment.matrix(n), atol=1e-8)
    back = turned.with_reference(alignment.reference)
    np.testing.assert_allclose(back.a, alignment.a, atol=1e-12)
    np.testing.assert_allclose(back.b, alignment.b, atol=1e-9)
    np.testing.assert_allclose(back.gain, alignment.gain, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(alignments(row=False))
def test_every_frame_covers_the_valid_area(alignment):
    v = alignment.valid()
    assert v.x >= 0
    assert v.y >= 0
    assert v.x + v.w <= alignment.width
    assert v.y + v.h <= alignment.height
    if v.w == 0 or v.h == 0:
        return
    corners = [(x, y, 1) for x in (v.x, v.x + v.w - 1) for y in (v.y, v.y + v.h - 1)]
    for slot in range(len(alignment.frames)):
        for corner in corners:
            x, y = alignment.matrix(slot) @ corner
            assert -0.01 <= x <= alignment.width - 0.99
            assert -0.01 <= y <= alignment.height - 0.99


def test_valid_area_of_shifts_is_exact_and_lost_frames_do_not_count():
    still = Alignment.still(100, 80, np.arange(3))
    assert still.valid() == Rect(0, 0, 100, 80)
    b = np.array([3 - 2j, 0, 500])
    moved = Alignment(
        100, 80, np.arange(3), 1, np.ones(3, complex), b, np.zeros(3), np.zeros(3),
        ("aligned", "weak", "lost"), np.ones(3),
    )  # fmt: skip
    assert moved.usable().tolist() == [True, True, False]
    assert moved.valid() == Rect(0, 2, 97, 78)
    assert moved.valid(np.array([1])) == Rect(0, 0, 100, 80)
