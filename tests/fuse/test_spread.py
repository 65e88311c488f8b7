"""Light that spreads out of focus has no say beside its source, and no place is left without a frame."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import postfocus.merging as merging
from postfocus.focus.volume import MapStack, MapWriter
from postfocus.fuse.gate import Gate
from postfocus.fuse.spread import HEARD, SAME, SPREAD, Spread
from postfocus.io.colour import frame_to_rgb
from postfocus.light import Light
from postfocus.merging import Order, merge_sweep
from postfocus.pipeline import build_index
from tests.support.scenes import TRIPOD, KeptSource, grey_frame, kept, maps_of, volume_of


def light_of(levels: np.ndarray, path, gain=None) -> Light:
    with MapWriter(path) as writer:
        for layer in levels:
            writer.append(layer.astype(np.uint8))
    gain = np.ones(len(levels)) if gain is None else gain
    return Light(MapStack(path, *levels.shape), np.asarray(gain))


def everyone(count: int, h: int, w: int) -> list[tuple[int, np.ndarray]]:
    return [(k, np.ones((h, w), np.float32)) for k in range(count)]


def test_the_darkest_of_the_sharp_frames_is_free(tmp_path):
    scores = np.ones((4, 24, 32))
    scores[:3, 8:16, 8:16] = 50  # frame 3 is darkest, but nothing is sharp in it
    levels = np.full((4, 12, 16), 60)
    levels[:, 3:9, 3:9] = np.array([90, 62, 64, 40]).reshape(4, 1, 1)
    levels[:, 1, 1] = 150, 200, 200, 200  # where the light comes from, and is missing
    spread = Spread(
        volume_of(scores, tmp_path / "v"), light_of(levels, tmp_path / "c"), range(4), everyone(4, 24, 32)
    )
    free = np.stack([spread.free(k) for k in range(4)])
    inside = (slice(None), slice(10, 14), slice(10, 14))
    np.testing.assert_allclose(free[inside].max(axis=(1, 2)), [0, 1, 1 - (2 - SAME) / (SPREAD - SAME), 1])
    assert free[:, 20:].min() == 1


@pytest.mark.parametrize("rows", [(0, 25), (0, 7), (6, 13), (9, 10), (11, 25), (24, 25), (8, 8)])
@pytest.mark.parametrize("smooth", [False, True])
def test_some_rows_are_as_free_as_in_the_whole(rows, smooth, tmp_path):
    random = np.random.default_rng(3)
    scores, levels = random.uniform(1, 40, (3, 25, 33)), random.integers(1, 256, (3, 12, 16))
    levels[1, :3, :3] = 0  # not shown
    volume, light = volume_of(scores, tmp_path / "v"), light_of(levels, tmp_path / "c")
    spread = Spread(volume, light, range(3), everyone(3, 25, 33), smooth=smooth)
    for slot in range(3):
        whole = spread.free(slot)
        assert whole.shape == (25, 33)
        assert 0 < (whole < 1).mean() < 1
        np.testing.assert_array_equal(spread.free(slot, slice(*rows)), whole[slice(*rows)])


def test_brightness_is_compared_at_one_exposure(tmp_path):
    scores = np.full((2, 12, 12), 20.0)
    levels = np.full((2, 6, 6), 100)
    levels[1] = 110
    levels[:, 0, 0] = 240, 220
    volume = volume_of(scores, tmp_path / "v")
    brighter = Spread(volume, light_of(levels, tmp_path / "c"), range(2), everyone(2, 12, 12))
    assert brighter.free(1)[4:, 4:].max() == 0
    exposed = Spread(volume, light_of(levels, tmp_path / "d", [1.0, 1.1]), range(2), everyone(2, 12, 12))
    assert exposed.free(1)[4:, 4:].min() > 0.99
    assert exposed.free(0)[4:, 4:].min() > 0.99


def test_what_is_bright_itself_grows_darker_out_of_focus(tmp_path):
    levels = np.full((3, 12, 16), 230)
    levels[:, 4:7, 4:7] = np.array([200, 20, 200]).reshape(3, 1, 1)  # a thing before a bright sky
    levels[[0, 2], 7:10, 4:7] = 205  # darkens the sky beside it
    volume = volume_of(np.full((3, 24, 32), 20.0), tmp_path / "v")
    spread = Spread(volume, light_of(levels, tmp_path / "c"), range(3), everyone(3, 24, 32))
    assert spread.free(1)[14:, :].min() == 1


def test_no_light_is_spread_that_is_missing_nowhere(tmp_path):
    """The rim of bright print is brightest in focus; held against its middle alone it would be barred."""
    levels = np.full((3, 12, 16), 40)
    levels[:, 2:10, 2:14] = np.array([170, 190, 178]).reshape(3, 1, 1)
    levels[:, 4:8, 5:11] = np.array([195, 210, 200]).reshape(3, 1, 1)
    volume = volume_of(np.full((3, 24, 32), 20.0), tmp_path / "v")
    spread = Spread(volume, light_of(levels, tmp_path / "c"), range(3), everyone(3, 24, 32))
    assert spread.free(1)[5:19, 5:27].min() == 1
    levels[:, 5, 7] = 255, 230, 255  # now something else has lost light in that frame
    spread = Spread(volume, light_of(levels, tmp_path / "d"), range(3), everyone(3, 24, 32))
    assert spread.free(1)[5:19, 5:8].max() == 0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([(12, 16), (13, 17), (2, 2), (3, 5)]))
def test_some_frame_that_has_a_say_is_always_free(tmp_path_factory, seed, shape):
    rng = np.random.default_rng(seed)
    folder = tmp_path_factory.mktemp("s")
    scores = rng.uniform(0.5, 100, (5, *shape))
    levels = rng.integers(0, 255, (5, shape[0] // 2, shape[1] // 2))
    says = [(k, rng.random(shape).astype(np.float32)) for k in range(5)]
    spread = Spread(volume_of(scores, folder / "v"), light_of(levels, folder / "c"), range(5), says)
    left = np.max([say * spread.free(slot) for slot, say in says], axis=0)
    best = np.max([say for _, say in says], axis=0)
    assert (left >= np.minimum(best, HEARD)).all()


def lamps(count: int = 9, focus: int = 4) -> list[np.ndarray]:
    """Frames of a dim wall with small lamps ten times brighter than white, in linear light and clipped."""
    rng = np.random.default_rng(4)
    wall = 0.02 + 0.006 * cv2.GaussianBlur(rng.standard_normal((180, 320)), (0, 0), 2)
    for x in range(30, 300, 40):
        for y in range(25, 170, 40):
            cv2.circle(wall, (x, y), 3, 10.0, -1)
    frames = []
    for k in range(count):
        radius = 1.2 * abs(k - focus)
        yy, xx = np.mgrid[-15:16, -15:16]
        disc = np.clip(radius + 0.5 - np.hypot(xx, yy), 0, 1)
        disc[15, 15] = max(disc[15, 15], 1e-3)
        seen = cv2.filter2D(wall, -1, disc / disc.sum(), borderType=cv2.BORDER_REFLECT)
        codes = 255 * np.clip(seen, 0, 1) ** (1 / 2.2) + rng.normal(0, 1, wall.shape)
        frames.append(np.rint(codes.clip(0, 255)).astype(np.uint8))
    return frames


def merged_of(source: KeptSource, index, folder) -> np.ndarray:
    return frame_to_rgb(merge_sweep(source, index, *maps_of(index, folder), Order(index.sweep.slots)).frame)[
        ..., 0
    ]


def test_lamps_keep_their_size(tmp_path, monkeypatch):
    codes = lamps()
    frames = [grey_frame(c, k) for k, c in enumerate(codes)]
    source = kept(TRIPOD, frames)
    source.info = replace(source.info, width=320, height=180)
    index = build_index(source, tmp_path)
    true = (codes[4] > 128).sum()
    found = merged_of(source, index, tmp_path)
    assert (found > 128).sum() == pytest.approx(true, rel=0.03)
    monkeypatch.setattr(merging, "Gate", lambda *args: Gate(*args[:5]))
    assert (merged_of(source, index, tmp_path) > 128).sum() > 1.3 * true


def test_many_frames_take_no_more_memory_than_few(tmp_path):
    def peak(count: int) -> int:
        volume = volume_of(np.full((count, 240, 320), 9.0), tmp_path / f"v{count}")
        light = light_of(np.full((count, 120, 160), 60), tmp_path / f"c{count}")
        tracemalloc.start()
        try:
            says = ((k, np.ones((240, 320), np.float32)) for k in range(count))
            Spread(volume, light, range(count), says)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(60) < 1.02 * peak(10)
