from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from postfocus.errors import CannotRead
from postfocus.io.images import probe_still, read_still
from postfocus.io.sniff import STILLS, UNSUPPORTED, kind_of, sniff
from postfocus.io.turning import turn_upright
from tests.support import stills
from tests.support.mutate import mutate

WRITERS: dict[str, Callable[[Path], Path]] = {
    "jpeg": lambda p: stills.write_jpeg(p, stills.picture()),
    "png": lambda p: stills.write_png(p, stills.picture()),
    "tiff": lambda p: stills.write_tiff(p, [stills.picture()]),
    "webp": lambda p: stills.write_pillow(p, stills.picture(), "WEBP", lossless=True),
    "avif": lambda p: stills.write_pillow(p, stills.picture(), "AVIF", quality=95, speed=10),
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("shape", [(3, 5), (3, 5, 3)])
def test_turning_undoes_how_the_camera_was_held(orientation: int, shape: tuple[int, ...]) -> None:
    upright = np.arange(np.prod(shape), dtype=np.uint16).reshape(shape)
    assert np.array_equal(turn_upright(stills.stored(upright, orientation), orientation), upright)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "packed tiff", "packed deep tiff", "avif"])
def test_every_format_is_turned_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    upright = stills.deep() if "deep" in kind else stills.picture()
    held = stills.stored(upright, orientation)
    path = tmp_path / "still"
    block = stills.exif(orientation=orientation)
    if kind == "jpeg":
        stills.write_jpeg(path, held, block)
    elif kind == "png":
        stills.write_png(path, held, block)
    elif kind == "webp":
        stills.write_pillow(path, held, "WEBP", lossless=True, exif=block)
    elif kind == "avif":
        stills.write_pillow(path, held, "AVIF", quality=95, speed=10, subsampling="4:4:4", exif=block)
    else:
        packing = "zlib" if "packed" in kind else None
        stills.write_tiff(path, [held], compression=packing, extratags=[(274, 3, 1, orientation, True)])
    header = probe_still(path)
    read = read_still(path)
    assert (header.width, header.height) == (stills.WIDTH, stills.HEIGHT)
    assert read.pixels.shape == upright.shape
    tolerance = 6 if kind in ("jpeg", "avif") else 0
    assert np.abs(read.pixels.astype(int) - upright).max() <= tolerance


@pytest.mark.parametrize("write", [stills.write_png, lambda p, a: stills.write_tiff(p, [a])])
@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("bits", [8, 16])
def test_codes_are_kept_exactly(
    tmp_path: Path, write: Callable[[Path, np.ndarray], Path], grey: bool, bits: int
) -> None:
    pixels = stills.picture(3) if bits == 8 else stills.deep(3)
    pixels = np.ascontiguousarray(pixels[..., 1]) if grey else pixels
    path = write(tmp_path / "a.png", pixels)
    header = probe_still(path)
    read = read_still(path)
    assert (header.bits, header.channels) == (bits, 1 if grey else 3)
    assert read.coding.bits == bits
    assert read.pixels.dtype == pixels.dtype
    assert np.array_equal(read.pixels, pixels)
    assert read.pixels.flags.c_contiguous


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "zlib"},
        {"compression": "zlib", "predictor": True},
        {"tile": (16, 16)},
        {"tile": (16, 16), "compression": "zlib"},
        {"rowsperstrip": 7},
        {"bigtiff": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("deep", [False, True])
def test_tiff_of_any_packing_gives_the_same_codes(
    tmp_path: Path, options: dict[str, object], deep: bool
) -> None:
    pixels = stills.deep(1) if deep else stills.picture(1)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="rgb", **options)
    assert np.array_equal(read_still(tmp_path / "a.tif").pixels, pixels)


@pytest.mark.parametrize("packing", ["tiff_lzw", "packbits", "tiff_adobe_deflate"])
def test_tiff_packed_by_other_programs(tmp_path: Path, packing: str) -> None:
    path = stills.write_pillow(tmp_path / "a.tif", stills.picture(2), "TIFF", compression=packing)
    assert np.array_equal(read_still(path).pixels, stills.picture(2))
    cv2.imwrite(str(path), cv2.cvtColor(stills.deep(2), cv2.COLOR_RGB2BGR))  # LZW in 16 bits
    assert np.array_equal(read_still(path).pixels, stills.deep(2))


@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_tiff_with_colours_apart_alpha_negative_and_either_byte_order(tmp_path: Path, byteorder: str) -> None:
    deep = stills.deep(1)
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path, np.moveaxis(deep, -1, 0), photometric="rgb", planarconfig="separate", byteorder=byteorder
    )
    assert np.array_equal(read_still(path).pixels, deep)
    alpha = np.dstack([deep, np.full(deep.shape[:2], 65535, np.uint16)])
    tifffile.imwrite(path, alpha, photometric="rgb", extrasamples=["unassalpha"], byteorder=byteorder)
    assert np.array_equal(read_still(path).pixels, deep)
    for packing in (None, "zlib"):
        for grey in (deep[..., 0], stills.picture()[..., 0]):
            tifffile.imwrite(
                path, np.invert(grey), photometric="miniswhite", compression=packing, byteorder=byteorder
            )
            assert np.array_equal(read_still(path).pixels, grey)


