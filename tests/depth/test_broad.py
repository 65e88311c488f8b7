"""Where fine detail tells nothing, broader structure and colour tell depth; lamps and shades do not."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from postfocus.depth.broad import MOST_FRAMES, broad_depth
from postfocus.depth.estimate import estimate_noise
from postfocus.focus.volume import MapStack, MapWriter
from postfocus.io.colour import frame_to_rgb
from postfocus.light import Light
from postfocus.merging import Order, merge_sweep
from postfocus.model.frame import Frame
from postfocus.pipeline import build_index
from tests.support.scenes import SMALL, KeptSource, kept, maps_of, rgb_frame, volume_of

COUNT, SIZE = 20, (192, 320)
NEAR, BETWEEN, FAR, RAIL = 4, 10, 15, 24


def blurred(picture: np.ndarray, radius: float) -> np.ndarray:
    """As a lens out of focus has it; the picture lies at one depth."""
    side = 2 * int(np.ceil(radius)) + 1
    y, x = np.mgrid[:side, :side] - side // 2
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1) if radius > 0.5 else np.float64((x == 0) & (y == 0))
    return np.asarray(cv2.filter2D(picture, -1, disc / disc.sum(), borderType=cv2.BORDER_REFLECT))


def sweep_of(picture: np.ndarray, noise: float, count: int = COUNT) -> KeptSource:
    """Frames of a picture whose left half is sharpest in frame `NEAR`, its right half in frame `FAR`.

    A rail of strong texture along its top, by which frames can be aligned, is so in frame `BETWEEN`.
    """
    rng = np.random.default_rng(3)
    rail = np.repeat(rng.uniform(30, 110, (RAIL // 2, SIZE[1] // 2, 1)), 3, axis=2).repeat(2, 0).repeat(2, 1)
    frames: list[Frame] = []
    for number in range(count):
        left, right = (blurred(picture, 1.5 * abs(number - place)) for place in (NEAR, FAR))
        half = np.arange(SIZE[1])[None, :, None] < SIZE[1] // 2
        seen = np.where(half, left, right)
        seen[:RAIL] = blurred(rail, 1.5 * abs(number - BETWEEN))
        seen = seen + rng.normal(0, noise, (*SIZE, 1))
        frames.append(rgb_frame(np.clip(np.rint(seen), 0, 255).astype(np.uint8), number))
    source = kept(replace(SMALL, width=SIZE[1], height=SIZE[0], frames=3), frames)
    source.info = replace(source.info, width=SIZE[1], height=SIZE[0])
    return source


def cloth() -> np.ndarray:
    """Red and blue of one brightness, in a weave."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    weave = (0.5 + 0.5 * np.sin(0.45 * x) * np.sin(0.45 * y))[..., None]
    red, blue = np.array([178.0, 60, 40]), np.array([70.0, 76, 206])
    picture = weave * red + (1 - weave) * blue
    return np.asarray(picture + (90 - picture @ [0.2126, 0.7152, 0.0722])[..., None])


def windows() -> np.ndarray:
    """Dim squares on a dark wall."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    lit = ((y // 16) % 2 == 0) & ((x // 16) % 2 == 0)
    return np.where(lit, 64.0, 28.0)[..., None].repeat(3, axis=2)


@pytest.mark.parametrize(("picture", "noise"), [(cloth(), 1.0), (windows(), 14.0)], ids=["colour", "night"])
def test_depth_of_what_fine_detail_does_not_tell(tmp_path, picture, noise):
    source = sweep_of(picture, noise)
    index = build_index(source, tmp_path)
    true = np.where(np.arange(SIZE[1]) < SIZE[1] // 2, NEAR, FAR)
    away = np.abs(np.arange(SIZE[1]) - SIZE[1] // 2) > 24
    inner = (slice(2 * RAIL, -RAIL), away)
    assert np.mean((np.abs(index.depth.position - true) < 1.5)[inner]) > 0.9


def test_what_is_sharp_by_colour_alone_is_merged_from_the_frame_that_shows_it(tmp_path):
    picture = cloth()
    source = sweep_of(picture, 1.0)
    index = build_index(source, tmp_path)
    order = Order(index.sweep.slots)
    merged = merge_sweep(source, index, *maps_of(index, tmp_path), order).frame
    away = np.abs(np.arange(SIZE[1]) - SIZE[1] // 2) > 24
    error = (frame_to_rgb(merged, bits=16) / 257.0 - picture)[2 * RAIL : -RAIL, away]
    assert np.sqrt(np.square(error).mean()) < 0.25 * picture[..., 0].std()


def test_a_lamp_tells_nothing_of_the_dark_round_it(tmp_path):
    picture = np.full((*SIZE, 3), 24.0)
    picture[90:100, 70:80] = 6000
    index = build_index(sweep_of(picture, 1.0), tmp_path)
    broad = broad_depth(maps_of(index, tmp_path)[1], np.arange(COUNT))
    assert broad is not None
    assert not broad.trust[18:30, 12:26].any()


def test_a_shade_that_stays_tells_nothing(tmp_path):
    x = np.arange(SIZE[1])[None, :, None]
    picture = np.broadcast_to(90 + 60 * np.sin(x / 60), (*SIZE, 3)).copy()
    index = build_index(sweep_of(picture, 1.0), tmp_path)
    broad = broad_depth(maps_of(index, tmp_path)[1], np.arange(COUNT))
    assert broad is not None
    # Not at the seam, which this lens does not blur, and below the rail.
    assert (broad.trust[12:, np.r_[4:34, 46:76]] > 0).mean() < 0.02


def test_few_frames_are_not_asked_and_many_not_all(tmp_path):
    source = sweep_of(windows(), 1.0)
    index = build_index(source, tmp_path)
    light = maps_of(index, tmp_path)[1]
    assert broad_depth(light, index.sweep.slots[:9]) is None
    slots = np.sort(np.tile(index.sweep.slots, 5))
    broad = broad_depth(light, slots)
    assert broad is not None
    assert len(slots) > MOST_FRAMES
    told = broad.trust[8:-8, 8:30] > 0
    assert told.mean() > 0.5
    assert np.median(broad.rank[8:-8, 8:30][told]) == pytest.approx(5 * NEAR + 2, abs=3)


def test_what_coding_adds_where_noise_is_strong_is_known_whole(tmp_path):
    rng = np.random.default_rng(2)
    curves = 12 + rng.normal(0, 4, (24, 40, 60)).clip(-11, 11)
    curves[[0, 12]] += 14
    noise = estimate_noise(volume_of(curves, tmp_path / "v"), 1.0)
    added = noise.pulse[[0, 12]].mean() - np.delete(noise.pulse, [0, 12]).mean()
    assert noise.scatter > 0.5
    assert added > min(14, 3 * noise.scatter)


def test_the_border_of_frames_tells_nothing(tmp_path):
    levels = np.full((COUNT, 48, 80), 90, np.uint8)
    for number, level in enumerate(levels):
        level[:, : 4 + number] = 0
    with MapWriter(tmp_path / "light") as writer:
        for level in levels:
            writer.append(level)
    light = Light(MapStack(tmp_path / "light", *levels.shape), np.ones(COUNT))
    broad = broad_depth(light, np.arange(COUNT))
    assert broad is not None
    assert not broad.trust.any()
