from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.bracket import write_bracket
from tests.browser.conftest import Opener
from tests.browser.known import FRAMES, Known
from tests.browser.person import PHONE, PHONE_ON_ITS_SIDE, Person
from tests.browser.seen import assert_frame
from tests.support.served import serve

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RUN_AXE = """async () => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const found = await axe.run(document, {runOnly: tags});
  return found.violations.map(({id, impact, nodes}) =>
    ({id, impact, where: nodes.map((n) => n.target.join(' ') + ': ' + n.failureSummary)}));
}"""


def findings(someone: Person) -> list[Any]:
    """Serious and critical findings of axe-core."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed; 'make check' installs it")
    someone.page.evaluate(AXE.read_text("utf-8"))
    return [f for f in someone.page.evaluate(RUN_AXE) if f["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_has_no_serious_finding(theme: str, person: Opener, tripod: Known) -> None:
    someone = person()
    someone.open(tripod)
    someone.page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    spot = tripod.spot("books")
    someone.click((spot.x, spot.y))
    assert findings(someone) == []
    someone.press("s")
    someone.page.get_by_role("dialog").wait_for()
    assert findings(someone) == []
    someone.press("Escape", "?")
    someone.page.get_by_role("dialog").wait_for()
    assert findings(someone) == []
    someone.press("Escape", "r")
    assert findings(someone) == []
    someone.press("b")
    assert findings(someone) == []
    someone.press("Escape", "g")
    someone.page.wait_for_url("**/#/")
    someone.page.wait_for_timeout(500)
    assert findings(someone) == []


@pytest.mark.parametrize("held", [PHONE, PHONE_ON_ITS_SIDE], ids=["upright", "on its side"])
def test_axe_has_no_serious_finding_on_a_phone(held: dict[str, Any], person: Opener, tripod: Known) -> None:
    someone = person(**held)
    someone.open(tripod)
    spot = tripod.spot("books")
    someone.tap((spot.x, spot.y))
    someone.press("p", "d")
    assert findings(someone) == []
    someone.press("d", "a", "s")
    someone.page.get_by_role("dialog").wait_for()
    assert findings(someone) == []
    someone.press("Escape")
    someone.button("More").first.click()
    someone.page.get_by_role("dialog").wait_for()
    assert findings(someone) == []


def test_axe_has_no_serious_finding_where_something_is_wrong(person: Opener, tmp_path: Path) -> None:
    stills = write_bracket(tmp_path / "card" / "fern", 6, 640, 360)
    stills[2].write_bytes(stills[2].read_bytes()[:900])
    (tmp_path / "card" / "cut.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(3000))
    with serve(tmp_path / "card", cache=tmp_path / "cache", log=tmp_path / "log.txt") as server:
        someone = person(server)
        someone.go()
        expect(someone.page.locator(".card-trouble:visible")).to_have_count(1, timeout=60_000)
        assert findings(someone) == []
        briefs = {b["name"]: b["id"] for b in someone.ask("/api/state")["json"]["sweeps"]}
        someone.page.goto(f"{server.base}/#/s/{briefs['cut']}")
        expect(someone.page.get_by_role("alert")).to_be_visible()
        assert findings(someone) == []
        someone.until(READY)
        someone.page.goto(f"{server.base}/#/s/{briefs['fern']}")
        someone.button("1 note on this sweep").click()
        assert findings(someone) == []
        someone.press("Escape", "a", "s")
        expect(someone.page.locator(".merge-notes")).to_be_visible()
        assert findings(someone) == []


READY = """async () => {
  const state = await (await fetch('/api/state')).json();
  return state.sweeps.some((one) => one.state === 'ready');
}"""


def test_everything_can_be_done_with_the_keyboard(person: Opener, tripod: Known) -> None:
    someone = person(accept_downloads=True)
    reference = someone.open(tripod)["reference"]
    # The picture has the focus on arrival. The place is moved from the middle to the books.
    books = tripod.place(tripod.spot("books"), reference)
    someone.listen("pf-pick")
    for _ in range(12):
        someone.page.keyboard.press("Shift+ArrowLeft")
        someone.page.wait_for_timeout(30)
    someone.heard("pf-pick")
    someone.page.wait_for_timeout(600)
    assert abs(someone.slot - tripod.spot("books").frame) < 0.75
    assert_frame(someone.page, tripod, round(someone.slot), reference, books, (0.26, 0.5))
    best = round(someone.slot)
    someone.press("ArrowLeft", "ArrowLeft")
    someone.settle(best - 2)
    someone.press("Enter")
    someone.settle(best)
    someone.press("?")
    expect(someone.page.get_by_role("dialog")).to_be_visible()
    someone.press("Escape")
    expect(someone.page.get_by_role("dialog")).to_be_hidden()
    # Tab reaches the bar, which is a slider that says where it stands.
    for _ in range(30):
        someone.press("Tab")
        if someone.page.evaluate(FOCUSED)["role"] == "slider":
            break
    bar = someone.page.evaluate(FOCUSED)
    assert bar["role"] == "slider"
    assert bar["text"].startswith(f"Frame {best} of 0 to {FRAMES - 1}"), bar
    someone.press("ArrowRight")
    someone.settle(best + 1)
    bar = someone.page.evaluate(FOCUSED)
    assert bar["text"].startswith(f"Frame {best + 1} of 0 to {FRAMES - 1}"), bar
    # Every stop of a whole round shows where the focus is, and none is a trap.
    seen = []
    for _ in range(40):
        someone.press("Tab")
        seen.append(someone.page.evaluate(FOCUSED)["name"])
    assert len(set(seen)) > 8, seen
    assert any("Save" in name for name in seen)


FOCUSED = """() => {
  let e = document.activeElement;
  while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
  return {role: e?.getAttribute('role') ?? '', text: e?.getAttribute('aria-valuetext') ?? '',
    name: (e?.getAttribute('aria-label') ?? e?.textContent ?? '').trim() || e?.tagName || ''};
}"""


def test_a_screen_reader_is_told_what_was_found(person: Opener, tripod: Known) -> None:
    someone = person()
    reference = someone.open(tripod)["reference"]
    books = tripod.place(tripod.spot("books"), reference)
    someone.click(books)
    live = someone.page.get_by_role("status")
    found = f"Frame {round(someone.slot)}. Sharp at this place."
    expect(live.filter(has_text=found)).to_have_count(1)
    someone.click((0.06, 0.2))
    expect(live.filter(has_text="No sharp frame here")).to_have_count(1)


def test_reduced_motion_cuts(person: Opener, tripod: Known) -> None:
    someone = person()
    reference = someone.open(tripod)["reference"]
    start = someone.slot
    someone.page.wait_for_timeout(500)
    assert someone.slot == start, "there is no opening rack"
    someone.press("End")
    someone.page.wait_for_timeout(120)
    assert_frame(someone.page, tripod, FRAMES - 1, reference)
