"""The merged picture: the tiled way equals its definition, no place is left out, and it is sharp."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import postfocus.fuse.merge as merge
from postfocus.focus.volume import FocusVolume, MapStack
from postfocus.fuse.few import FewMerger
from postfocus.fuse.gate import Gate
from postfocus.fuse.layout import Layout, mergeable
from postfocus.fuse.merge import Merger
from postfocus.fuse.plain import merge_plain
from postfocus.io.colour import frame_to_rgb
from postfocus.light import Light
from postfocus.merging import Order, merge_sweep
from postfocus.model.alignment import Alignment
from postfocus.model.frame import Coding, Frame, FrameInfo, Matrix
from postfocus.settings import COARSE, VOLUME
from tests.support.scenes import (
    SMALL,
    TRIPOD,
    grey_frame,
    indexed,
    kept,
    maps_of,
    rgb_frame,
    simulated,
    video_frame,
)

KINDS = ("rgb", "grey", "video", "rgb16", "grey12", "video10")


class Says:
    """A gate whose every answer is given."""

    def __init__(self, maps) -> None:
        self._maps = [np.asarray(m, np.float32) for m in maps]

    def say(self, slot: int) -> np.ndarray:
        return self._maps[slot]

    def shown(self, slot: int) -> np.ndarray:
        return np.ones_like(self._maps[slot])

    def beside(self) -> None:
        return None


def texture(rng, h: int, w: int, channels: int = 0) -> np.ndarray:
    shape = (h, w, channels) if channels else (h, w)
    fine = cv2.GaussianBlur(rng.normal(size=shape).astype(np.float32), (0, 0), 0.9)
    return np.clip(0.5 + 0.2 * fine / fine.std(), 0.02, 0.98).reshape(shape)


def photographs(kind: str, h: int, w: int, count: int, seed: int = 1) -> list[Frame]:
    """A picture whose sharp part wanders from left to right, frame by frame."""
    rng = np.random.default_rng(seed)
    channels = 3 if kind.startswith("rgb") else 0
    sharp = texture(rng, h, w, channels)
    soft = cv2.GaussianBlur(sharp, (0, 0), 3.0).reshape(sharp.shape)
    chroma = (-(-h // 2), -(-w // 2))
    u, v = texture(rng, *chroma), texture(rng, *chroma)
    frames = []
    for k in range(count):
        near = np.exp(-0.5 * ((np.linspace(0, 1, w) - (k + 0.5) / count) * count) ** 2)
        near = near[None, :, None] if channels else near[None]
        picture = near * sharp + (1 - near) * soft
        bits = int(kind[-2:]) if kind[-2:].isdigit() else 8
        top, dtype = 2**bits - 1, np.uint8 if bits == 8 else np.uint16
        codes = np.rint(picture * top).astype(dtype)
        if kind.startswith("video"):
            planes = [np.rint(c * top).astype(dtype) for c in (u, v)]
            frames.append(video_frame(codes, *planes, index=k, bits=bits))
        else:
            frames.append((rgb_frame if channels else grey_frame)(codes, k, bits))
    return frames


def still(frames: list[Frame]) -> Alignment:
    return Alignment.still(frames[0].width, frames[0].height, np.arange(len(frames)))


def wobbly(frames: list[Frame], seed: int = 2, size: float = 3.0) -> Alignment:
    rng = np.random.default_rng(seed)
    n = len(frames)
    a = 1 + 0.004 * rng.standard_normal(n) + 0.004j * rng.standard_normal(n)
    b = size * (rng.standard_normal(n) + 1j * rng.standard_normal(n))
    a[n // 2], b[n // 2] = 1, 0
    gain = 1 + 0.1 * rng.standard_normal(n)
    gain[n // 2] = 1
    return Alignment(
        frames[0].width, frames[0].height, np.arange(n), n // 2, a, b, np.zeros(n), np.zeros(n),
        ("aligned",) * n, gain,
    )  # fmt: skip


def seen(frames: list[Frame], alignment: Alignment) -> list[Frame]:
    """The frames as a camera that moved like `alignment` would have recorded them."""
    out = []
    for slot, frame in enumerate(frames):
        planes = []
        for number, plane in enumerate(frame.planes):
            black = float(merge.black_code(frame.coding, number))
            matrix = alignment.matrix(slot, 2 if number else 1)
            size = (plane.shape[1], plane.shape[0])
            moved = cv2.warpAffine(
                plane.astype(np.float32), matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
            )
            codes = (moved - black) * alignment.gain[slot] + black
            planes.append(np.rint(codes.clip(0, 2**frame.coding.bits - 1)).astype(plane.dtype))
        luma = planes[0] if planes[0].ndim == 2 else planes[0][..., 1]
        out.append(Frame(tuple(planes), luma, frame.coding, frame.info))
    return out


def open_gate(frames: list[Frame], pool: int) -> Says:
    return Says([np.ones((frames[0].height // pool, frames[0].width // pool))] * len(frames))


def uneven_says(count: int, h: int, w: int, pool: int) -> list[np.ndarray]:
    """Smooth says of some frames, 0 to 1; the third is heard everywhere."""
    rng = np.random.default_rng(3)
    cells = (h // pool, w // pool)
    maps = [cv2.GaussianBlur(rng.random(cells).astype(np.float32), (0, 0), 6) for _ in range(count)]
    maps = [np.clip((m - m.mean()) / m.std() + 1, 0, 1) for m in maps]
    maps[2][:] = 1
    return maps


def merged(frames, alignment, gate, pool, order=None) -> Merger:
    merger = Merger(alignment, gate, Layout.of(frames[0]), pool)
    for slot in range(len(frames)) if order is None else order:
        merger.add(frames[slot], slot)
    return merger


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("h", "w", "pool"), [(150, 290, 4), (149, 291, 4), (131, 137, 1), (270, 300, 2)])
def test_pieces_agree_with_the_definition(kind, h, w, pool):
    frames = photographs(kind, h, w, 4)
    alignment = wobbly(frames)
    frames = seen(frames, alignment)
    gate = Says(uneven_says(len(frames), h, w, pool))
    found = merged(frames, alignment, gate, pool)._mean
    plain = merge_plain(frames, range(4), alignment, gate, pool)
    top = 2 ** frames[0].coding.bits - 1
    for a, b in zip(found, plain, strict=True):
        error = np.abs(a - b) / top * 255
        # Resampling rounds codes, and weights below a thousandth are dropped.
        assert error.mean() < 0.05
        assert np.quantile(error, 0.995) < 0.6


@pytest.mark.parametrize("settings", [SMALL, TRIPOD], ids=["handheld", "tripod"])
def test_pieces_agree_with_the_definition_on_a_sweep(settings):
    index, folder = indexed(settings)
    _, frames = simulated(settings)
    gate = gate_of(index, folder)
    found = merged(list(frames), index.alignment, gate, index.pool)._mean[0]
    plain = merge_plain(frames, range(len(frames)), index.alignment, gate, index.pool)[0]
    error = np.abs(found - plain)
    assert error.mean() < 0.1
    assert np.quantile(error, 0.999) < 2


def gate_of(index, folder) -> Gate:
    volume, light = maps_of(index, folder)
    return Gate(volume, index.sweep.slots, index.depth, index.frames, light=light)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_frames_give_themselves(kind):
    frames = photographs(kind, 141, 143, 3)[1:2] * 3
    picture = merged(frames, still(frames), open_gate(frames, 1), 1).finish()
    wanted = frame_to_rgb(frames[0], bits=16)
    assert np.abs(frame_to_rgb(picture, bits=16).astype(int) - wanted).max() <= 257
    assert picture.coding.bits == 16
    assert picture.coding.matrix == frames[0].coding.matrix


@settings(max_examples=12, deadline=None)
@given(st.permutations(range(5)), st.sampled_from(KINDS))
def test_order_does_not_matter(order, kind):
    frames = photographs(kind, 90, 150, 5)
    alignment, gate = wobbly(frames), open_gate(frames, 2)
    one = merged(frames, alignment, gate, 2)._mean
    other = merged(frames, alignment, gate, 2, order)._mean
    top = 2 ** frames[0].coding.bits - 1
    for a, b in zip(one, other, strict=True):
        assert np.abs(a - b).max() / top * 255 < 0.5


@pytest.mark.parametrize(("tile", "longest"), [(64, 8), (128, 1), (512, 8)])
def test_the_size_of_pieces_does_not_matter(monkeypatch, tile, longest):
    frames = photographs("video", 270, 400, 4)
    alignment, gate = wobbly(frames), open_gate(frames, 2)
    frames = seen(frames, alignment)
    usual = merged(frames, alignment, gate, 2)._mean
    monkeypatch.setattr(merge, "TILE", tile)
    monkeypatch.setattr(merge, "LONGEST", longest)
    for a, b in zip(usual, merged(frames, alignment, gate, 2)._mean, strict=True):
        assert np.abs(a - b).mean() < 0.1
        assert np.quantile(np.abs(a - b), 0.995) < 1.5


@pytest.mark.parametrize("kind", ["rgb", "video"])
def test_known_brightness_is_matched(kind):
    frames = photographs(kind, 80, 120, 3)[1:2]
    dark = [
        Frame(tuple(black_to(p, 0.8, n, kind) for n, p in enumerate(f.planes)), f.luma, f.coding, f.info)
        for f in frames
    ]
    alignment = Alignment(
        120, 80, np.arange(2), 0, np.ones(2, complex), np.zeros(2, complex), np.zeros(2), np.zeros(2),
        ("aligned",) * 2, np.array([1.0, 0.8]),
    )  # fmt: skip
    only_dark = Says([np.zeros((80, 120)), np.ones((80, 120))])
    picture = merged([frames[0], dark[0]], alignment, only_dark, 1)._mean
    for plane, wanted in zip(picture, frames[0].planes, strict=True):
        assert np.abs(plane - wanted).max() <= 1


def black_to(plane: np.ndarray, gain: float, number: int, kind: str) -> np.ndarray:
    black = 0 if kind == "rgb" else (128 if number else 16)
    return np.rint((plane.astype(float) - black) * gain + black).clip(0, 255).astype(np.uint8)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.floats(2, 60), st.booleans())
def test_no_place_is_left_without_a_frame(tmp_path_factory, seed, size, narrow):
    from postfocus.focus.volume import settle

    index, folder = indexed(TRIPOD)
    _, frames = simulated(TRIPOD)
    rng = np.random.default_rng(seed)
    n = len(frames)
    b = size * (rng.standard_normal(n) + 1j * rng.standard_normal(n))
    b[4] = 0
    alignment = Alignment(
        320,
        180,
        index.frames,
        4,
        np.ones(n, complex),
        b,
        np.zeros(n),
        np.zeros(n),
        ("aligned",) * n,
        np.ones(n),
    )
    still_maps = MapStack(folder / VOLUME, n, 180, 320)
    moved = settle(still_maps, alignment, 1, tmp_path_factory.mktemp("s") / "v", scores=True)
    slots = np.array([0, 1]) if narrow else np.delete(np.arange(n), 4)
    coarse = settle(MapStack(folder / COARSE, n, 90, 160), alignment, 2, tmp_path_factory.mktemp("s") / "c")
    light = Light(coarse, alignment.gain)
    gate = Gate(FocusVolume(moved), slots, index.depth, index.frames, light=light)
    merger = Merger(alignment, gate, Layout.of(frames[0]), 1)
    for slot in slots:
        merger.add(frames[slot], int(slot))
    twice = FewMerger(slots.tolist(), alignment, gate, Layout.of(frames[0]), 1)
    for slot in slots:
        twice.weigh(frames[slot], int(slot))
    twice.settle()
    for slot in slots:
        twice.add(frames[slot], int(slot))
    for one in (merger, twice):
        assert (one._sum > 0).all()
        assert one._mean[0].max() <= 255 + 64  # cubic resampling may overshoot, never run away


def test_frames_are_not_heard_where_they_show_nothing(tmp_path):
    from tests.support.scenes import a_depth, curves_at, volume_of

    rng = np.random.default_rng(1)
    curves = curves_at(np.full((30, 40), 2.0), 5, 1.0) * rng.uniform(0.5, 1.5, (1, 30, 40))
    curves[2, :, 25:] = 0
    gate = Gate(volume_of(curves, tmp_path / "v"), np.arange(5), a_depth(30, 40, 2, 5, 2.0), np.arange(5))
    says = np.stack([gate.say(k) for k in range(5)])
    assert says[2][:, :25].min() == 1
    assert says[2][:, 25:].max() == 0
    assert (says.max(axis=0) > 0.9).all()
    assert says[[0, 4]][:, :, :24].max() < 0.5


def test_merged_sweep_is_sharper_than_any_frame_and_near_the_truth():
    sim, frames = simulated(SMALL)
    index, folder = indexed(SMALL)
    picture = merge_sweep(kept(SMALL), index, *maps_of(index, folder), Order(index.sweep.slots)).frame
    rgb = frame_to_rgb(picture).astype(float)
    inner = (slice(16, -16), slice(16, -16))
    truth = sim.truth.codes().astype(float)
    error = np.sqrt(((rgb - truth) ** 2)[inner].mean())
    alone = min(np.sqrt(((f.planes[0].astype(float) - truth) ** 2)[inner].mean()) for f in frames)
    assert error < 0.75 * alone
    assert error < 12


def test_of_noisy_frames_so_many_are_averaged_that_no_choice_of_frames_is_as_near_the_truth():
    noisy = replace(TRIPOD, frames=20, photon=48.0, read=10.0)
    sim, frames = simulated(noisy)
    index, folder = indexed(noisy)
    picture = merge_sweep(kept(noisy), index, *maps_of(index, folder), Order(index.sweep.slots)).frame
    truth = sim.truth.codes().astype(float)
    errors = [
        cv2.blur(((frame.planes[0].astype(float) - truth) ** 2).mean(axis=2), (9, 9)) for frame in frames
    ]
    ours = ((frame_to_rgb(picture).astype(float) - truth) ** 2).mean(axis=2)
    assert ours[8:-8, 8:-8].mean() < 0.5 * np.min(errors, axis=0)[8:-8, 8:-8].mean()


def aligned(frame: Frame, alignment: Alignment, slot: int) -> np.ndarray:
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    size = (frame.width, frame.height)
    seen = cv2.warpAffine(
        frame.planes[0], alignment.matrix(slot), size, flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return seen.astype(float) / alignment.gain[slot]


def test_beyond_a_range_its_last_plane_is_shown_as_the_lens_drew_it():
    sim, frames = simulated(SMALL)
    index, folder = indexed(SMALL)
    slots = np.arange(2, 5)
    rgb = frame_to_rgb(merge_sweep(kept(SMALL), index, *maps_of(index, folder), Order(slots)).frame).astype(
        float
    )
    beyond = (sim.truth.depth > 7.5) & ~sim.truth.near_edge(20)
    beyond[:16], beyond[-16:], beyond[:, :16], beyond[:, -16:] = False, False, False, False
    assert beyond.mean() > 0.05
    away = [np.abs(rgb - aligned(frames[k], index.alignment, k))[beyond].mean() for k in range(len(frames))]
    # Frame 4 is the last of the range; noise is averaged, so the picture is not frame 4 to the code.
    assert away[4] < 3
    assert away[4] <= min(away[:3])
    assert away[4] < 0.5 * away[9]


def test_another_reference_gives_the_same_picture_moved():
    index, folder = indexed(SMALL)
    maps = maps_of(index, folder)
    source, slots = kept(SMALL), index.sweep.slots
    usual = frame_to_rgb(merge_sweep(source, index, *maps, Order(slots)).frame)
    other = frame_to_rgb(merge_sweep(source, index, *maps, Order(slots, reference=1)).frame)
    # What the other picture shows at p lies in the usual one at m^-1 p.
    back = np.linalg.inv(np.vstack([index.alignment.matrix(1), [0, 0, 1]]))[:2]
    size = (index.info.width, index.info.height)
    wanted = (
        cv2.warpAffine(usual, back, size, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)
        * index.alignment.gain[1]
    )
    error = np.abs(other - wanted)[20:-20, 20:-20]
    assert error.mean() < 2
    assert np.quantile(error, 0.99) < 15
    same = merge_sweep(source, index, *maps, Order(slots, reference=index.alignment.reference)).frame
    np.testing.assert_array_equal(frame_to_rgb(same), usual)


def test_only_kinds_that_can_be_merged_are_merged_as_they_are():
    video = photographs("video", 60, 80, 1)[0]
    assert mergeable(video) is video
    grey = photographs("grey", 60, 80, 1)[0]
    assert mergeable(grey) is grey
    y, u, v = video.planes
    wide = Frame((y, u.repeat(2, 0), v.repeat(2, 0)), y, video.coding, FrameInfo(0))
    turned = mergeable(wide)
    assert turned.coding.matrix == Matrix.RGB
    assert turned.planes[0].dtype == np.uint16
    np.testing.assert_array_equal(turned.planes[0], frame_to_rgb(wide, bits=16))


@pytest.mark.parametrize(
    ("bits", "full"), [(8, True), (10, True), (12, True), (16, True), (8, False), (10, False)]
)
def test_white_stays_white_in_sixteen_bits(bits, full):
    top = (2**bits - 1) if full else 235 * 2 ** (bits - 8)
    codes = np.full((40, 50), top, np.uint8 if bits == 8 else np.uint16)
    neutral = np.full((20, 25), 128 * 2 ** (bits - 8), codes.dtype)
    frame = grey_frame(codes, bits=bits) if full else video_frame(codes, neutral, neutral, bits=bits)
    picture = merged([frame, frame], still([frame, frame]), open_gate([frame, frame], 1), 1).finish()
    assert isinstance(picture.coding, Coding)
    assert frame_to_rgb(picture, bits=16).min() >= 65400
