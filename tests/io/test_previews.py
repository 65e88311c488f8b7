"""The small pictures shown at a click are the frames, and a damaged file of them is refused."""

from __future__ import annotations

import numpy as np
import pytest
import simplejpeg
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.cells import shrink
from postfocus.errors import CannotRead
from postfocus.io.colour import frame_to_rgb
from postfocus.io.previews import JpegPlanes, Previews, PreviewWriter, reduced, small_jpeg
from postfocus.model.frame import Coding, Frame, FrameInfo, Matrix
from tests.io.test_icc import ADOBE, gamma, profile
from tests.support.scenes import grey_frame, rgb_frame, video_frame


def smooth(h: int, w: int, level: int = 0, top: int = 255) -> np.ndarray:
    """A slope that JPEG keeps well; `level` tells pictures apart."""
    y, x = np.mgrid[:h, :w]
    return (40 + level + 100 * y / h + 40 * x / w) / 255 * top


def video(h: int, w: int, level: int = 0) -> object:
    y = smooth(h, w, level).astype(np.uint8)
    c = (-(-h // 2), -(-w // 2))
    return video_frame(y, np.full(c, 110, np.uint8), np.full(c, 150, np.uint8))


def opened(jpeg: bytes) -> np.ndarray:
    return simplejpeg.decode_jpeg(jpeg, "RGB")


def test_each_slot_shows_its_frame(tmp_path):
    frames = [
        rgb_frame(np.repeat(smooth(60, 81, 10 * n)[..., None], 3, 2).astype(np.uint8)) for n in range(3)
    ]
    with PreviewWriter(tmp_path / "p") as writer:
        for frame in frames:
            writer.append(frame)
    for slot in (2, 0, 1):
        found = opened(Previews(tmp_path / "p").jpeg(slot))
        assert np.abs(found.astype(int) - frames[slot].planes[0]).max() <= 6


@pytest.mark.parametrize("height", [1080, 1081, 2160, 2161, 2165, 2167, 2169, 2170, 3242])
@pytest.mark.parametrize("width", [64, 67, 70])
def test_tall_pictures_shrink_whatever_their_size(tmp_path, height, width):
    frame = video(height, width)
    with PreviewWriter(tmp_path / "p") as writer:
        writer.append(frame)
    found = opened(Previews(tmp_path / "p").jpeg(0))
    factor = -(-height // 1080)
    assert found.shape[:2] == (height // factor, width // factor)
    at = (np.arange(found.shape[0]) * factor + factor // 2, np.arange(found.shape[1]) * factor + factor // 2)
    wanted = frame_to_rgb(frame)[np.ix_(*at)]
    assert np.abs(found.astype(int) - wanted).max() <= 12


def test_other_kinds_of_pixels(tmp_path):
    deep = smooth(40, 50, 0, 65535).astype(np.uint16)
    with PreviewWriter(tmp_path / "p") as writer:
        writer.append(grey_frame(deep, bits=16))
        writer.append(rgb_frame(np.repeat(deep[..., None], 3, 2), bits=16))
    for slot in (0, 1):
        assert np.abs(opened(Previews(tmp_path / "p").jpeg(slot))[..., 1] - deep / 257.0).max() <= 6


@pytest.mark.parametrize("height", [1082, 2160])
def test_luma_that_was_shrunk_before_gives_the_same_preview(tmp_path, height):
    frame = video(height, 320)
    half = shrink(frame.luma, 2)
    pictures = []
    for name, small in (("plain", None), ("given", half), ("other size", half[:-1])):
        with PreviewWriter(tmp_path / name) as writer:
            writer.append(frame, small)
        pictures.append(Previews(tmp_path / name).jpeg(0))
    assert pictures[0] == pictures[1] == pictures[2]
    assert opened(pictures[0]).shape == (height // 2, 160, 3)


def test_no_path_means_no_previews_and_factor_one_no_change():
    frame = video(20, 30)
    with PreviewWriter(None) as writer:
        writer.append(frame)
    assert reduced(frame, 1) is frame


@pytest.mark.parametrize("slot", [-1, 2, 10**6])
def test_no_such_slot(tmp_path, slot):
    write_two(tmp_path / "p")
    with pytest.raises(CannotRead, match="index the sweep again"):
        Previews(tmp_path / "p").jpeg(slot)


def test_missing_file(tmp_path):
    with pytest.raises(CannotRead, match="preview"):
        Previews(tmp_path / "none").jpeg(0)


@settings(max_examples=80, deadline=None)
@given(cut=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_short_is_refused(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("cut") / "p"
    write_two(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(cut * len(data))])
    for slot in (0, 1):
        with pytest.raises(CannotRead, match="index the sweep again"):
            Previews(path).jpeg(slot)


@settings(max_examples=80, deadline=None)
@given(number=st.integers(0, 2**64 - 1), which=st.integers(0, 3))
def test_a_wild_table_is_refused_or_harmless(tmp_path_factory, number, which):
    path = tmp_path_factory.mktemp("wild") / "p"
    write_two(path)
    data = bytearray(path.read_bytes())
    at = len(data) - 8 * (which + 1)
    data[at : at + 8] = number.to_bytes(8, "little")
    path.write_bytes(bytes(data))
    for slot in (0, 1):
        try:
            piece, sentence = Previews(path).jpeg(slot), ""
        except CannotRead as error:
            piece, sentence = None, str(error)
        assert "index the sweep again" in sentence or (piece is not None and len(piece) <= len(data))


def write_two(path):
    with PreviewWriter(path) as writer:
        writer.append(video(32, 32))
        writer.append(video(32, 32, 20))


@pytest.mark.parametrize("matrix", [Matrix.BT601, Matrix.BT709, Matrix.BT2020])
@pytest.mark.parametrize("full_range", [True, False])
def test_planes_go_into_a_jpeg_with_the_colours_they_have_as_rgb(matrix: Matrix, full_range: bool) -> None:
    """Flat patches of many colours: through the planes as through RGB, within two levels."""
    rng = np.random.default_rng(3)
    low, high = (0, 255) if full_range else (16, 235)
    y = np.kron(rng.integers(low + 40, high - 40, (4, 6)), np.ones((16, 16))).astype(np.uint8)
    u, v = (np.kron(rng.integers(108, 149, (4, 6)), np.ones((8, 8))).astype(np.uint8) for _ in range(2))
    frame = Frame((y, u, v), y, Coding(matrix, full_range), FrameInfo(0))
    jpeg = Coding(Matrix.BT601, True)
    planes = JpegPlanes().of(frame)
    direct = frame_to_rgb(Frame(planes, planes[0], jpeg, FrameInfo(0))).astype(int)
    through = frame_to_rgb(frame).astype(int)
    centres = (slice(8, None, 16), slice(8, None, 16))
    assert np.abs(direct - through)[centres].max() <= 2
    decoded = simplejpeg.decode_jpeg(small_jpeg(frame)).astype(int)
    assert np.abs(decoded - through)[centres].max() <= 6


def test_colours_of_another_profile_are_shown_as_they_are():
    pixels = np.full((16, 16, 3), (180, 120, 120), np.uint8)
    plain = Frame((pixels,), pixels[..., 0], Coding(), FrameInfo(0))
    adobe = Frame((pixels,), pixels[..., 0], Coding(icc=profile(ADOBE, gamma(2.2))), FrameInfo(0))
    damaged = Frame((pixels,), pixels[..., 0], Coding(icc=b"nonsense"), FrameInfo(0))
    was, now = (opened(small_jpeg(frame))[8, 8].astype(int) for frame in (plain, adobe))
    assert now[0] - now[1] > was[0] - was[1] + 4
    assert small_jpeg(damaged) == small_jpeg(plain)
