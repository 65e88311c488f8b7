"""A clip becomes frames: the door to the video decoder.

Opening a clip lists the times of all its pictures without decoding them, so
that picture 17 is the same picture whether one reads straight through, jumps
to it, or finds pictures before it damaged. Decoded planes are passed on as they
lie in the decoder's memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from postfocus.errors import BadUse, CannotRead, MixedSizes
from postfocus.io.atomic import display_name
from postfocus.io.clip_facts import ClipFacts, PictureTable
from postfocus.io.sniff import sniff
from postfocus.io.video_planes import Turn, coding_of, frame_of, transfer_of, turn_of
from postfocus.io.video_reader import ClipPass
from postfocus.model.frame import Frame, LeftOut, SourceInfo

if TYPE_CHECKING:
    from av.video.frame import VideoFrame


@dataclass(slots=True)
class _Walk:
    """A decoder on its way through the clip, and the pictures it will give next."""

    clip: ClipPass
    pictures: Iterator[tuple[int, VideoFrame]]
    last: int = -1


def open_video(path: Path, threads: int = 2, known: SourceInfo | None = None) -> VideoFile:
    """Open a clip.

    Parameters
    ----------
    path
        An MP4, MOV, MKV, WebM, AVI or MPEG transport stream.
    threads
        Decoder threads; each holds a picture or two in memory.
    known
        What was learnt of this very clip before: spares decoding its first picture until `facts` are
        asked for, or pictures in a row.

    Raises
    ------
    CannotRead
        The file is missing, empty, cut off before its index, without pictures, coded in a way the
        decoder does not know, or claims pictures too large to handle.
    """
    sniff(path)
    return VideoFile(path, threads, known)


class VideoFile:
    """An open clip. Each pass over it has a decoder of its own, so passes may be interleaved."""

    def __init__(self, path: Path, threads: int, known: SourceInfo | None = None) -> None:
        self._path, self._name = path, display_name(path.name)
        self._threads = threads
        self._closed = False
        self._problems: dict[int | None, LeftOut] = {}
        self._begun: _Walk | None = None
        self._reader: _Walk | None = None
        self._last = -1
        with ClipPass(path, threads) as scan:
            self._table: PictureTable = scan.table()
            self._codec, self._tags = scan.stream.codec_context.codec.canonical_name, scan.tags
        if self._table.cut:
            self._problems[None] = LeftOut(None, "the end of the clip", "the file is cut short")
        fits = known is not None and (known.kind, known.count) == ("video", self._table.count)
        self.known = known if fits else None
        self._facts: ClipFacts | None = None if self.known else self._prime()

    @property
    def facts(self) -> ClipFacts:
        """What the clip says of itself."""
        if self._facts is None:
            self._facts = self._prime()
        return self._facts

    def _prime(self) -> ClipFacts:
        """Begin to decode the clip; whoever reads it from the start goes on from there."""
        clip = ClipPass(self._path, self._threads, self._table)
        pictures = clip.pictures()
        first = next(pictures, None)
        if first is None:
            clip.close()
            raise CannotRead(f"{self._name} holds no picture that can be decoded; use another copy.")
        timed = not self._table.pts or first.pts in set(self._table.pts)
        self._table = self._table if timed else self._table.untimed()
        self._number = {pts: n for n, pts in enumerate(self._table.pts)}
        self._size = (first.width, first.height)
        self._coding_key = _coding_key(first)
        if timed:
            self._begun = _Walk(clip, self._numbered(chain([first], pictures)))
        else:
            clip.close()  # its decoder was told to trust the times
        coding, turn = coding_of(first), turn_of(first)
        width, height = turn.size(first.width, first.height)
        return ClipFacts(
            width, height, self._table.count, coding, turn, self._codec, self._rate(), self._tags
        )

    def _rate(self) -> Fraction | None:
        pts, stated = self._table.pts, self._table.rate
        if self._table.count < 2 or not pts:
            return stated if self._table.count > 1 else None
        mean = (len(pts) - 1) / (self._table.tick * (pts[-1] - pts[0]))
        # Matroska rounds times to milliseconds, so the mean of a short clip is a little off.
        return stated if stated and abs(mean / stated - 1) < Fraction(1, 200) else mean

    @property
    def problems(self) -> tuple[LeftOut, ...]:
        """Pictures met so far that would not decode, in order."""
        return tuple(self._problems.values())

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Yield frames `start` up to but not including `stop`, skipping those that do not decode.

        Raises
        ------
        MixedSizes
            The pictures change size on the way.
        CannotRead
            The clip is closed, or its file has vanished.
        """
        self._check_open()
        expected = max(0, start)
        end = self._table.count if stop is None else min(stop, self._table.count)
        if expected >= end:
            return
        walk = self._walk(expected)
        try:
            for index, picture in walk.pictures:
                if index < expected:
                    continue
                self._miss(expected, min(index, end))
                if index >= end:
                    return
                expected = index + 1
                yield self._frame(picture, index)
                self._check_open()
                if expected == end:
                    return
            self._miss(expected, end)
        finally:
            walk.clip.close()

    def read(self, index: int) -> Frame:
        """Decode one frame exactly; the next ones after it are cheap.

        Raises
        ------
        BadUse
            There is no such frame.
        MixedSizes, CannotRead
            As for `frames`, or this frame does not decode.
        """
        self._check_open()
        if not 0 <= index < self._table.count:
            last = self._table.count - 1
            raise BadUse(f"{self._name} has no frame {index}; choose one from 0 to {last}.")
        last, self._last = self._last, index
        walk = self._reader
        if walk is None or not self._near(walk.last, index):
            if walk is not None:
                walk.clip.close()
            walk = self._reader = None  # else its pictures would stay in memory beside those of the next
            # Whoever steps from picture to picture will want the next one, too: then decode on.
            frame = None if self._near(last, index) else self._alone(index)
            if frame is not None:
                return frame
            walk = self._reader = self._walk(index, by_slice=True)
        for number, picture in walk.pictures:
            walk.last = number
            if number == index:
                return self._frame(picture, index)
            if number > index:
                break
        self._miss(index, index + 1)
        raise CannotRead(f"Frame {index} of {self._name} is damaged; choose another one.")

    def _alone(self, index: int) -> Frame | None:
        """One frame, decoded from the nearest key picture and nothing after it; ``None`` if that fails."""
        if not self._table.pts:
            return None
        self._drop_begun()  # whoever jumps will not read from the start: its pictures fill memory
        pts = self._table.pts[index]
        keys = self._table.keys_before(pts)
        with ClipPass(self._path, self._threads, self._table, by_slice=True) as clip:
            if keys and keys[0] > self._table.pts[0] and not clip.seek(keys[0]):
                return None
            picture = clip.alone(pts)
        if picture is None:
            return None
        if self._facts is None and self.known is not None:
            turn = Turn(self.known.rotation, self.known.mirrored)
            if turn.size(picture.width, picture.height) == (self.known.width, self.known.height):
                return frame_of(picture, index, self._time(index), turn, coding_of(picture))
        return self._frame(picture, index)

    def _near(self, last: int, index: int) -> bool:
        """Whether decoding on from `last` reaches `index` no later than a jump would."""
        if last < 0 or index <= last:
            return False
        if not self._table.pts:
            return True
        keys = self._table.keys_before(self._table.pts[index])
        return not keys or keys[0] <= self._table.pts[last + 1]

    def _walk(self, start: int, *, by_slice: bool = False) -> _Walk:
        """A decoder that gives frame `start` next, or some frames before it."""
        _ = self.facts  # the first picture tells how the others are counted
        if start == 0 and not by_slice and self._begun is not None:
            begun, self._begun = self._begun, None
            return begun
        self._drop_begun()
        clip = ClipPass(self._path, self._threads, self._table, by_slice=by_slice)
        target = self._table.pts[start] if self._table.pts and start > 0 else None
        if target is not None:
            for key in self._table.keys_before(target):
                # A jump may land late (open groups of pictures, odd indexes): look before trusting it.
                if key <= self._table.pts[0] or not clip.seek(key):
                    break
                pictures = clip.pictures(target)
                first = next(pictures, None)
                if first is not None and first.pts is not None and first.pts <= target:
                    return _Walk(clip, self._numbered(chain([first], pictures)))
            clip.close()
            clip = ClipPass(self._path, self._threads, self._table, by_slice=by_slice)
        return _Walk(clip, self._numbered(clip.pictures(target)))

    def _drop_begun(self) -> None:
        """Let go of the decoder that is at the start; nothing else may hold it, or its memory stays."""
        if self._begun is not None:
            self._begun.clip.close()
            self._begun = None

    def _numbered(self, pictures: Iterator[VideoFrame]) -> Iterator[tuple[int, VideoFrame]]:
        """Give each picture its place in the clip; pictures with times of their own making are dropped."""
        last = -1
        for picture in pictures:
            if not self._number:
                index: int | None = last + 1
            else:
                index = self._number.get(picture.pts) if picture.pts is not None else None
            if index is not None and index > last:
                last = index
                yield index, picture

    def _frame(self, picture: VideoFrame, index: int) -> Frame:
        facts = self.facts
        if (picture.width, picture.height) != self._size:
            was, now = (f"{w} x {h}" for w, h in (self._size, (picture.width, picture.height)))
            raise MixedSizes(
                f"{self._name} changes from {was} to {now} pixels at frame {index}; cut it there."
            )
        same = _coding_key(picture) == self._coding_key
        coding = facts.coding if same else coding_of(picture)
        return frame_of(picture, index, self._time(index), facts.turn, coding)

    def _time(self, index: int) -> Fraction | None:
        pts, rate = self._table.pts, self._table.rate
        if pts:
            return (pts[index] - pts[0]) * self._table.tick
        return index / rate if rate else None

    def _miss(self, start: int, stop: int) -> None:
        for index in range(start, stop):
            self._problems[index] = LeftOut(index, f"frame {index}", "damaged, would not decode")

    def _check_open(self) -> None:
        if self._closed:
            raise CannotRead(f"{self._name} has been closed; open it again.")

    def close(self) -> None:
        """Let go of the file and the decoders."""
        self._closed = True
        self._drop_begun()
        if self._reader is not None:
            self._reader.clip.close()
            self._reader = None


def _coding_key(picture: VideoFrame) -> tuple[str, int, int, int]:
    return (picture.format.name, picture.colorspace, picture.color_range, transfer_of(picture))
