"""A picture saved from the page is, to the byte, the command line's; nothing is overwritten unasked."""

from __future__ import annotations

import json
import shutil
from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

import postfocus
from postfocus.app import saving
from postfocus.app.names import Naming
from postfocus.app.records import JobRecord
from postfocus.app.saving import HELD_COLOUR, Saving, map_picture, merge_tiles, save_pictures
from postfocus.app.tiles import TileStore
from postfocus.app.work import job_values
from postfocus.cli import main
from postfocus.errors import BadUse, Cancelled, CannotWrite
from postfocus.model.look import Frames, Look, Place
from postfocus.scene import Scene
from tests.io.exif_blocks import camera_block

COINS = Place(0.815, 0.85)


class Quiet:
    """Stands in for what a worker reports to; stops the work at a stage if told to."""

    def __init__(self, stop_at: str = "") -> None:
        self.stages: list[str] = []
        self.notes: list[Any] = []
        self._stop_at = stop_at

    def progress(self, stage: str, done: int, total: int | None) -> None:
        self.stages.append(stage)
        if stage == self._stop_at:
            raise Cancelled("Stopped.")

    def note(self, value: Any) -> None:
        self.notes.append(value)


@pytest.fixture
def own(clip: Path, tmp_path: Path) -> Path:
    path = tmp_path / "P1000001.mp4"
    shutil.copy2(clip, path)
    return path


def saved(own: Path, what: str, look: Look, **how: Any) -> list[Path]:
    folder = how.pop("folder", own.parent)
    return [one.path for one in save_pictures(Quiet(), (str(own),), Saving(what, look, folder, **how))]


@pytest.mark.parametrize("form", ["jpg", "png", "tif", "webp", "avif"])
def test_a_touched_frame_is_the_command_lines_file(own, tmp_path, form):
    (path,) = saved(own, "frame", Look(focus=COINS), format=form, quality=88)
    other = tmp_path / f"by-hand.{form}"
    assert main(["pick", str(own), "--at", "0.815,0.85", "-o", str(other), "--quality", "88", "-q"]) == 0
    assert path.read_bytes() == other.read_bytes()
    assert path.name.startswith("P1000001_frame_00")


@pytest.mark.parametrize("look", [Look(), Look(near=Place(0.5, 0.95), far=COINS), Look(frames=Frames(2, 6))])
def test_a_merge_is_the_command_lines_file(own, tmp_path, look):
    (path,) = saved(own, "merge", look, format="tif")
    other, words = tmp_path / "by-hand.tif", []
    if look.near and look.far:
        words = ["--near", "0.5,0.95", "--far", "0.815,0.85", "--force"]
    if look.frames:
        words = ["--frames", "2:6"]
    assert main(["stack", str(own), "-o", str(other), "-q", *words]) == 0
    assert path.read_bytes() == other.read_bytes()


def test_kept_frames_are_the_command_lines_files(own, tmp_path):
    made = saved(own, "kept", Look(), frames=(3, 7))
    assert main(["frames", str(own), "-o", str(tmp_path / "all"), "-q"]) == 0
    for path, number in zip(made, (3, 7), strict=True):
        assert path.read_bytes() == (tmp_path / "all" / f"P1000001_{number:04d}.jpg").read_bytes()


def test_a_taken_name_gets_a_number_unless_replacing_is_asked_for(own):
    look = Look(focus=COINS, frames=Frames(4, 4))
    first, second = (saved(own, "frame", look, name="{stem}")[0] for _ in range(2))
    assert (first.name, second.name) == ("P1000001.jpg", "P1000001-2.jpg")
    before = second.read_bytes()
    assert saved(own, "frame", look, name="P1000001-2", replace=True) == [second]
    assert second.read_bytes() == before
    assert len(list(own.parent.iterdir())) == 3


@pytest.mark.parametrize("form", ["jpg", "png", "tif", "webp", "avif"])
def test_the_place_stays_at_home_if_that_is_wanted(stills, tmp_path, form):
    folder = tmp_path / "bracket"
    folder.mkdir()
    for path in sorted(stills.glob("*.jpg")):
        with Image.open(path) as image:
            image.save(folder / path.name, quality=95, exif=b"Exif\0\0" + camera_block())
    look = Look(frames=Frames(3, 3))
    (told,) = saved(folder, "frame", look, format=form, name="told")
    (kept,) = saved(folder, "frame", look, format=form, name="kept", location=False)
    (merged,) = saved(folder, "merge", Look(frames=Frames(2, 6)), format=form, name="m", location=False)
    out = tmp_path / f"by-hand.{form}"
    words = ["pick", str(folder), "--look", '{"frames": {"first": 3, "last": 3}}', "--no-location"]
    assert main([*words, "-o", str(out), "-q"]) == 0
    assert kept.read_bytes() == out.read_bytes()
    assert tags_of(told)[1] != {}
    for path in (kept, merged):
        tags, place, note = tags_of(path)
        assert (tags[0x110], place, note) == ("DC-G9", {}, None)
    words = ["frames", str(folder), "-o", str(tmp_path / "all"), "--format", form, "--no-location", "-q"]
    assert main(words) == 0
    assert all(tags_of(path)[1] == {} for path in (tmp_path / "all").iterdir())
    words = ["stack", str(folder), "-o", str(tmp_path / f"s.{form}"), "--no-location", "-q"]
    assert main([*words, "--frames", "2:6"]) == 0
    assert tags_of(tmp_path / f"s.{form}")[1] == {}


