"""A thin near thing hides the far one behind it, although frames show that through it."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from postfocus.fuse.behind import near_first_in
from postfocus.fuse.cover import Swept
from postfocus.fuse.hills import NONE
from postfocus.fuse.in_front import REACH, InFront, _grown
from postfocus.fuse.layout import Layout
from postfocus.fuse.merge import Merger
from postfocus.io.colour import frame_to_rgb
from postfocus.merging import Order, merge_sweep
from postfocus.model.alignment import Alignment, Rect
from postfocus.model.defocus import Defocus
from postfocus.model.frame import Coding, Frame, FrameInfo
from postfocus.pipeline import build_index
from tests.support.scenes import TRIPOD, grey_frame, kept, maps_of
from tests.test_defocus import light_of

COUNT, NEAR, FAR, STEP = 20, 3, 16, 2.0
"""Frames, those in focus on the bars and on the wall, and pixels of blur from one to the next."""

Edit = Callable[[int, NDArray[np.float32]], NDArray[np.float32]]


def disc(radius: float) -> NDArray[np.float64]:
    yy, xx = np.mgrid[-32:33, -32:33]
    out = np.clip(max(radius, 0.5) + 0.5 - np.hypot(xx, yy), 0, 1)
    return np.asarray(out / out.sum(), np.float64)


class Fence:
    """Dark bars before a wall with pale stripes across them, linear light."""

    def __init__(self, lamps: bool = False) -> None:
        rng = np.random.default_rng(4)
        wall = 0.18 + 0.02 * cv2.GaussianBlur(rng.standard_normal((240, 400)), (0, 0), 1.5)
        wall[12::24] = wall[13::24] = 0.5
        if lamps:
            for x in range(10, 400, 30):
                for y in range(6, 240, 36):
                    cv2.circle(wall, (x, y), 2, 1.5, -1)
        self.bar = np.zeros(wall.shape, np.bool_)
        for x in range(30, 400, 60):
            self.bar[:, x : x + 8] = True
        self.near = 0.03 + 0.01 * cv2.GaussianBlur(rng.standard_normal(wall.shape), (0, 0), 1)
        self.wall, self._noise = wall, rng
        self.truth = codes(np.where(self.bar, self.near, wall))

    def frames(self, backwards: bool = False) -> list[Frame]:
        """The sweep, from the bars to the wall, or `backwards`."""
        pictures = [self._frame(slot) for slot in range(COUNT)]
        return [grey_frame(p, n) for n, p in enumerate(pictures[::-1] if backwards else pictures)]

    def _frame(self, slot: int) -> NDArray[np.uint8]:
        cover, light, seen = (
            cv2.filter2D(layer, -1, disc(STEP * abs(slot - at)), borderType=cv2.BORDER_REFLECT)
            for layer, at in ((self.bar * 1.0, NEAR), (self.bar * self.near, NEAR), (self.wall, FAR))
        )
        noisy = codes(light + (1 - cover) * seen) + self._noise.normal(0, 1, cover.shape)
        return np.rint(noisy.clip(0, 255)).astype(np.uint8)


def codes(light: NDArray[np.float64]) -> NDArray[np.float64]:
    clipped = np.clip(light, 0, 1)
    return 255 * np.where(clipped < 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)


def merged(frames: list[Frame], folder: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The merge, grey levels; and the same by sharpness alone."""
    source = kept(TRIPOD, frames)
    source.info = replace(source.info, width=400, height=240)
    index = build_index(source, folder)

    def merge() -> NDArray[np.float32]:
        picture = merge_sweep(source, index, *maps_of(index, folder), Order(index.sweep.slots)).frame
        return frame_to_rgb(picture, bits=16)[..., 1] / np.float32(257)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(InFront, "lay_over", lambda *_: None)
        without = merge()
    return merge(), without


def error(picture: NDArray[np.float32], truth: NDArray[np.float64], where: NDArray[np.bool_]) -> float:
    inner = np.zeros_like(where)
    inner[40:-40, 40:-40] = where[40:-40, 40:-40]
    return float(np.square(picture - truth)[inner].mean())


def test_stripes_of_the_wall_do_not_cross_the_bars(tmp_path):
    fence = Fence()
    with_it, without = merged(fence.frames(), tmp_path)
    square = np.ones((5, 5), np.uint8)
    bar, beside = (cv2.erode(part.astype(np.uint8), square) > 0 for part in (fence.bar, ~fence.bar))
    assert error(without, fence.truth, bar) > 200  # or there is nothing to be mended
    assert error(with_it, fence.truth, bar) < 0.1 * error(without, fence.truth, bar)
    assert error(with_it, fence.truth, beside) < 1.02 * error(without, fence.truth, beside)


