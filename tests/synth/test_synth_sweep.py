"""A simulated sweep: the same on every run, and true to what it says of itself."""

from __future__ import annotations

import numpy as np

from postfocus.model.frame import FrameSource
from postfocus.synth.source import SimulatedSource
from postfocus.synth.sweep import SweepSettings, simulate_sweep

SMALL = SweepSettings(width=192, height=108, frames=7, seed=3)


def test_frames_do_not_depend_on_the_number_of_workers():
    one = list(simulate_sweep(SMALL).frames(workers=1))
    two = list(simulate_sweep(SMALL).frames(workers=2))
    assert len(one) == 7
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


def test_simulation_can_be_read_as_a_source():
    sim = simulate_sweep(SMALL)
    with SimulatedSource(sim) as source:
        assert isinstance(source, FrameSource)
        got = list(source.frames(2, 4))
        assert [f.info.index for f in got] == [2, 3]
        rgb = got[0].planes[0].astype(float)
        np.testing.assert_array_equal(rgb, sim.frame(2))
        assert np.abs(rgb @ [0.2126, 0.7152, 0.0722] - got[0].luma).max() <= 0.51
