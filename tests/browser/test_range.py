from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Route, expect

import postfocus
from postfocus.model.look import Frames, Look, Place
from tests.browser.conftest import Opener
from tests.browser.known import Known
from tests.browser.seen import assert_frame, distance, look


@pytest.fixture(scope="module")
def merged(tripod: Known) -> dict[str, NDArray[np.uint8]]:
    """What the command line makes: everything, and from the coins to the fruit."""
    with postfocus.index(tripod.path) as scene:
        coins, fruit = tripod.spot("coin stack"), tripod.spot("fruit")
        looks = {"all": Look(), "range": Look(near=Place(coins.x, coins.y), far=Place(fruit.x, fruit.y))}
        return {name: (scene.stack(chosen).pixels >> 8).astype(np.uint8) for name, chosen in looks.items()}


def test_a_range_of_two_touches_is_sharp_inside_and_blurred_outside(
    person: Opener, tripod: Known, merged: dict[str, NDArray[np.uint8]]
) -> None:
    someone = person()
    someone.open(tripod)
    someone.press("r")
    for name in ("coin stack", "fruit"):
        spot = tripod.spot(name)
        someone.page.mouse.click(*someone.point(spot.x, spot.y))
        someone.page.wait_for_timeout(300)
    someone.page.mouse.move(4, 4)
    someone.page.wait_for_timeout(1500)
    shown = look(someone.page)
    places = [(tripod.spot(name).x, tripod.spot(name).y) for name in ("coin stack", "fruit")]
    where = shown.free(*places)
    found = distance(shown, merged["range"], where)
    assert found < 6, f"{found:.1f} levels from the merge of the command line"
    singles = [distance(shown, frame, where) for frame in tripod.frames]
    assert found < min(singles), "a range is more than one frame"
    assert found < distance(shown, merged["all"], where), "what is behind the range stays blurred"


def test_all_sharp_is_sharper_than_any_frame(
    person: Opener, tripod: Known, merged: dict[str, NDArray[np.uint8]]
) -> None:
    someone = person()
    someone.open(tripod)
    someone.press("a")
    someone.page.mouse.move(4, 4)
    someone.page.wait_for_timeout(1500)
    shown = look(someone.page)
    where = shown.free()
    found = distance(shown, tripod.truth.codes(8), where)
    assert found < 6
    assert found < min(distance(shown, frame, where) for frame in tripod.frames)
    assert distance(shown, merged["all"], where) < 5


def test_comparing_shows_all_sharp_while_a_key_is_held(person: Opener, tripod: Known) -> None:
    someone = person()
    someone.open(tripod)
    someone.press("Home")
    someone.settle(0)
    someone.page.mouse.move(4, 4)
    truth = tripod.truth.codes(8)
    before = look(someone.page)
    someone.page.keyboard.down("x")
    someone.page.wait_for_timeout(1200)
    held = look(someone.page)
    someone.page.keyboard.up("x")
    someone.settle(0)
    after = look(someone.page)
    where = before.free()
    assert distance(held, truth, where) < 0.6 * distance(before, truth, where)
    assert np.abs(after.pixels.astype(int) - before.pixels)[where].mean() < 1


def test_two_places_of_one_focus_are_no_range_and_a_third_stretches_it(person: Opener, tripod: Known) -> None:
    someone = person()
    someone.open(tripod)
    readout = someone.page.locator(".readout")
    coins, fruit, vase = ((tripod.spot(n).x, tripod.spot(n).y) for n in ("coin stack", "fruit", "vase"))
    someone.press("r")
    first = someone.click(coins)["slot"]
    someone.page.wait_for_timeout(350)  # sooner, it would be a double click
    someone.click((coins[0] + 0.004, coins[1]))
    expect(someone.page.locator("post-focus .plate", has_text="Sharp in the same frame")).to_be_visible()
    expect(readout).to_have_text("Choose two places")
    second = someone.click(fruit)["slot"]
    expect(readout).to_have_text(f"Frames {first} to {second} sharp")
    third = someone.click(vase)["slot"]
    expect(readout).to_have_text(f"Frames {first} to {third} sharp")
    someone.click(fruit)
    expect(someone.page.locator("post-focus .plate", has_text="Already in the range")).to_be_visible()
    expect(readout).to_have_text(f"Frames {first} to {third} sharp")


def test_range_begins_anew_and_undo_brings_the_old_one_back(person: Opener, tripod: Known) -> None:
    someone = person()
    someone.open(tripod)
    readout = someone.page.locator(".readout")
    someone.press("r")
    ends = [someone.click((tripod.spot(n).x, tripod.spot(n).y))["slot"] for n in ("coin stack", "fruit")]
    for key in ("t", "r"):
        someone.press(key)
        someone.page.wait_for_timeout(250)  # quick changes of one kind are one step of undo
    expect(readout).to_have_text("Choose two places")
    someone.press("Control+z", "Control+z")
    expect(readout).to_have_text(f"Frames {ends[0]} to {ends[1]} sharp")
    someone.press("t")
    expect(readout).to_contain_text("of 0–13")
    look = someone.kept_look()
    assert set(look) == {"frames"}, "the places of the range are not the place of the frame"


def test_leaving_a_range_shows_the_frame_chosen_before_and_the_next_touch_its_own(
    person: Opener, tripod: Known
) -> None:
    someone = person()
    reference = someone.open(tripod)["reference"]
    coins, fruit, vase = (
        tripod.place(tripod.spot(name), reference) for name in ("coin stack", "fruit", "vase")
    )
    someone.click(fruit)
    before = someone.slot

    def two_depths(route: Route) -> None:
        """Each place has a second depth, at the near end."""
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "second": 0})

    someone.page.route("**/pick?*", two_depths)
    someone.press("r")
    someone.click(coins)
    far = someone.click(vase)["slot"]
    assert far != before
    someone.press("t")
    someone.settle(before)
    assert_frame(someone.page, tripod, round(before), reference, fruit)
    pick = someone.click(vase)
    assert pick["slot"] == far
    assert_frame(someone.page, tripod, far, reference, vase)


def test_ranges_that_the_handles_cannot_make_are_shown_and_kept(person: Opener, tripod: Known) -> None:
    wanted = {"ranges": [{"first": 1, "last": 3}, {"first": 10, "last": 12}], "soft": 2}
    someone = person()
    someone.open(tripod)
    someone.ask(f"/api/sweeps/{someone.sweep}/look", "PUT", {"look": wanted, "kept": []})
    someone.page.reload()
    someone.ready()
    readout = someone.page.locator(".readout")
    expect(readout).to_have_text("Frames 1–3, 10–12 sharp")
    someone.page.mouse.move(4, 4)
    someone.page.wait_for_timeout(1500)
    shown = look(someone.page)
    looks = (Look.from_json(wanted), Look(frames=Frames(1, 12)))
    with postfocus.index(tripod.path) as scene:
        merges = [scene.stack(one).pixels >> 8 for one in looks]
    both, one = (distance(shown, merge.astype(np.uint8), shown.free()) for merge in merges)
    assert both < 6
    assert both < 0.8 * one
    someone.press("k", "b", "Home", "Shift+ArrowRight", "Enter", "Escape")
    kept = someone.kept_look()
    assert {name: kept[name] for name in wanted} == wanted
    assert len(kept["retouch"]) == 1
    someone.press("Home", "i")
    expect(readout).to_have_text("Frames 0 to 12 sharp")
    assert someone.kept_look()["frames"] == {"first": 0, "last": 12}
    assert "ranges" not in someone.kept_look()
