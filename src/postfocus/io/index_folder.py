"""An index on disk: what is known of a sweep, in a folder that can be read again in milliseconds.

``index.json`` holds what people and programs may want to read (the input, the
poses, what was found); ``depth.npz`` the depth map and how frames are bent; beside them lie the maps
that were written while the sweep was read. A checksum over both tells a
damaged folder from a whole one.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
import zlib
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from postfocus.errors import CannotRead
from postfocus.io.parser import undisturbed
from postfocus.model.alignment import Alignment
from postfocus.model.bend import Bend
from postfocus.model.defocus import Defocus
from postfocus.model.depth import DepthMap, Noise, State
from postfocus.model.frame import CameraFacts, Coding, LeftOut, Matrix, SourceInfo, Transfer
from postfocus.model.index import Index
from postfocus.model.sweep import Sweep

FORMAT = 5
"""Raised whenever older folders can no longer be read; also part of the cache's key."""

MOST_BENT = 1000.0
"""Pixels that no frame is bent by."""

MANIFEST, DEPTH = "index.json", "depth.npz"


def write_index(index: Index, folder: Path) -> None:
    """Write ``depth.npz``, then ``index.json``: a folder with a manifest is complete."""
    depth, a = index.depth, index.alignment
    packed = io.BytesIO()
    extra: dict[str, Any] = {}
    if a.bend is not None:
        extra |= {"bend": a.bend.shift, "bend_block": np.int64(a.bend.block)}
    if depth.defocus is not None:
        extra["place"] = depth.defocus.place
    np.savez(
        packed, position=depth.position, confidence=depth.confidence, state=depth.state,
        scatter=np.float64(depth.noise.scatter), pulse=depth.noise.pulse, **extra,
    )  # fmt: skip
    (folder / DEPTH).write_bytes(packed.getvalue())
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "source": _source_json(index.info),
        "pool": index.pool,
        "frames": index.frames.tolist(),
        "alignment": {
            "reference": a.reference,
            "scale_cos": a.a.real.tolist(),
            "scale_sin": a.a.imag.tolist(),
            "shift_x": a.b.real.tolist(),
            "shift_y": a.b.imag.tolist(),
            "row": a.row.tolist(),
            "error": a.error.tolist(),
            "state": list(a.state),
            "gain": a.gain.tolist(),
            "notes": list(a.notes),
        },
        "sweep": {"slots": index.sweep.slots.tolist(), "findings": list(index.sweep.findings)},
        "last_frame": depth.last_frame,
        "left_out": [asdict(item) for item in index.left_out],
    }
    manifest["checksum"] = _checksum(manifest, packed.getvalue())
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")


