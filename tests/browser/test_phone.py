from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Opener
from tests.browser.known import Known
from tests.browser.person import PHONE, PHONE_ON_ITS_SIDE, Person
from tests.browser.seen import assert_frame, distance, look


class Hand:
    """Fingers on the glass."""

    def __init__(self, someone: Person) -> None:
        self.devtools: Any = someone.page.context.new_cdp_session(someone.page)

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        """Put fingers down (`touchStart`), move them, or lift them (`touchEnd`)."""
        touches = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
        self.devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


@pytest.mark.parametrize("held", [PHONE, PHONE_ON_ITS_SIDE], ids=["upright", "on its side"])
def test_a_tap_focuses_and_nothing_is_cut_off(held: dict[str, Any], person: Opener, tripod: Known) -> None:
    someone = person(**held)
    reference = someone.open(tripod)["reference"]
    books = tripod.place(tripod.spot("books"), reference)
    pick = someone.tap(books)
    assert pick["state"] == "in focus"
    assert abs(someone.slot - tripod.spot("books").frame) < 0.75
    shown = look(someone.page)
    where = shown.free(books)
    distances = [distance(shown, frame, where) for frame in tripod.frames]
    assert distances.index(min(distances)) == round(someone.slot)
    size = someone.page.evaluate("[document.documentElement.scrollWidth, innerWidth, innerHeight]")
    assert size[0] <= size[1]
    assert shown.left >= -1
    assert shown.right <= size[1] * 2 + 1
    assert someone.page.get_by_role("button", name="Save").first.is_visible()
    assert someone.page.get_by_role("slider").first.is_visible()


def test_a_pinch_zooms_and_a_long_press_compares(person: Opener, tripod: Known) -> None:
    someone = person(**PHONE)
    reference = someone.open(tripod)["reference"]
    someone.page.evaluate("() => { document.querySelector('post-focus').slot = 0; }")
    someone.settle(0)
    assert_frame(someone.page, tripod, 0, reference)
    hand = Hand(someone)
    x, y = someone.point(0.5, 0.5)
    before = someone.point(1, 0)[0] - someone.point(0, 0)[0]
    hand.touch("touchStart", (x - 30, y), (x + 30, y))
    for step in range(1, 9):
        hand.touch("touchMove", (x - 30 - 10 * step, y), (x + 30 + 10 * step, y))
    hand.touch("touchEnd")
    someone.page.wait_for_timeout(500)
    after = someone.point(1, 0)[0] - someone.point(0, 0)[0]
    assert after / before == pytest.approx(220 / 60, rel=0.25)
    assert someone.slot == 0, "a pinch does not refocus"
    shown = look(someone.page)
    truth = tripod.truth.codes(8)
    where = shown.free()
    plain = distance(shown, truth, where)
    hand.touch("touchStart", (x, y))
    someone.page.wait_for_timeout(1600)
    held = distance(look(someone.page), truth, where)
    hand.touch("touchEnd")
    someone.page.wait_for_timeout(400)
    released = distance(look(someone.page), truth, where)
    assert held < 0.7 * plain, "everything is sharp while the finger rests"
    assert released == pytest.approx(plain, rel=0.1)


@pytest.mark.parametrize(
    ("held", "way"), [(PHONE, (0, 1)), (PHONE_ON_ITS_SIDE, (1, 0))], ids=["upright", "side"]
)
def test_a_panel_is_pushed_away_with_a_finger(
    held: dict[str, Any], way: tuple[int, int], person: Opener, tripod: Known
) -> None:
    someone = person(**held)
    someone.open(tripod)
    someone.press("s")
    panel = someone.page.get_by_role("dialog")
    panel.wait_for()
    someone.page.wait_for_timeout(300)
    if way == (1, 0):  # the picture is whole beside it
        box = panel.bounding_box()
        assert box is not None
        assert someone.point(1, 0)[0] <= box["x"] + 1
    grip = panel.locator("h2").bounding_box()
    assert grip is not None
    x, y = grip["x"] + 10, grip["y"] + 10
    hand = Hand(someone)
    hand.touch("touchStart", (x, y))
    for step in range(1, 9):
        hand.touch("touchMove", (x + 20 * step * way[0], y + 20 * step * way[1]))
    hand.touch("touchEnd")
    panel.wait_for(state="detached")
