"""Sweeps with known motion go in, and the motion comes out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from postfocus.align.stream import Registrar
from postfocus.errors import BadUse, TooFewFrames
from tests.align.scenes import Scene, corner_error, sweep, texture

W, H = 480, 320


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(W, H)


def registered(frames, indices=None, reference=None):
    r = Registrar(W, H, expected=len(frames))
    for k, frame in zip(indices or range(len(frames)), frames, strict=True):
        r.add(k, frame)
    return r.finish(reference)


def errors(record, a, b):
    """Largest corner error of each frame, seen from the record's reference."""
    r = record.reference
    a = a / a[r]
    b = b - a * b[r]
    return np.array([corner_error(*p, W, H) for p in zip(record.a, record.b, a, b, strict=True)])


def test_long_breathing_sweep_does_not_drift(scene):
    frames, a, b = sweep(scene, 40, noise=2)
    record = registered(frames)
    off = errors(record, a, b)
    assert record.state == ("aligned",) * 40
    assert np.median(off) < 0.15
    assert np.percentile(off, 95) < 0.3
    assert np.median(record.error / np.maximum(off, 0.02)) > 0.7
    assert record.notes == ()


def test_exposure_drift_is_measured_and_harmless(scene):
    gain = np.linspace(0.85, 1.0, 12) * (1 + 0.02 * (-1.0) ** np.arange(12))
    frames, a, b = sweep(scene, 12, gains=gain)
    record = registered(frames, reference=6)
    assert record.gain == pytest.approx(gain / gain[6], rel=0.015)
    assert errors(record, a, b).max() < 0.35


def test_frames_that_show_nothing_or_something_else_are_left_out_and_named(scene):
    frames, a, b = sweep(scene, 16)
    frames[0] = np.zeros((H, W), np.float32)
    frames[9] = frames[9][::-1, ::-1].copy()
    record = registered(frames, indices=list(range(10, 26)))
    assert [k for k, s in zip(record.frames, record.state, strict=True) if s == "lost"] == [10, 19]
    assert any("10 and 19" in note for note in record.notes)
    good = record.usable()
    assert np.median(errors(record, a, b)[good]) < 0.15
    assert np.abs(record.a[9]) == pytest.approx(np.abs(record.a[[8, 10]]).mean(), abs=1e-3)


def test_a_tripod_gives_identity(scene):
    frames = [scene.frame(focus=k / 9) for k in range(10)]
    record = registered(frames)
    assert record.state == ("aligned",) * 10
    assert errors(record, np.ones(10), np.zeros(10)).max() < 0.3
    record = registered([frames[4]] * 5)
    assert errors(record, np.ones(5), np.zeros(5)).max() < 0.02


def test_plain_frames_that_look_alike_are_not_moved():
    record = registered([np.full((H, W), 90, np.float32)] * 4)
    assert record.state == ("weak",) * 4
    assert np.all(record.a == 1)
    assert np.all(record.b == 0)


def test_the_reference_is_the_one_asked_for(scene):
    frames, _, _ = sweep(scene, 5)
    record = registered(frames, indices=[2, 5, 6, 8, 9], reference=8)
    assert record.reference == 3
    assert record.a[3] == 1
    assert record.b[3] == 0
    back = record.with_reference(0).with_reference(3)
    assert back.a == pytest.approx(record.a)
    assert back.b == pytest.approx(record.b)
    with pytest.raises(BadUse):
        registered(frames, reference=7)


def with_mover(frames, share, step=2.0):
    """A textured window whose contents move `step` pixels from frame to frame."""
    look = cv2.GaussianBlur(texture(np.random.default_rng(9), H, W + 300), (0, 0), 1)
    top, bottom, wide = H // 10, H - H // 10, int(W * share / 0.8)
    out = [frame.copy() for frame in frames]
    for k, frame in enumerate(out):
        x = 150 - int(step * k)
        frame[top:bottom, 20 : 20 + wide] = look[top:bottom, x : x + wide]
    return out


