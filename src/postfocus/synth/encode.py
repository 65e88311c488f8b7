"""Frames become a video as a camera writes it, or a folder of JPEGs, with the colours tagged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import cv2
import numpy as np
import simplejpeg
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from postfocus.errors import BadUse, CannotWrite
from postfocus.model.frame import Matrix

ENCODERS = {"h264": ("libx264",), "hevc": ("libx265",), "av1": ("libsvtav1", "libaom-av1")}
CONTAINERS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska"}
BUFFER = 0.5
"""Seconds of the bit rate that frames may borrow from one another: a camera that writes to a card has no
more. Without a limit the encoder spends a clip's bits on its first frames and starves those that follow."""

_WEIGHTS = {Matrix.BT601: (0.299, 0.114), Matrix.BT709: (0.2126, 0.0722), Matrix.BT2020: (0.2627, 0.0593)}
_TAGS = {Matrix.BT601: (6, 6, 6), Matrix.BT709: (1, 1, 1), Matrix.BT2020: (9, 14, 9)}
"""Colour primaries, transfer, matrix, as ITU-T H.273 numbers them."""


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """How frames are encoded. The defaults are what a Post Focus camera writes, but faster.

    Attributes
    ----------
    codec
        ``"h264"``, ``"hevc"`` or ``"av1"``.
    bits
        8 or 10 per sample (10 not with H.264).
    matrix, full_range
        Luma and chroma weights; codes 0…255 instead of 16…235.
    rate
        Frames per second.
    megabits
        Bit rate at 3840x2160 in Mbit/s; it scales with the picture's area.
    gop, b_frames
        Frames from key frame to key frame; frames predicted from both sides between others.
    preset
        The encoder's speed word.
    rotation
        Degrees counter-clockwise by which players are told to turn the picture: 0, 90, 180 or 270.
    """

    codec: str = "h264"
    bits: int = 8
    matrix: Matrix = Matrix.BT709
    full_range: bool = False
    rate: Fraction = Fraction(30000, 1001)
    megabits: float = 100.0
    gop: int = 15
    b_frames: int = 2
    preset: str = "superfast"
    rotation: int = 0

    def __post_init__(self) -> None:
        if self.codec not in ENCODERS:
            raise BadUse(f"Unknown video codec {self.codec!r}; choose from {', '.join(ENCODERS)}.")
        if self.bits not in (8, 10) or (self.codec == "h264" and self.bits != 8):
            raise BadUse("Video has 8 bits, or 10 with HEVC and AV1.")
        if self.matrix not in _WEIGHTS:
            raise BadUse("Video needs the matrix bt601, bt709 or bt2020.")


