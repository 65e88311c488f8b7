"""Pixels, profile, EXIF and record come back from every container, read by others' readers."""

from __future__ import annotations

import io
import shutil
import subprocess
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms

from postfocus.errors import BadUse, CannotWrite
from postfocus.export.formats import MEDIA_TYPES
from postfocus.export.stills import check_picture, save, to_eight_bits
from postfocus.export.xmp import read_record
from postfocus.io import icc
from postfocus.io.exif import camera_facts
from postfocus.model.frame import CameraFacts
from postfocus.model.picture import Picture
from tests.io.exif_blocks import camera_block

RNG = np.random.default_rng(7)
EXTENSIONS = sorted(MEDIA_TYPES)
RECORD = {"frame": 17, "place": {"x": 0.25}, "note": "<&> \0 é 🌸 ]]>"}


def noise(dtype: str, shape: tuple[int, ...] = (24, 33, 3)) -> NDArray[Any]:
    return (RNG.random(shape) * np.iinfo(dtype).max).astype(dtype)


def smooth(dtype: str) -> NDArray[Any]:
    y, x = np.mgrid[:48, :64] / 64
    ramp = np.stack([x, y, (x + y) / 2], axis=2)
    return np.rint(ramp * np.iinfo(dtype).max).astype(dtype)


def wide_profile() -> bytes:
    """A profile that is not sRGB: the same curves with red and green exchanged."""
    profile = bytearray(icc.srgb())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


def pillow_icc(path: Path) -> bytes | None:
    with Image.open(path) as image:
        return image.info.get("icc_profile")


def exif_of(path: Path) -> tuple[dict[int, Any], dict[int, Any], dict[int, Any]]:
    """Main, EXIF and GPS directories as Pillow reads them."""
    with Image.open(path) as image:
        tags = image.getexif()
        return dict(tags), dict(tags.get_ifd(0x8769)), dict(tags.get_ifd(0x8825))


@pytest.mark.parametrize("extension", EXTENSIONS)
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_everything_travels(tmp_path: Path, extension: str, dtype: str, order: str) -> None:
    camera = camera_facts(camera_block(order, subsec="900"))
    profile = wide_profile()
    path = tmp_path / f"a{extension}"
    assert save(Picture(smooth(dtype), profile, camera, RECORD), path, time_offset=Fraction(1, 4)) == path
    assert read_record(path) == RECORD
    assert pillow_icc(path) == profile
    tags, shot, gps = exif_of(path)
    assert (tags[0x110], tags[0x8298], tags.get(0x112, 1)) == ("DC-G9", "(c) someone", 1)
    assert tags[0x131].startswith("postfocus")
    assert (shot[0x829D], shot[0x9003], shot[0x9291]) == (2.8, "2026:11:21 09:30:01", "150")
    assert gps[2] == (48.0, 8.0, 30.0)
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"), np.float32)
    assert np.abs(pixels - smooth("uint8")).mean() < 2


@pytest.mark.parametrize("extension", EXTENSIONS)
@pytest.mark.parametrize("shape", [(24, 33, 3), (24, 33), (1, 1, 3), (1, 1)])
def test_untagged_colour_is_srgb_and_grey_has_no_profile(
    tmp_path: Path, extension: str, shape: tuple[int, ...]
) -> None:
    path = save(Picture(noise("uint8", shape)), tmp_path / f"a{extension}")
    assert pillow_icc(path) == (icc.srgb() if len(shape) == 3 else None)
    with Image.open(path) as image:
        assert image.size == shape[1::-1]


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("shape", [(24, 33, 3), (24, 33)])
def test_png_keeps_every_code(tmp_path: Path, dtype: str, shape: tuple[int, ...]) -> None:
    pixels = noise(dtype, shape)
    path = save(Picture(pixels), tmp_path / "a.png")
    read = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert read.dtype == pixels.dtype
    np.testing.assert_array_equal(read if read.ndim == 2 else read[..., ::-1], pixels)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("shape", [(24, 33, 3), (24, 33)])
