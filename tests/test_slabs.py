"""Slabs: each is the merge of its own frames, all lie on one another, and what is whole is not made again."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

import postfocus.merging as merging
import postfocus.slabs as slabs
from postfocus.errors import AlreadyThere, BadUse, Cancelled, CannotWrite
from postfocus.model.look import Frames, Look
from postfocus.model.sweep import Sweep
from postfocus.scene import Scene
from postfocus.slabs import Slabs, save_slabs
from tests.support.scenes import SMALL, KeptSource, indexed, kept


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A scene with notes of its own, merged as long sweeps are: every frame read once."""
    monkeypatch.setattr(merging, "DENSE", 0)
    return scene_in(tmp_path)


def scene_in(tmp_path: Path) -> Scene:
    index, folder = indexed(SMALL)
    mine = tmp_path / "index"
    mine.mkdir()
    for file in folder.iterdir():
        (mine / file.name).symlink_to(file)
    return Scene(kept(SMALL), index, mine)


@given(st.integers(1, 60), st.integers(1, 12), st.data())
def test_slabs_cover_the_sweep_in_order(count: int, size: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    slots = np.arange(count) * 3
    parts = Slabs(size, overlap).of(slots)
    assert np.array_equal(np.unique(np.concatenate(parts)), slots)
    assert [len(part) for part in parts[:-1]] == [size] * (len(parts) - 1)
    for before, after in pairwise(parts):
        assert np.array_equal(before[len(before) - overlap :], after[:overlap])
        assert len(after) > overlap


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (3, 3), (3, -1)])
def test_slabs_that_cannot_be_meant(size: int, overlap: int) -> None:
    with pytest.raises(BadUse):
        Slabs(size, overlap)


def alone(scene: Scene, frames: tuple[int, ...]) -> np.ndarray:
    """The merge of some frames, made for itself."""
    slots = np.flatnonzero(np.isin(scene.index.frames, frames))
    sweep = Sweep(slots, frames[0], frames[-1])
    return scene_stack(replace(scene, index=replace(scene.index, sweep=sweep)))


def scene_stack(scene: Scene) -> np.ndarray:
    return scene.stack().pixels


