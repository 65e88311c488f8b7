"""Stronger noise in the dark is not taken for detail where a dark thing is blurred over bright ground."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from postfocus.focus import floor as floors
from postfocus.focus.floor import NOTHING, Evened, evened
from postfocus.focus.volume import FocusVolume, MapStack, MapWriter
from postfocus.light import Light
from postfocus.model.depth import State
from postfocus.model.frame import Frame
from postfocus.pipeline import build_index
from tests.support.scenes import SMALL, KeptSource, kept, rgb_frame, volume_of

COUNT, SIZE, SHARP = 7, (192, 320), 1
GROUND, DARK = 215.0, 40.0


def insect() -> NDArray[np.float64]:
    """A dark textured disc on bright, plain ground."""
    rng = np.random.default_rng(2)
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    picture = np.full(SIZE, GROUND)
    inside = np.hypot(y - SIZE[0] / 2, x - SIZE[1] / 2) < 40
    picture[inside] = DARK + rng.uniform(-25, 25, SIZE)[inside]
    return picture


def sweep() -> KeptSource:
    """Frames of it, sharpest in frame `SHARP`; the darker a place, the more noise."""
    rng = np.random.default_rng(3)
    frames: list[Frame] = []
    for number in range(COUNT):
        seen = cv2.GaussianBlur(insect(), (0, 0), 0.3 + 3.0 * abs(number - SHARP))
        seen = seen + rng.normal(size=SIZE) * np.interp(seen, (DARK, GROUND), (8.0, 1.0))
        codes = np.clip(np.rint(seen), 0, 255).astype(np.uint8)
        frames.append(rgb_frame(codes[..., None].repeat(3, axis=2), number))
    source = kept(replace(SMALL, width=SIZE[1], height=SIZE[0], frames=COUNT), frames)
    source.info = replace(source.info, width=SIZE[1], height=SIZE[0])
    return source


def taken_for_detail(folder: Path) -> float:
    """Share of the ground beside the disc, where its blur lies, that is taken for something in focus."""
    folder.mkdir()
    index = build_index(sweep(), folder)
    y, x = np.mgrid[: SIZE[0] : index.pool, : SIZE[1] : index.pool]
    away = np.hypot(y + index.pool / 2 - SIZE[0] / 2, x + index.pool / 2 - SIZE[1] / 2)
    return float((index.depth.state == State.IN_FOCUS)[(away > 52) & (away < 58)].mean())


def test_a_shadow_on_plain_ground_is_not_taken_for_detail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = taken_for_detail(tmp_path / "with")
    monkeypatch.setattr(floors, "WORTH", np.inf)
    assert share < 0.25
    assert taken_for_detail(tmp_path / "without") > 0.45


def light_of(tmp_path: Path, levels: NDArray[np.uint8]) -> Light:
    with MapWriter(tmp_path / "light") as writer:
        for level in levels:
            writer.append(level)
    return Light(MapStack(tmp_path / "light", *levels.shape), np.ones(len(levels)))


@pytest.mark.parametrize("shape", [(40, 60), (41, 61)])
def test_what_noise_adds_is_taken_off_at_each_brightness(tmp_path: Path, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(4)
    levels = np.where(np.arange(30) < 15, 30, 200).astype(np.uint8)[None, None].repeat(20, 1).repeat(9, 0)
    dark = np.arange(shape[1]) < 30
    scores = np.where(dark, 1.2, 0.4) + 0.02 * rng.random((9, *shape))
    scores[4, 10:20, 10:50] += 3
    scores[:, :3] = 0
    volume = volume_of(scores, tmp_path / "v")
    out = evened(volume, light_of(tmp_path, levels), np.arange(9))
    assert isinstance(out, Evened)
    plain = out.frame(2)[4:]
    assert plain[:, dark].mean() == pytest.approx(plain[:, ~dark].mean(), abs=0.1)
    assert (out.frame(4)[10:20, 10:50] > 2.5).all()
    assert not out.frame(0)[:3].any()
    assert (out.frame(0)[3:] >= NOTHING).all()
    for top, bottom in ((0, shape[0]), (7, 22), (shape[0] - 1, shape[0])):
        bands = np.stack(list(out.band(top, bottom)))
        assert np.array_equal(bands, np.stack([out.frame(k)[top:bottom] for k in range(9)]))


def test_where_noise_is_the_same_everywhere_nothing_is_done(tmp_path: Path) -> None:
    levels = np.full((5, 20, 30), 90, np.uint8)
    levels[:, :, 15:] = 180
    volume = volume_of(np.full((5, 40, 60), 0.5), tmp_path / "v")
    assert isinstance(volume, FocusVolume)
    assert evened(volume, light_of(tmp_path, levels), np.arange(5)) is volume


def test_frames_that_show_nothing_tell_nothing(tmp_path: Path) -> None:
    volume = volume_of(np.zeros((3, 40, 60)), tmp_path / "v")
    assert evened(volume, light_of(tmp_path, np.zeros((3, 20, 30), np.uint8)), np.arange(3)) is volume