def to_planes(
    rgb: NDArray[np.uint8], matrix: Matrix = Matrix.BT709, full_range: bool = False, bits: int = 8
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Red, green, blue to Y, U, V 4:2:0, rounded; chroma sited at the left luma column, as MPEG-2 has it.

    Parameters
    ----------
    rgb
        `(H, W, 3)` uint8; H and W even.
    matrix, full_range, bits
        See `VideoSettings`.

    Returns
    -------
    tuple
        Y `(H, W)`, U and V `(H/2, W/2)`; uint8, or uint16 low-aligned.
    """
    kr, kb = _WEIGHTS[matrix]
    step = 2.0 ** (bits - 8)
    y_span, c_span, y_low = (
        (2.0**bits - 1, 2.0**bits - 1, 0.0) if full_range else (219 * step, 224 * step, 16 * step)
    )
    luma = np.array([kr, 1 - kr - kb, kb])
    blue = (np.array([0, 0, 1]) - luma) / (2 * (1 - kb))
    red = (np.array([1, 0, 0]) - luma) / (2 * (1 - kr))
    top = 255 if bits == 8 else 1023
    kind = np.uint8 if bits == 8 else np.uint16

    def codes(values: NDArray[Any]) -> NDArray[Any]:
        return np.clip(np.rint(values), 0, top).astype(kind)

    source = rgb.astype(np.float32)
    y = codes(cv2.transform(source, np.append(luma * y_span / 255, y_low)[None]).reshape(rgb.shape[:2]))
    # Rows in pairs, columns 1-2-1 about the even ones.
    tall = (source[0::2] + source[1::2]) * np.float32(0.5)
    wide = cv2.sepFilter2D(tall, -1, np.array([0.25, 0.5, 0.25]), np.ones(1), borderType=cv2.BORDER_REPLICATE)
    half = np.ascontiguousarray(wide[:, 0::2])
    rows = np.stack([np.append(m * c_span / 255, 128 * step) for m in (blue, red)])
    chroma = cv2.transform(half, rows)
    return y, codes(chroma[..., 0]), codes(chroma[..., 1])


def _frame(rgb: NDArray[np.uint8], settings: VideoSettings) -> av.VideoFrame:
    planes = to_planes(rgb, settings.matrix, settings.full_range, settings.bits)
    frame = av.VideoFrame(rgb.shape[1], rgb.shape[0], "yuv420p" if settings.bits == 8 else "yuv420p10le")
    for plane, values in zip(frame.planes, planes, strict=True):
        h, w = values.shape
        rows = np.zeros((h, plane.line_size), np.uint8)
        rows[:, : w * values.itemsize] = np.ascontiguousarray(values).view(np.uint8)
        plane.update(rows.tobytes())
    primaries, transfer, matrix = _TAGS[settings.matrix]
    frame.colorspace, frame.color_range = matrix, 2 if settings.full_range else 1
    frame.color_primaries, frame.color_trc = primaries, transfer
    return frame


def _encoder(codec: str) -> str:
    for name in ENCODERS[codec]:
        try:
            av.Codec(name, "w")
        except ValueError:  # av raises UnknownCodecError, a ValueError
            continue
        return name
    raise CannotWrite(f"This installation has no encoder for {codec}; choose h264.")


def _options(name: str, settings: VideoSettings, rate: int) -> dict[str, str]:
    options = {"preset": settings.preset}
    if name == "libx264":
        return options | {"profile": "high", "maxrate": str(rate), "bufsize": str(int(rate * BUFFER))}
    if name == "libx265":
        return options | {"x265-params": "log-level=error"}
    if name == "libsvtav1":
        return {"preset": "11"}
    return {"cpu-used": "8"}


def write_video(
    path: Path,
    frames: Iterable[NDArray[np.uint8]],
    settings: VideoSettings | None = None,
    container: str = "",
) -> int:
    """Encode a clip.

    Parameters
    ----------
    path
        File to write; replaced if it exists.
    frames
        `(H, W, 3)` uint8 sRGB pictures of one size, even on both sides.
    settings
        How; ``None``: the defaults.
    container
        ``"mp4"``, ``"mov"`` or ``"matroska"``; empty: from the file's name.

    Returns
    -------
    int
        Number of frames written.

    Raises
    ------
    postfocus.errors.BadUse
        Unknown container, or a picture with odd sides.
    postfocus.errors.CannotWrite
        No encoder, or no room or permission.
    """
    settings = settings or VideoSettings()
    kind = container or CONTAINERS.get(path.suffix.lower(), "")
    if not kind:
        raise BadUse(f"Give the clip a name that ends in {', '.join(CONTAINERS)}.")
    name = _encoder(settings.codec)
    count = 0
    try:
        with av.open(str(path), "w", format=kind) as file:
            stream: VideoStream | None = None
            for rgb in frames:
                if stream is None:
                    stream = _stream(file, name, rgb, settings)
                frame = _frame(rgb, settings)
                frame.pts, frame.time_base = count, 1 / settings.rate
                file.mux(stream.encode(frame))
                count += 1
            if stream is not None:
                file.mux(stream.encode(None))
    except (OSError, av.error.FFmpegError) as error:
        raise CannotWrite(f"The clip {path.name} could not be written: {error}.") from error
    if not count:
        raise BadUse("A clip needs at least one frame.")
    return count


def _stream(file: Any, name: str, rgb: NDArray[np.uint8], settings: VideoSettings) -> VideoStream:
    h, w = rgb.shape[:2]
    if h % 2 or w % 2:
        raise BadUse("Video needs an even width and height; choose another size.")
    rate = int(settings.megabits * 1e6 * max(0.02, w * h / (3840 * 2160)))
    options = _options(name, settings, rate)
    stream: VideoStream = file.add_stream(name, rate=settings.rate, options=options)
    stream.width, stream.height = w, h
    stream.pix_fmt = "yuv420p" if settings.bits == 8 else "yuv420p10le"
    if settings.rotation:
        stream.set_display_rotation(settings.rotation)
    coder = stream.codec_context
    coder.bit_rate = rate
    coder.gop_size, coder.max_b_frames = settings.gop, settings.b_frames
    coder.time_base = 1 / settings.rate
    primaries, transfer, matrix = _TAGS[settings.matrix]
    coder.colorspace, coder.color_range = matrix, 2 if settings.full_range else 1
    coder.color_primaries, coder.color_trc = primaries, transfer
    return stream


def _exif(index: int) -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "postfocus", "simulated lens", 1
    exif[0x0132] = f"2026:01:01 12:{index // 60 % 60:02d}:{index % 60:02d}"
    part = exif.get_ifd(0x8769)
    part[0x829A], part[0x829D], part[0x8827] = IFDRational(1, 60), IFDRational(28, 10), 200
    part[0x9003], part[0x920A] = exif[0x0132], IFDRational(30)
    return exif.tobytes()


def write_jpegs(folder: Path, frames: Iterable[NDArray[np.uint8]]) -> int:
    """Write ``frame-000.jpg``… with simple EXIF into an existing folder; returns their number."""
    count = 0
    for count, rgb in enumerate(frames, 1):
        data = simplejpeg.encode_jpeg(np.ascontiguousarray(rgb), 96, "RGB", "422")
        block = _exif(count - 1)
        marker = b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block
        try:
            (folder / f"frame-{count - 1:03d}.jpg").write_bytes(data[:2] + marker + data[2:])
        except OSError as error:
            raise CannotWrite(f"Frames could not be written to {folder.name}: {error.strerror}.") from error
    return count
