"""Whoever stops the work, and whenever: nothing half-written, and the same command works afterwards."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.cli.ran import contents, finished, run, start
from tests.conftest import COINS

AT_FRAME_3 = """
import os, signal, time, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
from postfocus.cli import talk
told = talk.Talk.progress
def progress(self, stage, done, total):
    if stage == {stage!r} and done == 3:
        {act}
    told(self, stage, done, total)
talk.Talk.progress = progress
"""
WAIT = "print('here', file=sys.stderr, flush=True); time.sleep(60)"
DIE = "os.kill(os.getpid(), signal.SIGKILL)"
DIE_AT_THE_LAST_MOMENT = """
import os, signal
os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)
"""


def index_parts(cache: Path) -> list[Path]:
    return list(cache.glob("indexes/.part-*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminate"])
@pytest.mark.parametrize("stage", ["index", "merge"])
def test_a_signal_leaves_nothing(clip: Path, tmp_path: Path, number: signal.Signals, stage: str) -> None:
    cache = {"POSTFOCUS_CACHE": str(tmp_path / "cache")}
    out = tmp_path / "sharp.jpg"
    process = start(
        "stack", clip, "-o", out, "--json", code=AT_FRAME_3.format(stage=stage, act=WAIT), env=cache
    )
    assert process.stderr is not None
    while "here" not in (line := process.stderr.readline()):
        assert line, "ended before it was stopped"
    process.send_signal(number)
    ran = finished(process)
    assert ran.code == 130
    assert "Stopped" in ran.sentence
    assert ran.json["exit_code"] == 130
    assert index_parts(tmp_path / "cache") == []
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_a_signal_that_a_library_swallows_is_seen_at_the_next_step(
    capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postfocus.cli.talk import Talk

    told = Talk.progress

    def progress(self: Talk, stage: str, done: int, total: int | None) -> None:
        if stage == "merge" and done == 3:
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt:
                swallowed.append(done)
        told(self, stage, done, total)

    swallowed: list[int] = []
    monkeypatch.setattr(Talk, "progress", progress)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        ran = run(capfd, "stack", clip, "-o", tmp_path / "sharp.jpg")
    finally:
        signal.signal(signal.SIGINT, before)
    assert swallowed == [3]
    assert ran.code == 130
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("stage", ["index", "merge"])
def test_kill_at_any_stage_and_the_same_command_works(
    capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("POSTFOCUS_CACHE", str(cache))
    words = ["stack", clip, "-o", tmp_path / "sharp.jpg"]
    killed = finished(start(*words, code=AT_FRAME_3.format(stage=stage, act=DIE)))
    assert killed.code == -signal.SIGKILL
    assert not (tmp_path / "sharp.jpg").exists()
    assert len(index_parts(cache)) == (stage == "index")
    assert run(capfd, *words).code == 0
    assert index_parts(cache) == []
    assert (tmp_path / "sharp.jpg").is_file()


@pytest.mark.parametrize(
    "words",
    [
        ["pick", "--at", COINS, "-o", "a.jpg"],
        ["depth", "-o", "a.png"],
        ["frames", "-o", "many", "--every", "3"],
    ],
    ids=lambda words: words[0],
)
def test_kill_while_writing_leaves_no_half_picture(
    capfd: pytest.CaptureFixture[str],
    clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(capfd, "index", clip).code == 0
    killed = finished(start(*words, clip, code=DIE_AT_THE_LAST_MOMENT))
    assert killed.code == -signal.SIGKILL
    shown = [path for path in tmp_path.rglob("*") if path.is_file() and not path.name.startswith(".")]
    assert shown == []
    assert run(capfd, *words, clip).code == 0


DIE_AT_THE_THIRD_PICTURE = """
import os, signal
link = os.link
seen = []
def linked(part, target, **how):
    if "slab" in str(target):
        seen.append(target)
        if len(seen) == 3:
            {act}
    link(part, target, **how)
os.link = linked
"""


@pytest.mark.parametrize(
    ("act", "whole"),
    [(DIE, 2), (f"link(part, target, **how); {DIE}", 3)],
    ids=["before it appears", "as it appears"],
)
def test_slabs_that_a_kill_left_whole_are_kept(
    capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path, act: str, whole: int
) -> None:
    assert run(capfd, "index", clip).code == 0
    words = ["stack", clip, "-o", tmp_path / "out.png", "--slabs", "2", "--json"]
    killed = finished(start(*words, code=DIE_AT_THE_THIRD_PICTURE.format(act=act)))
    assert killed.code == -signal.SIGKILL
    there = sorted(path.name for path in tmp_path.glob("out*"))
    assert there == [f"out-slab-0{n}.png" for n in range(1, whole + 1)]
    before = contents(tmp_path)
    again = run(capfd, *words)
    assert again.code == 0
    assert [slab["kept"] for slab in again.json["slabs"]] == [
        n < whole for n in range(len(again.json["slabs"]))
    ]
    assert not again.json["kept"]
    assert f"kept {whole} pictures (out-slab-01.png" in again.err
    after = contents(tmp_path)
    assert {name: after[name] for name in there} == {name: before[name] for name in there}
    third = run(capfd, *words)
    assert third.json["kept"]
    assert contents(tmp_path) == after


def test_two_at_once_share_one_index(clip: Path, tmp_path: Path) -> None:
    cache = {"POSTFOCUS_CACHE": str(tmp_path)}
    both = [start("index", clip, "--json", env=cache) for _ in range(2)]
    first, second = (finished(process) for process in both)
    assert (first.code, second.code) == (0, 0), first.err + second.err
    assert first.json["output"] == second.json["output"]
    (kept,) = (tmp_path / "indexes").iterdir()
    assert str(kept) == first.json["output"]
    assert set(contents(kept)) >= {"index.json", "depth.npz"}


def test_a_reader_that_has_gone_is_no_error(clip: Path) -> None:
    process = start("info", clip, "--json")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.wait(120)
    process.stderr.close()
    assert "Traceback" not in said
    assert "BrokenPipe" not in said


def test_ctrl_c_while_the_program_is_being_loaded() -> None:
    code = """
import builtins
load = builtins.__import__
def interrupted(name, *rest):
    if name == "postfocus.cli.run":
        raise KeyboardInterrupt
    return load(name, *rest)
builtins.__import__ = interrupted
"""
    ran = finished(start("doctor", "--json", code=code))
    assert ran.code == 130
    assert ran.json == {"error": ran.sentence, "exit_code": 130}
