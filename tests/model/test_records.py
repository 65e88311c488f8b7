"""Depth maps are asked by fractions, pictures are cut to what every frame covers, indexes say what is odd."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.model.alignment import Rect
from postfocus.model.depth import State
from postfocus.model.picture import Picture
from tests.support.scenes import a_depth, an_index


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 2, 4]), st.floats(0, 1), st.floats(0, 1))
def test_every_fraction_has_a_cell(rows, cols, pool, x, y):
    depth = a_depth(rows, cols, pool, 3)
    row, col = depth.cell(x, y)
    assert 0 <= row < rows
    assert 0 <= col < cols
    assert row == min(int(y * depth.height) // pool, rows - 1)


def test_cell_under_a_pixel_is_found_from_its_fraction():
    depth = a_depth(5, 7, 4, 3)
    for row in range(5):
        for col in range(7):
            centre = (4 * col + 2) / depth.width, (4 * row + 2) / depth.height
            assert depth.cell(*centre) == (row, col)
    assert depth.cell(1.0, 1.0) == (4, 6)


def test_states_have_words():
    assert [s.words for s in State] == ["in focus", "no texture", "outside the sweep", "moved"]


def test_picture_is_cut_to_what_every_frame_covers():
    pixels = np.arange(60, dtype=np.uint8).reshape(6, 10)
    whole = Picture(pixels, record={"kind": "stack"})
    assert whole.cropped() is whole
    odd, low = pixels % 2 == 1, pixels < 30
    cut = Picture(
        pixels, record={"kind": "stack"}, valid=Rect(2, 1, 5, 3), held=odd, never_sharp=low, glow=~odd
    ).cropped()
    for part, of in ((cut.pixels, pixels), (cut.held, odd), (cut.never_sharp, low), (cut.glow, ~odd)):
        np.testing.assert_array_equal(part, of[1:4, 2:7])
    assert cut.pixels.flags.c_contiguous
    assert cut.valid == Rect(0, 0, 5, 3)
    assert cut.record == {"kind": "stack"}
    assert cut.cropped().pixels.shape == (3, 5)


def test_index_tells_what_a_person_should_know():
    index = an_index()
    notes = index.notes()
    assert notes == (
        "frame 7: is cut short",
        "a note",
        "frame 9 is blurred",
    )
    assert index.map_shape() == (6, 9)
    assert index.map_shape(2) == (3, 4)
