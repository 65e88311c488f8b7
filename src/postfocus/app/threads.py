"""A slow disk is waited for in threads: a few, and never more, however many pages ask for pictures."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_Inbox = queue.SimpleQueue[Callable[[], None] | None]
"""What one thread is to do next; nothing: end."""


class Threads:
    """At most so many threads, which also count while at work that nobody waits for any more.

    A request that takes too long is given up, but the thread that hangs in the disk for it is not to be had
    back. Were another one begun for the next request, there would soon be thousands.

    Parameters
    ----------
    name
        Shown in lists of threads.
    most
        How many there may be; they are begun as they are needed.
    """

    def __init__(self, name: str, most: int) -> None:
        self._name, self._most = name, most
        self._lock = threading.Lock()
        self._idle: list[_Inbox] = []
        self._waiting: deque[tuple[Future[Any], Callable[[], None]]] = deque()
        self._begun = 0
        self._closed = False

    async def run(self, function: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
        """What `function` returns or raises, called in a thread; only from the event loop's own thread.

        If whoever waits is cancelled, work that has not begun never will.
        """
        done: Future[T] = Future()

        def work() -> None:
            if not done.set_running_or_notify_cancel():
                return
            try:
                result = function(*args, **more)
            except StopIteration as error:  # which no future may raise
                done.set_exception(RuntimeError(repr(error)))
            except BaseException as error:
                done.set_exception(error)
            else:
                done.set_result(result)

        self._hand_out(done, work)
        return await asyncio.wrap_future(done)

    def close(self) -> None:
        """Let the threads end, each when it has done what it is at. May be called again."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().put(None)
                self._begun -= 1

    def _hand_out(self, done: Future[Any], work: Callable[[], None]) -> None:
        with self._lock:
            if self._idle:  # the one that was busy last: each thread that works keeps some memory for itself
                self._idle.pop().put(work)
            elif self._begun < self._most:
                self._begun += 1
                name, inbox = f"{self._name}-{self._begun}", _Inbox()
                inbox.put(work)
                # One that hangs must not keep the server from ending.
                threading.Thread(target=self._serve, args=(inbox,), name=name, daemon=True).start()
            else:
                # Nobody waits any more for what was cancelled: behind a dead disk it would only pile up.
                self._waiting = deque(one for one in self._waiting if not one[0].cancelled())
                self._waiting.append((done, work))

    def _serve(self, inbox: _Inbox) -> None:
        """Do what comes, until there is to be no more. The thread's main function."""
        while (work := inbox.get()) is not None:
            work()
            del work  # it holds what the request was about
            with self._lock:
                if self._waiting:
                    inbox.put(self._waiting.popleft()[1])
                elif self._closed:
                    self._begun -= 1
                    return
                else:
                    self._idle.append(inbox)
