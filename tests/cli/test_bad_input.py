"""Bad input gets one clear sentence and the right exit code; nothing is changed and nothing left behind."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Generator
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tests.cli.ran import Ran, finished, nothing_changes, run, start
from tests.conftest import COINS
from tests.support.clips import boxes, numbered, write_clip


def moov_first(clip: Path, target: Path) -> Path:
    """The same clip with its tables before its pictures, as cameras that are unplugged leave it."""
    with (
        av.open(str(clip)) as source,
        av.open(str(target), "w", container_options={"movflags": "+faststart"}) as box,
    ):
        stream = box.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                box.mux(packet)
    return target


def sound_only(path: Path) -> Path:
    with av.open(str(path), "w") as box:
        track = box.add_stream("aac", rate=48000)
        for number in range(4):
            noise = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            noise.sample_rate, noise.pts = 48000, number * 1024
            box.mux(track.encode(noise))
        box.mux(track.encode(None))
    return path


def huge_png(path: Path) -> Path:
    """A PNG that says it is 100 000 pixels a side and holds none of them."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def empty(folder: Path, clip: Path) -> Path:
    del clip
    (folder / "empty.mp4").write_bytes(b"")
    return folder / "empty.mp4"


def text(folder: Path, clip: Path) -> Path:
    del clip
    (folder / "text.mp4").write_text("Not a film.\n" * 40)
    return folder / "text.mp4"


def no_moov(folder: Path, clip: Path) -> Path:
    data = clip.read_bytes()
    (start,) = (begin for kind, begin, _ in boxes(data) if kind == b"moov")
    (folder / "cut.mp4").write_bytes(data[:start])
    return folder / "cut.mp4"


def cut_at_once(folder: Path, clip: Path) -> Path:
    """Tables, and then the card was pulled out in the middle of the first frame."""
    data = moov_first(clip, folder / "cut.mp4").read_bytes()
    (start,) = (begin for kind, begin, _ in boxes(data) if kind == b"mdat")
    (folder / "cut.mp4").write_bytes(data[: start + 300])
    return folder / "cut.mp4"


def zero_frames(folder: Path, clip: Path) -> Path:
    with av.open(str(clip)) as source, av.open(str(folder / "zero.mp4"), "w") as box:
        box.add_stream_from_template(source.streams.video[0])
        box.start_encoding()
    return folder / "zero.mp4"


def one_frame(folder: Path, clip: Path) -> Path:
    del clip
    return write_clip(folder / "one.mp4", [numbered(0)])


def one_still(folder: Path, clip: Path) -> Path:
    del clip
    Image.new("RGB", (64, 48)).save(folder / "one.jpg")
    return folder / "one.jpg"


def no_stills(folder: Path, clip: Path) -> Path:
    del clip
    (folder / "bracket").mkdir()
    return folder / "bracket"


def only_strangers(folder: Path, clip: Path) -> Path:
    del clip
    (folder / "bracket").mkdir()
    (folder / "bracket/notes.txt").write_text("x")
    (folder / "bracket/list.doc").write_bytes(b"x" * 300)
    return folder / "bracket"


def mixed_sizes(folder: Path, clip: Path) -> Path:
    del clip
    (folder / "bracket").mkdir()
    for number, size in enumerate([(64, 48), (64, 48), (48, 64), (80, 60)]):
        Image.new("RGB", size, (40 * number, 90, 90)).save(folder / f"bracket/{number}.png")
    return folder / "bracket"


def huge(folder: Path, clip: Path) -> Path:
    del clip
    (folder / "bracket").mkdir()
    huge_png(folder / "bracket/1.png")
    huge_png(folder / "bracket/2.png")
    return folder / "bracket"


def only_sound(folder: Path, clip: Path) -> Path:
    del clip
    return sound_only(folder / "sound.mp4")


def vanished(folder: Path, clip: Path) -> Path:
    del clip
    return folder / "gone.mp4"


def no_match(folder: Path, clip: Path) -> Path:
    del clip
    return folder / "*.jpg"


BAD = [
    empty, text, no_moov, cut_at_once, zero_frames, one_frame, one_still, no_stills, only_strangers,
    mixed_sizes, huge, only_sound, vanished, no_match,
]  # fmt: skip


