"""The sweep is found among frames at rest, shaken, repeated and passed again; clean sweeps are left alone."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.focus.sweep import MOST_BLOCKS, Likeness, compare_frames, find_sweep
from postfocus.focus.volume import FocusVolume, MapWriter, encode
from postfocus.light import Light
from postfocus.model.sweep import Sweep
from tests.support.scenes import SMALL, indexed, volume_of

ROWS, COLS = 64, 96


class Lens:
    """A scene of blocks at known depths (0…1), and its sharpness at any focus."""

    def __init__(self, seed: int = 1, depths: int = 0, width: float = 0.12, noise: float = 0.3) -> None:
        self.rng = np.random.default_rng(seed)
        blocks = self.rng.random((ROWS // 8, COLS // 8))
        if depths:
            blocks = np.floor(blocks * depths) / max(1, depths - 1)
        self.depth = np.kron(blocks, np.ones((8, 8)))
        self.height = np.kron(self.rng.uniform(2, 12, blocks.shape), np.ones((8, 8)))
        self.width, self.noise = width, noise

    def frame(self, focus: float, sharpness: float = 1.0) -> np.ndarray:
        bell = np.exp(-0.5 * ((self.depth - focus) / self.width) ** 2)
        shaken = self.height * bell * sharpness
        return np.maximum(1 + shaken + self.noise * self.rng.standard_normal(bell.shape), 0.01)

    def frames(self, focus) -> list[np.ndarray]:
        return [self.frame(f) for f in focus]


def found(frames, tmp_path, usable=None) -> Sweep:
    volume = volume_of(np.stack(frames), tmp_path / "v")
    n = volume.count
    return find_sweep(compare_frames(volume), np.arange(n), np.ones(n, bool) if usable is None else usable)


EVEN = np.linspace(-0.05, 1.05, 30)


@pytest.mark.parametrize(("count", "noise"), [(8, 0.3), (30, 0.3), (30, 4.0), (120, 1.5)])
@pytest.mark.parametrize("width", [0.08, 0.2, 0.4])
def test_a_clean_sweep_is_kept_whole(tmp_path, count, width, noise):
    sweep = found(Lens(width=width, noise=noise).frames(np.linspace(-0.05, 1.05, count)), tmp_path)
    assert sweep.findings == ()
    assert sweep.slots.tolist() == list(range(count))
    assert (sweep.first, sweep.last) == (0, count - 1)


def test_a_sweep_from_far_to_near_is_as_good(tmp_path):
    assert found(Lens().frames(EVEN[::-1]), tmp_path).findings == ()


def test_one_plane_is_a_sweep_too(tmp_path):
    lens = Lens()
    lens.depth[:] = 0.5
    sweep = found(lens.frames(EVEN), tmp_path)
    assert sweep.findings == ()
    assert len(sweep.slots) == 30


def test_two_planes_with_nothing_between(tmp_path):
    sweep = found(Lens(depths=2).frames(EVEN), tmp_path)
    assert len(sweep.slots) >= 28


@pytest.mark.parametrize(("lead", "tail"), [(8, 0), (0, 8), (6, 9)])
def test_the_lens_at_rest_is_left_out(tmp_path, lead, tail):
    focus = np.concatenate([np.full(lead, 0.0), np.linspace(0, 1, 24), np.full(tail, 1.0)])
    sweep = found(Lens().frames(focus), tmp_path)
    assert len(sweep.findings) == (lead > 0) + (tail > 0)
    assert all("rests" in f for f in sweep.findings)
    assert lead - 2 <= sweep.first <= lead
    assert len(focus) - 1 - tail <= sweep.last <= len(focus) + 1 - tail


def test_a_frame_blurred_everywhere_is_left_out(tmp_path):
    lens = Lens()
    frames = lens.frames(EVEN)
    frames[13] = lens.frame(float(EVEN[13]), sharpness=0.3)
    sweep = found(frames, tmp_path)
    assert sweep.findings == ("frame 13 is blurred everywhere and left out",)
    assert 13 not in sweep.slots
    assert len(sweep.slots) == 29


def test_a_repeated_frame_is_left_out(tmp_path):
    frames = Lens(noise=0.0).frames(EVEN)
    frames.insert(10, frames[9].copy())
    sweep = found(frames, tmp_path)
    assert len(sweep.findings) == 1
    assert "frame 10 is a repeat" in sweep.findings[0]
    assert sweep.slots.tolist() == [n for n in range(31) if n != 10]


def test_a_turn_back_leaves_the_longer_pass(tmp_path):
    focus = np.concatenate([np.linspace(0, 1, 24), np.linspace(1, 0.3, 14)[1:]])
    sweep = found(Lens().frames(focus), tmp_path)
    assert len(sweep.findings) == 1
    assert "passes the same planes again" in sweep.findings[0]
    assert sweep.first == 0
    assert abs(sweep.last - 23) <= 2


def test_a_jump_back_leaves_the_longer_pass(tmp_path):
    focus = np.concatenate([np.linspace(0, 0.6, 10), np.linspace(0, 1, 24)])
    sweep = found(Lens().frames(focus), tmp_path)
    assert len(sweep.findings) == 1
    assert abs(sweep.first - 10) <= 1
    assert sweep.last == 33


def test_three_passes_leave_one(tmp_path):
    focus = np.concatenate([np.linspace(0, 1, 15), np.linspace(1, 0, 16)[1:], np.linspace(0, 1, 20)[1:]])
    sweep = found(Lens().frames(focus), tmp_path)
    assert "(3 passes)" in sweep.findings[-1]
    assert abs(sweep.first - 29) <= 2
    assert sweep.last == 48


@pytest.mark.parametrize("count", [45, 90])
def test_key_frames_of_a_video_are_no_turn(tmp_path, count):
    lens = Lens()
    lens.height[:, COLS // 2 :] = 0
    frames = lens.frames(np.linspace(-0.05, 1.05, count))
    for n in range(0, count, 15):
        frames[n] = frames[n] + 0.6
    sweep = found(frames, tmp_path)
    assert sweep.findings == ()
    assert len(sweep.slots) == count


def test_frames_that_cannot_be_used_are_no_part(tmp_path):
    usable = np.ones(30, bool)
    usable[[0, 7, 29]] = False
    sweep = found(Lens().frames(EVEN), tmp_path, usable)
    assert sweep.slots.tolist() == [n for n in range(30) if usable[n]]
    assert (sweep.first, sweep.last) == (1, 28)


def test_few_frames_are_all_the_sweep(tmp_path):
    assert found(Lens().frames([0, 0, 1, 0]), tmp_path).slots.tolist() == [0, 1, 2, 3]


def test_frames_keep_their_numbers(tmp_path):
    volume = volume_of(np.stack(Lens().frames(EVEN)), tmp_path / "v")
    sweep = find_sweep(compare_frames(volume), 3 * np.arange(30) + 5, np.ones(30, bool))
    assert (sweep.first, sweep.last) == (5, 92)


@pytest.mark.parametrize("hidden", [True, False])
def test_what_passes_before_a_sharp_place_is_no_second_pass(hidden):
    """In some blocks something stands before what is sharp at 12; or the lens turns back and comes again."""
    ranks, blocks = np.arange(26)[:, None], np.arange(300)
    centre = np.where(blocks < 200, 12, 20)
    share = np.exp(-0.5 * ((ranks - centre) / 5.0) ** 2)
    level = np.full(share.shape, 120.0)
    gone = slice(0, 40)
    share[11:14, gone] = 0.3
    share[[10, 14], gone] = 0.95
    if hidden:
        level[11:14, gone] = 30
    distance = np.sqrt(((share[:, None] - share[None]) ** 2).mean(axis=2)).astype(np.float32)
    like = Likeness(share.astype(np.float32), distance, level.astype(np.float32))
    sweep = find_sweep(like, np.arange(26), np.ones(26, bool))
    assert ("passes the same planes again" in " ".join(sweep.findings)) != hidden


@pytest.mark.parametrize("order", ["none", "same", "reverse"])
def test_only_what_is_sharp_again_in_order_is_a_second_pass(order):
    """Rims of large discs of light are sharp late in a sweep, wherever they have grown to."""
    ranks, blocks = np.arange(30)[:, None], np.arange(300)
    once = 6 + blocks % 8
    again = {"none": np.random.default_rng(1).permutation(once), "same": once, "reverse": 19 - once}[
        order
    ] + 14
    first, second = (np.exp(-0.5 * ((ranks - at) / 2.0) ** 2) for at in (once, again))
    share = first + second * (blocks < 64)
    distance = np.sqrt(((share[:, None] - share[None]) ** 2).mean(axis=2)).astype(np.float32)
    like = Likeness(share.astype(np.float32), distance, np.full(share.shape, 120, np.float32))
    sweep = find_sweep(like, np.arange(30), np.ones(30, bool))
    assert ("passes the same planes again" in " ".join(sweep.findings)) == (order != "none")


def test_a_lens_that_turns_back_is_told_by_blocks_as_bright_as_before(tmp_path):
    frames = np.stack(Lens().frames([*EVEN[:20], *EVEN[19:4:-1]]))
    volume = volume_of(frames, tmp_path / "v")
    with MapWriter(tmp_path / "l") as writer:
        for _ in frames:
            writer.append(np.full((volume.height // 2, volume.width // 2), 90, np.uint8))
    light = Light(writer.maps(), np.ones(len(frames)))
    like = compare_frames(volume, light)
    assert like.level is not None
    assert like.level.shape == like.share.shape
    assert (like.level == 90).all()
    sweep = find_sweep(like, np.arange(len(frames)), np.ones(len(frames), bool))
    assert "passes the same planes again" in " ".join(sweep.findings)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 40), st.integers(1, 30), st.floats(0, 1), st.booleans(), st.integers(0, 10_000))
def test_whatever_is_photographed_two_frames_remain(count, blocks, roughness, walk, seed):
    rng = np.random.default_rng(seed)
    share = rng.random((count, blocks)) * roughness + 0.3 * np.linspace(0, 1, count)[:, None]
    share = np.clip(np.cumsum(share, axis=0) / count if walk else share, 0.001, 1).astype(np.float32)
    distance = np.sqrt(((share[:, None] - share[None]) ** 2).mean(axis=2)).astype(np.float32)
    sweep = find_sweep(Likeness(share, distance), np.arange(count), np.ones(count, bool))
    assert len(sweep.slots) >= 2
    assert (np.diff(sweep.slots) > 0).all()
    assert (sweep.first, sweep.last) == (sweep.slots[0], sweep.slots[-1])


@settings(max_examples=15, deadline=None)
@given(st.integers(60, 300), st.floats(0.005, 0.5))
def test_a_slow_sweep_is_not_taken_for_rest(count, span):
    share = np.linspace(1 - span, 1, count, dtype=np.float32)[:, None].repeat(20, 1)
    distance = np.abs(share[:, :1] - share[:, 0])
    sweep = find_sweep(Likeness(share, distance), np.arange(count), np.ones(count, bool))
    assert len(sweep.slots) >= (0.7 * count if span > 0.1 else 2)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_lens_that_starts_slowly_does_not_rest(reverse):
    way = np.cumsum([0, 0.010, 0.014, 0.022, 0.017, *np.full(25, 0.04)])  # as of a clip that was cut by three
    noise = 0.018
    distance = np.hypot(way[:, None] - way, noise * (1 - np.eye(30))).astype(np.float32)
    places = np.linspace(0, way[-1], 40)
    share = np.exp(-(((way[:, None] - places) / 0.25) ** 2)).astype(np.float32)
    if reverse:
        distance, share = distance[::-1, ::-1].copy(), share[::-1].copy()
    sweep = find_sweep(Likeness(share, distance), np.arange(30), np.ones(30, bool))
    assert sweep.findings == ()
    assert len(sweep.slots) == 30


def test_comparison_is_symmetric_and_nought_with_itself(tmp_path):
    volume = volume_of(np.stack(Lens(noise=0.0).frames([0.1, 0.5, 0.5, 0.9])), tmp_path / "v")
    like = compare_frames(volume)
    assert like.share.shape[0] == 4
    assert 0 <= like.share.min() <= like.share.max() <= 1
    np.testing.assert_allclose(like.distance, like.distance.T, atol=1e-5)
    assert np.diag(like.distance).max() < 1e-3
    assert like.distance[1, 2] < 1e-3
    assert like.distance[0, 3] > like.distance[0, 1] > 0.1


FAR = replace(SMALL, scene="landscape", width=320, height=180, frames=18, blur=14.0, seed=8)
SWEEPS = {
    "rest": replace(FAR, lead_in=5, tail=5),
    "turn": replace(FAR, turn_back=7),
    "turn beyond the last plane": replace(FAR, turn_back=7, scene="grass"),
}


@pytest.mark.parametrize("name", SWEEPS)
def test_simulated_sweeps_with_a_flaw(name):
    index, _ = indexed(SWEEPS[name])
    if name == "rest":
        assert 3 <= index.sweep.first <= 5
        assert 12 <= index.sweep.last <= 14
        assert len(index.sweep.findings) == 2
    else:
        assert index.sweep.first == 0
        assert 7 <= index.sweep.last <= 12
        assert len(index.sweep.findings) == 1
        assert "again" in index.sweep.findings[0]


def test_a_simulated_clean_sweep_has_no_findings():
    assert indexed(SMALL)[0].sweep.findings == ()


def test_comparing_many_frames_takes_hardly_more_memory(tmp_path):
    def peak(count: int) -> int:
        layer = encode(np.random.default_rng(1).uniform(1, 40, (480, 640)).astype(np.float32))
        with MapWriter(tmp_path / f"{count}") as writer:
            for _ in range(count):
                writer.append(layer)
        tracemalloc.start()
        try:
            compare_frames(FocusVolume(writer.maps()))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(60) < peak(10) + 50 * 2.5 * 4 * MOST_BLOCKS
