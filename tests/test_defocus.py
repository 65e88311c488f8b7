"""How wide frames blur is known where they are rendered; it is found from their small copies alone."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from postfocus.defocus import DISC, RADII, defocus_in, defocus_of, gathered
from postfocus.kept_maps import KeptMaps
from postfocus.light import Light
from postfocus.model.defocus import Defocus
from postfocus.model.tone import Tone
from postfocus.synth.sweep import SweepSettings
from tests.support.scenes import a_depth, indexed, simulated

SWEEP = SweepSettings(scene="still-life", width=640, height=360, frames=16, seed=3, blur=12.0, tripod=True)


class Copies:
    """Small copies of frames, as they are given."""

    def __init__(self, maps: NDArray[np.uint8]) -> None:
        self.maps = maps
        self.height, self.width = maps.shape[1:]

    def one(self, slot: int) -> NDArray[np.uint8]:
        return self.maps[slot]


def light_of(maps: NDArray[np.uint8]) -> Light:
    return Light(Copies(maps), np.ones(len(maps)))


@pytest.mark.parametrize("steps", ["even", "uneven"])
@pytest.mark.parametrize("tripod", [True, False])
def test_frames_lie_where_the_lens_was_focused(steps: str, tripod: bool) -> None:
    settings = replace(SWEEP, steps=steps, tripod=tripod)
    index, folder = indexed(settings)
    light = KeptMaps(folder, index).light()
    place = defocus_of(light, index.depth.position, index.sweep.slots).place * 2 * index.pool
    sim = simulated(settings)[0]
    true = np.abs(sim.focus - sim.focus[0]) * sim.aperture
    assert (np.diff(place) >= 0).all()
    assert place[-1] == pytest.approx(true[-1], rel=0.2)
    assert np.abs(place / place[-1] - true / true[-1]).max() < 0.12


def test_blur_wider_than_any_that_is_tried_is_known_all_the_same() -> None:
    step, near, far = 2.6, 1, 18
    rng = np.random.default_rng(4)
    sharp = cv2.GaussianBlur(rng.uniform(-900, 900, (180, 320)).astype(np.float32), (0, 0), 3.0) + 120
    left = np.arange(320) < 160
    maps: list[NDArray[np.float32]] = []
    for slot in range(20):
        one, other = (cv2.GaussianBlur(sharp, (0, 0), 0.1 + step * abs(slot - k) / 2) for k in (near, far))
        maps.append(np.where(left, one, other))
    light = light_of(np.clip(np.rint(maps), 1, 255).astype(np.uint8))
    source = np.where(left, near, far).repeat(2)[None].repeat(360, axis=0).astype(np.float32)
    place = defocus_of(light, source, np.arange(20)).place
    true = DISC * step * 19
    assert true > 2 * RADII[-1]
    assert 0.9 * true < place[-1] < 1.25 * true


def test_without_any_blur_all_frames_lie_at_one_place() -> None:
    noise = np.random.default_rng(5).integers(40, 200, (60, 80)).astype(np.uint8)
    source = np.tile(np.linspace(0, 5, 160, dtype=np.float32), (120, 1))
    place = defocus_of(light_of(np.stack([noise] * 6)), source, np.arange(6)).place
    assert place.max() < 0.05


def test_nothing_but_plain_places_tells_nothing() -> None:
    plain = np.full((6, 60, 80), 90, np.uint8)
    source = np.tile(np.linspace(0, 5, 160, dtype=np.float32), (120, 1))
    assert (defocus_of(light_of(plain), source, np.arange(6)).place == 0).all()


def test_places_between_frames_and_cells_of_the_nearest_frame() -> None:
    defocus = Defocus(np.array([0.0, 1.0, 4.0]))
    np.testing.assert_allclose(defocus.of(np.array([[0.5, 1.5]], np.float32)), [[0.5, 2.5]])
    maps = np.stack([np.full((2, 2), 10 * n, np.uint8) for n in range(4)])
    source = np.array([[0.2, 1.2], [2.4, 3.0]], np.float32)
    np.testing.assert_array_equal(gathered(light_of(maps), source, np.array([0, 1, 3])), [[0, 10], [30, 30]])


def test_what_the_index_found_is_not_looked_for_again_unless_brightness_was_bent() -> None:
    depth = replace(a_depth(120, 160, 2, 6, np.linspace(0, 5, 160)), defocus=Defocus(np.arange(6.0)))
    light, slots = light_of(np.full((6, 60, 80), 90, np.uint8)), np.arange(6)
    assert defocus_in(light, depth, slots, slots) is depth.defocus
    for found in (
        defocus_in(light, replace(depth, defocus=None), slots, slots),
        defocus_in(replace(light, tones={1: Tone(np.zeros(2), np.zeros(2))}), depth, slots, slots),
    ):
        np.testing.assert_array_equal(found.place, 0)


@pytest.mark.parametrize("seed", [3, 5])
def test_what_passes_by_is_not_taken_for_blur(seed: int) -> None:
    """On a plain wall depth is that of the bee, where it was; blurred away, it looks like the wall."""
    settings = SweepSettings(scene="plain", width=640, height=360, frames=30, seed=seed, mover=True)
    index, folder = indexed(settings)
    light = KeptMaps(folder, index).light()
    place = defocus_of(light, index.depth.position, index.sweep.slots).place * 2 * index.pool
    sim = simulated(settings)[0]
    assert np.abs(place - np.abs(sim.focus - sim.focus[0]) * sim.aperture).max() < 2.5
