"""What moves is shown once, at the moment that is asked for; where nothing moves nothing is found."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.depth.behind import depth_behind
from postfocus.focus.volume import MapStack, MapWriter
from postfocus.fuse.foreign import (
    MARGIN,
    WINDOW,
    completed,
    foreign_cells,
    median_of_nine,
    window,
)
from postfocus.fuse.gate import Gate
from postfocus.fuse.movers import Movers
from postfocus.io.colour import frame_to_rgb
from postfocus.light import Light
from postfocus.merging import Merged, Order, merge_sweep
from postfocus.strange import CERTAIN, LIKELY, REACH, out_of_blur, out_of_range, with_colour
from postfocus.synth.sweep import SweepSettings
from tests.support.scenes import indexed, kept, maps_of, simulated

STILL = SweepSettings(scene="still-life", width=640, height=360, frames=20, seed=3, blur=3.0)
FLOWN = replace(STILL, mover=True)
AS_ONE = np.zeros(20)


def light_of(levels: np.ndarray, path) -> Light:
    with MapWriter(path) as writer:
        for layer in levels:
            writer.append(layer.astype(np.uint8))
    return Light(MapStack(path, *levels.shape), np.ones(len(levels)))


def foreign(light: Light, slots: np.ndarray, blur: float = 0.0) -> dict[int, np.ndarray]:
    """What is foreign, of frames that lie `blur` cells apart on the line of blur."""
    return foreign_cells(light, slots, blur * np.arange(len(slots)))


def scenery(seed: int, shape: tuple[int, int] = (60, 80)) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rough = cv2.GaussianBlur(rng.normal(size=shape), (0, 0), rng.uniform(0.5, 4))
    return np.clip(128 + 50 * rough / rough.std(), 1, 255)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(-REACH, REACH), st.integers(-REACH, REACH))
def test_defocus_and_small_shifts_explain_themselves(seed, dx, dy):
    there = scenery(seed)
    width = 2 * (REACH - max(abs(dx), abs(dy))) + 1
    blurred = cv2.blur(np.roll(there, (dy, dx), axis=(0, 1)), (width, width))
    one, other = np.rint(there).astype(np.uint8), np.rint(blurred).astype(np.uint8)
    inside = (slice(8, -8), slice(8, -8))
    assert out_of_range(one, other)[inside].max() <= 1
    assert out_of_range(other, one)[inside].max() <= 1


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_median_is_the_median(seed):
    layers = np.random.default_rng(seed).integers(0, 6, (9, 20, 30)).astype(np.uint8)
    np.testing.assert_array_equal(median_of_nine(layers), np.median(layers, axis=0))


@given(st.integers(WINDOW, 400), st.data())
def test_windows_lie_within_the_sweep(count, data):
    ranks = window(data.draw(st.integers(0, count - 1)), count)
    assert len(set(ranks)) == WINDOW
    assert min(ranks) >= 0
    assert max(ranks) < count


def sweep_of(count: int, moving: bool) -> np.ndarray:
    """A picture that comes into focus and goes out of it, with a bright square that crosses it or not."""
    calm = 60 + 0.4 * scenery(1)
    layers = np.stack([cv2.GaussianBlur(calm, (0, 0), 0.3 + 0.2 * abs(k - 9)) for k in range(count)])
    if moving:
        for k in range(count):
            layers[k, 20:32, 3 * k : 3 * k + 12] = 250
    return layers.round().clip(1, 255)


def test_what_crosses_the_picture_is_found(tmp_path):
    found = foreign(light_of(sweep_of(20, True), tmp_path / "c"), np.arange(20))
    assert sorted(found) == list(range(20))
    for k in range(4, 16):
        rows, cols = np.nonzero(found[k])
        assert abs(rows.mean() - 25.5) < MARGIN
        assert abs(cols.mean() - (3 * k + 5.5)) < MARGIN
        assert found[k][20:32, 3 * k : 3 * k + 12].mean() > 0.95


def test_in_a_range_of_a_dense_sweep_it_is_found_as_in_the_whole(tmp_path):
    found = foreign(light_of(sweep_of(20, True), tmp_path / "c"), np.arange(4, 16))
    assert sorted(found) == list(range(4, 16))
    for k in found:
        assert found[k][20:32, 3 * k : 3 * k + 12].mean() > 0.95


def test_what_only_goes_out_of_focus_is_not(tmp_path):
    light = light_of(sweep_of(20, False), tmp_path / "c")
    assert foreign(light, np.arange(20)) == {}
    assert foreign(light, np.arange(WINDOW - 1)) == {}


def dotted(blur: float, depths: int, radius: int = 4) -> np.ndarray:
    """Dark dots at some depths before something bright, blurred by so many cells more with every frame."""
    out = []
    for k in range(20):
        dots = np.zeros((90, 160))
        for dot in range(40):
            one = np.zeros((90, 160))
            cv2.circle(one, (12 + 18 * (dot % 8), 8 + 18 * (dot // 8)), radius, 150, -1)
            dots += cv2.GaussianBlur(one, (0, 0), 0.3 + blur * abs(k - 9 - dot % depths + depths // 2) / 2)
        out.append((220 - dots).clip(1, 255))
    return np.stack(out)


def coloured(levels: np.ndarray, folder) -> Light:
    """What is evenly grey and has these codes as its colour, on cells twice as large."""
    grey = light_of(np.full((20, 180, 320), 120.0), folder / "grey")
    tint = light_of(np.concatenate([levels, np.full(levels.shape, 128.0)], axis=1), folder / "tint")
    return Light(grey.maps, grey.gain, tint.maps)


def test_blur_as_wide_as_frames_were_found_to_have_is_not_foreign(tmp_path):
    still, slots = dotted(1.0, 10), np.arange(20)
    assert foreign(light_of(still.round(), tmp_path / "c"), slots)
    assert foreign(light_of(still.round(), tmp_path / "c"), slots, 1.0) == {}
    for k in slots:
        still[k, 30:48, 6 * k : 6 * k + 18] = 10
    found = foreign(light_of(still.round(), tmp_path / "m"), slots, 1.0)
    for k in range(4, 16):
        assert found[k][30:48, 6 * k : 6 * k + 18].mean() > 0.9


def test_between_other_frames_it_may_be_somewhat_wider(tmp_path):
    light, slots = light_of(dotted(1.6, 1, 6).round(), tmp_path / "c"), np.arange(20)
    assert 9 in foreign(light, slots)
    assert 9 not in foreign(light, slots, 0.96)


def test_all_of_what_is_foreign_is_found_however_wide_blur_is(tmp_path):
    layers = np.full((20, 90, 160), 120.0)
    for k in range(20):
        layers[k, 30:54, 6 * k : 6 * k + 24] = 240
    found = foreign(light_of(layers, tmp_path / "m"), np.arange(20), 2.5)
    for k in range(4, 16):
        assert found[k][30:54, 6 * k : 6 * k + 24].all()


def test_colour_spreads_as_far_as_brightness(tmp_path):
    light, slots = coloured(dotted(2.0, 1, 6).round(), tmp_path), np.arange(20)
    assert 9 in foreign(light, slots)
    assert 9 not in foreign(light, slots, 4.0)


def contradicted(folder, flicker: bool, blur: float = 0.0) -> Movers:
    """A bright bar, near, whose blur reaches over dark ground, far; beside it may be what never rests."""
    count, rows, cols = 30, 60, 120
    ground = np.full((rows, cols), 20.0)
    ground[:, 58:62] = 250
    layers = np.stack([cv2.blur(ground, (1 + 2 * round(0.8 * abs(k - 5)), 1)) for k in range(count)])
    for k in range(count if flicker else 0):
        layers[k, 20:40, 20:40] = 40 + 60 * (k % 3)
    movers = Movers(
        light_of(layers.round(), folder),
        np.arange(count),
        None,
        lambda _: np.ones((120, 240)),
        np.zeros(count),
    )
    depth = np.full((120, 240), 24.0, np.float32)
    depth[:, 108:132] = 5
    says = ((k, (np.abs(depth - k) <= 6).astype(np.float32)) for k in range(count))
    movers.settle(np.where(depth == 24, np.float32(18), depth), depth, says)
    return movers


def test_the_growing_veil_of_a_near_thing_is_not_held(tmp_path):
    assert not contradicted(tmp_path / "still", False).held.any()
    held = contradicted(tmp_path / "flicker", True).held
    assert held[22:38, 22:38].all()
    assert not held[:, 48:].any()


@pytest.mark.parametrize("count", [3, 5, 8])
def test_what_moved_between_a_few_stills_is_found(tmp_path, count):
    """A large square that is somewhere else in each; the scene alone is not taken for it."""
    still = np.stack(
        [cv2.GaussianBlur(60 + 0.4 * scenery(1, (80, 400)), (0, 0), 0.3 + k) for k in range(count)]
    )
    layers = still.copy()
    for k in range(count):
        layers[k, 20:60, 45 * k : 45 * k + 40] = 250
    slots = np.arange(count)
    assert foreign(light_of(still.round(), tmp_path / "c"), slots, 2.0) == {}
    found = foreign(light_of(layers.round().clip(1, 255), tmp_path / "m"), slots, 2.0)
    assert sorted(found) == slots.tolist()
    for k in range(count):
        assert found[k][20:60, 45 * k : 45 * k + 40].mean() > 0.95
        assert found[k].sum() < 1.6 * 40 * 40
    assert foreign(light_of(layers.round().clip(1, 255), tmp_path / "m"), slots[:2], 2.0) == {}


def test_strong_blur_between_large_steps_of_focus_is_not_taken_for_what_moves(tmp_path):
    """White print that ten frames blur more and more; a dark square before it that jumps is found."""
    print_ = np.full((120, 200), 60.0)
    print_[30:90, 20:180][:, np.arange(160) % 16 < 5] = 255
    still = np.stack([cv2.GaussianBlur(print_, (0, 0), 0.3 + 1.0 * abs(k - 1)) for k in range(10)])
    layers = still.copy()
    for k in range(10):
        layers[k, 40:64, 18 * k : 18 * k + 24] = 8
    slots = np.arange(10)
    assert foreign(light_of(still.round(), tmp_path / "c"), slots) == {}
    found = foreign(light_of(layers.round(), tmp_path / "m"), slots)
    assert sorted(found) == slots.tolist()
    for k in range(10):
        assert found[k][40:64, 18 * k : 18 * k + 24].mean() > 0.9


@pytest.mark.parametrize("gain", [1.0, 0.6])
def test_what_differs_in_colour_alone_is_found(tmp_path, gain):
    """A square as bright as the wall it crosses, but of another blue."""
    gains = np.where(np.arange(20) % 3 == 0, gain, 1.0)
    grey = np.stack([g * layer for g, layer in zip(gains, sweep_of(20, False), strict=True)])
    blue, red = np.full((20, 30, 40), 128 - 40.0), np.full((20, 30, 40), 128 + 10.0)
    for k in range(20):
        blue[k, 10:16, 2 * k : 2 * k + 6] += 30
    colour = 128 + gains[:, None, None] * (np.concatenate([blue, red], axis=1) - 128)
    plain = light_of(grey.round().clip(1, 255), tmp_path / "c")
    tinted = light_of(colour.round(), tmp_path / "t")
    found = foreign(Light(plain.maps, gains, tinted.maps), np.arange(20))
    assert foreign(Light(plain.maps, gains), np.arange(20)) == {}
    for k in range(3, 17):
        assert found[k][20:32, 4 * k : 4 * k + 12].mean() > 0.95
        assert found[k].sum() < 24 * 24


def test_a_plain_place_behind_a_slow_mover_is_not_shown_by_frames_that_are_all_mover(tmp_path):
    """A plain wall behind a plain mover of another colour: noise alone does not choose the mover."""
    from tests.support.scenes import a_depth, volume_of

    colour = np.full((20, 16, 10), 128.0)
    colour[:6, 8:] = 220
    tinted, plain = light_of(colour, tmp_path / "t"), light_of(np.full((20, 16, 20), 90.0), tmp_path / "c")
    curves = np.full((20, 32, 40), 0.5)
    curves[3] = 0.8
    depth = a_depth(32, 40, 4, 20, 12.0)

    def says(light: Light) -> np.ndarray:
        volume, ranks = volume_of(curves, tmp_path / "v"), np.arange(20)
        behind = partial(depth_behind, volume, 4)
        gate = Gate(volume, ranks, depth, ranks, light=light, behind=behind)
        assert gate.movers is not None
        gate.movers.touched[:] = True
        hidden = np.ones((16, 20), np.bool_)
        gate.movers.hidden = lambda slot: hidden if 8 <= slot <= 14 else None  # type: ignore[method-assign]
        gate._kept.clear()
        gate._survey()
        return np.stack([gate._own(k) for k in range(20)])

    assert says(plain)[3].min() == 1
    known = says(Light(plain.maps, plain.gain, tinted.maps))
    assert known[3].max() == 0
    assert known[15].min() == 1


def test_what_is_in_focus_beside_a_mover_is_not_taken_for_it(tmp_path):
    """Something sharp for one frame counts as the mover's, something that focus makes sharp does not."""
    ranks, flat = np.arange(20), np.ones((80, 120), np.float32)
    found = {10: np.zeros((40, 60), np.uint8)}
    found[10][10:20, 10:20] = 1

    def sharpness(slot: int) -> np.ndarray:
        out = flat.copy()
        out[20:40, 44:48] += 20 * (slot == 10)
        out[20:40, 12:16] += 20 * np.exp(-0.5 * ((slot - 10) / 1.2) ** 2)
        return out

    more = completed(found, ranks, sharpness)[10]
    assert more[10:20, 22:24].all()
    assert not more[10:20, 5:8].any()
    assert (more >= found[10]).all()


