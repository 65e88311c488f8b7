from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.browser.known import FRAMES, Known
from tests.browser.seen import assert_frame, look


def grey(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Numbers as a grey picture `(H, W, 3)`."""
    return np.repeat(np.clip(values, 0, 255).astype(np.uint8)[..., None], 3, 2)


def test_dragging_the_bar_runs_through_the_frames(person: Opener, tripod: Known) -> None:
    someone = person()
    reference = someone.open(tripod)["reference"]
    box = someone.page.locator("focus-bar").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    slots = []
    someone.page.mouse.move(box["x"] + 0.1 * box["width"], y)
    someone.page.mouse.down()
    for t in np.linspace(0.1, 0.9, 17):
        someone.page.mouse.move(box["x"] + t * box["width"], y)
        someone.page.wait_for_timeout(30)
        slots.append(someone.slot)
    someone.page.mouse.up()
    someone.settle()
    assert slots == sorted(slots), "near is left and far is right"
    assert slots[-1] - slots[0] > FRAMES / 2
    assert someone.slot == round(someone.slot), "let go, the bar rests on a recorded frame"
    assert_frame(someone.page, tripod, round(someone.slot), reference)


def test_wheel_and_keys_step_by_frames(person: Opener, tripod: Known) -> None:
    someone = person()
    reference = someone.open(tripod)["reference"]
    someone.press("Home")
    someone.settle(0)
    assert_frame(someone.page, tripod, 0, reference)
    someone.press("ArrowRight", "ArrowRight")
    someone.settle(2)
    someone.press("PageDown")
    someone.settle(7)
    assert_frame(someone.page, tripod, 7, reference)
    someone.press("End")
    someone.settle(FRAMES - 1)
    assert_frame(someone.page, tripod, FRAMES - 1, reference)
    box = someone.page.locator("focus-bar").bounding_box()
    assert box is not None
    someone.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    someone.page.mouse.wheel(0, -100)
    someone.until("document.querySelector('post-focus').slot < 13")


def test_peaking_outlines_what_is_sharp_and_nothing_else(person: Opener, tripod: Known) -> None:
    someone = person()
    someone.open(tripod)
    depth, texture = tripod.truth.depth, tripod.truth.texture
    for slot in (4, 8):
        someone.page.evaluate("(slot) => { document.querySelector('post-focus').slot = slot; }", slot)
        someone.settle(slot)
        someone.page.mouse.move(5, 5)
        plain = look(someone.page)
        someone.press("p", "p")
        someone.settle(slot)
        peaked = look(someone.page)
        someone.press("p", "p")
        someone.settle(slot)
        changed = np.abs(peaked.pixels.astype(int) - plain.pixels).max(axis=2) > 24
        where = plain.free()
        lying = plain.laid(grey(np.abs(depth - slot) * 20))[..., 0] / 20
        rich = plain.laid(grey(texture * 8))[..., 0] > 100
        sharp = changed[where & rich & (lying < 0.8)].mean()
        blurred = changed[where & (lying > 3)].mean()
        assert sharp > 0.02, "what is sharp has no outline"
        assert sharp > 4 * blurred, f"outlined: {sharp:.3f} of the sharp, {blurred:.3f} of the blurred"


def test_the_depth_overlay_goes_from_near_to_far(person: Opener, tripod: Known) -> None:
    someone = person()
    someone.open(tripod)
    someone.page.mouse.move(5, 5)
    plain = look(someone.page)
    someone.press("d")
    someone.page.wait_for_timeout(1200)
    shown = look(someone.page)
    assert np.abs(shown.pixels.astype(int) - plain.pixels)[plain.free()].mean() > 8
    colours = []
    for name in ("coin stack", "vase"):
        spot = tripod.spot(name)
        x, y = (round(v) for v in shown.at(spot.x, spot.y))
        colours.append(shown.pixels[y - 6 : y + 7, x - 6 : x + 7].reshape(-1, 3).mean(axis=0))
    near, far = (colour[:2].mean() - colour[2] for colour in colours)
    assert near > far + 10, f"near is to be yellower than far: {colours}"


def test_the_button_of_peaking_says_how_strong_and_in_which_colour(person: Opener, tripod: Known) -> None:
    someone = person()
    someone.open(tripod)
    for words in (
        "Peaking",
        "Peaking, low, light blue",
        "Peaking, middle, light blue",
        "Peaking, high, light blue",
    ):
        expect(someone.button(words)).to_be_visible()
        someone.press("p")
    expect(someone.button("Peaking")).to_have_attribute("aria-pressed", "false")
    someone.press("p", "d")
    expect(someone.button("Peaking, low, light blue")).to_have_attribute("aria-disabled", "true")


def test_frames_have_the_numbers_of_the_look(person: Opener, tripod: Known) -> None:
    someone = person()
    someone.open(tripod)
    someone.press("Home", "ArrowRight", "k")
    expect(someone.page.locator(".readout")).to_have_text("Frame 1 of 0–13")
    assert someone.kept_look() == {"frames": {"first": 1, "last": 1}}
    someone.press("s")
    panel = someone.page.get_by_role("dialog")
    expect(panel.locator(".name-field bdi")).to_have_text("tripod_focus-0001.jpg")
    expect(panel.locator(".what", has_text="Kept frames").locator(".worth")).to_have_text("1")


def test_looking_at_all_sharp_forgets_no_choice(person: Opener, tripod: Known) -> None:
    someone = person()
    someone.open(tripod)
    someone.press("Home", "ArrowRight")
    assert someone.kept_look() == {"frames": {"first": 1, "last": 1}}
    someone.press("a")
    assert someone.kept_look() == {"frames": {"first": 1, "last": 1}}


def test_escape_puts_away_the_loupe_and_the_depth_before_anything_else(person: Opener, tripod: Known) -> None:
    someone = person()
    someone.open(tripod)
    address = someone.page.url
    someone.press("d", "l")
    expect(someone.button("Loupe, 200 %")).to_have_attribute("aria-pressed", "true")
    someone.press("Escape")
    expect(someone.button("Loupe")).to_have_attribute("aria-pressed", "false")
    expect(someone.button("Depth")).to_have_attribute("aria-pressed", "true")
    someone.press("Escape")
    expect(someone.button("Depth")).to_have_attribute("aria-pressed", "false")
    assert someone.page.url == address