@pytest.mark.parametrize("order", ["<", ">"])
def test_tiff_keeps_every_code(tmp_path: Path, dtype: str, shape: tuple[int, ...], order: str) -> None:
    pixels = RNG.random(shape).astype(np.float32) if dtype == "float32" else noise(dtype, shape)
    path = save(Picture(pixels, camera=camera_facts(camera_block(order))), tmp_path / "a.tif")
    read = tifffile.imread(path)
    assert read.dtype == pixels.dtype
    np.testing.assert_array_equal(read, pixels)
    if dtype != "float32" or len(shape) == 2:
        with Image.open(path) as image:
            assert image.size == shape[1::-1]


@pytest.mark.parametrize("order", ["<", ">"])
def test_tiff_keeps_panasonic_notes_readable(tmp_path: Path, order: str) -> None:
    block = camera_block(order)
    path = save(Picture(noise("uint16"), camera=camera_facts(block)), tmp_path / "a.tif")
    facts = camera_facts(path.read_bytes())
    assert (facts.burst, facts.lens, facts.model) == ("post focus", "LUMIX G 42.5/F1.7", "DC-G9")


def test_tiff_with_maker_notes_cut_to_their_head(tmp_path: Path) -> None:
    block = bytearray(camera_block())
    at = block.index(b"\x7c\x92\7\0") + 4
    block[at : at + 4] = (12).to_bytes(4, "little")
    path = save(Picture(noise("uint8"), camera=camera_facts(bytes(block))), tmp_path / "a.tif")
    assert camera_facts(path.read_bytes()).model == "DC-G9"


def test_jpeg_keeps_colour_at_full_size_from_90_on(tmp_path: Path) -> None:
    layers = []
    for quality in (95, 90, 89):
        path = save(Picture(noise("uint8")), tmp_path / f"{quality}.jpg", quality=quality)
        with Image.open(path) as image:
            layers.append([(h, v) for _, h, v, _ in image.layer])  # type: ignore[attr-defined]
    assert layers == [[(1, 1)] * 3, [(1, 1)] * 3, [(2, 2), (1, 1), (1, 1)]]


def test_sixteen_bits_are_rounded_not_cut() -> None:
    codes = np.arange(65536, dtype=np.uint16)
    np.testing.assert_array_equal(to_eight_bits(codes), np.rint(codes / 257).astype(np.uint8))


def test_a_profile_that_does_not_fit_the_pixels_is_not_attached(tmp_path: Path) -> None:
    assert pillow_icc(save(Picture(noise("uint8", (4, 4)), icc.srgb()), tmp_path / "grey.png")) is None
    assert pillow_icc(save(Picture(noise("uint8"), b"nonsense"), tmp_path / "rgb.png")) == icc.srgb()


@pytest.mark.parametrize("name", ["with space", "-dash", "🌸 é", "new\nline", "..dots", "a" * 250])
@pytest.mark.parametrize("extension", [".jpg", ".PNG", ".tif"])
def test_hostile_names(tmp_path: Path, name: str, extension: str) -> None:
    path = save(Picture(noise("uint8", (3, 3)), record=RECORD), tmp_path / (name + extension))
    assert read_record(path) == RECORD
    assert len(list(tmp_path.iterdir())) == 1


def test_hostile_facts_do_no_harm(tmp_path: Path) -> None:
    camera = CameraFacts(make="<x>\0\n" + "é" * 9000, model="", iso=10**9, exposure_s=float("nan"),
                         f_number=float("inf"), focal_mm=1e300, taken="never", exif=b"II*\0junk")  # fmt: skip
    for extension in EXTENSIONS:
        path = save(Picture(noise("uint8"), camera=camera), tmp_path / f"a{extension}")
        assert exif_of(path)[0][0x131].startswith("postfocus")


