"""Zooming in shows the pixels the camera recorded: every frame is decoded once, the one looked at first.

A worker of its own cuts the frames of the sweep on the screen into tiles: those
asked for at once, newest wish first, and then all the others in order, so that
whatever is asked for later is a file.
"""

from __future__ import annotations

import logging
import secrets
import threading
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field

from postfocus.app.cutting import Cut, cut_frames, frame_name
from postfocus.app.failure import Failure, failure_of, worker_gone
from postfocus.app.reading import ReadSweep
from postfocus.app.tiles import TileStore, number_of
from postfocus.app.worker import Ask, Ended, Note, Stop, Task, WorkerProcess
from postfocus.errors import PostfocusError
from postfocus.io.cache import Cache

_log = logging.getLogger("uvicorn.error")

WARM = 30.0
"""Seconds an idle worker is kept."""

SILENCE = 60.0
"""Seconds without a word, while somebody waits for a frame, after which the worker counts as gone."""

PRELOAD = ("postfocus.io.colour", "postfocus.sources.sweep_video", "simplejpeg")


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
        except Exception as error:  # those who wait are told, and the next pass is served
            ended = Ended(name, failure=self._broken_off(error))
        if ended.failure is not None:
            _log.warning("original pixels: %s\n%s", ended.failure.text, ended.failure.detail)
        with self._news:
            self._now = None
            if ended.failure is not None:
                _give_up(one, ended.failure)
            one.full = one.full or not ended.stopped

    def _broken_off(self, error: Exception) -> Failure:
        """End the worker, and say why there will be no tiles."""
        with self._news:  # who asks or stops just now has it at hand, or sees that it is gone
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()
        if not isinstance(error, OSError | EOFError):
            return failure_of(error)
        # One that never began or that we ended has no code of its own.
        return worker_gone(None if worker is None or isinstance(error, TimeoutError) else worker.exit_code)

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
