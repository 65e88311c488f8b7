"""Memory that held pictures goes back to the system, instead of waiting for the next ones."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

LARGE = 1 << 20
"""Bytes from which a piece of memory counts as a picture's."""

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # of GNU's malloc.h


def keep_little(*, give_back: bool = False) -> None:
    """Have all threads of this process share one store of free memory; each would fill one of its own.

    Parameters
    ----------
    give_back
        Large pieces do not go into that store, but back to the system, and come fresh from it: for who
        needs them for long.
    """
    if sys.platform != "linux":
        return
    with suppress(OSError, AttributeError):  # another C library than GNU's has no such settings
        library = ctypes.CDLL(None)
        library.mallopt(_M_ARENA_MAX, 1)
        if give_back:
            library.mallopt(_M_MMAP_THRESHOLD, LARGE)
