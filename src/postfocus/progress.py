"""How far the work on a picture has come, and how a person stops it.

A `Progress` is called with a fraction of one stage; it may raise `Cancelled`
(from `postfocus.errors`) to stop the work. Long loops call it once per frame.
"""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Anything that can be told how far a stage has come."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Note that `done` of `total` steps of `stage` are finished.

        Parameters
        ----------
        stage
            A word a person understands: ``"index"``, ``"merge"``, ``"render"``.
        done
            Steps finished, 0 to `total`.
        total
            Steps in all, or ``None`` while unknown.

        Raises
        ------
        postfocus.errors.Cancelled
            The person stopped the work; nothing half-written may remain.
        """


def silent(stage: str, done: int, total: int | None) -> None:
    """Tell nobody."""
