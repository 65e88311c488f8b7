"""Jobs that are done one after another by one worker, and the thread that minds it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from postfocus.app.failure import Failure, failure_of, worker_gone
from postfocus.app.reading import Begun, FrameRead, Growing
from postfocus.app.records import FINAL, JobRecord
from postfocus.app.worker import Ended, Note, Step, Stop, Task, WorkerProcess

GRACE = 0.25
"""Seconds a worker has to stop by itself before it is ended."""

WARM = 60.0
"""Seconds an idle worker is kept."""

AFTER_FRAMES = 0.25
"""Of the time the frames of a sweep take, what aligning and depth take afterwards."""


@dataclass(slots=True)
class Job:
    """A job on the server's side.

    Attributes
    ----------
    record
        As far as it has come.
    task
        For the worker.
    leftovers
        Called with the worker's process id if that had to be ended while at this job.
    stopped
        When the person stopped it, on the monotonic clock.
    began
        When its stage began, and at which step.
    """

    record: JobRecord
    task: Task
    leftovers: Callable[[int], None] | None = None
    stopped: float | None = None
    began: tuple[float, int] = (0.0, 0)


class Lane:
    """One worker and the jobs it is to do; the worker starts when first needed and is replaced if it dies.

    Parameters
    ----------
    name
        Of the thread and the process.
    changed
        Called with each new record, from the lane's thread or the caller's.
    preload
        Modules that the worker loads before anything is asked of it.
    """

    def __init__(
        self, name: str, changed: Callable[[JobRecord], None], preload: tuple[str, ...] = ()
    ) -> None:
        self._name, self._changed, self._preload = name, changed, preload
        self._waiting: list[Job] = []
        self._running: Job | None = None
        self._worker: WorkerProcess | None = None
        self._thread: threading.Thread | None = None
        self._warming = self._closing = False
        self._news = threading.Condition()

    def jobs(self) -> list[Job]:
        """The job under way and those that wait, in order."""
        with self._news:
            return [*([self._running] if self._running else []), *self._waiting]

    def submit(self, job: Job, *, first: bool = False) -> None:
        """Do a job after all others, or before all that wait."""
        self._changed(job.record)
        with self._news:
            self._waiting.insert(0 if first else len(self._waiting), job)
            self._awake()

    def prefer(self, sweep: str) -> None:
        """Do what waits for this sweep before the rest."""
        with self._news:
            self._waiting.sort(key=lambda job: job.record.sweep != sweep)

    def warm(self) -> None:
        """Start the worker now, so that the first job need not wait for it."""
        with self._news:
            self._warming = True
            self._awake()

    def cancel(self, job: Job) -> bool:
        """Stop a job, whether it waits or is under way; false if it is neither."""
        with self._news:
            if job in self._waiting:
                self._waiting.remove(job)
            elif job is self._running:
                self._stop(job)
                return True
            else:
                return False
        self._tell(job, state="cancelled")
        return True

    def close(self) -> None:
        """Drop what waits, stop what runs, and end the worker."""
        with self._news:
            self._closing = True
            self._waiting.clear()
            if self._running is not None:
                self._stop(self._running)
            self._news.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _awake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._mind, name=f"postfocus-{self._name}", daemon=True)
            self._thread.start()
        self._news.notify_all()

    def _stop(self, job: Job) -> None:
        job.stopped = job.stopped or time.monotonic()
        if self._worker is not None:
            with suppress(OSError):
                self._worker.send(Stop(job.task.id))

    def _mind(self) -> None:
        """Do the jobs as they come, until the lane is closed. The thread's main function."""
        while True:
            with self._news:
                awake = bool(self._waiting or self._warming or self._closing) or self._news.wait(WARM)
                if self._closing:
                    break
                job = self._running = self._waiting.pop(0) if self._waiting else None
                warm, self._warming = self._warming, False
            if job is not None:
                self._finished(job)
                with self._news:
                    self._running = None
            elif warm:
                with suppress(OSError):  # the first job will say so
                    self._ready()
            elif not awake:
                self._retire()
        self._retire()

    def _ready(self) -> WorkerProcess:
        if self._worker is None:
            worker = WorkerProcess(f"postfocus-{self._name}", preload=self._preload)
            with self._news:
                self._worker = worker
        assert self._worker is not None
        return self._worker

    def _retire(self) -> None:
        with self._news:
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()

    def _finished(self, job: Job) -> None:
        """Do a job. It ends, and the lane goes on, even if no worker can be had."""
        try:
            self._do(job)
        except Exception as error:
            worker = self._worker
            if worker is None:
                self._over(job, failure_of(error))
            else:
                self._end(job, worker, failure_of(error))

    def _do(self, job: Job) -> None:
        """Have the worker do a job; whatever becomes of the worker, the job ends."""
        worker = self._ready()
        try:
            worker.send(job.task)
        except OSError:  # it died while nothing was asked of it
            self._retire()
            worker = self._ready()
            with suppress(OSError):  # then there is nothing to hear from it either, and the job fails
                worker.send(job.task)
        with self._news:
            if job.stopped is not None:  # before the worker knew of it
                self._stop(job)
        self._tell(job, state="running")
        while job.record.state not in FINAL:
            try:
                message = worker.receive(0.05)
            except EOFError:
                self._end(job, worker)
                break
            if message is not None and message.id == job.task.id:
                self._heard(job, message)
            elif job.stopped is not None and time.monotonic() - job.stopped > GRACE:
                self._end(job, worker)

    def _heard(self, job: Job, message: Step | Note | Ended) -> None:
        """Bring the record up to date with what the worker says."""
        if isinstance(message, Step):
            now = time.monotonic()
            if message.stage != job.record.stage or job.began[0] == 0:
                job.began = (now, message.done)
            left = _seconds_left(message, now, job.began)
            self._tell(job, stage=message.stage, done=message.done, total=message.total, seconds_left=left)
        elif isinstance(message, Note):
            if isinstance(message.value, Begun):
                self._tell(job, growing=Growing(message.value.info, message.value.folder))
            elif isinstance(message.value, FrameRead) and job.record.growing is not None:
                job.record = replace(job.record, growing=job.record.growing.plus(message.value))
        elif message.stopped:
            self._tell(job, state="cancelled", seconds_left=None)
        elif message.failure is not None:
            self._tell(job, state="failed", failure=message.failure, seconds_left=None)
        else:
            self._tell(job, state="done", result=message.result, seconds_left=0.0)

    def _end(self, job: Job, worker: WorkerProcess, failure: Failure | None = None) -> None:
        """End a worker that does not stop by itself, or died in the midst of a job, and clear up after it."""
        with self._news:
            self._worker = None
        worker.kill()
        if job.record.growing is not None:
            shutil.rmtree(job.record.growing.folder, ignore_errors=True)
        if job.leftovers is not None:
            job.leftovers(worker.pid)
        self._over(job, failure or worker_gone(worker.exit_code))

    def _over(self, job: Job, failure: Failure) -> None:
        """Say that a job broke off."""
        if job.stopped is not None:
            self._tell(job, state="cancelled", seconds_left=None)
        else:
            self._tell(job, state="failed", failure=failure, seconds_left=None)

    def _tell(self, job: Job, **changes: object) -> None:
        record = replace(job.record, **changes)  # pyright: ignore[reportArgumentType]
        if record.state in FINAL:
            record = replace(record, growing=None)
        job.record = record
        self._changed(record)


def _seconds_left(step: Step, now: float, began: tuple[float, int]) -> float | None:
    """Seconds a job will take by how long its steps took so far; ``None`` while nobody can know."""
    since, first = began
    if not step.total or step.done <= first:
        return None
    per_step = (now - since) / (step.done - first)
    left = per_step * (step.total - step.done)
    return left + (AFTER_FRAMES * per_step * step.total if step.stage == "index" else 0.0)


def leftovers_in(folder: Path) -> Callable[[int], None]:
    """Remove what a worker that was ended left half-written in `folder`, by its process id."""

    def clear(pid: int) -> None:
        with suppress(OSError):
            for path in folder.glob(f".*.part-*-{pid}-*"):
                path.unlink(missing_ok=True)

    return clear
