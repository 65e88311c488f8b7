"""What people call the camera that took the pictures, from what its maker wrote into them.

Makers write their firm's legal form, or their name into the model as well; some
fill nothing in, or leave what the program that they used came with.
"""

from __future__ import annotations

from postfocus.model.frame import CameraFacts

_FIRM = {"corporation", "corp", "company", "co", "co.,ltd", "ltd", "inc", "gmbh", "ag", "imaging", "optical"}
_NO_NAME = {f"{what} {name}" for what in ("maker", "make", "manufacturer", "camera", "model", "company")
            for name in ("name", "model", "make")} | {
    "maker", "make", "manufacturer", "model", "unknown", "undefined", "none", "null", "default", "n/a", "na",
    "not available", "not set", "string", "test", "your camera",
}  # fmt: skip
"""What makers of cameras, and programs, forgot to fill in."""


def camera_name(camera: CameraFacts) -> str | None:
    """What people call the camera: maker and model, the maker once; ``None`` if neither is a name.

    Firms' legal forms are left out, and so is what stands in a field that nobody filled in.

    >>> camera_name(CameraFacts(make="NIKON CORPORATION", model="NIKON D3300"))
    'NIKON D3300'
    >>> camera_name(CameraFacts(make="OLYMPUS IMAGING CORP.", model="E-M1"))
    'OLYMPUS E-M1'
    >>> camera_name(CameraFacts(make="MAKER NAME ", model="96650")) is None
    True
    """
    make, model = _name(camera.make), _name(camera.model)
    words = make.split()
    while len(words) > 1 and words[-1].lower().rstrip(".") in _FIRM:
        words.pop()
    maker = " ".join(words).rstrip(",")
    if not maker and not any(letter.isalpha() for letter in model):
        return None  # a number alone names no camera
    if not maker or (model and words[0].lower() == model.split()[0].lower()):
        return model or None
    if model.lower().startswith(maker.lower()):
        return model
    return f"{maker} {model}".strip()


def _name(text: str | None) -> str:
    """A field's text on one line; empty where it only stands in for one."""
    found = " ".join("".join(c if c.isprintable() else " " for c in text or "").split())
    empty = found.lower() in _NO_NAME or not any(c.isalnum() for c in found)
    return "" if empty else found
