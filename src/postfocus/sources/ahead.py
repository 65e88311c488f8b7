"""The next still is decoded while the present one is measured.

One background thread, one exposure ahead: decoders let other threads run, so a
bracket is read about as fast as the slower of decoding and measuring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def one_ahead(load: Callable[[int], T], indices: Sequence[int]) -> Iterator[T]:
    """Yield ``load(i)`` for each index in order, loading the next meanwhile.

    Parameters
    ----------
    load
        Runs on one background thread, one call at a time; what it raises is raised here, in its turn.
    indices
        What to load.

    Notes
    -----
    When the caller stops early, is interrupted or fails, the load under way is awaited (it cannot be
    broken off) and nothing more is started: no thread outlives the generator.
    """
    if not indices:
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="postfocus-still") as pool:
        waiting: Future[T] | None = pool.submit(load, indices[0])
        for following in (*indices[1:], None):
            assert waiting is not None
            loaded = waiting.result()
            waiting = None if following is None else pool.submit(load, following)
            yield loaded
            del loaded  # the caller alone decides how long an exposure stays in memory
