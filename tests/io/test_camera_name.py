"""Cameras are called what people call them, and not at all where nobody filled in a name."""

from __future__ import annotations

import pytest

from postfocus.io.camera_name import camera_name
from postfocus.model.frame import CameraFacts


@pytest.mark.parametrize(
    ("make", "model", "name"),
    [
        ("Panasonic", "DMC-FZ3", "Panasonic DMC-FZ3"), ("NIKON CORPORATION", "NIKON D3300", "NIKON D3300"),
        ("Canon", "Canon EOS 10D", "Canon EOS 10D"), ("samsung", "SM-G925I", "samsung SM-G925I"),
        ("Google", "Pixel 6 Pro", "Google Pixel 6 Pro"), ("CANON", "Canon EOS R5", "Canon EOS R5"),
        ("OLYMPUS IMAGING CORP.  ", "E-M1", "OLYMPUS E-M1"), ("FUJIFILM Corporation", None, "FUJIFILM"),
        ("OM Digital Solutions", "OM-1", "OM Digital Solutions OM-1"), ("Leica AG", "M10", "Leica M10"),
        ("Hasselblad", "500", "Hasselblad 500"), (None, "DC-G9", "DC-G9"), ("Panasonic", None, "Panasonic"),
        ("MAKER NAME ", "96650", None), ("unknown", "unknown", None), ("", " ", None), (None, None, None),
        ("---", "0", None), ("Manufacturer", "Model", None), ("Apple\n", "iPhone\x00 15", "Apple iPhone 15"),
        ("Corp", "X1", "Corp X1"),
    ],
)  # fmt: skip
def test_names(make: str | None, model: str | None, name: str | None) -> None:
    assert camera_name(CameraFacts(make=make, model=model)) == name
