"""What moved while it was in focus is told from what merely blurred, shifted or was dim."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from postfocus.focus.motion import moved_cells
from postfocus.model.depth import State
from tests.support.scenes import SMALL, indexed, simulated

ROWS, COLS, COUNT = 48, 64, 10
SLOTS = np.arange(COUNT)
ONES = np.ones(COUNT)


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


def test_defocus_is_no_motion_however_large_the_steps():
    peak = np.full((ROWS, COLS), 5, np.float32)
    for blur in (0.05, 0.2, 0.5):
        assert (moved_cells(layers(blur), SLOTS, ONES, peak) > 1).mean() < 0.03


def test_what_walks_by_in_focus_has_moved_and_nothing_else():
    frames = layers(0.1)
    for k in range(COUNT):
        frames[k][20:30, 4 * k : 4 * k + 10] = 250
    moved = moved_cells(frames, SLOTS, ONES, np.full((ROWS, COLS), 5, np.float32))
    assert (moved[22:28, 18:30] > 1).all()
    assert (moved[:12] > 1).mean() < 0.02
    assert (moved[38:] > 1).mean() < 0.02


def test_what_walks_by_out_of_focus_does_not_matter():
    frames = layers(0.1)
    for k in (0, 1):
        frames[k][20:30, 10:30] = 250
    moved = moved_cells(frames, SLOTS, ONES, np.full((ROWS, COLS), 8, np.float32))
    assert (moved > 1).mean() < 0.02


def test_brightness_that_is_known_is_no_motion():
    gain = np.where(SLOTS == 5, 0.7, 1.0)
    peak = np.full((ROWS, COLS), 5, np.float32)
    told, untold = (moved_cells(layers(0.1, gain), SLOTS, g, peak) for g in (gain, ONES))
    assert (told > 1).mean() < 0.02
    assert untold.mean() > 3 * told.mean()


def test_places_a_frame_does_not_show_have_not_moved():
    rng = np.random.default_rng(3)
    frames = layers(0.05)
    for k in range(COUNT):
        frames[k][: rng.integers(0, 4)] = 0
        frames[k][:, COLS - rng.integers(1, 4) :] = 0
    moved = moved_cells(frames, SLOTS, ONES, np.full((ROWS, COLS), 5, np.float32))
    assert (moved > 1).mean() < 0.02


def test_frames_that_are_not_of_the_sweep_do_not_count():
    frames = layers(0.05)
    frames[4][:] = 200
    slots = np.array([0, 1, 2, 3, 5, 6, 7, 8, 9])
    peak = np.full((ROWS, COLS), 5, np.float32)
    assert (moved_cells(frames, slots, ONES, peak) > 1).mean() < 0.02
    assert (moved_cells(frames, SLOTS, ONES, peak) > 1).mean() > 0.3


def test_a_simulated_bee_is_seen_and_a_still_scene_is_not():
    bee = replace(SMALL, mover=True, width=320, height=180, frames=14, blur=12.0, seed=11)
    sim, _ = simulated(bee)
    index, _ = indexed(bee)
    flown = sim.truth.mover
    marked = index.depth.state == State.MOVED
    assert marked[flown].mean() > 4 * max(marked[~flown].mean(), 0.005)
    assert marked[~flown].mean() < 0.05
    still = indexed(SMALL)[0].depth.state == State.MOVED
    assert still.mean() < 0.02
