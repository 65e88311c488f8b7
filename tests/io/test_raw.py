from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
import tifffile

from postfocus.errors import CannotRead
from postfocus.io.images import probe_still, read_still
from postfocus.io.raw import decodes, preview_header, read_preview, read_raw, white_balance
from postfocus.sources.bracket import Bracket
from tests.support import stills

DATA = Path(os.environ.get("POSTFOCUS_DATA", Path(__file__).parents[3] / "shared" / "data"))
GREY = (0.5, 1.0, 0.6)
WARM = (0.8, 1.0, 0.4)


def centre(pixels: np.ndarray) -> np.ndarray:
    h, w = pixels.shape[:2]
    return pixels[h // 4 : -h // 4, w // 4 : -w // 4].reshape(-1, 3).mean(axis=0)


def test_a_grey_scene_comes_out_grey_in_16_bits(tmp_path: Path) -> None:
    path = stills.write_dng(tmp_path / "a.dng", neutral=GREY)
    balance = white_balance(path)
    assert balance[0] / balance[1] == pytest.approx(2.0, rel=0.01)
    assert balance[2] / balance[1] == pytest.approx(1 / 0.6, rel=0.01)
    read = read_raw(path, balance)
    assert read.pixels.dtype == np.uint16
    assert read.coding.bits == 16
    red, green, blue = centre(read.pixels)
    assert red == pytest.approx(green, rel=0.03)
    assert blue == pytest.approx(green, rel=0.03)


def test_codes_follow_the_srgb_curve_and_nothing_is_stretched(tmp_path: Path) -> None:
    """Linear light of the sensor, through IEC 61966-2-1, is what comes out."""
    for index in (0, 4, 9):
        path = stills.write_dng(tmp_path / "a.dng", index=index, neutral=(1.0, 1.0, 1.0))
        green = centre(read_raw(path, (1.0, 1.0, 1.0, 1.0)).pixels)[1] / 65535
        h, w = 64, 96
        y, x = np.mgrid[0:h, 0:w]
        light = (4000 + 1500 * index) * (1 + (1 - x / w) * (1 - y / h)) + 9.5
        part = (light / (60000 - 512))[h // 4 : -h // 4, w // 4 : -w // 4]
        assert green == pytest.approx(float(np.mean(1.055 * part ** (1 / 2.4) - 0.055)), rel=0.01)


def test_one_white_balance_serves_the_whole_bracket(tmp_path: Path) -> None:
    """The second frame's own white balance would make the same scene blue; it is not asked."""
    first = stills.write_dng(tmp_path / "a1.dng", 0, neutral=GREY)
    second = stills.write_dng(tmp_path / "a2.dng", 0, neutral=GREY)
    data = second.read_bytes()
    told = b"".join(round(v * 10000).to_bytes(4, "little") + (10000).to_bytes(4, "little") for v in GREY)
    wrong = b"".join(round(v * 10000).to_bytes(4, "little") + (10000).to_bytes(4, "little") for v in WARM)
    assert data.count(told) == 1
    second.write_bytes(data.replace(told, wrong))
    own = centre(read_still(second).pixels)
    assert own[0] / own[2] < 0.8
    with Bracket.open([second, first]) as bracket:
        one, other = (frame.planes[0] for frame in bracket.frames())
    assert np.array_equal(one, other)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_raw_is_turned_upright(tmp_path: Path, orientation: int) -> None:
    path = stills.write_dng(tmp_path / "a.dng", orientation=orientation)
    level = read_still(stills.write_dng(tmp_path / "b.dng")).pixels
    header = probe_still(path)
    read = read_still(path).pixels
    assert read.shape[:2] == (header.height, header.width)
    turns = {1: 0, 3: 2, 6: 3, 8: 1}[orientation]
    assert np.abs(read.astype(int) - np.rot90(level, turns)).mean() < 200


def test_camera_facts_come_from_the_raw_file(tmp_path: Path) -> None:
    camera = probe_still(stills.write_dng(tmp_path / "a.dng")).camera
    assert (camera.make, camera.model) == ("Maker", "Model")
    assert camera.exif is not None
    assert len(camera.exif) < 2000


@pytest.mark.parametrize("cut", [3, 300, 6000])
def test_a_raw_file_that_is_cut_short_is_refused(tmp_path: Path, cut: int) -> None:
    path = stills.write_dng(tmp_path / "a.dng")
    path.write_bytes(path.read_bytes()[:-cut])
    assert not decodes(path)
    with pytest.raises(CannotRead, match=r"cut short.*\.$"):
        read_still(path)


def test_zeros_where_the_sensor_has_a_black_level_are_a_cut_file(tmp_path: Path) -> None:
    path = stills.write_dng(tmp_path / "a.dng")
    data = path.read_bytes()
    path.write_bytes(data[:-3000] + bytes(3000))
    with pytest.raises(CannotRead, match="cut short"):
        read_still(path)


@pytest.mark.parametrize("data", [b"", b"hello", b"II*\0" + bytes(range(256)) * 8, b"II*\0\x08\0\0\0\0\0"])
def test_what_is_no_raw_file_is_said_plainly(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.dng"
    path.write_bytes(data)
    with pytest.raises(CannotRead, match=r"\.$"):
        read_still(path)


def test_a_raw_file_without_a_preview_says_so(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match="neither readable raw data nor a preview"):
        preview_header(stills.write_dng(tmp_path / "a.dng"))


def with_preview(path: Path, index: int, orientation: int = 1) -> Path:
    """A DNG whose sensor data LibRaw cannot unpack, and the camera's JPEG beside them."""
    shown = simplejpeg.encode_jpeg(
        stills.stored(stills.picture(index), orientation), 95, colorsubsampling="444"
    )
    dng = stills.write_dng(path, index)
    with tifffile.TiffFile(dng) as tif:
        page = tif.pages[0]
        sensor = page.asarray()
        keep = [
            (t.code, t.dtype, t.count, t.value, True)
            for t in page.tags
            if t.code > 33000 or t.code in (271, 272)
        ]
    with tifffile.TiffWriter(dng) as tif:
        orient = [(274, 3, 1, orientation, True)]
        tif.write(
            np.frombuffer(shown, np.uint8)[None], photometric="minisblack", metadata=None, subifds=1,
            rowsperstrip=1, subfiletype=1, extratags=keep + orient,
        )  # fmt: skip
        tif.write(sensor, photometric=32803, metadata=None, extratags=keep, rowsperstrip=64)
    data = bytearray(dng.read_bytes())
    with tifffile.TiffFile(dng) as tif:
        first, inner = tif.pages[0], tif.pages[0].pages[0]
        shape = {first.tags[256].valueoffset: stills.WIDTH, first.tags[257].valueoffset: stills.HEIGHT}
        lost = {inner.tags[273].valueoffset: 1 << 24}
    coded = {first.tags[259].valueoffset: 7, first.tags[262].valueoffset: 6}
    for place, value in (shape | lost).items():
        data[place : place + 4] = value.to_bytes(4, "little")
    for place, value in coded.items():
        data[place : place + 2] = value.to_bytes(2, "little")
    dng.write_bytes(data)
    return dng


@pytest.mark.parametrize("orientation", [1, 6])
def test_previews_serve_where_the_sensor_data_cannot_be_unpacked(tmp_path: Path, orientation: int) -> None:
    paths = [with_preview(tmp_path / f"a{index}.dng", index, orientation) for index in range(3)]
    assert not decodes(paths[0])
    assert np.abs(read_preview(paths[0]).pixels.astype(int) - stills.picture(0)).max() <= 6
    with Bracket.open(paths) as bracket:
        assert bracket.info.codec == "raw preview"
        assert (bracket.info.width, bracket.info.height) == (stills.WIDTH, stills.HEIGHT)
        assert "preview is used" in bracket.info.left_out[0].reason
        for index, frame in enumerate(bracket.frames()):
            assert np.abs(frame.planes[0].astype(int) - stills.picture(index)).max() <= 6


def test_a_panasonic_raw_file_whose_picture_is_cut_away_is_refused() -> None:
    path = DATA / "exiftool-panasonic" / "Panasonic.rw2"
    if not path.exists():
        pytest.skip(f"no test data at {path}")
    header = probe_still(path)
    assert header.camera.model == "DMC-LX3"
    assert header.camera.taken == "2008:08:06 15:21:56"
    with pytest.raises(CannotRead, match="cut short"):
        read_still(path)
