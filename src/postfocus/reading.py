"""The frames of a merge are read: those that are wanted, in one round or two, ready to be merged."""

from __future__ import annotations

from collections.abc import Iterator

from postfocus.errors import CannotRead
from postfocus.focus.volume import FocusVolume
from postfocus.fuse.half_colour import HalfColour
from postfocus.fuse.layout import mergeable
from postfocus.io.atomic import display_name
from postfocus.model.frame import Frame, FrameSource, Matrix
from postfocus.model.index import Index
from postfocus.progress import Progress


def span_of(rank: dict[int, int]) -> int:
    """Frames from the first to the last of those wanted, by their index in the input."""
    return max(rank) - min(rank) + 1 if rank else 0


class FrameReader:
    """Reads the frames that are wanted, once or twice, and tells how far of `all_steps` it came."""

    def __init__(
        self, source: FrameSource, halved: HalfColour | None, progress: Progress, all_steps: int
    ) -> None:
        self._source, self._halved = source, halved
        self._progress, self._done, self._all = progress, 0, all_steps

    def round(self, rank: dict[int, int]) -> Iterator[tuple[Frame, int]]:
        """Every frame whose index is in `rank`, mergeable, and its slot, which stands there.

        Raises
        ------
        CannotRead
            At the end, where one is gone.
        """
        first, waiting = min(rank), set(rank)
        for frame in self._source.frames(first, max(rank) + 1):
            number = frame.info.index
            if number not in waiting:
                continue
            waiting.remove(number)
            # What was decoded is let go before its planes are merged.
            frame = mergeable(frame) if self._halved is None else self._halved.apart(frame)
            yield frame, rank[number]
            self._progress("merge", self._done + number - first + 1, self._all)
        if waiting:
            gone = f"frame {min(waiting)} of {display_name(self._source.info.name)}"
            raise CannotRead(f"{gone} can no longer be read; check that the input is unchanged")
        self._done += span_of(rank)


def halved_in(source: FrameSource, index: Index, volume: FocusVolume) -> HalfColour | None:
    """Whether stills were enlarged from halved colour, told by the one in which most is sharp."""
    if source.info.coding.matrix is not Matrix.RGB:
        return None
    sharpest = max(index.sweep.slots.tolist(), key=lambda slot: float(volume.frame(slot).mean()))
    return HalfColour.of(source.read(int(index.frames[sharpest])))
