"""What a person points at is sorted into sweeps."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.app.inputs import sweeps_of
from postfocus.app.pictures import depth_scale, preview_size
from postfocus.app.qr import as_svg, as_text
from postfocus.app.reach import Reach
from postfocus.app.touch import second_peak
from postfocus.errors import BadUse, CannotRead


def test_a_folder_of_clips_and_folders_of_stills(clip: Path, stills: Path, tmp_path: Path) -> None:
    for name in ("P10.MP4", "P9.MP4"):
        shutil.copy(clip, tmp_path / name)
    shutil.copytree(stills, tmp_path / "bracket")
    (tmp_path / "P9_frame.jpg").write_bytes(
        (stills / sorted(p.name for p in stills.iterdir())[0]).read_bytes()
    )
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "empty.mp4").write_bytes(b"")
    loop = tmp_path / "loop"
    loop.symlink_to(tmp_path)
    wanted = [(tmp_path / "P9.MP4",), (tmp_path / "P10.MP4",), (tmp_path / "bracket",)]
    assert sweeps_of([tmp_path]) == wanted
    assert sweeps_of([tmp_path / "bracket"]) == wanted[2:]


def test_stills_named_one_by_one_are_one_sweep(clip: Path, stills: Path) -> None:
    files = sorted(path for path in stills.iterdir() if path.suffix == ".jpg")
    assert sweeps_of([*reversed(files), clip]) == [(clip,), tuple(files)]


def test_what_is_saved_of_stills_beside_their_folder_is_no_sweep(stills: Path, tmp_path: Path) -> None:
    shutil.copytree(stills, tmp_path / "bracket")
    shutil.copy(next(stills.glob("*.jpg")), tmp_path / "bracket_stack.jpg")
    assert sweeps_of([tmp_path]) == [(tmp_path / "bracket",)]


def test_the_folder_above_is_told_by_its_own_name(
    stills: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(stills, tmp_path / "bracket")
    (tmp_path / "bracket" / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "bracket" / "inner")
    assert sweeps_of([".."]) == [(tmp_path / "bracket",)]


def test_nothing_to_open(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match="holds no clip"):
        sweeps_of([tmp_path])
    with pytest.raises(BadUse):
        sweeps_of([])


@settings(max_examples=40, deadline=None)
@given(st.integers(4, 25), st.integers(4, 25), st.floats(0.65, 1.0))
def test_another_clear_peak_is_found_and_nothing_else(first: int, other: int, height: float) -> None:
    slots = np.arange(30)
    one = 10 * np.exp(-0.5 * ((slots - first) / 1.5) ** 2)
    two = 10 * height * np.exp(-0.5 * ((slots - other) / 1.5) ** 2)
    curve = (1 + np.maximum(one, two)).astype(np.float32)
    found = second_peak(curve, slots, float(first), 2.0)
    if abs(first - other) >= 6:
        assert found == other
    elif abs(first - other) <= 1:
        assert found is None
    assert second_peak((1 + one).astype(np.float32), slots, float(first), 2.0) is None
    assert second_peak((1 + np.maximum(one, 0.4 * two)).astype(np.float32), slots, float(first), 2.0) is None


@given(st.integers(1, 2000))
def test_positions_fit_sixteen_bits(count: int) -> None:
    scale = depth_scale(count)
    assert (count - 1) * scale <= 0xFFFF
    assert scale == 256 or (count - 1) * 2 * scale > 0xFFFF


def test_previews_have_1080_rows_at_most() -> None:
    assert preview_size(3840, 2160) == {"width": 1920, "height": 1080}
    assert preview_size(480, 270) == {"width": 480, "height": 270}


def test_the_code_in_the_terminal_can_be_read_by_a_phone() -> None:
    address = "http://192.168.1.23:8230/?token=0123456789abcdefABCDEF_-0123456789"
    halves = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}
    lines = [line for line in as_text(address).splitlines() if line]
    rows = [[halves[c][half] for c in line] for line in lines for half in (0, 1)]
    picture = np.pad(np.array(rows, np.uint8) * 255, 4, constant_values=255)
    grown = np.kron(picture, np.ones((8, 8), np.uint8))
    assert cv2.QRCodeDetector().detectAndDecode(grown)[0] == address
    assert as_svg(address).startswith("<svg xmlns=")


def test_reach() -> None:
    assert Reach.of("::1", 80) == Reach("http://[::1]:80", None)
    assert Reach.of("192.168.1.5", 8230) == Reach("http://192.168.1.5:8230", "http://192.168.1.5:8230")
    everywhere = Reach.of("0.0.0.0", 8230)
    assert everywhere.here == "http://127.0.0.1:8230"
    assert everywhere.there is None or everywhere.there.endswith(":8230")
