"""A scene is touched, merged and cut, and says in words what it cannot do."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest

from postfocus.depth.pick import SURE
from postfocus.errors import BadUse, CannotRead, NothingSharp
from postfocus.io.previews import Previews
from postfocus.model.look import Frames, Look, Pick, Place, Stroke
from postfocus.model.picture import Picture
from postfocus.scene import Scene
from postfocus.settings import VOLUME
from tests.support.scenes import SMALL, indexed, kept, simulated


@pytest.fixture
def scene() -> Scene:
    index, folder = indexed(SMALL)
    return Scene(kept(SMALL), index, folder)


def sharp_place(scene: Scene, low: float, high: float) -> tuple[float, float]:
    """A place, as fractions, whose true depth lies in a range of frames and that is sure of it."""
    truth = simulated(SMALL)[0].truth
    good = (truth.depth > low) & (truth.depth < high) & (truth.texture > 8) & ~truth.near_edge(16)
    good &= scene.depth.state == 0
    inner = np.zeros_like(good)
    inner[12:-12, 12:-12] = True  # at the very border the frames show less and less of a place
    good &= inner
    score = np.where(good, scene.depth.confidence, 0)
    row, col = np.unravel_index(int(score.argmax()), score.shape)
    assert score[row, col] > 0.5
    return (float(col) + 0.5) / 480, (float(row) + 0.5) / 270


def test_a_touch_finds_the_frame_that_is_sharpest_there(scene):
    truth = simulated(SMALL)[0].truth
    for low, high in ((1, 4), (4, 7), (7, 10)):
        x, y = sharp_place(scene, low, high)
        pick = scene.pick(x, y)
        assert abs(pick.frame - truth.depth[int(y * 270), int(x * 480)]) < 0.5
        assert pick.saved_frame == round(pick.frame)
        assert pick.state == "in focus"
        assert pick.confidence > 0.4
        scene.require_sharp(pick)


def test_every_place_has_an_answer(scene):
    for x, y in ((0, 0), (1, 1), (0, 1), (1, 0), (0.5, 0.5)):
        pick = scene.pick(x, y)
        assert 0 <= pick.frame <= 11
        assert 0 <= pick.confidence <= 1


@pytest.mark.parametrize(("x", "y"), [(-0.1, 0), (0, 1.1), (float("nan"), 0), (0, float("inf"))])
def test_places_outside_are_refused(scene, x, y):
    with pytest.raises(BadUse, match="fraction"):
        scene.pick(x, y)


def test_an_unsure_touch_takes_the_depth_of_its_surer_neighbours(scene):
    depth = scene.depth
    rows, cols = depth.position.shape
    told = [
        (scene.pick((col + 0.5) / cols, (row + 0.5) / rows), depth.position[row, col])
        for row in range(2, rows, 7)
        for col in range(2, cols, 7)
    ]
    unsure = [(pick, known) for pick, known in told if pick.state == "in focus" and pick.confidence < SURE]
    assert unsure
    for pick, known in unsure:
        assert pick.frame == pytest.approx(float(known))


@pytest.mark.parametrize("state", ["no texture", "outside the sweep", "moved"])
def test_what_is_not_sharp_is_told_why(scene, state):
    with pytest.raises(NothingSharp, match=r"0\.5,0\.25: .*[^.]; touch [^-]*$"):
        scene.require_sharp(Pick(Place(0.5, 0.25), 3.0, 3, 0.1, state))


def test_a_picked_frame_is_the_original(scene):
    pick = scene.pick(*sharp_place(scene, 4, 7))
    picture = scene.picture(pick)
    _, frames = simulated(SMALL)
    np.testing.assert_array_equal(picture.pixels, frames[pick.saved_frame].planes[0])
    assert picture.record["frame"] == pick.saved_frame
    assert picture.record["position"] == round(pick.frame, 3)
    assert Look.from_json(picture.record["look"]).focus == pick.at
    assert picture.moment is None
    assert picture.valid is None
    assert scene.picture(3).record["look"] == {"frames": {"first": 3, "last": 3}}


def test_time_of_a_video_frame_goes_along(scene):
    index = replace(scene.index, info=replace(scene.index.info, kind="video"))
    assert Scene(scene.source, index, scene.folder).picture(6).moment == Fraction(6 * 1001, 30000)


def test_an_aligned_frame_lies_on_the_reference(scene):
    reference = scene.picture(scene.reference).pixels.astype(float)
    for number in (1, 10):
        moved = scene.picture(number, aligned=True)
        plain = scene.picture(number).pixels.astype(float)
        v = moved.valid
        assert v is not None
        inside = (slice(v.y, v.y + v.h), slice(v.x, v.x + v.w))
        error = np.abs(moved.pixels - reference)[inside].mean()
        assert error <= np.abs(plain - reference)[inside].mean() + 0.05
        assert moved.cropped().pixels.shape == (v.h, v.w, 3)
    same = scene.picture(scene.reference, aligned=True)
    np.testing.assert_array_equal(same.pixels, reference.astype(np.uint8))


@pytest.mark.parametrize("number", [-1, 12, 10**9])
def test_no_such_frame(scene, number):
    with pytest.raises(BadUse, match="no readable frame"):
        scene.picture(number)


def test_stack_of_all(scene):
    told = []
    picture = scene.stack(progress=lambda *how: told.append(how))
    assert picture.pixels.dtype == np.uint16
    assert picture.pixels.shape == (270, 480, 3)
    assert picture.record["frames_used"] == list(range(12))
    assert picture.record["reference_frame"] == scene.reference
    assert picture.valid is not None
    assert picture.valid.w > 440
    assert told[-1] == ("merge", 24, 24)  # few frames are read twice


def used(picture) -> list[int]:
    return picture.record["frames_used"]


def test_ranges_by_number(scene):
    assert used(scene.stack(Look(frames=Frames(3, 6)))) == [3, 4, 5, 6]
    assert used(scene.stack(Look(frames=Frames(None, 2)))) == [0, 1, 2]
    assert used(scene.stack(Look(frames=Frames(9, 400)))) == [9, 10, 11]
    assert used(scene.stack(Look(frames=Frames(4, 4)))) == [4]
    with pytest.raises(BadUse, match="no frame 12"):
        scene.stack(Look(frames=Frames(12, 14)))


def test_ranges_by_two_places_in_either_order(scene):
    near, far = Place(*sharp_place(scene, 1, 4)), Place(*sharp_place(scene, 7, 10))
    one, other = scene.pick(near.x, near.y).frame, scene.pick(far.x, far.y).frame
    wanted = list(range(int(np.floor(one)), int(np.ceil(other)) + 1))
    assert used(scene.stack(Look(near=near, far=far))) == wanted
    assert used(scene.stack(Look(near=far, far=near))) == wanted
    assert used(scene.stack(Look(near=near))) == list(range(wanted[0], 12))
    assert used(scene.stack(Look(far=far))) == list(range(wanted[-1] + 1))


def test_one_frame_alone_is_itself(scene):
    picture = scene.stack(Look(frames=Frames(scene.reference, scene.reference)))
    _, frames = simulated(SMALL)
    assert np.abs(picture.pixels / 257.0 - frames[scene.reference].planes[0]).max() <= 1


def test_a_reference_of_ones_own(scene):
    picture = scene.stack(Look(reference=2))
    assert picture.record["reference_frame"] == 2
    with pytest.raises(BadUse, match="no readable frame 99"):
        scene.stack(Look(reference=99))


def test_lost_frames_are_no_reference_and_not_aligned(scene):
    state = ("lost", *scene.index.alignment.state[1:])
    index = replace(scene.index, alignment=replace(scene.index.alignment, state=state))
    lost = Scene(scene.source, index, scene.folder)
    with pytest.raises(BadUse, match="frame 0 could not be aligned"):
        lost.stack(Look(reference=0))
    with pytest.raises(BadUse, match="as it was recorded"):
        lost.picture(0, aligned=True)
    assert lost.picture(0).pixels.shape == (270, 480, 3)
    with pytest.raises(BadUse, match="no usable frame"):
        lost.stack(Look(frames=Frames(0, 0)))


def test_the_best_frames_are_few_and_in_order(scene):
    for most in (1, 2, 4, 50):
        chosen = scene.best(most)
        assert chosen == sorted(set(chosen))
        assert 1 <= len(chosen) <= min(most, 12)
    assert scene.best(1)[0] in range(1, 11)
    with pytest.raises(BadUse, match="at least one"):
        scene.best(0)


def test_limited_to_a_range(scene):
    small = scene.limited(Frames(2, 6))
    assert (small.sweep.first, small.sweep.last) == (2, 6)
    assert "by hand" in small.sweep.findings[0]
    assert 2 <= small.depth.position.min() <= small.depth.position.max() <= 6
    x, y = sharp_place(scene, 3, 5)
    assert abs(small.pick(x, y).frame - scene.pick(x, y).frame) < 0.6
    x, y = sharp_place(scene, 8, 10)
    assert small.pick(x, y).saved_frame >= 5
    assert used(small.stack()) == [2, 3, 4, 5, 6]
    for frames, words in ((Frames(4, 4), "fewer than two"), (Frames(12, None), "no frame 12")):
        with pytest.raises(BadUse, match=words):
            scene.limited(frames)


def test_an_index_that_vanished_is_named(scene, tmp_path):
    gone = Scene(scene.source, scene.index, tmp_path / "gone")
    for work in (lambda: gone.pick(0.5, 0.5), gone.stack, lambda: gone.previews.jpeg(0)):
        with pytest.raises(CannotRead, match="index the sweep again"):
            work()
    (tmp_path / VOLUME).write_bytes(b"short")
    with pytest.raises(CannotRead, match="incomplete"):
        Scene(scene.source, scene.index, tmp_path).pick(0.5, 0.5)


def test_a_closed_scene_lets_go(scene):
    assert isinstance(scene.previews, Previews)
    with scene:
        pass
    with pytest.raises(CannotRead, match="closed"):
        scene.stack()


def test_a_retouched_place_is_the_frame_that_was_asked_for(scene):
    x, y = sharp_place(scene, 7, 10)
    stroke = Stroke(1, (Place(x, y), Place(x + 0.02, y)), 0.06, 0.4)
    look = Look(frames=Frames(5, 11), retouch=(stroke,))
    plain, found = scene.stack(Look(frames=Frames(5, 11))), scene.stack(look)
    frame = scene.picture(1, aligned=True).pixels.astype(float)
    gain = scene.index.alignment.gain[1]
    ys, xs = np.mgrid[:270, :480]
    left, right = x * 480 - 0.5, (x + 0.02) * 480 - 0.5
    away = np.hypot(xs - np.clip(xs, left, right), ys - y * 270 + 0.5)
    inside, outside = away < 0.6 * 0.06 * 480 - 2, away > 0.06 * 480 + 1
    assert (found.pixels[outside] == plain.pixels[outside]).all()
    assert np.abs(found.pixels[inside] / 257 - frame[inside] / gain).max() < 1.5
    assert np.abs(found.pixels[inside] / 257 - plain.pixels[inside] / 257).mean() > 3
    assert found.record["retouch"] == {"strokes": 1, "frames": [1]}
    assert found.record["frames_used"] == plain.record["frames_used"]
    assert found.valid == plain.valid
    assert "retouch" not in plain.record
    assert Look.from_json(found.record["look"]) == look
    assert "retouch" not in scene.picture_of(replace(look, frames=Frames(3, 3))).record["look"]


def test_the_same_decode_serves_merge_and_retouch(scene):
    strokes = tuple(Stroke(n, (Place(0.5, 0.5),), 0.02) for n in (0, 3, 0, 11))
    scene.source.decoded.clear()
    scene.stack(Look(frames=Frames(4, 6), retouch=strokes))
    assert scene.source.decoded == [4, 5, 6, *range(12)]  # few frames are looked at before they are mixed


def test_a_stroke_of_a_frame_that_cannot_be_used_is_named(scene):
    with pytest.raises(BadUse, match="no readable frame 99"):
        scene.stack(Look(retouch=(Stroke(99, (Place(0.5, 0.5),), 0.02),)))
    state = ("lost", *scene.index.alignment.state[1:])
    index = replace(scene.index, alignment=replace(scene.index.alignment, state=state))
    with pytest.raises(BadUse, match="retouch from another"):
        Scene(scene.source, index, scene.folder).stack(Look(retouch=(Stroke(0, (Place(0.5, 0.5),), 0.02),)))


def aligned_frames(scene: Scene) -> np.ndarray:
    """All frames in the reference's geometry and brightness, `(N, H, W)` grey levels."""
    gain = scene.index.alignment.gain
    return np.stack([scene.picture(k, aligned=True).pixels[..., 0] / gain[k] for k in range(12)])


