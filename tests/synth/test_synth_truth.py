"""What a sweep says is true is true of its frames."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.errors import BadUse
from postfocus.synth import sweep as sweep_room
from postfocus.synth.model import Layer, Plane, SceneModel
from postfocus.synth.sensor import decode_srgb
from postfocus.synth.sweep import SimulatedSweep, SweepSettings, simulate_sweep
from postfocus.synth.truth import frame_of, near_edge, truth_render

W, H = 320, 200
DOTS = np.array([[60.0, 50.0], [250.0, 40.0], [160.0, 100.0], [70.0, 160.0], [260.0, 150.0]])


def dots(width: int, height: int, margin: int = 40) -> SceneModel:
    """White dots on black, on one plane."""
    canvas = np.zeros((height + 2 * margin, width + 2 * margin, 4), np.float32)
    canvas[..., 3] = 1
    for x, y in DOTS:
        y0, x0 = int(y) + margin, int(x) + margin
        canvas[y0 - 3 : y0 + 4, x0 - 3 : x0 + 4, :3] = 0.9
    layer = Layer("dots", cv2.GaussianBlur(canvas, (9, 9), 1.5), -margin, -margin, Plane(0.5), True)
    return SceneModel("dots", width, height, margin, (layer,))


def centroids(picture: np.ndarray, near: np.ndarray) -> np.ndarray:
    found = []
    for x, y in np.rint(near).astype(int):
        part = picture[y - 9 : y + 10, x - 9 : x + 10].astype(float)
        total = part.sum()
        gy, gx = np.mgrid[y - 9 : y + 10, x - 9 : x + 10]
        found.append([(part * gx).sum() / total, (part * gy).sum() / total])
    return np.array(found)


@pytest.fixture
def dotted(monkeypatch: pytest.MonkeyPatch) -> SimulatedSweep:
    monkeypatch.setattr(sweep_room, "build_scene", lambda name, w, h, seed: dots(w, h))
    return simulate_sweep(
        SweepSettings(width=W, height=H, frames=6, seed=5, shake=60, roll=1.0, breathing=0.05, rolling=0.01,
                      blur=0.0, photon=0, read=0, vignetting=0, drift=0, flicker=0)
    )  # fmt: skip


def test_dots_land_where_the_alignment_says(dotted):
    alignment = dotted.alignment
    at_reference = centroids(decode_srgb(dotted.frame(dotted.reference)[..., 1] / 255), DOTS)
    assert alignment.a[dotted.reference] == 1
    assert alignment.b[dotted.reference] == 0
    for n in range(6):
        expected = cv2.transform(at_reference[None], alignment.matrix(n))[0]
        found = centroids(decode_srgb(dotted.frame(n)[..., 1] / 255), expected)
        assert np.abs(found - expected).max() < 0.05
    moved = cv2.transform(at_reference[None], alignment.matrix(0))[0] - at_reference
    assert np.abs(moved).max() > 1.5


def test_true_depth_is_where_the_frames_are_sharpest():
    s = SweepSettings(
        scene="plain", width=240, height=135, frames=9, seed=2, tripod=True, breathing=0,
        steps="uneven", blur=8.0, photon=0, read=0, drift=0, flicker=0,
    )  # fmt: skip
    sim = simulate_sweep(s)
    energy = []
    for n in range(9):
        luma = sim.frame(n)[..., 1].astype(np.float32)
        energy.append(cv2.GaussianBlur(cv2.Laplacian(luma, cv2.CV_32F) ** 2, (0, 0), 4))
    best = np.argmax(energy, axis=0)
    truth = sim.truth
    # Where there is texture and no other depth nearby.
    sure = (truth.texture > 8) & ~truth.near_edge(14, 0.4)
    assert sure.sum() > 500
    assert np.mean(np.abs(best - truth.depth)[sure] <= 0.75) > 0.95


def test_truth_lies_on_the_reference_frame():
    still = SweepSettings(width=240, height=136, frames=5, photon=0, read=0, blur=0.0, seed=4)
    sim = simulate_sweep(still)
    difference = sim.truth.codes().astype(int) - sim.frame(sim.reference)
    assert np.abs(difference).max() <= 1
    np.testing.assert_allclose(truth_render(sim, 0.5, 0.0), sim.truth.picture, atol=1e-5)
    shares = np.sum([m.astype(int) for _, m in sim.truth.mattes], axis=0)
    assert np.abs(shares - 255).max() <= len(sim.truth.mattes)


def test_a_wider_opening_blurs_more_and_keeps_the_light():
    sim = simulate_sweep(SweepSettings(width=240, height=136, frames=5, blur=6.0, vignetting=0))
    pictures = [truth_render(sim, 0.2, t, (0.3, 0.0)) for t in (0.0, 1.0, 2.0)]
    rough = [float(np.abs(cv2.Laplacian(p, cv2.CV_32F)).mean()) for p in pictures]
    assert rough[0] > rough[1] > rough[2]
    means = [float(p.mean()) for p in pictures]
    assert means[2] == pytest.approx(means[0], rel=0.02)


@given(
    steps=st.lists(st.floats(0.01, 1), min_size=2, max_size=12),
    first=st.integers(0, 3),
    place=st.floats(0, 1),
    falling=st.booleans(),
)
@settings(deadline=None, max_examples=30)
def test_fractional_frames_undo_the_focus_positions(steps, first, place, falling):
    focus = np.cumsum(steps)
    focus = focus[::-1].copy() if falling else focus
    n = len(steps)
    whole = np.concatenate([np.full(first, focus[0]), focus])
    frame = first + place * (n - 1)
    unit = np.interp(frame, np.arange(first, first + n), focus)
    assert frame_of(np.array([unit]), whole, first, n)[0] == pytest.approx(frame, abs=1e-3)


def test_near_edge_marks_jumps_but_not_slopes():
    depth = np.tile(np.arange(60, dtype=np.float32) * 0.3, (40, 1))
    assert not near_edge(depth, 5).any()
    depth[:, 30:] += 5
    band = near_edge(depth, 4)
    assert band[:, 28:33].all()
    assert not band[:, :24].any()


def test_lead_in_turn_back_and_tail_move_the_focus_as_told():
    sim = simulate_sweep(
        SweepSettings(scene="plain", width=64, height=48, frames=12, lead_in=2, tail=2, turn_back=3)
    )
    f = sim.focus
    assert f[0] == f[1] == f[2] < f[3]
    assert f[6] == f.max()
    assert f[6] > f[7] > f[8] > f[9] == f[10] == f[11]
    assert sim.truth.depth.min() >= 2
    assert sim.truth.depth.max() <= 6


def test_a_mover_is_in_the_mask_and_nowhere_else():
    common = {"width": 160, "height": 90, "frames": 4, "tripod": True, "breathing": 0, "photon": 0, "read": 0}
    still, moving = (
        simulate_sweep(SweepSettings(**common)),
        simulate_sweep(SweepSettings(**common, mover=True)),
    )
    mask = moving.truth.mover
    assert 0.01 < mask.mean() < 0.6
    for n in range(4):
        changed = (still.frame(n) != moving.frame(n)).any(axis=2)
        assert changed.any()
        # Two pixels for the resampling's reach.
        assert not changed[cv2.dilate(mask.astype(np.uint8), np.ones((5, 5))) == 0].any()


def test_wind_bends_the_nearest_thing_and_waves_keep_the_outline():
    common = {"scene": "landscape", "width": 320, "height": 180, "frames": 8, "tripod": True}
    calm, bent, rippled = (
        simulate_sweep(SweepSettings(**common, **more)) for more in ({}, {"wind": 60.0}, {"waves": 20.0})
    )
    still, moved = calm.scene.layers[-1].rgba, bent.scene_at(3).layers[-1].rgba
    np.testing.assert_allclose(moved[-1], still[-1], atol=0.1)
    middle = len(still) // 4
    assert np.abs(moved[middle] - still[middle]).max() > 0.3
    for layer, other in zip(bent.scene.layers[:-1], bent.scene_at(3).layers[:-1], strict=True):
        assert layer is other
    still, moved = calm.scene.layers[1].rgba, rippled.scene_at(3).layers[1].rgba
    np.testing.assert_array_equal(moved[..., 3], still[..., 3])
    assert np.abs(moved - still).max() > 0.05
    assert calm.scene_at(3) is calm.scene


@pytest.mark.parametrize(
    "wrong",
    [{"frames": 1}, {"width": 8}, {"steps": "odd"}, {"shape": "star"}, {"scene": "moon"},
     {"focus": (0.0, 1.0)}, {"blur": float("nan")}, {"breathing": 0.5}, {"vignetting": 1.5}, {"lead_in": 29},
     {"wind": -1.0}],
)  # fmt: skip
def test_settings_that_cannot_be_meant_are_refused(wrong):
    with pytest.raises(BadUse):
        simulate_sweep(SweepSettings(**({"width": 96, "height": 54} | wrong)))
