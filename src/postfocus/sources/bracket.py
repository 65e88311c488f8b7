"""A bracket of stills: one file for each focus, read one at a time and upright.

Headers are read at opening, pixels only when a frame is asked for. A still that
will not decode is left out and named, never the end of the sweep; stills that
cannot belong together (another size, depth or colour profile) are told apart
before anything is computed from them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import cv2
from numpy.typing import NDArray

from postfocus.errors import BadUse, CannotRead, MixedSizes, TooFewFrames
from postfocus.io.atomic import display_name
from postfocus.io.exif import camera_facts, date_of
from postfocus.io.images import StillPixels, probe_still, read_still
from postfocus.io.still_headers import StillHeader
from postfocus.model.frame import CameraFacts, Coding, Frame, FrameInfo, LeftOut, SourceInfo
from postfocus.sources.ahead import one_ahead
from postfocus.sources.fingerprint import files_fingerprint
from postfocus.sources.naming import in_order, result_stem

_MOST = Fraction(3, 4)
_LONGEST_BRACKET = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Still:
    path: Path
    header: StillHeader

    @property
    def size(self) -> tuple[int, int]:
        return self.header.width, self.header.height

    @property
    def colours(self) -> tuple[bool, int, bytes | None]:
        return self.header.channels == 1, self.header.bits, self.header.icc


class Bracket:
    """Stills of one scene, each with another focus (a `FrameSource`).

    Use `Bracket.open`.
    """

    def __init__(self, info: SourceInfo, stills: Sequence[_Still]) -> None:
        self._info = info
        self._stills = tuple(stills)
        self._times = _times([camera_facts(still.header.exif) for still in stills])
        self._problems: dict[int, LeftOut] = {}
        self._closed = False

    @classmethod
    def open(
        cls,
        paths: Sequence[Path],
        *,
        name: str | None = None,
        left_out: Sequence[LeftOut] = (),
        forgiving: bool = False,
    ) -> Self:
        """Read the headers of the stills and settle which of them are the bracket.

        Parameters
        ----------
        paths
            The stills. Frames come in the natural order of the file names (``frame9`` before
            ``frame10``); equal names in order of writing. A file given twice counts once.
        name
            Stem for results; by default what the file names have in common.
        left_out
            Files already found unusable.
        forgiving
            Leave out the few stills of another size (a folder may hold a finished result too) rather
            than refuse the lot.

        Raises
        ------
        postfocus.errors.TooFewFrames
            Fewer than two usable stills.
        postfocus.errors.MixedSizes
            Stills of more than one size, and no size that three quarters share (never for `forgiving`
            ``False``).
        """
        gone = list(left_out)
        stills = _probe(in_order(_once(paths, gone)), gone)
        stills = _one_size(stills, gone, forgiving)
        stills = _one_colour(stills, gone)
        if len(stills) < 2:
            raise _too_few(stills, gone)
        first = stills[0].header
        facts = camera_facts(first.exif)
        info = SourceInfo(
            kind="stills",
            name=name or result_stem([still.path for still in stills]),
            paths=tuple(still.path for still in stills),
            width=first.width,
            height=first.height,
            count=len(stills),
            coding=Coding(bits=first.bits, icc=first.icc),
            camera=facts,
            codec=Counter(still.header.kind for still in stills).most_common(1)[0][0],
            left_out=tuple(gone),
        )
        return cls(info, stills)

    @property
    def info(self) -> SourceInfo:
        """What the input is."""
        return self._info

    @property
    def problems(self) -> tuple[LeftOut, ...]:
        """Stills met so far that would not decode, in frame order."""
        return tuple(self._problems[index] for index in sorted(self._problems))

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Yield frames `start` up to but not including `stop`; the next decodes meanwhile."""
        self._refuse_closed()
        for frame in one_ahead(self._attempt, range(len(self._stills))[max(0, start) : stop]):
            self._refuse_closed()
            if isinstance(frame, Frame):
                yield frame
            elif frame.index is not None:
                self._problems[frame.index] = frame
            del frame

    def read(self, index: int) -> Frame:
        """Decode one still.

        Raises
        ------
        postfocus.errors.CannotRead
            The still will not decode, or changed its size since it was opened.
        postfocus.errors.BadUse
            No such frame, or the bracket is closed.
        """
        self._refuse_closed()
        still = self._stills[self._valid(index)]
        decoded = read_still(still.path)
        if decoded.pixels.shape[:2] != (self._info.height, self._info.width):
            raise CannotRead(f"{display_name(still.path)} changed while it was read; open the bracket again.")
        info = FrameInfo(index, self._times[index], still.path.name, still.path)
        return frame_of(decoded, info)

    def camera(self, index: int) -> CameraFacts:
        """What the camera wrote about this still."""
        return camera_facts(self._stills[self._valid(index)].header.exif)

    def fingerprint(self) -> str:
        """Changes when a file's name, size, time of writing, head or tail does."""
        return files_fingerprint(self._info.paths)

    def close(self) -> None:
        """No file stays open between frames; reading afterwards raises."""
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _attempt(self, index: int) -> Frame | LeftOut:
        try:
            return self.read(index)
        except CannotRead as error:
            return LeftOut(index, self._stills[index].path.name, str(error))

    def _valid(self, index: int) -> int:
        if not 0 <= index < len(self._stills):
            raise BadUse(f"There is no frame {index}; choose one from 0 to {len(self._stills) - 1}.")
        return index

    def _refuse_closed(self) -> None:
        if self._closed:
            raise BadUse(f"{display_name(self._info.name)} is closed; open it again to read frames.")


