"""An index is read by several threads at once, though Python's own parser is not made for that.

NumPy reads an array's header, and `traceback` the line of an error, by `ast.parse`. Python 3.11
and 3.12 count how deep that is for all threads together: where they take turns in the midst of
it, one is told ``SystemError: AST constructor recursion depth mismatch`` although nothing is
wrong (python/cpython issue 106905).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

DISTURBED = "recursion depth mismatch"
"""What Python says then."""

TRIES = 20
"""Times that disturbed work is done. Threads seldom take turns there; a fault that stays is raised."""


def undisturbed(parse: Callable[[], Result]) -> Result:
    """What `parse` returns, which is called again where another thread disturbed it."""
    for _ in range(TRIES - 1):
        try:
            return parse()
        except SystemError as error:
            if DISTURBED not in str(error):
                raise
    return parse()
