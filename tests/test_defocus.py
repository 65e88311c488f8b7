"""How wide frames blur is known where they are rendered; it is found from their small copies alone."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from postfocus.defocus import Defocus, defocus_of, gathered
from postfocus.kept_maps import KeptMaps
from postfocus.light import Light
from postfocus.synth.sweep import SweepSettings
from tests.support.scenes import indexed, simulated

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
    rows, cols = light.maps.height, light.maps.width
    source = cv2.resize(index.depth.position, (cols, rows), interpolation=cv2.INTER_NEAREST)
    place = defocus_of(light, np.asarray(source, np.float32), index.sweep.slots).place * 2 * index.pool
    sim = simulated(settings)[0]
    true = np.abs(sim.focus - sim.focus[0]) * sim.aperture
    assert (np.diff(place) >= 0).all()
    assert place[-1] == pytest.approx(true[-1], rel=0.2)
    assert np.abs(place / place[-1] - true / true[-1]).max() < 0.12


def test_without_any_blur_all_frames_lie_at_one_place() -> None:
    noise = np.random.default_rng(5).integers(40, 200, (60, 80)).astype(np.uint8)
    source = np.tile(np.linspace(0, 5, 80, dtype=np.float32), (60, 1))
    place = defocus_of(light_of(np.stack([noise] * 6)), source, np.arange(6)).place
    assert place.max() < 0.05


def test_nothing_but_plain_places_tells_nothing() -> None:
    plain = np.full((6, 60, 80), 90, np.uint8)
    source = np.tile(np.linspace(0, 5, 80, dtype=np.float32), (60, 1))
    assert (defocus_of(light_of(plain), source, np.arange(6)).place == 0).all()


def test_places_between_frames_and_cells_of_the_nearest_frame() -> None:
    defocus = Defocus(np.array([0.0, 1.0, 4.0]))
    np.testing.assert_allclose(defocus.of(np.array([[0.5, 1.5]], np.float32)), [[0.5, 2.5]])
    maps = np.stack([np.full((2, 2), 10 * n, np.uint8) for n in range(4)])
    source = np.array([[0.2, 1.2], [2.4, 3.0]], np.float32)
    np.testing.assert_array_equal(gathered(light_of(maps), source, np.array([0, 1, 3])), [[0, 10], [30, 30]])