def test_colour_tells_beside_dark_things_but_not_beside_lamps():
    colour = np.zeros((40, 30), np.uint8)
    colour[8:12, 12:16] = 14
    dark, lamp = np.full((40, 60), 200, np.uint8), np.full((40, 60), 60, np.uint8)
    dark[16:24, 34:36], lamp[16:24, 34:36] = 20, 255
    none = np.zeros((40, 60), np.uint8)
    assert with_colour(none, colour, dark, dark)[16:24, 24:32].min() >= CERTAIN
    assert with_colour(none, colour, lamp, lamp)[16:24, 31:32].max() < LIKELY
    changed = np.clip(dark.astype(int) - 100, 0, 255).astype(np.uint8)
    assert with_colour(none, colour, dark, changed)[16:24, 24:32].max() < LIKELY


def test_one_moment_is_kept(tmp_path):
    light = light_of(sweep_of(20, True), tmp_path / "c")
    flat = np.ones((120, 160), np.float32)
    sharper = {slot: flat * (5 if slot == 12 else 1) for slot in range(20)}
    found = Movers(light, np.arange(20), None, sharper.__getitem__, AS_ONE)
    assert found.moment == 12
    asked = Movers(light, np.arange(20), 7, sharper.__getitem__, AS_ONE)
    assert asked.moment == 7
    assert asked.held.any()
    assert asked.held[20:32, 21:33].all()
    own = asked.hidden(7)
    assert own is None or not own[asked.held].any()
    for slot in (3, 6, 8, 15):
        hidden = asked.hidden(slot)
        assert hidden is not None
        assert hidden[asked.held].all()
        assert asked.touched[hidden].all()