@pytest.mark.parametrize("room", [slabs.MOST_AT_ONCE, 0], ids=["one decode", "one slab at a time"])
def test_every_slab_is_the_merge_of_its_frames(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    monkeypatch.setattr(slabs, "MOST_AT_ONCE", room)
    assert isinstance(scene.source, KeptSource)
    told: list[tuple[int, int | None]] = []
    saved = save_slabs(
        scene, tmp_path / "out.tif", 5, overlap=2, progress=lambda _, done, total: told.append((done, total))
    )
    used = scene.index.frames[scene.sweep.slots].tolist()
    decoded = scene.source.decoded
    if room:
        assert decoded == list(range(used[0], used[-1] + 1))
    else:
        assert len(decoded) == sum(one.frames[-1] - one.frames[0] + 1 for one in saved)
    assert told == [(n, len(decoded)) for n in range(1, len(decoded) + 1)]
    assert [one.slab for one in saved] == [*range(1, len(saved)), None]
    assert saved[-1].frames == tuple(used)
    assert saved[0].path == tmp_path / "out-slab-01.tif"
    for one in saved:
        np.testing.assert_array_equal(tifffile.imread(one.path), alone(scene, one.frames))
        assert not one.kept


@pytest.mark.parametrize("room", [slabs.MOST_AT_ONCE, 0], ids=["one decode", "one slab at a time"])
def test_slabs_of_few_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    monkeypatch.setattr(slabs, "MOST_AT_ONCE", room)
    scene = scene_in(tmp_path)
    told: list[tuple[int, int | None]] = []
    saved = save_slabs(
        scene, tmp_path / "out.tif", 6, progress=lambda _, done, total: told.append((done, total))
    )
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    for one in saved:
        np.testing.assert_array_equal(tifffile.imread(one.path), alone(scene, one.frames))


def test_cropped_they_still_lie_on_one_another(scene: Scene, tmp_path: Path) -> None:
    look = Look(frames=Frames(2, 9), reference=4)
    saved = save_slabs(scene, tmp_path / "out.tif", 3, look=look, crop=True)
    valid = scene.stack(look).valid
    assert valid is not None
    for one in saved:
        assert tifffile.imread(one.path).shape[:2] == (valid.h, valid.w)
        assert (one.valid.w, one.valid.h) == (valid.w, valid.h)
    whole = scene.stack(look).pixels[valid.y : valid.y + valid.h, valid.x : valid.x + valid.w]
    np.testing.assert_array_equal(tifffile.imread(saved[-1].path), whole)


def stopped_after(scene: Scene, path: Path, frames: int) -> None:
    def progress(stage: str, done: int, total: int | None) -> None:
        if done > frames:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        save_slabs(scene, path, 4, progress=progress)


def test_a_second_run_goes_on_where_the_first_was_stopped(scene: Scene, tmp_path: Path) -> None:
    out = tmp_path / "out.tif"
    first, last = scene.sweep.first, scene.sweep.last
    stopped_after(scene, out, 9)
    there = sorted(path.name for path in tmp_path.glob("*.tif"))
    assert there == ["out-slab-01.tif", "out-slab-02.tif"]
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in there}
    saved = save_slabs(scene, out, 4)
    assert [one.kept for one in saved] == [True, True, *[False] * (len(saved) - 2)]
    assert before == {name: (tmp_path / name).stat().st_mtime_ns for name in there}
    fresh = save_slabs(scene, tmp_path / "other.tif", 4)
    for one, other in zip(saved, fresh, strict=True):
        np.testing.assert_array_equal(tifffile.imread(one.path), tifffile.imread(other.path))
    assert isinstance(scene.source, KeptSource)
    scene.source.decoded.clear()
    assert all(one.kept for one in save_slabs(scene, out, 4))
    assert scene.source.decoded == []
    (tmp_path / "out-slab-02.tif").unlink()
    again = save_slabs(scene, out, 4)
    assert [n for n, one in enumerate(again) if not one.kept] == [1]
    assert scene.source.decoded == list(again[1].frames)
    assert first <= again[1].frames[0] <= again[1].frames[-1] <= last


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes()[:5000] + b"!" + path.read_bytes()[5001:]),
        lambda path: path.write_bytes(b""),
    ],
    ids=["cut short", "changed", "empty"],
)
def test_what_is_not_whole_is_never_taken_for_whole(scene: Scene, tmp_path: Path, harm) -> None:
    out = tmp_path / "out.tif"
    save_slabs(scene, out, 6)
    harm(tmp_path / "out-slab-01.tif")
    with pytest.raises(AlreadyThere, match="out-slab-01"):
        save_slabs(scene, out, 6)
    saved = save_slabs(scene, out, 6, overwrite=True)
    assert [one.kept for one in saved] == [False, *[True] * (len(saved) - 1)]
    np.testing.assert_array_equal(tifffile.imread(saved[0].path), alone(scene, saved[0].frames))


@pytest.mark.parametrize("how", [{"crop": True}, {"look": Look(reference=3)}, {"location": False}])
def test_other_settings_are_other_pictures(scene: Scene, tmp_path: Path, how) -> None:
    out = tmp_path / "out.tif"
    save_slabs(scene, out, 6)
    with pytest.raises(AlreadyThere):
        save_slabs(scene, out, 6, **how)
    with pytest.raises(AlreadyThere):
        save_slabs(scene, out, 7)


def test_names_are_checked_before_any_work(scene: Scene, tmp_path: Path) -> None:
    taken = tmp_path / "out-slab-02.tif"
    taken.write_text("a letter")
    with pytest.raises(AlreadyThere):
        save_slabs(scene, tmp_path / "out.tif", 4)
    assert isinstance(scene.source, KeptSource)
    assert scene.source.decoded == []
    source = replace(scene.source.info, paths=(taken,))
    scene.source.info = source
    with pytest.raises(CannotWrite, match="input"):
        save_slabs(scene, tmp_path / "out.tif", 4, overwrite=True)
    assert taken.read_text() == "a letter"


def test_many_slabs_have_wider_numbers() -> None:
    names = [slabs.slab_path(Path("a/b.tif"), 7, count).name for count in (3, 99, 100)]
    assert names == ["b-slab-07.tif", "b-slab-07.tif", "b-slab-007.tif"]
