"""Make a clip whose pictures are numbered; then every way of reading it must find the same numbers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postfocus.errors import BadUse, CannotRead
from postfocus.io.colour import frame_to_rgb
from postfocus.io.video import VideoFile, open_video
from postfocus.io.video_planes import Turn, coding_of, frame_of
from postfocus.io.video_reader import ClipPass
from postfocus.model.frame import Frame, Matrix
from tests.support.clips import number_of, numbered, numbered_clip, picture_of, turn_clip, write_clip

WITH_B = {"qp": "2"}
KINDS = [
    ("libx264", "yuv420p", "mp4", {}),
    ("libx264", "yuv420p", "mov", {"bframes": 3, "options": WITH_B, "sound": True}),
    ("libx264", "yuv420p", "mkv", {"bframes": 3, "options": WITH_B}),
    ("libx264", "yuv420p", "avi", {}),
    ("libx264", "yuv420p", "ts", {"bframes": 2, "options": WITH_B}),
    ("libx264", "yuv420p", "mp4", {"gop": 1}),
    ("libx264", "yuv420p10le", "mov", {}),
    ("libx264", "nv12", "mp4", {}),
    ("libx265", "yuv420p", "mp4", {}),
    ("libx265", "yuv420p10le", "mkv", {"bframes": 2}),
    ("libsvtav1", "yuv420p", "mp4", {}),
    ("libsvtav1", "yuv420p10le", "mkv", {}),
    ("mjpeg", "yuvj420p", "avi", {"full_range": True}),
]


@pytest.fixture(scope="module")
def woven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty pictures, reordered by B pictures, in groups of seven."""
    path = tmp_path_factory.mktemp("woven") / "woven.mp4"
    return numbered_clip(path, 20, bframes=3, gop=7, options=WITH_B)


def _numbers(frames: list[Frame]) -> list[int]:
    return [number_of(f.luma, f.coding.bits) for f in frames]


@pytest.mark.parametrize(("codec", "layout", "kind", "how"), KINDS)
def test_every_container_and_codec_gives_each_picture_its_number(
    tmp_path: Path, codec: str, layout: str, kind: str, how: dict[str, object]
) -> None:
    planes = [numbered(n, depth=10 if "10" in layout else 8) for n in range(14)]
    if layout == "nv12":
        planes = [(y, np.stack([u, v], -1)) for y, u, v in planes]
    clip = write_clip(tmp_path / f"clip.{kind}", planes, codec=codec, layout=layout, **how)
    video = open_video(clip)
    frames = list(video.frames())
    assert _numbers(frames) == list(range(14))
    assert [f.info.index for f in frames] == list(range(14))
    assert video.facts.count == 14
    assert video.facts.coding.bits == (10 if "10" in layout else 8)
    assert [number_of(video.read(n).luma, video.facts.coding.bits) for n in (9, 10, 2, 13, 0)] == [
        9,
        10,
        2,
        13,
        0,
    ]
    assert _numbers(list(video.frames(5, 8))) == [5, 6, 7]
    assert video.problems == ()
    video.close()


@pytest.mark.parametrize(
    "layout", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuvj420p", "gray"]
)
def test_planes_are_read_only_windows_on_the_decoders_memory(tmp_path: Path, layout: str) -> None:
    depth = 10 if "10" in layout else 8
    y, _, _ = numbered(3, 90, 62, depth)
    small = (62 if "20" not in layout else 31, 90 if "444" in layout else 45)
    chroma = np.full(small, 300 if depth == 10 else 77, y.dtype)
    planes = (y,) if layout == "gray" else (y, chroma, chroma)
    codec = "ffv1" if layout == "gray" else "libx264"
    full = layout == "yuvj420p"
    clip = write_clip(tmp_path / "c.mkv", [planes] * 2, codec=codec, layout=layout, full_range=full)
    frame = open_video(clip).read(1)
    assert len(frame.planes) == len(planes)
    assert frame.luma is frame.planes[0]
    for got, want in zip(frame.planes, planes, strict=True):
        assert np.array_equal(got, want)
        assert not got.flags.owndata
        assert not got.flags.writeable
    padded = frame.luma.strides[0]
    assert padded >= 90 * y.itemsize
    assert frame.coding.full_range is full


