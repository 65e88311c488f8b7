"""Original pixels, cut into small JPEGs once, so that zooming in costs no more than reading a file.

A picture's tiles lie in one file, row after row; what there is to say of it lies
beside them. All pictures of a sweep share a folder in the cache, which counts
against the cache's limit like an index.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postfocus.errors import CannotRead, CannotWrite
from postfocus.io.atomic import cannot_write
from postfocus.io.cache import Cache, key_of
from postfocus.io.previews import Previews, PreviewWriter
from postfocus.model.frame import Frame

SIDE = 512
"""Pixels of each side of a tile; those at the right and at the bottom may be smaller."""

QUALITY = 95
"""Of the JPEGs: what is lost cannot be seen at 800 %."""

FORMAT = "tiles 1"

SPARE = 1 << 30
"""Bytes of the disk that are left to others."""

SUFFIX, TOLD = ".tiles", ".json"


def cut(width: int, height: int) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of each tile of a picture, row after row."""
    for top in range(0, height, SIDE):
        for left in range(0, width, SIDE):
            yield slice(top, min(top + SIDE, height)), slice(left, min(left + SIDE, width))


def number_of(width: int, height: int, col: int, row: int) -> int:
    """Place of a tile in its file; raises `LookupError` where there is none."""
    cols, rows = -(-width // SIDE), -(-height // SIDE)
    if not (0 <= col < cols and 0 <= row < rows):
        raise LookupError(f"there is no tile {col}, {row}")
    return row * cols + col


def frame_tiles(frame: Frame) -> list[bytes]:
    """A frame's tiles as JPEGs in sRGB, as players show it; 4:2:0 stays as it is, without becoming RGB."""
    from postfocus.io.previews import JpegPlanes, as_srgb, jpeg_like

    if jpeg_like(frame):
        return _of_planes(*JpegPlanes(smooth=True).of(frame))
    return picture_tiles(as_srgb(frame), sampling="420" if len(frame.planes) == 3 else "444")


def picture_tiles(rgb: Any, sampling: str = "444") -> list[bytes]:
    """A picture's tiles as JPEGs; `rgb` is `(H, W, 3)` or `(H, W)` uint8."""
    import numpy as np
    import simplejpeg

    if rgb.ndim == 2:
        rgb = np.repeat(rgb[:, :, None], 3, axis=2)
    return [
        simplejpeg.encode_jpeg(np.ascontiguousarray(rgb[place]), QUALITY, "RGB", sampling)
        for place in cut(rgb.shape[1], rgb.shape[0])
    ]


def _of_planes(y: Any, u: Any, v: Any) -> list[bytes]:
    """Tiles of full-range 4:2:0 planes of even size."""
    import numpy as np
    import simplejpeg

    tiles: list[bytes] = []
    for rows, cols in cut(y.shape[1], y.shape[0]):
        half = (slice(rows.start // 2, rows.stop // 2), slice(cols.start // 2, cols.stop // 2))
        luma, blue, red = (np.ascontiguousarray(plane) for plane in (y[rows, cols], u[half], v[half]))
        tiles.append(simplejpeg.encode_jpeg_yuv_planes(luma, blue, red, QUALITY))
    return tiles


@dataclass(frozen=True, slots=True)
class TileStore:
    """The tiles of one sweep.

    Attributes
    ----------
    folder
        Made when first needed.
    cache
        To which the folder belongs.
    """

    folder: Path
    cache: Cache

    @staticmethod
    def of(fingerprint: str, cache: Cache | None = None) -> TileStore:
        """The tiles of the input with this fingerprint."""
        cache = cache or Cache.default()
        return TileStore(cache.root / key_of(FORMAT, fingerprint), cache)

    def has(self, name: str) -> bool:
        """Whether a picture's tiles are there."""
        return (self.folder / (name + SUFFIX)).is_file()

    def tile(self, name: str, number: int) -> bytes | None:
        """One tile, or ``None`` if the picture has not been cut."""
        path = self.folder / (name + SUFFIX)
        if not path.is_file():
            return None
        try:
            return Previews(path).jpeg(number)
        except CannotRead:
            with suppress(OSError):
                path.unlink()
            return None

    def put(self, name: str, tiles: Sequence[bytes]) -> None:
        """Keep a picture's tiles.

        Raises
        ------
        CannotWrite
            The disk refuses.
        """
        with self._appearing(name, SUFFIX) as part, PreviewWriter(part) as writer:
            for tile in tiles:
                writer.append_jpeg(tile)

    def say(self, name: str, words: dict[str, Any]) -> None:
        """Keep what there is to say of a picture, as values of JSON.

        Raises
        ------
        CannotWrite
            The disk refuses.
        """
        with self._appearing(name, TOLD) as part:
            part.write_text(json.dumps(words), encoding="utf-8")

    @contextmanager
    def _appearing(self, name: str, suffix: str) -> Generator[Path]:
        """Where to write a file of a picture, that appears when the block ends, whole or not at all."""
        part = self.folder / f".{name}-{os.getpid()}-{secrets.token_hex(4)}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            yield part
            os.replace(part, self.folder / (name + suffix))
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise cannot_write(self.folder, error) from error

    def said(self, name: str) -> dict[str, Any] | None:
        """What was kept of a picture by `say`; ``None``: nothing, or nothing that can be read."""
        try:
            words = json.loads((self.folder / (name + TOLD)).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return words if isinstance(words, dict) else None

    def make_room(self, wanted: int, *, by_force: bool) -> bool:
        """Whether there is room for `wanted` bytes more; `by_force`: made by dropping the oldest pictures."""
        files = sorted(self._files(), key=lambda pair: pair[1].st_mtime)
        free = shutil.disk_usage(self.cache.root).free - SPARE if self.cache.root.is_dir() else wanted
        excess = max(sum(s.st_size for _, s in files) + wanted - self.cache.limit // 2, wanted - free)
        for path, state in files if by_force else ():
            if excess <= 0:
                break
            with suppress(OSError):
                path.unlink()
                excess -= state.st_size
        return excess <= 0

    def settle(self) -> None:
        """Have the whole cache keep to its limit."""
        self.cache.trim(keep=self.folder)

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        with suppress(OSError):
            for path in self.folder.iterdir():
                with suppress(OSError):
                    yield path, path.stat()


def no_room() -> CannotWrite:
    """What to say where the disk leaves no room for a picture's tiles."""
    return CannotWrite("The disk is nearly full; free some space to see single pixels.")
