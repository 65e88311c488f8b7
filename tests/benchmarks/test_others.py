"""The other scenes can be drawn and photographed, and the table tells of a merge of one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.baselines import guided_fusion
from benchmarks.classic import guided_filter_fusion, pyramid_fusion
from benchmarks.other_scenes import MIDDLING, OTHERS, SWEEPS, simulate_other
from benchmarks.others import HEAD, judge, table

from postfocus.errors import BadUse
from postfocus.synth.scenes import SCENES
from postfocus.synth.sweep import SweepSettings, simulate_sweep


@pytest.mark.parametrize("scene", OTHERS)
def test_a_scene_is_drawn_and_photographed(scene: str) -> None:
    settings = SweepSettings(scene=scene, frames=3, width=128, height=72, tripod=True, blur=100.0)
    sim = simulate_other(settings)
    assert sim.scene.name == scene
    near, middle, far = (sim.frame(n).astype(float) for n in range(3))
    assert middle.shape == (72, 128, 3)
    assert middle.std() > 2
    assert np.abs(near - far).mean() > 0.5, "focus makes a difference"
    assert np.ptp(sim.truth.depth) > 0.5, "so does depth"
    assert np.abs(sim.frame(1) - middle).max() == 0


def test_other_scenes_are_not_left_among_those_of_the_program() -> None:
    assert not set(OTHERS) & set(SCENES)
    with pytest.raises(BadUse, match="no scene 'fence'"):
        simulate_sweep(SweepSettings(scene="fence", frames=3, width=64, height=36))


def test_sweeps_blur_strongly_and_show_every_scene() -> None:
    assert len({sweep.name for sweep in SWEEPS}) == len(SWEEPS)
    assert {sweep.scene for sweep in SWEEPS} == set(OTHERS)
    assert all(0.02 < sweep.span < 0.09 for sweep in SWEEPS)
    assert {sweep.scene for sweep in MIDDLING} == set(OTHERS)
    assert {sweep.tripod for sweep in MIDDLING} == {False, True}
    assert all(0.02 < sweep.span < 0.022 for sweep in MIDDLING)


def test_classical_merges_take_each_half_from_the_frame_that_is_sharp_there() -> None:
    rng = np.random.default_rng(5)
    sharp = rng.uniform(60, 200, (96, 128, 3)).astype(np.float32).repeat(2, 0).repeat(2, 1)
    dull = np.full_like(sharp, 130)
    left = np.arange(256)[None, :, None] < 128
    frames = [np.where(left, sharp, dull), np.where(left, dull, sharp)]
    inside = (slice(40, -40), np.r_[40:100, 156:216])
    assert np.abs(pyramid_fusion(frames) - sharp)[inside].max() < 1
    filtered = guided_filter_fusion(frames)
    assert np.sqrt(np.square(filtered - sharp)[inside].mean()) < 0.3 * sharp.std()
    whole = guided_fusion([np.rint(frame).astype(np.uint8) for frame in frames])
    assert np.abs(filtered - whole)[inside].mean() < 1, "as the one that holds all frames"


def test_a_sweep_is_merged_and_told_of(tmp_path: Path) -> None:
    sweep = replace(next(s for s in SWEEPS if s.name == "books-t"), frames=8, width=480, blur=3.0)
    row = judge(sweep, tmp_path)
    best, pyramid, filtered = row.others
    assert min(result.psnr for result in (row.ours, best, pyramid, filtered)) > 30
    assert judge(sweep, tmp_path).others == row.others
    lines = table([row, replace(row, depth=np.nan)]).splitlines()
    assert len({line.count("|") for line in lines}) == 1
    assert lines[:2] == HEAD.splitlines()
    assert lines[2].startswith(f"| books-t | {100 * sweep.span:.1f} | {row.ours.psnr:.2f} |")
    assert lines[-1].startswith("| mean | ")
    assert f" | {row.ours.psnr:.2f} | {row.ours.near:.2f} | {best.psnr:.2f} |" in lines[-1]