def test_frames_that_contradict_one_another_are_settled(tmp_path):
    """A bright square that creeps too slowly for the median is taken from one frame."""
    layers = np.stack([60 + 0.4 * scenery(1)] * 20)
    for k in range(20):
        layers[k, 20:34, 2 * k : 40 + 2 * k] = 250
    light = light_of(layers.round().clip(1, 255), tmp_path / "c")
    flat = np.ones((120, 160), np.float32)
    movers = Movers(light, np.arange(20), None, lambda slot: flat * (5 if slot == 9 else 1), AS_ONE)
    depth = flat * 9
    assert movers.settle(depth, depth, [(slot, flat) for slot in range(20)])
    edge = movers.held[22:32, 59:65]
    assert edge.all()
    own, other = movers.hidden(9), movers.hidden(12)
    assert own is None or not own[22:32, 59:65].any()
    assert other is not None
    assert other[22:32, 59:65].all()


def test_what_blur_explains_does_not_contradict(tmp_path):
    """A dark dot that frames blur as much as they were found to is left to all of them."""
    dots = 220 - np.zeros((20, 60, 80))
    for k in range(20):
        cv2.circle(dots[k], (40, 30), 6, 20, -1)
        dots[k] = cv2.GaussianBlur(dots[k], (0, 0), 0.3 + 3 * abs(k - 9) / 2)
    light, flat = light_of(dots.round(), tmp_path / "c"), np.ones((120, 160), np.float32)
    sharpest = {9: 5 * flat}
    for blur, held in ((0.0, True), (3.0, False)):
        movers = Movers(
            light, np.arange(20), None, lambda slot: sharpest.get(slot, flat), blur * np.arange(20)
        )
        movers.settle(9 * flat, 9 * flat, [(slot, flat) for slot in range(20)])
        assert movers.held.any() == held


