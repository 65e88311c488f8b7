"""A clip as a sweep: what it says of itself and its camera, and how it ends."""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from postfocus.errors import CannotRead
from postfocus.model.frame import CameraFacts, FrameSource
from postfocus.sources.sweep_video import SweepVideo
from tests.support.clips import number_of, numbered_clip, panasonic_exif, turn_clip, write_panasonic_atom


def test_a_clip_is_a_frame_source_and_says_what_it_is(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "P1010234.MP4", 7, matrix="bt709", full_range=True)
    turn_clip(clip, 0, 1, -1, 0)
    with SweepVideo.open(clip) as sweep:
        assert isinstance(sweep, FrameSource)
        info = sweep.info
        assert (info.kind, info.name, info.paths) == ("video", "P1010234", (clip,))
        assert (info.width, info.height, info.rotation, info.count) == (64, 96, 90, 7)
        assert (info.codec, info.rate, info.coding.full_range) == ("h264", Fraction(30), True)
        frame = sweep.read(3)
        assert (frame.width, frame.height) == (64, 96)
        assert frame.coding == info.coding
        assert frame.info.name == "frame 3"
        assert [f.info.index for f in sweep.frames(2, 5)] == [2, 3, 4]
        assert sweep.problems == ()


def test_a_post_focus_clip_is_known_by_its_camera_data(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "pf.mp4", 3)
    exif = panasonic_exif(0x04)
    write_panasonic_atom(clip, exif)
    with SweepVideo.open(clip) as sweep:
        facts = sweep.camera(1)
        assert facts == sweep.info.camera
        assert (facts.make, facts.model, facts.burst) == ("Panasonic", "DMC-GX8", "post focus")
        assert facts.iso == 200
        assert facts.exposure_s == pytest.approx(1 / 60)
        assert facts.exif == exif
        assert [number_of(f.luma) for f in sweep.frames()] == [0, 1, 2]


def test_odd_camera_data_does_not_stop_the_work(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "pf.mp4", 3)
    exif = bytearray(panasonic_exif())
    exif[10:40] = b"\xff" * 30
    write_panasonic_atom(clip, bytes(exif))
    with SweepVideo.open(clip) as sweep:
        assert sweep.info.camera.burst is None
        assert len(list(sweep.frames())) == 3


def test_without_exif_the_containers_words_serve(tmp_path: Path) -> None:
    plain = numbered_clip(tmp_path / "plain.mp4", 3)
    clip = tmp_path / "tagged.mov"
    with (
        av.open(str(plain)) as source,
        av.open(str(clip), "w", options={"movflags": "use_metadata_tags"}) as out,
    ):
        out.metadata.update({
            "creation_time": "2026-11-21T09:30:00.000000Z",
            "com.apple.quicktime.make": "Panasonic", "com.apple.quicktime.model": "DC-G9",
        })  # fmt: skip
        stream = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                out.mux(packet)
    with SweepVideo.open(clip) as sweep:
        assert sweep.info.camera == CameraFacts(make="Panasonic", model="DC-G9", taken="2026:11:21 09:30:00")
    with SweepVideo.open(plain) as sweep:
        assert sweep.info.camera == CameraFacts()


@pytest.mark.parametrize("wrong", [{}, {"width": 64, "height": 96}, {"count": 9}, {"kind": "stills"}])
def test_a_clip_seen_before_is_read_like_one_seen_first(tmp_path: Path, wrong: dict[str, Any]) -> None:
    clip = numbered_clip(tmp_path / "a.mp4", 8, matrix="bt709", bframes=2, gop=5, options={"qp": "2"})
    turn_clip(clip, 1, 0, 0, -1)
    asked: list[str] = []
    with SweepVideo.open(clip) as sweep:
        info, fingerprint = sweep.info, sweep.fingerprint()
        told = [(f.info, f.coding, f.luma.tobytes()) for f in sweep.frames()]
    known = replace(info, name="other", paths=(tmp_path / "other.mp4",), **wrong)
    with SweepVideo.open(clip, recall=lambda text: asked.append(text) or known) as sweep:
        assert asked == [fingerprint]
        for number in (6, 2, 3, 4):
            frame = sweep.read(number)
            assert (frame.info, frame.coding, frame.luma.tobytes()) == told[number]
        assert [(f.info, f.coding, f.luma.tobytes()) for f in sweep.frames()] == told
        if not wrong or "count" in wrong or "kind" in wrong:
            assert sweep.info == info
        assert (sweep.info.name, sweep.info.paths) == ("a", (clip,))


def test_the_fingerprint_follows_the_bytes(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "a.mp4", 3)
    state = clip.stat()
    with SweepVideo.open(clip) as sweep:
        first = sweep.fingerprint()
        assert first == sweep.fingerprint()
        data = bytearray(clip.read_bytes())
        data[-1] ^= 1
        clip.write_bytes(data)
        os.utime(clip, ns=(state.st_atime_ns, state.st_mtime_ns))
        assert sweep.fingerprint() != first
        data[-1] ^= 1
        clip.write_bytes(data)
        os.utime(clip, ns=(state.st_atime_ns, state.st_mtime_ns))
        assert sweep.fingerprint() == first
        os.utime(clip, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
        assert sweep.fingerprint() != first
        clip.unlink()
        with pytest.raises(CannotRead, match="bring it back"):
            sweep.fingerprint()


def test_nothing_is_read_after_closing(tmp_path: Path) -> None:
    with SweepVideo.open(numbered_clip(tmp_path / "a.mp4", 3)) as sweep:
        assert len(list(sweep.frames())) == 3
    with pytest.raises(CannotRead, match="closed"):
        sweep.read(0)
    with pytest.raises(CannotRead, match="closed"):
        list(sweep.frames())
    sweep.close()


def test_the_clip_itself_is_never_written(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "a.mp4", 3)
    before = clip.read_bytes(), clip.stat().st_mtime_ns
    clip.chmod(0o444)
    with SweepVideo.open(clip) as sweep:
        assert len(list(sweep.frames())) == 3
    assert (clip.read_bytes(), clip.stat().st_mtime_ns) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4"]
