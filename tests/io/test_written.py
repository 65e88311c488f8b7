"""A picture counts as written only if it is there, whole, unchanged, and made as it would be made now."""

from __future__ import annotations

from pathlib import Path

import pytest

from postfocus.io.written import WRITTEN, Written


@pytest.fixture
def noted(tmp_path: Path) -> tuple[Written, Path]:
    notes, picture = Written(tmp_path), tmp_path / "a.tif"
    picture.write_bytes(b"whole picture")
    notes.note(picture, "recipe", picture)
    return notes, picture


def test_only_the_very_picture_is_held(noted: tuple[Written, Path]) -> None:
    notes, picture = noted
    assert notes.holds(picture, "recipe")
    assert not notes.holds(picture, "another recipe")
    assert not notes.holds(picture.with_name("b.tif"), "recipe")


@pytest.mark.parametrize("changed", [b"whole pictur", b"Whole picture", b"whole picture ", b""])
def test_what_is_cut_short_or_changed_is_not(noted: tuple[Written, Path], changed: bytes) -> None:
    notes, picture = noted
    picture.write_bytes(changed)
    assert not notes.holds(picture, "recipe")
    picture.unlink()
    assert not notes.holds(picture, "recipe")


def test_noted_before_it_appears(tmp_path: Path) -> None:
    notes, part, picture = Written(tmp_path), tmp_path / ".part", tmp_path / "a.tif"
    part.write_bytes(b"whole")
    notes.note(picture, "recipe", part)
    assert not notes.holds(picture, "recipe")
    part.rename(picture)
    assert notes.holds(picture, "recipe")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"a": 1}', '{"a": ["x"]}', '{"a": ["x", 1]}', "\u20ac", "[" * 100_000]
)
def test_damaged_notes_hold_nothing_and_are_made_anew(tmp_path: Path, text: str) -> None:
    notes, picture = Written(tmp_path), tmp_path / "a.tif"
    picture.write_bytes(b"whole")
    (tmp_path / WRITTEN).write_text(text, "utf-8")
    assert not notes.holds(picture, "x")
    notes.note(picture, "x", picture)
    assert notes.holds(picture, "x")


def test_what_is_gone_is_forgotten_and_no_folder_is_no_harm(
    noted: tuple[Written, Path], tmp_path: Path
) -> None:
    notes, picture = noted
    other = picture.with_name("b.tif")
    other.write_bytes(b"b")
    picture.unlink()
    notes.note(other, "recipe", other)
    assert picture.name not in (tmp_path / WRITTEN).read_text()
    nowhere = Written(tmp_path / "gone")
    nowhere.note(other, "recipe", other)
    assert not nowhere.holds(other, "recipe")
