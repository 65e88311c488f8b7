"""Tiny clips whose every picture is known, in any container, codec, layout and colour coding."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

Planes = Sequence[NDArray[Any]]

SPACES = {"rgb": 0, "bt709": 1, "bt601": 6, "bt2020": 9, "unspecified": 2}
os.environ.setdefault("SVT_LOG", "1")  # errors only
LOSSLESS = {
    "libx264": {"qp": "0", "preset": "ultrafast", "x264-params": "b-adapt=0"},
    "libx265": {"preset": "ultrafast", "x265-params": "lossless=1:log-level=none:pools=1:frame-threads=1"},
    "libsvtav1": {"preset": "10", "svtav1-params": "lossless=1:lp=1"},
    "ffv1": {},
    "mjpeg": {},
    "rawvideo": {},
}


def write_clip(
    path: Path,
    pictures: Iterable[Planes],
    *,
    codec: str = "libx264",
    layout: str = "yuv420p",
    matrix: str = "unspecified",
    transfer: int = 2,
    full_range: bool = False,
    times: Sequence[Fraction] | None = None,
    rate: int = 30,
    gop: int = 12,
    bframes: int = 0,
    options: dict[str, str] | None = None,
    sound: bool = False,
    fast_start: bool = False,
) -> Path:
    """Write planes (arrays of codes, in the order of `layout`) as a clip; lossless where the codec can.

    `times` are seconds (whole ticks of 1/90000 s); without it the clip has a constant `rate`.
    """
    settings = {**LOSSLESS.get(codec, {}), **(options or {})}
    muxing = {"movflags": "+faststart"} if fast_start else {}
    with av.open(str(path), "w", container_options=muxing) as box:
        stream = box.add_stream(codec, rate=rate, options=settings)
        track = box.add_stream("aac", rate=48000) if sound else None
        context = stream.codec_context
        context.time_base = Fraction(1, 90000) if times else Fraction(1, rate)
        context.gop_size, context.max_b_frames = gop, bframes
        context.thread_count = 1
        for number, planes in enumerate(pictures):
            if number == 0:
                stream.height, stream.width = (int(n) for n in planes[0].shape[:2])
                stream.pix_fmt = layout
                context.colorspace = SPACES[matrix]
                context.color_trc = transfer
                context.color_range = 2 if full_range else 1
            picture = picture_of(planes, layout)
            picture.colorspace, picture.color_range = SPACES[matrix], 2 if full_range else 1
            picture.color_trc = transfer
            picture.pts = int(times[number] * 90000) if times else number
            picture.time_base = context.time_base
            box.mux(stream.encode(picture))
            if track is not None:
                noise = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
                noise.sample_rate, noise.pts = 48000, number * 1024
                box.mux(track.encode(noise))
        box.mux(stream.encode(None))
        if track is not None:
            box.mux(track.encode(None))
    return path


def picture_of(planes: Planes, layout: str) -> av.VideoFrame:
    """Planes as the library's own picture."""
    height, width = planes[0].shape[:2]
    picture = av.VideoFrame(width, height, layout)
    for plane, codes in zip(picture.planes, planes, strict=True):
        rows = np.frombuffer(plane, codes.dtype).reshape(plane.height, -1)
        flat = codes.reshape(codes.shape[0], -1)
        rows[:, : flat.shape[1]] = flat
    return picture


