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
    pixels = RNG.integers(0, 256, (300, 7, 3)).astype(np.uint8)
    converted = icc.to_srgb(pixels, icc.srgb())
    assert converted is not None
    assert converted.dtype == np.uint8
    assert np.abs(converted.astype(int) - pixels).max() <= 1


@pytest.mark.parametrize("curve", CURVES)
def test_greys_stay_grey_and_white_stays_white(curve: bytes) -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, 2)
    converted = icc.to_srgb(ramp, profile(ADOBE, curve))
    assert converted is not None
    assert np.ptp(converted, axis=2).max() <= 1
    assert converted[0, -1].min() >= 254
    assert (np.diff(converted[0, :, 1].astype(int)) >= 0).all()


def test_a_colour_of_a_wider_gamut_gets_stronger_codes() -> None:
    converted = icc.to_srgb(np.full((2, 2, 3), (180, 120, 120), np.uint8), profile(ADOBE, gamma(2.2)))
    assert converted is not None
    assert converted[0, 0].tolist() == pytest.approx([197, 119, 120], abs=3)


def test_what_cannot_be_converted_is_left_to_the_caller() -> None:
    pixels = np.zeros((2, 2, 3), np.uint8)
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for source in (b"", b"nonsense", lab, profile(ADOBE, b"what\0\0\0\0"), icc.srgb()[:200]):
        assert icc.to_srgb(pixels, source) is None
    assert icc.to_srgb(pixels[..., 0], icc.srgb()) is None


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_profiles_never_raise(data: st.DataObject) -> None:
    damaged = bytearray(profile(ADOBE, data.draw(st.sampled_from(CURVES))))
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(st.integers(128, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    converted = icc.to_srgb(np.full((2, 2, 3), 120, np.uint8), bytes(damaged))
    assert converted is None or converted.dtype == np.uint8


def test_the_profile_is_the_same_every_day() -> None:
    assert icc.srgb() == icc.srgb()
    assert icc.channels(icc.srgb()) == 3
    ImageCms.ImageCmsProfile(io.BytesIO(icc.srgb()))
    assert struct.unpack(">H", icc.srgb()[24:26]) == (2026,)
