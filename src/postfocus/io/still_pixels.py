"""A decoded still, and the one sentence that is said when a still does not decode."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
from numpy.typing import NDArray

from postfocus.errors import CannotRead
from postfocus.io.atomic import display_name
from postfocus.model.frame import Coding


@dataclass(frozen=True, slots=True)
class StillPixels:
    """One decoded still.

    Attributes
    ----------
    pixels
        `(H, W, 3)` R, G, B or `(H, W)` grey, uint8 or uint16 codes, upright.
    coding
        What the codes mean; `icc` is the file's own profile.
    exif
        Raw EXIF block, TIFF header first (its orientation is already applied to the pixels).
    """

    pixels: NDArray[Any]
    coding: Coding
    exif: bytes | None = None


@contextmanager
def plain_errors(path: Path) -> Generator[None]:
    """Turn whatever a decoder raises over a broken file into one sentence (`CannotRead`)."""
    try:
        yield
    except CannotRead:
        raise
    except (MemoryError, cv2.error) as error:
        if isinstance(error, MemoryError) or "memory" in str(error).lower():
            raise CannotRead(
                f"{display_name(path)} does not fit into memory; close other programs or make it smaller."
            ) from None
        raise _damaged(path) from None
    except Exception:  # a broken file makes decoders raise whatever they like
        raise _damaged(path) from None


def _damaged(path: Path) -> CannotRead:
    return CannotRead(
        f"{display_name(path)} is damaged or cut short; copy it from the card again or leave it out."
    )
