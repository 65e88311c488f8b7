"""A bracket of stills: one file for each focus, read one at a time and upright.

Headers are read at opening, pixels only when a frame is asked for. A still that
will not decode is left out and named, never the end of the sweep; stills that
cannot belong together (another size, depth or colour profile) are told apart
before anything is computed from them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Self

from postfocus.errors import CannotRead, MixedSizes, TooFewFrames
from postfocus.io.atomic import display_name
from postfocus.io.exif import date_of
from postfocus.io.images import probe_still, read_still
from postfocus.io.raw import WhiteBalance, decodes, preview_header, read_preview, read_raw, white_balance
from postfocus.io.still_headers import StillHeader
from postfocus.io.still_pixels import StillPixels
from postfocus.model.frame import CameraFacts, Coding, FrameInfo, LeftOut, SourceInfo
from postfocus.sources.naming import UNLIKE, in_order, result_stem, strangers
from postfocus.sources.still_source import StillSource, left_out

_MOST = Fraction(3, 4)
_PREVIEW = "raw preview"
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


class Bracket(StillSource):
    """Stills of one scene, each with another focus (a `FrameSource`).

    Use `Bracket.open`.
    """

    def __init__(self, info: SourceInfo, stills: Sequence[_Still]) -> None:
        times = _times([still.header.camera for still in stills])
        super().__init__(
            info,
            tuple(
                FrameInfo(index, time, still.path.name, still.path)
                for index, (still, time) in enumerate(zip(stills, times, strict=True))
            ),
        )
        self._stills = tuple(stills)
        self._balance: WhiteBalance | None = (
            white_balance(stills[0].path) if stills[0].header.kind == "raw" else None
        )

    @classmethod
    def open(
        cls,
        paths: Sequence[Path],
        *,
        name: str | None = None,
        also_out: Sequence[LeftOut] = (),
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
        also_out
            Files already found unusable.
        forgiving
            For folders: leave out the few stills of another size, rather than refuse the lot, and what
            is a merged picture by its name or by the program that saved it.

        Raises
        ------
        postfocus.errors.TooFewFrames
            Fewer than two usable stills.
        postfocus.errors.MixedSizes
            Stills of more than one size, and no size that three quarters share (never for `forgiving`
            ``False``).
        """
        gone = list(also_out)
        stills = _probe(in_order(_once(paths, gone)), gone)
        stills = _without_results(stills, gone) if forgiving else stills
        stills, codec = _raw_or_preview(stills, gone)
        stills = _one_size(stills, gone, forgiving)
        stills = _one_colour(stills, gone)
        if len(stills) < 2:
            raise _too_few(stills, gone)
        first = stills[0].header
        info = SourceInfo(
            kind="stills",
            name=name or result_stem([still.path for still in stills]),
            paths=tuple(still.path for still in stills),
            width=first.width,
            height=first.height,
            count=len(stills),
            coding=Coding(bits=first.bits, icc=first.icc),
            camera=first.camera,
            codec=codec,
            left_out=tuple(gone),
        )
        return cls(info, stills)

    def decode(self, index: int) -> StillPixels:
        """Decode one still, upright; raw with the white balance of the first."""
        path = self._stills[index].path
        if self._info.codec == _PREVIEW:
            return read_preview(path)
        return read_raw(path, self._balance) if self._balance else read_still(path)

    def camera(self, index: int) -> CameraFacts:
        """What the camera wrote about this still."""
        return self._stills[self._valid(index)].header.camera


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
            gone.append(left_out(path, error))
    return stills


def _without_results(stills: list[_Still], gone: list[LeftOut]) -> list[_Still]:
    """Without what a stacking program made of the frames and left among them."""
    if not all(still.header.stacker for still in stills):
        stills = _keep(
            stills,
            lambda still: not still.header.stacker,
            lambda still: f"is a result that {still.header.stacker} saved, not a frame",
            gone,
        )
    odd = strangers([still.path for still in stills])
    return _keep(stills, lambda still: still.path not in odd, lambda _: UNLIKE, gone)


def _raw_or_preview(stills: list[_Still], gone: list[LeftOut]) -> tuple[list[_Still], str]:
    """Settle on one kind of still; where LibRaw cannot unpack this camera's data, on its previews."""
    kinds = Counter(still.header.kind for still in stills)
    if not kinds:
        return stills, ""
    kind = kinds.most_common(1)[0][0]
    if "raw" not in kinds:
        return stills, kind
    stills = _keep(stills, lambda s: (s.header.kind == "raw") == (kind == "raw"), _other_kind, gone)
    if kind != "raw" or any(decodes(still.path) for still in stills[:2]):
        return stills, kind
    previews: list[_Still] = []
    for still in stills:
        try:
            previews.append(_Still(still.path, preview_header(still.path)))
        except CannotRead as error:
            gone.append(left_out(still.path, error))
    if previews:
        reason = "has raw data that cannot be decoded: the camera's preview is used, as for all frames"
        gone.append(LeftOut(None, previews[0].path.name, reason))
    return previews, _PREVIEW


def _other_kind(still: _Still) -> str:
    return (
        "is camera raw, the others are not"
        if still.header.kind == "raw"
        else "is not camera raw, the others are"
    )


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
    because = f" ({display_name(gone[0].name)} {gone[0].reason})" if gone else ""
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
