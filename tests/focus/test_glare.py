"""A lamp's growing disc is not believed; places that are as bright as ever are."""

from __future__ import annotations

import cv2
import numpy as np

from postfocus.focus.glare import Glare
from postfocus.focus.volume import MapStack, MapWriter
from postfocus.model.alignment import Alignment

ROWS, COLS, COUNT = 60, 80, 9


def glare_of(layers, folder, gain=None) -> Glare:
    with MapWriter(folder / "coarse") as writer:
        for layer in layers:
            writer.append(np.clip(np.rint(layer), 0, 255).astype(np.uint8))
    n = len(layers)
    still = Alignment.still(2 * COLS, 2 * ROWS, np.arange(n))
    if gain is not None:
        still.gain[:] = gain
    return Glare(MapStack(folder / "coarse", n, ROWS, COLS), still)


def scene() -> np.ndarray:
    noise = np.random.default_rng(1).normal(size=(ROWS, COLS)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 2.0)
    return (120 + 30 * smooth / smooth.std()).clip(40, 220)


def test_a_scene_without_lamps_is_believed(tmp_path):
    layers = [cv2.GaussianBlur(scene(), (0, 0), 0.3 + 0.3 * abs(k - 4)) for k in range(COUNT)]
    glare = glare_of(layers, tmp_path)
    for slot in range(COUNT):
        factor = glare.factor(slot)
        assert factor is None or factor.mean() > 0.98


def test_brightness_that_is_known_is_no_glare(tmp_path):
    gain = np.linspace(0.5, 1.0, COUNT)
    glare = glare_of([scene() * g for g in gain], tmp_path, gain)
    for slot in range(COUNT):
        factor = glare.factor(slot)
        assert factor is None or factor.mean() > 0.98


def test_a_disc_that_grows_over_the_dark_is_not_believed_there(tmp_path):
    y, x = np.mgrid[:ROWS, :COLS]
    radius = [2 + 3 * abs(k - 4) for k in range(COUNT)]
    layers = [np.where(np.hypot(x - 40, y - 30) <= r, 255.0, 12.0) for r in radius]
    glare = glare_of(layers, tmp_path)
    wide, sharp = glare.factor(0), glare.factor(4)
    assert wide is not None
    assert wide.min() >= 0
    assert wide.max() <= 1
    # Eight cells from the lamp only the disc of the first and last frames is bright.
    assert wide[30, 48] < 0.2
    assert sharp is None or sharp[30, 48] > 0.9
    assert wide[5, 5] > 0.95


def test_places_that_are_not_shown_are_neither(tmp_path):
    layers = [scene() for _ in range(COUNT)]
    layers[2][:, :10] = 0
    glare = glare_of(layers, tmp_path)
    for slot in range(COUNT):
        factor = glare.factor(slot)
        assert factor is None or (np.isfinite(factor).all() and factor[:, 14:].min() > 0.9)
