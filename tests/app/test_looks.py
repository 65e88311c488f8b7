"""Two requests at once change what was kept: neither change is lost, and nobody meanwhile finds nothing."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from postfocus.app.look_file import Chosen
from postfocus.app.looks import NOTHING, change_choice, kept_choice
from postfocus.model.look import Look, Place

ROUNDS = 40


@pytest.fixture
def sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("POSTFOCUS_CACHE", str(tmp_path / "cache"))
    clip = tmp_path / "P1.mp4"
    clip.write_bytes(b"")
    return SimpleNamespace(home=tmp_path, inputs=(clip,), stem="P1", fingerprint="f")


def test_of_two_changes_at_once_none_is_lost(sweep: Any) -> None:
    for number in range(ROUNDS):
        look = Look(focus=Place(number / ROUNDS, 0.5))
        start = threading.Barrier(2)

        def change(make: Any, start: threading.Barrier = start) -> None:
            start.wait()
            change_choice(sweep, make)

        changes = (
            lambda before, look=look: Chosen(look, before.kept),
            lambda before, number=number: Chosen(before.look, (number,)),
        )
        threads = [threading.Thread(target=change, args=(make,)) for make in changes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert kept_choice(sweep) == Chosen(look, (number,))


def test_while_a_choice_is_changed_the_old_one_or_the_new_one_is_found(sweep: Any) -> None:
    change_choice(sweep, lambda _: Chosen(Look(), (0,)))
    end = threading.Event()

    def change() -> None:
        for number in range(ROUNDS):
            change_choice(sweep, lambda before, number=number: Chosen(before.look, (number + 1,)))
        end.set()

    thread = threading.Thread(target=change)
    thread.start()
    found = []
    while not end.is_set():
        found.append(kept_choice(sweep))
    thread.join()
    assert found
    assert NOTHING not in found
