from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

import postfocus
from postfocus.model.look import Look
from tests.browser.conftest import Opener
from tests.browser.known import Known
from tests.browser.person import PHONE, Person
from tests.browser.seen import look
from tests.browser.test_save import by_command, saved

FROM, TO = (0.17, 0.46), (0.31, 0.62)
WAIT = 500
"""Milliseconds in which a stroke is drawn in software rendering."""


def take_brush(someone: Person, source: str = "Home") -> None:
    """All sharp, the brush in hand, painting from the frame at one end of the bar."""
    someone.press("a")
    someone.page.wait_for_timeout(1200)
    someone.press("b", source)
    someone.page.wait_for_timeout(WAIT)


def paint(someone: Person, start: tuple[float, float] = FROM, end: tuple[float, float] = TO) -> None:
    """Draw a line with the left button."""
    mouse = someone.page.mouse
    mouse.move(*someone.point(*start))
    mouse.down()
    for part in np.linspace(0, 1, 12):
        x, y = ((1 - part) * a + part * b for a, b in zip(start, end, strict=True))
        mouse.move(*someone.point(x, y))
    someone.page.wait_for_timeout(WAIT)


def lift(someone: Person) -> None:
    someone.page.mouse.up()
    someone.page.mouse.move(4, 4)
    someone.page.wait_for_timeout(WAIT)


def strokes(someone: Person) -> list[dict[str, Any]]:
    return list((someone.kept_look() or {}).get("retouch", []))


def along(shown: Any, offset: float) -> NDArray[np.intp]:
    """Page pixels `(N, 2)`, x and y, on the line that was painted; `offset` page pixels to its side."""
    a, b = np.array(shown.at(*FROM)), np.array(shown.at(*TO))
    way = (b - a) / np.hypot(*(b - a))
    side = np.array([-way[1], way[0]])
    return np.rint(a + np.linspace(0.1, 0.9, 60)[:, None] * (b - a) + offset * side).astype(int)


