"""What was typed becomes a choice, or one sentence on what was meant.

Words are sorted before `argparse` sees them: options and their values first,
names last. So names may stand anywhere, a value may begin with a minus, and a
file whose name begins with a dash goes after ``--``.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

from postfocus.errors import BadUse

_NUMBER_LIKE = re.compile(r"-(\d|\.\d|inf|nan)", re.IGNORECASE)

T = TypeVar("T")


class Parser(argparse.ArgumentParser):
    """The options of one command; anything it does not understand is raised as `BadUse`."""

    def __init__(self, command: str, description: str) -> None:
        super().__init__(
            prog=f"postfocus {command}", description=description, allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        self.known: dict[str, bool] = {"-h": False, "--help": False}
        self._long: dict[str, str] = {}

    def add_argument(self, *names: Any, **how: Any) -> argparse.Action:
        """As `argparse` does, and remember which options take a value."""
        action = super().add_argument(*names, **how)
        # argparse itself calls this while it is still being made, for -h.
        if hasattr(self, "known"):
            self._long |= dict.fromkeys(action.option_strings, "".join(action.option_strings[-1:]))
            self.known |= dict.fromkeys(action.option_strings, action.nargs is None)
        return action

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """Read the words after the command's name."""
        return self.parse_args(self._sorted(words))

    def error(self, message: str) -> NoReturn:
        """Raise `BadUse` in place of ending the program."""
        missing = re.fullmatch(r"the following arguments are required: (.*)", message)
        if missing:
            raise BadUse(f"{missing[1]} is missing; '{self.prog} --help' shows how to write the command.")
        raise BadUse(re.sub(r"^argument ([^:]*): ", r"\1: ", message))

    def _sorted(self, words: Sequence[str]) -> list[str]:
        """Options as ``--name=value`` first, then ``--`` and the names."""
        options: list[str] = []
        names: list[str] = []
        left = list(words)
        while left:
            word = left.pop(0)
            if word == "--":
                names += left
                break
            if not word.startswith("-") or word == "-":
                names.append(word)
                continue
            name, equals, _ = word.partition("=")
            if not word.startswith("--") and len(word) > 2 and self.known.get(word[:2]):
                options.append(word)
                continue
            if not word.startswith("--") and set(word[1:]) <= {"q", "v", "h"}:
                options += [f"-{letter}" for letter in word[1:]]
                continue
            if name not in self.known:
                raise _unknown(name, self.known)
            if equals or not self.known[name]:
                options.append(word)
            elif left and self._is_value(name, left[0]):
                value = left.pop(0)
                options.append(f"{self._long[name]}={value}")
            else:
                raise BadUse(f"{name} needs a value; '{self.prog} --help' shows which.")
        return [*options, *(["--", *names] if names else [])]

    def _is_value(self, name: str, word: str) -> bool:
        """Whether the word after an option is its value and not the next option."""
        if not word.startswith("-") or word == "-" or _NUMBER_LIKE.match(word):
            return True
        return name in ("-o", "--output") and word != "--" and word.partition("=")[0] not in self.known


def meant(word: str, known: Sequence[str]) -> str:
    """The question ``did you mean …?``, if a known word is near."""
    from difflib import get_close_matches

    near = get_close_matches(word, known, 1, 0.6)
    return f"did you mean {near[0]}?" if near else ""


def plain(parse: Callable[[str], T]) -> Callable[[str], T]:
    """A reader of option values whose `ValueError` is said in its own words."""

    def read(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """A reader of whole numbers from `least` to `most`."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or value < least or (most is not None and value > most):
            room = f"from {least} to {most}" if most is not None else f"of at least {least}"
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number {room}.")
        return value

    return read


def number(text: str) -> float:
    """A reader of finite numbers."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number.")
    return value


def size(text: str) -> tuple[int, int]:
    """A reader of ``WIDTHxHEIGHT``."""
    found = re.fullmatch(r"(\d{1,5})[xX×](\d{1,5})", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; write it as WxH, like 3840x2160.")
    return int(found[1]), int(found[2])


def _unknown(name: str, known: dict[str, bool]) -> BadUse:
    question = meant(name, [option for option in known if option.startswith("--")])
    if name.startswith("--"):
        return BadUse(f"There is no option {name}; {question or 'add --help to see the options.'}")
    return BadUse(
        f"There is no option {name}; {question or 'add --help to see the options.'} "
        "If it is the name of a file, write it after --"
    )
