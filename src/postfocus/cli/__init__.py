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
    from postfocus.cli.run import run

    return run(list(sys.argv[1:] if argv is None else argv))
