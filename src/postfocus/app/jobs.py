"""All that is being done for the pictures: reading, merging, saving, with progress and a way to stop it.

Reading has one worker, making pictures another, so that a save never waits for
a folder that is still being read.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from postfocus.app.known import recall
from postfocus.app.lane import Job, Lane, leftovers_in
from postfocus.app.reading import ReadSweep, read_sweep
from postfocus.app.records import FINAL, JobRecord
from postfocus.app.saving import Saving, merge_tiles, save_pictures
from postfocus.app.worker import Task
from postfocus.io.cache import Cache
from postfocus.model.look import Look

KEPT = 200
"""Finished jobs that are remembered."""


class Jobs:
    """All work under way. Every method may be called from any thread and returns at once, `close` apart.

    A sweep that was read before, of the same files, is done as soon as it is submitted.

    Parameters
    ----------
    on_change
        Called with each new `JobRecord`, from any thread; must not block.
    cache
        Where indexes are kept; the user's by default.
    """

    def __init__(self, on_change: Callable[[JobRecord], None], cache: Cache | None = None) -> None:
        self._cache, self._on_change = cache, on_change
        reads = ("postfocus.pipeline", "postfocus.sources.sweep_video")
        self._reading = Lane("reading", on_change, reads)
        self._making = Lane("making", on_change, (*reads, "postfocus.export.stills"))
        self._jobs: dict[str, tuple[Lane, Job]] = {}
        self._lock = threading.Lock()

    def submit_read(self, sweep: str, inputs: tuple[str, ...], *, first: bool = False) -> JobRecord:
        """Read a sweep, or find it read; the record's result is a `ReadSweep`.

        Parameters
        ----------
        sweep
            Id of the sweep. If it is being read, or waits to be, no second job is begun.
        inputs
            As for `postfocus.open`.
        first
            Before all others that wait: this one is looked at.
        """
        for job in self._reading.jobs():
            if job.record.sweep == sweep and job.stopped is None:
                if first:
                    self._reading.prefer(sweep)
                return job.record
        known = recall(inputs, self._cache)
        if known is not None:
            return self._ended(sweep, known)
        return self._submit(self._reading, "read", sweep, read_sweep, (inputs, self._cache), first=first)

    def submit_save(self, sweep: str, inputs: tuple[str, ...], wanted: Saving) -> JobRecord:
        """Save pictures; the record's result is a tuple of `SavedFile`."""
        args = (inputs, wanted, self._cache)
        return self._submit(
            self._making, "save", sweep, save_pictures, args, leftovers=leftovers_in(wanted.folder)
        )

    def submit_merge(self, sweep: str, inputs: tuple[str, ...], look: Look) -> JobRecord:
        """Merge at full size, to be looked at; the record's result is a `Merged`."""
        return self._submit(self._making, "merge", sweep, merge_tiles, (inputs, look, self._cache))

    def prefer(self, sweep: str) -> None:
        """Read this sweep next, if it waits."""
        self._reading.prefer(sweep)

    def get(self, job: str) -> JobRecord | None:
        """How far a job has come; ``None`` if it is unknown or long ended."""
        with self._lock:
            found = self._jobs.get(job)
        return None if found is None else found[1].record

    def cancel(self, job: str) -> bool:
        """Stop a job, within about 0.3 s; false if it is unknown or has ended."""
        with self._lock:
            found = self._jobs.get(job)
        return found is not None and found[0].cancel(found[1])

    def warm(self) -> None:
        """Start the worker that reads before anything is asked of it."""
        self._reading.warm()

    def close(self) -> None:
        """Stop everything; no process and no half-written file is left."""
        self._reading.close()
        self._making.close()

    def _ended(self, sweep: str, known: ReadSweep) -> JobRecord:
        """The record of a reading that is done before it began."""
        job = Job(JobRecord(secrets.token_urlsafe(9), sweep, "read"), Task("", read_sweep, ()))
        self._on_change(job.record)
        job.record = replace(job.record, state="done", result=known)
        with self._lock:
            self._jobs[job.record.id] = self._reading, job
        self._on_change(job.record)
        return job.record

    def _submit(
        self, lane: Lane, kind: str, sweep: str, function: Callable[..., Any], args: tuple[Any, ...],
        *, first: bool = False, leftovers: Callable[[int], None] | None = None,
    ) -> JobRecord:  # fmt: skip
        name = secrets.token_urlsafe(9)
        job = Job(JobRecord(name, sweep, kind), Task(name, function, args), leftovers)
        with self._lock:
            ended = [key for key, (_, old) in self._jobs.items() if old.record.state in FINAL]
            for key in ended[: max(0, len(ended) - KEPT)]:
                del self._jobs[key]
            self._jobs[name] = (lane, job)
        lane.submit(job, first=first)
        return job.record
