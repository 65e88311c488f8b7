"""Colours mean the same after conversion to sRGB."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageCms

from postfocus.io import icc

RNG = np.random.default_rng(3)
# Primaries of Adobe RGB (1998), adapted to D50, as in its specification, annex B.
ADOBE = {
    b"rXYZ": (0.60974, 0.31111, 0.01947),
    b"gXYZ": (0.20528, 0.62567, 0.06087),
    b"bXYZ": (0.14919, 0.06322, 0.74457),
}


def profile(primaries: dict[bytes, tuple[float, ...]], curve: bytes) -> bytes:
    """A matrix profile built tag by tag."""
    tags = {
        name: b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in xyz))
        for name, xyz in primaries.items()
    }
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    tags[b"wtpt"] = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    tags[b"desc"] = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"mine\0" + bytes(78)
    tags[b"cprt"] = b"text\0\0\0\0none\0"
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += struct.pack(">4sII", name, 132 + 12 * len(tags) + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = bytearray(128)
    head[8:12], head[12:24], head[36:40] = b"\2\x40\0\0", b"mntrRGB XYZ ", b"acsp"
    head[68:80] = struct.pack(">3i", 63190, 65536, 54061)
    struct.pack_into(">I", head, 0, 128 + len(table) + len(body))
    return bytes(head) + table + body


def gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256)) + b"\0\0"


def table(values: list[int]) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(f">I{len(values)}H", len(values), *values)


def parametric(kind: int, *values: float) -> bytes:
    return (
        b"para\0\0\0\0"
        + struct.pack(">HH", kind, 0)
        + struct.pack(f">{len(values)}i", *(round(v * 65536) for v in values))
    )


CURVES = [
    gamma(2.19921875),
    table([round(65535 * (i / 1023) ** 2.2) for i in range(1024)]),
    b"curv\0\0\0\0\0\0\0\0",
    parametric(0, 1.8),
    parametric(1, 2.4, 1 / 1.055, 0.055 / 1.055),
    parametric(2, 2.2, 0.99, 0.01, 0.0),
    parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
    parametric(4, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045, 0.0, 0.0),
]


def test_srgb_stays_as_it_is() -> None:
    for dtype in (np.uint8, np.uint16):
        pixels = (RNG.random((300, 7, 3)) * np.iinfo(dtype).max).astype(dtype)
        converted = icc.to_srgb(pixels, icc.srgb())
        assert converted is not None
        assert converted.dtype == pixels.dtype
        assert np.abs(converted.astype(int) - pixels).max() <= 1


@pytest.mark.parametrize("curve", CURVES)
def test_sixteen_bits_agree_with_littlecms(curve: bytes) -> None:
    """Colours inside both gamuts come out the same by our own curves and by LittleCMS."""
    source = profile(ADOBE, curve)
    eight = RNG.integers(90, 200, (20, 20, 3)).astype(np.uint8)
    by_littlecms, own = icc.to_srgb(eight, source), icc.to_srgb(eight.astype(np.uint16) * 257, source)
    assert by_littlecms is not None
    assert own is not None
    assert np.abs(own / 257 - by_littlecms).max() < 1.1


def test_white_stays_white() -> None:
    white = np.full((2, 2, 3), 65535, np.uint16)
    converted = icc.to_srgb(white, profile(ADOBE, gamma(2.2)))
    assert converted is not None
    assert converted.min() > 65535 - 40


def test_what_cannot_be_converted_is_left_to_the_caller() -> None:
    pixels = np.zeros((2, 2, 3), np.uint16)
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    looked_up = profile({**ADOBE, b"A2B0": (0, 0, 0)}, gamma(2.2))
    for source in (b"", b"nonsense", lab, looked_up, profile(ADOBE, b"what\0\0\0\0")):
        assert icc.to_srgb(pixels, source) is None
    assert icc.to_srgb(pixels[..., 0], icc.srgb()) is None
    assert icc.to_srgb(pixels.astype(np.uint8), icc.srgb()[:200]) is None


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_profiles_never_raise(data: st.DataObject) -> None:
    damaged = bytearray(profile(ADOBE, data.draw(st.sampled_from(CURVES))))
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(st.integers(128, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    converted = icc.to_srgb(np.full((2, 2, 3), 30_000, np.uint16), bytes(damaged))
    assert converted is None or converted.dtype == np.uint16


def test_profiles_have_names() -> None:
    assert icc.description(profile(ADOBE, gamma(2.2))) == "mine"
    assert icc.description(b"nonsense") is None
    assert "sRGB" in (icc.description(icc.srgb()) or "")


def test_the_profile_is_the_same_every_day() -> None:
    assert icc.srgb() == icc.srgb()
    assert icc.channels(icc.srgb()) == 3
    ImageCms.ImageCmsProfile(io.BytesIO(icc.srgb()))
    assert struct.unpack(">H", icc.srgb()[24:26]) == (2026,)