@pytest.mark.parametrize(("pool", "height", "width"), [(1, 229, 395), (2, 229, 395), (4, 135, 263)])
def test_what_remains_beyond_the_last_cells_is_kept_too(pool, height, width):
    frame = grey_frame(np.zeros((height, width), np.uint8))
    still = Alignment.still(width, height, np.arange(COUNT))
    slot = np.full((height // pool, width // pool), NEAR, np.int16)
    front = InFront(slot, still, pool, Layout.of(frame))
    front.add(NEAR, lambda piece: [np.full((piece.h, piece.w), 100, np.float32)])
    assert (front._planes[0] > 0).all()


def test_merger_and_what_was_kept_are_let_go_before_colour_is_made(tmp_path, monkeypatch):
    made: list[weakref.ref[object]] = []
    for kind in (Merger, InFront):
        start = kind.__init__

        def noted(self: object, *args: Any, start: Callable[..., None] = start) -> None:
            made.append(weakref.ref(self))
            start(self, *args)

        monkeypatch.setattr(kind, "__init__", noted)

    def coloured(picture: Frame) -> Frame:
        assert made
        assert [one() for one in made] == [None] * len(made)
        return picture

    monkeypatch.setattr("postfocus.merging.sharp_colour", coloured)
    merged(Fence().frames(), tmp_path)


def test_a_sweep_from_far_to_near_stays_as_it_was(tmp_path):
    np.testing.assert_array_equal(*merged(Fence().frames(backwards=True), tmp_path))


def test_beside_lamps_nothing_is_changed(tmp_path):
    np.testing.assert_array_equal(*merged(Fence(lamps=True).frames(), tmp_path))


def test_what_passes_before_the_scene_is_not_laid_over_it(tmp_path):
    fence = Fence()
    fence.bar[:] = False
    frames = fence.frames()
    for slot in (6, 7, 8):
        passing = frames[slot].luma.copy()
        cv2.circle(passing, (120 + 40 * (slot - 6), 120), 14, 30, -1)
        frames[slot] = grey_frame(passing, slot)
    np.testing.assert_allclose(*merged(frames, tmp_path), atol=2)


def test_slots_reach_a_few_cells_beyond():
    slot = np.full((20, 30), NONE, np.int16)
    slot[10, 8], slot[10, 22] = 4, 9
    grown = _grown(slot, REACH)
    away = np.hypot(*(np.mgrid[:20, :30] - np.array([10, 8])[:, None, None]))
    assert (grown[away < 0.9 * REACH] == 4).all()
    assert (grown[:, :15][away[:, :15] > 1.1 * REACH] == NONE).all()
    assert grown[10, 21] == 9


def laid(alignment: Alignment, alone: NDArray[np.bool_] | None = None) -> NDArray[np.uint16]:
    """A plain far picture that two black bars, at its left and in its middle, are laid over."""
    layout = Layout(((240, 400),), Coding())
    seen = np.full((240, 400), 30000 / 257, np.float32)
    seen[:, :10] = seen[:, 200:210] = 0
    front = InFront(np.full((120, 200), NEAR, np.int16), alignment, 2, layout)
    front.add(NEAR, lambda at: [seen[at.y : at.y + at.h, at.x : at.x + at.w]])
    codes = np.full((240, 400), 30000, np.uint16)
    codes[100:104, :40] = 31000
    picture = Frame((codes,), codes, layout.sixteen, FrameInfo(0))
    source = np.full((120, 200), FAR, np.float32)
    source[:20] = NEAR
    light = light_of(np.full((COUNT, 60, 100), 117, np.uint8))
    place = Defocus(np.arange(COUNT) * STEP / 4)
    front.lay_over(picture, source, Swept(np.arange(COUNT), place, light), alone)
    return codes


STILL = Alignment.still(400, 240, np.arange(COUNT))


def test_what_looks_as_what_is_behind_stays_and_what_does_not_is_laid_over_it():
    codes = laid(STILL)
    assert (codes[60:-8, 4:9] < 1000).all()
    assert (codes[60:-8, 201:209] < 1000).all()
    assert (codes[60:, 20:190] >= 30000).all()


def test_what_a_frame_does_not_show_is_not_taken_from_it():
    b = STILL.b.copy()
    b[NEAR] = -12  # its picture begins 12 pixels to the right
    codes = laid(replace(STILL, b=b))
    assert (codes[:, :12] >= 30000).all()
    assert (codes[60:-8, 201:209] < 1000).all()


def test_cells_left_alone_stay():
    alone = np.zeros((120, 200), np.bool_)
    alone[:, 95:110] = True
    codes = laid(STILL, alone)
    assert (codes[:, 190:220] >= 30000).all()
    assert (codes[60:-8, 4:9] < 1000).all()


def test_places_at_the_rim_come_from_frames_that_exist():
    frame = Fence().frames()[NEAR]
    layout = Layout.of(frame)
    slot = np.full(layout.shapes[0], NEAR, np.int16)
    front = InFront(slot, STILL, 1, layout)
    front._slot[0, 0] = NONE
    picture = np.full(layout.shapes[0], 30000, np.uint16)
    source = np.full((120, 200), FAR, np.float32)
    share = np.ones((4, 4), np.float32)
    share[0, 0] = 0
    front._lay(Rect(0, 0, 4, 4), share, Frame((picture,), picture, layout.sixteen, frame.info), source)
    assert source[:2, :2].tolist() == [[FAR, NEAR], [NEAR, NEAR]]


@pytest.mark.parametrize(("height", "width"), [(4, 4), (9, 30), (17, 33), (61, 43)])
def test_which_way_a_sweep_runs_is_asked_of_pictures_of_any_size(height, width):
    whole = np.full((height // 2 * 2, width // 2 * 2, 3), 0.2, np.float32)
    source = np.zeros((-(-height // 2), -(-width // 2)), np.float32)
    source[:, 1:] = FAR
    light = light_of(np.full((COUNT, height // 2, width // 2), 117, np.uint8))
    assert near_first_in(whole, source, Swept(np.arange(COUNT), Defocus(np.arange(COUNT) * 3.0), light))
