"""What moved while it was in focus is told from what merely blurred, shifted or was dim."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest

from postfocus.focus.motion import moved_cells
from postfocus.light import Light
from postfocus.model.depth import State
from tests.support.scenes import SMALL, indexed, simulated

ROWS, COLS, COUNT = 48, 64, 10
SLOTS = np.arange(COUNT)
ONES = np.ones(COUNT)
PEAK = np.full((ROWS, COLS), 5, np.float32)


@dataclass
class Layers:
    """Maps in memory."""

    layers: list[np.ndarray]
    height: int = ROWS
    width: int = COLS

    def one(self, slot: int) -> np.ndarray:
        return self.layers[slot]


def moved(frames: list[np.ndarray], gain=ONES, slots=SLOTS, peak=PEAK, colour=None, place=None) -> np.ndarray:
    place = np.zeros(len(slots)) if place is None else place
    tints = None if colour is None else Layers(colour)
    return moved_cells(Light(Layers(frames), gain, tints), slots, peak, place) > 1


def scene(seed: int = 1) -> np.ndarray:
    """A textured coarse picture, 40 to 220."""
    noise = np.random.default_rng(seed).normal(size=(ROWS, COLS)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 2.0)
    return (130 + 35 * smooth / smooth.std()).clip(40, 220)


def layers(blur: float = 0.3, gain=ONES) -> list[np.ndarray]:
    """A still scene whose blur grows away from frame 5."""
    rng = np.random.default_rng(2)
    out = []
    for k in range(COUNT):
        soft = cv2.GaussianBlur(scene(), (0, 0), 0.3 + blur * abs(k - 5))
        out.append(np.clip(soft * gain[k] + rng.normal(0, 0.4, soft.shape), 1, 255).astype(np.uint8))
    return out


def test_blur_as_wide_as_it_was_found_is_no_motion():
    ring = np.full((ROWS, COLS), 220.0)
    cv2.circle(ring, (32, 24), 6, 20, -1)
    wide = 6.0
    frames = [cv2.GaussianBlur(ring, (0, 0), 0.3 + wide * abs(k - 5) / 2) for k in range(COUNT)]
    frames = [np.rint(frame).astype(np.uint8) for frame in frames]
    assert moved(frames).any()
    assert not moved(frames, place=wide * np.arange(COUNT)).any()


def test_defocus_is_no_motion_however_large_the_steps():
    for blur in (0.05, 0.2, 0.5):
        assert not moved(layers(blur)).any()


def test_in_a_few_frames_each_step_of_focus_is_larger():
    frames = [cv2.GaussianBlur(scene(), (0, 0), 0.3 + 1.5 * k).round().astype(np.uint8) for k in range(5)]
    assert not moved(frames, slots=np.arange(5), peak=0 * PEAK).any()


def test_what_walks_by_in_focus_has_moved_and_nothing_else():
    frames = layers(0.1)
    for k in range(COUNT):
        frames[k][20:30, 8 * k : 8 * k + 10] = 250
    found = moved(frames)
    assert found[22:28, 36:60].mean() > 0.9
    assert not found[:12].any()
    assert not found[38:].any()


def test_what_walks_slowly_has_moved_too():
    frames = [np.full((ROWS, COLS), 60, np.uint8) for _ in range(60)]
    for k in range(60):
        frames[k][20:30, k : k + 10] = 200
    steep = np.maximum(0, 1.2 * (np.arange(60) - 49))  # wide blur elsewhere in the sweep hides nothing here
    for place in (None, steep):
        peak = np.full((ROWS, COLS), 30, np.float32)
        found = moved(frames, np.ones(60), np.arange(60), peak, place=place)
        assert found[22:28, [24, 40]].all()
        assert not found[:12].any()


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_what_walks_by_in_another_colour_has_moved(share):
    colour = [np.full((ROWS, COLS // 2), 128, np.uint8) for _ in range(COUNT)]
    for k in range(COUNT):
        colour[k][10:15, 4 * k : 4 * k + 5] += np.uint8(160 * share)
    flat = [np.full((ROWS, COLS), 120, np.uint8)] * COUNT
    assert moved(flat, colour=colour)[22:28, 38:54].mean() > 0.8
    assert not moved(flat).any()


def test_what_walks_by_out_of_focus_does_not_matter():
    frames = layers(0.1)
    for k in (0, 1):
        frames[k][20:30, 10:30] = 250
    assert not moved(frames, peak=0 * PEAK + 8).any()


def test_brightness_that_is_known_is_no_motion():
    gain = np.where(SLOTS == 5, 0.7, 1.0)
    assert not moved(layers(0.1, gain), gain).any()
    assert moved(layers(0.1, gain)).any()


def test_places_a_frame_does_not_show_have_not_moved():
    rng = np.random.default_rng(3)
    frames = layers(0.05)
    for k in range(COUNT):
        frames[k][: rng.integers(0, 4)] = 0
        frames[k][:, COLS - rng.integers(1, 4) :] = 0
    assert not moved(frames).any()


def test_frames_that_are_not_of_the_sweep_do_not_count():
    frames = layers(0.05)
    frames[4][:] = 250
    assert not moved(frames, slots=np.array([0, 1, 2, 3, 5, 6, 7, 8, 9])).any()
    assert moved(frames).mean() > 0.3


def test_a_simulated_bee_is_seen_and_a_still_scene_is_not():
    bee = replace(SMALL, mover=True, width=320, height=180, frames=14, blur=12.0, seed=11)
    sim, _ = simulated(bee)
    index, _ = indexed(bee)
    flown = sim.truth.mover
    marked = index.depth.state == State.MOVED
    assert marked[flown].mean() > 0.05
    assert marked[~flown].mean() < 0.005
    still = indexed(SMALL)[0].depth.state == State.MOVED
    assert not still.any()
