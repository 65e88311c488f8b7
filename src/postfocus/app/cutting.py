"""The frames of a sweep are cut into tiles: the one looked at first, and then all the others in order.

This is the worker's half of `postfocus.app.originals`: it decodes, and what it
has cut is a file that the server need only read.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass

from postfocus import api
from postfocus.app.failure import Failure, failure_of
from postfocus.app.tiles import TileStore, frame_tiles, no_room
from postfocus.app.worker import Tell
from postfocus.errors import PostfocusError
from postfocus.model.frame import Frame, FrameSource

STANDING_BACK = 10
"""How far the cutting of frames that nobody has asked for stands back, as `os.nice` counts."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The tiles of this frame are there; or, with a failure, will not be."""

    number: int
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class _Turns:
    """Who may work: the frames that nobody has asked for wait while one is cut that somebody has.

    Attributes
    ----------
    stop
        Set when nothing more is to be cut.
    free
        Set while nobody waits for a frame.
    """

    stop: threading.Event
    free: threading.Event


def frame_name(number: int) -> str:
    """What the tiles of a frame of the input are called."""
    return f"frame-{number:06d}"


def cut_frames(tell: Tell, inputs: tuple[str, ...], store: TileStore, wanted: tuple[int, ...]) -> None:
    """Cut the frames of a sweep into tiles: what is asked for first, then the rest; runs in a worker.

    Notes to `tell`: a `Cut` for each frame that was asked for, and each that came in its turn. An error
    that nobody foresaw ends the work on the rest, not on what is asked for, and is raised at the end.
    """
    turns = _Turns(threading.Event(), threading.Event())
    turns.free.set()
    rest: Future[None] | None = None
    with ThreadPoolExecutor(1) as pool:
        try:
            with api.open(*inputs) as recording:
                asked = list(wanted)
                while rest is None or not rest.done() or asked:
                    tell.check()
                    asked += tell.asked()
                    if asked:
                        turns.free.clear()
                        tell.note(_cut_one(recording.source, store, asked.pop()))
                        continue
                    turns.free.set()
                    if rest is None:
                        rest = pool.submit(_cut_the_rest, tell, inputs, store, turns)
                    wait([rest], 0.01)
        finally:
            turns.stop.set()
            turns.free.set()
    store.settle()
    _give_back()
    rest.result()


def _cut_the_rest(tell: Tell, inputs: tuple[str, ...], store: TileStore, turns: _Turns) -> None:
    """Cut what nobody has asked for yet, in order, and let everything else on the computer go first."""
    if sys.platform == "linux":  # elsewhere a thread has no priority of its own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), STANDING_BACK)
    try:
        with api.open(*inputs, threads=1) as recording:
            for frame in _in_turn(recording.source, store):
                turns.free.wait()
                if turns.stop.is_set() or not store.make_room(frame.width * frame.height, by_force=False):
                    return
                store.put(frame_name(frame.info.index), frame_tiles(frame))
                tell.note(Cut(frame.info.index))
    except (PostfocusError, OSError):
        return  # whoever asks for such a frame is told why


def _in_turn(source: FrameSource, store: TileStore) -> Iterator[Frame]:
    """The frames that have not been cut yet, in order."""
    missing = [n for n in range(source.info.count or 0) if not store.has(frame_name(n))]
    if not missing:
        return
    for frame in source.frames(missing[0], missing[-1] + 1):
        if not store.has(frame_name(frame.info.index)):
            yield frame


def _cut_one(source: FrameSource, store: TileStore, number: int) -> Cut:
    """Cut a frame that somebody waits for; whatever is the matter with it, the others are served."""
    if store.has(frame_name(number)):
        return Cut(number)
    try:
        frame = source.read(number)
        if not store.make_room(frame.width * frame.height, by_force=True):
            raise no_room()
        store.put(frame_name(number), frame_tiles(frame))
    except Exception as error:
        return Cut(number, failure_of(error))
    return Cut(number)


def _give_back() -> None:
    """Give the system back the memory of decoders that are gone; the C library would keep it."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library than GNU's
            ctypes.CDLL(None).malloc_trim(0)
