"""What a person, or a program, gets to read while pictures are made.

Answers go to stdout: as text, or as exactly one JSON object. Everything else
(progress, notes, errors) goes to stderr.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from postfocus.errors import Cancelled

_STAGES = {
    "index": "Indexing",
    "depth": "Depth",
    "merge": "Merging",
    "render": "Rendering",
    "draw": "Drawing",
    "save": "Saving",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found.

    Attributes
    ----------
    values
        For programs: JSON values.
    text
        For people.
    exit_code
        0, or another one when part of what was asked for is not there.
    problem
        The sentence that then goes to stderr.
    """

    values: dict[str, Any]
    text: str
    exit_code: int = 0
    problem: str = ""


@dataclass(slots=True)
class Talk:
    """How to speak.

    Attributes
    ----------
    as_json, quiet, verbose
        As the options of these names say.
    steps
        Where stderr is no terminal: print a line each tenth of a stage, not one for the whole stage.
    stopped
        Set by a signal; the next step of work then raises `Cancelled`.
    """

    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    steps: bool = False
    stopped: bool = False
    _stage: str = ""
    _began: float = 0.0
    _shown: float = -1.0
    _width: int = 0
    _told: set[str] = field(default_factory=set)

    def note(self, text: str) -> None:
        """Tell a person something by the way, once."""
        if not self.quiet and text not in self._told:
            self._told.add(text)
            self._clear()
            print(text, file=sys.stderr, flush=True)

    def fail(self, text: str, exit_code: int, values: dict[str, Any] | None = None) -> int:
        """Say what went wrong: a sentence on stderr, and an object on stdout for programs."""
        self._clear()
        print(f"postfocus: {text}", file=sys.stderr, flush=True)
        if self.as_json:
            self._object({**(values or {}), "error": text, "exit_code": exit_code})
        return exit_code

    def answer(self, answer: Answer) -> int:
        """Give the answer."""
        self._clear()
        if self.as_json:
            self._object(answer.values)
        elif not self.quiet and answer.text:
            print(answer.text, flush=True)
        if answer.problem:
            print(f"postfocus: {answer.problem}", file=sys.stderr, flush=True)
        return answer.exit_code

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """Show how far a stage has come; see `postfocus.progress.Progress`."""
        if self.stopped:
            raise Cancelled("Stopped.")
        if self.quiet:
            return
        if stage != self._stage:
            self._clear()
            self._stage, self._began, self._shown = stage, time.monotonic(), -1.0
        name = _STAGES.get(stage, stage.capitalize())
        if sys.stderr.isatty():
            self._line(name, done, total)
        else:
            self._plain(name, done, total)

    def _line(self, name: str, done: int, total: int | None) -> None:
        """One line that is written over and over, with counts and the time left."""
        now = time.monotonic()
        if now - self._shown < 0.1 and done != total:
            return
        self._shown = now
        text = f"{name} {done}" + (f" of {total}" if total else "")
        spent = now - self._began
        if total and 0 < done < total and spent > 1:
            text += f", {_spoken(spent / done * (total - done))} left"
        self._clear()
        self._width = len(text)
        print(text, end="", file=sys.stderr, flush=True)

    def _plain(self, name: str, done: int, total: int | None) -> None:
        """One line a stage, or one each tenth of it."""
        share = done / total if total else 0.0
        if self._shown < 0:
            self._shown = 0.0
            if not self.steps:
                print(f"{name} …", file=sys.stderr, flush=True)
        if self.steps and total and total > 1 and int(share * 10) > int(self._shown * 10 + 1e-9):
            self._shown = share
            print(f"{name} {done} of {total}", file=sys.stderr, flush=True)

    def _clear(self) -> None:
        if self._width:
            print("\r" + " " * self._width + "\r", end="", file=sys.stderr, flush=True)
            self._width = 0

    def _object(self, values: dict[str, Any]) -> None:
        print(json.dumps(values, allow_nan=False), flush=True)


def _spoken(seconds: float) -> str:
    """``8 s`` or ``2 min``.

    >>> _spoken(7.6), _spoken(130)
    ('8 s', '2 min')
    """
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
