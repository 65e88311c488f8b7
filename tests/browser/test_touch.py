from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Route

from tests.browser.conftest import Opener
from tests.browser.known import Known
from tests.browser.person import PAINTED
from tests.browser.seen import assert_frame, distance, look

WALL = (0.06, 0.2)


@pytest.mark.parametrize("clip", ["handheld", "tripod"])
def test_each_thing_is_sharp_where_it_is_clicked(
    clip: str, person: Opener, request: pytest.FixtureRequest
) -> None:
    known: Known = request.getfixturevalue(clip)
    someone = person(reduced_motion="no-preference")
    reference = someone.open(known)["reference"]
    for spot in known.spots:
        place = known.place(spot, reference)
        pick = someone.click(place)
        assert pick["state"] == "in focus", spot
        slot = round(someone.slot)
        assert abs(slot - spot.frame) < 0.75, spot
        assert abs(pick["frame"] - spot.frame) < 0.75, spot
        assert_frame(someone.page, known, slot, reference, place)


def test_a_plain_wall_says_why_and_leaves_the_picture(person: Opener, tripod: Known) -> None:
    someone = person()
    reference = someone.open(tripod)["reference"]
    books = tripod.place(tripod.spot("books"), reference)
    someone.click(books)
    slot = round(someone.slot)
    pick = someone.click(WALL)
    assert pick["state"] == "no texture"
    assert_frame(someone.page, tripod, slot, reference, books, WALL)
    assert someone.page.get_by_text("Too plain to focus on").first.is_visible()


def test_dragging_goes_on_refocusing(person: Opener, tripod: Known) -> None:
    someone = person()
    reference = someone.open(tripod)["reference"]
    near, far = (tripod.place(tripod.spot(name), reference) for name in ("coin stack", "vase"))
    mouse = someone.page.mouse
    x0, y0 = someone.point(*near)
    x1, y1 = someone.point(*far)
    mouse.move(x0, y0)
    mouse.down()
    slots = []
    for t in np.linspace(0, 1, 12):
        mouse.move(x0 + t * (x1 - x0), y0 + t * (y1 - y0))
        someone.page.wait_for_timeout(60)
        slots.append(someone.slot)
    mouse.up()
    someone.settle()
    assert abs(slots[0] - tripod.spot("coin stack").frame) < 2
    assert abs(someone.slot - tripod.spot("vase").frame) < 0.75
    assert len({round(s) for s in slots}) >= 3, slots
    assert_frame(someone.page, tripod, round(someone.slot), reference, far)


def test_nothing_jumps_between_frames_of_a_moving_hand(person: Opener, handheld: Known) -> None:
    """Every frame lies on the truth's frame within a pixel: seen against a moved truth it is farther off."""
    someone = person()
    reference = someone.open(handheld)["reference"]
    for slot in (0, 6, 13):
        someone.page.evaluate("(slot) => { document.querySelector('post-focus').slot = slot; }", slot)
        someone.settle(slot)
        shown = look(someone.page)
        where = shown.free()
        truth = handheld.seen(slot, reference)
        here = distance(shown, truth, where)
        for move in ((0, 3), (0, -3), (3, 0), (-3, 0)):
            assert here < distance(shown, np.roll(truth, move, (0, 1)), where), (slot, move)


@pytest.mark.parametrize("how", ["key", "bar", "click"])
def test_any_input_ends_the_opening_rack_and_is_obeyed(how: str, person: Opener, tripod: Known) -> None:
    someone = person(reduced_motion="no-preference")
    reference = someone.open(tripod)["reference"]
    coins = tripod.place(tripod.spot("coin stack"), reference)
    someone.page.reload()
    someone.until(PAINTED)
    someone.until("() => document.querySelector('post-focus').slot > 0.5", seconds=3)
    if how == "key":
        someone.press("Home")
        wanted = 0
    elif how == "bar":
        box = someone.page.locator("focus-bar").bounding_box()
        assert box is not None
        someone.page.mouse.click(box["x"] + 0.97 * box["width"], box["y"] + box["height"] / 2)
        wanted = 13
    else:
        someone.click(coins)
        wanted = 3
    someone.page.wait_for_timeout(1600)
    assert round(someone.slot) == wanted
    assert_frame(someone.page, tripod, wanted, reference, coins)


CANVAS = """() => {
  const canvas = document.querySelector('post-focus').shadowRoot.querySelector('canvas.picture');
  return [canvas.width / canvas.clientWidth, canvas.height / canvas.clientHeight];
}"""


def test_where_drawing_is_slow_motion_is_coarse_and_rest_is_not(person: Opener, tripod: Known) -> None:
    someone = person()
    reference = someone.open(tripod)["reference"]
    someone.page.evaluate("document.querySelector('post-focus').pace.coarse = true")
    seen = []
    for slot in range(3, 11):
        someone.page.evaluate("(slot) => { document.querySelector('post-focus').slot = slot; }", slot)
        someone.page.wait_for_timeout(30)
        seen.append(someone.page.evaluate(CANVAS))
    assert [0.3, 0.3] in [[round(v, 1) for v in size] for size in seen], seen
    someone.settle(10)
    someone.until(f"() => ({CANVAS})().every((share) => share === 1)")
    assert_frame(someone.page, tripod, 10, reference)
    fine = look(someone.page)
    someone.page.evaluate("document.querySelector('post-focus').pace.coarse = false")
    someone.page.evaluate("document.querySelector('post-focus').dirty()")
    someone.page.wait_for_timeout(200)
    assert np.array_equal(look(someone.page).pixels, fine.pixels)


def test_the_depth_map_shows_a_frame_before_the_answer_comes(person: Opener, tripod: Known) -> None:
    someone = person()
    reference = someone.open(tripod)["reference"]
    books = tripod.place(tripod.spot("books"), reference)
    vase = tripod.place(tripod.spot("vase"), reference)
    someone.click(books)
    held: list[Route] = []
    someone.page.route("**/pick?*", lambda route: held.append(route))
    someone.page.mouse.click(*someone.point(*vase))
    someone.settle()
    for _ in range(50):
        if held:
            break
        someone.page.wait_for_timeout(100)
    assert held, "nobody was asked"
    assert abs(someone.slot - tripod.spot("vase").frame) < 1.5
    assert_frame(someone.page, tripod, round(someone.slot), reference, vase)
    someone.listen("pf-pick")
    held[0].continue_()
    assert someone.heard("pf-pick")["pick"]["state"] == "in focus"
    someone.settle()
    assert abs(someone.slot - tripod.spot("vase").frame) < 0.75
