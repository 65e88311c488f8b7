"""One pass over a clip: from the file's packets to decoded pictures, whatever state the file is in.

Together with `postfocus.io.video` and `postfocus.io.video_planes` the only code
that knows the video library. None of that library's errors gets past here.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import av
import av.error
from av.stream import Disposition

from postfocus.errors import CannotRead
from postfocus.io.atomic import display_name
from postfocus.io.clip_facts import PictureTable
from postfocus.io.sniff import sniff

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_TELLS_REFERENCES = ("h264", "hevc")
"""Codecs whose decoders can leave out exactly the pictures that no other is built from."""

MAX_PIXELS = 200_000_000
MAX_SIDE = 16384
_DEEPEST = 16
"""Pictures a decoder may hold back in H.264 and HEVC (their largest picture buffer)."""
_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts"
_OPTIONS = {
    # A text file can be a playlist that names other files or addresses: only real clips, only this file.
    "protocol_whitelist": "file",
    "format_whitelist": _FORMATS,
    "max_pixels": str(MAX_PIXELS),
    # Else opening decodes seven 4K pictures only to guess how they are reordered; the table knows.
    "skip_frame": "all",
}
_LENIENT: dict[str, Any] = {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "replace"}
"""Text in a container need not be UTF-8. From version 19 the library never stops at it."""


class ClipPass:
    """An open container with its own decoder, read from front to back.

    Parameters
    ----------
    path
        The clip.
    threads
        Decoder threads.
    table
        If known: tells the decoder how far pictures are reordered.
    by_slice
        Threads share a picture instead of taking one each: slower, but a single picture is there sooner.
    """

    def __init__(
        self, path: Path, threads: int, table: PictureTable | None = None, *, by_slice: bool = False
    ) -> None:
        self._path = path
        try:
            self._container: InputContainer = av.open("file:" + str(path), options=_OPTIONS, **_LENIENT)
        except (av.error.FFmpegError, OSError, ValueError) as error:
            sniff(path)  # what is wrong with the file itself is said first
            name = display_name(path.name)
            raise CannotRead(
                f"{name} is not a video clip, or is cut short; copy it from the camera again."
            ) from error
        try:
            self._stream = self._choose()
            context = self._stream.codec_context
            context.thread_count = threads
            context.thread_type = "SLICE" if by_slice else "AUTO"
            context.options = {"max_pixels": str(MAX_PIXELS)}
            if table is not None and table.pts and hasattr(context, "reorder_depth"):
                context.reorder_depth = table.depth
            else:
                context.options |= {"strict": "strict"}
        except BaseException:
            self.close()
            raise

    @property
    def stream(self) -> VideoStream:
        """The stream of pictures."""
        return self._stream

    @property
    def tags(self) -> dict[str, str]:
        """Text of the container and of the stream, keys in lower case."""
        both = {**dict(self._container.metadata), **dict(self._stream.metadata)}
        return {str(key).lower(): str(value) for key, value in both.items()}

    def _choose(self) -> VideoStream:
        """The stream with the largest pictures, refusing what no decoder or memory can hold."""
        name = display_name(self._path.name)
        videos = [s for s in self._container.streams.video if not s.disposition & Disposition.attached_pic]
        if not videos:
            others = "sound" if self._container.streams.audio else "data"
            raise CannotRead(f"{name} holds only {others} and no pictures; choose the clip itself.")
        # PyAV gives no context where no decoder exists, though its types do not say so.
        known = [s for s in videos if cast("object", s.codec_context) is not None]
        if not known:
            raise CannotRead(f"{name} is coded in an unknown way; convert it to H.264 first.")
        stream = max(known, key=lambda s: s.codec_context.width * s.codec_context.height)
        w, h = stream.codec_context.width, stream.codec_context.height
        if max(w, h) > MAX_SIDE or w * h > MAX_PIXELS:
            raise CannotRead(
                f"{name} says its pictures are {w} x {h} pixels, too many to handle; shrink it first."
            )
        return stream

    def _packets(self) -> Iterator[Packet[VideoStream]]:
        """Packets with something in them, until the file ends or makes no sense any more."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except (av.error.FFmpegError, OSError, ValueError):
                return
            if packet is None:
                return
            if packet.size:
                yield packet

    def table(self) -> PictureTable:
        """List the pictures without decoding any; the pass is used up."""
        times: list[int | None] = []
        keys: list[int] = []
        cut, packets = False, 0
        for packet in self._packets():
            packets += 1
            if packet.is_discard:
                continue
            cut |= packet.is_corrupt
            times.append(packet.pts)
            if packet.is_keyframe and packet.pts is not None:
                keys.append(packet.pts)
        tick = Fraction(self._stream.time_base or 0)
        ordered: list[int] = []
        depth = 0
        for time in times:
            if time is not None:
                insort(ordered, time)
                depth = max(depth, len(ordered) - bisect_right(ordered, time))
        # The index of a whole MP4 lists as many packets as there are (PyAV from 17 on tells).
        cut |= packets < len(getattr(self._stream, "index_entries", ())) or self._ends_early(ordered, tick)
        table = PictureTable(
            tuple(ordered), len(times), tuple(sorted(keys)), tick, min(depth, _DEEPEST),
            self._stream.average_rate, cut,
        )  # fmt: skip
        # AVI knows only the order of decoding, which is that of showing if every picture stands alone.
        timed = self._container.format.name != "avi" or len(keys) == len(times)
        return table if timed and len(set(ordered)) == len(times) and tick > 0 else table.untimed()

    def _ends_early(self, ordered: list[int], tick: Fraction) -> bool:
        """Whether a Matroska file states a duration that its pictures do not fill."""
        stated = self._container.duration
        if "matroska" not in self._container.format.name or stated is None or len(ordered) < 2:
            return False
        missing = Fraction(stated, av.time_base) - (ordered[-1] - min(ordered[0], 0)) * tick
        longest = max(b - a for a, b in pairwise(ordered)) * tick
        # Sound may go on a little after the last picture.
        slack = Fraction(1, 2) if self._container.streams.audio else Fraction(0)
        return missing > slack + Fraction(5, 2) * longest

    def pictures(self, since: int | None = None) -> Iterator[VideoFrame]:
        """Decode from where the pass stands to the end, leaving out whatever is damaged.

        Before the time stamp `since` only pictures that others are built from are decoded.
        """
        context = self._stream.codec_context
        skips = since is not None and context.codec.canonical_name in _TELLS_REFERENCES
        for packet in self._packets():
            if packet.is_corrupt:
                continue
            if skips:
                early = packet.pts is not None and since is not None and packet.pts < since
                context.skip_frame = "NONREF" if early else "DEFAULT"
            try:
                decoded = context.decode(packet)
            except av.error.EOFError:
                return
            except (av.error.FFmpegError, ValueError):
                continue
            yield from (picture for picture in decoded if not picture.is_corrupt)
        try:
            yield from (picture for picture in context.decode(None) if not picture.is_corrupt)
        except (av.error.FFmpegError, ValueError):
            return

    def alone(self, pts: int) -> VideoFrame | None:
        """Decode the picture at time stamp `pts` and none after it; the pass is used up.

        ``None`` where decoding cannot start, or anything on the way is damaged or in fields.
        """
        context = self._stream.codec_context
        skips = context.codec.canonical_name in _TELLS_REFERENCES
        started = False
        for packet in self._packets():
            passed = packet.dts is not None and packet.dts > pts
            started = started or packet.is_keyframe
            if packet.is_corrupt or passed or not started:
                return None
            wanted = packet.pts == pts
            if skips:
                context.skip_frame = "DEFAULT" if wanted else "NONREF"
            try:
                decoded = [*context.decode(packet), *(context.decode(None) if wanted else ())]
            except (av.error.FFmpegError, ValueError):
                return None
            if wanted:
                found = next((picture for picture in decoded if picture.pts == pts), None)
                return None if found is None or found.is_corrupt or found.interlaced_frame else found
        return None

    def seek(self, pts: int) -> bool:
        """Stand at or before the start of decoding at time stamp `pts`; false if the file cannot."""
        try:
            self._container.seek(pts, stream=self._stream, backward=True)
        except (av.error.FFmpegError, OSError, OverflowError):
            return False
        return True

    def close(self) -> None:
        """Let go of the file and the decoder."""
        self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