@pytest.mark.parametrize(
    ("pixels", "name", "quality", "words"),
    [
        (np.zeros((2, 2), np.uint8), "a.gif", 95, r"use one of \.jpg, \.jpeg, \.png"),
        (np.zeros((2, 2), np.uint8), "a", 95, "known extension"),
        (np.zeros((2, 2), np.uint8), "a.jpg", 0, "between 1 and 100"),
        (np.zeros((2, 2), np.float32), "a.png", 95, r"ends in \.tif"),
        (np.zeros((2, 2), np.float64), "a.tif", 95, "convert them"),
        (np.zeros((2, 2, 4), np.uint8), "a.png", 95, "neither grey nor red"),
        (np.zeros((0, 2, 3), np.uint8), "a.png", 95, "no pixels"),
        (np.broadcast_to(np.uint8(0), (1, 16_384)), "a.webp", 95, r"16383 .* choose \.png or \.tif"),
        (np.broadcast_to(np.uint8(0), (65_501, 1)), "a.jpg", 95, r"65500 .* choose \.png or \.tif"),
        (np.broadcast_to(np.uint16(0), (60_000, 60_000)), "a.tif", 95, r"choose \.png"),
    ],
)
def test_what_a_container_cannot_hold(
    tmp_path: Path, pixels: NDArray[Any], name: str, quality: int, words: str
) -> None:
    with pytest.raises(BadUse, match=words):
        check_picture(Picture(pixels), tmp_path / name, quality)
    with pytest.raises(BadUse, match=words):
        save(Picture(pixels), tmp_path / name, quality=quality)
    assert list(tmp_path.iterdir()) == []


def test_originals_and_taken_names_are_refused(tmp_path: Path) -> None:
    path = save(Picture(noise("uint8")), tmp_path / "a.png")
    before = path.read_bytes()
    with pytest.raises(CannotWrite, match="exists already"):
        save(Picture(noise("uint8")), path)
    with pytest.raises(CannotWrite, match="one of the inputs"):
        save(Picture(noise("uint8")), path, overwrite=True, inputs=[path])
    assert path.read_bytes() == before
    save(Picture(noise("uint8")), path, overwrite=True)
    assert path.read_bytes() != before


def test_the_same_picture_gives_the_same_bytes(tmp_path: Path) -> None:
    picture = Picture(noise("uint8"), camera=camera_facts(camera_block()), record=RECORD)
    for extension in EXTENSIONS:
        one, two = (save(picture, tmp_path / f"{n}{extension}").read_bytes() for n in (1, 2))
        assert zlib.crc32(one) == zlib.crc32(two)


def test_exiftool_agrees(tmp_path: Path) -> None:
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed")
    picture = Picture(noise("uint8"), camera=camera_facts(camera_block()), record=RECORD)
    for extension in EXTENSIONS:
        save(picture, tmp_path / f"a{extension}")
    fields = ["-Model", "-FNumber", "-SubSecDateTimeOriginal", "-GPSLatitude", "-VideoBurstMode",
              "-XMP-postfocus:Frame", "-ICC_Profile:ColorSpaceData", "-Warning", "-Error"]  # fmt: skip
    for extension in EXTENSIONS:
        command = ["exiftool", "-s", "-s", "-n", "-a", *fields, str(tmp_path / f"a{extension}")]
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        lines = dict(line.split(": ", 1) for line in answer.splitlines())
        assert float(lines.pop("GPSLatitude")) == pytest.approx(48 + 8 / 60 + 30 / 3600)
        assert lines == {
            "Model": "DC-G9", "FNumber": "2.8", "SubSecDateTimeOriginal": "2026:11:21 09:30:00.250+01:00",
            "VideoBurstMode": "4", "Frame": "17", "ColorSpaceData": "RGB",
        }, extension  # fmt: skip


def test_the_srgb_profile_is_what_littlecms_calls_srgb() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    ours = ImageCms.ImageCmsProfile(io.BytesIO(icc.srgb()))
    assert ImageCms.getProfileDescription(profile) == ImageCms.getProfileDescription(ours)