def test_frames_stay_whole_while_later_ones_are_decoded(woven: Path) -> None:
    frames = list(open_video(woven).frames())
    assert _numbers(frames) == list(range(20))


def test_the_first_pass_goes_on_from_the_picture_decoded_to_open(
    woven: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[ClipPass] = []
    plainly = ClipPass.__init__

    def counted(self: ClipPass, *args: Any, **how: Any) -> None:
        begun.append(self)
        plainly(self, *args, **how)

    monkeypatch.setattr(ClipPass, "__init__", counted)
    video = open_video(woven)
    assert _numbers(list(video.frames())) == list(range(20))
    assert len(begun) == 2, "one pass lists the pictures, one decodes them"
    assert _numbers(list(video.frames())) == list(range(20))
    video.close()


def test_luma_survives_the_end_of_the_clip(woven: Path) -> None:
    video = open_video(woven)
    luma = video.read(11).luma
    video.close()
    del video
    assert number_of(luma) == 11


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.integers(0, 19), min_size=1, max_size=6), start=st.integers(0, 19))
def test_any_order_of_reading_finds_the_same_pictures(woven: Path, order: list[int], start: int) -> None:
    video = open_video(woven)
    passing = video.frames(start)
    for wanted in order:
        assert number_of(video.read(wanted).luma) == wanted
        following = next(passing, None)
        if following is not None:
            assert number_of(following.luma) == following.info.index
    video.close()


@pytest.mark.parametrize("kind", ["mp4", "mkv"])
def test_open_groups_of_pictures_are_reached_exactly(tmp_path: Path, kind: str) -> None:
    how = {"x265-params": "open-gop=1:keyint=6:min-keyint=6:bframes=3:b-adapt=0:log-level=none:pools=1:crf=4"}
    clip = numbered_clip(tmp_path / f"o.{kind}", 24, codec="libx265", bframes=3, options=how)
    video = open_video(clip)
    assert [number_of(video.read(n).luma) for n in range(23, -1, -1)] == list(range(23, -1, -1))
    assert video.problems == ()


@pytest.mark.parametrize("how", ["bframes=3:b-pyramid=normal", "bframes=2:open-gop=1", "bframes=0"])
def test_a_picture_decoded_alone_is_the_one_of_the_straight_pass_to_the_bit(tmp_path: Path, how: str) -> None:
    rng = np.random.default_rng(5)
    scene = rng.integers(30, 220, (160, 160), np.uint8)
    grey = np.full((32, 48), 128, np.uint8)
    moving = [(scene[n : n + 64, 2 * n : 2 * n + 96], grey, grey) for n in range(22)]
    options = {"x264-params": f"{how}:keyint=9:min-keyint=9:scenecut=0:crf=30"}
    clip = write_clip(tmp_path / "lossy.mp4", moving, options=options)
    passed = [[plane.copy() for plane in f.planes] for f in open_video(clip).frames()]
    video = open_video(clip)
    for wanted in (21, 13, 3, 8, 9, 17, 10, 0, 5, 6, 7):  # at the end a person steps on, picture by picture
        alone = video.read(wanted).planes
        assert all(np.array_equal(a, b) for a, b in zip(alone, passed[wanted], strict=True))
    assert len(passed) == 22


def test_times_are_exact_at_a_variable_rate(tmp_path: Path) -> None:
    ticks = [0, 3003, 6006, 6007, 15015, 90000]
    times = [Fraction(t, 90000) for t in ticks]
    clip = numbered_clip(tmp_path / "vfr.mp4", 6, times=times)
    video = open_video(clip)
    assert [f.info.time for f in video.frames()] == times
    assert video.read(4).info.time == times[4]
    assert video.facts.rate == 5
    assert _numbers(list(video.frames())) == list(range(6))


