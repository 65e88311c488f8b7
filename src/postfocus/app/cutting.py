"""The frames of a sweep are cut into tiles: the one looked at first, and then all the others in order.

This is the worker's half of `postfocus.app.originals`: it decodes, and what it
has cut is a file that the server need only read.
"""

from __future__ import annotations

import math
import os
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from postfocus import api
from postfocus.app.failure import Failure, failure_of
from postfocus.app.memory import keep_little
from postfocus.app.tiles import TileStore, frame_tiles, no_room
from postfocus.app.worker import Tell
from postfocus.errors import PostfocusError
from postfocus.model.frame import FrameSource

STANDING_BACK = 10
"""How far the cutting of frames that nobody has asked for stands back, as `os.nice` counts."""

STEPPING = 0.2
"""Seconds that a decoder is kept for who steps from frame to frame."""

TURN = 0.01
"""Seconds between two looks at what is asked for."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The tiles of this frame are there; or, with a failure, will not be."""

    number: int
    failure: Failure | None = None


@dataclass(slots=True)
class _Turns:
    """Who may work: one decoder at a time fills memory, that for what is asked for before all others.

    Attributes
    ----------
    last
        The frame asked for last.
    stop
        Set when nothing more is to be cut.
    free
        Set while nobody waits for a frame.
    """

    last: int = -1
    stop: threading.Event = field(default_factory=threading.Event)
    free: threading.Event = field(default_factory=threading.Event)


def frame_name(number: int) -> str:
    """What the tiles of a frame of the input are called."""
    return f"frame-{number:06d}"


def cut_frames(tell: Tell, inputs: tuple[str, ...], store: TileStore, wanted: tuple[int, ...]) -> None:
    """Cut the frames of a sweep into tiles: what is asked for first, then the rest; runs in a worker.

    Notes to `tell`: a `Cut` for each frame that was asked for, and each that came in its turn. An error
    that nobody foresaw ends the work on the rest, not on what is asked for, and is raised at the end.
    """
    keep_little(give_back=True)
    turns = _Turns()
    rest: Future[None] | None = None
    with ThreadPoolExecutor(1) as pool:
        try:
            asked = list(wanted)
            while rest is None or not rest.done() or asked:
                with api.open(*inputs) as recording:  # anew each time: a used one holds pictures
                    while rest is not None and not rest.done() and not asked:
                        wait([rest], TURN)
                        tell.check()
                        asked = tell.asked()
                    if asked:
                        _cut_asked(tell, recording.source, store, turns, asked)
                turns.free.set()
                rest = rest or pool.submit(_cut_the_rest, tell, inputs, store, turns)
        finally:
            turns.stop.set()
            turns.free.set()
    store.settle()
    rest.result()


def _cut_asked(tell: Tell, source: FrameSource, store: TileStore, turns: _Turns, asked: list[int]) -> None:
    """Cut what is asked for, the newest wish first, until nobody has asked for anything for a while."""
    since = -math.inf
    while asked or time.monotonic() - since < STEPPING:
        tell.check()
        asked += tell.asked()
        if asked:
            turns.free.clear()
            turns.last = asked.pop()
            tell.note(_cut_one(source, store, turns.last))
            since = time.monotonic()
        else:
            time.sleep(TURN)


def _cut_the_rest(tell: Tell, inputs: tuple[str, ...], store: TileStore, turns: _Turns) -> None:
    """Cut what nobody has asked for yet, and let everything else on the computer go first."""
    if sys.platform == "linux":  # elsewhere a thread has no priority of its own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), STANDING_BACK)
    try:
        with api.open(*inputs, threads=1) as recording:
            left = set(range(recording.info.count or 0))
            while left and turns.free.wait() and not turns.stop.is_set():
                left = {number for number in left if not store.has(frame_name(number))}
                if left and not _cut_on(tell, recording.source, store, turns, left):
                    return
    except (PostfocusError, OSError):
        return  # whoever asks for such a frame is told why


def _cut_on(tell: Tell, source: FrameSource, store: TileStore, turns: _Turns, left: set[int]) -> bool:
    """Cut from behind the frame looked at last, in order, until it is others' turn; false: no more room.

    What was come by is taken from `left`, be it cut, cut before, or damaged.
    """
    first = min((number for number in left if number > turns.last), default=min(left))
    end = max(left) + 1
    for frame in source.frames(first, end):
        number = frame.info.index
        if number in left and not store.has(frame_name(number)):
            if not store.make_room(frame.width * frame.height, by_force=False):
                return False
            store.put(frame_name(number), frame_tiles(frame))
            tell.note(Cut(number))
        left.difference_update(range(first, number + 1))
        if turns.stop.is_set() or not turns.free.is_set():
            return True
    left.difference_update(range(first, end))
    return True


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
