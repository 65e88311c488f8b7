"""Pairs are found in either layout, merged, and held against a truth."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks import pairs


def halves(folder: Path) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.uint8]], list[Path]]:
    """A sharp picture, and two files that show it sharp on the left and on the right."""
    raw = cv2.GaussianBlur(np.random.default_rng(3).normal(size=(240, 320, 3)), (0, 0), 2)
    sharp = np.clip((raw - raw.min()) / np.ptp(raw) * 255, 0, 255).astype(np.uint8)
    soft = cv2.GaussianBlur(sharp, (0, 0), 4)
    left = (np.arange(320) < 160)[None, :, None]
    files = [folder / "scene-A.png", folder / "scene-B.png"]
    for file, picture in zip(files, (np.where(left, sharp, soft), np.where(left, soft, sharp)), strict=True):
        cv2.imwrite(str(file), picture[..., ::-1])
    return sharp, files


def test_both_layouts_are_found(tmp_path: Path) -> None:
    for name in ("A_jpg/x-1-A.jpg", "A_jpg/x-2-A.jpg", "B_jpg/x-1-B.jpg", "B_jpg/x-2-B.jpg"):
        file = tmp_path / "two" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    found = list(pairs.jobs(tmp_path / "two"))
    assert [(job.name, [f.name for f in job.files]) for job in found] == [
        ("x-1", ["x-1-A.jpg", "x-1-B.jpg"]),
        ("x-2", ["x-2-A.jpg", "x-2-B.jpg"]),
    ]
    (tmp_path / "three").mkdir()
    for letter in "ABC":
        (tmp_path / "three" / f"y-{letter}.jpg").touch()
    assert [len(job.files) for job in pairs.jobs(tmp_path / "three")] == [3]


def test_merge_and_best_frame_take_the_sharp_halves(tmp_path: Path) -> None:
    sharp, files = halves(tmp_path)
    own = pairs.stacked(files)
    assert own.ours.shape == own.unmoved.shape == own.aligned[0].shape == sharp.shape
    best = pairs.best([pairs.load(f) for f in files], sharp.astype(np.float32))
    for picture, allowed in ((own.unmoved, 6.0), (best, 1.0)):
        assert np.abs(picture.astype(int) - sharp)[20:-20, 20:-20].mean() < allowed


def test_evened_frames_have_one_brightness(tmp_path: Path) -> None:
    _, files = halves(tmp_path)
    cv2.imwrite(str(files[0]), pairs.load(files[0])[..., ::-1] * 0.9)
    own = pairs.stacked(files)
    dark, bright = (float(frame.mean()) for frame in own.aligned)
    assert dark < 0.92 * bright
    dark, bright = (float(frame.mean()) for frame in own.evened)
    assert abs(dark / bright - 1) < 0.01


def test_absent_sets_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs.main(["--data", str(tmp_path), "--sets", "lytro", "office"])
    assert capsys.readouterr().out.count("left out") == 2
