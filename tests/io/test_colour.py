"""A colour chart goes into a clip by an exact conversion of our own and must come out as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from postfocus.fuse.layout import mergeable
from postfocus.io.colour import (
    frame_to_rgb,
    planes_to_rgb,
    yuv_to_rgb_plain,
)
from postfocus.io.previews import small_jpeg
from postfocus.model.frame import Coding, Frame, FrameInfo, Matrix, Transfer
from postfocus.sources.sweep_video import SweepVideo
from tests.support.clips import write_clip

# Written out from the recommendations, not taken from the code under test.
LUMA = {
    "bt601": (0.299, 0.587, 0.114),
    "bt709": (0.2126, 0.7152, 0.0722),
    "bt2020": (0.2627, 0.6780, 0.0593),
}
PATCH = 16
CODECS = {8: ("libx264", "yuv420p"), 10: ("libx265", "yuv420p10le")}


def chart() -> NDArray[np.uint8]:
    """Black, white, greys, primaries, skin and leaf in patches of 16 pixels, `(H, W, 3)`."""
    steps = [(r, g, b) for r in (0, 90, 255) for g in (0, 140, 255) for b in (0, 60, 255)]
    more = [(v, v, v) for v in (16, 64, 128, 192, 235)] + [
        (194, 150, 130),
        (87, 108, 67),
        (133, 128, 177),
        (1, 2, 3),
    ]
    colours = np.array(steps + more, np.uint8).reshape(6, 6, 3)
    return np.kron(colours, np.ones((PATCH, PATCH, 1), np.uint8))


def coded(rgb: NDArray[np.uint8], matrix: str, full: bool, bits: int) -> list[NDArray[np.float64]]:
    """Y, Cb, Cr codes of a picture at full size, unrounded, straight from the definitions."""
    r, g, b = np.moveaxis(rgb / 255.0, -1, 0)
    wr, wg, wb = LUMA[matrix]
    y = wr * r + wg * g + wb * b
    cb, cr = (b - y) / (2 - 2 * wb), (r - y) / (2 - 2 * wr)
    if full:
        peak = 2.0**bits - 1
        return [y * peak, cb * peak + 2 ** (bits - 1), cr * peak + 2 ** (bits - 1)]
    unit = 2.0 ** (bits - 8)
    return [(16 + 219 * y) * unit, (128 + 224 * cb) * unit, (128 + 224 * cr) * unit]


def quantised(planes: list[NDArray[np.float64]], bits: int) -> list[NDArray[np.uint8 | np.uint16]]:
    """Whole codes, chroma halved (the patches are flat, so any siting gives the same)."""
    dtype = np.uint8 if bits == 8 else np.uint16
    whole = [np.clip(np.rint(p), 0, 2**bits - 1).astype(dtype) for p in planes]
    return [whole[0], whole[1][::2, ::2], whole[2][::2, ::2]]


def _inside() -> NDArray[np.bool_]:
    """Away from the edges of patches, where halved chroma mixes neighbours."""
    near = (np.arange(6 * PATCH) % PATCH >= 2) & (np.arange(6 * PATCH) % PATCH < PATCH - 2)
    return near[:, None] & near[None, :]


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", ["bt601", "bt709", "bt2020"])
def test_a_chart_comes_back_through_every_coding(tmp_path: Path, matrix: str, full: bool, bits: int) -> None:
    rgb = chart()
    codec, layout = CODECS[bits]
    planes = quantised(coded(rgb, matrix, full, bits), bits)
    clip = write_clip(
        tmp_path / "chart.mp4", [planes] * 2, codec=codec, layout=layout, matrix=matrix, full_range=full
    )
    with SweepVideo.open(clip) as sweep:
        assert sweep.info.coding == Coding(Matrix(matrix), full, bits, Transfer.BT709)
        for frame in sweep.frames():
            assert np.abs(frame_to_rgb(frame).astype(int) - rgb)[_inside()].max() <= 2
            deep = frame_to_rgb(frame, bits=16)
            assert np.abs(deep / 257.0 - rgb)[_inside()].max() <= 2


@pytest.mark.parametrize(("codec", "layout", "matrix"), [
    ("libsvtav1", "yuv420p", "bt709"),
    ("libsvtav1", "yuv420p10le", "bt2020"),
    ("libx265", "yuv420p", "bt601"),
    ("libx264", "yuv420p10le", "bt709"),
])  # fmt: skip
def test_a_chart_comes_back_through_every_codec(tmp_path: Path, codec: str, layout: str, matrix: str) -> None:
    rgb, bits = chart(), 10 if "10" in layout else 8
    planes = quantised(coded(rgb, matrix, False, bits), bits)
    clip = write_clip(tmp_path / "chart.mkv", [planes] * 2, codec=codec, layout=layout, matrix=matrix)
    with SweepVideo.open(clip) as sweep:
        assert np.abs(frame_to_rgb(sweep.read(1)).astype(int) - rgb)[_inside()].max() <= 2


def test_motion_jpeg_is_full_range_bt601(tmp_path: Path) -> None:
    rgb = chart()
    planes = quantised(coded(rgb, "bt601", True, 8), 8)
    options = {"qmin": "1", "qmax": "1", "flags": "qscale", "global_quality": "118"}
    clip = write_clip(
        tmp_path / "chart.avi", [planes], codec="mjpeg", layout="yuvj420p", full_range=True, options=options
    )
    with SweepVideo.open(clip) as sweep:
        assert sweep.info.coding == Coding(Matrix.BT601, True, 8, Transfer.BT709)
        assert np.abs(frame_to_rgb(sweep.read(0)).astype(int) - rgb)[_inside()].mean() <= 2


@pytest.mark.parametrize(
    ("height", "matrix"), [(96, "bt601"), (576, "bt601"), (720, "bt709"), (1080, "bt709")]
)
def test_a_clip_that_names_no_matrix_is_read_as_players_do(tmp_path: Path, height: int, matrix: str) -> None:
    flat = np.zeros((height, 96), np.uint8)
    chroma = np.zeros((height // 2, 48), np.uint8)
    clip = write_clip(tmp_path / "plain.mp4", [(flat, chroma, chroma)])
    with SweepVideo.open(clip) as sweep:
        assert sweep.info.coding.matrix is Matrix(matrix)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**31), height=st.integers(1, 40) | st.integers(250, 300), width=st.integers(1, 40),
    matrix=st.sampled_from([Matrix.BT601, Matrix.BT709, Matrix.BT2020]), full=st.booleans(),
    bits=st.sampled_from([8, 10, 12]), halves=st.sampled_from([(1, 1), (1, 2), (2, 1), (2, 2)]),
    out=st.sampled_from([8, 16]),
)  # fmt: skip
def test_the_fast_way_agrees_with_the_plain_one(
    seed: int,
    height: int,
    width: int,
    matrix: Matrix,
    full: bool,
    bits: int,
    halves: tuple[int, int],
    out: int,
) -> None:
    rng = np.random.default_rng(seed)
    coding = Coding(matrix, full, bits, Transfer.BT709)
    dtype = np.uint8 if bits == 8 else np.uint16
    small = (-(-height // halves[0]), -(-width // halves[1]))
    y = rng.integers(0, 1 << bits, (height, width)).astype(dtype)
    u, v = (rng.integers(0, 1 << bits, small).astype(dtype) for _ in range(2))
    want = yuv_to_rgb_plain(y, u, v, coding) * (255 if out == 8 else 65535)
    got = planes_to_rgb(y, u, v, coding, bits=out)
    # Eight bits keep chroma in eight bits between the two halves of its interpolation: half a code, twice.
    assert np.abs(got - want).max() <= (3 if out == 8 and bits == 8 else 0.51 if out == 8 else 2)
    if bits == 8 and height * width > 400:
        assert abs((got - want).mean()) <= 0.5


@pytest.mark.parametrize(("coding", "shift"), [
    (Coding(Matrix.BT709, False, 8), 0.0), (Coding(Matrix.BT601, True, 8), 0.5),
])  # fmt: skip
def test_chroma_lies_where_the_coding_puts_it(coding: Coding, shift: float) -> None:
    """A ramp of colour sampled where the encoder samples it is the same ramp afterwards."""
    x, y = np.arange(32), np.arange(16)
    u_at = 100 + 2 * (2 * np.arange(16) + shift)[None, :] + 2 * (2 * np.arange(8) + 0.5)[:, None]
    u = u_at.astype(np.uint8)
    grey = np.full((16, 32), 120, np.uint8)
    got = planes_to_rgb(grey, u, np.full_like(u, 128), coding, bits=16)[..., 2] / 257.0
    full_u = 100 + 2.0 * x[None, :] + 2.0 * y[:, None]
    plain = Coding(coding.matrix, coding.full_range, 8)
    steps = yuv_to_rgb_plain(grey, np.full_like(grey, 100), np.full_like(grey, 128), plain)[0, 0, 2] * 255
    more = yuv_to_rgb_plain(grey, np.full_like(grey, 101), np.full_like(grey, 128), plain)[0, 0, 2] * 255
    want = steps + (full_u - 100) * (more - steps)
    inner = (slice(2, -2), slice(2, -2))
    assert np.abs(got - want)[inner].max() < 0.01


def test_stills_pass_unchanged_and_grey_becomes_three() -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (9, 7, 3)).astype(np.uint8)
    frame = Frame((rgb,), rgb[..., 1], Coding(), FrameInfo(0))
    assert np.array_equal(frame_to_rgb(frame), rgb)
    assert np.array_equal(frame_to_rgb(frame, bits=16), rgb.astype(np.uint16) * 257)
    grey = Frame((rgb[..., 0],), rgb[..., 0], Coding(Matrix.RGB), FrameInfo(0))
    assert np.array_equal(frame_to_rgb(grey), np.repeat(rgb[..., :1], 3, axis=2))
    narrow = np.array([[0, 16, 126, 235, 255]], np.uint8)
    video = Frame((narrow,), narrow, Coding(Matrix.BT709, False, 8), FrameInfo(0))
    assert frame_to_rgb(video)[0, :, 0].tolist() == [0, 0, 128, 255, 255]
    deep = Frame((rgb.astype(np.uint16) * 257,), rgb[..., 0], Coding(bits=16), FrameInfo(0))
    assert np.array_equal(frame_to_rgb(deep), rgb)


def test_linear_light_is_shown_as_bright_as_it_was() -> None:
    # Codes and light by the table of IEC 61966-2-1 as its curve is usually printed.
    light = np.array([[0.0, 0.0021, 0.0513, 0.2140, 0.5, 1.0]])
    shown = np.array([0.0, 6.9, 64.0, 127.5, 187.5, 255.0])
    codes = np.rint(16 * 16 + 219 * 16 * light).astype(np.uint16)
    grey = np.full_like(codes, 128 * 16)
    linear = Coding(Matrix.BT709, False, 12, Transfer.LINEAR)
    frame = Frame((codes, grey, grey), codes, linear, FrameInfo(0))
    assert np.abs(frame_to_rgb(frame)[0, :, 1] - shown).max() <= 1
    assert np.abs(frame_to_rgb(frame, bits=16)[0, :, 1] / 257 - shown).max() <= 0.8
    assert frame_to_rgb(frame).dtype == np.uint8
    usual = Frame(frame.planes, codes, Coding(Matrix.BT709, False, 12, Transfer.BT709), FrameInfo(0))
    assert frame_to_rgb(usual)[0, 3, 1] == 55


@pytest.mark.parametrize("halves", [1, 2])
def test_a_merge_of_linear_light_is_converted_once(halves: int) -> None:
    codes = np.full((8, 8), 16 + 47, np.uint8)
    grey = np.full((8 // halves, 8 // halves), 128, np.uint8)
    frame = Frame((codes, grey, grey), codes, Coding(Matrix.BT709, False, 8, Transfer.LINEAR), FrameInfo(0))
    assert np.abs(frame_to_rgb(mergeable(frame)).astype(int) - frame_to_rgb(frame)).max() <= 1
    assert abs(int(frame_to_rgb(frame)[0, 0, 0]) - 127) <= 1


def test_a_clip_of_linear_light_is_read_as_such_and_its_preview_is_bright(tmp_path: Path) -> None:
    codes = np.full((64, 64), 16 + 47, np.uint8)  # 47 of 219: 0.2146 of the light
    grey = np.full((32, 32), 128, np.uint8)
    clip = write_clip(tmp_path / "linear.mp4", [(codes, grey, grey)] * 2, matrix="bt709", transfer=8)
    with SweepVideo.open(clip) as sweep:
        frame = sweep.read(1)
        assert frame.coding.transfer is Transfer.LINEAR
        assert np.abs(frame_to_rgb(frame).astype(int) - 127).max() <= 1
        assert np.abs(simplejpeg.decode_jpeg(small_jpeg(frame)).astype(int) - 127).max() <= 3
