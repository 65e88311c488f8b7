"""A look in a file: ``P1010234.MP4`` has ``P1010234.look.json`` beside it, which the command line takes.

The page notes in the same file which frames were kept for saving.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from postfocus.errors import CannotRead
from postfocus.io.atomic import display_name
from postfocus.io.sniff import open_input
from postfocus.model.look import Look
from postfocus.sources.naming import safe_stem

SUFFIX = ".look.json"
_MOST = 512 << 10
"""Bytes of a file that may be a look."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """All that was chosen of a sweep on the page.

    Attributes
    ----------
    look
        The choice of focus; one that says nothing if there is none.
    kept
        Frames of the input that are to be saved, in order.
    """

    look: Look = field(default_factory=Look)
    kept: tuple[int, ...] = ()

    def to_text(self) -> str:
        """As it is written."""
        plain = self.look.to_json()
        if self.kept:
            plain["kept"] = list(self.kept)
        return json.dumps(plain, indent=1) + "\n"

    @staticmethod
    def from_text(text: str) -> Chosen:
        """Read what `to_text` gave.

        Raises
        ------
        ValueError
            It is no look.
        """
        look = Look.from_json(text)
        return Chosen(look, frames_from(json.loads(text).get("kept", [])))


def look_file(inputs: Sequence[Path], stem: str) -> Path:
    """Where the page keeps the look of a sweep: beside its clip, its stills or its folder of stills.

    Parameters
    ----------
    inputs
        Of the sweep, as `postfocus.app.inputs.sweeps_of` tells them.
    stem
        Of the input's name.
    """
    return inputs[0].parent / f"{safe_stem(stem)}{SUFFIX}"


def frames_from(value: Any) -> tuple[int, ...]:
    """Numbers of frames from JSON, in order and each once; raises `ValueError` for anything else."""
    if not isinstance(value, list) or not all(type(number) is int and number >= 0 for number in value):
        raise ValueError("kept frames are a list of whole numbers, counted from 0")
    return tuple(sorted(set(value)))


def read_look(path: Path) -> Look:
    """The look in a file; raises as `read_chosen`."""
    return read_chosen(path).look


def read_chosen(path: Path) -> Chosen:
    """The look in a file, and the frames kept.

    Raises
    ------
    CannotRead
        The file is missing or is no look.
    """
    with open_input(path) as stream:
        text = stream.read(_MOST + 1)
    try:
        if len(text) > _MOST:
            raise ValueError("it is too long")
        return Chosen.from_text(text.decode("utf-8-sig"))
    except ValueError as error:
        raise CannotRead(
            f"{display_name(path)} is no look ({error}); give one that postfocus wrote"
        ) from error
