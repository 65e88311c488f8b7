"""The large sweeps are what they say, and each stage is measured for itself."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from benchmarks.large import Case, frames_of, measure, sweep_of, worst


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are read in /proc")
def test_each_stage_is_measured(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    case = Case("small", 320, 240, 5)
    figures = measure(case, tmp_path, 2)
    assert figures["frames"] == 5
    stages = {"decode", "index", "merge", "save tif", "save jpg", "slabs"}
    assert stages < set(figures)
    assert worst(figures) == max(figures[stage]["peak"] for stage in stages)
    assert all(figures[stage]["peak"] > 10 for stage in stages)
    assert "| slabs |" in capfd.readouterr().out


def test_frames_go_through_the_focus_and_are_made_once(tmp_path: Path) -> None:
    case = Case("small", 320, 240, 7)
    frames = list(frames_of(case, tmp_path))
    assert len(frames) == 7
    assert all(frame.shape == (240, 320, 3) for frame in frames)
    steps = [np.abs(a.astype(int) - frames[0]).mean() for a in frames[1:]]
    assert steps[0] < steps[-1]
    folder = sweep_of(case, tmp_path)
    assert len(list(folder.iterdir())) == 7
    made = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert sweep_of(case, tmp_path) == folder
    assert made == {path: path.stat().st_mtime_ns for path in folder.iterdir()}
