"""Every scene can be drawn at any size and shows the depth it promises."""

from __future__ import annotations

import numpy as np
import pytest

from postfocus.synth import SCENE_NAMES
from postfocus.synth.scenes import SCENES, build_scene
from postfocus.synth.sweep import SweepSettings, simulate_sweep
from postfocus.synth.thin_lens import render


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_is_finite_deep_and_lit(name):
    sim = simulate_sweep(SweepSettings(scene=name, width=240, height=135, frames=3, breathing=0.0))
    for layer in sim.scene.layers:
        assert layer.rgba.dtype == np.float32
        assert np.isfinite(layer.rgba).all()
        assert layer.rgba.min() >= -1e-4
        assert layer.rgba[..., 3].max() <= 1
    picture = render(sim.scene, 0.3, 4.0)
    assert np.isfinite(picture).all()
    assert 0.02 < np.clip(picture, 0, 1).mean() < 0.8
    unit = sim.truth.unit
    low, high = np.percentile(unit, (0.2, 99.8))
    assert low < sim.scene.near + 0.25
    assert high > sim.scene.far - 0.1
    assert unit.min() > sim.scene.near - 0.12
    assert unit.max() < sim.scene.far + 0.12


def test_every_scene_is_listed():
    assert tuple(SCENES) == SCENE_NAMES


def test_a_seed_makes_a_scene_and_another_seed_another():
    one, same, other = (build_scene("grass", 160, 90, seed) for seed in (1, 1, 2))
    for a, b in zip(one.layers, same.layers, strict=True):
        np.testing.assert_array_equal(a.rgba, b.rgba)
    assert np.abs(render(one, 0, 0) - render(other, 0, 0)).mean() > 0.01


@pytest.mark.parametrize("size", [(64, 48), (90, 160), (33, 57)])
def test_odd_and_upright_sizes_are_drawn(size):
    for name in SCENES:
        picture = render(build_scene(name, *size, 1), 0.5, 2.0)
        assert picture.shape == (size[1], size[0], 3)
        assert np.isfinite(picture).all()