def test_an_edit_list_that_skips_pictures_is_obeyed(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "cut.mp4", 10)
    data = bytearray(clip.read_bytes())
    media_time = data.index(b"elst") + 4 + 4 + 4 + 4
    step = 512
    data[media_time : media_time + 4] = (3 * step).to_bytes(4, "big")
    clip.write_bytes(data)
    video = open_video(clip)
    frames = list(video.frames())
    assert _numbers(frames) == list(range(3, 10))
    assert [f.info.index for f in frames] == list(range(7))
    assert frames[0].info.time == 0
    assert number_of(video.read(4).luma) == 7
    assert video.problems == ()


def test_negative_times_do_no_harm(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "neg.mkv", 8, times=[Fraction(n - 3, 30) for n in range(8)])
    video = open_video(clip)
    assert _numbers(list(video.frames())) == list(range(8))
    assert number_of(video.read(5).luma) == 5


def test_pictures_without_usable_times_are_counted(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "order.avi", 12, bframes=3, options=WITH_B)
    video = open_video(clip)
    frames = list(video.frames())
    assert _numbers(frames) == list(range(12))
    assert [f.info.time for f in frames[:3]] == [0, Fraction(1, 30), Fraction(1, 15)]
    assert _numbers([video.read(n) for n in (7, 8, 3, 11, 0)]) == [7, 8, 3, 11, 0]
    assert video.facts.rate == 30


@pytest.mark.parametrize("kind", ["mp4", "mkv", "avi"])
@pytest.mark.parametrize("sound", [False, True])
def test_a_whole_clip_is_not_called_cut(tmp_path: Path, kind: str, sound: bool) -> None:
    video = open_video(numbered_clip(tmp_path / f"whole.{kind}", 12, bframes=2, options=WITH_B, sound=sound))
    assert video.problems == ()
    assert video.facts.rate == 30


def test_one_picture_is_a_clip(tmp_path: Path) -> None:
    video = open_video(numbered_clip(tmp_path / "one.mp4", 1))
    assert (video.facts.count, video.facts.rate) == (1, None)
    assert _numbers(list(video.frames())) == [0]


TURNS = {
    (1, 0, 0, 1): lambda p: p,
    (0, 1, -1, 0): lambda p: np.rot90(p, -1),
    (-1, 0, 0, -1): lambda p: np.rot90(p, 2),
    (0, -1, 1, 0): lambda p: np.rot90(p, 1),
    (-1, 0, 0, 1): lambda p: p[:, ::-1],
    (1, 0, 0, -1): lambda p: p[::-1],
    (0, 1, 1, 0): lambda p: np.swapaxes(p, 0, 1),
}


@pytest.mark.parametrize("matrix", TURNS)
@pytest.mark.parametrize("layout", ["yuv420p", "yuv422p"])
def test_turned_clips_stand_upright(tmp_path: Path, matrix: tuple[int, ...], layout: str) -> None:
    rng = np.random.default_rng(7)
    y = rng.integers(30, 220, (64, 96)).astype(np.uint8)
    x = np.linspace(0, 1, 48)[None, :]
    u = np.broadcast_to(60 + 130 * x, (64 if layout == "yuv422p" else 32, 48)).astype(np.uint8)
    v = np.broadcast_to(np.linspace(200, 70, len(u))[:, None], u.shape).astype(np.uint8)
    clip = write_clip(tmp_path / "t.mp4", [(y, u, v)] * 2, layout=layout, matrix="bt709")
    plain = open_video(clip).read(0)
    turn_clip(clip, *matrix)
    video = open_video(clip)
    turned = video.read(0)
    turn = TURNS[matrix]
    assert np.array_equal(turned.luma, turn(y))
    assert (video.facts.width, video.facts.height) == (turned.width, turned.height) == turn(y).shape[::-1]
    want = turn(frame_to_rgb(plain)).astype(int)
    got = frame_to_rgb(turned).astype(int)
    inner = (slice(4, -4), slice(4, -4))
    assert np.abs(got - want)[inner].max() <= 3