def tags_of(path: Path) -> tuple[dict[int, Any], dict[int, Any], Any]:
    """Main and GPS directories, and MakerNotes."""
    with Image.open(path) as image:
        tags = image.getexif()
        return dict(tags), dict(tags.get_ifd(0x8825)), tags.get_ifd(0x8769).get(0x927C)


def test_an_input_is_never_replaced(stills, tmp_path):
    folder = tmp_path / "bracket"
    shutil.copytree(stills, folder)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    one = sorted(before)[0]
    (path,) = saved(folder, "frame", Look(frames=Frames(2, 2)), name=one.stem, folder=folder, replace=True)
    assert path.name == f"{one.stem}-2.jpg"
    assert all(path.read_bytes() == data for path, data in before.items())


def test_stopping_leaves_nothing_half_written(own):
    files = set(own.parent.iterdir())
    with pytest.raises(Cancelled):
        save_pictures(Quiet("merge"), (str(own),), Saving("merge", Look(frames=Frames(1, 8)), own.parent))
    assert set(own.parent.iterdir()) == files


def test_a_merge_for_which_the_disk_has_no_room_says_so(own, monkeypatch):
    monkeypatch.setattr(TileStore, "make_room", lambda *_, **__: False)
    with pytest.raises(CannotWrite, match="nearly full"):
        merge_tiles(Quiet(), (str(own),), Look(frames=Frames(0, 4)))


def test_a_merge_to_look_at_is_cut_into_tiles_once(own):
    quiet = Quiet()
    made = merge_tiles(quiet, (str(own),), Look(frames=Frames(0, 5)))
    again = Quiet()
    assert merge_tiles(again, (str(own),), Look(frames=Frames(0, 5))) == made
    assert "merge" in quiet.stages
    assert "merge" not in again.stages
    import postfocus

    with postfocus.open(own) as recording:
        assert TileStore.of(recording.source.fingerprint()).tile(made.name, 0)


def test_what_a_merge_has_to_say_is_said_again_from_the_cache(own, monkeypatch):
    """Its notes and its maps are kept beside its tiles; without them it is made anew."""
    held, missed = np.zeros((2, 360, 640), np.bool_)
    held[90:180, 160:320], missed[:40] = True, True
    glow = held[::-1]
    stack = Scene.stack

    def with_mover(self, *args, **kwargs):
        notes = ("what moves is out of focus",)
        return replace(stack(self, *args, **kwargs), held=held, never_sharp=missed, glow=glow, notes=notes)

    monkeypatch.setattr(Scene, "stack", with_mover)
    look = Look(frames=Frames(1, 6))
    made = merge_tiles(Quiet(), (str(own),), look)
    assert made.notes == ("what moves is out of focus",)
    for address, places in ((made.held, held), (made.never_sharp, missed), (made.glow, glow)):
        assert address is not None
        head, data = address.split(",")
        assert head == "data:image/png;base64"
        png = cv2.imdecode(np.frombuffer(b64decode(data), np.uint8), cv2.IMREAD_UNCHANGED)
        assert png.shape == (360, 640, 4)
        np.testing.assert_array_equal(png[..., 3] > 0, places)
    monkeypatch.undo()
    assert merge_tiles(Quiet(), (str(own),), look) == made
    values = job_values(JobRecord("j", "merge", "s", "done", result=made))
    assert values["result"]["notes"] == list(made.notes)
    assert values["result"]["held"] == made.held
    assert values["result"]["never_sharp"] == made.never_sharp
    assert values["result"]["glow"] == made.glow
    assert json.loads(json.dumps(values)) == values
    with postfocus.open(own) as recording:
        store = TileStore.of(recording.source.fingerprint())
    (store.folder / f"{made.name}.json").write_text("{", encoding="utf-8")
    monkeypatch.setattr(saving, "_last", type(saving._last)())
    assert merge_tiles(Quiet(), (str(own),), look).notes == ()
    assert store.said(made.name) == {"notes": [], "held": None, "never_sharp": None, "glow": None}


def test_the_map_of_what_was_held_is_small():
    held = np.zeros((2160, 3840), np.bool_)
    held[100:900, 300:1800] = True
    address = map_picture(held, HELD_COLOUR)
    assert address is not None
    png = cv2.imdecode(np.frombuffer(b64decode(address.split(",")[1]), np.uint8), cv2.IMREAD_UNCHANGED)
    assert png.shape == (540, 960, 4)
    assert (png[..., 3] > 0).mean() == pytest.approx(held.mean(), rel=0.01)
    assert len(address) < 20_000


def test_a_template_cannot_leave_the_folder():
    from datetime import datetime

    naming = Naming("../../etc/passwd", "frame", "0001", datetime(2026, 11, 21))
    for template in ("../{stem}", "/tmp/{stem}", "..", "{stem}\0{frame}", "a/b\\c:d*?"):
        name = naming.filled(template)
        assert name
        assert not set(name) & set("/\\\0:*?")
        assert not name.startswith(".")
    assert [naming.filled(name) for name in ("CON", "lpt1", "console")] == ["CON_", "lpt1_", "console"]
    with pytest.raises(BadUse, match="there is no"):
        naming.filled("{stem}{0.__class__}")


@pytest.mark.parametrize(
    "wrong", [{"format": "exe"}, {"quality": 0}, {"what": "all"}, {"what": "kept"}, {"quality": 101}]
)
def test_nonsense_is_refused_before_any_work(wrong, tmp_path):
    with pytest.raises(BadUse):
        Saving(**{"what": "frame", "look": Look(), "folder": tmp_path, **wrong})