@pytest.mark.parametrize("share", [0.2, 0.4])
def test_a_large_mover_does_not_carry_the_camera_away(scene, share):
    frames, a, b = sweep(scene, 20)
    record = registered(with_mover(frames, share))
    off = errors(record, a, b)
    assert np.median(off) < 0.35
    assert off.max() < 1.0
    assert any("moves in the scene" in note for note in record.notes)


def test_a_rolling_shutter_is_taken_out(scene):
    rows = np.random.default_rng(3).normal(0, 2 / H, 16)
    frames, a, b = sweep(scene, 16, rows=rows)
    record = registered(frames)
    r = record.reference
    corner = np.array([[x, y, 1] for x in (0, W - 1) for y in (0, H - 1)]).T

    def whole(a, b, row):
        m = np.array([[a.real, -a.imag + row], [a.imag, a.real]])
        c = np.array([(W - 1) / 2, (H - 1) / 2])
        return np.vstack([np.column_stack([m, c + np.array([b.real, b.imag]) - m @ c]), [0, 0, 1]])

    back = np.linalg.inv(whole(a[r], b[r], rows[r]))
    off = [
        np.abs((record.matrix(k) - (whole(a[k], b[k], rows[k]) @ back)[:2]) @ corner).max() for k in range(16)
    ]
    assert max(off) < 0.4
    assert any("olling shutter" in note for note in record.notes)


def test_a_cut_to_another_scene_is_named(scene):
    frames, _, _ = sweep(scene, 9)
    other, _, _ = sweep(Scene(W, H, seed=77), 5)
    record = registered(frames + other)
    assert record.state[:9] == ("aligned",) * 9
    assert record.state[9:] == ("lost",) * 5
    assert any("frames 9 to 13" in note for note in record.notes)


def test_a_gap_of_black_frames_is_bridged(scene):
    frames, a, b = sweep(scene, 22)
    for k in range(8, 15):
        frames[k] = np.zeros((H, W), np.float32)
    record = registered(frames)
    good = record.usable()
    assert np.flatnonzero(~good).tolist() == list(range(8, 15))
    assert errors(record, a, b)[good].max() < 0.6


def test_noise_is_survived(scene):
    frames, a, b = sweep(scene, 16, noise=15)
    assert np.median(errors(registered(frames), a, b)) < 0.3


@pytest.mark.parametrize(("w", "h"), [(64, 48), (116, 115), (325, 217)])
def test_tiny_frames_align(w, h):
    small = Scene(w, h, seed=5)
    frames, a, b = sweep(small, 8, breathing=0.03)
    r = Registrar(w, h, expected=8)
    for k, frame in enumerate(frames):
        r.add(k, np.clip(np.rint(frame), 0, 255).astype(np.uint8))
    record = r.finish(4)
    a, b = a / a[4], b - a / a[4] * b[4]
    off = [corner_error(*p, w, h) for p in zip(record.a, record.b, a, b, strict=True)]
    assert np.median(off) < 0.3
    assert record.usable().all()


def test_memory_does_not_grow_with_the_sweep(scene):
    frames = [scene.frame(focus=k / 5) for k in range(6)]
    r = Registrar(W, H)
    kept = []
    for k in range(130):
        r.add(k, frames[min(k % 10, 10 - k % 10)])
        kept.append(len(r._past))
    assert max(kept[60:]) <= max(kept[:60]) <= 24
    assert r.finish().usable().all()


def test_wrong_use_is_said():
    with pytest.raises(TooFewFrames):
        Registrar(W, H).finish(None)
    r = Registrar(W, H)
    with pytest.raises(BadUse):
        r.add(0, np.zeros((H // 2, W), np.uint8))
    r.add(3, np.zeros((H, W), np.uint8))
    with pytest.raises(BadUse):
        r.add(3, np.zeros((H, W), np.uint8))
