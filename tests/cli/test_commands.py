"""Each command does its work, says what it did, and writes what it promised."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from tifffile import imread

from postfocus.synth.sweep import SimulatedSweep
from postfocus.synth.write import write_simulation
from tests.cli.ran import nothing_changes, run
from tests.conftest import COINS, WALL
from tests.support.scenes import SMALL


def test_info_tells_what_the_clip_is(capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path) -> None:
    with nothing_changes(clip.parent):
        ran = run(capfd, "info", clip, "--json", "-o", tmp_path / "report.json")
    found = ran.json
    assert ran.code == 0
    assert (found["kind"], found["width"], found["height"], found["frames"]) == ("video", 480, 270, 10)
    assert found["codec"] == "h264"
    assert found["sweep"]["frames"] == list(range(found["sweep"]["first"], found["sweep"]["last"] + 1))
    assert 0 <= found["reference_frame"] < 10
    assert json.loads((tmp_path / "report.json").read_text()) == found
    text = run(capfd, "info", clip).out
    assert "480 x 270" in text
    assert "sweep" in text


def test_info_quick_reads_no_frame(capfd: pytest.CaptureFixture[str], stills: Path) -> None:
    found = run(capfd, "info", "--quick", "--json", stills).json
    assert found["sweep"] is None
    assert found["kind"] == "stills"
    assert len(found["input"]) == 10


def test_frames_overrules_the_sweep(capfd: pytest.CaptureFixture[str], clip: Path) -> None:
    found = run(capfd, "info", "--json", "--frames", "2:7", clip).json
    assert found["sweep"] == {"first": 2, "last": 7, "frames": [2, 3, 4, 5, 6, 7]}


def test_pick_saves_the_sharpest_frame(
    capfd: pytest.CaptureFixture[str], small_sweep: tuple[Path, SimulatedSweep], tmp_path: Path
) -> None:
    clip, simulated = small_sweep
    out = tmp_path / "coins.png"
    ran = run(capfd, "pick", clip, "--at", COINS, "-o", out, "--json")
    found = ran.json
    assert ran.code == 0
    assert set(found) >= {"frame", "saved_frame", "confidence", "state", "output", "picks"}
    x, y = (float(part) for part in COINS.split(","))
    truth = simulated.truth.depth[int(y * 270), int(x * 480)]
    assert abs(found["frame"] - truth) < 1
    assert found["saved_frame"] == round(found["frame"])
    assert found["state"] == "in focus"
    assert found["output"] == str(out)
    with Image.open(out) as picture:
        shown = np.asarray(picture.convert("RGB"), float)
    drawn = simulated.frame(found["saved_frame"]).astype(float)
    assert np.abs(shown - drawn).mean() < 6


def test_pick_without_a_name_writes_beside_the_person(
    capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(capfd, "pick", clip, "--at", COINS).code == 0
    assert (tmp_path / "sweep_focus-0.815-0.85.jpg").is_file()
    with nothing_changes(tmp_path):
        again = run(capfd, "pick", clip, "--at", COINS)
    assert again.code == 1
    assert "--overwrite" in again.sentence
    assert run(capfd, "pick", clip, "--at", COINS, "--overwrite", "-q").out == ""


def test_several_places_get_several_names(
    capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path
) -> None:
    ran = run(capfd, "pick", clip, "--at", COINS, "--at", "0.235,0.537", "-o", tmp_path / "a.jpg", "--json")
    assert [one["output"] for one in ran.json["picks"]] == [str(tmp_path / f"a-{n}.jpg") for n in (1, 2)]
    named = run(capfd, "pick", clip, "--at", COINS, "-o", tmp_path / "{stem}_{frame:03}.jpg", "--json").json
    assert named["output"] == str(tmp_path / f"sweep_{named['saved_frame']:03}.jpg")
    assert Path(named["output"]).is_file()
    twice = run(capfd, "pick", clip, "--at", COINS, "--at", COINS, "-o", tmp_path / "{frame}.jpg")
    assert twice.code == 2
    assert "{n}" in twice.sentence


def test_nothing_sharp_says_why_and_saves_nothing(
    capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path
) -> None:
    out = tmp_path / "wall.jpg"
    with nothing_changes(tmp_path):
        ran = run(capfd, "pick", clip, "--at", WALL, "-o", out, "--json")
    assert ran.code == 3
    assert ran.json["error"] == ran.sentence
    assert ran.json["exit_code"] == 3
    assert ran.json["output"] is None
    assert "texture" in ran.sentence
    forced = run(capfd, "pick", clip, "--at", WALL, "-o", out, "--force", "--json")
    assert forced.code == 0
    assert forced.json["state"] == "no texture"
    assert out.is_file()


def test_the_other_places_are_saved(capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path) -> None:
    ran = run(capfd, "pick", clip, "--at", WALL, "--at", COINS, "-o", tmp_path / "a.jpg", "--json")
    assert ran.code == 3
    assert [one["output"] for one in ran.json["picks"]] == [None, str(tmp_path / "a-2.jpg")]
    assert [path.name for path in tmp_path.iterdir()] == ["a-2.jpg"]


def test_aligned_pick_has_the_same_size(
    capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path
) -> None:
    out = tmp_path / "aligned.jpg"
    assert run(capfd, "pick", clip, "--at", COINS, "-o", out, "--aligned").code == 0
    assert size_of(out) == (480, 270)


def test_frames_saves_the_chosen_ones(
    capfd: pytest.CaptureFixture[str], clip: Path, stills: Path, tmp_path: Path
) -> None:
    every = run(capfd, "frames", clip, "-o", tmp_path / "a/b", "--every", "4", "--json").json
    assert [one["frame"] for one in every["frames"]] == [0, 4, 8]
    assert (tmp_path / "a/b/sweep_0004.jpg").is_file()
    some = run(capfd, "frames", clip, "-o", tmp_path, "--frames", "2:3", "--format", "png", "--json").json
    assert [Path(one["output"]).name for one in some["frames"]] == ["sweep_0002.png", "sweep_0003.png"]
    best = run(capfd, "frames", stills, "-o", tmp_path / "best", "--best", "3", "--json").json
    chosen = [one["frame"] for one in best["frames"]]
    assert 1 <= len(chosen) <= 3
    assert chosen == sorted(set(chosen))


def test_frames_saves_one_frame_alone(capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path) -> None:
    one = run(capfd, "frames", clip, "-o", tmp_path / "one", "--frames", "9:9", "--json").json
    assert [found["frame"] for found in one["frames"]] == [9]
    ran = run(capfd, "frames", clip, "-o", tmp_path / "none", "--frames", "10:20")
    assert ran.code == 2
    assert "from 0 to 9" in ran.sentence
    assert not (tmp_path / "none").exists()


def test_frames_refuses_all_when_one_is_there(
    capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "sweep_0009.jpg").write_text("mine")
    with nothing_changes(tmp_path):
        ran = run(capfd, "frames", clip, "-o", tmp_path, "--all")
    assert ran.code == 1
    assert "sweep_0009.jpg exists already" in ran.sentence


def test_stack_is_sharper_than_any_frame(
    capfd: pytest.CaptureFixture[str], small_sweep: tuple[Path, SimulatedSweep], tmp_path: Path
) -> None:
    clip, simulated = small_sweep
    out = tmp_path / "sharp.tif"
    ran = run(capfd, "stack", clip, "-o", out, "--json")
    assert ran.code == 0, ran.err
    found = ran.json
    assert set(found) >= {"reference_frame", "frames_used", "valid", "output"}
    assert set(found["valid"]) == {"x", "y", "w", "h"}
    merged = cv2.imread(str(out), cv2.IMREAD_UNCHANGED)
    assert merged is not None
    assert merged.dtype == np.uint16
    assert merged.shape == (270, 480, 3)
    truth = simulated.truth.codes(8).astype(float)
    middle = simulated.frame(5).astype(float)
    error = np.abs(merged[..., ::-1] / 257 - truth).mean()
    assert error < np.abs(middle - truth).mean()


def test_stack_tells_what_was_held(capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path) -> None:
    held = tmp_path / "held.png"
    same = run(capfd, "stack", clip, "-o", held, "--held-map", held)
    assert same.code == 2
    ran = run(capfd, "stack", clip, "-o", tmp_path / "a.png", "--held-map", held, "--json")
    assert ran.code == 0, ran.err
    found = cv2.imread(str(held), cv2.IMREAD_UNCHANGED)
    assert found is not None
    assert found.shape[:2] == (270, 480)
    assert float((found > 0).mean()) == pytest.approx(ran.json["held"], abs=1e-4)


def test_stack_tells_what_is_never_sharp(
    capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path
) -> None:
    """The clip covers all there is; without its first four frames it does not, but that was asked for."""
    where, held = tmp_path / "where.png", tmp_path / "held.png"
    same = run(capfd, "stack", clip, "-o", tmp_path / "a.png", "--held-map", held, "--never-sharp-map", held)
    assert same.code == 2
    slabs = run(capfd, "stack", clip, "-o", held, "--slabs", "4", "--never-sharp-map", where)
    assert slabs.code == 2
    assert "--never-sharp-map is of one merge" in slabs.err
    for more in ((), ("--frames", "4:9", "--overwrite")):
        ran = run(capfd, "stack", clip, "-o", tmp_path / "a.png", "--never-sharp-map", where, "--json", *more)
        assert ran.code == 0, ran.err
        found = cv2.imread(str(where), cv2.IMREAD_UNCHANGED)
        assert found is not None
        assert found.shape[:2] == (270, 480)
        assert not found.any()
        assert ran.json["never_sharp"] == 0
        assert not any("sharp in no merged frame" in note for note in ran.json["notes"])


def test_stack_writes_where_glow_was_taken_off(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    clip, where = tmp_path / "grass.mp4", tmp_path / "where.png"
    write_simulation(replace(SMALL, scene="grass", frames=16, blur=10.0), clip)
    slabs = run(capfd, "stack", clip, "-o", tmp_path / "a.png", "--slabs", "4", "--glow-map", where)
    assert slabs.code == 2
    assert "--glow-map is of one merge" in slabs.err
    shares = []
    for more in ((), ("--keep-glow", "--overwrite")):
        ran = run(capfd, "stack", clip, "-o", tmp_path / "a.png", "--glow-map", where, "--json", *more)
        assert ran.code == 0, ran.err
        found = cv2.imread(str(where), cv2.IMREAD_UNCHANGED)
        assert found is not None
        assert float((found > 0).mean()) == pytest.approx(ran.json["glow"], abs=1e-4)
        shares.append(ran.json["glow"])
    assert shares[0] > 0.001
    assert shares[1] == 0


def test_stack_writes_where_it_is_never_sharp(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    focus = tuple(np.linspace(0.4, 1.04, 16).round(4).tolist())
    clip, where = tmp_path / "late.mp4", tmp_path / "where.png"
    write_simulation(replace(SMALL, frames=16, blur=8.0, focus=focus), clip)
    ran = run(capfd, "stack", clip, "-o", tmp_path / "a.png", "--never-sharp-map", where, "--json")
    assert ran.code == 0, ran.err
    found = cv2.imread(str(where), cv2.IMREAD_UNCHANGED)
    assert found is not None
    assert float((found > 0).mean()) == pytest.approx(ran.json["never_sharp"], abs=1e-4)
    assert ran.json["never_sharp"] > 0.02
    (note,) = ran.json["notes"]
    assert note.endswith("begin nearer next time (farther away, if it runs from far to near)")


def test_stack_of_a_range(capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path) -> None:
    some = run(
        capfd,
        "stack",
        clip,
        "-o",
        tmp_path / "a.png",
        "--frames",
        "3:6",
        "--reference",
        "4",
        "--crop",
        "--json",
    ).json
    assert some["frames_used"] == [3, 4, 5, 6]
    assert some["reference_frame"] == 4
    assert size_of(tmp_path / "a.png") == (some["valid"]["w"], some["valid"]["h"])
    between = run(
        capfd, "stack", clip, "-o", tmp_path / "b.jpg", "--near", COINS, "--far", "0.235,0.537", "--json"
    ).json
    assert 2 <= len(between["frames_used"]) < 10
    bare = run(capfd, "stack", clip, "-o", tmp_path / "c.jpg", "--near", WALL, "--far", COINS)
    assert bare.code == 3
    assert not (tmp_path / "c.jpg").exists()
    for number, places in enumerate((["--near", WALL, "--far", COINS], ["--far", WALL])):
        out = tmp_path / f"forced-{number}.jpg"
        forced = run(capfd, "stack", clip, "-o", out, *places, "--force")
        assert forced.code == 0
        assert out.exists()


def test_depth_gives_frames_per_pixel(
    capfd: pytest.CaptureFixture[str], small_sweep: tuple[Path, SimulatedSweep], tmp_path: Path
) -> None:
    clip, simulated = small_sweep
    ran = run(capfd, "depth", clip, "-o", tmp_path / "depth.tif", "--json")
    found = ran.json
    assert ran.code == 0
    depth = cv2.imread(found["output"], cv2.IMREAD_UNCHANGED)
    confidence = cv2.imread(found["confidence"], cv2.IMREAD_UNCHANGED)
    assert depth is not None
    assert confidence is not None
    assert depth.shape == confidence.shape == (270, 480)
    assert depth.dtype == np.float32
    sure = confidence > 150
    assert sure.any()
    assert np.median(np.abs(depth - simulated.truth.depth)[sure]) < 1
    assert Path(found["preview"]).name == "depth.preview.png"
    assert run(capfd, "depth", clip, "-o", tmp_path / "d.png", "--frames", "1:8").code == 0
    spread = cv2.imread(str(tmp_path / "d.png"), cv2.IMREAD_UNCHANGED)
    assert spread is not None
    assert spread.dtype == np.uint16


def test_a_portable_index_stands_for_its_input(
    capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path
) -> None:
    here = tmp_path / "here.mp4"
    here.write_bytes(clip.read_bytes())
    folder = tmp_path / "here.postfocus"
    made = run(capfd, "index", here, "-o", folder, "--previews", "--json").json
    assert made["output"] == str(folder)
    assert made["seconds"] >= 0
    assert (folder / "previews.jpgs").is_file()
    picked = run(capfd, "pick", folder, "--at", COINS, "-o", tmp_path / "a.jpg", "--json")
    assert picked.code == 0
    here.unlink()
    gone = run(capfd, "pick", folder, "--at", COINS, "-o", tmp_path / "b.jpg")
    assert gone.code == 1
    assert "here.mp4 is gone" in gone.sentence


def test_cache_shows_trims_and_clears(
    capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTFOCUS_CACHE", str(tmp_path / "cache"))
    assert run(capfd, "cache", "--json").json["entries"] == []
    assert run(capfd, "index", clip).code == 0
    shown = run(capfd, "cache", "--json").json
    assert [entry["input"] for entry in shown["entries"]] == ["sweep"]
    assert shown["size"] == shown["entries"][0]["size"] > 0
    assert "1 index," in run(capfd, "cache").out
    monkeypatch.setenv("POSTFOCUS_CACHE_LIMIT", "1k")
    assert run(capfd, "cache", "--trim", "--json").json["removed"] == 1
    monkeypatch.setenv("POSTFOCUS_CACHE_LIMIT", "much")
    assert "like 500M" in run(capfd, "cache").sentence
    monkeypatch.delenv("POSTFOCUS_CACHE_LIMIT")
    assert run(capfd, "index", clip).code == 0
    assert run(capfd, "cache", "--clear", "--json").json["removed"] == 1


def test_simulate_writes_clip_and_truth(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "still-life" in run(capfd, "simulate", "--list", "--json").json["scenes"]
    small = ["--size", "128x96", "--frames", "3", "--scene", "plain", "--tripod"]
    made = run(capfd, "simulate", tmp_path / "a.mkv", *small, "--json").json
    assert Path(made["output"]).is_file()
    assert (Path(made["truth"]) / "poses.json").is_file()
    with nothing_changes(tmp_path):
        assert run(capfd, "simulate", tmp_path / "a.mkv", *small).code == 1
    assert run(capfd, "simulate", "-o", tmp_path / "a.mkv", *small, "--overwrite").code == 0
    assert run(capfd, "simulate", tmp_path / "folder", *small).code == 0
    assert len(list((tmp_path / "folder").iterdir())) == 3
    assert run(capfd, "simulate", tmp_path / "b.mp4", "--scene", "nope").code == 2


def test_demo_shows_how_near_it_came(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    ran = run(capfd, "demo", folder, "--size", "480x270", "--frames", "8", "--json")
    found = ran.json
    assert ran.code == 0
    assert "Rendering 8 of 8" in ran.err
    assert found["address"].startswith("http://127.0.0.1:")
    assert {one["name"] for one in found["picks"]} == {"coins", "apple", "books"}
    for one in found["picks"]:
        assert Path(one["output"]).is_file()
        assert abs(one["frame"] - one["true_frame"]) < 2
    assert all(Path(found[name]).exists() for name in ("stack", "depth", "preview", "clip", "truth"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/holiday.jpg").write_text("x")
    with nothing_changes(tmp_path / "mine"):
        assert run(capfd, "demo", tmp_path / "mine", "--size", "480x270", "--frames", "8").code == 2


def test_doctor_finds_nothing_missing(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    found = run(capfd, "doctor", "--json").json
    assert found["missing"] == []
    assert "error" not in found
    assert found["video"]["read"]["h264"]
    assert found["cpus"] >= 1
    assert (
        run(capfd, "doctor", "-o", tmp_path / "r.txt").out.strip() == (tmp_path / "r.txt").read_text().strip()
    )


def test_doctor_says_how_to_get_what_is_missing(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "rawpy", None)
    ran = run(capfd, "doctor", "--json")
    assert ran.code == 1
    (missing,) = ran.json["missing"]
    assert missing["what"] == "rawpy"
    assert missing["how"].endswith("pip install --upgrade rawpy")
    assert ran.json["error"] == ran.sentence
    assert "rawpy" in ran.sentence
    assert ran.json["exit_code"] == 1


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


def test_stack_writes_slabs_beside_the_whole(
    capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path
) -> None:
    out = tmp_path / "a stack.tif"
    found = run(capfd, "stack", clip, "-o", out, "--slabs", "4", "--overlap", "1", "--crop", "--json").json
    used = found["frames_used"]
    slabs = found["slabs"]
    assert [slab["output"] for slab in slabs] == [
        str(tmp_path / f"a stack-slab-{n:02d}.tif") for n in range(1, len(slabs) + 1)
    ]
    assert [slab["frames_used"][0] for slab in slabs] == used[:-1:3]
    assert slabs[-1]["frames_used"][-1] == used[-1]
    shapes = {imread(slab["output"]).shape for slab in slabs} | {imread(out).shape}
    assert shapes == {(found["valid"]["h"], found["valid"]["w"], 3)}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [out.name, *(Path(slab["output"]).name for slab in slabs)]
    )
    said = run(capfd, "stack", clip, "-o", tmp_path / "b.jpg", "--slabs", "50").out
    assert said.splitlines()[1] == f"1 slab -> {tmp_path / 'b-slab-01.jpg'}"


def test_slabs_are_refused_before_any_work(
    capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path
) -> None:
    out = tmp_path / "a.tif"
    (tmp_path / "a-slab-01.tif").write_text("mine")
    for wrong in (["--slabs", "0"], ["--overlap", "2"], ["--slabs", "3", "--overlap", "3"], ["--slabs", "x"]):
        assert run(capfd, "stack", clip, "-o", out, *wrong).code == 2
    ran = run(capfd, "stack", clip, "-o", out, "--slabs", "5")
    assert ran.code == 1
    assert "a-slab-01.tif exists already" in ran.sentence
    assert "--overwrite" in ran.sentence
    assert [path.name for path in tmp_path.iterdir()] == ["a-slab-01.tif"]