def frame_of(decoded: StillPixels, info: FrameInfo) -> Frame:
    """Make a frame of decoded pixels; luma of colour is BT.601's, of grey the codes themselves."""
    pixels = decoded.pixels
    luma: NDArray[Any] = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return Frame((pixels,), luma, decoded.coding, info)


def _once(paths: Sequence[Path], gone: list[LeftOut]) -> list[Path]:
    seen: dict[str, Path] = {}
    for path in paths:
        absolute = Path(os.path.abspath(path))
        earlier = seen.setdefault(os.path.realpath(absolute), absolute)
        if earlier is not absolute:
            gone.append(LeftOut(None, path.name, f"is the same file as {display_name(earlier.name)}"))
    return list(seen.values())


def _probe(paths: Sequence[Path], gone: list[LeftOut]) -> list[_Still]:
    stills: list[_Still] = []
    for path in paths:
        try:
            stills.append(_Still(path, probe_still(path)))
        except CannotRead as error:
            gone.append(LeftOut(None, path.name, str(error)))
    return stills


def _one_size(stills: list[_Still], gone: list[LeftOut], forgiving: bool) -> list[_Still]:
    sizes = Counter(still.size for still in stills)
    if len(sizes) < 2:
        return stills
    (width, height), share = sizes.most_common(1)[0]
    odd = next(still for still in stills if still.size != (width, height))
    if not forgiving or share < _MOST * len(stills):
        raise MixedSizes(
            f"{display_name(odd.path.name)} is {odd.header.width}x{odd.header.height} pixels and others are "
            f"{width}x{height}; give only frames of one size, turned the same way."
        )
    return _keep(
        stills,
        lambda still: still.size == (width, height),
        lambda still: f"is {still.header.width}x{still.header.height} pixels, the others {width}x{height}",
        gone,
    )


def _one_colour(stills: list[_Still], gone: list[LeftOut]) -> list[_Still]:
    if not stills:
        return stills
    shares = Counter(still.colours for still in stills)
    common = max(shares, key=lambda colours: (shares[colours], not colours[0]))  # in doubt, colour

    def reason(still: _Still) -> str:
        grey, bits, _ = still.colours
        if grey != common[0]:
            return "is grey, the others are in colour" if grey else "is in colour, the others are grey"
        if bits != common[1]:
            return f"has {bits} bits per colour, the others {common[1]}"
        return "has another colour profile than the others; export all frames alike"

    return _keep(stills, lambda still: still.colours == common, reason, gone)


def _keep(
    stills: Sequence[_Still],
    fits: Callable[[_Still], bool],
    reason: Callable[[_Still], str],
    gone: list[LeftOut],
) -> list[_Still]:
    gone.extend(LeftOut(None, still.path.name, reason(still)) for still in stills if not fits(still))
    return [still for still in stills if fits(still)]


def _too_few(stills: Sequence[_Still], gone: Sequence[LeftOut]) -> TooFewFrames:
    count = "Only one picture" if stills else "No picture"
    because = f" ({display_name(gone[0].name)}: {gone[0].reason.rstrip('.')})" if gone else ""
    return TooFewFrames(
        f"{count} can be used{because}; a focus sweep needs at least two pictures with different focus."
    )


def _times(facts: Sequence[CameraFacts]) -> list[Fraction | None]:
    moments: list[Fraction] = []
    for fact in facts:
        day = date_of(fact.taken)
        if day is None:
            return [None] * len(facts)
        subsec = fact.subsec or "0"
        moments.append(Fraction(int(day.timestamp())) + Fraction(int(subsec), 10 ** len(subsec)))
    span = moments[-1] - moments[0]
    rising = all(later > earlier for earlier, later in pairwise(moments))
    if not rising or span > _LONGEST_BRACKET.total_seconds():
        return [None] * len(facts)
    return [moment - moments[0] for moment in moments]
