"""What the camera wrote is found, survives being moved, and never stops a picture from being read."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import datetime, timedelta
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from postfocus.io.exif import camera_facts, exif_for, tag_block
from postfocus.model.frame import CameraFacts
from tests.io.exif_blocks import camera_block, panasonic_note

DATA = Path(os.environ.get("POSTFOCUS_DATA", Path(__file__).parents[3] / "shared" / "data"))
FEW = settings(max_examples=60, deadline=None)


def real_blocks() -> list[bytes]:
    paths = [DATA / "exiftool-panasonic/Panasonic.jpg", DATA / "exiv2-panasonic/exiv2-panasonic-dmc-fz5.jpg"]
    missing = [p for p in paths if not p.is_file()]
    if missing:
        pytest.skip(f"shared test pictures are absent: {missing[0]}")
    blocks = []
    for path in paths:
        with Image.open(path) as image:
            blocks.append(image.info["exif"])
    return blocks


def tags_of(exif: bytes) -> Image.Exif:
    tags = Image.Exif()
    tags.load(exif)
    return tags


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_a_camera_block_is_read_whole(order: str, prefix: bytes) -> None:
    block = camera_block(order)
    facts = camera_facts(prefix + block)
    assert facts == CameraFacts(
        make="Panasonic", model="DC-G9", lens="LUMIX G 42.5/F1.7", taken="2026:11:21 09:30:00", subsec="250",
        exposure_s=1 / 60, f_number=2.8, iso=200, focal_mm=42.5, burst="post focus", exif=block,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("burst", "bracket", "merging", "word"),
    [
        (0x01, 0, (0, 0), None),
        (0x04, 0, (0, 0), "post focus"),
        (0x18, 0, (0, 0), "4k burst"),
        (0x408, 3, (0, 0), "focus stacking"),
        (0x01, 3, (0, 0), "focus bracketing"),
        (0x01, 0, (3, 17), "focus stacking"),
        (0xDEAD, 1, (0, 0), None),
    ],
)
def test_burst_modes_become_words(
    burst: int, bracket: int, merging: tuple[int, int], word: str | None
) -> None:
    assert camera_facts(camera_block(burst=burst, bracket=bracket, merging=merging)).burst == word


@pytest.mark.parametrize(
    "taken", ["0000:00:00 00:00:00", "    :  :     :  :  ", "2026:02:30 10:00:00", "soon"]
)
def test_an_unset_clock_is_no_date(taken: str) -> None:
    facts = camera_facts(camera_block(taken=taken))
    assert (facts.taken, facts.subsec, facts.model) == (None, None, "DC-G9")


def test_real_panasonic_files() -> None:
    facts = [camera_facts(block) for block in real_blocks()]
    assert [(f.model, f.iso, f.exposure_s) for f in facts] == [
        ("DMC-FZ3", 80, 0.0025),
        ("DMC-FZ5", 80, 0.0025),
    ]


@FEW
@given(st.binary(max_size=300))
def test_random_bytes_never_raise(data: bytes) -> None:
    assert camera_facts(data).burst is None
    for head in (b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"):
        facts = camera_facts(head + data)
        assert tag_block(exif_for(facts, width=1, height=1)) is not None


@FEW
@given(st.data())
def test_damaged_blocks_never_raise(data: st.DataObject) -> None:
    block = bytearray(camera_block(data.draw(st.sampled_from("<>"))))
    for _ in range(data.draw(st.integers(1, 6))):
        block[data.draw(st.integers(4, len(block) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(block[: data.draw(st.integers(0, len(block)))])
    facts = camera_facts(cut)
    written = exif_for(facts, time_offset=Fraction(1, 3), width=10, height=20)
    assert len(written) <= 65_000
    assert tags_of(written).get_ifd(0x8769)[0xA002] == 10


def test_nothing_known_still_gives_a_block() -> None:
    tags = tags_of(exif_for(CameraFacts(), width=30, height=20))
    assert tags[0x131].startswith("postfocus")
    assert tags[0x112] == 1
    assert (tags.get_ifd(0x8769)[0xA002], tags.get_ifd(0x8769)[0xA003]) == (30, 20)


def test_facts_without_a_block_are_written() -> None:
    facts = CameraFacts(make="M", model="N", lens="60 mm", taken="2026:11:21 09:30:00", exposure_s=1 / 250,
                        f_number=2.8, iso=102_400, focal_mm=60.0)  # fmt: skip
    read = camera_facts(exif_for(facts, width=3, height=2))
    assert (read.make, read.model, read.lens, read.taken) == ("M", "N", "60 mm", "2026:11:21 09:30:00")
    assert (read.exposure_s, read.f_number, read.focal_mm) == (1 / 250, 2.8, 60.0)


@pytest.mark.parametrize("order", ["<", ">"])
def test_what_is_kept_and_what_is_not(order: str) -> None:
    tags = tags_of(exif_for(camera_facts(camera_block(order)), width=640, height=480))
    assert (tags[0x10F], tags[0x110], tags[0x8298], tags[0x112]) == ("Panasonic", "DC-G9", "(c) someone", 1)
    assert tags.get_ifd(0x8825)[2] == (48.0, 8.0, 30.0)
    assert tags.get_ifd(0x8769)[0x9011] == "+01:00"
    assert (tags.get_ifd(0x8769)[0xA002], tags.get_ifd(0x8769)[0xA003]) == (640, 480)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("filler", [0, 8000])
def test_maker_notes_keep_bytes_and_place(order: str, filler: int) -> None:
    block = camera_block(order, filler=filler)
    facts = camera_facts(exif_for(camera_facts(block), width=1, height=1))
    assert facts.burst == "post focus"
    assert facts.lens == "LUMIX G 42.5/F1.7"
    assert facts.exif is not None
    start = block.index(b"Panasonic\0\0\0")
    note = panasonic_note(start, order)
    assert facts.exif[start : start + len(note)] == note == block[start : start + len(note)]


def test_maker_notes_with_values_elsewhere_are_dropped() -> None:
    block = bytearray(camera_block())
    at = block.index(b"\x51\0\x02\0") + 8  # the lens' offset, now pointing at the file's head
    block[at : at + 4] = (8).to_bytes(4, "little")
    written = exif_for(camera_facts(bytes(block)), width=1, height=1)
    assert b"Panasonic\0\0\0" not in written
    assert camera_facts(written).model == "DC-G9"


def test_a_block_that_is_too_large_loses_the_long_values_only() -> None:
    facts = camera_facts(camera_block(filler=60_000))
    written = exif_for(facts, width=1, height=1)
    assert len(written) <= 65_000
    assert camera_facts(written).focal_mm == 42.5


@pytest.mark.parametrize(
    ("taken", "subsec", "offset", "expected"),
    [
        ("2026:11:21 09:30:00", "250", Fraction(1001, 30000), "2026:11:21 09:30:00.283"),
        ("2026:11:21 09:30:00", "9", Fraction(1, 10), "2026:11:21 09:30:01.000"),
        ("2026:12:31 23:59:59", "990", Fraction(1, 50), "2027:01:01 00:00:00.010"),
        ("2024:02:28 23:59:59", None, Fraction(3, 2), "2024:02:29 00:00:00.500"),
        ("2026:11:21 09:30:00", "000", Fraction(-1, 4), "2026:11:21 09:29:59.750"),
    ],
)
def test_the_capture_time_moves(taken: str, subsec: str | None, offset: Fraction, expected: str) -> None:
    facts = camera_facts(camera_block(taken=taken, subsec=subsec))
    written = exif_for(facts, time_offset=offset, width=1, height=1)
    shot = tags_of(written).get_ifd(0x8769)
    assert f"{shot[0x9003]}.{shot[0x9291]}" == expected
    assert f"{shot[0x9004]}.{shot[0x9292]}" == expected
    assert shot[0x9011] == "+01:00"


@FEW
@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(lambda t: t.replace(microsecond=0)),
    st.integers(0, 999),
    st.integers(-100_000_000, 100_000_000),
)
def test_times_move_by_whole_milliseconds(moment: datetime, ms: int, offset: int) -> None:
    facts = camera_facts(camera_block(taken=moment.strftime("%Y:%m:%d %H:%M:%S"), subsec=f"{ms:03d}"))
    read = camera_facts(exif_for(facts, time_offset=Fraction(offset, 1000), width=1, height=1))
    assert read.taken is not None
    assert read.subsec is not None
    moved = datetime.strptime(f"{read.taken}.{read.subsec}", "%Y:%m:%d %H:%M:%S.%f")
    assert moved == moment + timedelta(milliseconds=ms + offset)


def test_writing_twice_changes_nothing() -> None:
    once = exif_for(camera_facts(camera_block()), width=4, height=3)
    assert camera_facts(exif_for(camera_facts(once), width=4, height=3)).burst == "post focus"


def test_exiftool_finds_no_fault(tmp_path: Path) -> None:
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed")
    paths = []
    for number, block in enumerate([camera_block("<"), camera_block(">"), b""]):
        exif = exif_for(camera_facts(block), time_offset=Fraction(1, 3), width=8, height=8)
        paths.append(tmp_path / f"{number}.jpg")
        out = BytesIO()
        Image.new("RGB", (8, 8)).save(out, "JPEG", exif=b"Exif\0\0" + exif)
        paths[-1].write_bytes(out.getvalue())
    command = ["exiftool", "-q", "-validate", "-warning", "-error", "-a", "-s3", *map(str, paths)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert [line for line in answer.stdout.splitlines() if not line.startswith("=")] == ["OK", "OK", "OK"]


def test_exiftool_reads_real_maker_notes_as_before(tmp_path: Path) -> None:
    blocks = real_blocks()
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed")
    for number, block in enumerate(blocks):
        notes = []
        for exif in (block, b"Exif\0\0" + exif_for(camera_facts(block), width=8, height=8)):
            path = tmp_path / f"{number}-{len(notes)}.jpg"
            out = BytesIO()
            Image.new("RGB", (8, 8)).save(out, "JPEG", exif=exif)
            path.write_bytes(out.getvalue())
            command = ["exiftool", "-a", "-s", "-b", "-Panasonic:all", "-warning", str(path)]
            notes.append(subprocess.run(command, capture_output=True, check=True).stdout)
        assert notes[0] == notes[1]
        assert len(notes[0]) > 200
