"""What the page is told of a sweep: its frames, how they lie on one another, and its depth."""

from __future__ import annotations

from typing import Any

import numpy as np

from postfocus.app.tiles import SIDE
from postfocus.io.atomic import display_name
from postfocus.io.exif import tag_block
from postfocus.io.exif_block import GPS_IFD
from postfocus.io.previews import ROWS
from postfocus.model.depth import State
from postfocus.model.index import Index

COORDINATES = {2, 4}
"""Latitude and longitude in EXIF's directory of GPS tags."""

IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def facts(index: Index) -> dict[str, Any]:
    """What a page needs to show the frames of an index, as values of JSON.

    ``poses`` are affine maps from places of the reference picture to places of each frame, both in
    fractions of width and height from the top left corner of the picture (not of its first pixel's
    centre); row-major, six numbers each.
    """
    info, alignment = index.info, index.alignment
    valid = alignment.valid()
    w, h = info.width, info.height
    return {
        "count": len(index.frames),
        "width": w,
        "height": h,
        "frames": index.frames.tolist(),
        "poses": [pose(index, slot) for slot in range(len(index.frames))],
        "usable": alignment.usable().tolist(),
        "gain": [round(float(g), 5) for g in alignment.gain],
        "sweep": index.sweep.slots.tolist(),
        "reference": alignment.reference,
        "preview": preview_size(w, h),
        "tile": SIDE,
        "valid": [valid.x / w, valid.y / h, valid.w / w, valid.h / h],
        "best_slot": best_slot(index),
        "depth_scale": depth_scale(len(index.frames)),
        "notes": list(index.notes()),
        "expected": max(len(index.frames), info.count or 0),
        "files": files_of(index),
        "location": says_where(info.camera.exif),
    }


def early_facts(width: int, height: int, done: int) -> dict[str, Any]:
    """The same while the sweep is still being read: the frames so far, taken as they are."""
    return {
        "count": done,
        "width": width,
        "height": height,
        "frames": list(range(done)),
        "poses": [list(IDENTITY) for _ in range(done)],
        "usable": [True] * done,
        "gain": [1.0] * done,
        "sweep": list(range(done)),
        "reference": 0,
        "preview": preview_size(width, height),
        "tile": SIDE,
        "valid": [0.0, 0.0, 1.0, 1.0],
        "best_slot": 0,
        "depth_scale": depth_scale(done),
        "notes": [],
        "expected": done,
        "files": None,
        "location": False,
    }


def files_of(index: Index) -> list[str] | None:
    """The name of each frame's own file, by slot; ``None`` where all frames are in one."""
    if index.info.kind != "stills":
        return None
    return [display_name(index.info.paths[number].name) for number in index.frames]


def says_where(exif: bytes | None) -> bool:
    """Whether an EXIF block holds coordinates; many cameras write the directory of GPS tags without any."""
    block = tag_block(exif)
    if block is None:
        return False
    main = block.directory(block.first)
    return not COORDINATES.isdisjoint(block.directory(block.integer(main.get(GPS_IFD))))


def pose(index: Index, slot: int) -> list[float]:
    """The affine map of one frame in fractions, from the one in pixels (whose centres are whole)."""
    w, h = index.info.width, index.info.height
    (a, b, c), (d, e, f) = index.alignment.matrix(slot)
    out = (a, b * h / w, (c + 0.5 - 0.5 * (a + b)) / w, d * w / h, e, (f + 0.5 - 0.5 * (d + e)) / h)
    return [round(float(value), 8) for value in out]


def preview_size(width: int, height: int) -> dict[str, int]:
    """Pixels of a preview: whole numbers of pixels are averaged until it has 1080 rows at most."""
    factor = max(1, -(-height // ROWS))
    return {"width": width // factor, "height": height // factor}


def best_slot(index: Index) -> int:
    """The frame in which most of the picture is in focus."""
    depth, slots = index.depth, index.sweep.slots
    frames = index.frames[slots]
    sharp = depth.state == State.IN_FOCUS
    if not sharp.any():
        return int(slots[len(slots) // 2])
    edges = np.concatenate([[-np.inf], (frames[1:] + frames[:-1]) / 2, [np.inf]])
    mass, _ = np.histogram(depth.position[sharp], bins=edges, weights=depth.confidence[sharp])
    return int(slots[int(np.convolve(mass, [1, 2, 1], "same").argmax())])


def depth_scale(count: int) -> int:
    """Steps of a slot in `depth_bytes`: 256, or fewer for so many frames that 16 bits would not hold them."""
    scale = 256
    while max(1, count - 1) * scale > 0xFFFF:
        scale //= 2
    return scale


def depth_bytes(index: Index) -> bytes:
    """The depth map as the page reads it.

    Returns
    -------
    Little-endian: columns and rows as uint32; then, row after row, the position of each cell in slots
    times `depth_scale` as uint16; its confidence, 0 to 255, as uint8; its `State` as uint8.
    """
    depth = index.depth
    rows, cols = depth.state.shape
    slots = np.interp(depth.position, index.frames, np.arange(len(index.frames)))
    position = np.round(slots * depth_scale(len(index.frames))).astype("<u2")
    sure = np.round(depth.confidence * 255).astype(np.uint8)
    return b"".join(
        (np.array([cols, rows], "<u4").tobytes(), position.tobytes(), sure.tobytes(), depth.state.tobytes())
    )
