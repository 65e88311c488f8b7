"""Made-up curves that peak within the sweep or beyond it are told apart."""

from __future__ import annotations

import numpy as np
import pytest

from postfocus.depth.estimate import DepthSettings, estimate_depth
from postfocus.depth.out_of_reach import out_of_reach
from postfocus.model.sweep import DENSE
from tests.support.scenes import curves_at, volume_of

ROWS, COLS = 60, 90


def made(tmp_path, position, count, width=2.0):
    """A volume whose cells would be sharpest at `position`, in frames; plain where that is not a number."""
    known = np.nan_to_num(position, nan=0.5 * count)
    curves = curves_at(known, count, width)
    curves[:, np.isnan(position)] = 1
    noise = np.random.default_rng(2).normal(0, 0.01, curves.shape)
    volume = volume_of(np.maximum(curves + noise, 0.1), tmp_path / "v")
    return volume, estimate_depth(volume, np.arange(count), 2, 2 * COLS, 2 * ROWS, DepthSettings())


@pytest.mark.parametrize("count", [DENSE, 30])
def test_each_end_has_its_own(tmp_path, count):
    position = np.full((ROWS, COLS), 0.5 * count)
    position[:, :30], position[:, 60:] = -4, count + 3
    found = out_of_reach(*made(tmp_path, position, count, 3.0))
    assert found is not None
    assert found.before[:, :24].mean() > 0.95
    assert not found.before[:, 36:].any()
    assert found.after[:, 66:].mean() > 0.95
    assert not found.after[:, :54].any()


def test_what_the_sweep_covers_is_within_reach(tmp_path):
    position = np.linspace(1, 28, COLS)[None].repeat(ROWS, 0)
    assert out_of_reach(*made(tmp_path, position, 30)) is None


def test_a_few_cells_among_others_do_not_count(tmp_path):
    position = np.full((ROWS, COLS), 15.0)
    position[:, 40:46] = -4
    found = out_of_reach(*made(tmp_path, position, 30, 3.0))
    assert found is None or not (found.before.any() or found.after.any())


def test_plain_gaps_are_counted_along_but_no_plain_wall(tmp_path):
    position = np.full((ROWS, COLS), 15.0)
    position[:, :45] = -4
    position[20:, 60:] = np.nan
    volume, depth = made(tmp_path, position, 30, 3.0)
    depth.state[30:34, 10:20] = 1
    found = out_of_reach(volume, depth)
    assert found is not None
    assert found.before[30:34, 12:18].all()
    assert not found.before[:, 55:].any()
    assert not found.after.any()


def test_the_ends_of_few_frames_are_not_asked(tmp_path):
    assert out_of_reach(*made(tmp_path, np.full((ROWS, COLS), -2.0), DENSE - 1)) is None