def test_palettes_alpha_and_bilevel_become_colour_or_grey(tmp_path: Path) -> None:
    pixels = stills.picture()
    alpha = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
    for kind in ("PNG", "WEBP", "TIFF", "AVIF"):
        options = {"lossless": True} if kind == "WEBP" else {}
        path = stills.write_pillow(tmp_path / kind, alpha, kind, **options)
        assert read_still(path).pixels.shape == pixels.shape
    paint = Image.fromarray(pixels).quantize(64)
    for kind in ("PNG", "TIFF"):
        paint.save(tmp_path / "paint", kind)
        read = read_still(tmp_path / "paint").pixels
        assert np.array_equal(read, np.asarray(paint.convert("RGB")))
    line = Image.fromarray(pixels[..., 0] > 60)
    for kind in ("PNG", "TIFF"):
        line.save(tmp_path / "line", kind)
        assert np.array_equal(read_still(tmp_path / "line").pixels, np.asarray(line.convert("L")))


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "avif"])
def test_the_colour_profile_travels(tmp_path: Path, kind: str) -> None:
    icc = stills.profile()
    path = tmp_path / "still"
    if kind == "jpeg":
        stills.write_jpeg(path, stills.picture(), icc=icc)
    elif kind == "png":
        stills.write_png(path, stills.picture(), icc=icc)
    elif kind == "tiff":
        stills.write_tiff(path, [stills.picture()], iccprofile=icc)
    else:
        stills.write_pillow(path, stills.picture(), kind.upper(), icc_profile=icc)
    assert probe_still(path).icc == icc
    assert read_still(path).coding.icc == icc


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "avif"])
def test_the_camera_is_read_from_every_format(tmp_path: Path, kind: str) -> None:
    block = stills.exif(taken="2026:11:21 09:30:00", subsec="25")
    path = tmp_path / "still"
    if kind == "jpeg":
        stills.write_jpeg(path, stills.picture(), block)
    elif kind == "png":
        stills.write_png(path, stills.picture(), block)
    else:
        stills.write_pillow(path, stills.picture(), kind.upper(), exif=block)
    camera = probe_still(path).camera
    assert (camera.make, camera.taken, camera.subsec) == ("Maker", "2026:11:21 09:30:00", "25")
    carried = read_still(path).exif
    assert carried is not None
    assert b"2026:11:21 09:30:00" in carried
    assert len(carried) < 2000


@pytest.mark.parametrize("icc", [True, False])
def test_cmyk_becomes_srgb(tmp_path: Path, icc: bool) -> None:
    cmyk = Image.fromarray(stills.picture()).convert("CMYK")
    cmyk.save(tmp_path / "a.jpg", quality=95, icc_profile=b"no profile at all" if icc else None)
    if icc:
        with pytest.raises(CannotRead):
            read_still(tmp_path / "a.jpg")
        return
    read = read_still(tmp_path / "a.jpg")
    assert read.coding.icc is None
    assert np.abs(read.pixels.astype(int) - stills.picture()).max() <= 12


def test_camera_padding_before_a_marker_is_no_damage(tmp_path: Path) -> None:
    path = stills.write_jpeg(tmp_path / "a.jpg", stills.picture())
    data = path.read_bytes()
    whole = read_still(path).pixels
    path.write_bytes(data[:-2] + b"\0\0\0" + data[-2:])
    assert np.array_equal(read_still(path).pixels, whole)


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize(
    "name", ["right", "wrong.png", "wrong.jpg", "wrong.mp4", "none", "-rf x.tif", "a\nb 🌸"]
)
def test_contents_decide_and_not_the_name(tmp_path: Path, kind: str, name: str) -> None:
    path = WRITERS[kind](tmp_path / name)
    assert sniff(path) == kind
    assert np.abs(read_still(path).pixels.astype(int) - stills.picture()).max() <= 12


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_still_that_is_cut_short_is_refused(tmp_path: Path, kind: str, share: float) -> None:
    path = WRITERS[kind](tmp_path / f"a.{kind}")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(CannotRead, match=r"(cut short|damaged|not a picture|copy it).*\.$"):
        read_still(path)