def levels(pixels: NDArray[np.uint8], where: NDArray[np.intp]) -> NDArray[np.float64]:
    """Mean of 3 x 3 pixels at places."""
    x, y = where.T
    around = [pixels[y + j, x + i].astype(float) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return np.asarray(np.mean(around, axis=0), np.float64)


def test_a_stroke_shows_its_frame_at_once_and_only_there_and_is_undone(person: Opener, tripod: Known) -> None:
    someone = person()
    someone.open(tripod)
    take_brush(someone)
    someone.page.mouse.move(4, 4)
    someone.page.wait_for_timeout(WAIT)
    before = look(someone.page)
    paint(someone)
    while_down = look(someone.page)
    lift(someone)
    after = look(someone.page)
    frame = after.laid(tripod.frames[0])
    line = along(after, 0)
    for seen in (while_down, after):
        painted = levels(seen.pixels, line)
        assert np.abs(painted - levels(frame, line)).mean() < 4
        assert np.abs(painted - levels(before.pixels, line)).mean() > 8
    left, top = (int(v) for v in after.at(0.1, 0.35))
    right, bottom = (int(v) for v in after.at(0.4, 0.75))
    outside = np.ones(after.pixels.shape[:2], bool)
    outside[top:bottom, left:right] = False
    outside &= after.free()
    assert np.abs(after.pixels.astype(int) - before.pixels)[outside].max() <= 2
    someone.press("Control+z")
    someone.page.wait_for_timeout(WAIT)
    undone = look(someone.page)
    assert np.abs(undone.pixels.astype(int) - before.pixels)[after.free()].mean() < 0.1
    assert strokes(someone) == []
    someone.press("Control+y")
    someone.page.wait_for_timeout(WAIT)
    again = look(someone.page)
    assert np.abs(again.pixels.astype(int) - after.pixels)[after.free()].mean() < 0.1
    someone.page.keyboard.down("x")
    someone.page.wait_for_timeout(WAIT)
    compared = look(someone.page)
    someone.page.keyboard.up("x")
    assert np.abs(compared.pixels.astype(int) - before.pixels)[after.free()].mean() < 0.1


def test_what_was_painted_is_saved_at_full_size_and_found_again(
    person: Opener, handheld: Known, tmp_path: Path
) -> None:
    someone = person(accept_downloads=True)
    someone.open(handheld)
    take_brush(someone)
    someone.press("]", "{", "{")
    paint(someone)
    lift(someone)
    (stroke,) = strokes(someone)
    assert stroke["frame"] == 0
    assert stroke["softness"] == pytest.approx(0.3)
    assert stroke["points"][0] == pytest.approx(FROM, abs=2e-3)
    assert stroke["points"][-1] == pytest.approx(TO, abs=2e-3)
    shown = look(someone.page)
    name, got = saved(someone, "PNG")
    chosen = someone.kept_look()
    out = tmp_path / name
    by_command("stack", handheld.path, "--look", json.dumps(chosen), "-o", out)
    assert got == out.read_bytes()
    with postfocus.index(handheld.path) as scene:
        merged = (scene.stack(Look.from_json(chosen)).pixels >> 8).astype(np.uint8)
    line = along(shown, 0)
    assert np.abs(levels(shown.pixels, line) - levels(shown.laid(merged), line)).mean() < 4
    someone.open(handheld, keep_look=True)
    someone.page.wait_for_timeout(1500)
    expect(someone.page.get_by_role("radio", name="All sharp")).to_be_checked()
    again = look(someone.page)
    line = along(again, 0)
    assert np.abs(levels(again.pixels, line) - levels(again.laid(merged), line)).mean() < 4


def test_the_source_is_picked_by_touching_a_place_and_by_the_bar(person: Opener, tripod: Known) -> None:
    someone = person()
    reference = someone.open(tripod)["reference"]
    place = tripod.place(tripod.spot("books"), reference)
    wanted = someone.click(place)["slot"]
    take_brush(someone)
    source = someone.page.locator(".brushbar .source")
    expect(source).to_have_text("From frame 0")
    someone.press("e")
    expect(source).to_have_text("Click a place")
    someone.page.mouse.click(*someone.point(*place))
    expect(source).to_have_text(f"From frame {wanted}")
    someone.press("ArrowLeft")
    expect(source).to_have_text(f"From frame {wanted - 1}")
    someone.page.keyboard.down("Alt")
    someone.page.mouse.click(*someone.point(*place))
    someone.page.keyboard.up("Alt")
    expect(source).to_have_text(f"From frame {wanted}")
    assert strokes(someone) == []
    expect(someone.page.get_by_role("radio", name="All sharp")).to_be_checked()


def test_keys_alone_paint_and_put_the_brush_away(person: Opener, tripod: Known) -> None:
    someone = person()
    someone.open(tripod)
    take_brush(someone, "End")
    someone.press("Shift+ArrowRight", "Shift+ArrowUp", "Enter", "Shift+ArrowRight", "Enter")
    one, other = strokes(someone)
    assert one["points"] == [pytest.approx([0.52, 0.48], abs=0.01)]
    assert other["points"] == [pytest.approx([0.54, 0.48], abs=0.01)]
    assert one["frame"] == len(tripod.frames) - 1
    someone.press("Control+z")
    assert strokes(someone) == [one]
    bar = someone.page.locator(".brushbar")
    someone.button("Clear").click()
    assert strokes(someone) == []
    someone.press("Control+z")
    assert strokes(someone) == [one]
    someone.press("Escape")
    expect(bar).to_be_hidden()
    someone.press("b")
    expect(bar).to_be_visible()
    someone.press("t")
    expect(bar).to_be_hidden()
    assert strokes(someone) == [one], "one place is looked at, and what was painted stays"


TWO_FINGERS = """([a, b]) => {
  const view = document.querySelector('post-focus');
  const tell = (type, id, [x, y]) => view.dispatchEvent(new PointerEvent(type, {
    pointerId: id, pointerType: 'touch', clientX: x, clientY: y, button: 0, buttons: 1, bubbles: true,
    isPrimary: id === 1,
  }));
  view.setPointerCapture = () => undefined;
  tell('pointerdown', 1, a);
  tell('pointerdown', 2, b);
  for (let k = 1; k <= 10; k += 1) {
    tell('pointermove', 1, [a[0] - 6 * k, a[1]]);
    tell('pointermove', 2, [b[0] + 6 * k, b[1]]);
  }
  tell('pointerup', 1, [a[0] - 60, a[1]]);
  tell('pointerup', 2, [b[0] + 60, b[1]]);
  return view.zoomed;
}"""


def test_one_finger_paints_and_two_zoom(person: Opener, tripod: Known) -> None:
    someone = person(**PHONE)
    someone.open(tripod)
    someone.press("a")
    someone.page.wait_for_timeout(1200)
    someone.button("More").tap()
    someone.button("Retouch").tap()
    bar = someone.page.locator(".brushbar")
    expect(bar).to_be_visible()
    for control in bar.locator("button, input").all():
        box = control.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    someone.page.touchscreen.tap(*someone.point(0.5, 0.5))
    (stroke,) = strokes(someone)
    assert stroke["points"] == [pytest.approx([0.5, 0.5], abs=0.01)]
    assert someone.page.evaluate(TWO_FINGERS, [someone.point(0.45, 0.5), someone.point(0.55, 0.5)])
    assert strokes(someone) == [stroke]
    someone.button("Done").tap()
    expect(bar).to_be_hidden()
