"""Clips that are empty, cut, foreign, hostile or oddly named: one clear sentence, or what is left."""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path

import av
import numpy as np
import pytest

from postfocus.errors import CannotRead, MixedSizes, PostfocusError
from postfocus.io.colour import frame_to_rgb
from postfocus.io.video import open_video
from tests.support.clips import number_of, numbered, numbered_clip, picture_of, write_clip
from tests.support.mutate import mutate


def _refusal(path: Path) -> str:
    with pytest.raises(CannotRead) as caught:
        open_video(path)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_what_is_no_clip_is_refused(tmp_path: Path) -> None:
    empty, text = tmp_path / "empty.mp4", tmp_path / "text.mp4"
    empty.touch()
    text.write_text("not a clip\n" * 100)
    assert "empty" in _refusal(empty)
    assert "not a video clip" in _refusal(text)
    assert "not there" in _refusal(tmp_path / "gone.mp4")
    assert "is a folder" in _refusal(tmp_path)


def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    assert "not a file" in _refusal(pipe)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file_is_refused(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "locked.mp4", 2)
    clip.chmod(0)
    assert "may not be read" in _refusal(clip)


@pytest.mark.parametrize(
    "text", ["#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n", "ffconcat version 1.0\nfile {}\n"]
)
def test_a_playlist_cannot_pull_in_other_files(tmp_path: Path, text: str) -> None:
    clip = numbered_clip(tmp_path / "real.mp4", 3)
    listing = tmp_path / "list.mp4"
    listing.write_text(text.format(clip.name))
    assert "not a video clip" in _refusal(listing)


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as box:
        stream = box.add_stream("aac", rate=48000)
        noise = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        noise.sample_rate = 48000
        box.mux(stream.encode(noise))
        box.mux(stream.encode(None))
    assert "only sound" in _refusal(path)


def test_an_unknown_codec_is_refused(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "alien.mp4", 3)
    clip.write_bytes(clip.read_bytes().replace(b"avc1", b"zz9x").replace(b"avcC", b"zz9C"))
    assert _refusal(clip)


def test_no_picture_at_all_is_refused(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "blank.mp4", 3)
    data = bytearray(clip.read_bytes())
    at = data.index(b"mdat") + 4
    end = data.index(b"moov") - 4
    data[at:end] = bytes(end - at)
    clip.write_bytes(data)
    assert "no picture" in _refusal(clip)


@pytest.mark.parametrize(("width", "height"), [(65000, 64), (16000, 16000)])
def test_monstrous_pictures_are_refused_before_room_is_made_for_them(
    tmp_path: Path, width: int, height: int
) -> None:
    clip = numbered_clip(tmp_path / "small.mkv", 2, width=300, height=260, codec="ffv1")
    data = clip.read_bytes()
    for tag, old, new in ((b"\xb0\x82", 300, width), (b"\xba\x82", 260, height)):
        assert data.count(tag + struct.pack(">H", old)) == 1
        data = data.replace(tag + struct.pack(">H", old), tag + struct.pack(">H", new))
    clip.write_bytes(data)
    assert re.search("pixels, too many|no picture", _refusal(clip))


def test_a_clip_without_its_index_is_refused(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "cut.mp4", 10)
    data = clip.read_bytes()
    clip.write_bytes(data[: data.index(b"moov") - 4])
    assert "cut short" in _refusal(clip)


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
@pytest.mark.parametrize("kind", ["mp4", "mkv"])
def test_a_clip_cut_in_the_middle_of_a_frame_gives_the_frames_before_it(
    tmp_path: Path, codec: str, kind: str
) -> None:
    rng = np.random.default_rng(0)
    planes = [(rng.integers(16, 235, (64, 96)).astype(np.uint8), *numbered(n)[1:]) for n in range(12)]
    clip = write_clip(tmp_path / f"cut.{kind}", planes, codec=codec, fast_start=kind == "mp4")
    data = clip.read_bytes()
    clip.write_bytes(data[: int(len(data) * 0.6)])
    video = open_video(clip)
    frames = list(video.frames())
    assert 3 <= len(frames) < 12
    for frame in frames:
        assert np.array_equal(frame.luma, planes[frame.info.index][0])
    assert any("cut short" in p.reason for p in video.problems)


