"""Threads that read at once disturb one another in Python's parser; nothing comes of it."""

import ast
import gc
import sys
import threading
import time
import traceback
from collections.abc import Generator
from typing import Any

import pytest

from postfocus.app.failure import failure_of
from postfocus.io.index_folder import read_index, write_index
from postfocus.io.parser import DISTURBED, TRIES, undisturbed
from tests.io.test_index_folder import same
from tests.support.scenes import an_index

HEADER = "{'descr': '<f4', 'fortran_order': False, 'shape': (270, 480), }"


@pytest.fixture
def taking_turns() -> Generator[None]:
    """Threads change places wherever Python frees memory."""

    def pause(*_: object) -> None:
        time.sleep(1e-5)

    before, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.callbacks.append(pause)
    gc.set_threshold(5)
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*before)
    gc.callbacks.remove(pause)


def test_threads_that_parse_at_once_all_have_their_answer(taking_turns):
    found: list[object] = []

    def parse(depth: int) -> None:
        if depth:
            parse(depth - 1)
            return
        found.extend(undisturbed(lambda: ast.literal_eval(HEADER)) for _ in range(500))

    threads = [threading.Thread(target=parse, args=(depth,)) for depth in (3, 20, 40)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 1500
    assert all(header == ast.literal_eval(HEADER) for header in found)


@pytest.mark.parametrize(("words", "tries"), [(f"AST constructor {DISTURBED}", TRIES), ("worse", 1)])
def test_a_fault_that_stays_is_raised_and_another_one_at_once(words, tries):
    calls: list[int] = []

    def broken() -> None:
        calls.append(1)
        raise SystemError(words)

    with pytest.raises(SystemError, match=words):
        undisturbed(broken)
    assert len(calls) == tries


class Disturbed:
    """A function that another thread disturbs the first time it is called."""

    def __init__(self, real: Any) -> None:
        self.real, self.calls = real, 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        if self.calls == 1:
            raise SystemError("AST constructor recursion depth mismatch (before=180, after=56)")
        return self.real(*args, **kwargs)


def test_an_index_is_read_though_another_thread_parses(tmp_path, monkeypatch):
    index = an_index()
    write_index(index, tmp_path)
    disturbed = Disturbed(ast.literal_eval)
    monkeypatch.setattr(ast, "literal_eval", disturbed)
    assert same(read_index(tmp_path), index)
    assert disturbed.calls > 1


def test_an_error_is_told_though_another_thread_parses(monkeypatch):
    disturbed = Disturbed(traceback.format_exception)
    monkeypatch.setattr(traceback, "format_exception", disturbed)
    assert "odd pixels" in failure_of(ArithmeticError("odd pixels")).detail
    assert disturbed.calls == 2
