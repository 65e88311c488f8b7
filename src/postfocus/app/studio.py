"""Everything that is open: the sweeps, their indexes, the work under way, and the pages told of it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from postfocus.app.events import Hub
from postfocus.app.jobs import Jobs
from postfocus.app.known import has_changed
from postfocus.app.originals import Originals
from postfocus.app.problems import not_read
from postfocus.app.records import FINAL, JobRecord
from postfocus.app.saving import SavedFile
from postfocus.app.scenes import Opened, Scenes
from postfocus.app.scratch import Scratch
from postfocus.app.sweeps import Registry, Sweep
from postfocus.app.threads import Threads
from postfocus.app.uploads import Uploads
from postfocus.app.work import File, job_values
from postfocus.errors import CannotRead
from postfocus.io.cache import Cache
from postfocus.io.index_folder import MANIFEST

T = TypeVar("T")

LOOKING = 8
"""Threads that look into indexes and do nothing else: no slow write keeps a touch waiting."""

FILING = 32
"""Threads that read and write all other files."""

KEPT_FILES = 1000
"""Downloads that can still be fetched."""

AFTER_PAGE = 2.0
"""Seconds after a page has opened a sweep until its original pixels are prepared: the page comes first."""


@dataclass(slots=True)
class Studio:
    """What the server knows. Its methods run in the event loop's own thread.

    Attributes
    ----------
    inputs
        The sweeps to begin with, as `postfocus.app.inputs.sweeps_of` tells them.
    folder
        Name of the folder that was opened, if one was.
    scratch
        Holds what is dropped on the page and what it will download.
    looking, filing
        Threads in which indexes are looked into, and all other files read and written.
    rendering
        Held while the sample picture is made.
    files
        What may be downloaded, by the random id in its address.
    """

    inputs: Sequence[tuple[Path, ...]] = ()
    folder: str | None = None
    sweeps: Registry = field(default_factory=Registry)
    scenes: Scenes = field(default_factory=Scenes)
    hub: Hub = field(default_factory=Hub)
    scratch: Scratch = field(default_factory=Scratch)
    files: dict[str, File] = field(default_factory=dict[str, File])
    originals: Originals = field(default_factory=Originals)
    rendering: asyncio.Lock = field(default_factory=asyncio.Lock)
    looking: Threads = field(default_factory=lambda: Threads("postfocus-look", LOOKING))
    filing: Threads = field(default_factory=lambda: Threads("postfocus-file", FILING))
    jobs: Jobs = field(init=False)
    uploads: Uploads = field(init=False)
    _downloads: set[str] = field(default_factory=set[str])
    _saved: dict[str, tuple[File, ...]] = field(default_factory=dict[str, tuple[File, ...]])
    _loop: asyncio.AbstractEventLoop | None = None
    _starting: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.jobs = Jobs(self._changed)
        self.uploads = Uploads(self.scratch)

    def begin(self) -> None:
        """Begin to read what was opened, now that the event loop runs."""
        self._loop = asyncio.get_running_loop()
        for one in self.inputs:
            self.sweeps.add(one)
        self._starting = self._loop.create_task(self._start())

    def open(self, inputs: tuple[Path, ...], *, uploaded: bool = False) -> Sweep:
        """Put a sweep on the list and read it in its turn."""
        sweep = self.sweeps.add(inputs, uploaded=uploaded)
        if sweep.job is None:
            self.read(sweep)
        return sweep

    def read(self, sweep: Sweep, *, first: bool = False) -> None:
        """Read a sweep, or find it read; `first`: before all others that wait."""
        record = self.jobs.submit_read(sweep.id, sweep.words, first=first)
        if sweep.job is None or sweep.job.id != record.id:
            self._take(sweep, record)

    def remove(self, name: str) -> None:
        """Take a sweep off the list."""
        sweep = self.sweeps.remove(name)
        if sweep.job is not None and sweep.job.state not in FINAL:
            self.jobs.cancel(sweep.job.id)
        if sweep.result is not None:
            self.scenes.forget(sweep.result.folder)
        self.hub.tell("gone", name, {"id": name})

    def looked_at(self, sweep: Sweep) -> None:
        """A page shows this sweep: read it next, or prepare its original pixels for zooming in."""
        result, loop = sweep.result, self._loop
        if result is None:
            self.jobs.prefer(sweep.id)
        elif loop is not None:
            loop.call_later(AFTER_PAGE, self.originals.prepare, result, sweep.words)

    def downloading(self, record: JobRecord) -> None:
        """The files of this job are to be downloaded, not to be found beside the input."""
        self._downloads.add(record.id)

    def values(self, record: JobRecord) -> dict[str, object]:
        """A job as values of JSON."""
        return job_values(record, self._saved.get(record.id, ()))

    def heard(self, record: JobRecord) -> None:
        """Take over what a job says, and tell the pages."""
        if record.kind != "read":
            if record.kind == "save" and record.state == "done" and record.id not in self._saved:
                self._saved[record.id] = self._offered(record)
            self.hub.tell("job", record.id, self.values(record))
            return
        sweep = self.sweeps.find(record.sweep)
        # What is still on its way of an older reading of the same sweep is out of date.
        if sweep is not None and sweep.job is not None and sweep.job.id == record.id:
            self._take(sweep, record)

    async def ask(self, sweep: Sweep, question: Callable[[Opened], T]) -> T:
        """What the index of a sweep says; `question` is asked in a thread.

        An index that has gone from the cache is made again at once.

        Raises
        ------
        Problem
            409 while the sweep has not been read, or is read again; 422 if it cannot be read.
        """
        result = sweep.result
        if result is None:
            raise not_read(sweep.state, sweep.failure)
        try:
            return await self.looking.run(self._asked, result.folder, question)
        except _IndexGone as error:
            if sweep.result is result:
                sweep.result = None
                self.read(sweep, first=True)
            raise not_read(sweep.state, sweep.failure) from error

    async def opened(self, sweep: Sweep) -> Opened:
        """The index of a sweep; raises as `ask`."""
        return await self.ask(sweep, lambda opened: opened)

    async def notice(self, *sweeps: Sweep) -> None:
        """Look whether the files of these sweeps are still those that were read."""
        read = [(sweep, sweep.result) for sweep in sweeps if sweep.result is not None]
        found = await self.looking.run(lambda: [has_changed(result) for _, result in read])
        for (sweep, result), changed in zip(read, found, strict=True):
            if sweep.result is result:
                sweep.changed = changed

    def _asked(self, folder: Path, question: Callable[[Opened], T]) -> T:
        cache = Cache.default()
        ours = folder.parent == cache.root  # a portable index is the person's own: it is never touched
        try:
            # What is looked at is not the first to go when the cache is full.
            if not (cache.find(folder.name) if ours else (folder / MANIFEST).is_file()):
                raise CannotRead("the index is gone; index the sweep again")
            return question(self.scenes.get(folder))
        except CannotRead as error:
            if isinstance(error.__cause__, OSError) and not isinstance(error.__cause__, FileNotFoundError):
                raise  # as when too many files are open: the index may be whole
            self.scenes.forget(folder)
            if self.scenes.whole(folder):
                raise  # something else cannot be read: to make the same index again would not help
            if ours:
                cache.drop(folder)
            raise _IndexGone from error

    def close(self) -> None:
        """Stop all work and clear up; blocks until its processes have ended. May be called again."""
        self.looking.close()
        self.filing.close()
        self.jobs.close()
        self.originals.close()
        self.scratch.close()

    def _take(self, sweep: Sweep, record: JobRecord) -> None:
        """A sweep has been read a step further."""
        if record.state == "done" and sweep.result is not None:
            self.scenes.forget(sweep.result.folder)
        sweep.heard(record)
        self.hub.tell("sweep", sweep.id, sweep.brief())

    async def _start(self) -> None:
        """Have the first sweeps read, in steps: looking up thousands must not keep a page waiting."""
        for sweep in self.sweeps.all():
            if sweep.job is None:
                self.read(sweep)
                await asyncio.sleep(0)
        if not self.sweeps.all():  # something will be dropped; else who reads has begun, or nothing is to be
            self.jobs.warm()

    def _offered(self, record: JobRecord) -> tuple[File, ...]:
        """The files that a job has saved, and under which address each can be had."""
        found: list[File] = []
        for saved in record.result:
            assert isinstance(saved, SavedFile)
            key = secrets.token_urlsafe(16) if record.id in self._downloads else None
            found.append(File(saved.path, saved.size, key, saved.notes))
            if key is not None:
                self.files[key] = found[-1]
        for old in list(self.files)[:-KEPT_FILES]:
            del self.files[old]
        return tuple(found)

    def _changed(self, record: JobRecord) -> None:
        """From any thread: pass a record on to the event loop."""
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(self.heard, record)


class _IndexGone(Exception):
    """An index is not in its place any more, or no longer whole."""
