"""A veil laid over a picture is taken off again; one that no frame confirms stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from postfocus.defocus import defocus_of
from postfocus.fuse.cover import Swept
from postfocus.fuse.linear import codes, linear
from postfocus.fuse.veil import Veil, veil_of
from postfocus.light import Light
from postfocus.model.look import Frames, Look
from postfocus.model.place import Place
from postfocus.model.stroke import Stroke
from postfocus.scene import Scene
from postfocus.synth.sweep import SweepSettings
from tests.support.scenes import indexed, kept, simulated
from tests.test_defocus import light_of

SWEEP = SweepSettings(scene="grass", width=640, height=360, frames=16, seed=5, blur=10.0, tripod=True)
COUNT, RADIUS = 9, 8.0


def scene_of(settings: SweepSettings) -> Scene:
    index, folder = indexed(settings)
    return Scene(kept(settings), index, folder)


def error(picture: NDArray[np.uint16], truth: NDArray[np.uint16]) -> float:
    return float(np.square((picture.astype(np.float64) - truth) / 257)[20:-20, 20:-20].mean())


def blurred(light: NDArray[np.float32], radius: float) -> NDArray[np.float32]:
    return light if radius == 0 else np.asarray(cv2.GaussianBlur(light, (0, 0), radius / 2), np.float32)


class TwoLayers:
    """A dark bar in the middle, before a bright pattern: frames 0 to 8, focused on the bar at first."""

    def __init__(self) -> None:
        rng = np.random.default_rng(2)
        near = cv2.GaussianBlur(rng.uniform(0.0, 0.2, (160, 240)).astype(np.float32), (0, 0), 1.5)
        far = cv2.GaussianBlur(rng.uniform(-1.5, 2.5, (160, 240)).astype(np.float32), (0, 0), 1.5)
        self.far = np.asarray(np.clip(far, 0.2, 0.8), np.float32)
        self.bar = np.zeros((160, 240), np.float32)
        self.bar[:, 90:150] = 1
        self.near = np.asarray(near * self.bar, np.float32)
        self.truth = codes(self.near + (1 - self.bar) * self.far)[..., None]
        self.source = np.where(self.bar > 0, 0, COUNT - 1).astype(np.float32)

    def frame(self, slot: int) -> NDArray[np.float32]:
        """Linear light of a frame."""
        steps = RADIUS / (COUNT - 1)
        bar, near = (blurred(layer, steps * slot) for layer in (self.bar, self.near))
        return np.asarray(near + (1 - bar) * blurred(self.far, steps * (COUNT - 1 - slot)), np.float32)

    def unveiled(self, slot: int) -> NDArray[np.float32]:
        """Linear light of a frame in a world that looks as the merged picture does, with no veil in it."""
        rest, radius = 1 - self.bar, RADIUS / (COUNT - 1) * (COUNT - 1 - slot)
        behind = blurred(linear(self.merged()[..., 0]) * rest, radius) / np.maximum(
            blurred(rest, radius), 0.1
        )
        return np.asarray(np.where(self.bar > 0, self.near, behind), np.float32)

    def merged(self) -> NDArray[np.uint16]:
        """Each place from the frame that shows it sharpest."""
        return codes(np.where(self.bar > 0, self.frame(0), self.frame(COUNT - 1)))[..., None]


def levels(frame: Callable[[int], NDArray[np.float32]]) -> NDArray[np.uint8]:
    """Coarse cells of two pixels a side, of every frame."""
    frames = ((codes(frame(slot)) / 257).astype(np.float32) for slot in range(COUNT))
    return np.rint([cv2.resize(one, (120, 80), interpolation=cv2.INTER_AREA) for one in frames]).astype(
        np.uint8
    )


TWO = TwoLayers()
SOURCE = np.asarray(cv2.resize(TWO.source, (120, 80), interpolation=cv2.INTER_NEAREST), np.float32)


def found(maps: NDArray[np.uint8], alone: NDArray[np.bool_] | None = None) -> Veil | None:
    return veil_in(TWO.merged(), light_of(maps), alone)


def veil_in(picture: NDArray[np.uint16], light: Light, alone: NDArray[np.bool_] | None = None) -> Veil | None:
    slots = np.arange(COUNT)
    cells = np.repeat(np.repeat(SOURCE, 2, axis=0), 2, axis=1)
    return veil_of(picture, SOURCE, Swept(slots, defocus_of(light, cells, slots), light), 1, alone)


def test_the_veil_of_a_bar_is_taken_off() -> None:
    picture, veil = TWO.merged(), found(levels(TWO.frame))
    assert veil is not None
    before = error(picture, TWO.truth)
    veil.lift(picture)
    assert error(picture, TWO.truth) < 0.4 * before
    beside = np.zeros(TWO.bar.shape, np.bool_)
    beside[:, 70:90] = beside[:, 150:170] = True
    assert (veil.cells & ~beside).mean() < 0.01
    np.testing.assert_array_equal(picture[:, 92:148], TWO.merged()[:, 92:148])


def test_where_frames_show_no_veil_none_is_taken_off() -> None:
    """The far side is dark beside the bar by itself: so it is in frames focused on the bar, too."""
    veil = found(levels(TWO.unveiled))
    assert veil is None or veil.taken.mean() < 0.002


def test_cells_that_are_to_be_left_alone_are() -> None:
    alone = np.zeros(TWO.bar.shape, np.bool_)
    alone[:, :120] = True
    veil = found(levels(TWO.frame), alone)
    assert veil is not None
    assert not veil.taken[:, :120].any()
    assert veil.cells[:, 150:].any()


def test_near_clipped_light_nothing_is_taken_off() -> None:
    picture = TWO.merged()
    picture[70:90, 152:158] = 65535
    veil = veil_in(picture, light_of(levels(TWO.frame)))
    assert veil is not None
    assert not veil.taken[68:92, 149:161].any()
    assert veil.cells[:, 70:90].any()


def test_what_all_lies_at_one_depth_has_no_veil() -> None:
    assert found(np.repeat(levels(TWO.frame)[:1], COUNT, axis=0)) is None


def test_a_known_veil_is_lifted_exactly_and_only_by_its_share() -> None:
    light, cover = np.full((20, 30, 3), 0.2, np.float32), np.full((20, 30), 0.4, np.float32)
    own = np.random.default_rng(1).uniform(0.3, 0.9, (40, 60, 3)).astype(np.float32)
    seen = codes(0.2 + 0.6 * own)
    whole = seen.copy()
    Veil(cover, light, cover, 2).lift(whole)
    np.testing.assert_allclose(linear(whole), own, atol=2e-4)
    half = seen.copy()
    Veil(cover, light, cover / 2, 2).lift(half)
    np.testing.assert_allclose(linear(half), (own + linear(seen)) / 2, atol=2e-4)
    none = seen.copy()
    Veil(cover, light, np.zeros_like(cover), 2).lift(none)
    np.testing.assert_array_equal(none, seen)


def test_what_is_darker_than_its_veil_is_left() -> None:
    light, cover = np.full((20, 30, 1), 0.2, np.float32), np.full((20, 30), 0.4, np.float32)
    seen = codes(np.full((20, 30, 1), 0.19, np.float32))
    same = seen.copy()
    Veil(cover, light, cover, 1).lift(same)
    np.testing.assert_array_equal(same, seen)


def test_codes_are_those_of_srgb() -> None:
    some = np.arange(0, 65536, 257, dtype=np.uint16)
    np.testing.assert_array_equal(codes(linear(some)), some)
    assert linear(np.array([0, 32896, 65535], np.uint16)) == pytest.approx([0, 0.2159, 1], abs=2e-4)


def test_a_merge_gains_by_it_and_its_map_travels() -> None:
    scene = scene_of(SWEEP)
    frame = scene.reference
    with_glow = scene.stack(Look(reference=frame, keep_glow=True))
    without = scene.stack(Look(reference=frame))
    truth = simulated(SWEEP)[0].truth.codes(16)
    assert error(without.pixels, truth) < 0.98 * error(with_glow.pixels, truth)
    assert with_glow.glow is None
    assert "glow" not in with_glow.record
    assert without.glow is not None
    assert without.glow.shape == without.pixels.shape[:2]
    assert 0.001 < without.record["glow"] == pytest.approx(without.glow.mean(), abs=1e-4)
    changed = (without.pixels != with_glow.pixels).any(axis=2)
    assert not (changed & ~(cv2.dilate(without.glow.astype(np.uint8), np.ones((41, 41), np.uint8)) > 0)).all()
    assert (changed & without.glow).sum() > 0.8 * without.glow.sum()


def test_a_range_and_what_was_painted_keep_their_glow() -> None:
    scene = scene_of(SWEEP)
    part = Look(frames=Frames(2, 13))
    assert scene.stack(part).glow is None
    plain = scene.stack()
    assert plain.glow is not None
    rows, cols = np.nonzero(plain.glow)
    at = Place(float(np.median(cols)) / 640, float(np.median(rows)) / 360)
    stroke = Stroke(scene.reference, (at,), 0.1, 0.0)
    painted, raw = (scene.stack(Look(retouch=(stroke,), keep_glow=keep)) for keep in (False, True))
    assert painted.glow is not None
    y, x = np.mgrid[:360, :640]
    under = np.hypot(x - at.x * 640, y - at.y * 360) < 0.09 * 640
    assert (plain.glow & under).any()
    assert not (painted.glow & under).any()
    np.testing.assert_array_equal(painted.pixels[under], raw.pixels[under])


def test_in_the_geometry_of_another_frame_it_is_found_as_well() -> None:
    settings = replace(SWEEP, tripod=False, shake=40.0, breathing=0.04)
    scene = scene_of(settings)
    shares = [scene.stack(Look(reference=n)).record.get("glow", 0) for n in (scene.reference, 0)]
    assert min(shares) > 0.001
    assert max(shares) < 3 * min(shares)
