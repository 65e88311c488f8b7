"""What the page is told of work on the pictures: how far it has come, and what it made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postfocus.app.problems import words
from postfocus.app.records import JobRecord
from postfocus.app.saving import Merged
from postfocus.io.atomic import display_name


@dataclass(frozen=True, slots=True)
class File:
    """A file that was saved.

    Attributes
    ----------
    path, size
        Where it lies, and its bytes.
    key
        Random id in the address at which it can be downloaded; ``None``: it lies beside the input.
    notes
        What a person should be told of it, in sentences.
    """

    path: Path
    size: int
    key: str | None
    notes: tuple[str, ...] = ()

    def values(self) -> dict[str, Any]:
        """As values of JSON."""
        return {
            "name": display_name(self.path.name),
            "where": "beside" if self.key is None else "download",
            "folder": display_name(self.path.parent.name) if self.key is None else None,
            "path": display_name(self.path) if self.key is None else None,
            "url": None if self.key is None else f"/api/files/{self.key}",
            "bytes": self.size,
            "notes": list(self.notes),
        }


def job_values(record: JobRecord, files: tuple[File, ...] = ()) -> dict[str, Any]:
    """A job as values of JSON."""
    result: dict[str, Any] | None = None
    if isinstance(record.result, Merged):
        result = {"key": record.result.name, "files": [], **record.result.words()}
    elif record.state == "done":
        result = {"files": [file.values() for file in files]}
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
        "result": result,
    }
