"""Depth, confidence and preview are written together and can be turned back into frames."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from postfocus.errors import BadUse, CannotWrite
from postfocus.export.depth_files import save_depth, sixteen_bits
from postfocus.export.depth_preview import colours, preview
from postfocus.export.xmp import read_record
from postfocus.io.exif import camera_facts
from postfocus.model.depth import State
from tests.io.exif_blocks import camera_block

LAST = 29
DEPTH = np.linspace(0, LAST, 40 * 60, dtype=np.float32).reshape(40, 60)
CONFIDENCE = np.linspace(0, 1, 40 * 60, dtype=np.float32).reshape(40, 60)
STATE = np.zeros((40, 60), np.uint8)


def test_tiff_holds_the_numbers(tmp_path: Path) -> None:
    camera = camera_facts(camera_block())
    paths = save_depth(DEPTH, CONFIDENCE, STATE, tmp_path / "P1.depth.tif", last_frame=LAST, camera=camera,
                       record={"sweep": [0, LAST]})  # fmt: skip
    assert [p.name for p in paths] == ["P1.depth.tif", "P1.depth.confidence.png", "P1.depth.preview.png"]
    np.testing.assert_array_equal(tifffile.imread(paths[0]), DEPTH)
    confidence = cv2.imread(str(paths[1]), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(confidence, np.rint(CONFIDENCE * 255))
    assert camera_facts(paths[0].read_bytes()).model == "DC-G9"
    record = read_record(paths[0])
    assert record is not None
    assert record["sweep"] == [0, LAST]


@pytest.mark.parametrize("name", ["d.png", "d.tif"])
def test_the_place_is_left_out_where_that_is_wished(tmp_path: Path, name: str) -> None:
    camera = camera_facts(camera_block())
    found: list[bytes] = []
    for location in (True, False):
        path = save_depth(DEPTH, CONFIDENCE, STATE, tmp_path / name, last_frame=LAST, camera=camera,
                          location=location, overwrite=True)[0]  # fmt: skip
        with Image.open(path) as image:
            exif = image.getexif()
            assert exif[0x110] == "DC-G9"
            assert bool(exif.get_ifd(0x8825)) is location
        found.append(path.read_bytes())
    assert b"Panasonic\0\0\0" not in found[1]


def test_png_says_how_to_turn_it_back(tmp_path: Path) -> None:
    path = save_depth(DEPTH, CONFIDENCE, STATE, tmp_path / "d.png", last_frame=LAST)[0]
    codes = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert codes.dtype == np.uint16
    record = read_record(path)
    assert record is not None
    assert record["depth"]["mapping"] == "frame = value / 65535 * last_frame"
    frames = codes / 65535 * record["depth"]["last_frame"]
    assert np.abs(frames - DEPTH).max() <= LAST / 65535


def test_strange_numbers_are_clipped() -> None:
    strange = np.array([[np.nan, -3, np.inf, LAST + 5]], np.float32)
    np.testing.assert_array_equal(sixteen_bits(strange, LAST), [[0, 0, 65535, 65535]])
    np.testing.assert_array_equal(sixteen_bits(np.zeros((1, 2), np.float32), 0), [[0, 0]])


def test_all_or_none(tmp_path: Path) -> None:
    (tmp_path / "d.preview.png").write_text("someone's")
    with pytest.raises(CannotWrite, match=r"d\.preview\.png exists already"):
        save_depth(DEPTH, CONFIDENCE, STATE, tmp_path / "d.tif", last_frame=LAST)
    assert os.listdir(tmp_path) == ["d.preview.png"]
    with pytest.raises(CannotWrite, match="one of the inputs"):
        save_depth(DEPTH, CONFIDENCE, STATE, tmp_path / "d.tif", last_frame=LAST, overwrite=True,
                   inputs=[tmp_path / "d.preview.png"])  # fmt: skip
    assert (tmp_path / "d.preview.png").read_text() == "someone's"


@pytest.mark.parametrize("name", ["d.jpg", "d.webp", "d"])
def test_containers_that_cannot_hold_depth(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadUse, match=r"ends in \.tif or \.png"):
        save_depth(DEPTH, CONFIDENCE, STATE, tmp_path / name, last_frame=LAST)


def test_maps_of_different_sizes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadUse, match="differ in size"):
        save_depth(DEPTH, CONFIDENCE[1:], STATE, tmp_path / "d.tif", last_frame=LAST)


def test_the_colours_grow_brighter_all_the_way() -> None:
    luma = colours() @ np.array([0.2126, 0.7152, 0.0722])
    assert len(colours()) == 256
    assert (np.diff(luma) > -0.5).all()
    assert luma[-1] - luma[0] > 180


@pytest.mark.parametrize("near_first", [True, False])
def test_near_is_bright_and_unknown_is_grey(near_first: bool) -> None:
    state = STATE.copy()
    state[10:20, 10:20], state[25:30, 10:20], state[25:30, 40:50] = (
        State.NO_TEXTURE,
        State.OUTSIDE,
        State.MOVED,
    )
    picture = preview(DEPTH, state, last_frame=LAST, near_first=near_first)
    assert picture.shape[0] > 40
    assert picture.shape[1:] == (60, 3)
    assert (picture[0, 0].sum() > picture[39, 59].sum()) == near_first
    grey = np.ptp(picture[:40].astype(int), axis=2) == 0
    unknown = np.isin(state, (State.NO_TEXTURE, State.OUTSIDE))
    assert grey[unknown].all()
    assert not grey[~unknown].any()
    assert len(np.unique(picture[10:20, 10:20])) == 2


def test_the_legend_fits_any_width() -> None:
    for width in (1, 5, 300, 4000):
        shown = preview(np.zeros((2, width), np.float32), np.zeros((2, width), np.uint8), last_frame=0)
        assert shown.shape[1] == width
        assert Image.fromarray(shown).mode == "RGB"