def test_a_damaged_frame_is_recorded_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "hurt.mp4", 9, gop=1)
    data = bytearray(clip.read_bytes())
    with av.open(str(clip)) as box:
        packet = [p for p in box.demux(video=0) if p.size][4]
        assert packet.pos is not None
        data[packet.pos : packet.pos + packet.size] = bytes(packet.size)
    clip.write_bytes(data)
    video = open_video(clip)
    frames = list(video.frames())
    assert [f.info.index for f in frames] == [0, 1, 2, 3, 5, 6, 7, 8]
    assert all(number_of(f.luma) == f.info.index for f in frames)
    assert [(p.index, p.name) for p in video.problems] == [(4, "frame 4")]
    with pytest.raises(CannotRead, match="Frame 4"):
        video.read(4)
    assert number_of(video.read(5).luma) == 5


def test_a_change_of_size_on_the_way_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "grows.ts"
    with av.open(str(path), "w") as box:
        first = box.add_stream("libx264", rate=30, options={"qp": "4", "preset": "ultrafast", "bf": "0"})
        first.width, first.height, first.pix_fmt = 96, 64, "yuv420p"
        for n in range(4):
            picture = picture_of(numbered(n), "yuv420p")
            picture.pts = n
            box.mux(first.encode(picture))
        box.mux(first.encode(None))
        other = av.CodecContext.create("libx264", "w")
        other.width, other.height, other.pix_fmt = 128, 96, "yuv420p"
        other.time_base = first.codec_context.time_base
        other.options = {"qp": "4", "preset": "ultrafast", "bf": "0"}
        for n in [4, 5, 6, 7, None]:
            picture = None if n is None else picture_of(numbered(n, 128, 96), "yuv420p")
            if picture is not None:
                picture.pts = n
            for packet in other.encode(picture):
                packet.stream, packet.time_base = first, other.time_base
                box.mux(packet)
    video = open_video(path)
    with pytest.raises(MixedSizes, match=r"96 x 64 to 128 x 96 pixels at frame 4"):
        list(video.frames())


def test_a_clip_that_vanishes_says_so(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "here.mp4", 30)
    video = open_video(clip)
    clip.unlink()
    with pytest.raises(CannotRead, match="not there"):
        video.read(20)


NAMES = [
    "with space.mp4", "-i.mp4", "--help.mp4", "📷🦋.mp4", "two\nlines.mp4", "http:x.mp4", "%03d.mp4",
    "a'b\".mp4",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_odd_names_are_only_names(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = numbered_clip(tmp_path / "plain.mp4", 2)
    plain.rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert number_of(open_video(Path(name)).read(1).luma) == 1
    (tmp_path / name).write_bytes(b"rubbish")
    _refusal(Path(name))


SEEDS = range(75)


@pytest.mark.parametrize("kind", ["mp4", "mkv"])
def test_whatever_is_damaged_only_our_own_errors_come_out(tmp_path: Path, kind: str) -> None:
    clip = numbered_clip(tmp_path / f"seed.{kind}", 5, bframes=1, gop=3, options={"qp": "6"})
    whole = clip.read_bytes()
    hurt = tmp_path / f"hurt.{kind}"
    read = refused = 0
    for seed in SEEDS:
        hurt.write_bytes(mutate(whole, seed))
        try:
            video = open_video(hurt)
            for frame in video.frames():
                assert frame_to_rgb(frame).shape == (frame.height, frame.width, 3)
                read += 1
            video.read(video.facts.count - 1)
        except PostfocusError:
            refused += 1
    assert read > len(SEEDS)
    assert refused > 5
