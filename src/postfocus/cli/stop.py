"""A person stops the work: what was begun is cleared away, what was there stays."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

from postfocus.cli.talk import Talk

_IMPATIENCE = 2.0
"""Seconds in which a second Ctrl-C is the same wish again, and must not stop the clearing away."""


@contextmanager
def stoppable(talk: Talk) -> Generator[None]:
    """Let Ctrl-C, a polite kill and a closed terminal end the work by way of its clean-up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    first = 0.0

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        nonlocal first
        now = time.monotonic()
        if talk.stopped and now - first < _IMPATIENCE:
            return
        # Libraries may swallow the exception in their call-backs; the flag is seen at the next step.
        talk.stopped, first = True, now
        raise KeyboardInterrupt

    names = ("SIGINT", "SIGTERM", "SIGHUP")
    signals = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in signals}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)
