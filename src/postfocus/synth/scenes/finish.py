"""The last touch on what a scene holds: the roundness of bodies, a glint on them, and print on paper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from postfocus.synth.scenes.draw import Floats, Sheet

LIGHT = (-0.5, -0.62, 0.6)
"""Direction towards the lamp: left, above, in front."""


def ball(sheet: Sheet, cx: float, cy: float, rx: float, ry: float, ambient: float = 0.28) -> Floats:
    """Shading of an ellipsoid lit from `LIGHT`: `(h, w)` factor, about 0.2…1.2."""
    x, y = (sheet.X - np.float32(cx)) / np.float32(rx), (sheet.Y - np.float32(cy)) / np.float32(ry)
    z = np.sqrt(np.maximum(0, 1 - x * x - y * y))
    lx, ly, lz = np.array(LIGHT) / np.linalg.norm(LIGHT)
    lit = np.maximum(0, x * np.float32(lx) + y * np.float32(ly) + z * np.float32(lz))
    bounce = np.clip(y, 0, 1) * (1 - z) * 0.25
    return (ambient + lit + bounce).astype(np.float32)


def glint(sheet: Sheet, cx: float, cy: float, radius: float, power: float) -> Floats:
    """A soft highlight `(h, w, 3)`: white light of strength `power` at its middle."""
    r2 = ((sheet.X - np.float32(cx)) ** 2 + (sheet.Y - np.float32(cy)) ** 2) / np.float32(radius**2)
    return (np.float32(power) * np.exp(-r2 * 2))[..., None] * np.ones(3, np.float32)


def pillar(sheet: Sheet, cx: float, half: Floats | float, ambient: float = 0.25) -> Floats:
    """Shading of an upright round body whose half width is `half` (a number, or one per row `(h, 1)`)."""
    x = np.clip((sheet.X - np.float32(cx)) / np.asarray(half, np.float32), -1, 1)
    z = np.sqrt(1 - x * x)
    lit = np.maximum(0, -0.55 * x + 0.75 * z)
    return (ambient + lit + 0.12 * np.clip(x, 0, 1) ** 3).astype(np.float32)


def print_mask(lines: Sequence[tuple[str, float]], width: int, height: int, pad: float = 0.06) -> Floats:
    """Printed lines as an ink mask `(height, width)`, 0…1.

    Parameters
    ----------
    lines
        Text and letter height (fraction of `height`) of each line, one below the other; a line that is too
        long gets smaller letters.
    width, height
        Size of the page in pixels.
    pad
        Margin of the page as a fraction of `width`.
    """
    image = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(image)
    y = pad * height
    for text, size in lines:
        letter = max(4.0, size * height)
        font = ImageFont.load_default(letter)
        room = (1 - 2 * pad) * width / max(1.0, pen.textlength(text, font))
        if room < 1:
            letter = max(4.0, letter * room)
            font = ImageFont.load_default(letter)
        pen.text((pad * width, y), text, fill=255, font=font)
        y += letter * 1.32
    return np.asarray(image, np.float32) / 255