def read_index(folder: Path) -> Index:
    """Read what `write_index` wrote.

    Raises
    ------
    CannotRead
        The folder is not an index, incomplete, damaged, or of another version of postfocus.
    """
    try:
        manifest = _manifest(folder)
        depth = (folder / DEPTH).read_bytes()
        if manifest.pop("checksum") != _checksum(manifest, depth):
            raise ValueError("the checksum does not match")
        return _checked(undisturbed(lambda: _index_from(manifest, depth)))
    except (
        OSError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        ArithmeticError,
        RuntimeError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise CannotRead(f"the index in {folder.name} is incomplete; index the sweep again") from error


def read_info(folder: Path) -> SourceInfo:
    """What the input of an index is, without reading, or checking, the rest.

    Raises
    ------
    CannotRead
        As `read_index`.
    """
    try:
        return _source_from(_manifest(folder)["source"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise CannotRead(f"the index in {folder.name} is incomplete; index the sweep again") from error


def _manifest(folder: Path) -> dict[str, Any]:
    """The manifest of an index of this version; what is damaged raises as JSON and its values do."""
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    if manifest["format"] != FORMAT:
        raise CannotRead("the index was made by another version of postfocus; index the sweep again")
    return manifest


def _checksum(manifest: dict[str, Any], depth: bytes) -> str:
    """CRC-32 of the manifest's values and of the depth map's file, in hexadecimal."""
    return f"{zlib.crc32(json.dumps(manifest, sort_keys=True).encode('ascii'), zlib.crc32(depth)):08x}"


def _checked(index: Index) -> Index:
    """The index itself if its parts fit together; otherwise raises `ValueError`."""
    a, depth, slots = index.alignment, index.depth, index.sweep.slots
    n = len(index.frames)
    of_frames = (index.frames, a.a, a.b, a.row, a.error, a.gain)
    good = (
        all(values.shape == (n,) for values in of_frames)
        and len(a.state) == n
        and all(bool(np.isfinite(values).all()) for values in (a.a, a.b, a.row, a.gain))
        and bool(((np.abs(a.a) > 0.01) & (np.abs(a.a) < 100) & (a.gain > 0)).all())
        and 0 <= a.reference < n
        and _bend_fits(a.bend, n)
        and _defocus_fits(depth.defocus, n)
        and slots.ndim == 1
        and bool((np.diff(index.frames) > 0).all())
        and bool((np.diff(slots) > 0).all())
        and 0 <= int(slots[0]) <= int(slots[-1]) < n
        and all(m.shape == index.map_shape() for m in (depth.position, depth.confidence, depth.state))
        and depth.state.dtype == np.uint8
        and depth.position.dtype == depth.confidence.dtype == depth.noise.pulse.dtype == np.float32
        and all(bool(np.isfinite(m).all()) for m in (depth.position, depth.confidence, depth.noise.pulse))
        and bool(np.isfinite(depth.noise.scatter))
        and depth.noise.pulse.shape == slots.shape
        and int(depth.state.max()) <= max(State)
    )
    if not good:
        raise ValueError("the parts of the index do not fit together")
    return index


def _index_from(manifest: dict[str, Any], packed: bytes) -> Index:
    info = _source_from(manifest["source"])
    frames = np.array(manifest["frames"], np.int64)
    slots = np.array(manifest["sweep"]["slots"], np.int64)
    first, last = int(frames[slots[0]]), int(frames[slots[-1]])
    sweep = Sweep(slots, first, last, tuple(manifest["sweep"]["findings"]))
    with np.load(io.BytesIO(packed), allow_pickle=False) as data:
        pool = int(manifest["pool"])
        depth = DepthMap(
            data["position"], data["confidence"], data["state"], pool, info.width, info.height,
            int(manifest["last_frame"]), Noise(float(data["scatter"]), data["pulse"]),
            Defocus(data["place"]) if "place" in data else None,
        )  # fmt: skip
        bend = Bend(data["bend"], int(data["bend_block"])) if "bend" in data else None
    alignment = _alignment_from(manifest["alignment"], info, frames, bend)
    left_out = tuple(LeftOut(**item) for item in manifest["left_out"])
    return Index(info, pool, frames, alignment, sweep, depth, left_out)


def _alignment_from(
    m: dict[str, Any], info: SourceInfo, frames: NDArray[np.int64], bend: Bend | None
) -> Alignment:
    return Alignment(
        info.width, info.height, frames, int(m["reference"]),
        np.array(m["scale_cos"]) + 1j * np.array(m["scale_sin"]),
        np.array(m["shift_x"]) + 1j * np.array(m["shift_y"]),
        np.array(m["row"], float), np.array(m["error"], float), tuple(m["state"]),
        np.array(m["gain"], float), tuple(m["notes"]), bend,
    )  # fmt: skip


def _bend_fits(bend: Bend | None, count: int) -> bool:
    return bend is None or (
        bend.shift.dtype == np.complex64
        and bend.shift.ndim == 3
        and bend.shift.shape[0] == count
        and bend.shift.size > 0
        and bend.block > 0
        and bool(np.isfinite(bend.shift).all())
        and bend.margin(range(count)) < MOST_BENT
    )


def _defocus_fits(defocus: Defocus | None, count: int) -> bool:
    return defocus is None or (
        defocus.place.dtype == np.float64
        and defocus.place.shape == (count,)
        and bool(np.isfinite(defocus.place).all())
        and bool((np.diff(defocus.place) >= 0).all())
    )


def _source_json(info: SourceInfo) -> dict[str, Any]:
    plain = asdict(info)
    plain["paths"] = [str(p) for p in info.paths]
    plain["rate"] = str(info.rate) if info.rate is not None else None
    plain["coding"]["icc"] = _text(info.coding.icc)
    plain["camera"]["exif"] = _text(info.camera.exif)
    return plain


def _source_from(plain: dict[str, Any]) -> SourceInfo:
    coding, camera = dict(plain["coding"]), dict(plain["camera"])
    coding["icc"], camera["exif"] = _bytes(coding["icc"]), _bytes(camera["exif"])
    coding["matrix"], coding["transfer"] = Matrix(coding["matrix"]), Transfer(coding["transfer"])
    rest = dict(plain)
    rest["paths"] = tuple(Path(p) for p in plain["paths"])
    rest["rate"] = Fraction(plain["rate"]) if plain["rate"] is not None else None
    rest["left_out"] = tuple(LeftOut(**item) for item in plain["left_out"])
    rest["coding"], rest["camera"] = Coding(**coding), CameraFacts(**camera)
    return SourceInfo(**rest)


def _text(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode("ascii")


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
