"""Tone curves: a known one is found, and nothing else is taken for one."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.fuse.tone import tones_of
from postfocus.io.colour import frame_to_rgb
from postfocus.light import Light
from postfocus.merging import Order, merge_sweep
from postfocus.model.frame import Coding, Frame, Matrix
from postfocus.model.tone import Tone
from postfocus.pipeline import build_index
from postfocus.settings import IndexSettings
from tests.support.scenes import TRIPOD, kept, maps_of, simulated

H, W = 120, 180


class Kept:
    """Small copies in memory."""

    height, width = H, W

    def __init__(self, maps: Sequence[np.ndarray]) -> None:
        self._maps = [np.clip(np.rint(m), 1, 255).astype(np.uint8) for m in maps]
        self.count = len(maps)

    def one(self, slot: int) -> np.ndarray:
        return self._maps[slot]

    def frame(self, slot: int) -> np.ndarray:
        return self._maps[slot].astype(np.float32)

    def band(self, top: int, bottom: int):
        return (m[top:bottom].astype(np.float32) for m in self._maps)


def blurs(seed: int) -> list[np.ndarray]:
    """A scene of wide soft parts and fine texture, in focus and out of it."""
    rng = np.random.default_rng(seed)
    wide = cv2.GaussianBlur(rng.normal(size=(H, W)), (0, 0), 14)
    wide = 130 + 42 * (wide - wide.mean()) / wide.std()
    fine = 20 * cv2.GaussianBlur(rng.normal(size=(H, W)), (0, 0), 0.8)
    return [np.clip(wide + cv2.GaussianBlur(fine, (0, 0), s), 3, 250) for s in (0.3, 3.0)]


def light_of(maps: Sequence[np.ndarray], gain: float = 1.0) -> Light:
    return Light(Kept(maps), np.array([gain, 1.0]))


def curve(levels: np.ndarray, power: float) -> np.ndarray:
    return 255 * (levels / 255) ** power


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 99), st.sampled_from([0.6, 0.75, 1.3, 1.6]), st.sampled_from([0.9, 1.0, 1.1]))
def test_a_known_curve_is_found(seed, power, gain):
    near, far = blurs(seed)
    seen = np.minimum(gain * curve(near, power), 255)
    found = tones_of(light_of([seen, far], gain), range(2), 1)
    assert list(found) == [0]
    levels = np.linspace(*np.quantile(far, (0.1, 0.9)), 20)
    assert np.abs(found[0].of(curve(levels, power)) - levels).max() < 4


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 99), st.sampled_from([0.8, 1.0, 1.2]))
def test_exposure_and_focus_are_no_curve(seed, gain):
    near, far = blurs(seed)
    assert tones_of(light_of([np.minimum(gain * near, 255), far], gain), range(2), 1) == {}


def test_light_over_a_part_of_the_picture_is_no_curve():
    near, far = blurs(4)
    veil = 60 * np.exp(-(((np.mgrid[:H, :W][1] - 40) / 40) ** 2))
    assert tones_of(light_of([np.minimum(near + veil, 255), far]), range(2), 1) == {}


def test_an_empty_picture_has_no_curve():
    assert tones_of(light_of([np.zeros((H, W)), np.zeros((H, W))]), range(2), 1) == {}


@given(st.lists(st.floats(0.2, 30), min_size=2, max_size=8), st.sampled_from([1.0, 256.0]))
def test_a_curve_leads_through_its_points_and_goes_on_beyond(steps, unit):
    wanted = np.cumsum(steps)
    tone = Tone(np.arange(1.0, len(steps) + 1), wanted).scaled(unit)
    assert np.abs(tone.of(np.arange(1.0, len(steps) + 1) * unit) - wanted * unit).max() < 0.01 * unit
    assert tone.of(np.array([-2.0 * unit]))[0] == pytest.approx((wanted[0] - 3) * unit, rel=1e-3, abs=0.01)


def test_a_bracket_of_two_curves_is_merged_as_if_it_had_one(tmp_path):
    frames = list(simulated(TRIPOD)[1])[::4]
    picture = [frame_to_rgb(frame) for frame in frames]

    def stack(name: str, pictures: Sequence[np.ndarray]) -> tuple[np.ndarray, tuple[str, ...]]:
        coding = Coding(Matrix.RGB, True, 8)
        stills = [
            Frame((p,), np.rint(p @ (0.299, 0.587, 0.114)).astype(np.uint8), coding, frame.info)
            for p, frame in zip(pictures, frames, strict=True)
        ]
        stills = [Frame(s.planes, s.luma, coding, simulated(TRIPOD)[1][n].info) for n, s in enumerate(stills)]
        folder = tmp_path / name
        folder.mkdir()
        source = kept(TRIPOD, stills)
        index = build_index(source, folder, IndexSettings())
        merged = merge_sweep(source, index, *maps_of(index, folder), Order(index.sweep.slots))
        return merged.frame.planes[0] / 257, merged.notes

    same, notes = stack("same", picture)
    assert notes == ()
    other = [p if n == 1 else np.rint(curve(p, 0.75)).astype(np.uint8) for n, p in enumerate(picture)]
    found, notes = stack("other", other)
    assert len(notes) == 1
    assert "tone curve" in notes[0]
    assert np.abs(found - same).mean() < 2.5
