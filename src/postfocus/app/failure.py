"""Why a picture could not be made, as the page says it: a title, a sentence, and details to copy."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

from postfocus.errors import (
    AlreadyThere,
    BadUse,
    CannotAlign,
    CannotRead,
    CannotWrite,
    MixedSizes,
    NothingSharp,
    PostfocusError,
    TooFewFrames,
)
from postfocus.io.parser import undisturbed

STRANGER = 76
"""Exit code of a worker that does not understand its server: postfocus was updated while it ran."""

_TITLES: tuple[tuple[type[PostfocusError], str], ...] = (
    (TooFewFrames, "Too few frames"),
    (MixedSizes, "Frames of different sizes"),
    (AlreadyThere, "That name is taken"),
    (CannotRead, "This cannot be read"),
    (CannotWrite, "This cannot be saved"),
    (CannotAlign, "The frames show different scenes"),
    (NothingSharp, "Nothing is sharp there"),
    (BadUse, "That is not possible"),
)


@dataclass(frozen=True, slots=True)
class Failure:
    """An error for people; it travels from the worker to the page.

    Attributes
    ----------
    kind
        The name of the error's class, for those who decide by it.
    title, text
        A few words, and a sentence that says what to do next.
    detail
        For a report; empty where the sentence says it all.
    """

    kind: str
    title: str
    text: str
    detail: str = ""


def failure_of(error: BaseException) -> Failure:
    """Say any error to a person; no library's own words get through, except as details."""
    kind = type(error).__name__
    if isinstance(error, PostfocusError):
        title = next((words for family, words in _TITLES if isinstance(error, family)), "This did not work")
        return Failure(kind, title, _sentence(str(error)))
    if isinstance(error, MemoryError) or "insufficient memory" in str(error).lower():
        return Failure(kind, "Not enough memory", "Close other programs and try again.", _trace(error))
    if isinstance(error, OSError):
        why = (error.strerror or str(error)).lower()
        return Failure(
            kind, "The system refused", f"{_sentence(why)} Check the disk and try again.", _trace(error)
        )
    return Failure(
        kind,
        "Something went wrong",
        "postfocus did not expect this; your pictures are untouched. Try again, or report the details.",
        _trace(error),
    )


def worker_gone(code: int | None) -> Failure:
    """What to say when a worker process ended in the midst of its work."""
    if code == STRANGER:
        text = "postfocus was updated while it ran; close it and start it again."
        return Failure("WorkerGone", "The work cannot begin", text)
    killed = code is not None and code < 0
    text = (
        "The part of postfocus that was at work was ended from outside; the computer may be short of memory."
    )
    return Failure(
        "WorkerGone",
        "The work broke off",
        f"{text if killed else 'The part of postfocus that was at work stopped.'} Try again.",
        f"the worker process ended with code {code}",
    )


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    if text.partition(" ")[0].isalpha():  # a file's name keeps its letters
        text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text + "."


def _trace(error: BaseException) -> str:
    return "".join(undisturbed(lambda: traceback.format_exception(error)))[-4000:]
