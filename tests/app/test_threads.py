"""However many requests hang in a slow disk, the threads that serve them stay few, and serve again."""

from __future__ import annotations

import asyncio
import threading

import pytest

from postfocus.app import asked, routes
from postfocus.app.studio import LOOKING
from postfocus.app.threads import Threads
from tests.app.serving import Page

COINS = {"x": 0.815, "y": 0.85}


def test_requests_that_were_given_up_leave_no_heap_of_threads(
    page: Page, sweep: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    before = threading.active_count()
    with monkeypatch.context() as patch:
        patch.setattr(asked, "PATIENCE", 0.05)
        patch.setattr(routes, "touched", lambda *_: release.wait(30))
        try:
            for _ in range(4 * LOOKING):
                assert page.client.get(f"{sweep}/pick", params=COINS).status_code == 503
            assert threading.active_count() <= before + LOOKING
        finally:
            release.set()
    assert page.get(f"{sweep}/pick", params=COINS)["state"]


def test_work_is_done_by_few_threads_and_what_nobody_waits_for_never_begins() -> None:
    release, done = threading.Event(), list[int]()
    threads = Threads("test", 2)

    def work(number: int) -> int:
        release.wait(20)
        done.append(number)
        return number

    async def ask() -> list[int]:
        tasks = [asyncio.create_task(threads.run(work, number)) for number in range(6)]
        await asyncio.sleep(0.05)
        assert sum(thread.name.startswith("test-") for thread in threading.enumerate()) == 2
        tasks[5].cancel()
        await asyncio.sleep(0)
        release.set()
        return [await task for task in tasks[:5]]

    try:
        assert asyncio.run(ask()) == [0, 1, 2, 3, 4]
        assert sorted(done) == [0, 1, 2, 3, 4]
    finally:
        threads.close()


def test_what_goes_wrong_in_a_thread_is_told_and_the_thread_serves_on() -> None:
    threads = Threads("test", 1)

    async def ask() -> int:
        with pytest.raises(ZeroDivisionError):
            await threads.run(lambda: 1 // 0)
        return await threads.run(lambda: 7)

    try:
        assert asyncio.run(ask()) == 7
    finally:
        threads.close()


def test_behind_a_thread_that_hangs_only_what_somebody_waits_for_is_kept() -> None:
    release = threading.Event()
    threads = Threads("test", 1)

    async def ask() -> int:
        hanging = asyncio.create_task(threads.run(release.wait, 20))
        for _ in range(50):
            one = asyncio.create_task(threads.run(int))
            await asyncio.sleep(0)
            one.cancel()
            await asyncio.sleep(0)
        kept = len(threads._waiting)
        release.set()
        assert await hanging
        return kept

    try:
        assert asyncio.run(ask()) <= 1
    finally:
        threads.close()


def test_work_after_the_end_and_an_odd_error_let_nobody_wait_for_ever() -> None:
    threads = Threads("test", 1)

    async def ask() -> None:
        with pytest.raises(RuntimeError, match="StopIteration"):
            await asyncio.wait_for(threads.run(lambda: next(iter(()))), 20)
        threads.close()
        while any(thread.name.startswith("test-") for thread in threading.enumerate()):
            await asyncio.sleep(0.01)
        assert await asyncio.wait_for(threads.run(lambda: 7), 20) == 7

    asyncio.run(ask())
