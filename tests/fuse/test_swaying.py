"""What sways is taken from one moment; what only goes out of focus is left alone."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import cv2
import numpy as np
import pytest

from postfocus.fuse import movers
from postfocus.fuse.swaying import COMPARED, Band, Compared, step_of, swaying
from postfocus.io.colour import frame_to_rgb
from postfocus.merging import Merged, Order, merge_sweep
from postfocus.synth.sensor import to_codes
from postfocus.synth.sweep import SweepSettings
from postfocus.synth.truth import truth_render
from tests.support.scenes import indexed, kept, maps_of, simulated

COUNT, SHAPE, DEPTH = 30, (60, 90), 9.0
CALM = SweepSettings(
    scene="landscape", width=640, height=360, frames=30, seed=3, tripod=True, breathing=0.0, photon=4.0
)
WINDY = replace(CALM, wind=24.0)


def frames_of(sway: float, blur: float) -> tuple[list[Compared], np.ndarray]:
    """A bright bar at rank 9 before a dark ground that goes to and fro, and the sharpness of each frame.

    `blur` is the growth of its blur in cells a frame.
    """
    out, sharp = [], np.zeros((COUNT, *SHAPE), np.float32)
    for rank in range(0, COUNT, step_of(COUNT)):
        picture = np.full(SHAPE, 60, np.float32)
        left = 40 + round(sway * np.sin(rank * 2 * np.pi / 11))
        picture[15:45, left : left + 6] = 200
        radius = blur * abs(rank - DEPTH)
        picture = cv2.GaussianBlur(picture, (0, 0), radius) if radius else picture
        sharp[rank] = 10 / (1 + radius)
        out.append(
            Compared(rank, 2 * blur * rank, picture.round().astype(np.uint8), np.ones(SHAPE, np.bool_))
        )
    return out, sharp


def found(sway: float, blur: float) -> list[Band]:
    frames, sharp = frames_of(sway, blur)
    depth = np.full(SHAPE, DEPTH, np.float32)
    return swaying(frames, lambda rank: sharp[rank], depth, depth, COUNT)


def test_a_bar_that_sways_is_taken_from_one_frame_near_its_depth():
    bands = found(sway=5, blur=0.05)
    assert len(bands) == 1
    band = bands[0]
    assert abs(band.rank - DEPTH) <= 3
    path, held = np.zeros(SHAPE, np.bool_), np.zeros(SHAPE, np.bool_)
    path[band.box], held[band.box] = band.path, band.held
    assert held[16:44, 36:50].all()
    assert not path[:, :20].any()
    assert not path[:, 70:].any()
    assert band.first <= 6
    assert band.last >= 12
    assert not band.bars(band.rank)
    assert band.bars(band.rank + 1)
    assert not band.bars(COUNT - 1)


def test_each_of_two_bars_has_its_own_box():
    frames, sharp = frames_of(sway=5, blur=0.05)
    twice = [
        replace(frame, level=np.hstack([frame.level] * 2), heard=np.hstack([frame.heard] * 2))
        for frame in frames
    ]
    depth = np.full((SHAPE[0], 2 * SHAPE[1]), DEPTH, np.float32)
    alone = found(sway=5, blur=0.05)[0]
    bands = swaying(twice, lambda rank: np.hstack([sharp[rank]] * 2), depth, depth, COUNT)
    assert [band.box[1].start for band in bands] == [alone.box[1].start, alone.box[1].start + SHAPE[1]]
    for band in bands:
        assert band.box[1].stop - band.box[1].start < SHAPE[1]
        np.testing.assert_array_equal(band.path, alone.path)
        np.testing.assert_array_equal(band.held, alone.held)


@pytest.mark.parametrize("blur", [0.05, 0.3, 1.0, 3.0])
def test_a_bar_that_rests_is_none_however_fast_it_goes_out_of_focus(blur):
    assert found(sway=0, blur=blur) == []


def test_where_no_two_frames_are_in_focus_nothing_is_told():
    assert found(sway=5, blur=0.8) == []


def test_where_only_a_small_part_seems_to_stay_in_focus_nothing_is_told():
    lamp, lamp_sharp = frames_of(sway=5, blur=0.05)
    rest, rest_sharp = frames_of(sway=0, blur=0.8)
    frames = [
        replace(one, level=np.hstack([one.level, *[two.level] * 2]), heard=np.hstack([one.heard] * 3))
        for one, two in zip(lamp, rest, strict=True)
    ]
    depth = np.full((SHAPE[0], 3 * SHAPE[1]), DEPTH, np.float32)
    sharp = np.concatenate([lamp_sharp, rest_sharp, rest_sharp], axis=2)
    assert swaying(frames, lambda rank: sharp[rank], depth, depth, COUNT) == []
    sharp = np.concatenate([lamp_sharp] * 3, axis=2)
    assert len(swaying(frames, lambda rank: sharp[rank], depth, depth, COUNT)) > 0


@pytest.mark.parametrize("count", [16, 30, 59, 60, 1000])
def test_long_sweeps_are_compared_by_some_of_their_frames(count):
    compared = len(range(0, count, step_of(count)))
    assert min(count, COMPARED) <= compared <= 2 * COMPARED


def merged(settings: SweepSettings) -> Merged:
    index, folder = indexed(settings)
    order = Order(index.sweep.slots, simulated(settings)[0].reference)
    return merge_sweep(kept(settings), index, *maps_of(index, folder), order)


def error(picture: Merged, truth: np.ndarray, path: np.ndarray) -> float:
    rgb = frame_to_rgb(picture.frame, bits=16).astype(np.float32) / 257
    return float(np.square(rgb - truth).mean(axis=2)[path].mean())


def test_flowers_in_the_wind_are_shown_once():
    sim, _ = simulated(WINDY)
    calm = replace(sim, settings=CALM)
    moments = [to_codes(truth_render(replace(calm, scene=sim.scene_at(n)), 0.0, 0.0)) for n in range(COUNT)]
    path = (np.max(moments, axis=0) > np.min(moments, axis=0)).any(axis=2)
    ours = merged(WINDY)
    with patch.object(movers, "swaying", lambda *_: []):
        torn = merged(WINDY)
    best, before = (min(error(m, truth, path) for truth in moments) for m in (ours, torn))
    assert best < 0.75 * before
    assert ours.held is not None
    assert merged(CALM).held is None
