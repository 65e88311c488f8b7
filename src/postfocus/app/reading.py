"""A sweep is read: every frame can be seen and touched as soon as it has been decoded.

The index is the one the command line makes, in the same cache. While it grows,
its folder already holds the previews and the sharpness of the frames read so
far; a touch is answered from them, before anything is known of how the camera
moved, over a window widened for that.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from postfocus import api
from postfocus.errors import CannotRead
from postfocus.io.cache import Cache
from postfocus.model.frame import FrameSource, SourceInfo
from postfocus.settings import MEASURED, PREVIEWS, IndexSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from postfocus.app.worker import Tell

FileState = tuple[str, int, int, int]
"""Name, bytes, time of change in nanoseconds and number of a file."""

UNALIGNED = 2.0
"""How much wider a touch looks while the frames have not been laid on one another."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The input is open, and its index begins to grow in `folder`."""

    info: SourceInfo
    folder: Path


@dataclass(frozen=True, slots=True)
class FrameRead:
    """One more frame: its number in the input, and where its preview ends in the file of previews."""

    number: int
    end: int


@dataclass(frozen=True, slots=True)
class ReadSweep:
    """A sweep has been read.

    Attributes
    ----------
    folder
        Of the index, previews included; `postfocus.io.index_folder.read_index` reads it.
    info
        What the input is.
    fingerprint
        Of the input when it was opened.
    files
        What the system said of its files then.
    """

    folder: Path
    info: SourceInfo
    fingerprint: str
    files: tuple[FileState, ...] = ()


@dataclass(frozen=True, slots=True)
class SoFar:
    """What a touch finds among the frames read so far.

    Attributes
    ----------
    slot
        Position of sharpest focus in slots, with fraction.
    confidence
        0…1.
    state
        Words as of `postfocus.model.depth.State`.
    curve
        `(N,)` float32 grey levels, one for each frame read; 0 where it does not show the place.
    noise
        Grey levels: what counts as noise.
    """

    slot: float
    confidence: float
    state: str
    curve: NDArray[np.float32]
    noise: float


@dataclass(frozen=True, slots=True)
class Growing:
    """An index that is still being made, as far as it has come.

    Attributes
    ----------
    info
        What the input is.
    folder
        Where it grows; it is gone when the index is finished or given up.
    frames
        Number in the input of each frame read, by slot.
    ends
        Where each one's preview ends in the file of previews, bytes.
    """

    info: SourceInfo
    folder: Path
    frames: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()

    def plus(self, frame: FrameRead) -> Growing:
        """With one more frame."""
        return replace(self, frames=(*self.frames, frame.number), ends=(*self.ends, frame.end))

    def preview(self, slot: int) -> bytes:
        """The JPEG of one frame read.

        Raises
        ------
        LookupError
            That frame has not been read yet.
        FileNotFoundError
            The index is finished, or was given up; look at its own previews.
        """
        if not 0 <= slot < len(self.ends):
            raise LookupError(f"slot {slot} has not been read yet")
        start = self.ends[slot - 1] if slot else 0
        with (self.folder / PREVIEWS).open("rb", buffering=0) as file:
            file.seek(start)
            return file.read(self.ends[slot] - start)

    def pick(self, x: float, y: float) -> SoFar:
        """The sharpest of the frames read so far, at fractions `x`, `y` of width and height.

        Raises
        ------
        LookupError
            Fewer than two frames have been read.
        FileNotFoundError
            As `preview`.
        """
        from postfocus.cells import pool_for
        from postfocus.depth.estimate import DepthSettings, estimate_noise
        from postfocus.depth.pick import curve_at, peak_at
        from postfocus.focus.volume import FocusVolume, MapStack
        from postfocus.model.depth import State

        if len(self.frames) < 2:
            raise LookupError("fewer than two frames have been read")
        pool = pool_for(self.info.width, self.info.height)
        rows, cols = self.info.height // pool, self.info.width // pool
        volume = FocusVolume(MapStack(self.folder / MEASURED, len(self.frames), rows, cols))
        row = min(rows - 1, int(y * self.info.height) // pool)
        col = min(cols - 1, int(x * self.info.width) // pool)
        sigma = UNALIGNED * DepthSettings().sigma(pool)
        try:
            noise = estimate_noise(volume, sigma)
            peaks = peak_at(volume, row, col, sigma, noise)
            curve = curve_at(volume, row, col, sigma)
        except CannotRead as error:
            raise FileNotFoundError(volume.maps.path) from error
        state = State(int(peaks.state[0])).words
        return SoFar(float(peaks.slot[0]), float(peaks.confidence[0]), state, curve, noise.scatter)


@dataclass(frozen=True, slots=True)
class _Watched(Cache):
    """The user's cache, and somebody who is told where an index begins to grow."""

    begun: Callable[[Path], None] = field(kw_only=True)

    @contextmanager
    def workspace(self) -> Generator[Path]:
        """As `Cache.workspace`."""
        with Cache.workspace(self) as folder:
            self.begun(folder)
            yield folder


def read_sweep(tell: Tell, inputs: tuple[str, ...], cache: Cache | None = None) -> ReadSweep:
    """Index a sweep with previews, or find it indexed; runs in a worker.

    Notes to `tell`: `Begun` once decoding begins, then a `FrameRead` for each frame. Stages: ``"index"``
    and ``"depth"``.

    Parameters
    ----------
    inputs
        As for `postfocus.open`.
    cache
        Where the index is kept; the user's by default.

    Raises
    ------
    postfocus.errors.PostfocusError
        As `postfocus.open` and `postfocus.index`.
    """
    from postfocus.app.known import remember, states_of

    kept = cache or Cache.default()
    with api.open(*inputs) as recording:
        fingerprint = recording.source.fingerprint()
        files = states_of(inputs, recording.info.paths)  # before it is read: it may change meanwhile
        watched = _Watch(tell, recording.source)
        if recording.folder is None:
            kept = _Watched(kept.root, kept.limit, begun=watched.begin)
        scene = api.index(
            recording, settings=IndexSettings(previews=True), cache=kept, progress=watched.progress
        )
        read = ReadSweep(scene.folder, scene.index.info, fingerprint, files)
    if recording.folder is None:
        remember(inputs, read, cache)
    return read


class _Watch:
    """Follows an index in the making, and tells the server of each frame."""

    def __init__(self, tell: Tell, source: FrameSource) -> None:
        self._tell, self._source = tell, source
        self._folder: Path | None = None
        self._told, self._next = 0, 0

    def begin(self, folder: Path) -> None:
        """The index begins to grow."""
        self._folder = folder
        self._tell.note(Begun(self._source.info, folder))

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """See `postfocus.progress.Progress`."""
        if stage == "index" and self._folder is not None and done > self._told:
            self._told = done
            self._tell.note(FrameRead(self._number(), (self._folder / PREVIEWS).stat().st_size))
        self._tell.progress(stage, done, total)

    def _number(self) -> int:
        """The frame just read is the next in the input that is not known to be damaged."""
        damaged = {item.index for item in self._source.problems}
        while self._next in damaged:
            self._next += 1
        self._next += 1
        return self._next - 1
