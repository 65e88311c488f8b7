"""A near thing before a far one is merged whole, however bright the far one is."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import postfocus.align.stream as stream
import postfocus.fuse.hills as hills_module
from postfocus import measuring, seeing
from postfocus.cells import score_of
from postfocus.depth.estimate import DepthSettings, estimate_depth
from postfocus.focus.volume import MapWriter
from postfocus.fuse.gate import Gate
from postfocus.fuse.hills import OPEN, SHUT, Hills
from postfocus.fuse.plain import hills_plain
from postfocus.io.colour import frame_to_rgb
from postfocus.light import Light
from postfocus.merging import Order, merge_sweep
from postfocus.pipeline import build_index
from tests.support.scenes import TRIPOD, grey_frame, kept, maps_of, volume_of


def says_of(curves: np.ndarray) -> np.ndarray:
    """What `Hills` lets each frame say; curves and says `(N, h, w)`."""
    hills = Hills(curves.shape[1:])
    for rank, values in enumerate(curves):
        hills.add(rank, values)
    hills.finish()
    says = np.zeros_like(curves)
    for rank, values in enumerate(curves):
        hills.open(rank, values, says[rank])
    return says


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 30))
def test_hills_are_those_of_each_curve(seed, count):
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 0.5, (count, 3, 4))
    curves = np.exp(np.clip(np.cumsum(steps, axis=0), -2, 4)).astype(np.float32)
    says = says_of(curves)
    for row, col in np.ndindex(3, 4):
        curve = curves[:, row, col]
        found, foot = hills_plain(curve.tolist())
        for k in range(count):
            top = next(top for end, top in found if k <= end)
            up = (curve[k] - foot) / (top - foot) if len(found) > 1 else 0
            expected = np.clip((up - SHUT) / (OPEN - SHUT), 0, 1)
            assert says[k, row, col] == pytest.approx(expected, abs=1e-4)


def test_both_hills_are_opened_and_the_valley_is_not():
    curve = np.array([2, 6, 2, 1, 1, 3, 40, 5], np.float32)
    says = says_of(curve.reshape(-1, 1, 1)).ravel()
    np.testing.assert_allclose(says, [0, 1, 0, 0, 0, 0, 1, 0], atol=1e-6)


def test_one_hill_and_noise_open_nothing():
    one = np.array([1, 2, 5, 9, 5, 2, 1], np.float32)
    noise = np.array([1, 1.6, 1, 1.5, 1.1, 1.6, 1], np.float32)
    assert not says_of(np.stack([one, noise], axis=1)[:, None]).any()


def test_what_passes_by_makes_no_hill(tmp_path):
    curve = np.array([1, 1, 9, 1, 1, 6, 20, 6], np.float32)
    scores = np.broadcast_to(score_of(curve)[:, None, None], (8, 24, 24))
    levels = np.full((8, 12, 12), 60, np.uint8)
    levels[2] = 110
    for name, light, heard in (("still", np.full_like(levels, 60), True), ("passing", levels, False)):
        with MapWriter(tmp_path / f"{name}.light") as writer:
            for layer in light:
                writer.append(layer)
        volume = volume_of(scores, tmp_path / name)
        frames = np.arange(8)
        depth = estimate_depth(volume, frames, 4, 96, 96, DepthSettings())
        gate = Gate(volume, frames, depth, frames, light=Light(writer.maps(), np.ones(8)))
        assert gate.say(6).min() == 1
        assert (gate.say(2).min() > 0.9) == heard


def test_a_frame_that_does_not_show_a_cell_makes_no_valley():
    curve = np.array([0, 0, 5, 5.1, 0, 5, 4.9, 0], np.float32)
    assert not says_of(curve.reshape(-1, 1, 1)).any()


def bar_before_lamps(count: int = 12, near: int = 1, far: int = 10) -> tuple[list[np.ndarray], np.ndarray]:
    """Frames of a dark bar before a dim wall with small lamps, in linear light; and where the bar is."""
    rng = np.random.default_rng(3)
    wall = 0.05 + 0.01 * cv2.GaussianBlur(rng.standard_normal((360, 640)), (0, 0), 2)
    for x in range(20, 630, 40):
        for y in range(15, 350, 24):
            cv2.circle(wall, (x + y % 5, y), 2, 1.0, -1)
    bar = np.zeros(wall.shape)
    bar[:, 312:328] = 1
    yy, xx = np.mgrid[-24:25, -24:25]
    frames = []
    for k in range(count):
        discs = [np.clip(max(2.4 * abs(k - at), 0.5) + 0.5 - np.hypot(xx, yy), 0, 1) for at in (near, far)]
        veil, seen = (
            cv2.filter2D(picture, -1, disc / disc.sum(), borderType=cv2.BORDER_REFLECT)
            for picture, disc in zip((bar, wall), discs, strict=True)
        )
        light = 0.01 * veil + (1 - veil) * seen
        codes = 255 * np.clip(light, 0, 1) ** (1 / 2.2) + rng.normal(0, 1, wall.shape)
        frames.append(np.rint(codes.clip(0, 255)).astype(np.uint8))
    return frames, bar > 0


def test_lamps_do_not_shine_through_what_stands_before_them(tmp_path, monkeypatch):
    for module in (measuring, seeing, stream):  # cells as in a 4K frame, where a bar and a lamp share one
        monkeypatch.setattr(module, "pool_for", lambda *_: 4)
    codes, bar = bar_before_lamps()
    source = kept(TRIPOD, [grey_frame(c, k) for k, c in enumerate(codes)])
    source.info = replace(source.info, width=640, height=360)
    index = build_index(source, tmp_path)

    def error() -> float:
        merged = merge_sweep(source, index, *maps_of(index, tmp_path), Order(index.sweep.slots)).frame
        dark = 255 * 0.01 ** (1 / 2.2)
        return float(np.square(frame_to_rgb(merged)[..., 0][bar] - dark).mean())

    ours = error()
    monkeypatch.setattr(hills_module, "RISE", 1e6)
    assert ours < 0.5 * error()
