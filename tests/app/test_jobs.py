"""Sweeps are read and pictures made by workers that can be stopped, may die, and never outlive the server."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from postfocus import api
from postfocus.app.jobs import Jobs
from postfocus.app.lane import Job, Lane
from postfocus.app.reading import ReadSweep
from postfocus.app.records import FINAL, JobRecord
from postfocus.app.saving import Saving
from postfocus.app.worker import Task, Tell, WorkerProcess
from postfocus.errors import CannotRead
from postfocus.io.cache import Cache
from postfocus.io.index_folder import read_index
from postfocus.io.leftovers import process_gone
from postfocus.model.look import Look, Place
from postfocus.settings import IndexSettings

LONG = 30.0
"""Seconds after which a test gives up waiting; never reached but on failure."""


def until(true: Callable[[], Any]) -> Any:
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        value = true()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError("it did not happen")


class Seen:
    """All records, in order."""

    def __init__(self) -> None:
        self.records: list[JobRecord] = []

    def __call__(self, record: JobRecord) -> None:
        self.records.append(record)

    def end(self, job: str) -> JobRecord:
        return until(lambda: next((r for r in self.records if r.id == job and r.state in FINAL), None))


@pytest.fixture(scope="module")
def seen() -> Seen:
    return Seen()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    return Cache(tmp_path_factory.mktemp("jobs") / "cache")


@pytest.fixture(scope="module")
def jobs(seen: Seen, cache: Cache) -> Generator[Jobs]:
    made = Jobs(seen, cache)
    yield made
    made.close()


@pytest.fixture(scope="module")
def lane(seen: Seen) -> Generator[Lane]:
    made = Lane("tests", seen)
    yield made
    made.close()


_number = itertools.count()


def job_of(function: Callable[..., Any], *args: Any, sweep: str = "s") -> Job:
    name = f"{function.__name__} {next(_number)}"
    return Job(JobRecord(name, sweep, "read"), Task(name, function, args))


def count_up(tell: Tell, steps: int) -> int:
    for done in range(steps):
        tell.progress("index", done + 1, steps)
        time.sleep(0.005)
    return steps


def hang(tell: Tell) -> None:
    tell.progress("depth", 0, 1)
    time.sleep(1000)


def die(tell: Tell) -> None:
    tell.progress("depth", 0, 1)
    os.kill(os.getpid(), signal.SIGKILL)


def fail(tell: Tell, error: Exception) -> None:
    raise error


def who(tell: Tell) -> int:
    return os.getpid()


class Changed:
    """Code that the worker reads otherwise than the server, as after an update."""

    def __reduce__(self) -> Any:
        return int, ("no number",)


class Unsendable:
    """What cannot travel at all."""

    def __reduce__(self) -> Any:
        raise TypeError("not to be sent")


def test_a_sweep_is_read_frame_by_frame_into_the_command_lines_cache(clip, cache, seen, jobs):
    record = jobs.submit_read("a", (str(clip),))
    assert jobs.submit_read("a", (str(clip),)).id == record.id
    growing = until(lambda: _early(jobs.get(record.id)))
    jpeg = growing.preview(len(growing.ends) - 1)
    end = seen.end(record.id)
    assert end.state == "done", end.failure
    assert isinstance(end.result, ReadSweep)
    assert read_index(end.result.folder).info.count == 10
    with api.index(clip, settings=IndexSettings(previews=True), cache=cache) as scene:
        assert scene.folder == end.result.folder
        assert scene.previews.jpeg(len(growing.ends) - 1) == jpeg
    steps = [r.done for r in seen.records if r.id == record.id and r.stage == "index"]
    assert steps == sorted(steps)
    assert end.growing is None


def test_what_was_read_before_is_there_at_once_unless_it_changed(jobs, seen, stills, tmp_path):
    folder = tmp_path / "bracket"
    shutil.copytree(stills, folder)
    first = seen.end(jobs.submit_read("b", (str(folder),)).id)
    again = jobs.submit_read("b", (str(folder),))
    assert again.state == "done"
    assert again.result == first.result
    assert jobs.get(again.id) == again
    assert [r.state for r in seen.records if r.id == again.id] == ["waiting", "done"]
    one = sorted(folder.glob("*.jpg"))[0]
    one.touch()
    changed = jobs.submit_read("b", (str(folder),))
    assert changed.state == "waiting"
    end = seen.end(changed.id)
    assert end.result.folder != first.result.folder
    shutil.rmtree(end.result.folder)
    assert seen.end(jobs.submit_read("b", (str(folder),)).id).state == "done"
    assert end.result.folder.is_dir()


def _early(record: JobRecord | None) -> Any:
    assert record is not None
    return record.growing if record.growing is not None and record.growing.ends else None


def test_the_best_so_far_is_found_before_the_index_is_ready(clip, small_sweep, tmp_path):
    from postfocus.app.reading import FrameRead, Growing
    from postfocus.measuring import measure_sweep

    truth = small_sweep[1].truth
    with api.open(clip) as recording:
        folder = tmp_path / "grows"
        folder.mkdir()
        measure_sweep(recording.source, folder, IndexSettings(previews=True), lambda *_: None)
        growing = Growing(recording.info, folder)
        with pytest.raises(LookupError):
            growing.pick(0.815, 0.85)
        for number in range(10):
            growing = growing.plus(FrameRead(number, 0))
        x, y = 0.815, 0.85
        found = growing.pick(x, y)
    true = float(truth.depth[int(y * truth.depth.shape[0]), int(x * truth.depth.shape[1])])
    assert abs(found.slot - true) < 1
    assert found.state == "in focus"
    assert len(found.curve) == 10
    few = replace(growing, frames=growing.frames[:4])
    assert 0 <= few.pick(x, y).slot <= 3
    with pytest.raises(FileNotFoundError):
        replace(growing, folder=tmp_path / "gone").pick(x, y)


def test_what_cannot_be_read_is_said(jobs, seen, tmp_path):
    (tmp_path / "no.mp4").write_bytes(b"no clip at all")
    end = seen.end(jobs.submit_read("a", (str(tmp_path / "no.mp4"),)).id)
    assert end.state == "failed"
    assert end.failure is not None
    assert end.failure.kind == "CannotRead"
    assert "no.mp4" in end.failure.text


def test_pictures_are_saved_and_merged_by_a_worker(jobs, seen, clip, tmp_path):
    saved = jobs.submit_save("a", (str(clip),), Saving("frame", Look(focus=Place(0.815, 0.85)), tmp_path))
    merge = jobs.submit_merge("a", (str(clip),), Look())
    end = seen.end(saved.id)
    assert end.state == "done", end.failure
    (one,) = end.result
    assert one.size == one.path.stat().st_size > 0
    assert seen.end(merge.id).result.name.startswith("merge-")


def test_a_job_is_stopped_at_its_next_step(lane, seen):
    job = job_of(count_up, 100_000)
    lane.submit(job)
    until(lambda: job.record.done > 2)
    worker = lane._worker
    assert lane.cancel(job)
    assert seen.end(job.record.id).state == "cancelled"
    after = job_of(who)
    lane.submit(after)
    assert worker is not None
    assert seen.end(after.record.id).result == worker.pid


def test_a_job_that_takes_no_steps_is_ended_with_its_worker(lane, seen):
    job = job_of(hang)
    ended: list[int] = []
    job.leftovers = ended.append
    lane.submit(job)
    until(lambda: job.record.stage == "depth")
    worker = lane._worker
    assert worker is not None
    lane.cancel(job)
    assert seen.end(job.record.id).state == "cancelled"
    assert process_gone(worker.pid)
    assert ended == [worker.pid]
    after = job_of(count_up, 3)
    lane.submit(after)
    assert seen.end(after.record.id).result == 3


def test_a_worker_that_dies_fails_its_job_and_no_other(lane, seen):
    jobs = [job_of(die), job_of(count_up, 3)]
    for job in jobs:
        lane.submit(job)
    end = seen.end(jobs[0].record.id)
    assert end.state == "failed"
    assert end.failure is not None
    assert "ended from outside" in end.failure.text
    assert seen.end(jobs[1].record.id).result == 3


def test_a_worker_that_died_while_idle_is_replaced(lane, seen):
    first = job_of(who)
    lane.submit(first)
    pid = seen.end(first.record.id).result
    os.kill(pid, signal.SIGKILL)
    until(lambda: lane._worker is not None and lane._worker.exit_code is not None)
    second = job_of(count_up, 2)
    lane.submit(second)
    assert seen.end(second.record.id).result == 2


def test_a_worker_that_retired_is_replaced_when_it_is_needed_again(lane, seen, monkeypatch):
    first = job_of(who)
    lane.submit(first)
    pid = seen.end(first.record.id).result
    monkeypatch.setattr("postfocus.app.lane.WARM", 0.01)
    lane.warm()  # wakes the lane, which then rests for as short a time
    until(lambda: lane._worker is None)
    until(lambda: process_gone(pid))
    for _ in range(3):  # in the midst of being retired, too
        again = job_of(who)
        lane.submit(again)
        assert seen.end(again.record.id).result != pid
        time.sleep(0.01)


def test_a_worker_that_does_not_understand_fails_the_job_instead_of_waiting_for_ever(lane, seen):
    job = job_of(count_up, Changed())
    lane.submit(job)
    end = seen.end(job.record.id)
    assert end.state == "failed"
    assert "updated while it ran" in end.failure.text
    after = job_of(count_up, 2)
    lane.submit(after)
    assert seen.end(after.record.id).result == 2


def test_a_job_that_cannot_be_handed_over_fails_and_the_next_is_done(lane, seen):
    jobs = [job_of(count_up, Unsendable()), job_of(count_up, 2)]
    for job in jobs:
        lane.submit(job)
    assert seen.end(jobs[0].record.id).state == "failed"
    assert seen.end(jobs[1].record.id).result == 2


def test_where_no_worker_can_be_started_the_job_fails_and_the_next_is_done(seen, monkeypatch):
    lane = Lane("refused", seen)

    def refuse(*_: Any, **__: Any) -> WorkerProcess:
        raise OSError(24, "Too many open files")

    try:
        with monkeypatch.context() as patch:
            patch.setattr("postfocus.app.lane.WorkerProcess", refuse)
            lane.warm()
            job = job_of(count_up, 2)
            lane.submit(job)
            end = seen.end(job.record.id)
        assert end.failure.title == "The system refused"
        after = job_of(count_up, 2)
        lane.submit(after)
        assert seen.end(after.record.id).result == 2
    finally:
        lane.close()


def test_a_worker_that_says_what_cannot_be_understood_counts_as_gone(monkeypatch):
    worker = WorkerProcess("test")
    monkeypatch.setattr(type(worker._connection), "recv", lambda _: int("no number"))
    worker.send(Task("x", count_up, (1,)))
    with pytest.raises(EOFError):
        until(lambda: worker.receive(0.1))
    monkeypatch.undo()
    worker.kill()


def test_errors_are_sentences(lane, seen):
    errors = [CannotRead("a.jpg is empty; copy it again"), ZeroDivisionError("1/0"), MemoryError()]
    jobs = [job_of(fail, error) for error in errors]
    for job in jobs:
        lane.submit(job)
    kinds = [seen.end(job.record.id).failure for job in jobs]
    assert [k.title for k in kinds if k] == [
        "This cannot be read", "Something went wrong", "Not enough memory",
    ]  # fmt: skip
    assert all("division" not in k.text for k in kinds if k)


def test_what_waits_is_stopped_without_being_begun_and_the_one_looked_at_comes_first(lane, seen):
    first = job_of(count_up, 100_000)
    others = [job_of(count_up, 2, sweep=name) for name in "abc"]
    for job in (first, *others):
        lane.submit(job)
    until(lambda: first.record.done > 0)
    assert lane.cancel(others[0])
    lane.prefer("c")
    lane.cancel(first)
    seen.end(others[1].record.id)
    ours = {job.record.id for job in (first, *others)}
    running = [r.sweep for r in seen.records if r.state == "running" and r.id in ours]
    assert list(dict.fromkeys(running)) == ["s", "c", "b"]
    assert others[0].record.state == "cancelled"
    assert not lane.cancel(first)


def test_the_time_left_shrinks(lane, seen):
    job = job_of(count_up, 200)
    lane.submit(job)
    seen.end(job.record.id)
    left = [r.seconds_left for r in seen.records if r.id == job.record.id and r.seconds_left]
    assert left[0] > left[-1] > 0


def test_no_worker_is_left_after_closing(seen, tmp_path, clip):
    cache = Cache(tmp_path / "cache")
    jobs = Jobs(seen, cache)
    record = jobs.submit_read("a", (str(clip),))
    until(lambda: _early(jobs.get(record.id)))
    worker = jobs._reading._worker
    jobs.close()
    assert worker is not None
    assert process_gone(worker.pid)
    assert not [path for path in cache.root.iterdir() if path.name.startswith(".part")]


def test_no_worker_outlives_a_server_that_is_killed():
    script = """
    import sys, time
    from postfocus.app.worker import WorkerProcess
    if __name__ == "__main__":
        worker = WorkerProcess("test")
        print(worker.pid, flush=True)
        time.sleep(1000)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        pid = int(server.stdout.readline())
        assert not process_gone(pid)
        server.kill()
    until(lambda: process_gone(pid) or _zombie(pid))


def _zombie(pid: int) -> bool:
    """Ended, but nobody has asked: in a container without an init process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_worker_says_when_it_is_gone():
    worker = WorkerProcess("test")
    os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(EOFError):
        until(lambda: worker.receive(0.1))
    worker.kill()
