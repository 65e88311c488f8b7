"""What a command found is kept as a file, for commands whose answer is words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from postfocus.cli.talk import Answer
from postfocus.errors import BadUse
from postfocus.io.atomic import atomic_path, display_name


def check_report(path: Path | None) -> None:
    """Refuse an extension that holds no words."""
    if path is not None and path.suffix.lower() not in (".json", ".txt"):
        raise BadUse(f"{display_name(path.name)} does not end in .json or .txt; a report needs one of them.")


def keep(answer: Answer, path: Path | None, overwrite: bool, inputs: Sequence[Path] = ()) -> Answer:
    """Write the answer to `path`, if there is one, and return it."""
    if path is None:
        return answer
    as_json = path.suffix.lower() == ".json"
    text = json.dumps(answer.values, indent=1, allow_nan=False) if as_json else answer.text
    with atomic_path(path, overwrite=overwrite, inputs=inputs) as part:
        part.write_text(text + "\n", "utf-8", "backslashreplace")
    return answer
