"""What moves in a bracket of a few stills is told from their blur, however wide that is, and is whole."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from postfocus.fuse.foreign_few import BODY, _Changes, among_few
from postfocus.io.colour import frame_to_rgb
from postfocus.merging import Merged, Order, merge_sweep
from postfocus.strange import APART
from postfocus.synth.sweep import SweepSettings
from tests.fuse.test_movers import foreign, light_of, scenery
from tests.support.scenes import indexed, kept, maps_of

BRACKET = SweepSettings(scene="still-life", width=640, height=360, frames=4, seed=3, blur=3.0)


def merge_of(sweep: SweepSettings) -> Merged:
    index, folder = indexed(sweep)
    return merge_sweep(kept(sweep), index, *maps_of(index, folder), Order(index.sweep.slots))


@pytest.mark.parametrize("count", [3, 4, 6])
@pytest.mark.parametrize("tripod", [True, False])
def test_a_bee_that_flies_through_a_few_stills_is_shown_once(count, tripod):
    still = replace(BRACKET, frames=count, tripod=tripod)
    merged, alone = merge_of(replace(still, mover=True)), merge_of(still)
    pictures = [frame_to_rgb(one.frame).astype(float) for one in (merged, alone)]
    off = cv2.blur(np.abs(pictures[0] - pictures[1]).mean(axis=2), (5, 5)) > 12
    assert alone.held is None
    assert merged.held is not None
    held = cv2.resize(merged.held.astype(np.uint8), (640, 360), interpolation=cv2.INTER_NEAREST)
    assert off[held > 0].mean() > 0.2
    # Of three, the outer ones differ in focus by so much that part of a small bee hides in it.
    left = off[cv2.dilate(held, np.ones((9, 9), np.uint8)) == 0].mean()
    assert left < (0.003 if count == 3 else 0.0003)
    assert cv2.connectedComponents(held)[0] == 2


def bracket(count: int, blur: float, body: np.ndarray | None, step: int = 40) -> np.ndarray:
    """A textured wall that each frame blurs by so many cells more, and what is `step` cells on in each."""
    wall = np.stack(
        [cv2.GaussianBlur(60 + 0.4 * scenery(2, (90, 400)), (0, 0), 0.3 + blur / 2 * k) for k in range(count)]
    )
    if body is not None:
        for k in range(count):
            wall[k, 25 : 25 + body.shape[0], step * k + 10 : step * k + 10 + body.shape[1]] = body
    return wall.round().clip(1, 255)


def stripes() -> np.ndarray:
    """Dark and bright in turn, some as bright as the wall."""
    return np.tile(np.repeat([10, 140, 250, 140], 6), (30, 1)).astype(float)


@pytest.mark.parametrize("count", [3, 5, 8])
@pytest.mark.parametrize("blur", [0.4, 2.0, 5.0])
def test_blur_alone_is_not_foreign_and_a_body_is_whole(tmp_path, blur, count):
    """Where blur is wide, dark and bright beside one another are no stranger than a blurred wall."""
    slots, body = np.arange(count), stripes() if blur < 1 else np.full((30, 24), 250.0)
    assert foreign(light_of(bracket(count, blur, None), tmp_path / "c"), slots, blur) == {}
    found = foreign(light_of(bracket(count, blur, body), tmp_path / "m"), slots, blur)
    # The two nearest to an end lie on one side of it; twice that blur may hide all of the body.
    assert set(found) >= set(slots if blur < 5 else slots[1:-1])
    for k in found:
        assert found[k][25:55, 40 * k + 10 : 40 * k + 34].mean() > 0.97
        assert found[k].sum() < 2.5 * 30 * 24


@pytest.mark.parametrize("gap", [1, 3, 6])
@pytest.mark.parametrize("count", [3, 5, 8])
def test_bodies_side_by_side_are_each_its_own_frames(tmp_path, count, gap):
    body = np.full((30, 24), 250.0)
    found = foreign(light_of(bracket(count, 0.4, body, 24 + gap), tmp_path / "m"), np.arange(count), 0.4)
    assert set(found) == set(range(count))
    for k in found:
        assert found[k][25:55, (24 + gap) * k + 10 : (24 + gap) * k + 34].all()
        assert found[k].sum() < 1.7 * body.size


def test_what_comes_and_goes_is_foreign_in_every_frame_that_may_be_the_odd_one(tmp_path):
    """Of the middle ones of four, each is surely the odd one: neither hides that the other is."""
    layers = bracket(4, 0.4, None)
    layers[::2, 25:55, 100:130] = 250
    found = foreign(light_of(layers, tmp_path / "m"), np.arange(4), 0.4)
    assert set(found) >= {1, 2}
    assert min(found[k][25:55, 100:130].mean() for k in found) > 0.97


def test_where_blur_was_found_too_small_only_what_lies_about_a_body_is_taken_for_it(tmp_path):
    found = foreign(light_of(bracket(5, 2.0, np.full((30, 24), 250.0)), tmp_path / "m"), np.arange(5), 0.0)
    assert not found[0][:, 34 + BODY + 2 * APART :].any()
    assert not found[4][:, : 170 - BODY - 2 * APART].any()


@pytest.mark.parametrize("count", [3, 5, 8])
def test_where_the_line_of_blur_tells_nothing_sharp_dots_are_not_foreign(tmp_path, count):
    dots = np.full((90, 160), 60.0)
    for row, col in np.ndindex(5, 9):
        cv2.circle(dots, (12 + 17 * col, 10 + 17 * row), 3, 240, -1)
    layers = np.stack([cv2.GaussianBlur(dots, (0, 0), 0.3 + (count - 1 - k)) for k in range(count)])
    assert among_few(light_of(layers.round(), tmp_path / "c"), np.arange(count), np.zeros(count)) == {}


def test_light_may_be_carried_as_far_as_blur_was_found(tmp_path):
    light = light_of(bracket(3, 8.0, np.full((30, 24), 250.0)), tmp_path / "m")
    narrow, wide = (_Changes(light, np.arange(3), at * np.arange(3), 0.5) for at in (0.5, 8.0))
    assert (narrow.between(0, 1) > wide.between(0, 1)).any()
    assert not (narrow.between(0, 1) < wide.between(0, 1)).any()
    assert (narrow.reach(0, 1), wide.reach(0, 2), wide.reach(2, 0)) == (2, 17, 17)


def test_where_each_of_three_frames_shows_another_thing_none_of_the_scene_is_odd(tmp_path):
    layers = bracket(3, 0.4, None)
    layers[0, 25:55, 100:130], layers[1, 25:55, 100:130] = 250, 10
    assert 2 not in among_few(light_of(layers, tmp_path / "m"), np.arange(3), 0.4 * np.arange(3))


def test_of_two_frames_none_is_odd(tmp_path):
    light = light_of(bracket(2, 1.0, stripes()), tmp_path / "m")
    assert among_few(light, np.arange(2), np.arange(2.0)) == {}
