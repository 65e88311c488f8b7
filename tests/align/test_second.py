"""Strongly blurred frames are laid on one another by what blur leaves alike."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from postfocus.align.alike import Comparison, Evidence
from postfocus.align.luminance import LIT, Copy
from postfocus.align.picture import Picture
from postfocus.align.scales import scales_of
from postfocus.align.second import Known, align_again, moved_by
from postfocus.align.together import apart, correct, corrected
from postfocus.model.alignment import Alignment
from postfocus.model.defocus import Defocus
from tests.align.scenes import texture

H, W, COUNT, CELL = 180, 320, 16, 2
STEP = 1.2
"""Cells of blur from frame to frame."""


def copy_of(light: Picture) -> Copy:
    return Copy(light, np.asarray(light >= LIT))


class Sweep:
    """A floor that rises from the front to the back, photographed from near to far by a hand.

    Every row of cells lies at one depth; frames are blurred by so many cells as they are frames away.
    """

    def __init__(self, seed: int, *, handheld: bool) -> None:
        rng = np.random.default_rng(seed)
        edge = 60
        scene = np.square(texture(rng, H + 2 * edge, W + 2 * edge) / 255) * 255
        rows = np.clip(np.arange(H + 2 * edge) - edge, 0, H - 1)
        self.slot = np.interp(rows, (0, H - 1), (0, COUNT - 1))
        a = 1 + 0.004 * (np.arange(COUNT) - COUNT // 2) + 0.001j * rng.normal(size=COUNT)
        b = 3 * (rng.normal(size=COUNT) + 1j * rng.normal(size=COUNT))
        still = Alignment.still(CELL * W, CELL * H, np.arange(COUNT))
        self.truth = replace(still, a=a, b=b).with_reference(COUNT // 2) if handheld else still
        self.maps = [self._seen(scene, slot, edge, rng) for slot in range(COUNT)]

    def _seen(self, scene: Picture, slot: int, edge: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        away = np.abs(self.slot - slot) * STEP
        levels = np.arange(0, int(away.max()) + 2)
        blurred = [scene] + [cv2.GaussianBlur(scene, (0, 0), level / 2) for level in levels[1:]]
        light = np.empty_like(scene)
        for row, radius in enumerate(away):
            low = int(radius)
            light[row] = blurred[low][row] * (low + 1 - radius) + blurred[low + 1][row] * (radius - low)
        m = np.linalg.inv(np.vstack([self.truth.matrix(slot, CELL), [0, 0, 1]]))[:2]
        m[:, 2] += edge
        moved = cv2.warpAffine(
            light.astype(np.float32), m, (W, H), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        )
        codes = np.sqrt(np.clip(moved, 0, 255) * 255) + rng.normal(0, 0.3, moved.shape)
        return np.clip(np.rint(codes), 0, 255).astype(np.uint8)

    def one(self, slot: int) -> Copy:
        return copy_of(np.square(self.maps[slot].astype(np.float32)) / 255)

    def known(self) -> Known:
        source = np.repeat(np.interp(np.arange(H), (0, H - 1), (0, COUNT - 1))[:, None], W, 1)
        return Known(
            self, np.arange(COUNT), Defocus(STEP * np.arange(COUNT)), source.astype(np.float32),
            np.ones((H, W), np.bool_), CELL,
        )  # fmt: skip


def drifted(truth: Alignment, scale: float) -> Alignment:
    """Poses that grow from frame to frame, as blur makes them."""
    steps = np.arange(COUNT) - truth.reference
    return replace(truth, a=truth.a * (1 + scale * steps), b=truth.b + 0.3 * steps)


def corners_off(one: Alignment, other: Alignment) -> float:
    half = complex(one.width, one.height) / 2
    return float(np.abs((one.a - other.a) * half + one.b - other.b).max())


@pytest.mark.parametrize("seed", [1, 2])
def test_drift_of_blurred_frames_is_taken_back(seed: int) -> None:
    sweep = Sweep(seed, handheld=True)
    before = drifted(sweep.truth, 0.0015)
    assert corners_off(before, sweep.truth) > 4
    after = align_again(sweep.known(), before, before)
    assert after is not None
    assert corners_off(after, sweep.truth) < 0.35
    assert after.reference == before.reference
    assert after.a[after.reference] == 1
    assert after.b[after.reference] == 0
    assert np.all(after.error < 1)


def test_motion_found_by_blur_alone_is_dropped() -> None:
    sweep = Sweep(3, handheld=False)
    before = drifted(sweep.truth, 0.0008)
    after = align_again(sweep.known(), before, before)
    assert after is not None
    assert np.all(after.a == 1)
    assert np.all(after.b == 0)


def test_mild_blur_and_still_cameras_are_left_alone() -> None:
    sweep = Sweep(4, handheld=True)
    known, before = sweep.known(), drifted(sweep.truth, 0.0015)
    assert align_again(replace(known, defocus=Defocus(0.3 * np.arange(COUNT))), before, before) is None
    assert align_again(replace(known, defocus=None), before, before) is None
    assert align_again(replace(known, slots=np.array([0, 15])), before, before) is None
    still = Alignment.still(CELL * W, CELL * H, np.arange(COUNT))
    assert align_again(known, still, still) is None


def test_without_any_texture_nothing_is_said() -> None:
    sweep = Sweep(5, handheld=True)
    sweep.maps = [np.full((H, W), 90, np.uint8)] * COUNT
    before = drifted(sweep.truth, 0.0015)
    assert align_again(sweep.known(), before, before) is None


def test_lost_frames_stay_where_their_neighbours_say() -> None:
    sweep = Sweep(6, handheld=True)
    before = drifted(sweep.truth, 0.0015)
    known = sweep.known()
    slots = np.delete(known.slots, 11)
    after = align_again(replace(known, slots=slots), before, before)
    assert after is not None
    assert corners_off(after, sweep.truth) < 0.5


def test_matched_blur_shows_no_motion_where_there_is_none() -> None:
    sweep = Sweep(7, handheld=True)
    known = sweep.known()
    light = [sweep.one(slot) for slot in range(COUNT)]
    place = known.defocus.place if known.defocus else np.zeros(0)
    scales = list(scales_of(light, place, (STEP * known.source).astype(np.float32), known.telling, 3.0))
    assert [scale.factor for scale in scales] == [1, 2, 4]
    for scale in scales[:2]:
        compared = Comparison(scale, sweep.truth, list(range(COUNT)), place, CELL * scale.factor)
        assert apart(list(compared.evidence())) < 0.15 * scale.factor


def test_one_correction_is_exact_for_small_motion() -> None:
    sweep = Sweep(8, handheld=True)
    known = sweep.known()
    light = [sweep.one(slot) for slot in range(COUNT)]
    place = known.defocus.place if known.defocus else np.zeros(0)
    scale = next(iter(scales_of(light, place, (STEP * known.source).astype(np.float32), known.telling, 3.0)))
    before = drifted(sweep.truth, 0.0001)
    slots = list(range(COUNT))
    evidence = list(Comparison(scale, before, slots, place, CELL).evidence())
    found = correct(evidence, before, before, slots, before.reference)
    assert np.all(found.motion[before.reference] == 0)
    assert corners_off(corrected(before, slots, found), sweep.truth) < 0.5 * corners_off(before, sweep.truth)


def told(
    frames: list[Picture], place: list[float], telling: NDArray[np.bool_],
    depth: NDArray[np.float32] | None = None,
) -> list[Evidence]:  # fmt: skip
    """What two frames, the first one sharp, say by poses that are right; depth is 0 unless it is given."""
    depth = np.zeros((H, W), np.float32) if depth is None else depth
    copies = [copy_of(frame) for frame in frames]
    scale = next(iter(scales_of(copies, np.array(place), depth, telling, 6.0)))
    still = Alignment.still(CELL * W, CELL * H, np.arange(2))
    return list(Comparison(scale, still, [0, 1], np.array(place), CELL).evidence())


@pytest.mark.parametrize("foretold", [2.5, 3.5, 4.5])
def test_an_outline_known_on_one_side_does_not_move_where_blur_is_not_quite_as_foretold(
    foretold: float,
) -> None:
    outline = 160 + 12 * np.sin(np.arange(H) / 9)[:, None]
    across = np.arange(W)[None]
    inside = across < outline
    scene = np.where(inside, 30 + 0.2 * texture(np.random.default_rng(9), H, W), 180).astype(np.float32)
    blurred = np.asarray(cv2.GaussianBlur(scene, (0, 0), 2.0), np.float32)
    evidence = told([scene, blurred], [0.0, foretold], inside & (across > outline - 12))
    assert evidence
    assert apart(evidence) < 0.25


@pytest.mark.parametrize("foretold", [2.0, 3.5, 5.0])
def test_where_only_one_side_of_an_outline_may_be_asked_more_blur_is_not_motion(foretold: float) -> None:
    across = np.broadcast_to(np.arange(W)[None], (H, W))
    noise = texture(np.random.default_rng(11), H, W)
    scene = np.where(across < 160, 60 + 0.1 * noise, 120 + 0.1 * noise).astype(np.float32)
    blurred = np.asarray(cv2.GaussianBlur(scene, (0, 0), 2.0), np.float32)
    depth = np.where(across < 160, 0, 20).astype(np.float32)
    evidence = told([scene, blurred], [0.0, foretold], across < 170, depth)
    assert evidence
    assert apart(evidence) < 0.12


def test_plain_cells_belong_to_the_depth_they_seem_to_have() -> None:
    across = np.broadcast_to(np.arange(W)[None], (H, W))
    depth = np.where(across < 100, 0, 20).astype(np.float32)
    picture = [copy_of(np.zeros((H, W), np.float32))] * 2
    scale = next(iter(scales_of(picture, np.array([0.0, 20.0]), depth, (across < 97) | (across > 200), 6.0)))
    near, far = scale.regions
    assert (near.sharp, far.sharp) == (0, 1)
    assert (near.at % W).max() == 99
    assert (far.at % W).min() == 201 - 8
    assert len(np.intersect1d(near.at, far.at)) == 0


def test_clipped_light_that_is_not_blurred_as_it_looks_says_nothing() -> None:
    y, x = np.mgrid[:H, :W]
    across, down = (x - 20) % 60 - 30, (y - 10) % 45 - 22
    scene = 40 + 0.2 * texture(np.random.default_rng(10), H, W)
    scene[(across**2 + down**2 <= 9) & (across < 0)] = 2500
    scene[(across**2 + down**2 <= 9) & (across >= 0)] = 260
    frames = [
        np.minimum(one, 255).astype(np.float32) for one in (scene, cv2.GaussianBlur(scene, (0, 0), 1.7))
    ]
    assert apart(told(frames, [0.0, 3.0], np.ones((H, W), np.bool_))) < 0.12


def test_how_far_poses_moved() -> None:
    still = Alignment.still(300, 400, np.arange(5))
    assert moved_by(still, still) == 0
    assert moved_by(still, replace(still, b=still.b + 2j)) == pytest.approx(2)
    assert moved_by(still, replace(still, a=still.a * 1.01)) == pytest.approx(2.5)
