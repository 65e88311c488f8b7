"""An EXIF block is hidden in a clip as a Lumix hides it, and must be found; damage must only hide it."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.io.mp4_atoms import Box, boxes, panasonic_exif, tiff_block
from postfocus.io.video import open_video
from tests.support import clips
from tests.support.clips import box, number_of, numbered_clip, write_panasonic_atom, write_user_data
from tests.support.mutate import mutate

EXIF = clips.panasonic_exif()


@pytest.mark.parametrize("kind", [b"PANA", b"LEIC"])
@pytest.mark.parametrize("fast_start", [False, True])
def test_the_block_is_found_and_the_clip_still_plays(tmp_path: Path, kind: bytes, fast_start: bool) -> None:
    clip = numbered_clip(tmp_path / "pf.mp4", 4, fast_start=fast_start)
    assert panasonic_exif(clip) is None
    write_panasonic_atom(clip, EXIF, kind=kind)
    assert panasonic_exif(clip) == EXIF
    assert [number_of(f.luma) for f in open_video(clip).frames()] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "lead", [b"", b"x" * 7, b"\xff\xd8\xff\xe1\0\x10", b"II*\0 no directory here", b"\0" * 4096]
)
def test_the_offset_differs_from_model_to_model(tmp_path: Path, lead: bytes) -> None:
    clip = numbered_clip(tmp_path / "pf.mp4", 1)
    write_panasonic_atom(clip, EXIF, lead=lead)
    assert panasonic_exif(clip) == EXIF


def test_a_bare_tiff_header_is_enough(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "pf.mp4", 1)
    write_user_data(clip, box(b"PANA", b"thumbnail" * 50 + EXIF))
    assert panasonic_exif(clip) == EXIF
    big = b"MM\0*" + struct.pack(">IHHHII", 8, 1, 0x0112, 3, 1, 1 << 16) + bytes(4)
    assert tiff_block(b"..." + big) == big


def test_other_user_data_and_atoms_elsewhere_are_passed_over(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "pf.mp4", 1)
    write_user_data(clip, box(b"free", b"Exif\0\0" + EXIF) + box(b"PANA", b"nothing in here"))
    assert panasonic_exif(clip) is None
    with clip.open("ab") as file:
        file.write(box(b"PANA", b"Exif\0\0" + EXIF))
    assert panasonic_exif(clip) == EXIF


def test_long_sizes_and_boxes_to_the_end_are_followed() -> None:
    long = struct.pack(">I4sQ", 1, b"moov", 16 + 4) + b"abcd"
    last = struct.pack(">I4s", 0, b"mdat") + b"rest"
    data = io.BytesIO(box(b"ftyp", b"pana") + long + last)
    found = list(boxes(data, 0, len(data.getvalue())))
    assert found == [Box(b"ftyp", 8, 12), Box(b"moov", 28, 32), Box(b"mdat", 40, 44)]


@pytest.mark.parametrize("size", [2, 7])
def test_a_box_smaller_than_its_head_ends_the_walk(size: int) -> None:
    data = io.BytesIO(box(b"ftyp", b"") + struct.pack(">I4s", size, b"moov") + bytes(64))
    assert [b.kind for b in boxes(data, 0, 80)] == [b"ftyp"]


def test_a_missing_file_has_no_facts(tmp_path: Path) -> None:
    assert panasonic_exif(tmp_path / "gone.mp4") is None
    assert panasonic_exif(tmp_path) is None


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=300))
def test_no_bytes_make_the_walk_fail(data: bytes) -> None:
    walked = list(boxes(io.BytesIO(data), 0, len(data)))
    assert all(0 <= b.start <= b.end <= len(data) for b in walked)
    found = tiff_block(data)
    assert found is None or data.endswith(found)


def test_damage_hides_the_block_at_worst(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "pf.mp4", 2)
    write_panasonic_atom(clip, EXIF)
    whole, hurt = clip.read_bytes(), tmp_path / "hurt.mp4"
    found = 0
    for seed in range(200):
        hurt.write_bytes(mutate(whole, seed))
        block = panasonic_exif(hurt)
        assert block is None or block[:4] in (b"II*\0", b"MM\0*")
        found += block is not None
    assert 20 < found < 200
