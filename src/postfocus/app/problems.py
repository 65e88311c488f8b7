"""What went wrong with a picture, as an answer to the page: a status, a headline, what to do now."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from postfocus.app.answers import as_json
from postfocus.app.dropped import Refused
from postfocus.app.failure import Failure, failure_of

_STATUS = {
    "BadUse": 400,
    "AlreadyThere": 409,
    "CannotWrite": 409,
    "NothingSharp": 409,
    "CannotRead": 422,
    "MixedSizes": 422,
    "TooFewFrames": 422,
    "CannotAlign": 422,
}


class Problem(Exception):
    """A request that cannot be answered.

    Attributes
    ----------
    status
        HTTP status, 400 and up.
    title, text, detail
        What the page shows: a headline, a sentence on what to do, and what may be copied.
    """

    def __init__(self, status: int, title: str, text: str, detail: str = "") -> None:
        super().__init__(title)
        self.status, self.title, self.text, self.detail = status, title, text, detail

    def answer(self) -> Response:
        """The problem as the page receives it."""
        error = {"title": self.title, "text": self.text, "detail": self.detail}
        return as_json({"error": error}, self.status)


class NotRead(Problem):
    """A sweep has no pictures yet, or none any more."""


def problem_of(error: Exception) -> Problem:
    """What a person is told of an error."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Refused):
        return Problem(error.status, error.title, str(error))
    return problem_from(failure_of(error))


def problem_from(failure: Failure) -> Problem:
    """The same, of an error that a worker met."""
    return Problem(_STATUS.get(failure.kind, 500), failure.title, failure.text, failure.detail)


def not_read(state: str, failure: Failure | None) -> NotRead:
    """What is said to who asks for pictures of a sweep that has none yet, or will have none."""
    if failure is not None:
        return NotRead(422, failure.title, failure.text, failure.detail)
    if state == "stopped":
        return NotRead(409, "Reading was stopped", "Have the sweep read, then ask again.")
    return NotRead(409, "Not read yet", "This sweep has not been read yet; wait for it.")


def words(failure: Failure | None) -> dict[str, Any] | None:
    """What the page shows of a sweep or job that failed, as values of JSON."""
    if failure is None:
        return None
    return {"title": failure.title, "text": failure.text, "detail": failure.detail}
