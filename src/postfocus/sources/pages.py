"""A multi-page TIFF, as microscopes write them: one page for each focus.

Codes stay as they are, so that 12-bit data in 16-bit pages keep every step.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from postfocus.errors import TooFewFrames
from postfocus.io.atomic import display_name
from postfocus.io.sniff import open_input
from postfocus.io.still_pixels import StillPixels, plain_errors
from postfocus.io.tiff import TiffPages
from postfocus.model.frame import Coding, FrameInfo, LeftOut, SourceInfo
from postfocus.sources.naming import safe_stem
from postfocus.sources.still_source import StillSource


class Pages(StillSource):
    """The pages of one TIFF as a sweep (a `FrameSource`).

    Use `Pages.open`.
    """

    def __init__(self, path: Path, pages: TiffPages, closing: ExitStack, left_out: Sequence[LeftOut]) -> None:
        header = pages.header
        info = SourceInfo(
            kind="pages",
            name=safe_stem(path.stem),
            paths=(path,),
            width=header.width,
            height=header.height,
            count=pages.count,
            coding=Coding(bits=header.bits, icc=header.icc),
            camera=header.camera,
            codec="tiff",
            left_out=tuple(left_out),
        )
        super().__init__(info, tuple(FrameInfo(at, name=f"page {at + 1}") for at in range(pages.count)))
        self._path = path
        self._pages = pages
        self._closing = closing

    @classmethod
    def open(cls, path: Path, *, also_out: Sequence[LeftOut] = ()) -> Self:
        """Read the tags of every page.

        Parameters
        ----------
        path
            A TIFF of at least two pages of one size: grey or RGB, 8 or 16 bit.
        also_out
            Files beside it already found unusable.

        Raises
        ------
        postfocus.errors.TooFewFrames
            Only one page, or all others are unlike the first.
        postfocus.errors.CannotRead
            Damaged, or coded in a way that is not read.
        """
        path = Path(os.path.abspath(path))
        with plain_errors(path), ExitStack() as stack:
            pages = TiffPages(stack.enter_context(open_input(path)), path)
            if pages.count < 2:
                raise TooFewFrames(
                    f"{display_name(path)} holds one picture; "
                    "a focus sweep needs at least two with different focus."
                )
            odd = [LeftOut(None, f"page {number}", reason) for number, reason in pages.skipped]
            return cls(path, pages, stack.pop_all(), [*also_out, *odd])

    def decode(self, index: int) -> StillPixels:
        """Decode one page, upright."""
        with plain_errors(self._path):
            return StillPixels(self._pages.read(index), self._info.coding)

    def close(self) -> None:
        """Close the file; reading afterwards raises."""
        super().close()
        self._closing.close()
