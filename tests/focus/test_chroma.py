"""Colour is kept in cells of four by four cells of the index, whatever planes a frame has."""

from __future__ import annotations

import numpy as np
import pytest

from postfocus.focus.chroma import NEUTRAL, chroma_cells, colour_of
from postfocus.model.frame import Coding, Frame, FrameInfo, Matrix


def frame_of(planes: tuple[np.ndarray, ...], bits: int = 8, matrix: Matrix = Matrix.BT709) -> Frame:
    luma = planes[0] if planes[0].ndim == 2 else planes[0][..., 1]
    return Frame(planes, luma, Coding(matrix, bits=bits), FrameInfo(0))


def means(plane: np.ndarray, rows: int, cols: int) -> np.ndarray:
    down, across = plane.shape[0] // rows, plane.shape[1] // cols
    return plane[: rows * down, : cols * across].reshape(rows, down, cols, across).mean(axis=(1, 3))


@pytest.mark.parametrize("ratio", [(2, 2), (1, 2), (1, 1)])
@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("pool", [1, 4])
def test_cells_are_means_of_u_above_v(ratio, bits, pool):
    rng = np.random.default_rng(1)
    kind, unit = (np.uint8, 1) if bits == 8 else (np.uint16, 4)
    rows, cols = 6 * 4 * pool, 9 * 4 * pool
    size = (rows // ratio[0], cols // ratio[1])
    u, v = (rng.integers(0, 256 * unit, size).astype(kind) for _ in range(2))
    y = np.zeros((rows, cols), kind)
    cells = chroma_cells(frame_of((y, u, v), bits), pool, unit)
    assert cells.dtype == np.uint8
    wanted = np.concatenate([means(plane[::pool, ::pool], 6, 9) for plane in (u, v)]) / unit
    assert np.abs(cells - wanted).max() < 2


def test_what_does_not_fill_a_cell_is_left_out():
    odd = frame_of((np.zeros((23, 31), np.uint8), *(np.full((12, 16), code, np.uint8) for code in (90, 150))))
    cells = chroma_cells(odd, 1)
    assert cells.shape == (2 * 5, 7)
    assert (cells[:5] == 90).all()
    assert (cells[5:] == 150).all()


@pytest.mark.parametrize("scale", [1, 257])
def test_stills_have_the_same_colours(scale):
    picture = np.zeros((40, 64, 3), np.uint8 if scale == 1 else np.uint16)
    picture[:, :32] = np.array([200, 50, 50]) * scale
    picture[:, 32:] = np.array([40, 40, 220]) * scale
    cells = chroma_cells(frame_of((picture,), matrix=Matrix.RGB), 2, scale).astype(int)
    assert cells.shape == (2 * 5, 8)
    assert np.abs(cells[:5, :4] - (128 - 0.169 * 200 - 0.331 * 50 + 0.5 * 50)).max() < 1.5
    assert np.abs(cells[5:, 4:] - (128 + 0.5 * 40 - 0.419 * 40 - 0.081 * 220)).max() < 1.5


def test_grey_has_no_colour_and_the_strongest_is_no_hole():
    grey = chroma_cells(frame_of((np.full((16, 16), 7, np.uint8),)), 1)
    assert (grey == NEUTRAL).all()
    strong = frame_of((np.zeros((16, 16), np.uint8), *(np.zeros((8, 8), np.uint8) for _ in range(2))))
    assert chroma_cells(strong, 1).min() == 1


@pytest.mark.parametrize("ratio", [(2, 2), (1, 2), (1, 1)])
@pytest.mark.parametrize(("bits", "pool"), [(8, 2), (8, 4), (10, 2)])
def test_every_cell_of_the_index_has_its_colour(ratio, bits, pool):
    rng = np.random.default_rng(2)
    kind, unit = (np.uint8, 1) if bits == 8 else (np.uint16, 4)
    rows, cols = 13 * pool + 1, 17 * pool + 1
    size = (-(-rows // ratio[0]), -(-cols // ratio[1]))
    u, v = (rng.integers(0, 256 * unit, size).astype(kind) for _ in range(2))
    found = colour_of(frame_of((np.zeros((rows, cols), kind), u, v), bits), pool, unit)
    for plane, told in zip((u, v), found, strict=True):
        assert told.dtype == np.uint8
        whole = plane[: 13 * pool // ratio[0], : 17 * pool // ratio[1]]
        assert np.abs(told - means(whole, 13, 17) / unit).max() < 2


def test_colour_of_stills_and_of_grey():
    picture = np.zeros((41, 65, 3), np.uint8)
    picture[:] = 200, 50, 50
    u, v = colour_of(frame_of((picture,), matrix=Matrix.RGB), 2)
    assert u.shape == v.shape == (20, 32)
    assert np.abs(u - (128 - 0.169 * 150)).max() < 1.5
    assert np.abs(v - (128 + 0.5 * 150)).max() < 1.5
    for one in colour_of(frame_of((np.full((16, 24), 7, np.uint8),)), 4):
        assert one.shape == (4, 6)
        assert (one == NEUTRAL).all()
