"""One decode serves several merges at once.

Each merge runs in a thread of its own and reads what it takes for the input;
in truth they all get the same frames, from one pass over it. A merge begins
when its first frame is reached and is done after its last, so that only those
that overlap are in memory together. All wait for one another at every frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Generic, Self, TypeVar

from postfocus.model.frame import CameraFacts, Frame, FrameSource, LeftOut, SourceInfo
from postfocus.progress import Progress, silent

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job(Generic[T]):
    """Something to be made of frames `first` to `last` of the input, both included.

    `work` takes the source that it reads its frames from, and whom to tell how far it has come.
    """

    first: int
    last: int
    work: Callable[[FrameSource, Progress], T]


class _Left(BaseException):
    """The one who asked for the merges has gone: stop at once."""


class _Reader(Generic[T]):
    """The input as one job sees it (a `FrameSource`), and the thread in which the job runs.

    Its first reading comes from the decode that all share. Should it read more than it said, or once more,
    it decodes for itself.
    """

    def __init__(self, source: FrameSource, job: Job[T]) -> None:
        self._source, self._job, self._shared = source, job, True
        self._given: SimpleQueue[Frame | None] = SimpleQueue()
        self._waits: SimpleQueue[bool] = SimpleQueue()
        self._left, self.done = False, False
        self._made: list[T] = []
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="postfocus-merge")
        self._thread.start()

    def wait(self) -> None:
        """Wait until the job asks for the next frame, or is done; raises what it raised."""
        if self.done:
            return
        self.done = not self._waits.get()
        if self.done and self._error is not None:
            raise self._error

    def give(self, frame: Frame | None) -> None:
        """Hand on a frame to the job that waits for it, or ``None``: there are no more."""
        if not self.done:
            self._given.put(frame)

    def result(self) -> T:
        """What the job made, once it is done; given away once."""
        return self._made.pop()

    def leave(self) -> None:
        """Stop the job wherever it is, and wait for its end."""
        self._left = True
        self._given.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._made.append(self._job.work(self, silent))
        except BaseException as error:
            self._error = error
        finally:
            self._waits.put(False)

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """The frames `start` up to but not including `stop`."""
        job = self._job
        if not self._shared or start < job.first or stop is None or stop > job.last + 1:
            yield from self._source.frames(start, stop)
            return
        self._shared = False
        while True:
            self._waits.put(True)
            frame = self._given.get()
            if self._left:
                raise _Left
            if frame is None or frame.info.index >= stop:
                return
            if frame.info.index >= start:
                yield frame
            del frame

    @property
    def info(self) -> SourceInfo:
        return self._source.info

    @property
    def problems(self) -> tuple[LeftOut, ...]:
        return self._source.problems

    def read(self, index: int) -> Frame:
        return self._source.read(index)

    def camera(self, index: int) -> CameraFacts:
        return self._source.camera(index)

    def fingerprint(self) -> str:
        return self._source.fingerprint()

    def close(self) -> None:
        """The input belongs to whoever opened it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def in_one_pass(
    source: FrameSource, jobs: Sequence[Job[T]], progress: Progress = silent
) -> Iterator[tuple[int, T]]:
    """Do all jobs in one decode of the frames that they span.

    Parameters
    ----------
    source
        The input.
    jobs
        What is to be made. Each takes its frames from the source that it is given.
    progress
        Told of every frame, as stage ``"merge"``; the first is 1.

    Yields
    ------
    tuple of int and T
        Number of a job and what it made, as soon as it is done. Whoever stops asking stops all jobs.

    Raises
    ------
    Exception
        Whatever a job raises; the others are stopped.
    """
    if len(jobs) == 1:  # a thread of its own would only take more memory
        yield 0, jobs[0].work(source, progress)
        return
    first, last = min(job.first for job in jobs), max(job.last for job in jobs)
    waiting = sorted(range(len(jobs)), key=lambda number: -jobs[number].first)
    running: dict[int, _Reader[T]] = {}

    def start() -> None:
        number = waiting.pop()
        running[number] = _Reader(source, jobs[number])
        running[number].wait()

    try:
        for frame in source.frames(first, last + 1):
            at = frame.info.index
            yield from _ended(running, jobs, at - 1)
            while waiting and jobs[waiting[-1]].first <= at:
                start()
            for reader in running.values():
                reader.give(frame)
            del frame  # the jobs alone decide how long it stays in memory
            for reader in running.values():
                reader.wait()
            progress("merge", at - first + 1, last - first + 1)
            yield from _ended(running, jobs, at)
        while waiting:  # their frames cannot be read any more; they will say so
            start()
        yield from _ended(running, jobs, last)
    finally:
        for reader in running.values():
            reader.leave()


def _ended(running: dict[int, _Reader[T]], jobs: Sequence[Job[T]], at: int) -> Iterator[tuple[int, T]]:
    """What those jobs made that want no frame after `at`."""
    for number in [n for n in running if jobs[n].last <= at]:
        running[number].give(None)
        running[number].wait()
        yield number, running.pop(number).result()
