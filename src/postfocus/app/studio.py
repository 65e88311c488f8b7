"""Everything that is open: the sweeps, their indexes, the work under way, and the pages told of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anyio import to_thread

from postfocus.app.events import Hub
from postfocus.app.jobs import Jobs
from postfocus.app.problems import Problem, words
from postfocus.app.records import FINAL, JobRecord
from postfocus.app.scenes import Opened, Scenes
from postfocus.app.sweeps import Registry, Sweep
from postfocus.errors import CannotRead


@dataclass(slots=True)
class Studio:
    """What the server knows. Its methods run in the event loop's own thread.

    Attributes
    ----------
    inputs
        The sweeps to begin with, as `postfocus.app.inputs.sweeps_of` tells them.
    folder
        Name of the folder that was opened, if one was.
    """

    inputs: Sequence[tuple[Path, ...]] = ()
    folder: str | None = None
    sweeps: Registry = field(default_factory=Registry)
    scenes: Scenes = field(default_factory=Scenes)
    hub: Hub = field(default_factory=Hub)
    jobs: Jobs = field(init=False)
    _loop: asyncio.AbstractEventLoop | None = None

    def __post_init__(self) -> None:
        self.jobs = Jobs(self._changed)

    def begin(self) -> None:
        """Begin to read what was opened, now that the event loop runs."""
        self._loop = asyncio.get_running_loop()
        for one in self.inputs:
            self.open(one)
        self.jobs.warm()

    def open(self, inputs: tuple[Path, ...], *, uploaded: bool = False) -> Sweep:
        """Put a sweep on the list and read it in its turn."""
        sweep = self.sweeps.add(inputs, uploaded=uploaded)
        if sweep.job is None:
            self.read(sweep)
        return sweep

    def read(self, sweep: Sweep, *, first: bool = False) -> None:
        """Read a sweep, or find it read; `first`: before all others that wait."""
        record = self.jobs.submit_read(sweep.id, tuple(str(path) for path in sweep.inputs), first=first)
        if sweep.job is None or sweep.job.id != record.id:
            self.heard(record)

    def remove(self, name: str) -> None:
        """Take a sweep off the list."""
        sweep = self.sweeps.remove(name)
        if sweep.job is not None and sweep.job.state not in FINAL:
            self.jobs.cancel(sweep.job.id)
        if sweep.folder is not None:
            self.scenes.forget(sweep.folder)
        self.hub.tell("gone", name, {"id": name})

    def heard(self, record: JobRecord) -> None:
        """Take over what a job says, and tell the pages."""
        if record.kind != "read":
            self.hub.tell("job", record.id, job_values(record))
            return
        sweep = self.sweeps.find(record.sweep)
        newer = sweep is not None and (
            sweep.job is None or sweep.job.id == record.id or record.state == "waiting"
        )
        if sweep is not None and newer:
            if record.state == "done" and sweep.folder is not None:
                self.scenes.forget(sweep.folder)
            sweep.heard(record)
            self.hub.tell("sweep", sweep.id, sweep.brief())

    async def opened(self, sweep: Sweep) -> Opened:
        """The index of a sweep.

        Raises
        ------
        Problem
            409 while it has not been read; otherwise what `CannotRead` says.
        """
        if sweep.folder is None:
            raise Problem(409, "Not read yet", "This sweep has not been read yet; wait for it.")
        try:
            return await to_thread.run_sync(self.scenes.get, sweep.folder)
        except CannotRead:
            # The cache was cleared under us; the sweep is still there.
            sweep.folder = None
            self.read(sweep, first=True)
            raise

    def close(self) -> None:
        """Stop all work; blocks until its processes have ended."""
        self.jobs.close()

    def _changed(self, record: JobRecord) -> None:
        """From any thread: pass a record on to the event loop."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self.heard, record)


def job_values(record: JobRecord) -> dict[str, Any]:
    """A job as values of JSON."""
    return {
        "id": record.id,
        "sweep": record.sweep,
        "kind": record.kind,
        "state": record.state,
        "stage": record.stage or None,
        "done": record.done,
        "total": record.total or 0,
        "seconds_left": None if record.seconds_left is None else round(record.seconds_left, 1),
        "error": words(record.failure),
        "result": None,
    }
