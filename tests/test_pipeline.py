"""From a sweep to its index: what is found is what was simulated, whatever form the pixels have."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import simplejpeg

from postfocus import pipeline, seeing
from postfocus.align.notes import LARGE
from postfocus.errors import CannotAlign, CannotRead, TooFewFrames
from postfocus.focus.volume import MapStack
from postfocus.io.levels import grey_level
from postfocus.io.previews import Previews
from postfocus.merging import Order, merge_sweep
from postfocus.model.depth import State
from postfocus.model.frame import Coding, Frame, Matrix
from postfocus.model.sweep import Sweep
from postfocus.pipeline import build_index
from postfocus.seeing import depth_of
from postfocus.settings import COARSE, COLOUR, PREVIEWS, VOLUME, IndexSettings
from tests.support.scenes import SMALL, TRIPOD, grey_frame, indexed, kept, maps_of, simulated, video_frame


def test_index_of_a_handheld_sweep():
    sim, frames = simulated(SMALL)
    index, folder = indexed(SMALL)
    assert index.frames.tolist() == list(range(12))
    assert index.sweep.slots.tolist() == list(range(12))
    assert index.depth.position.shape == index.map_shape()
    assert (index.pool, index.depth.width, index.depth.height) == (1, 480, 270)
    reference = index.alignment.reference
    true = sim.alignment.with_reference(reference)
    assert np.abs(index.alignment.b - true.b).max() < 1
    assert np.abs(index.alignment.gain / true.gain - 1).max() < 0.03
    assert sorted(p.name for p in folder.iterdir()) == sorted([VOLUME, COARSE, COLOUR, PREVIEWS])
    MapStack(folder / VOLUME, 12, *index.map_shape()).check()
    MapStack(folder / COARSE, 12, *index.map_shape(2)).check()
    for slot in (0, 11):
        jpeg = simplejpeg.decode_jpeg(Previews(folder / PREVIEWS).jpeg(slot), "RGB")
        assert np.abs(jpeg.astype(int) - frames[slot].planes[0]).mean() < 4


def of_one_brightness(frame: Frame) -> Frame:
    """The scene woven of red and blue where it is light and dark, all as bright."""
    h, w = frame.luma.shape
    small = cv2.resize(frame.luma, (w // 2, h // 2), interpolation=cv2.INTER_AREA).astype(np.float32)
    u, v = (np.clip(128 + way * (small - 128) * 0.6, 0, 255).astype(np.uint8) for way in (-0.85, 0.35))
    return video_frame(np.full((h, w), 120, np.uint8), u, v, frame.info.index)


SHAKEN = replace(SMALL, shake=30.0)


def noisy_frame(level: int) -> Frame:
    """An even ground with the grain of a high sensitivity."""
    rng = np.random.default_rng(4)
    y, u, v = (
        np.clip(np.rint(rng.normal(mean, 3, shape)), 0, 255).astype(np.uint8)
        for mean, shape in ((level, (270, 480)), (128, (135, 240)), (128, (135, 240)))
    )
    return video_frame(y, u, v, 0)


@pytest.mark.parametrize("first", ["as the others", "black", "bright and noisy"])
def test_a_handheld_sweep_of_one_brightness_is_aligned_by_its_colour(tmp_path, first):
    sim, frames = simulated(SHAKEN)
    frames = [of_one_brightness(frame) for frame in frames]
    true = sim.alignment
    assert np.abs(true.b - true.b.mean()).max() > 2
    if first != "as the others":
        frames[0] = noisy_frame({"black": 0, "bright and noisy": 200}[first])
    index = build_index(kept(SHAKEN, frames), tmp_path)
    assert index.alignment.usable()[1:].all()
    true = true.with_reference(index.alignment.reference)
    assert np.abs(index.alignment.b - true.b)[1:].max() < 0.5
    assert np.abs(index.alignment.a - true.a)[1:].max() * 275 < 0.5


def test_depth_of_one_brightness_is_told_by_colour(tmp_path):
    rng, (_, frames) = np.random.default_rng(5), simulated(TRIPOD)
    woven = [of_one_brightness(frame) for frame in frames]
    for number, frame in enumerate(woven):  # the first frames have more grain, as videos do
        grain = rng.normal(0, 3 if number == 0 else 1, frame.luma.shape)
        frame.luma[:] = np.clip(frame.luma + np.rint(grain), 0, 255)
    depth = build_index(kept(TRIPOD, woven), tmp_path).depth
    plain = indexed(TRIPOD)[0].depth
    sure = plain.confidence > np.median(plain.confidence)
    off = np.abs(depth.position - plain.position)[sure]
    assert np.median(off) < 0.5
    assert (off < 1.5).mean() > 0.8


def test_the_second_alignment_goes_by_the_same_colour(tmp_path, monkeypatch):
    _, frames = simulated(SMALL)
    asked = []
    monkeypatch.setattr(pipeline, "align_again", lambda known, *_: asked.append(known.maps.one(0)))
    build_index(kept(SMALL, [of_one_brightness(frame) for frame in frames]), tmp_path)
    (copy,) = asked
    assert copy.light.std() > 10


@pytest.mark.parametrize(("again", "moved"), [(False, False), (True, False), (True, True)])
def test_a_second_alignment_believes_in_large_motion_only_where_depth_does(
    tmp_path, monkeypatch, again, moved
):
    def aligned(_known, now, before):
        return replace(now, notes=(LARGE, "another")) if now is before else None

    def changed(light, _slots, peak, _place):
        return np.full(peak.shape, 2.0 if moved else 0.0, np.float32)

    measured = pipeline.measure_sweep

    def noted(*args):
        made = measured(*args)
        return replace(made, alignment=replace(made.alignment, notes=(LARGE, "another")))

    monkeypatch.setattr(pipeline, "align_again", aligned if again else lambda *_: None)
    monkeypatch.setattr(seeing, "moved_cells", changed)
    monkeypatch.setattr(pipeline, "measure_sweep", noted)
    index = build_index(kept(SMALL), tmp_path)
    assert index.alignment.notes[-1] == "another"
    assert (LARGE in index.alignment.notes) == (moved or not again)


def test_each_frame_is_decoded_once_and_told(tmp_path):
    source, told = kept(TRIPOD), []
    build_index(source, tmp_path, progress=lambda stage, done, total: told.append((stage, done, total)))
    assert source.decoded == list(range(9))
    assert [t for t in told if t[0] == "index"] == [("index", n, 9) for n in range(1, 10)]
    assert told[-1] == ("depth", 1, 1)


def deeper(frame: Frame, bits: int, scale: float) -> Frame:
    """The same light in more bits."""
    coding = Coding(Matrix.RGB, True, bits)
    planes = tuple(np.rint(p * scale).astype(np.uint16) for p in frame.planes)
    luma = np.rint(planes[0] @ np.array([0.2126, 0.7152, 0.0722])).astype(np.uint16)
    return Frame(planes, luma, coding, frame.info)


@pytest.mark.parametrize(
    ("bits", "scale"), [(10, 1023 / 255), (16, 257.0), (16, 16.0)], ids=["10 bit", "16 bit", "12 bit in 16"]
)
def test_more_bits_give_the_same_depth(tmp_path, bits, scale):
    _, frames = simulated(TRIPOD)
    usual, _ = indexed(TRIPOD)
    deep = build_index(kept(TRIPOD, [deeper(f, bits, scale) for f in frames]), tmp_path)
    both = (usual.depth.state == 0) & (usual.depth.confidence > 0.5)
    assert both.mean() > 0.1
    difference = np.abs(deep.depth.position - usual.depth.position)[both]
    assert np.median(difference) < 0.05
    assert np.quantile(difference, 0.95) < 0.3
    assert (deep.depth.state == usual.depth.state).mean() > 0.85


def test_grey_level_of_each_kind():
    assert grey_level(grey_frame(np.full((32, 32), 9, np.uint8))) == 1
    assert grey_level(grey_frame(np.full((32, 32), 900, np.uint16), bits=10)) == pytest.approx(4)
    assert grey_level(grey_frame(np.full((32, 32), 60000, np.uint16), bits=16)) == pytest.approx(256)
    faint = grey_level(grey_frame(np.full((32, 32), 4000, np.uint16), bits=16))
    assert 10 < faint < 20
    assert grey_level(grey_frame(np.zeros((32, 32), np.uint16), bits=16)) > 0


def test_video_planes_are_indexed_and_merged(tmp_path):
    _, frames = simulated(TRIPOD)
    video = []
    for frame in frames:
        planes = cv2.cvtColor(frame.planes[0], cv2.COLOR_RGB2YUV_I420).reshape(-1)
        h, w = frame.luma.shape
        y, u, v = np.split(planes, [h * w, h * w * 5 // 4])
        video.append(
            video_frame(
                y.reshape(h, w), u.reshape(h // 2, w // 2), v.reshape(h // 2, w // 2), frame.info.index
            )
        )
    source = kept(TRIPOD, video)
    index = build_index(source, tmp_path)
    usual, _ = indexed(TRIPOD)
    sure = usual.depth.confidence > 0.6
    assert np.median(np.abs(index.depth.position - usual.depth.position)[sure]) < 0.1
    order = Order(index.sweep.slots, keep_glow=True)
    merged = merge_sweep(source, index, *maps_of(index, tmp_path), order).frame
    assert [p.shape for p in merged.planes] == [(180, 320)] * 3


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_frames_are_named(tmp_path, count):
    _, frames = simulated(TRIPOD)
    source = kept(TRIPOD)
    source = type(source)(list(frames[:count]), replace(source.info, name="clip"))
    with pytest.raises(TooFewFrames, match=f"clip has {count} readable frame"):
        build_index(source, tmp_path)


def test_two_frames_are_enough(tmp_path):
    _, frames = simulated(TRIPOD)
    index = build_index(kept(TRIPOD, [frames[1], frames[6]]), tmp_path, IndexSettings())
    assert index.frames.tolist() == [1, 6]
    assert index.depth.last_frame == 6
    assert index.depth.position.min() >= 1
    assert index.depth.position.max() <= 6


def test_missing_frames_keep_their_numbers(tmp_path):
    _, frames = simulated(SMALL)
    chosen = [f for f in frames if f.info.index not in (3, 4)]
    index = build_index(kept(SMALL, chosen), tmp_path)
    usual, _ = indexed(SMALL)
    assert index.frames.tolist() == [f.info.index for f in chosen]
    moved = index.alignment.reference != 0
    assert moved
    sure = (usual.depth.confidence > 0.6) & (usual.depth.position > 6)
    shift = np.abs(np.median(index.depth.position[sure] - usual.depth.position[sure]))
    assert shift < 0.3


def test_depth_of_too_narrow_a_range(tmp_path):
    index, folder = indexed(TRIPOD)
    volume, light = maps_of(index, folder)
    with pytest.raises(TooFewFrames, match="range"):
        depth_of(volume, light, Sweep(np.array([3]), 3, 3), index.alignment)


def test_a_source_that_lost_its_frames_is_named():
    index, folder = indexed(TRIPOD)
    source = kept(TRIPOD)
    shorter = type(source)(list(source.frames())[:-1], source.info)
    with pytest.raises(CannotRead, match=r"frame 8 .* no longer"):
        merge_sweep(shorter, index, *maps_of(index, folder), Order(index.sweep.slots))


@pytest.mark.parametrize(
    ("width", "height"), [(1, 1), (7, 1), (1, 64), (3, 3), (40, 3), (4000, 7), (3, 4000)]
)
def test_pictures_too_narrow_for_cells_are_named(tmp_path, width, height):
    source = kept(TRIPOD)
    source = type(source)([], replace(source.info, name="strip", width=width, height=height))
    with pytest.raises(CannotRead, match=f"strip is only {width}x{height} pixels"):
        build_index(source, tmp_path)


def test_frames_that_show_nothing_in_common_are_no_sweep(tmp_path):
    rng = np.random.default_rng(4)
    source = kept(TRIPOD)
    noise = []
    for number in range(4):
        frame = grey_frame(rng.integers(0, 256, (180, 320)).astype(np.uint8))
        noise.append(replace(frame, info=replace(frame.info, index=number)))
    source = type(source)(noise, replace(source.info, name="noise"))
    with pytest.raises(CannotAlign, match="no two frames of noise show the same scene"):
        build_index(source, tmp_path)


@pytest.mark.parametrize("code", [0, 90, 255])
def test_frames_in_which_nothing_changes_are_compared_without_a_warning(tmp_path, code):
    source = kept(TRIPOD)
    frame = grey_frame(np.full((180, 320), code, np.uint8))
    frames = [replace(frame, info=replace(frame.info, index=number)) for number in range(6)]
    index = build_index(type(source)(frames, source.info), tmp_path)
    assert index.sweep.slots.tolist() == list(range(6))
    assert np.isfinite(index.depth.position).all()
    assert (index.depth.state == State.NO_TEXTURE).all()
