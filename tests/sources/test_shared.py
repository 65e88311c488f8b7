"""Several merges read one decode: each gets its own frames, and nobody is left waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.errors import Cancelled, CannotRead
from postfocus.model.frame import FrameSource
from postfocus.progress import Progress
from postfocus.sources.shared import Job, in_one_pass
from tests.support.scenes import KeptSource, grey_frame, kept


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    assert [t.name for t in threading.enumerate() if t.name == "postfocus-merge"] == []


def source_of(count: int, without: frozenset[int] = frozenset()) -> KeptSource:
    frames = [grey_frame(np.full((4, 4), n, np.uint8), n) for n in range(count)]
    source = kept(frames=frames)
    decode = source.frames

    def some(start: int = 0, stop: int | None = None):  # type: ignore[no-untyped-def]
        return (frame for frame in decode(start, stop) if frame.info.index not in without)

    source.frames = some  # type: ignore[method-assign]
    return source


def numbers(first: int, last: int) -> Callable[[FrameSource, Progress], list[int]]:
    return lambda source, _: [int(frame.luma[0, 0]) for frame in source.frames(first, last + 1)]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_every_job_gets_its_own_frames_and_each_is_decoded_once(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).map(sorted)
    spans = data.draw(st.lists(ends, min_size=1, max_size=5))
    gone = data.draw(st.frozensets(st.integers(0, count - 1), max_size=3))
    source = source_of(count, gone)
    jobs = [Job(first, last, numbers(first, last)) for first, last in spans]
    made = dict(in_one_pass(source, jobs))
    assert made == {n: [k for k in range(a, b + 1) if k not in gone] for n, (a, b) in enumerate(spans)}
    assert source.decoded == list(range(min(a for a, _ in spans), max(b for _, b in spans) + 1))


def test_a_job_begins_at_its_first_frame_and_is_given_out_after_its_last() -> None:
    events: list[str] = []

    def job(name: str, first: int, last: int) -> Job[str]:
        def work(source: FrameSource, _: Progress) -> str:
            events.append(f"{name} begins")
            for frame in source.frames(first, last + 1):
                events.append(f"{name}{frame.info.index}")
            return name

        return Job(first, last, work)

    for _, name in in_one_pass(source_of(5), [job("b", 2, 3), job("a", 0, 1)]):
        events.append(f"{name} is out")
    assert events == ["a begins", "a0", "a1", "a is out", "b begins", "b2", "b3", "b is out"]


def test_whoever_reads_more_than_was_said_or_twice_decodes_for_himself() -> None:
    source = source_of(6)

    def greedy(shared: FrameSource, told: Progress) -> list[int]:
        return numbers(1, 2)(shared, told) + numbers(1, 2)(shared, told) + numbers(0, 5)(shared, told)

    found = dict(in_one_pass(source, [Job(1, 2, greedy), Job(1, 3, numbers(1, 3))]))
    assert found == {0: [1, 2, 1, 2, 0, 1, 2, 3, 4, 5], 1: [1, 2, 3]}


def test_a_job_may_end_before_its_last_frame() -> None:
    def first(shared: FrameSource, _: Progress) -> list[int]:
        return [next(iter(shared.frames(0, 6))).info.index]

    assert dict(in_one_pass(source_of(6), [Job(0, 5, first), Job(0, 5, numbers(0, 5))])) == {
        0: [0],
        1: [0, 1, 2, 3, 4, 5],
    }


def test_one_job_alone_needs_no_thread() -> None:
    def work(source: FrameSource, progress: Progress) -> str:
        progress("merge", 1, 2)
        return threading.current_thread().name

    told: list[int] = []
    here = threading.current_thread().name
    assert list(in_one_pass(source_of(2), [Job(0, 1, work)], lambda _, n, __: told.append(n))) == [(0, here)]
    assert told == [1]


@pytest.mark.parametrize("at", [-1, 0, 2])
def test_what_one_job_raises_is_raised_and_stops_the_others(at: int) -> None:
    def bad(source: FrameSource, _: Progress) -> list[int]:
        if at < 0:
            raise CannotRead("before any frame")
        for frame in source.frames(0, 4):
            if frame.info.index == at:
                raise CannotRead("in the middle")
        return []

    with pytest.raises(CannotRead):
        list(in_one_pass(source_of(4), [Job(0, 3, numbers(0, 3)), Job(0, 3, bad)]))


def test_progress_stops_all_jobs_and_so_does_leaving() -> None:
    told: list[int] = []

    def stop(stage: str, done: int, total: int | None) -> None:
        told.append(done)
        if done == 2:
            raise Cancelled("Stopped.")

    jobs = [Job(0, 3, numbers(0, 3)), Job(0, 0, numbers(0, 0)), Job(1, 3, numbers(1, 3))]
    with pytest.raises(Cancelled):
        list(in_one_pass(source_of(4), jobs, stop))
    assert told == [1, 2]
    making = in_one_pass(source_of(4), jobs)
    assert next(making) == (1, [0])
    making.close()  # type: ignore[attr-defined]