def test_an_odd_angle_is_left_alone(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "odd.mp4", 2)
    turn_clip(clip, 0.8, 0.6, -0.6, 0.8)
    assert open_video(clip).read(1).luma.shape == (64, 96)


LUMIX = [(3840, 2160), (3504, 2336), (3328, 2496), (2880, 2880), (4992, 3744), (5184, 3456)]


@pytest.mark.parametrize(("width", "height"), LUMIX)
def test_every_size_a_lumix_writes(tmp_path: Path, width: int, height: int) -> None:
    clip = numbered_clip(tmp_path / "big.mp4", 1, width=width, height=height)
    frame = next(open_video(clip).frames())
    assert (frame.width, frame.height) == (width, height)
    assert np.array_equal(frame.luma, numbered(0, width, height)[0])
    assert frame.coding.matrix is Matrix.BT709


def test_rgb_clips_are_kept_as_rgb(tmp_path: Path) -> None:
    rgb = np.random.default_rng(3).integers(0, 256, (48, 64, 3)).astype(np.uint8)
    clip = write_clip(tmp_path / "rgb.mov", [(rgb,)], codec="png", layout="rgb24", matrix="rgb")
    frame = open_video(clip).read(0)
    assert frame.coding.matrix is Matrix.RGB
    assert np.array_equal(frame_to_rgb(frame), rgb)


@pytest.mark.parametrize(("layout", "full"), [("yuv411p", False), ("yuv410p", True), ("yuv420p16le", False)])
def test_layouts_no_camera_writes_keep_their_codes(tmp_path: Path, layout: str, full: bool) -> None:
    deep = "16" in layout
    dtype, unit = (np.uint16, 256) if deep else (np.uint8, 1)
    y = np.tile(np.arange(16, 112, dtype=dtype), (64, 1)) * dtype(unit)
    shape = {"yuv411p": (64, 24), "yuv410p": (16, 24), "yuv420p16le": (32, 48)}[layout]
    chroma = np.full(shape, 90 * unit, dtype)
    clip = write_clip(
        tmp_path / "odd.mkv", [(y, chroma, chroma)], codec="ffv1", layout=layout, full_range=full
    )
    frame = open_video(clip).read(0)
    assert frame.coding.full_range is full
    assert np.array_equal(frame.luma, y)
    assert np.array_equal(np.unique(frame.planes[1]), [90 * unit])


def test_reading_after_closing_says_so(woven: Path) -> None:
    video = open_video(woven)
    passing = video.frames()
    next(passing)
    video.close()
    with pytest.raises(CannotRead, match="closed"):
        next(passing)
    with pytest.raises(CannotRead, match="closed"):
        video.read(0)
    with pytest.raises(CannotRead, match="closed"):
        list(video.frames())


@pytest.mark.parametrize("index", [-1, 20])
def test_a_frame_that_is_not_there_is_refused(woven: Path, index: int) -> None:
    video: VideoFile = open_video(woven)
    with pytest.raises(BadUse, match="from 0 to 19"):
        video.read(index)


def test_high_aligned_codes_of_hardware_become_low_aligned() -> None:
    y = np.tile(np.arange(64, 128, dtype=np.uint16), (32, 1))
    chroma = np.full((16, 32, 2), 500, np.uint16)
    picture = picture_of((y << 6, chroma << 6), "p010le")
    picture.color_range = 1
    frame = frame_of(picture, 0, None, Turn(), coding_of(picture))
    assert frame.coding.bits == 10
    assert np.array_equal(frame.luma, y)
    assert np.array_equal(np.unique(frame.planes[2]), [500])
