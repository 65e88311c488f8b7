"""The pages of a TIFF, one at a time, in the codes they were saved with.

Uncompressed pages are copied straight from the file. Compressed ones go through
OpenCV's libtiff, which unpacks no more than the page declares, so that a bomb
stays packed. Thumbnails and pages of another make are told apart first.
"""

from __future__ import annotations

import logging
import mmap
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray

from postfocus.errors import CannotRead
from postfocus.io.atomic import display_name
from postfocus.io.still_headers import StillHeader, refuse_hollow, tiff_facts, upright
from postfocus.io.turning import turn_upright

logging.getLogger("tifffile").addHandler(logging.NullHandler())  # its notes on odd files are not for people

_HEAD_BYTES = 1 << 18
_WHOLE_BYTES = 1 << 26
_ORIENTATION, _ICC, _REDUCED = 274, 34675, 1
_MINISWHITE, _MINISBLACK, _RGB, _CFA, _LINEAR_RAW = 0, 1, 2, 32803, 34892
_SEPARATE = 2
_OME_CHANNELS = re.compile(r'SizeC="(\d+)"', re.ASCII)


class TiffPages:
    """The full-size pages of one TIFF.

    Parameters
    ----------
    stream
        The open file. It must stay open while pages are read and is not closed here.
    path
        Its name, for messages.

    Attributes
    ----------
    header
        What the first page declares, upright.
    count
        Pages like the first.
    skipped
        ``(page number from 1, reason)`` of pages that are not like the first.

    Raises
    ------
    postfocus.errors.CannotRead
        The first page is no picture that can be read, or declares too many pixels.
    """

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        self._stream = stream
        self._path = path
        self._lock = threading.Lock()
        self._size = stream.seek(0, 2)
        stream.seek(0)
        self._tif = tifffile.TiffFile(stream)
        pages = [self._tif.pages[number] for number in range(len(self._tif.pages))]
        first = pages[0]
        self.header = self._header(first)
        self._pages: list[tuple[int, Any]] = []
        self.skipped: list[tuple[int, str]] = []
        for number, page in enumerate(pages):
            if number and (reason := self._unlike(page, first)):
                self.skipped.append((number + 1, reason))
            else:
                self._pages.append((number, page))
        self._stride = self._contiguous(first) if len(pages) == 1 else 0
        self.count = self._imagej_count(first) if self._stride else len(self._pages)

    def read(self, index: int) -> NDArray[Any]:
        """Decode a page.

        Returns
        -------
        NDArray
            `(H, W, 3)` R, G, B or `(H, W)` grey, uint8 or uint16, upright.
        """
        with self._lock:
            number, page = self._pages[0 if self._stride else index]
            if _plain(page):
                stored = self._copied(page, index * self._stride)
                pixels = turn_upright(_interleaved(stored, page), self.header.orientation)
            else:
                pixels = self._unpacked(number)
                pixels = pixels[..., 2::-1] if pixels.ndim == 3 else pixels
        if page.photometric == _MINISWHITE and (_plain(page) or pixels.dtype == np.uint16):
            pixels = np.invert(pixels)  # OpenCV turns 8-bit negatives itself, and leaves 16-bit ones
        return np.ascontiguousarray(pixels)

    def _copied(self, page: Any, offset: int) -> NDArray[Any]:
        if not self._stride:
            return np.asarray(page.asarray(maxworkers=1))
        self._stream.seek(page.dataoffsets[0] + offset)
        data = self._stream.read(self._stride)
        dtype = np.dtype(page.dtype).newbyteorder(self._tif.byteorder)
        return np.frombuffer(data, dtype).astype(page.dtype, copy=False).reshape(page.shape)

    def _unpacked(self, number: int) -> NDArray[Any]:
        with mmap.mmap(self._stream.fileno(), 0, access=mmap.ACCESS_READ) as whole, _silent_cv():
            buffer = np.frombuffer(whole, np.uint8)
            try:
                done, pages = cv2.imdecodemulti(buffer, cv2.IMREAD_UNCHANGED, range=(number, number + 1))
            finally:
                del buffer  # else the map cannot be closed
        if not done:
            raise ValueError("the page does not decode")
        return np.asarray(pages[0])

    def _header(self, page: Any) -> StillHeader:
        self._refuse_strange(page)
        height, width = int(page.imagelength), int(page.imagewidth)
        head = self._head(page.offset)
        icc = page.tags.valueof(_ICC)
        header = upright(
            self._path,
            "tiff",
            (width, height),
            bits=16 if page.bitspersample > 8 else 8,
            channels=1 if page.photometric in (_MINISWHITE, _MINISBLACK) else 3,
            exif=head,
            icc=bytes(icc) if icc else None,
            turn=page.tags.valueof(_ORIENTATION),
            camera=tiff_facts(head),
        )
        refuse_hollow(self._path, width, height, self._size)
        if page.compression == 1 and self._end_of(page) > self._size:
            raise CannotRead(f"{display_name(self._path)} is cut short; copy it again or leave it out.")
        return header

    def _head(self, tags_at: int) -> bytes:
        """The part of the file that holds the tags; empty where that is too much to read for them."""
        self._stream.seek(0)
        if tags_at < _HEAD_BYTES:
            return self._stream.read(_HEAD_BYTES)
        return self._stream.read() if self._size <= _WHOLE_BYTES else b""

    def _refuse_strange(self, page: Any) -> None:
        name = display_name(self._path)
        if page.photometric in (_CFA, _LINEAR_RAW):
            raise CannotRead(f"{name} holds camera raw; give it its raw extension, such as .dng, again.")
        if page.dtype not in (np.uint8, np.uint16, np.bool_):
            raise CannotRead(f"{name} holds {page.dtype} numbers; save it with 8 or 16 bits per colour.")
        if page.ndim > 3 or page.imagedepth > 1:
            raise CannotRead(f"{name} holds a volume in one page; save its slices as pages of their own.")
        if not _plain(page) and page.planarconfig == _SEPARATE and page.samplesperpixel > 1:
            raise CannotRead(f"{name} keeps its colours apart and packed; save it with interleaved colours.")
        if page.samplesperpixel == 1 and self._channels() > 1:
            raise CannotRead(
                f"{name} holds {self._channels()} channels for each slice; save it as colour or one channel."
            )

    def _channels(self) -> int:
        """Channels that a microscope's program spread over pages of their own, where slices are pages too."""
        about = self._tif.imagej_metadata or {}
        if about:
            deep = max(int(about.get("slices", 1)), int(about.get("frames", 1))) > 1
            return int(about.get("channels", 1)) if deep else 1
        found = _OME_CHANNELS.search(self._tif.ome_metadata or "") if self._tif.is_ome else None
        return int(found[1]) if found else 1

    def _unlike(self, page: Any, first: Any) -> str | None:
        if (page.subfiletype or 0) & _REDUCED:
            return "is a thumbnail"
        if page.shape != first.shape:
            return f"is {_words(page)} pixels, the first {_words(first)}"
        if page.dtype != first.dtype or page.photometric != first.photometric:
            return "is coded unlike the first page"
        if page.compression == 1 and self._end_of(page) > self._size:
            return "is cut short; copy the file again"
        return None

    def _end_of(self, page: Any) -> int:
        return max(
            (at + size for at, size in zip(page.dataoffsets, page.databytecounts, strict=False)), default=0
        )

    def _contiguous(self, page: Any) -> int:
        """Bytes of a slice where ImageJ wrote many behind one page of tags, else 0."""
        return (
            page.nbytes
            if page.compression == 1 and self._imagej_count(page) > 1 and page.is_contiguous
            else 0
        )

    def _imagej_count(self, page: Any) -> int:
        declared = int((self._tif.imagej_metadata or {}).get("images", 1))
        held = (self._size - page.dataoffsets[0]) // max(page.nbytes, 1)
        return max(1, min(declared, held))


def _plain(page: Any) -> bool:
    """Whether the codes lie in the file as they are."""
    known = page.photometric in (_MINISWHITE, _MINISBLACK, _RGB)
    return page.compression == 1 and known and page.dtype != np.bool_


def _words(page: Any) -> str:
    return f"{page.imagewidth}x{page.imagelength}"


def _interleaved(pixels: NDArray[Any], page: Any) -> NDArray[Any]:
    if page.samplesperpixel == 1:
        return pixels.reshape(page.imagelength, page.imagewidth)
    if page.planarconfig == _SEPARATE:
        pixels = np.moveaxis(pixels, 0, -1)
    return pixels[..., 0] if page.photometric != _RGB else np.ascontiguousarray(pixels[..., :3])


@contextmanager
def _silent_cv() -> Generator[None]:
    """Keep OpenCV's own words about broken files off the terminal."""
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)
