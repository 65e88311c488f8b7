"""What a full-size merge has to say, what it held still and what is never sharp in it, is seen over it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Route, expect

from postfocus.synth.sweep import SweepSettings
from postfocus.synth.write import write_simulation
from tests.browser.conftest import Opener
from tests.browser.person import Person
from tests.browser.seen import look
from tests.support.served import serve

FLOWN = SweepSettings(scene="still-life", width=1280, height=720, frames=16, seed=3, blur=5.0, mover=True)

LATE = SweepSettings(
    scene="still-life", width=1280, height=720, frames=16, seed=3, blur=3.0,
    focus=tuple(np.linspace(0.4, 1.04, 16).round(4).tolist()),
)  # fmt: skip
"""It begins behind the nearest things."""


def merge(someone: Person) -> None:
    """Open the only sweep and see its merge at full size."""
    someone.go()
    someone.only_sweep()
    someone.ready()
    someone.press("a", "1")
    someone.until("document.querySelector('post-focus').mergeKey !== null", seconds=60)


def test_what_was_held_still_is_marked_on_the_merge(person: Opener, tmp_path: Path) -> None:
    clip = tmp_path / "flown.mp4"
    write_simulation(FLOWN, clip)
    with serve(clip, cache=tmp_path / "cache", log=tmp_path / "log.txt") as server:
        someone = person(server)
        merge(someone)
        someone.until("document.querySelector('.made') && !document.querySelector('.made').hidden")
        someone.page.wait_for_timeout(1500)
        before = look(someone.page).pixels.astype(int)
        held = someone.button("Held still")
        held.click()
        someone.page.mouse.move(4, 4)
        assert held.get_attribute("aria-pressed") == "true"
        someone.until("document.querySelector('img.marks').naturalWidth > 0")
        someone.page.wait_for_timeout(400)
        after = look(someone.page).pixels.astype(int)
        marked = np.abs(after - before).sum(axis=2) > 60
        assert 0.002 < marked.mean() < 0.1
        for zoom in ("+", "0"):
            someone.press(zoom)
            someone.page.wait_for_timeout(700)
            left, top, width, height = someone.page.evaluate(
                "(() => { const b = document.querySelector('img.marks').getBoundingClientRect();"
                " return [b.left, b.top, b.width, b.height]; })()"
            )
            shown = look(someone.page)
            assert width == pytest.approx(shown.right - shown.left, rel=0.02)
            assert left == pytest.approx(shown.at(0, 0)[0], abs=30)
            assert top == pytest.approx(shown.at(0, 0)[1], abs=30)
            assert height == pytest.approx(width * 9 / 16, rel=0.01)
        held.click()
        someone.until("document.querySelector('img.marks').hidden")
        someone.press("t")
        someone.until("document.querySelector('.made').hidden")


def test_what_is_never_sharp_is_told_and_marked(person: Opener, tmp_path: Path) -> None:
    clip = tmp_path / "late.mp4"
    write_simulation(LATE, clip)
    with serve(clip, cache=tmp_path / "cache", log=tmp_path / "log.txt") as server:
        someone = person(server)
        merge(someone)
        expect(someone.page.locator(".made")).to_contain_text("is sharp in no merged frame")
        expect(someone.page.locator(".made")).to_contain_text("begin nearer next time")
        expect(someone.button("Held still")).to_have_count(0)
        someone.button("Never sharp").click()
        someone.until("document.querySelector('img.marks').naturalWidth > 0")
        someone.button("Never sharp").click()
        someone.until("document.querySelector('img.marks').hidden")


def test_the_notes_of_a_merge_are_said_as_plain_text(person: Opener, tmp_path: Path) -> None:
    """The page asks for a moment in which what flies is blurred, as a Look may."""
    clip = tmp_path / "flown.mp4"
    write_simulation(FLOWN, clip)

    def ask_for_the_last_moment(route: Route) -> None:
        body = {**route.request.post_data_json, "look": {"reference": FLOWN.frames - 1}}
        route.continue_(post_data=json.dumps(body))

    with serve(clip, cache=tmp_path / "cache", log=tmp_path / "log.txt") as server:
        someone = person(server)
        someone.page.route("**/merge", ask_for_the_last_moment)
        merge(someone)
        words = someone.page.locator(".made .notes-list")
        assert "What moves is out of focus in frame 15" in words.inner_text()
