"""What is known of a job: how far the work on a picture has come, and what it gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from postfocus.app.failure import Failure
from postfocus.app.reading import Growing

FINAL = ("done", "failed", "cancelled")
"""States after which nothing more happens to a job."""


@dataclass(frozen=True, slots=True)
class JobRecord:
    """How far a job has come. Never changed: each step makes a new one.

    Attributes
    ----------
    id, sweep
        Of the job, and of the sweep it is for.
    kind
        ``"read"``, ``"merge"`` or ``"save"``.
    state
        ``"waiting"``, ``"running"``, ``"done"``, ``"failed"`` or ``"cancelled"``.
    stage
        ``"index"``, ``"depth"``, ``"merge"``, ``"tiles"``, ``"save"``; empty before the first.
    done, total
        Steps of the stage.
    seconds_left
        Of the whole job; ``None`` while unknown.
    failure
        Why it failed.
    result
        What the work gave: `ReadSweep`, `Merged`, or a tuple of `SavedFile`.
    growing
        For ``"read"``: the index as far as it has come, while it is being made.
    """

    id: str
    sweep: str
    kind: str
    state: str = "waiting"
    stage: str = ""
    done: int = 0
    total: int | None = None
    seconds_left: float | None = None
    failure: Failure | None = None
    result: Any = None
    growing: Growing | None = None
