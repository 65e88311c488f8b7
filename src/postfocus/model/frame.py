"""One exposure of the sweep, as the decoder or the still file gave it.

A frame keeps its pixels in the form they were decoded: luma and chroma planes
from video, one RGB array from stills. Nothing is converted until a picture
needs it, because converting a 4K frame costs a tenth of decoding it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol, Self, runtime_checkable

from numpy.typing import NDArray


class Matrix(StrEnum):
    """How luma and chroma were made from red, green and blue."""

    BT601 = "bt601"
    BT709 = "bt709"
    BT2020 = "bt2020"
    RGB = "rgb"
    """No luma and chroma: the frame holds red, green and blue."""


class Transfer(StrEnum):
    """How light became code values."""

    SRGB = "srgb"
    BT709 = "bt709"
    """Camera video; shown, as players do, like sRGB."""
    LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class Coding:
    """What the code values of a frame mean.

    Attributes
    ----------
    matrix
        Luma and chroma weights; ``Matrix.RGB`` for stills.
    full_range
        ``True``: codes run 0…2^bits-1. ``False``: luma 16…235, chroma 16…240 (times 2^(bits-8)).
    bits
        Significant bits per sample: 8, 10, 12 or 16. More than 8 sit in uint16, low-aligned.
    transfer
        Light to code values.
    icc
        Embedded ICC profile, or ``None`` for sRGB.
    """

    matrix: Matrix = Matrix.RGB
    full_range: bool = True
    bits: int = 8
    transfer: Transfer = Transfer.SRGB
    icc: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class FrameInfo:
    """Where a frame comes from.

    Attributes
    ----------
    index
        Place in the source, counted from 0. Never renumbered when frames are left out.
    time
        Seconds since the first frame, exact; ``None`` where unknown.
    name
        What a person calls it: the file's name, or ``frame 17``.
    path
        The file of a still; ``None`` for video frames and pages.
    """

    index: int
    time: Fraction | None = None
    name: str = ""
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded exposure, upright.

    Attributes
    ----------
    planes
        Either one array `(H, W, 3)` R, G, B, or one array `(H, W)` grey, or three arrays Y `(H, W)` and
        U, V at their own size (half width, and half height for 4:2:0). uint8 or uint16 codes,
        low-aligned. They may be read-only views of a decoder's buffer with padded rows: never write to
        them, and keep the frame while a view is used.
    luma
        `(H, W)` uint8 or uint16 codes: the Y plane itself where there is one (a view, never a copy).
    coding
        What the codes mean.
    info
        Where the frame comes from.
    """

    planes: tuple[NDArray[Any], ...]
    luma: NDArray[Any]
    coding: Coding
    info: FrameInfo

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return int(self.luma.shape[1])

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return int(self.luma.shape[0])


@dataclass(frozen=True, slots=True)
class CameraFacts:
    r"""What the camera wrote about the exposure. Every field may be missing.

    Attributes
    ----------
    make, model, lens
        As the camera spells them.
    taken
        Local time as EXIF writes it, ``"2026:11:21 09:30:00"``; `subsec` its decimals (``"250"``).
    exposure_s, f_number, iso, focal_mm
        Seconds, f-number, ISO speed, millimetres.
    burst
        Panasonic's burst mode in words (``"post focus"``, ``"4k burst"``…), or ``None``.
    exif
        The raw EXIF block (TIFF header first, no ``Exif\0\0``), to be carried to saved pictures.
    """

    make: str | None = None
    model: str | None = None
    lens: str | None = None
    taken: str | None = None
    subsec: str | None = None
    exposure_s: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_mm: float | None = None
    burst: str | None = None
    exif: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A frame or file that is not used, and why, in words a person reads."""

    index: int | None
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What an input is, known before its pixels are decoded.

    Attributes
    ----------
    kind
        ``"video"``, ``"stills"``, ``"pages"`` (a multi-page TIFF) or ``"simulated"``.
    name
        Stem for output names: ``P1010234`` for ``P1010234.MP4`` and for a folder of that name.
    paths
        Every input file, absolute, in frame order. Outputs may never be one of them.
    width, height
        Pixels, upright (rotation applied).
    count
        Number of frames, if known without decoding.
    coding
        What the codes of the frames mean.
    camera
        From the first frame or the container.
    codec
        ``"h264"``, ``"jpeg"``, ``"raw"`` …
    rate
        Mean frames per second, or ``None``.
    rotation, mirrored
        Degrees by which a clip's pictures are turned clockwise to stand upright, after left and right are
        exchanged if `mirrored`; frames are turned already.
    left_out
        Files found at opening that cannot be frames.
    """

    kind: str
    name: str
    paths: tuple[Path, ...]
    width: int
    height: int
    count: int | None
    coding: Coding
    camera: CameraFacts
    codec: str = ""
    rate: Fraction | None = None
    rotation: int = 0
    left_out: tuple[LeftOut, ...] = ()
    mirrored: bool = False


@runtime_checkable
class FrameSource(Protocol):
    """A sweep that can be read: video, stills, pages, or a simulation.

    One frame is in memory at a time. All sources pass one contract suite
    (``tests/contract``).
    """

    @property
    def info(self) -> SourceInfo:
        """What the input is."""
        ...

    @property
    def problems(self) -> tuple[LeftOut, ...]:
        """Frames met so far that would not decode; they were skipped."""
        ...

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Yield frames `start` up to but not including `stop`, in order, skipping unreadable ones.

        A frame's planes stay valid as long as the frame is referenced.
        """
        ...

    def read(self, index: int) -> Frame:
        """Decode one frame exactly."""
        ...

    def camera(self, index: int) -> CameraFacts:
        """What the camera wrote about this frame (the container's facts for video)."""
        ...

    def fingerprint(self) -> str:
        """A short text that changes when the input's bytes do: key of the cache."""
        ...

    def close(self) -> None:
        """Let go of files and decoders; reading afterwards raises."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...
