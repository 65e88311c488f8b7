"""A look made on the page is made again on the command line, to the byte."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from postfocus.cli import main

FOCUS = '{"focus": {"x": 0.815, "y": 0.85}}'


@pytest.fixture
def own(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "P1000001.mp4"
    shutil.copy2(clip, path)
    monkeypatch.chdir(tmp_path)
    return path


def test_a_place_is_what_at_gives(own, tmp_path):
    assert main(["pick", str(own), "--at", "0.815,0.85", "-q"]) == 0
    by_at = tmp_path / "P1000001_focus-0.815-0.85.jpg"
    look = tmp_path / "mine.json"
    look.write_text(FOCUS, "utf-8")
    for number, given in enumerate((FOCUS, f"@{look}", str(look))):
        out = tmp_path / f"{number}.jpg"
        assert main(["pick", str(own), "--look", given, "-o", str(out), "-q"]) == 0
        assert out.read_bytes() == by_at.read_bytes()
    assert main(["pick", str(own), "--look", FOCUS, "-q", "--overwrite"]) == 0


def test_a_frame_chosen_by_hand_keeps_the_place_that_was_touched(own, tmp_path, capsys):
    look = {"focus": {"x": 0.02, "y": 0.2}, "frames": {"first": 3, "last": 3}}
    assert main(["pick", str(own), "--look", json.dumps(look), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["saved_frame"], answer["look"]) == (3, look)
    assert (tmp_path / "P1000001_0003.jpg").stat().st_size


def test_the_look_beside_the_input(own, tmp_path, capsys):
    own.with_name("P1000001.look.json").write_text('{"frames": {"first": 2, "last": 5}}', "utf-8")
    assert main(["stack", str(own), "--look", "kept", "-o", "kept.tif", "-q"]) == 0
    assert main(["stack", str(own), "--frames", "2:5", "-o", "same.tif", "-q"]) == 0
    assert Path("kept.tif").read_bytes() == Path("same.tif").read_bytes()
    own.with_name("P1000001.look.json").unlink()
    capsys.readouterr()
    assert main(["stack", str(own), "--look", "kept", "-o", "none.tif", "-q"]) == 1
    assert "P1000001.look.json is not there" in capsys.readouterr().err


def test_the_look_beside_a_folder_of_stills(stills, tmp_path, monkeypatch, capsys):
    shutil.copytree(stills, tmp_path / "bracket")
    Path(tmp_path / "bracket.look.json").write_text('{"frames": {"first": 3, "last": 3}}', "utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["pick", "bracket", "--look", "kept", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["saved_frame"] == 3


def test_a_retouched_look_is_merged_and_told_of(own, capsys):
    from postfocus.export.xmp import read_record

    stroke = {"frame": 1, "points": [[0.3, 0.4], [0.5, 0.45]], "radius": 0.05, "softness": 0.5}
    look = {"frames": {"first": 2, "last": 5}, "retouch": [stroke]}
    assert main(["stack", str(own), "--look", json.dumps(look), "-o", "mine.jpg", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["retouch"] == {"strokes": 1, "frames": [1]}
    record = read_record(Path("mine.jpg"))
    assert record is not None
    assert record["look"] == look
    assert record["retouch"] == {"strokes": 1, "frames": [1]}
    assert main(["stack", str(own), "--frames", "2:5", "-o", "plain.jpg", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["retouch"] is None
    assert Path("plain.jpg").read_bytes() != Path("mine.jpg").read_bytes()
    many = {"retouch": [{**stroke, "points": [[0.123456789, 0.987654321]] * 4000}]}
    Path("long.json").write_text(json.dumps(many, indent=1), "utf-8")
    assert main(["stack", str(own), "--look", "long.json", "-o", "long.jpg"]) == 0
    assert "retouched by 1 stroke ->" in capsys.readouterr().out
    record = read_record(Path("long.jpg"))
    assert record is not None
    assert record["retouch"]["frames"] == [1]
    assert record["shortened"] is True


def test_ranges_and_soft_ends_are_the_same_by_option_and_by_look(own, capsys):
    look = {"ranges": [{"first": 1, "last": 2}, {"first": 6, "last": 7}], "soft": 2}
    words = ["--range", "1:2", "--range", "6:7", "--soft", "2"]
    assert main(["stack", str(own), *words, "-o", "options.tif", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["frames_used"] == [0, 1, 2, 3, 5, 6, 7, 8]
    assert main(["stack", str(own), "--look", json.dumps(look), "-o", "look.tif", "-q"]) == 0
    assert Path("options.tif").read_bytes() == Path("look.tif").read_bytes()


def test_nothing_sharp_is_said_and_can_be_forced(own, tmp_path, capsys):
    look = '{"focus": {"x": 0.02, "y": 0.2}}'
    assert main(["pick", str(own), "--look", look, "-o", "wall.jpg", "-q"]) == 3
    assert "--force" in capsys.readouterr().err
    assert not Path("wall.jpg").exists()
    assert main(["pick", str(own), "--look", look, "-o", "wall.jpg", "-q", "--force"]) == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["pick", "--look", "{broken"], "not a look"),
        (["pick", "--look", '{"focus": {"x": 2, "y": 0}}'], "fraction"),
        (["pick", "--look", FOCUS, "--at", "0.5,0.5"], "not by both"),
        (["pick", "--look", "{}"], "names no place"),
        (["pick", "--look", ""], "missing"),
        (["pick"], "--at is missing"),
        (["stack", "--look", FOCUS], "postfocus pick"),
        (["stack", "--look", '{"frames": {"first": 3, "last": 3}}'], "single frame"),
        (["stack", "--look", "{}", "--frames", "1:3"], "not by both"),
        (["stack", "--look", "{}", "--range", "1:3"], "not by both"),
        (["stack", "--look", "{}", "--soft", "3"], "not by both"),
        (["stack", "--soft", "3"], "--soft is of the ends of a range"),
        (["stack", "--range", "1:3", "--soft", "-3"], "not a number of frames"),
        (["stack", "--range", "3"], "not a range of frames"),
    ],
)
def test_what_cannot_be_meant(own, capsys, words, says):
    assert main([words[0], str(own), *words[1:], "-q"]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("data", [b"\xff\xfe\0", b"[]", b"{" * 100_000, b"{" + b" " * 600_000 + b"}", b""])
def test_a_file_that_is_no_look(own, capsys, data):
    Path("odd.json").write_bytes(data)
    assert main(["pick", str(own), "--look", "odd.json", "-q"]) == 1
    assert "odd.json is no look" in capsys.readouterr().err
