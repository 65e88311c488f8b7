"""Zooming in shows the pixels the camera recorded: every frame is decoded once, the one looked at first.

A worker of its own cuts the frames of the sweep on the screen into tiles: those
asked for at once, newest wish first, and then all the others in order, so that
whatever is asked for later is a file.
"""

from __future__ import annotations

import os
import secrets
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field

from postfocus import api
from postfocus.app.failure import Failure, failure_of, worker_gone
from postfocus.app.reading import ReadSweep
from postfocus.app.tiles import TileStore, frame_tiles, no_room, number_of
from postfocus.app.worker import Ask, Ended, Note, Stop, Task, Tell, WorkerProcess
from postfocus.errors import PostfocusError
from postfocus.io.cache import Cache
from postfocus.model.frame import Frame, FrameSource

WARM = 30.0
"""Seconds an idle worker is kept."""

SILENCE = 60.0
"""Seconds without a word, while somebody waits for a frame, after which the worker counts as gone."""

STANDING_BACK = 10
"""How far the cutting of frames that nobody has asked for stands back, as `os.nice` counts."""

PRELOAD = ("postfocus.io.colour", "postfocus.sources.sweep_video", "simplejpeg")


@dataclass(frozen=True, slots=True)
class Cut:
    """The tiles of this frame are there; or, with a failure, will not be."""

    number: int
    failure: Failure | None = None


class NoTiles(PostfocusError):
    """A frame's pixels cannot be shown. Its `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.failure = failure


@dataclass(slots=True)
class _Pass:
    """The work on one sweep: who waits for which frame, newest wish last, and whether all is cut."""

    inputs: tuple[str, ...]
    store: TileStore
    waiting: dict[int, list[Future[None]]] = field(default_factory=dict[int, list[Future[None]]])
    asked: int = 0
    full: bool = False


class Originals:
    """The tiles of the sweeps on the screen. Methods may be called from any thread and return at once.

    Parameters
    ----------
    cache
        Where tiles are kept; the user's by default.
    """

    def __init__(self, cache: Cache | None = None) -> None:
        self._cache = cache
        self._news = threading.Condition()
        self._passes: dict[str, _Pass] = {}
        self._shown = ""
        self._now: tuple[str, _Pass] | None = None
        self._worker: WorkerProcess | None = None
        self._thread: threading.Thread | None = None
        self._closing = False
        self._count = 0

    def prepare(self, sweep: ReadSweep, inputs: tuple[str, ...]) -> None:
        """Begin to cut a sweep's frames, because it is on the screen."""
        with self._news:
            self._pass_of(sweep, inputs)
            self._awake()

    def frame(self, sweep: ReadSweep, inputs: tuple[str, ...], number: int) -> Future[None]:
        """Done when the tiles of a frame of the input are there to be read by `tile`.

        Raises, in the future, `NoTiles` if the frame cannot be read.
        """
        future: Future[None] = Future()
        if TileStore.of(sweep.fingerprint, self._cache).has(frame_name(number)):
            future.set_result(None)
            return future
        with self._news:
            wanted = self._pass_of(sweep, inputs)
            self._count += 1
            wanted.asked = self._count
            newest = next(reversed(wanted.waiting), None) == number
            wanted.waiting[number] = [*wanted.waiting.pop(number, []), future]  # the newest wish is the last
            if self._now is not None and self._now[1] is wanted and not newest:
                self._send(Ask(self._now[0], number))
            self._awake()
        return future

    def tile(self, sweep: ReadSweep, name: int | str, col: int, row: int) -> bytes | None:
        """One tile of a frame, by its number in the input, or of a merge, by its ``merge-KEY``.

        Returns ``None`` if it has not been cut.

        Raises
        ------
        LookupError
            No picture has a tile there.
        """
        number = number_of(sweep.info.width, sweep.info.height, col, row)
        named = frame_name(name) if isinstance(name, int) else name
        return TileStore.of(sweep.fingerprint, self._cache).tile(named, number)

    def close(self) -> None:
        """Stop, and end the worker; whoever still waits is told."""
        with self._news:
            self._closing = True
            self._stop()
            self._news.notify_all()
        if self._thread is not None:
            self._thread.join()
        for one in self._passes.values():
            _give_up(one, Failure("Closed", "postfocus was closed", "Start it again to go on."))

    def _pass_of(self, sweep: ReadSweep, inputs: tuple[str, ...]) -> _Pass:
        """The pass over a sweep, which is the one shown from now on."""
        self._shown = sweep.fingerprint
        known = self._passes.get(sweep.fingerprint)
        if known is None:
            store = TileStore.of(sweep.fingerprint, self._cache)
            known = self._passes[sweep.fingerprint] = _Pass(inputs, store)
        known.inputs = inputs  # the same clip may lie elsewhere by now
        if self._now is not None and self._now[1] is not known:
            self._stop()
        return known

    def _awake(self) -> None:
        if self._thread is None and not self._closing:
            self._thread = threading.Thread(target=self._mind, name="postfocus-originals", daemon=True)
            self._thread.start()
        self._news.notify_all()

    def _stop(self) -> None:
        if self._now is not None:
            self._send(Stop(self._now[0]))

    def _send(self, message: Ask | Stop) -> None:
        if self._worker is not None:
            with suppress(OSError):
                self._worker.send(message)

    def _choose(self) -> _Pass | None:
        """What to do next: what was asked for last, else the rest of the sweep on the screen."""
        asked = [one for one in self._passes.values() if one.waiting]
        if asked:
            return max(asked, key=lambda one: one.asked)
        shown = self._passes.get(self._shown)
        return None if shown is None or shown.full else shown

    def _mind(self) -> None:
        """Do one pass after another. The thread's main function."""
        while True:
            with self._news:
                awake = bool(self._closing or self._choose()) or self._news.wait(WARM)
                chosen = self._choose()
                if self._closing:
                    break
            if chosen is not None:
                self._do(chosen)
            elif not awake:
                self._retire()
        self._retire()

    def _do(self, one: _Pass) -> None:
        """Have the worker go through a sweep until it is cut, stopped, or broken."""
        name = secrets.token_hex(8)
        try:
            if self._worker is None:
                self._worker = WorkerProcess("postfocus-originals", preload=PRELOAD)
            worker = self._worker
            with self._news:
                worker.send(Task(name, cut_frames, (one.inputs, one.store, tuple(one.waiting))))
                self._now = name, one
            ended = self._listen(name, one, worker)
        except (OSError, EOFError) as error:
            with self._news:  # who asks or stops just now has it at hand, or sees that it is gone
                worker, self._worker = self._worker, None
            if worker is not None:
                worker.kill()
            # One that never began or that we ended has no code of its own.
            code = None if worker is None or isinstance(error, TimeoutError) else worker.exit_code
            ended = Ended(name, failure=worker_gone(code))
        with self._news:
            self._now = None
            if ended.failure is not None:
                _give_up(one, ended.failure)
            one.full = one.full or not ended.stopped

    def _listen(self, name: str, one: _Pass, worker: WorkerProcess) -> Ended:
        """Wake those who wait for a frame as it comes, until the pass ends.

        Raises
        ------
        OSError, EOFError
            The worker is gone, or silent while somebody waits.
        """
        while True:
            message = worker.receive(SILENCE)
            if message is None and one.waiting:
                raise TimeoutError  # an OSError: a worker that hangs is as good as gone
            if message is None or message.id != name:
                continue
            if isinstance(message, Ended):
                return message
            if isinstance(message, Note) and isinstance(message.value, Cut):
                with self._news:
                    waiting = one.waiting.pop(message.value.number, [])
                for future in waiting:
                    _tell(future, message.value.failure)

    def _retire(self) -> None:
        with self._news:
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()