def test_blur_explains_what_it_may_at_each_place_by_itself():
    usual = np.full((60, 120), 200, np.uint8)
    usual[27:34, 27:34] = usual[27:34, 87:94] = 20
    here, cells = np.full_like(usual, 200), np.ones(usual.shape, np.bool_)
    blur = np.zeros(usual.shape, np.float32)
    blur[:, 60:] = 3.5
    unlike = out_of_blur(here, usual, blur, cells)
    assert unlike[30, 30] == 180
    assert unlike[30, 90] == 0
    assert (unlike[:, :55] == out_of_range(here, usual)[:, :55]).all()
    blur[:, 60:] = 2.5
    assert out_of_blur(here, usual, blur, cells)[30, 90] == 180 * (out_of_range(here, usual, 3)[30, 90] > 0)
    assert not out_of_blur(here, usual, blur, ~cells).any()


@lru_cache(maxsize=8)
def result_of(mover: bool, moment: int | None) -> Merged:
    sweep = FLOWN if mover else STILL
    index, folder = indexed(sweep)
    reference = None if moment is None else index.alignment.reference
    maps = maps_of(index, folder)
    return merge_sweep(kept(sweep), index, *maps, Order(index.sweep.slots, reference, moment))


def merged(mover: bool, moment: int | None) -> np.ndarray:
    return frame_to_rgb(result_of(mover, moment).frame).astype(float)


