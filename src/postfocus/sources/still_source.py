"""What all sweeps of stills share: read in order, one decoded ahead, the unreadable ones named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import cv2
from numpy.typing import NDArray

from postfocus.errors import BadUse, CannotRead
from postfocus.io.atomic import display_name
from postfocus.io.still_pixels import StillPixels
from postfocus.model.frame import CameraFacts, Frame, FrameInfo, LeftOut, SourceInfo
from postfocus.sources.ahead import one_ahead
from postfocus.sources.fingerprint import files_fingerprint


class StillSource:
    """Frames that can be decoded one by one in any order (a `FrameSource`).

    Parameters
    ----------
    info
        What the input is; `count` must be known.
    frame_infos
        One for each frame, in order.
    """

    def __init__(self, info: SourceInfo, frame_infos: tuple[FrameInfo, ...]) -> None:
        self._info = info
        self._frames = frame_infos
        self._problems: dict[int, LeftOut] = {}
        self._closed = False

    def decode(self, index: int) -> StillPixels:
        """Decode frame `index`, upright; called from one thread at a time or several.

        Raises
        ------
        postfocus.errors.CannotRead
            It will not decode.
        """
        raise NotImplementedError

    @property
    def info(self) -> SourceInfo:
        """What the input is."""
        return self._info

    @property
    def problems(self) -> tuple[LeftOut, ...]:
        """Frames met so far that would not decode, in frame order."""
        return tuple(self._problems[index] for index in sorted(self._problems))

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Yield frames `start` up to but not including `stop`; the next decodes meanwhile.

        Raises
        ------
        postfocus.errors.BadUse
            `start` or `stop` is negative, or the source is closed.
        """
        if start < 0 or (stop is not None and stop < 0):
            raise BadUse("Frames are counted from 0; give a range such as 0 to 10.")
        self._refuse_closed()
        return self._in_order(range(len(self._frames))[start:stop])

    def _in_order(self, indices: range) -> Iterator[Frame]:
        for frame in one_ahead(self._attempt, indices):
            self._refuse_closed()
            if isinstance(frame, Frame):
                yield frame
            elif frame.index is not None:
                self._problems[frame.index] = frame
            del frame  # the caller alone decides how long an exposure stays in memory

    def read(self, index: int) -> Frame:
        """Decode one frame.

        Raises
        ------
        postfocus.errors.CannotRead
            It will not decode, or changed its size since it was opened.
        postfocus.errors.BadUse
            No such frame, or the source is closed.
        """
        self._refuse_closed()
        info = self._frames[self._valid(index)]
        decoded = self.decode(index)
        if decoded.pixels.shape[:2] != (self._info.height, self._info.width):
            name = display_name(info.path or self._info.paths[0])
            raise CannotRead(f"{name} changed while it was read; open the sweep again.")
        pixels = decoded.pixels
        luma: NDArray[Any] = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        return Frame((pixels,), luma, decoded.coding, info)

    def camera(self, index: int) -> CameraFacts:
        """What the camera wrote about this frame; here, about the first one."""
        self._valid(index)
        return self._info.camera

    def fingerprint(self) -> str:
        """Changes when a file's name, size, time of writing, head or tail does."""
        return files_fingerprint(self._info.paths)

    def close(self) -> None:
        """Let go of files; reading afterwards raises."""
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _attempt(self, index: int) -> Frame | LeftOut:
        try:
            return self.read(index)
        except CannotRead as error:
            info = self._frames[index]
            return left_out(info.path or self._info.paths[0], error, index, info.name)

    def _valid(self, index: int) -> int:
        if not 0 <= index < len(self._frames):
            raise BadUse(f"There is no frame {index}; choose one from 0 to {len(self._frames) - 1}.")
        return index

    def _refuse_closed(self) -> None:
        if self._closed:
            raise BadUse(f"{display_name(self._info.name)} is closed; open it again to read frames.")


def left_out(path: Path, error: CannotRead, index: int | None = None, name: str = "") -> LeftOut:
    """Say of a file what `error` says of it, without naming it twice."""
    reason = str(error).removeprefix(display_name(path)).strip().removesuffix(".")
    return LeftOut(index, name or path.name, reason)
