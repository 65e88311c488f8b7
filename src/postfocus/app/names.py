"""What a saved picture is called: from a template a person wrote to a name that every disk accepts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from postfocus.errors import BadUse
from postfocus.sources.naming import safe_stem

FIELDS = ("stem", "kind", "frame", "date", "time")
USUAL = "{stem}_{kind}_{frame}"
_FIELD = re.compile(r"\{([^{}]*)\}")
_DEVICE = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.ASCII | re.IGNORECASE)  # no files on Windows


@dataclass(frozen=True, slots=True)
class Naming:
    """What the fields of a template stand for.

    Attributes
    ----------
    stem
        Of the input's name.
    kind
        ``"frame"``, ``"stack"`` or ``"range"``.
    frame
        Number of the frame, or of the first and last of a merge.
    taken
        When the picture was taken.
    """

    stem: str
    kind: str
    frame: str
    taken: datetime

    def filled(self, template: str) -> str:
        """A name without extension, safe on every disk.

        Raises
        ------
        BadUse
            The template has a field that does not exist.

        Examples
        --------
        >>> naming = Naming("P101", "frame", "0007", datetime(2026, 11, 21, 9, 30))
        >>> naming.filled("{stem} {date} {time}/{frame}")
        'P101 2026-11-21 09-30-00_0007'
        """
        values = {
            "stem": self.stem, "kind": self.kind, "frame": self.frame,
            "date": f"{self.taken:%Y-%m-%d}", "time": f"{self.taken:%H-%M-%S}",
        }  # fmt: skip

        def fill(field: re.Match[str]) -> str:
            if field[1] not in values:
                known = ", ".join(f"{{{name}}}" for name in FIELDS)
                raise BadUse(f"there is no {field[0]} in names; use {known}")
            return values[field[1]]

        name = safe_stem(_FIELD.sub(fill, template or USUAL))
        return f"{name}_" if _DEVICE.fullmatch(name) else name


def numbered(path: Path, number: int) -> Path:
    """The name with a number, for where the plain one is taken.

    >>> numbered(Path("a.jpg"), 1).name, numbered(Path("a.jpg"), 2).name
    ('a.jpg', 'a-2.jpg')
    """
    return path if number < 2 else path.with_name(f"{path.stem}-{number}{path.suffix}")