@pytest.mark.parametrize("make", BAD, ids=lambda make: make.__name__)
@pytest.mark.parametrize(
    "words", [["pick", "--at", COINS, "-o", "out.jpg"], ["index"], ["stack", "-o", "s.tif"]]
)
def test_bad_input_is_said_in_one_sentence(
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    cache_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    clip: Path,
    make: Callable[[Path, Path], Path],
    words: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    bad = make(tmp_path, clip)
    kept = {path for path in cache_folder.rglob("*") if path.is_file()}
    with nothing_changes(tmp_path):
        ran = run(capfd, *words, bad, "--json")
    assert {path for path in cache_folder.rglob("*") if path.is_file()} == kept
    assert ran.code == 1
    assert ran.json == {"error": ran.sentence, "exit_code": 1}


@pytest.mark.parametrize("command", ["depth", "frames", "info"])
@pytest.mark.parametrize("make", [empty, no_moov, vanished], ids=lambda make: make.__name__)
def test_other_commands_say_the_same(
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    clip: Path,
    make: Callable[[Path, Path], Path],
    command: str,
) -> None:
    bad = make(tmp_path, clip)
    with nothing_changes(tmp_path):
        ran = run(capfd, command, bad, *(["-o", tmp_path / "out"] if command == "frames" else []))
    assert ran.code == 1
    assert ran.sentence


def test_info_still_describes_what_cannot_be_a_sweep(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, clip: Path
) -> None:
    ran = run(capfd, "info", one_frame(tmp_path, clip), "--json")
    assert ran.code == 0
    assert ran.json["sweep"] is None
    assert "at least two" in ran.json["notes"][0]


def test_a_clip_cut_in_the_middle_works_as_far_as_it_goes(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, clip: Path
) -> None:
    whole = moov_first(clip, tmp_path / "cut.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) * 8 // 10])
    ran = run(capfd, "index", tmp_path / "cut.mp4", "--json")
    assert ran.code == 0, ran.err
    assert 2 <= ran.json["frames"] < 10
    assert any("cut" in note for note in ran.json["notes"]), ran.json["notes"]
    assert "note: " in ran.err
    assert "note: " not in run(capfd, "index", "-q", tmp_path / "cut.mp4").err


def test_strangers_and_a_broken_still_are_named_and_left_out(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, stills: Path
) -> None:
    folder = tmp_path / "bracket"
    shutil.copytree(stills, folder)
    good = folder / "frame-004.jpg"
    good.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    (folder / "notes.txt").write_text("f/2.8")
    (folder / "thumb.jpg").write_bytes(b"")
    with nothing_changes(folder):
        ran = run(capfd, "pick", folder, "--at", COINS, "-o", tmp_path / "a.jpg", "--json")
    assert ran.code == 0, ran.err
    assert "frame-004.jpg" in ran.err
    assert "thumb.jpg" in ran.err


def outputs(clip: Path, folder: Path) -> dict[str, Path]:
    """Names that must not or cannot be written."""
    (folder / "folder.jpg").mkdir()
    (folder / "file").write_text("x")
    (folder / "link.jpg").symlink_to(clip)
    return {
        "input": folder / "link.jpg",
        "folder": folder / "folder.jpg",
        "no folder": folder / "none/out.jpg",
        "file as folder": folder / "file/out.jpg",
        "too long": folder / ("x" * 300 + ".jpg"),
    }


@pytest.mark.parametrize("case", ["input", "folder", "no folder", "file as folder", "too long"])
@pytest.mark.parametrize("command", ["pick", "stack"])
def test_names_that_cannot_be_written_are_refused_at_once(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, clip: Path, case: str, command: str
) -> None:
    out = outputs(clip, tmp_path)[case]
    place = ["--at", COINS] if command == "pick" else []
    with nothing_changes(tmp_path), nothing_changes(clip.parent):
        ran = run(capfd, command, clip, *place, "-o", out, "--overwrite")
    assert ran.code == 1
    assert ran.sentence


def test_an_input_is_never_replaced(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, stills: Path, clip: Path
) -> None:
    folder = tmp_path / "bracket"
    shutil.copytree(stills, folder)
    with nothing_changes(tmp_path):
        for words in (
            ["pick", folder, "--at", COINS, "-o", folder / "frame-003.jpg"],
            ["stack", folder, "-o", folder / "frame-000.jpg"],
            ["index", folder, "-o", folder],
        ):
            ran = run(capfd, *words, "--overwrite")
            assert ran.code in (1, 2)
            assert ran.sentence
        assert run(capfd, "simulate", tmp_path / "no/x.mp4").code == 1
    with nothing_changes(clip.parent):
        assert run(capfd, "depth", clip, "-o", clip, "--overwrite").code == 2


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that not even root may write to")
def test_a_folder_that_may_not_be_written_to(capfd: pytest.CaptureFixture[str], clip: Path) -> None:
    ran = run(capfd, "pick", clip, "--at", COINS, "-o", "/proc/out.jpg")
    assert ran.code == 1
    assert "/proc/out.jpg cannot be written" in ran.sentence


def test_a_cache_that_may_not_be_written_to(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("POSTFOCUS_CACHE", str(tmp_path / "file"))
    ran = run(capfd, "pick", clip, "--at", COINS, "-o", tmp_path / "a.jpg")
    assert ran.code == 1
    assert "POSTFOCUS_CACHE" in ran.sentence


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read(capfd: pytest.CaptureFixture[str], tmp_path: Path, clip: Path) -> None:
    shut = tmp_path / "shut.mp4"
    shut.write_bytes(clip.read_bytes())
    shut.chmod(0)
    ran = run(capfd, "info", shut)
    assert ran.code == 1
    assert "permission" in ran.sentence


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Generator[Path]:
    """A disk of 100 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    how = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(how, capture_output=True, check=False).returncode:
        pytest.skip("only root may make a tiny disk, and only on Linux")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize(
    "words",
    [
        ["stack", "-o", "sharp.tif"],
        ["depth", "-o", "depth.tif"],
        ["frames", "-o", ".", "--format", "png"],
        ["index", "-o", "a.postfocus"],
        ["simulate", "x.mp4", "--size", "320x180", "--frames", "4", "--scene", "plain"],
    ],
    ids=lambda words: words[0],
)
def test_a_full_disk(
    capfd: pytest.CaptureFixture[str],
    tiny_disk: Path,
    clip: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
) -> None:
    monkeypatch.chdir(tiny_disk)
    ran = run(capfd, *words, *([] if words[0] == "simulate" else [clip]))
    assert ran.code == 1
    assert "full" in ran.sentence or "No space" in ran.sentence
    hidden = [path.name for path in tiny_disk.iterdir() if path.name.startswith(".")]
    assert hidden == []
    if words[0] != "frames":
        assert list(tiny_disk.iterdir()) == []


def test_a_full_cache_disk(
    capfd: pytest.CaptureFixture[str], tiny_disk: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTFOCUS_CACHE", str(tiny_disk))
    ran = run(capfd, "index", clip)
    assert ran.code == 1
    assert "POSTFOCUS_CACHE" in ran.sentence or "full" in ran.sentence
    assert [path for path in tiny_disk.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        ("MemoryError()", "not enough memory"),
        ("OSError(28, 'No space left on device', 'x.jpg')", "the disk is full"),
        ("OSError(5, 'Input/output error')", "input/output error"),
        ("FileNotFoundError(2, 'No such file', 'x.jpg')", "x.jpg is gone"),
        ("ZeroDivisionError('division by zero')", "postfocus doctor"),
    ],
)
def test_whatever_happens_is_one_sentence(raised: str, said: str) -> None:
    code = (
        f"import postfocus.cli.doctor as doctor\ndef run(args, talk):\n    raise {raised}\ndoctor.run = run"
    )
    ran: Ran = finished(start("doctor", "--json", code=code))
    assert ran.code == 1
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert ran.json["exit_code"] == 1
    if "Zero" in raised:
        assert "Traceback" in finished(start("doctor", "-v", code=code)).err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("kept", [[], ["-u"]], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("words", [["doctor"], ["doctor", "--json"], ["nonsense", "--json"], ["--help"]])
def test_an_answer_that_has_no_room_where_it_goes(words: list[str], kept: list[str]) -> None:
    program = [sys.executable, *kept, "-m", "postfocus", *words]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=env)
    assert ran.returncode in (1, 2)
    assert ran.stderr.startswith("postfocus: ")
    assert ran.stderr.count("\n") == 1


def test_names_that_the_locale_cannot_spell(clip: Path, tmp_path: Path) -> None:
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    name = tmp_path / "\U0001f490 fleur é.jpg"
    ran = finished(start("pick", clip, "--at", COINS, "-o", name, env=env))
    assert ran.code == 0, ran.err
    assert [path.name for path in tmp_path.iterdir()] == [name.name]
