"""The five lines of a script, and what happens when cache, folder or input change between them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import postfocus
import postfocus.api as api
from postfocus.errors import CannotRead, CannotWrite, PostfocusError
from postfocus.io.cache import Cache
from postfocus.io.index_folder import DEPTH, MANIFEST
from postfocus.io.written import WRITTEN
from postfocus.model.frame import Frame
from postfocus.settings import COARSE, COLOUR, VOLUME, IndexSettings
from postfocus.synth.encode import write_video
from tests.support.scenes import TRIPOD, kept, simulated


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Path:
    """A clip that nobody changes."""
    path = tmp_path_factory.mktemp("recorded") / "clip.mp4"
    write_video(path, (f.planes[0] for f in simulated(TRIPOD)[1]))
    return path


@pytest.fixture
def clip(recorded, tmp_path) -> Path:
    """A clip of one's own in a folder of one's own."""
    path = tmp_path / "card" / "P1000001.mp4"
    path.parent.mkdir()
    shutil.copy2(recorded, path)
    return path


@pytest.fixture
def cache(tmp_path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def no_decoding(monkeypatch):
    """Whoever decodes frames one after another fails."""
    from postfocus.sources.sweep_video import SweepVideo

    def frames(self: SweepVideo, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        pytest.fail("the sweep was decoded again")

    return lambda: monkeypatch.setattr(SweepVideo, "frames", frames)


def test_five_lines(clip, cache, tmp_path):
    with postfocus.open(clip) as recording:
        scene = postfocus.index(recording, cache=cache)
        pick = scene.pick(0.7, 0.85)
        picked = postfocus.save(scene.picture(pick), tmp_path / "picked.jpg")
        merged = postfocus.save(scene.stack(), tmp_path / "merged.png")
    assert pick.state == "in focus"
    truth = simulated(TRIPOD)[0].truth
    assert abs(pick.frame - truth.depth[int(0.85 * 180), int(0.7 * 320)]) < 1
    with Image.open(picked) as one, Image.open(merged) as all_of_them:
        assert one.size == all_of_them.size == (320, 180)
        found = np.asarray(all_of_them.convert("RGB")).astype(int)
    assert np.abs(found - truth.codes()).mean() < 12


def test_the_second_time_nothing_is_decoded(clip, cache, no_decoding):
    with api.index(clip, cache=cache) as first:
        depth = first.depth.position.copy()
    no_decoding()
    with api.index(clip, cache=cache) as second:
        np.testing.assert_array_equal(second.depth.position, depth)
        assert second.folder == first.folder
        assert second.pick(0.5, 0.8) == first.pick(0.5, 0.8)
        assert second.index.sweep.slots.tolist() == first.index.sweep.slots.tolist()


def test_what_the_users_cache_knows_of_a_clip_is_not_decoded_to_be_learnt_again(
    clip, tmp_path, no_decoding, monkeypatch
):
    monkeypatch.setenv("POSTFOCUS_CACHE", str(tmp_path / "users"))
    with api.index(clip) as first:
        info, pixels = first.source.info, first.picture(5).pixels
    moved = clip.rename(clip.with_name("renamed.mp4"))
    no_decoding()
    monkeypatch.setattr("postfocus.io.video.VideoFile._prime", lambda self: pytest.fail("decoded to open"))
    with api.open(moved) as recording:
        assert recording.info == replace(info, name="renamed", paths=(moved,))
        np.testing.assert_array_equal(api.index(recording).picture(5).pixels, pixels)
    monkeypatch.undo()
    monkeypatch.setenv("POSTFOCUS_CACHE_LIMIT", "much")
    with api.open(moved) as recording:
        assert recording.info.width == info.width, "a cache that cannot be used keeps nobody from opening"


def test_other_bytes_and_other_settings_are_other_indexes(clip, cache):
    plain = api.index(clip, cache=cache).folder
    previews = api.index(clip, cache=cache, settings=IndexSettings(previews=True))
    assert previews.folder != plain
    assert len(previews.previews.jpeg(0)) > 500
    cache.drop(plain)
    assert api.index(clip, cache=cache).folder == previews.folder, "previews serve whoever asks for none"
    later = clip.stat().st_mtime + 10
    os.utime(clip, (later, later))
    assert api.index(clip, cache=cache).folder not in (plain, previews.folder)
    assert len(cache.entries()) == 2


@pytest.mark.parametrize("name", [MANIFEST, DEPTH])
@pytest.mark.parametrize("damage", ["cut", "gone", "wrong byte"])
def test_a_damaged_index_is_made_again(clip, cache, name, damage):
    whole = api.index(clip, cache=cache)
    file = whole.folder / name
    data = file.read_bytes()
    if damage == "gone":
        file.unlink()
    else:
        middle = len(data) // 2
        other = bytes([data[middle] ^ 1])
        file.write_bytes(data[:middle] + (other + data[middle + 1 :] if damage == "wrong byte" else b""))
    again = api.index(clip, cache=cache)
    # not equal to the bit: sums depend on where in memory an array happens to begin
    np.testing.assert_allclose(again.depth.position, whole.depth.position, atol=1e-3)
    np.testing.assert_array_equal(again.index.sweep.slots, whole.index.sweep.slots)
    stamp = file.stat().st_mtime_ns
    api.index(clip, cache=cache)
    assert file.stat().st_mtime_ns == stamp, "what was made again is whole"
    assert len(cache.entries()) == 1


@pytest.mark.parametrize("name", [VOLUME, COARSE, COLOUR])
@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_damaged_maps_are_made_again(clip, cache, name, damage):
    whole = api.index(clip, cache=cache)
    place = whole.pick(0.5, 0.5)
    file = whole.folder / name
    data = file.read_bytes()
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(data[: len(data) // 2])
    again = api.index(clip, cache=cache).pick(0.5, 0.5)
    assert again.frame == pytest.approx(place.frame, abs=1e-3)
    assert file.stat().st_size == len(data)


def test_an_entry_deleted_while_in_use_is_named_and_made_again(clip, cache):
    scene = api.index(clip, cache=cache)
    assert cache.clear() == 1
    with pytest.raises(CannotRead, match="index the sweep again"):
        scene.pick(0.5, 0.5)
    assert api.index(clip, cache=cache).pick(0.5, 0.8).state == "in focus"


def test_a_cache_that_cannot_be_written_names_the_way_out(clip, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(CannotWrite, match="POSTFOCUS_CACHE"):
        api.index(clip, cache=Cache(tmp_path / "file" / "cache"))


def test_a_full_disk_names_the_way_out_and_leaves_nothing(clip, cache, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(api, "write_index", full)
    with pytest.raises(CannotWrite, match=r"full.*POSTFOCUS_CACHE"):
        api.index(clip, cache=cache)
    assert list(cache.root.iterdir()) == []


def test_a_sweep_opened_for_an_index_that_fails_is_closed(clip, cache, monkeypatch):
    opened = []
    plainly = api.open
    monkeypatch.setattr(api, "open", lambda *inputs: opened.append(plainly(*inputs)) or opened[-1])

    def broken(*_: object) -> None:
        raise PostfocusError("nothing fits")

    monkeypatch.setattr("postfocus.pipeline.build_index", broken)
    with pytest.raises(PostfocusError, match="nothing fits"):
        api.index(clip, cache=cache)
    with pytest.raises(CannotRead, match="closed"):
        opened[0].source.read(0)


def test_a_closed_recording_cannot_be_read(clip, cache):
    with api.open(clip) as recording:
        scene = api.index(recording, cache=cache)
    with pytest.raises(CannotRead, match="closed"):
        scene.picture(3)


def test_any_source_can_be_indexed(cache):
    scene = api.index(api.Recording(kept(TRIPOD)), cache=cache)
    assert scene.index.info.kind == "simulated"


def test_a_portable_folder_goes_along_with_its_input(clip, cache, tmp_path, no_decoding):
    folder = clip.with_suffix(".postfocus")
    with api.open(clip) as recording:
        made = api.write_portable(recording, folder, cache=cache)
        depth = made.depth.position.copy()
        assert made.folder == folder
    assert sorted(p.name for p in folder.iterdir()) == sorted(
        [MANIFEST, DEPTH, VOLUME, COARSE, COLOUR, api.INPUT]
    )
    no_decoding()
    cache.clear()
    elsewhere = tmp_path / "disk"
    shutil.move(clip.parent, elsewhere)
    for place in (elsewhere / folder.name, str(elsewhere / folder.name)):
        with api.open(place) as recording:
            scene = api.index(recording, cache=cache)
            assert scene.folder == elsewhere / folder.name
            np.testing.assert_array_equal(scene.depth.position, depth)
            assert scene.pick(0.5, 0.8).state == "in focus"
            assert scene.picture(2).pixels.shape == (180, 320, 3)
    assert cache.entries() == []
    (elsewhere / clip.name).unlink()
    with pytest.raises(CannotRead, match=r"P1000001.mp4 is gone; put the input beside P1000001.postfocus"):
        api.open(elsewhere / folder.name)


def test_a_portable_folder_does_not_tell_where_slabs_were_saved(clip, cache, tmp_path):
    with api.open(clip) as recording:
        scene = api.index(recording, cache=cache)
        postfocus.save_slabs(scene, tmp_path / "out.jpg", 50)
        assert (scene.folder / WRITTEN).is_file()
        folder = clip.with_suffix(".postfocus")
        api.write_portable(recording, folder, cache=cache)
        assert not (folder / WRITTEN).exists()


def test_a_portable_folder_names_the_input_of_today(clip, cache, tmp_path):
    """The cache knows the same bytes from another place; the folder must not point there."""
    api.index(clip, cache=cache).close()
    moved = tmp_path / "moved" / "renamed.mp4"
    moved.parent.mkdir()
    clip.replace(moved)
    folder = tmp_path / "kept.postfocus"
    with api.open(moved) as recording:
        api.write_portable(recording, folder, cache=cache)
    assert json.loads((folder / MANIFEST).read_text("utf-8"))["source"]["paths"] == [str(moved)]
    with api.open(folder) as recording:
        assert recording.info.name == "renamed"
        assert api.index(recording).pick(0.5, 0.8).state == "in focus"


def test_a_portable_folder_is_not_written_over_by_mistake(clip, cache):
    folder = clip.with_suffix(".postfocus")
    with api.open(clip) as recording:
        api.write_portable(recording, folder, cache=cache)
        with pytest.raises(CannotWrite, match="exists"):
            api.write_portable(recording, folder, cache=cache)
        again = api.write_portable(recording, folder, overwrite=True, cache=cache)
    with api.open(folder) as recording:
        assert again.depth.last_frame == api.index(recording).depth.last_frame == 8
        own = api.write_portable(recording, folder, overwrite=True, cache=cache)
        assert own.pick(0.5, 0.8).state == "in focus"


def test_a_portable_folder_of_another_input_is_refused(clip, cache, tmp_path):
    folder = clip.with_suffix(".postfocus")
    with api.open(clip) as recording:
        api.write_portable(recording, folder, cache=cache)
    frames = [f.planes[0][:120, :160] for f in simulated(TRIPOD)[1]]
    write_video(clip, frames)
    with api.open(folder) as recording, pytest.raises(CannotRead, match="another input"):
        api.index(recording)


@pytest.mark.parametrize("count", [9, 4])
def test_another_clip_in_the_place_of_the_portable_folders_own_is_refused(clip, cache, count):
    folder = clip.with_suffix(".postfocus")
    with api.open(clip) as recording:
        api.write_portable(recording, folder, cache=cache)
    write_video(clip, [np.ascontiguousarray(f.planes[0][:, ::-1]) for f in simulated(TRIPOD)[1][:count]])
    with api.open(folder) as recording, pytest.raises(CannotRead, match=r"P1000001\.mp4 is not what"):
        api.index(recording)
    (folder / api.INPUT).unlink()
    with api.open(folder) as recording, pytest.raises(CannotRead, match="incomplete"):
        api.index(recording)


def test_a_damaged_portable_folder_is_named(clip, cache):
    folder = clip.with_suffix(".postfocus")
    with api.open(clip) as recording:
        api.write_portable(recording, folder, cache=cache)
    (folder / VOLUME).write_bytes(b"short")
    with api.open(folder) as recording, pytest.raises(CannotRead, match="index the sweep again"):
        api.index(recording).pick(0.5, 0.5)
    (folder / DEPTH).unlink()
    with pytest.raises(CannotRead, match="index the sweep again"):
        api.open(folder)


def test_stills_beside_a_foreign_manifest_are_stills(tmp_path, cache):
    folder = tmp_path / "gallery"
    folder.mkdir()
    for n, frame in enumerate(simulated(TRIPOD)[1]):
        Image.fromarray(frame.planes[0]).save(folder / f"{n}.png")
    (folder / MANIFEST).write_text('{"title": "my gallery"}')
    with api.open(folder) as recording:
        assert recording.info.kind == "stills"
        assert recording.folder is None


@pytest.mark.parametrize("name", ["none.mp4", "a" * 5000, "a\0b", ""])
def test_what_is_not_there_is_named(tmp_path, name):
    with pytest.raises(PostfocusError):
        api.open(tmp_path / name if name else str(tmp_path / "empty"))
