"""The command line: a person says what to do with a sweep, and reads what came of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Returns
    -------
    0 done, 1 failed, 2 wrong use, 3 nothing sharp there, 130 interrupted.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        from postfocus.cli.run import run
    except KeyboardInterrupt:
        return _stopped_at_once(words)
    return run(words)


def _stopped_at_once(words: Sequence[str]) -> int:
    """Say so when Ctrl-C comes while the program itself is still being loaded."""
    text = "Stopped; nothing had begun."
    sys.stderr.write(f"postfocus: {text}\n")
    if "--json" in words:
        sys.stdout.write(f'{{"error": "{text}", "exit_code": 130}}\n')
    return 130
