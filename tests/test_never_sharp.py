"""Sweeps that stop too early are rendered; what they miss is found in their merges, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from postfocus.cells import in_view
from postfocus.model.look import Frames, Look
from postfocus.model.picture import Picture
from postfocus.never_sharp import NeverSharp
from postfocus.scene import Scene
from postfocus.slabs import save_slabs
from postfocus.synth.sweep import SweepSettings
from tests.support.scenes import indexed, kept, simulated

COUNT = 16
WHOLE = SweepSettings(scene="still-life", width=480, height=270, frames=COUNT, seed=3, blur=8.0)


def sweep(first: float, last: float, scene: str = "still-life", count: int = COUNT) -> SweepSettings:
    """A sweep whose focus goes from one unit of depth to another; the scene lies between 0 and 1."""
    focus = tuple(np.linspace(first, last, count).round(4).tolist())
    return replace(WHOLE, scene=scene, frames=count, focus=focus)


def scene_of(settings: SweepSettings) -> Scene:
    index, folder = indexed(settings)
    return Scene(kept(settings), index, folder)


def missed(settings: SweepSettings, steps: float) -> NDArray[np.bool_]:
    """Where the scene lies so many steps of focus beyond the ends of the sweep."""
    unit, (low, high) = simulated(settings)[0].truth.unit, sorted((settings.focus[0], settings.focus[-1]))
    step = (high - low) / (settings.frames - 1)
    return (unit < low - steps * step) | (unit > high + steps * step)


def told(picture: Picture) -> list[str]:
    return [note for note in picture.notes if "sharp in no merged frame" in note]


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        (sweep(0.4, 1.04), "before frame 0, the first"),
        (sweep(1.04, 0.4), f"after frame {COUNT - 1}, the last"),
        (sweep(-0.04, 0.65, "landscape"), f"after frame {COUNT - 1}, the last"),
    ],
    ids=["near", "near, from far to near", "far"],
)
def test_what_lies_beyond_the_sweep_is_found_and_nothing_else(settings: SweepSettings, where: str) -> None:
    picture = scene_of(settings).stack()
    assert picture.never_sharp is not None
    (note,) = told(picture)
    assert where in note
    found, textured = picture.never_sharp, simulated(settings)[0].truth.texture > 8
    assert found.shape == picture.pixels.shape[:2]
    assert picture.record["never_sharp"] == pytest.approx(found.mean(), abs=1e-4)
    # What is so far out of focus that no texture is left in it cannot be told from a plain wall.
    assert (found & missed(settings, 2)).sum() > 0.2 * (textured & missed(settings, 2)).sum()
    beside = cv2.dilate(missed(settings, 1).astype(np.uint8), np.ones((17, 17), np.uint8)) > 0
    assert (found & ~beside).mean() < 0.02 * max(0.5, beside.mean())
    assert (found & beside).sum() > 10 * (found & ~beside).sum()


@pytest.mark.parametrize(
    "settings",
    [sweep(-0.04, 1.04), sweep(-0.04, 1.04, "lights"), sweep(0.4, 1.04, count=12)],
    ids=["still life", "lights", "too few frames to tell"],
)
def test_where_nothing_is_known_to_be_missed_nothing_is_said(settings: SweepSettings) -> None:
    picture = scene_of(settings).stack()
    assert picture.never_sharp is None
    assert "never_sharp" not in picture.record
    assert told(picture) == []


def test_what_lies_beside_chosen_frames_is_meant_to_be_blurred() -> None:
    settings = sweep(0.4, 1.04)
    part = scene_of(settings).stack(Look(frames=Frames(0, 9)))
    assert part.never_sharp is None
    assert told(part) == []


def test_slabs_are_blurred_by_intent_but_the_whole_is_told_of(tmp_path: Path) -> None:
    *slabs, whole = save_slabs(scene_of(sweep(0.4, 1.04)), tmp_path / "a.png", COUNT // 2)
    assert len(slabs) == 2
    assert all(slab.notes == () for slab in slabs)
    (note,) = whole.notes
    assert "before frame 0, the first" in note


def test_the_map_follows_the_geometry_of_another_frame() -> None:
    settings = replace(sweep(0.4, 1.04), shake=60.0, breathing=0.1)
    scene = scene_of(settings)
    number = int(scene.index.frames[-1])
    usual, other = scene.stack().never_sharp, scene.stack(Look(reference=number)).never_sharp
    assert usual is not None
    assert other is not None
    alignment = scene.index.alignment
    view = np.linalg.inv(np.vstack([alignment.matrix(len(alignment.frames) - 1), [0, 0, 1]]))[:2]
    moved = in_view(usual, view)
    assert np.abs(view @ (479, 269, 1) - (479, 269)).max() > 8
    assert (moved & other).sum() > 0.7 * (moved | other).sum()
    assert (usual & other).sum() < 0.6 * (usual | other).sum()


def test_both_ends_are_told_of() -> None:
    near, far, none = np.zeros((3, 10, 10), np.bool_)
    near[:3], far[9:] = True, True
    first, last = NeverSharp(near, far, 2, 30).notes()
    assert first.startswith("about 30 % of the picture is sharp in no merged frame: it ")
    assert "before frame 2, the first; begin nearer next time" in first
    assert last.startswith("about 10 % ")
    assert "after frame 30, the last; end farther away next time" in last
    assert NeverSharp(none, far, 2, 30).notes() == (last,)
