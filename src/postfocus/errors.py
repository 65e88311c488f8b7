"""What can go wrong with a picture, said so that a person knows what to do next.

Every error that postfocus raises on purpose derives from `PostfocusError`. The
command line prints its text as one sentence and ends with its `exit_code`; no
library's own exception reaches a person.
"""

from __future__ import annotations


class PostfocusError(Exception):
    """Base of all errors a person can meet. The text says what to do next."""

    exit_code = 1


class BadUse(PostfocusError):
    """A choice that cannot be meant: a place outside the picture, an unknown format."""

    exit_code = 2


class CannotRead(PostfocusError):
    """An input that is missing, empty, cut short, or not a picture at all."""


class MixedSizes(CannotRead):
    """Frames of one sweep that differ in size."""


class TooFewFrames(CannotRead):
    """A sweep needs at least two frames; one has no other focus to choose."""


class CannotWrite(PostfocusError):
    """No space, no permission, or a name that is an input or already taken."""


class AlreadyThere(CannotWrite):
    """The name is taken by a file that may only be replaced when asked for."""


class CannotAlign(PostfocusError):
    """The frames do not show the same scene."""


class NothingSharp(PostfocusError):
    """No frame is sharp at the place that was asked for."""

    exit_code = 3


class Cancelled(PostfocusError):
    """The person stopped the work."""

    exit_code = 130