def place(moment: int) -> np.ndarray:
    """Where the mover is at a moment, grown by its blur."""
    sim, _ = simulated(FLOWN)
    layer = sim.mover.layer(moment)
    pose = sim.pose(sim.reference).copy()
    pose[:, 2] += pose[:, :2] @ (layer.x, layer.y)
    alpha = cv2.warpAffine(np.ascontiguousarray(layer.rgba[..., 3]).astype(np.float32), pose, (640, 360))
    return cv2.dilate((alpha > 0.01).astype(np.uint8), np.ones((31, 31), np.uint8)) > 0


@pytest.mark.parametrize("moment", [6, 13])
def test_a_mover_is_shown_once_where_the_chosen_frame_has_it(moment):
    off = cv2.blur(np.abs(merged(True, moment) - merged(False, None)).mean(axis=2), (5, 5)) > 12
    here = place(moment)
    assert off[here].mean() > 0.2
    assert off[~here].mean() < 0.0005
    held = result_of(True, moment).held
    assert held is not None
    whole = cv2.resize(held.astype(np.uint8), (640, 360), interpolation=cv2.INTER_NEAREST) > 0
    assert whole[off & here].mean() > 0.98
    assert not whole[~cv2.dilate(here.astype(np.uint8), np.ones((25, 25), np.uint8)).astype(bool)].any()


def test_a_moment_in_which_the_mover_is_blurred_is_warned_of():
    blurred, chosen = result_of(True, 18), result_of(True, None)
    assert "out of focus in frame 18" in blurred.notes[0]
    assert chosen.notes == ()


def test_without_movers_nothing_changes():
    index, folder = indexed(STILL)
    volume, light = maps_of(index, folder)
    gate = Gate(volume, index.sweep.slots, index.depth, index.frames, light=light)
    assert gate.movers is not None
    assert not gate.movers.touched.any()
