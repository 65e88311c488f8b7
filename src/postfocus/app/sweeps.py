"""The sweeps on the page: which there are, how far each has been read, and where its index lies."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from postfocus.app.failure import Failure
from postfocus.app.problems import Problem, words
from postfocus.app.reading import Growing, ReadSweep
from postfocus.app.records import JobRecord
from postfocus.io.atomic import display_name
from postfocus.io.camera_name import camera_name
from postfocus.io.exif import date_of
from postfocus.model.frame import SourceInfo

_STATES = {
    "waiting": "waiting",
    "running": "reading",
    "done": "ready",
    "failed": "failed",
    "cancelled": "stopped",
}
_STAGES = {"index": "frames", "depth": "depth"}


@dataclass(slots=True)
class Sweep:
    """One sweep on the page.

    Attributes
    ----------
    id
        What addresses call it: random, so that no path and no other sweep can be guessed.
    inputs
        What `postfocus.open` takes.
    job
        The reading of it, as far as it has come.
    info
        What the input is, once known.
    result
        Where its index lies, once it has been read.
    growing
        Its index in the making.
    uploaded
        Whether the page sent it; then there is no place beside the input to save to.
    changed
        Whether the input was another, when last looked at, than the one that was read.
    """

    id: str
    inputs: tuple[Path, ...]
    uploaded: bool = False
    job: JobRecord | None = None
    info: SourceInfo | None = None
    result: ReadSweep | None = None
    growing: Growing | None = None
    changed: bool = False

    @property
    def state(self) -> str:
        """``"waiting"``, ``"reading"``, ``"ready"``, ``"failed"`` or ``"stopped"``."""
        return "waiting" if self.job is None else _STATES[self.job.state]

    @property
    def stem(self) -> str:
        """Its name, as the disk has it."""
        if self.info is not None:
            return self.info.name
        first = self.inputs[0]
        if len(self.inputs) > 1:
            return first.parent.name
        return first.name if first.is_dir() else first.stem

    @property
    def name(self) -> str:
        """What a person calls it, with invisible characters made visible."""
        return display_name(self.stem)

    @property
    def file(self) -> str:
        """The name of its file or folder, whole; its own where it has several files."""
        return display_name(self.inputs[0].name) if len(self.inputs) == 1 else self.name

    @property
    def folder(self) -> str | None:
        """Name of the folder in which the input lies, by which sweeps of one name are told apart."""
        first = self.inputs[0] if len(self.inputs) == 1 else self.inputs[0].parent
        return None if self.uploaded else display_name(first.parent.name) or None

    @property
    def fingerprint(self) -> str | None:
        """Of the input's bytes, once it has been read."""
        return None if self.result is None else self.result.fingerprint

    @property
    def words(self) -> tuple[str, ...]:
        """The inputs as `postfocus.open` takes them."""
        return tuple(str(path) for path in self.inputs)

    @property
    def home(self) -> Path | None:
        """The folder in which the input lies, if pictures may be saved there.

        A folder of stills is the input itself: what is saved lies beside it, never among the stills.
        """
        folder = self.inputs[0].parent
        return None if self.uploaded or not os.access(folder, os.W_OK) else folder

    def heard(self, record: JobRecord) -> None:
        """Take over what is new of its reading."""
        self.job = record
        self.growing = record.growing
        if record.growing is not None:
            self.info = record.growing.info
        if isinstance(record.result, ReadSweep):
            self.info, self.result, self.changed = record.result.info, record.result, False
        elif record.state == "failed":
            self.result = None  # what was read before is of an input that is no more

    def brief(self) -> dict[str, Any]:
        """What the library shows, as values of JSON."""
        info, job = self.info, self.job
        return {
            "id": self.id,
            "name": self.name,
            "file": self.file,
            "folder": self.folder,
            "date": None if info is None else _date(info),
            "camera": None if info is None else camera_name(info.camera),
            "count": None if info is None else info.count,
            "width": 0 if info is None else info.width,
            "height": 0 if info is None else info.height,
            "state": self.state,
            "stage": _STAGES.get(job.stage) if job is not None and self.state == "reading" else None,
            "done": 0 if job is None else job.done,
            "total": 0 if job is None else job.total or 0,
            "seconds_left": None if job is None or job.seconds_left is None else round(job.seconds_left, 1),
            "error": words(self.failure),
            "thumb": self.state == "ready" or bool(self.growing and self.growing.ends),
            "beside": self.home is not None,
            "changed": self.changed,
        }

    @property
    def failure(self) -> Failure | None:
        """Why it could not be read; files are named without their folders."""
        failure = None if self.job is None else self.job.failure
        if failure is None:
            return None
        text = failure.text
        for folder in {display_name(path.parent) for path in self.inputs}:
            text = text.replace(f"{folder}{os.sep}", "")
        return replace(failure, text=text)


@dataclass(slots=True)
class Registry:
    """The sweeps on the page, in the order in which they came. Only for the event loop's own thread."""

    _sweeps: dict[str, Sweep] = field(default_factory=dict[str, Sweep])

    def add(self, inputs: Sequence[Path], *, uploaded: bool = False) -> Sweep:
        """Put a sweep on the list; the one already there if it has the same inputs."""
        wanted = tuple(inputs)
        for known in self._sweeps.values():
            if known.inputs == wanted:
                return known
        made = Sweep(secrets.token_urlsafe(9), wanted, uploaded)
        self._sweeps[made.id] = made
        return made

    def get(self, name: str) -> Sweep:
        """The sweep of this id; raises `Problem` 404 if there is none."""
        found = self._sweeps.get(name)
        if found is None:
            raise Problem(404, "No such sweep", "It is not on the list any more; open it again.")
        return found

    def find(self, name: str) -> Sweep | None:
        """The sweep of this id, or ``None``."""
        return self._sweeps.get(name)

    def remove(self, name: str) -> Sweep:
        """Take a sweep off the list; its files are untouched."""
        found = self.get(name)
        del self._sweeps[name]
        return found

    def all(self) -> tuple[Sweep, ...]:
        """All of them."""
        return tuple(self._sweeps.values())

    def briefs(self) -> list[dict[str, Any]]:
        """All of them, as values of JSON."""
        return [sweep.brief() for sweep in self._sweeps.values()]


def _date(info: SourceInfo) -> str | None:
    """When the picture was taken, as ISO 8601; ``None`` if the camera does not say."""
    taken = date_of(info.camera.taken)
    return None if taken is None else taken.isoformat()
