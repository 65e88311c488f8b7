"""Sweeps are made whose parts lie apart by a known field; it is found, and nothing where there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from postfocus.align.blocks import BLOCK, Grid
from postfocus.align.field import fit
from postfocus.align.leftover import measure, quantile, sampled
from postfocus.align.parts import Parts, parts_of

SHAPE, COUNT, CELL = (176, 288), 6, 4

Map = NDArray[np.float32]
Field = Callable[[Map, Map, int], tuple[Map, Map]]


@dataclass(frozen=True)
class Sweep:
    """Small copies of frames, in focus from the left to the right, with what is known of them."""

    pictures: list[NDArray[np.uint8]]
    position: NDArray[np.float32]
    telling: NDArray[np.bool_]

    def one(self, slot: int) -> NDArray[np.uint8]:
        return self.pictures[slot]

    @property
    def slots(self) -> NDArray[np.int64]:
        return np.arange(len(self.pictures))

    def parts(self) -> Parts:
        return parts_of(self, self.slots, self.position, self.telling, CELL, COUNT // 2)


def texture(seed: int, shape: tuple[int, int] = (SHAPE[0] + 64, SHAPE[1] + 64)) -> NDArray[np.float32]:
    noise = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    rough = cv2.GaussianBlur(noise, (0, 0), 1.5) * 60 + cv2.GaussianBlur(noise, (0, 0), 5) * 100
    return np.clip(120 + rough, 5, 250).astype(np.float32)


def sweep(field: Field, seed: int = 0) -> Sweep:
    """Frame k shows at ``z + field(z, k)`` what is at ``z``; blurred out of focus, and noisy."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]].astype(np.float32)
    position = x / SHAPE[1] * (COUNT - 1)
    still = texture(seed)
    pictures: list[NDArray[np.uint8]] = []
    for k in range(COUNT):
        # The field is small and smooth, so that its inverse is minus the field.
        dx, dy = (np.broadcast_to(part, SHAPE) for part in field(x, y, k))
        sharp = cv2.remap(still, x + 32 - dx, y + 32 - dy, cv2.INTER_CUBIC)
        out = np.zeros(SHAPE, np.float32)
        for blur in range(COUNT):
            soft = cv2.GaussianBlur(sharp, (0, 0), 0.3 + 0.8 * blur)
            out += soft * np.clip(1 - np.abs(np.abs(position - k) - blur), 0, 1)
        pictures.append(np.clip(np.rint(out + rng.normal(size=SHAPE)), 1, 255).astype(np.uint8))
    return Sweep(pictures, position, np.ones(SHAPE, np.bool_))


def distortion(x: Map, y: Map, k: int) -> tuple[Map, Map]:
    """A lens that draws the right side ever farther out: 1.2 cells from frame to frame at the border."""
    right = np.float32(3.3) * np.square(np.clip(x / SHAPE[1] - np.float32(0.4), 0, 1))
    return np.float32(k) * right, 0 * y


def rows(x: Map, y: Map, k: int) -> tuple[Map, Map]:
    """Rows swing to and fro by up to 0.8 cells."""
    return np.float32(0.8 * (k % 2)) * np.sin(y / SHAPE[0] * 4), 0 * x


def nothing(x: Map, y: Map, k: int) -> tuple[Map, Map]:
    """All frames lie on one another."""
    return 0 * x, 0 * y


@pytest.mark.parametrize("field", [distortion, rows])
def test_what_a_lens_or_a_shutter_bends_is_found_to_a_tenth_of_a_cell(field: Field) -> None:
    made = sweep(field)
    place = made.parts().place
    assert place is not None
    assert np.abs(place[COUNT // 2]).max() < 0.01
    found = np.diff(place, axis=0)
    y, x = np.mgrid[: found.shape[1], : found.shape[2]].astype(np.float32) * BLOCK + (BLOCK - 1) / 2
    for pair in range(COUNT - 1):
        before, after = (np.stack(np.broadcast_arrays(*field(x, y, k))) for k in (pair, pair + 1))
        in_focus = np.abs(x[0] / SHAPE[1] * (COUNT - 1) - pair - 0.5) < 0.5
        off = np.abs(found[pair] - (after - before)[0] - 1j * (after - before)[1])[:, in_focus]
        assert np.median(off) < 0.06
        assert np.quantile(off, 0.9) < 0.15


def test_a_person_is_told_how_many_pixels_parts_lie_apart() -> None:
    note = sweep(distortion).parts().note
    pixels = int(note.split(" pixels apart")[0].split()[-1])
    assert pixels == pytest.approx(1.2 * CELL, abs=1)


@pytest.mark.parametrize("seed", range(3))
def test_frames_that_only_change_their_focus_are_left_alone(seed: int) -> None:
    assert sweep(nothing, seed).parts() == Parts()


def test_a_near_thing_cells_away_is_told_of_and_a_small_mover_is_not() -> None:
    made = sweep(nothing)
    for size, told in ((40, False), (130, True)):
        pictures = [picture.copy() for picture in made.pictures]
        near = texture(7, (size, size)).astype(np.uint8)
        for k, picture in enumerate(pictures):
            picture[20 : 20 + size, 60 + 7 * k : 60 + 7 * k + size] = near
        parts = Sweep(pictures, made.position, made.telling).parts()
        assert (f"{7 * CELL} pixels" in parts.note) == told
        assert bool(parts.note) == told


def test_what_is_plain_or_moved_has_no_say() -> None:
    made = sweep(nothing)
    pictures = [picture.copy() for picture in made.pictures]
    for picture in pictures:
        picture[:80] = 100
    telling = made.telling.copy()
    telling[112:] = False
    left = measure(Sweep(pictures, made.position, telling), made.slots, made.position, telling)
    assert not left.weight[:, :4].any()
    assert not left.weight[:, 7:].any()
    assert left.weight[:, 5:7].any()


def test_noise_is_not_foretold_by_its_neighbours() -> None:
    grid = Grid.over(SHAPE)
    left = measure(sweep(nothing), np.arange(COUNT), sweep(nothing).position, np.ones(SHAPE, np.bool_))
    fields = fit(left, grid, COUNT // 2)
    assert fields.unexplained > 0.9
    assert quantile(np.abs(fields.foretold), left.weight, 0.95) < 0.1


def test_samples_are_those_of_a_bilinear_warp() -> None:
    picture = texture(1, (30, 40))
    rng = np.random.default_rng(2)
    x, y = (rng.uniform(-3, n + 3, (20, 20)).astype(np.float32) for n in (40, 30))
    wanted = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    assert sampled(picture, x.ravel(), y.ravel()) == pytest.approx(wanted.ravel(), abs=2.0)