def frame_name(number: int) -> str:
    """What the tiles of a frame of the input are called."""
    return f"frame-{number:06d}"


def cut_frames(tell: Tell, inputs: tuple[str, ...], store: TileStore, wanted: tuple[int, ...]) -> None:
    """Cut the frames of a sweep into tiles: what is asked for first, then the rest; runs in a worker.

    Notes to `tell`: a `Cut` for each frame that was asked for, and each that came in its turn.
    """
    stop = threading.Event()
    rest = threading.Thread(target=_cut_the_rest, args=(tell, inputs, store, stop), daemon=True)
    begun = False
    try:
        with api.open(*inputs) as recording:
            asked = list(wanted)
            while True:
                tell.check()
                asked += tell.asked()
                if asked:
                    number = asked.pop()
                    there = store.has(frame_name(number))
                    tell.note(Cut(number) if there else _cut_one(recording.source, store, number))
                elif not begun:
                    rest.start()
                    begun = True
                elif rest.is_alive():
                    rest.join(0.01)
                else:
                    break
    finally:
        stop.set()
        if begun:
            rest.join()
    store.settle()


def _cut_the_rest(tell: Tell, inputs: tuple[str, ...], store: TileStore, stop: threading.Event) -> None:
    """Cut what nobody has asked for yet, in order, and let everything else on the computer go first."""
    if sys.platform == "linux":  # elsewhere a thread has no priority of its own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), STANDING_BACK)
    try:
        with api.open(*inputs, threads=1) as recording:
            for frame in _in_turn(recording.source, store):
                if stop.is_set() or not store.make_room(frame.width * frame.height, by_force=False):
                    return
                store.put(frame_name(frame.info.index), frame_tiles(frame))
                tell.note(Cut(frame.info.index))
    except (PostfocusError, OSError):
        return  # whoever asks for such a frame is told why


def _in_turn(source: FrameSource, store: TileStore) -> Iterator[Frame]:
    """The frames that have not been cut yet, in order."""
    missing = [n for n in range(source.info.count or 0) if not store.has(frame_name(n))]
    if not missing:
        return
    for frame in source.frames(missing[0], missing[-1] + 1):
        if not store.has(frame_name(frame.info.index)):
            yield frame


def _cut_one(source: FrameSource, store: TileStore, number: int) -> Cut:
    try:
        frame = source.read(number)
        if not store.make_room(frame.width * frame.height, by_force=True):
            raise no_room()
        store.put(frame_name(number), frame_tiles(frame))
    except PostfocusError as error:
        return Cut(number, failure_of(error))
    return Cut(number)


def _give_up(job: _Pass, failure: Failure) -> None:
    """Tell all who still wait that nothing will come."""
    for future in (one for waiting in job.waiting.values() for one in waiting):
        _tell(future, failure)
    job.waiting.clear()


def _tell(future: Future[None], failure: Failure | None) -> None:
    if not future.set_running_or_notify_cancel():
        return
    if failure is None:
        future.set_result(None)
    else:
        future.set_exception(NoTiles(failure))