def test_a_png_with_one_wrong_bit_is_refused_and_nothing_is_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = stills.write_png(tmp_path / "a.png", stills.deep(), icc=b"no profile at all")
    data = bytearray(path.read_bytes())
    assert np.array_equal(read_still(path).pixels, stills.deep())
    data[data.index(b"IDAT") + 2000] ^= 4
    path.write_bytes(data)
    with pytest.raises(CannotRead, match="damaged"):
        read_still(path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", [*WRITERS, "packed tiff"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_damage_never_leaks_a_library_error(
    tmp_path_factory: pytest.TempPathFactory, kind: str, seed: int
) -> None:
    path = tmp_path_factory.getbasetemp() / f"damaged {kind}"
    if kind == "packed tiff":
        stills.write_tiff(path, [stills.deep()], compression="zlib")
    else:
        WRITERS[kind](path)
    path.write_bytes(mutate(path.read_bytes(), seed))
    read = error = None
    try:
        read = read_still(path)
    except CannotRead as caught:
        error = str(caught)
    if read is None:
        assert error is not None
        assert error.endswith(".")
        assert "\n" not in error
        return
    assert read.pixels.dtype in (np.uint8, np.uint16)
    assert read.pixels.ndim in (2, 3)


def bomb_jpeg(path: Path) -> Path:
    stills.write_jpeg(path, stills.picture())
    data = bytearray(path.read_bytes())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    return path


def bomb_tiff(path: Path) -> Path:
    stills.write_tiff(path, [stills.picture()], compression="zlib")
    data = path.read_bytes()
    for side in (stills.WIDTH, stills.HEIGHT):
        data = data.replace(b"\4\0\1\0\0\0" + side.to_bytes(4, "little"), b"\4\0\1\0\0\0\0\0\1\0")
        data = data.replace(b"\3\0\1\0\0\0" + side.to_bytes(4, "little"), b"\4\0\1\0\0\0\0\0\1\0")
    path.write_bytes(data)
    return path


def bomb_webp(path: Path) -> Path:
    stills.write_pillow(path, stills.picture(), "WEBP", exif=stills.exif())
    data = bytearray(path.read_bytes())
    data[24:30] = b"\xff" * 6
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "write", [bomb_jpeg, bomb_tiff, bomb_webp, lambda p: stills.write_bomb_png(p, 60000, 60000)]
)
def test_a_bomb_is_refused_by_its_declared_size(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    path = write(tmp_path / "bomb")
    for look in (probe_still, read_still):
        with pytest.raises(CannotRead, match="megapixels"):
            look(path)


def test_a_hollow_picture_is_refused_before_memory_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match="holds only"):
        probe_still(stills.write_bomb_png(tmp_path / "a.png", 19000, 19000))


def test_a_big_picture_within_the_limit_is_no_bomb(tmp_path: Path) -> None:
    """Larger than Pillow's own limit would allow; only the header is read."""
    header = probe_still(stills.write_bomb_png(tmp_path / "a.png", 19000, 20000, padding=1 << 16))
    assert (header.width, header.height) == (19000, 20000)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"hello there", "is not a picture"),
        (b"GIF89a" + bytes(50), "GIF"),
        (b"\0\0\0\x18ftypheic" + bytes(50), "HEIC"),
        (b"\0\0\0\x18ftypisom" + bytes(50), "is a video"),
        (b"\x89LFP\r\n\x1a\n" + bytes(50), "Lytro"),
        (b"\xff\xd8\xff", "cut short"),
        (b"\x89PNG\r\n\x1a\n", "cut short"),
    ],
)
def test_what_is_no_still_is_told_by_name(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "a\n.jpg"
    path.write_bytes(data)
    with pytest.raises(CannotRead, match=words) as caught:
        read_still(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_missing_files_folders_and_pipes_are_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match="is not there"):
        probe_still(tmp_path / "none.jpg")
    with pytest.raises(CannotRead, match="is a folder"):
        probe_still(tmp_path)
    with pytest.raises(CannotRead, match="is not a file name"):
        probe_still(Path("a\0b.jpg"))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.jpg")
        with pytest.raises(CannotRead, match="is not a file"):
            probe_still(tmp_path / "pipe.jpg")


def test_floats_are_refused_with_what_to_do(tmp_path: Path) -> None:
    path = stills.write_tiff(tmp_path / "a.tif", [stills.picture()[..., 0].astype(np.float32)])
    with pytest.raises(CannotRead, match="save it with 8 or 16 bits"):
        probe_still(path)


def test_stills_can_be_decoded_from_many_threads(tmp_path: Path) -> None:
    paths = [write(tmp_path / kind) for kind, write in WRITERS.items()] * 3
    results: list[bool] = []

    def work() -> None:
        results.extend(read_still(path).pixels.shape == (stills.HEIGHT, stills.WIDTH, 3) for path in paths)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * (3 * len(paths))


@given(st.binary(max_size=64), st.sampled_from(["", ".jpg", ".mts", ".dng"]))
def test_any_beginning_has_a_kind_or_none(head: bytes, suffix: str) -> None:
    kind = kind_of(head, suffix)
    assert kind is None or kind == "video" or kind in STILLS or kind in UNSUPPORTED
