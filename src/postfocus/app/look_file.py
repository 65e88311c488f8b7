"""A look in a file: ``P1010234.MP4`` has ``P1010234.look.json`` beside it, which the command line takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from postfocus.errors import CannotRead
from postfocus.io.atomic import display_name
from postfocus.io.sniff import open_input
from postfocus.model.look import Look
from postfocus.sources.naming import safe_stem

SUFFIX = ".look.json"
_MOST = 64 << 10
"""Bytes of a file that may be a look."""


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


def read_look(path: Path) -> Look:
    """The look in a file.

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
        return Look.from_json(text.decode("utf-8-sig"))
    except ValueError as error:
        raise CannotRead(
            f"{display_name(path)} is no look ({error}); give one that postfocus wrote"
        ) from error
