"""Behind what passes by, depth is that of the scene: of the frames that show it."""

from __future__ import annotations

import numpy as np
import pytest

from postfocus.depth.behind import Shown, depth_behind
from postfocus.model.depth import State
from tests.support.scenes import volume_of

COUNT, ROWS, COLS = 20, 48, 64
PASSES = {9: slice(16, 48), 10: slice(20, 52), 11: slice(24, 56)}
"""Frames in which something sharp stands before these columns."""


def sweep(seed: int) -> np.ndarray:
    """A wall that is sharp in frame 5, plain at the right, and what passes before it, ten times as sharp."""
    rng = np.random.default_rng(seed)
    ranks = np.arange(COUNT)[:, None, None]
    wall = 12 * np.exp(-0.5 * ((ranks - 5) / 2.0) ** 2) * np.ones((1, ROWS, COLS))
    wall[:, :, 40:] = 0
    curves = 3 + wall + rng.normal(0, 0.4, wall.shape)
    for rank, columns in PASSES.items():
        curves[rank, 12:36, columns] += 100
    return curves


def hidden(rank: int) -> np.ndarray | None:
    if rank not in PASSES:
        return None
    cells = np.zeros((ROWS // 2, COLS // 2), np.bool_)
    columns = PASSES[rank]
    cells[4:20, columns.start // 2 - 2 : columns.stop // 2 + 2] = True
    return cells


@pytest.mark.parametrize("seed", [1, 2])
def test_depth_is_that_of_the_scene_and_plain_places_take_it_too(tmp_path, seed):
    volume = volume_of(sweep(seed), tmp_path / "v")
    depth = depth_behind(volume, 4, hidden)
    assert np.abs(depth.position - 5).max() < 1
    assert (depth.state[:, :36] == State.IN_FOCUS).mean() > 0.95
    plain = depth.state[16:32, 47:52] == State.NO_TEXTURE
    told = depth_behind(volume, 4, lambda rank: None)
    assert (np.abs(told.position[16:32, 24:48] - 10) < 1).all()
    assert plain.mean() > 0.9
    assert (told.state[16:32, 47:52] == State.IN_FOCUS).all()


def test_what_is_hidden_is_not_shown_and_all_else_is_as_it_was(tmp_path):
    volume = volume_of(sweep(3), tmp_path / "v")
    shown = Shown(volume, hidden)
    whole = np.stack(list(shown.band(0, ROWS)))
    for rank in range(COUNT):
        cells = hidden(rank)
        mask = np.zeros((ROWS, COLS), np.bool_) if cells is None else np.kron(cells, np.ones((2, 2))) > 0
        np.testing.assert_array_equal(shown.frame(rank), np.where(mask, 0, volume.frame(rank)))
        np.testing.assert_array_equal(whole[rank], shown.frame(rank))
    part = np.stack(list(shown.band(7, 19)))
    np.testing.assert_array_equal(part, whole[:, 7:19])
