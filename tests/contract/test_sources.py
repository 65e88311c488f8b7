"""What every sweep promises, whatever it is made of."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from postfocus.errors import PostfocusError
from postfocus.model.frame import Frame, FrameSource
from postfocus.sources.opening import open_source
from postfocus.synth.source import SimulatedSource
from postfocus.synth.sweep import SweepSettings, simulate_sweep
from tests.support import stills
from tests.support.clips import write_clip

COUNT = 5


@dataclass(frozen=True)
class Case:
    """A source that can be opened again and again, and what is known about it."""

    open: Callable[[Path], FrameSource]
    size: tuple[int, int] = (stills.WIDTH, stills.HEIGHT)
    brighter: bool = True
    """Frames get brighter with their index, and the top left is brighter than the bottom right."""
    on_disk: bool = True


def folder_of(write: Callable[[Path, int], object], suffix: str) -> Callable[[Path], FrameSource]:
    def opened(place: Path) -> FrameSource:
        folder = place / "sweep"
        if not folder.exists():
            folder.mkdir()
            for index in range(COUNT):
                write(folder / f"f{index + 8}{suffix}", index)  # f8, f9, f10: natural order matters
        return open_source([folder])

    return opened


def pages(place: Path) -> FrameSource:
    path = place / "pages.tif"
    if not path.exists():
        stills.write_tiff(path, [stills.deep(index) for index in range(COUNT)])
    return open_source([path])


def video(place: Path) -> FrameSource:
    path = place / "clip.mp4"
    if not path.exists():
        pictures = [cv2.cvtColor(stills.picture(index), cv2.COLOR_RGB2YUV_I420) for index in range(COUNT)]
        h, w = stills.HEIGHT, stills.WIDTH
        write_clip(
            path,
            [
                (
                    p[:h],
                    p[h : h + h // 4].reshape(h // 2, w // 2),
                    p[h + h // 4 :].reshape(h // 2, w // 2),
                )
                for p in pictures
            ],
            matrix="bt601",
        )
    return open_source([path])


def simulated(place: Path) -> FrameSource:
    del place
    return SimulatedSource(simulate_sweep(SweepSettings(frames=COUNT, width=128, height=72)))


def turned_jpeg(path: Path, index: int) -> object:
    return stills.write_jpeg(path, stills.stored(stills.picture(index), 6), stills.exif(orientation=6))


CASES = {
    "jpeg": Case(folder_of(turned_jpeg, ".jpg")),
    "png16": Case(folder_of(lambda p, i: stills.write_png(p, stills.deep(i)), ".png")),
    "grey png": Case(folder_of(lambda p, i: stills.write_png(p, stills.picture(i)[..., 0]), ".png")),
    "webp": Case(
        folder_of(lambda p, i: stills.write_pillow(p, stills.picture(i), "WEBP", quality=95), ".webp")
    ),
    "avif": Case(
        folder_of(lambda p, i: stills.write_pillow(p, stills.picture(i), "AVIF", speed=10), ".avif")
    ),
    "tiff": Case(folder_of(lambda p, i: stills.write_tiff(p, [stills.deep(i)]), ".tif")),
    "raw": Case(folder_of(lambda p, i: stills.write_dng(p, i), ".dng"), size=(96, 64)),
    "pages": Case(pages),
    "video": Case(video),
    "simulated": Case(simulated, size=(128, 72), brighter=False, on_disk=False),
}


@pytest.fixture(params=CASES.values(), ids=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


def same(one: Frame, other: Frame) -> bool:
    return one.info == other.info and all(
        np.array_equal(a, b)
        for a, b in zip((*one.planes, one.luma), (*other.planes, other.luma), strict=True)
    )


def test_it_is_a_frame_source_that_knows_its_size_and_count(case: Case, tmp_path: Path) -> None:
    with case.open(tmp_path) as source:
        assert isinstance(source, FrameSource)
        assert (source.info.width, source.info.height) == case.size
        frames = list(source.frames())
        assert len(frames) == COUNT
        assert source.info.count == COUNT
        assert [frame.info.index for frame in frames] == list(range(COUNT))
        assert all((frame.width, frame.height) == case.size for frame in frames)
        assert all(frame.info.name for frame in frames)
        assert source.problems == ()
        assert source.info.left_out == ()


def test_frames_come_in_order_and_upright(case: Case, tmp_path: Path) -> None:
    with case.open(tmp_path) as source:
        if not case.brighter:
            assert len({frame.luma.tobytes() for frame in source.frames()}) == COUNT
            return
        means = [float(frame.luma.mean()) for frame in source.frames()]
        assert means == sorted(means)
        assert len(set(means)) == COUNT
        luma = source.read(2).luma.astype(float)
        h, w = luma.shape
        assert luma[: h // 4, : w // 4].mean() > luma[-h // 4 :, -w // 4 :].mean()
        assert luma[: h // 4, : w // 4].mean() > luma[-h // 4 :, : w // 4].mean()


def test_planes_and_luma_have_the_promised_form(case: Case, tmp_path: Path) -> None:
    with case.open(tmp_path) as source:
        frame = source.read(1)
        assert frame.coding == source.info.coding
        assert frame.luma.dtype == (np.uint8 if frame.coding.bits == 8 else np.uint16)
        assert frame.luma.shape == (frame.height, frame.width)
        assert all(plane.dtype == frame.luma.dtype for plane in frame.planes)
        if len(frame.planes) == 3:
            assert np.shares_memory(frame.luma, frame.planes[0])
            assert np.array_equal(frame.luma, frame.planes[0])
        elif frame.planes[0].ndim == 2:
            assert np.shares_memory(frame.luma, frame.planes[0])
        else:
            assert frame.planes[0].shape == (frame.height, frame.width, 3)


def test_reading_one_frame_gives_what_the_walk_gives(case: Case, tmp_path: Path) -> None:
    with case.open(tmp_path) as source:
        walked = list(source.frames())
        for index in (3, 0, 4, 1):
            assert same(source.read(index), walked[index])


def test_a_part_of_the_sweep_can_be_walked(case: Case, tmp_path: Path) -> None:
    with case.open(tmp_path) as source:
        assert [frame.info.index for frame in source.frames(1, 3)] == [1, 2]
        assert [frame.info.index for frame in source.frames(3)] == [3, 4]
        assert [frame.info.index for frame in source.frames(stop=1)] == [0]
        assert list(source.frames(2, 2)) == []
        assert [frame.info.index for frame in source.frames(4, 99)] == [4]
        assert same(next(iter(source.frames(2))), source.read(2))


def test_a_walk_can_be_left_early_and_begun_again(case: Case, tmp_path: Path) -> None:
    before = threading.active_count()
    with case.open(tmp_path) as source:
        walk = iter(source.frames())
        first = next(walk)
        walk.close()  # type: ignore[attr-defined]
        assert same(first, source.read(0))
        assert len(list(source.frames())) == COUNT
    assert threading.active_count() <= before


def test_a_frame_that_is_kept_does_not_change(case: Case, tmp_path: Path) -> None:
    with case.open(tmp_path) as source:
        walk = iter(source.frames())
        kept = next(walk)
        copy = [plane.copy() for plane in kept.planes]
        for _ in walk:
            pass
        assert all(np.array_equal(a, b) for a, b in zip(kept.planes, copy, strict=True))


@pytest.mark.parametrize("index", [-1, COUNT, 10**9])
def test_a_frame_that_is_not_there_is_said_plainly(case: Case, tmp_path: Path, index: int) -> None:
    with case.open(tmp_path) as source, pytest.raises(PostfocusError) as caught:
        source.read(index)
    assert str(caught.value).endswith(".")


def test_nothing_is_read_after_closing(case: Case, tmp_path: Path) -> None:
    source = case.open(tmp_path)
    with source as same_source:
        assert same_source is source
    with pytest.raises(PostfocusError):
        source.read(0)
    with pytest.raises(PostfocusError):
        next(iter(source.frames()))
    source.close()


def test_paths_are_absolute_and_every_frame_has_camera_facts(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with case.open(Path()) as source:
        assert all(path.is_absolute() and path.exists() for path in source.info.paths)
        assert bool(source.info.paths) == case.on_disk
        assert source.camera(0) == source.info.camera
        assert source.camera(COUNT - 1).make == source.info.camera.make
        assert source.info.name
        assert source.info.kind in ("video", "stills", "pages", "simulated")


def test_the_fingerprint_is_stable_and_follows_the_bytes(case: Case, tmp_path: Path) -> None:
    with case.open(tmp_path) as source:
        before = source.fingerprint()
        list(source.frames(0, 2))
        assert source.fingerprint() == before
        paths = source.info.paths
    with case.open(tmp_path) as again:
        assert again.fingerprint() == before
        if not case.on_disk:
            return
        state = paths[-1].stat()
        data = bytearray(paths[-1].read_bytes())
        data[-1] ^= 1
        paths[-1].write_bytes(data)
        os.utime(paths[-1], ns=(state.st_atime_ns, state.st_mtime_ns))
        assert again.fingerprint() != before