def test_beside_a_range_there_is_the_blur_of_its_nearest_end_and_no_seam(scene):
    depth = simulated(SMALL)[0].truth.depth
    frames = aligned_frames(scene)
    inner = np.zeros(depth.shape, bool)
    inner[16:-16, 16:-16] = True
    picture = scene.stack(Look(frames=Frames(0, 4))).pixels[..., 0] / 257
    beyond = inner & (cv2.erode((depth > 5.5).astype(np.uint8), np.ones((21, 21))) > 0)
    assert beyond.mean() > 0.1
    error = np.abs(picture - frames[4])[beyond]
    assert error.mean() < 0.6
    assert np.quantile(error, 0.99) < 3
    others = min(np.abs(frames[k] - frames[4])[beyond].mean() for k in (2, 3, 5))
    assert error.mean() < others


def test_several_ranges_are_sharp_and_what_lies_between_is_not(scene):
    depth = simulated(SMALL)[0].truth.depth
    picture = scene.stack(Look(ranges=(Frames(9, 11), Frames(1, 3))))
    assert picture.record["frames_used"] == [1, 2, 3, 9, 10, 11]
    assert Look.from_json(picture.record["look"]).ranges == (Frames(9, 11), Frames(1, 3))
    near = used(scene.stack(Look(frames=Frames(1, 3), ranges=(Frames(2, 5), Frames(11, None)))))
    assert near == [1, 2, 3, 4, 5, 11]
    sharp = scene.stack().pixels[..., 0] / 257
    found = picture.pixels[..., 0] / 257
    frames = aligned_frames(scene)
    inner = np.zeros(depth.shape, bool)
    inner[16:-16, 16:-16] = True
    textured = simulated(SMALL)[0].truth.texture > 8
    chosen = inner & textured & (((depth > 1) & (depth < 3)) | ((depth > 9) & (depth < 11)))
    between = inner & textured & (depth > 5) & (depth < 7)
    ends = np.minimum(np.abs(found - frames[3]), np.abs(found - frames[9]))
    assert np.abs(found - sharp)[chosen].mean() < 1.5
    assert np.abs(found - sharp)[between].mean() > 2 * np.abs(found - sharp)[chosen].mean()
    assert ends[between].mean() < 0.7 * np.abs(found - sharp)[between].mean()


def test_soft_ends_give_way_by_and_by(scene):
    depth = simulated(SMALL)[0].truth.depth
    hard = scene.stack(Look(frames=Frames(0, 4)))
    soft = scene.stack(Look(frames=Frames(0, 4), soft=4))
    assert used(hard) == list(range(5))
    assert used(soft) == list(range(7))
    sharp, inner = scene.stack().pixels[..., 0] / 257, np.zeros(depth.shape, bool)
    inner[16:-16, 16:-16] = True
    inner &= simulated(SMALL)[0].truth.texture > 8

    def lost(picture: Picture, low: float, high: float) -> float:
        where = inner & (depth > low) & (depth < high)
        return float(np.abs(picture.pixels[..., 0] / 257 - sharp)[where].mean())

    assert lost(soft, 0, 4) < 1.5
    assert lost(soft, 5, 6.5) < 0.8 * lost(hard, 5, 6.5)
    assert lost(soft, 5, 6.5) < lost(soft, 7, 9)
    assert lost(soft, 7, 9) < lost(hard, 7, 9)
    with pytest.raises(BadUse, match="no frame 12"):
        scene.stack(Look(ranges=(Frames(1, 2), Frames(12, 14))))
