"""What was painted by hand shows the frame that was asked for; around it nothing changes."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import postfocus.fuse.weigh as weigh
from postfocus.fuse.layout import Layout
from postfocus.fuse.merge import Merger
from postfocus.fuse.retouch import Line, Retouch, coverage, lines_of
from postfocus.io.colour import frame_to_rgb
from postfocus.model.alignment import Alignment, Rect
from postfocus.model.frame import Frame, FrameInfo
from postfocus.model.look import Place, Stroke
from tests.fuse.test_merge import KINDS, Says, photographs, seen, wobbly

H, W = 150, 290


def flat(kind: str, levels: list[int], h: int = H, w: int = W) -> list[Frame]:
    """Frames of one even grey each, so that a pixel tells which frame it is from."""
    (first,) = photographs(kind, h, w, 1)
    frames = []
    for number, level in enumerate(levels):
        planes = tuple(np.full_like(p, level if n == 0 else 128) for n, p in enumerate(first.planes))
        frames.append(Frame(planes, planes[0], first.coding, FrameInfo(number)))
    return frames


def still(frames: list[Frame]) -> Alignment:
    height, width = frames[0].height, frames[0].width
    return Alignment.still(width, height, np.arange(len(frames)))


def line(slot: int, points: list[tuple[float, float]], radius: float, softness: float = 0.0) -> Line:
    return Line(slot, np.array(points, float), radius, softness)


def painted(frames: list[Frame], alignment: Alignment, lines: list[Line], order=None) -> list[np.ndarray]:
    """The planes of a merge of frame 0 alone with the strokes over it."""
    ones = [np.ones((H // 2, W // 2))] + [np.zeros((H // 2, W // 2))] * (len(frames) - 1)
    merger = Merger(alignment, Says(ones), Layout.of(frames[0]), 2)
    retouch = Retouch(lines, alignment)
    for slot in range(len(frames)) if order is None else order:
        if slot == 0:
            merger.add(frames[slot], slot)
        retouch.add(slot, lambda piece, slot=slot: merger.seen(frames[slot], slot, piece))
    retouch.lay_over(merger._mean)
    return merger._mean


@pytest.mark.parametrize("kind", KINDS)
def test_a_painted_place_is_the_frame_as_it_would_be_moved_and_the_rest_is_untouched(monkeypatch, kind):
    monkeypatch.setattr(weigh, "KEEN", 1e9)  # a merge resamples strong texture by another kernel than a brush
    frames = photographs(kind, H, W, 4)
    alignment = wobbly(frames)
    frames = seen(frames, alignment)
    alignment = replace(alignment, reference=0).with_reference(0)
    brush = line(2, [(70.0, 60.0), (200.0, 90.0)], 24.0)
    plain, found = painted(frames, alignment, []), painted(frames, alignment, [brush])
    only = [np.zeros((H // 2, W // 2))] * 4
    only[2] = np.ones((H // 2, W // 2))
    merger = Merger(alignment, Says(only), Layout.of(frames[0]), 2)
    merger.add(frames[2], 2)
    far = cv2.dilate((coverage(brush, Rect(0, 0, W, H)) > 0).astype(np.uint8), np.ones((3, 3))) == 0
    inside = cv2.erode((coverage(brush, Rect(0, 0, W, H)) == 1).astype(np.uint8), np.ones((3, 3))) > 0
    top = 2 ** frames[0].coding.bits - 1
    for before, after, wanted in zip(plain, found, merger._mean, strict=True):
        step = 1 if after.shape[:2] == (H, W) else 2
        here, there = inside[::step, ::step], far[::step, ::step]
        if step == 2:
            here = cv2.erode(here.astype(np.uint8), np.ones((3, 3))) > 0
            there = cv2.erode(there.astype(np.uint8), np.ones((3, 3))) > 0
        assert np.abs(after - wanted)[here].max() / top < 1e-4
        assert (after == before)[there].all()
        if step == 1:
            assert np.abs(after - before)[here].mean() / top > 0.01


def test_the_last_stroke_lies_on_top_whatever_order_the_frames_come_in():
    frames = flat("video", [40, 90, 140, 190])
    alignment = still(frames)
    lines = [line(3, [(60, 60)], 40), line(1, [(90, 60)], 40), line(2, [(120, 60)], 40)]
    one = painted(frames, alignment, lines)
    other = painted(frames, alignment, lines, order=[3, 2, 1, 0])
    for a, b in zip(one, other, strict=True):
        assert np.abs(a - b).max() < 1e-3
    assert [round(float(one[0][60, x])) for x in (30, 60, 90, 120, 200)] == [190, 90, 140, 140, 40]


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 1), st.floats(3, 60), st.floats(100, 180), st.floats(0, 6.3), st.integers(0, 40))
def test_the_edge_falls_steadily_from_the_line_to_the_radius(softness, radius, x, angle, length):
    end = (x + length * np.cos(angle), 75 + length * np.sin(angle))
    brush = line(1, [(x, 75.0), end], radius, softness)
    cover = coverage(brush, Rect(0, 0, W, H))
    assert cover.min() >= 0
    assert cover.max() <= 1
    ys, xs = np.mgrid[:H, :W]
    t = np.clip(((xs - x) * np.cos(angle) + (ys - 75) * np.sin(angle)), 0, length)
    distance = np.hypot(xs - x - t * np.cos(angle), ys - 75 - t * np.sin(angle))
    order = np.argsort(distance, axis=None)
    assert (np.diff(cover.ravel()[order]) <= 1e-3).all()
    assert cover[distance > radius + 1].max(initial=0) < 1e-9
    assert cover[distance < radius * (1 - softness) - 1].min(initial=1) > 0.999
    if softness > 0.2:
        middle = np.abs(distance - radius * (1 - softness / 2)) < 0.5
        assert np.abs(cover[middle] - 0.5).max(initial=0) < 0.8 / (softness * radius) + 1e-3


def test_pieces_meet_without_a_seam():
    frames = flat("rgb", [40, 200])
    found = painted(frames, still(frames), [line(1, [(128.0, 64.0), (130.0, 128.0)], 50.0, 1.0)])[0]
    cover = coverage(line(1, [(128.0, 64.0), (130.0, 128.0)], 50.0, 1.0), Rect(0, 0, W, H))
    assert np.abs(found[..., 0] - (40 + 160 * cover)).max() < 0.4


def test_where_the_frame_shows_nothing_nothing_is_painted():
    frames = flat("video", [40, 200])
    alignment = replace(still(frames), reference=0, b=np.array([0, -60 + 0j]))
    found = painted(frames, alignment, [line(1, [(30.0, 75.0), (200.0, 75.0)], 30.0)])[0]
    assert np.abs(found[75, :60] - 40).max() < 0.1  # frame 1 begins 60 pixels further to the right
    assert np.abs(found[75, 64:200] - 200).max() < 0.1
    assert (np.diff(found[75, :150]) >= -1e-3).all()


def test_hidden_strokes_and_strokes_off_the_picture_cost_nothing():
    frames = flat("video", [40, 90, 140])
    alignment = still(frames)
    lines = [line(1, [(60, 60)], 20)] * 50 + [line(2, [(60, 60)], 40), line(1, [(-900, 5000)], 30)]
    retouch = Retouch(lines, alignment)
    assert {slot for shares in retouch._shares.values() for slot in shares} == {2}
    found = painted(frames, alignment, lines)[0]
    assert round(float(found[60, 60])) == 140


def test_places_are_of_the_index_whatever_the_reference():
    frames = photographs("grey", H, W, 4)
    alignment = wobbly(frames, size=20.0)
    stroke = Stroke(1, (Place(0.5, 0.5), Place(0.25, 0.75)), 0.1, 0.5)
    own = lines_of([stroke], {1: 1}, alignment, alignment.reference)[0]
    assert np.abs(own.points - [(W / 2 - 0.5, H / 2 - 0.5), (W / 4 - 0.5, 0.75 * H - 0.5)]).max() < 1e-9
    assert own.radius == pytest.approx(0.1 * W)
    other = lines_of([stroke], {1: 1}, alignment, 3)[0]
    m = alignment.matrix(3)
    assert np.abs(other.points - (own.points @ m[:, :2].T + m[:, 2])).max() < 1e-9
    assert other.radius == pytest.approx(own.radius * abs(alignment.a[3]))


def test_a_finished_picture_has_it_in_sixteen_bits():
    frames = flat("rgb", [40, 200])
    merger = Merger(still(frames), Says([np.ones((H // 2, W // 2)), np.zeros((H // 2, W // 2))]),
                    Layout.of(frames[0]), 2)  # fmt: skip
    retouch = Retouch([line(1, [(100.0, 70.0)], 30.0)], still(frames))
    for slot, frame in enumerate(frames):
        merger.add(frame, slot)
        retouch.add(slot, lambda piece, frame=frame, slot=slot: merger.seen(frame, slot, piece))
    rgb = frame_to_rgb(merger.finish(retouch.lay_over), bits=16)
    assert abs(int(rgb[70, 100, 0]) - 200 * 257) <= 2
    assert abs(int(rgb[70, 200, 0]) - 40 * 257) <= 2
