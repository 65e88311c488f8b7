"""Sweeps with known motion go in, and the motion comes out."""

from __future__ import annotations

import numpy as np
import pytest

from postfocus.align.stream import Registrar
from postfocus.errors import BadUse, TooFewFrames
from tests.align.scenes import Scene, corner_error, sweep

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


def test_wrong_use_is_said():
    with pytest.raises(TooFewFrames):
        Registrar(W, H).finish(None)
    r = Registrar(W, H)
    with pytest.raises(BadUse):
        r.add(0, np.zeros((H // 2, W), np.uint8))
    r.add(3, np.zeros((H, W), np.uint8))
    with pytest.raises(BadUse):
        r.add(3, np.zeros((H, W), np.uint8))