def numbered(number: int, width: int = 96, height: int = 64, depth: int = 8) -> Planes:
    """A 4:2:0 picture that tells its number: luma ``40 + 4 * number`` with a ramp, and its own chroma."""
    dtype = np.uint8 if depth == 8 else np.uint16
    unit = 1 << (depth - 8)
    ramp = np.arange(width) % 16
    luma = np.broadcast_to((40 + 4 * number) * unit + ramp * unit, (height, width)).astype(dtype)
    chroma = ((height + 1) // 2, (width + 1) // 2)
    u = np.full(chroma, (100 + number) * unit, dtype)
    return luma, u, np.full(chroma, (140 - number) * unit, dtype)


def number_of(luma: NDArray[Any], depth: int = 8) -> int:
    """The number that `numbered` wrote into a picture."""
    unit = 1 << (depth - 8)
    return round((float(luma[:, : luma.shape[1] // 16 * 16].mean()) / unit - 47.5) / 4)


def numbered_clip(path: Path, count: int, *, width: int = 96, height: int = 64, **how: Any) -> Path:
    """A clip of `count` pictures from `numbered`."""
    depth = 10 if "10" in how.get("layout", "") else 8
    return write_clip(path, (numbered(n, width, height, depth) for n in range(count)), **how)


def boxes(data: bytes, start: int = 0, end: int | None = None) -> list[tuple[bytes, int, int]]:
    """Kind, start and end of each box in a well-formed MP4."""
    found: list[tuple[bytes, int, int]] = []
    end = len(data) if end is None else end
    while start < end:
        size = struct.unpack_from(">I", data, start)[0]
        size = struct.unpack_from(">Q", data, start + 8)[0] if size == 1 else size or end - start
        found.append((data[start + 4 : start + 8], start, start + size))
        start += size
    return found


def turn_clip(clip: Path, a: float, b: float, c: float, d: float) -> None:
    """Set the picture part of the display matrix of an MP4's first track (ISO/IEC 14496-12, 8.3.2)."""
    data = bytearray(clip.read_bytes())
    at = data.index(b"tkhd")
    matrix = at + 4 + (40 if data[at + 4] == 0 else 52)
    fixed = [round(v * 65536) for v in (a, b, 0, c, d, 0, 0, 0)]
    struct.pack_into(">8i", data, matrix, *fixed)
    clip.write_bytes(data)


def write_user_data(clip: Path, content: bytes) -> None:
    """Add boxes to ``moov/udta`` of an MP4; the index moves to the end, so that no offset changes."""
    data = clip.read_bytes()
    kind, start, end = next(box for box in boxes(data) if box[0] == b"moov")
    children = [box for box in boxes(data, start + 8, end) if box[0] != b"udta"]
    user = b"".join(data[s + 8 : e] for k, s, e in boxes(data, start + 8, end) if k == b"udta") + content
    body = b"".join(data[s:e] for _, s, e in children) + box(b"udta", user)
    clip.write_bytes(data[:start] + box(b"free", data[start + 8 : end]) + data[end:] + box(kind, body))


def box(kind: bytes, content: bytes) -> bytes:
    """One MP4 box."""
    return struct.pack(">I4s", 8 + len(content), kind) + content


def write_panasonic_atom(
    clip: Path, exif: bytes, *, kind: bytes = b"PANA", lead: bytes | None = None
) -> None:
    """Give an MP4 the user data of a Lumix: text, then ``Exif`` and the block `exif` (TIFF header first)."""
    if lead is None:
        lead = (
            b"DMC-GX8\0".ljust(64, b"\0") + b"\xff\xd8\xff\xe1" + struct.pack(">H", (len(exif) + 8) & 0xFFFF)
        )
    write_user_data(clip, box(kind, lead + b"Exif\0\0" + exif))


def panasonic_exif(mode: int = 0x04, *, model: str = "DMC-GX8") -> bytes:
    """An EXIF block of a Lumix with VideoBurstMode `mode` (0x04: Post Focus) in its MakerNotes."""
    note_start = 8 + 2 + 3 * 12 + 4 + 32 + 2 + 3 * 12 + 4 + 16
    note = b"Panasonic\0\0\0" + struct.pack("<H", 1) + struct.pack("<HHII", 0xBB, 4, 1, mode) + bytes(4)
    texts = 8 + 2 + 3 * 12 + 4
    sub = texts + 32
    ratio = sub + 2 + 3 * 12 + 4
    out = b"II*\0" + struct.pack("<I", 8)
    out += struct.pack("<H", 3)
    out += struct.pack("<HHII", 0x010F, 2, 10, texts)
    out += struct.pack("<HHII", 0x0110, 2, len(model) + 1, texts + 10)
    out += struct.pack("<HHII", 0x8769, 4, 1, sub) + bytes(4)
    out += b"Panasonic\0" + model.encode("ascii").ljust(22, b"\0")
    out += struct.pack("<H", 3)
    out += struct.pack("<HHII", 0x829A, 5, 1, ratio)
    out += struct.pack("<HHIHH", 0x8827, 3, 1, 200, 0)
    out += struct.pack("<HHII", 0x927C, 7, len(note), note_start) + bytes(4)
    out += struct.pack("<IIII", 1, 60, 0, 1)
    return out + note
