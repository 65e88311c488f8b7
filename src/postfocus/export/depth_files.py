"""Depth becomes three files: the numbers, how far to trust them, and a picture to look at.

The numbers are places in the sweep, counted in frames: exact as 32-bit TIFF,
or spread over 16 bits as PNG with the key to turn them back in its metadata.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from postfocus.errors import BadUse
from postfocus.export.attached import attached_for
from postfocus.export.depth_preview import preview
from postfocus.export.formats import media_type
from postfocus.export.png import encode_png
from postfocus.export.stills import check_picture
from postfocus.export.tiff import encode_tiff
from postfocus.io.atomic import atomic_paths, check_target, display_name
from postfocus.model.frame import CameraFacts
from postfocus.model.picture import Picture

_FULL = 65535


def save_depth(
    depth: NDArray[np.float32],
    confidence: NDArray[np.float32],
    state: NDArray[np.uint8],
    path: Path,
    *,
    last_frame: int,
    near_first: bool = True,
    camera: CameraFacts | None = None,
    record: dict[str, Any] | None = None,
    location: bool = True,
    overwrite: bool = False,
    inputs: Sequence[Path] = (),
) -> tuple[Path, Path, Path]:
    """Write depth, confidence and preview: all three or none.

    Parameters
    ----------
    depth
        `(H, W)` float32: place in the sweep, 0…`last_frame`, between frames too.
    confidence
        `(H, W)` float32, 0…1.
    state
        `(H, W)` uint8, values of `postfocus.model.depth.State`.
    path
        ``.tif`` or ``.tiff`` holds `depth` as it is. ``.png`` holds
        ``round(depth / last_frame * 65535)``, and says so in its record.
    last_frame
        Index of the last frame of the sweep.
    near_first
        Whether the sweep goes from near to far, so that the preview can show near things bright.
    camera, record
        Written into the depth file as for any picture.
    location
        Whether what the camera wrote of the place goes along; see `postfocus.io.exif.exif_for`.
    overwrite, inputs
        As for `postfocus.io.atomic.atomic_path`.

    Returns
    -------
    tuple of Path
        `path`, and beside it ``NAME.confidence.png`` (8 bits, 255 = certain) and ``NAME.preview.png``.

    Raises
    ------
    BadUse
        An extension that cannot hold depth, or maps of different sizes.
    CannotWrite
        A name is taken or an input, or the disk refuses.
    """
    as_tiff = _is_tiff(path)
    if not depth.shape == confidence.shape == state.shape or depth.ndim != 2:
        raise BadUse("Depth, confidence and state differ in size; they must come from one sweep.")
    targets = depth_paths(path)
    for target in targets:
        check_target(target, overwrite=overwrite, inputs=inputs)
    facts = camera or CameraFacts()
    said = {**(record or {}), "depth": _key(last_frame, near_first, as_tiff)}
    files = (
        _depth_file(depth, path, facts, said, location=location),
        encode_png(np.rint(np.nan_to_num(np.clip(confidence, 0, 1)) * 255).astype(np.uint8)),
        encode_png(preview(depth, state, last_frame=last_frame, near_first=near_first)),
    )
    with atomic_paths(targets, overwrite=overwrite, inputs=inputs) as parts:
        for part, data in zip(parts, files, strict=True):
            part.write_bytes(data)
    return targets


def depth_paths(path: Path) -> tuple[Path, Path, Path]:
    """The names of depth, confidence and preview; `BadUse` if `path` cannot hold depth."""
    _is_tiff(path)
    return path, path.with_name(f"{path.stem}.confidence.png"), path.with_name(f"{path.stem}.preview.png")


def sixteen_bits(depth: NDArray[np.float32], last_frame: int) -> NDArray[np.uint16]:
    """Spread places 0…`last_frame` over 0…65535; what lies outside is clipped, what is no number is 0."""
    spread = np.clip(np.nan_to_num(depth.astype(np.float64)) / max(last_frame, 1), 0, 1)
    return np.rint(spread * _FULL).astype(np.uint16)


def _key(last_frame: int, near_first: bool, as_tiff: bool) -> dict[str, Any]:
    """How to read the numbers."""
    mapping = "frame = value" if as_tiff else "frame = value / 65535 * last_frame"
    return {"last_frame": last_frame, "near_first": near_first, "mapping": mapping}


def _depth_file(
    depth: NDArray[np.float32], path: Path, camera: CameraFacts, record: dict[str, Any], *, location: bool
) -> bytes:
    as_tiff = _is_tiff(path)
    pixels = depth.astype(np.float32) if as_tiff else sixteen_bits(depth, record["depth"]["last_frame"])
    picture = Picture(pixels, None, camera, record)
    attached = attached_for(picture, check_picture(picture, path), location=location)
    return encode_tiff(pixels, attached) if as_tiff else encode_png(pixels, attached)


def _is_tiff(path: Path) -> bool:
    mime = media_type(path) if path.suffix.lower() in (".tif", ".tiff", ".png") else None
    if mime is None:
        raise BadUse(f"{display_name(path.name)} cannot hold depth; choose a name that ends in .tif or .png.")
    return mime == "image/tiff"
