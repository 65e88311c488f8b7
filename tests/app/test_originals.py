"""Single pixels: the tiles of a frame put together are the frame; the one looked at comes first."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import postfocus.app.originals as module
from postfocus import api
from postfocus.app import cutting
from postfocus.app.cutting import Cut, cut_frames, frame_name
from postfocus.app.failure import failure_of
from postfocus.app.originals import NoTiles, Originals
from postfocus.app.reading import ReadSweep
from postfocus.app.tiles import SIDE, TileStore, cut, frame_tiles, number_of, picture_tiles
from postfocus.io.cache import Cache
from postfocus.io.colour import frame_to_rgb
from tests.support.scenes import rgb_frame, video_frame


def together(tiles: list[bytes], width: int, height: int) -> np.ndarray:
    out = np.zeros((height, width, 3), np.uint8)
    for tile, (rows, cols) in zip(tiles, cut(width, height), strict=True):
        with Image.open(io.BytesIO(tile)) as image:
            out[rows, cols] = np.asarray(image.convert("RGB"))
    return out


def a_picture(width: int, height: int) -> np.ndarray:
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    return np.rint(255 * np.stack([x, y, (x + y) / 2], 2)).astype(np.uint8)


@pytest.mark.parametrize(("width", "height"), [(1100, 700), (513, 512), (1023, 511), (40, 1030)])
def test_tiles_make_up_the_still(width, height):
    rgb = a_picture(width, height)
    found = together(frame_tiles(rgb_frame(rgb)), width, height)
    assert np.abs(found.astype(int) - rgb).max() <= 8


def test_tiles_make_up_the_frame_of_a_clip():
    rng = np.random.default_rng(1)
    y = np.clip(128 + 60 * np.sin(np.arange(1200) / 40) + rng.normal(0, 2, (600, 1200)), 16, 235)
    frame = video_frame(
        y.astype(np.uint8), np.full((300, 600), 110, np.uint8), np.full((300, 600), 140, np.uint8)
    )
    found = together(frame_tiles(frame), 1200, 600)
    assert np.abs(found.astype(int) - frame_to_rgb(frame, bits=8)).mean() < 1.5
    planes = tuple(p.astype(np.uint16) * 4 for p in frame.planes)
    deep = replace(frame, planes=planes, luma=planes[0], coding=replace(frame.coding, bits=10))
    other = together(frame_tiles(deep), 1200, 600)
    assert np.abs(found.astype(int) - other).mean() < 1.5


def test_a_grey_merge_has_tiles():
    grey = a_picture(600, 600)[:, :, 0]
    assert np.abs(together(picture_tiles(grey), 600, 600)[:, :, 1].astype(int) - grey).max() <= 4


def test_a_tile_that_is_not_there_is_said():
    assert number_of(1100, 700, 2, 1) == 5
    for col, row in ((3, 0), (0, 2), (-1, 0)):
        with pytest.raises(LookupError):
            number_of(1100, 700, col, row)


def test_the_oldest_pictures_make_room(tmp_path):
    store = TileStore.of("f", Cache(tmp_path / "cache", limit=2 * 5000))
    for number in range(4):
        store.put(f"frame-{number}", [bytes(1000)])
    assert not store.make_room(3000, by_force=False)
    assert store.make_room(3000, by_force=True)
    assert not store.has("frame-0")
    assert store.has("frame-3")
    assert not store.make_room(1 << 60, by_force=True)


def test_a_damaged_file_of_tiles_is_made_again(tmp_path):
    store = TileStore.of("f", Cache(tmp_path / "cache"))
    store.put("frame-1", [b"a" * 100, b"b" * 50])
    assert store.tile("frame-1", 1) == b"b" * 50
    path = next(store.folder.glob("*.tiles"))
    path.write_bytes(path.read_bytes()[:40])
    assert store.tile("frame-1", 1) is None
    assert not store.has("frame-1")


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def originals(cache: Cache) -> Generator[Originals]:
    made = Originals(cache)
    yield made
    made.close()


def read_of(clip: Path) -> ReadSweep:
    with api.open(clip) as recording:
        return ReadSweep(clip.parent, recording.info, recording.source.fingerprint())


def test_the_frame_asked_for_comes_and_then_all_the_others(clip, cache, originals):
    sweep = read_of(clip)
    originals.frame(sweep, (str(clip),), 7).result(30)
    tile = originals.tile(sweep, 7, 0, 0)
    assert tile is not None
    with api.open(clip) as recording, Image.open(io.BytesIO(tile)) as image:
        true = frame_to_rgb(recording.source.read(7), bits=8)
        assert image.size == (min(SIDE, true.shape[1]), min(SIDE, true.shape[0]))
        assert np.abs(np.asarray(image).astype(int) - true[: image.height, : image.width]).mean() < 2
    for number in range(10):
        originals.frame(sweep, (str(clip),), number).result(30)
    assert all(originals.tile(sweep, number, 0, 0) for number in range(10))
    assert TileStore.of(sweep.fingerprint, cache).folder in [entry.path for entry in cache.entries()]


def test_a_frame_that_is_not_there_is_said(clip, originals):
    sweep = read_of(clip)
    with pytest.raises(NoTiles, match="no frame 99"):
        originals.frame(sweep, (str(clip),), 99).result(30)
    originals.frame(sweep, (str(clip),), 3).result(30)


def test_an_input_that_has_gone_is_said(clip, originals, tmp_path):
    sweep = read_of(clip)
    with pytest.raises(NoTiles):
        originals.frame(sweep, (str(tmp_path / "gone.mp4"),), 3).result(30)


def test_another_sweep_takes_over(clip, stills, originals):
    one, other = read_of(clip), read_of(stills)
    originals.prepare(one, (str(clip),))
    waiting = [originals.frame(sweep, (str(path),), number) for number in (4, 9, 2)
               for sweep, path in ((other, stills), (one, clip))]  # fmt: skip
    for future in waiting:
        future.result(30)
    assert originals.tile(other, 4, 0, 0)
    assert originals.tile(one, 9, 0, 0)


def test_closing_tells_those_who_wait(clip, cache):
    made = Originals(cache)
    future = made.frame(read_of(clip), (str(clip),), 9)
    made.close()
    assert future.done()


def test_a_worker_that_cannot_be_started_is_said_and_the_next_one_serves(clip, originals, monkeypatch):
    sweep, inputs = read_of(clip), (str(clip),)
    started = []

    class Unwilling(module.WorkerProcess):
        def __init__(self, *words: Any, **more: Any) -> None:
            started.append(words)
            if len(started) == 1:
                raise OSError("no more processes")
            super().__init__(*words, **more)

    monkeypatch.setattr(module, "WorkerProcess", Unwilling)
    with pytest.raises(NoTiles):
        originals.frame(sweep, inputs, 2).result(30)
    originals.frame(sweep, inputs, 2).result(30)


def test_a_worker_that_hangs_is_replaced(clip, originals, monkeypatch):
    sweep, inputs = read_of(clip), (str(clip),)
    monkeypatch.setattr(module, "SILENCE", 0.0)
    with pytest.raises(NoTiles) as told:
        originals.frame(sweep, inputs, 2).result(30)
    assert "from outside" not in told.value.failure.text
    monkeypatch.setattr(module, "SILENCE", 60.0)
    originals.frame(sweep, inputs, 2).result(30)


@pytest.mark.skipif(sys.platform == "win32", reason="no process can be halted there")
def test_a_worker_that_does_not_read_keeps_nobody_waiting(clip, cache, monkeypatch):
    sweep = read_of(clip)
    inputs = tuple(f"{clip.parent}/{'long name ' * 10}{number:05d}.jpg" for number in range(2000))
    begun = threading.Event()

    class Deaf(module.WorkerProcess):
        def __init__(self, *words: Any, **more: Any) -> None:
            super().__init__(*words, **more)
            os.kill(self.pid, signal.SIGSTOP)

        def send(self, message: Any) -> None:
            begun.set()
            super().send(message)

    monkeypatch.setattr(module, "WorkerProcess", Deaf)
    made = Originals(cache)
    first = made.frame(sweep, inputs, 1)
    assert begun.wait(20)
    asking = [threading.Thread(target=made.frame, args=(sweep, inputs, n), daemon=True) for n in range(3)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(5)
    stuck = [thread for thread in asking if thread.is_alive()]
    worker = made._worker
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)
    made.close()
    assert first.done()
    assert not stuck


def test_an_error_that_nobody_foresaw_is_said_and_the_next_frame_comes(clip, originals, monkeypatch):
    sweep, inputs = read_of(clip), (str(clip),)

    class Odd(module.WorkerProcess):
        def receive(self, timeout: float) -> Any:
            raise ValueError("never heard of")

    with monkeypatch.context() as patch:
        patch.setattr(module, "WorkerProcess", Odd)
        with pytest.raises(NoTiles) as told:
            originals.frame(sweep, inputs, 2).result(30)
    assert "never heard of" in told.value.failure.detail
    originals.frame(sweep, inputs, 2).result(30)


class Told:
    """What a task says, in this process; it is asked for frames one after another."""

    def __init__(self, *asked: int) -> None:
        self.cuts: list[Cut] = []
        self._asked = list(asked)

    def check(self) -> None: ...

    def note(self, value: Cut) -> None:
        self.cuts.append(value)

    def asked(self) -> list[int]:
        return [self._asked.pop()] if self._asked else []


def test_one_frame_that_breaks_in_an_unforeseen_way_keeps_no_other(clip, cache, monkeypatch):
    def broken(frame: Any) -> Any:
        if frame.info.index == 3:
            raise ArithmeticError("odd pixels")
        return frame_tiles(frame)

    monkeypatch.setattr(cutting, "frame_tiles", broken)
    monkeypatch.setattr(cutting.os, "setpriority", lambda *_: None)  # this process goes on as it is
    monkeypatch.setattr(cutting, "keep_little", lambda **_: None)
    store, told = TileStore.of("f", cache), Told(5, 3, 1)
    with pytest.raises(ArithmeticError):
        cut_frames(told, (str(clip),), store, (0,))
    assert [store.has(frame_name(number)) for number in range(6)] == [1, 1, 1, 0, 0, 1]
    (failed,) = [cut for cut in told.cuts if cut.failure]
    assert failed.number == 3
    assert failed.failure.title == failure_of(ArithmeticError()).title
