"""A process of its own does the heavy work on the pictures, so that the page never waits for it.

The server keeps one end of a pipe, the worker the other. A worker does one piece
of work at a time, says how far it has come, stops when told to, and ends when
its pipe closes: a server that is killed outright leaves no worker behind.
"""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from typing import Any

from postfocus.app.failure import STRANGER, Failure, failure_of
from postfocus.errors import Cancelled

PACE = 0.04
"""Seconds between two reports of the same stage."""

FAREWELL = 1.0
"""Seconds a worker whose server has gone may take to clear up."""


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work: `function`, which must be a module's own, is called with a `Tell` and `args`."""

    id: str
    function: Callable[..., Any]
    args: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """The person has stopped the task of this id."""

    id: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Something more that the task of this id is to do, and before the rest."""

    id: str
    value: Any


@dataclass(frozen=True, slots=True)
class Step:
    """`done` of `total` steps of a stage are finished; see `postfocus.progress.Progress`."""

    id: str
    stage: str
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Note:
    """Something the task wants known on its way."""

    id: str
    value: Any


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a task: what it gave, or why it gave nothing; neither when it was stopped."""

    id: str
    result: Any = None
    failure: Failure | None = None
    stopped: bool = False


@dataclass(slots=True)
class Inbox:
    """What the server has said to a task."""

    stopped: threading.Event = field(default_factory=threading.Event)
    asked: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue[Any])


class Tell:
    """What a task is given to report with, from any of its threads."""

    def __init__(self, connection: Connection, task: str, inbox: Inbox) -> None:
        self._connection, self._task, self._inbox = connection, task, inbox
        self._stage, self._last = "", 0.0
        self._sending = threading.Lock()

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """Say how far the work has come; raises `Cancelled` once the person has stopped it."""
        self.check()
        now = time.monotonic()
        if stage != self._stage or done == total or now - self._last >= PACE:
            self._stage, self._last = stage, now
            self._send(Step(self._task, stage, done, total))

    def note(self, value: Any) -> None:
        """Make a value known to the server."""
        self._send(Note(self._task, value))

    def check(self) -> None:
        """Raise `Cancelled` if the person has stopped the work."""
        if self._inbox.stopped.is_set():
            raise Cancelled("Stopped.")

    def _send(self, message: Step | Note) -> None:
        with self._sending:
            self._connection.send(message)

    def asked(self) -> list[Any]:
        """What was asked for since this was last called, in order."""
        values: list[Any] = []
        while True:
            try:
                values.append(self._inbox.asked.get_nowait())
            except queue.Empty:
                return values


class WorkerProcess:
    """The server's side of a worker.

    Parameters
    ----------
    name
        Shown in lists of processes.
    preload
        Modules that it loads while nothing is asked of it yet.
    """

    def __init__(self, name: str, preload: tuple[str, ...] = ()) -> None:
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, preload), name=name, daemon=True)
        self._process.start()
        theirs.close()
        # A pipe holds 64 KB: a long list of stills would keep the sender waiting until the worker reads.
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._lost = False
        self._post = threading.Thread(target=self._hand_over, name=f"{name}-post", daemon=True)
        self._post.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid or 0

    @property
    def exit_code(self) -> int | None:
        """How the process ended; negative for a signal, ``None`` while it runs."""
        return self._process.exitcode

    def send(self, message: Task | Stop | Ask) -> None:
        """Hand over work, or stop it, without waiting for the worker; raises `OSError` if that has gone."""
        data = bytes(ForkingPickler.dumps(message))
        if self._lost or wait([self._process.sentinel], 0):
            raise BrokenPipeError("the worker has gone")
        self._outbox.put(data)

    def _hand_over(self) -> None:
        """Write what is sent into the pipe. The main function of a thread of its own."""
        while (data := self._outbox.get()) is not None:
            try:
                self._connection.send_bytes(data)
            except OSError:  # whoever listens hears of it, and whoever sends
                self._lost = True
                return

    def receive(self, timeout: float) -> Step | Note | Ended | None:
        """The next message, or ``None`` after `timeout` seconds.

        Raises
        ------
        EOFError
            The worker has gone, or says what cannot be understood.
        """
        if not wait([self._connection], timeout):
            return None
        try:
            return self._connection.recv()
        except Exception as error:  # unpickling may raise anything
            raise EOFError from error

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.join()
        self._outbox.put(None)
        self._post.join()
        self._connection.close()

    def close(self, patience: float = 1.0) -> None:
        """Let it end by itself; after `patience` seconds end it."""
        self._outbox.put(None)
        self._post.join(patience)
        if self._post.is_alive():  # it does not read
            self._process.kill()
            self._post.join()
        self._connection.close()
        self._process.join(patience)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def serve(connection: Connection, preload: tuple[str, ...] = ()) -> None:
    """Do tasks until the pipe closes. The worker's main function."""
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):  # meant for the server, which then closes the pipe
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
    under_way: dict[str, Inbox] = {}
    threading.Thread(target=_listen, args=(connection, tasks, under_way), daemon=True).start()
    for name in preload:
        import_module(name)
    while (task := tasks.get()) is not None:
        ended = _done(task, connection, under_way[task.id])
        del under_way[task.id]
        try:
            connection.send(ended)
        except OSError:
            return


def _listen(
    connection: Connection, tasks: queue.SimpleQueue[Task | None], under_way: dict[str, Inbox]
) -> None:
    """Take what the server sends; when it has gone, stop everything and end the process."""
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):
            break
        except Exception:  # a task of other code than ours: to wait for the next would be to wait for ever
            os._exit(STRANGER)
        if isinstance(message, Task):
            under_way[message.id] = Inbox()
            tasks.put(message)
        elif message.id in under_way and isinstance(message, Ask):
            under_way[message.id].asked.put(message.value)
        elif message.id in under_way:
            under_way[message.id].stopped.set()
    for inbox in list(under_way.values()):
        inbox.stopped.set()
    tasks.put(None)
    time.sleep(FAREWELL)
    os._exit(1)


def _done(task: Task, connection: Connection, inbox: Inbox) -> Ended:
    """Do one task; whatever happens becomes an answer."""
    try:
        tell = Tell(connection, task.id, inbox)
        tell.check()
        return Ended(task.id, task.function(tell, *task.args))
    except Cancelled:
        return Ended(task.id, stopped=True)
    except Exception as error:
        return Ended(task.id, stopped=inbox.stopped.is_set(), failure=failure_of(error))
