from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.bracket import write_bracket
from tests.browser.conftest import Opener
from tests.browser.known import Known
from tests.browser.person import PHONE, PHONE_ON_ITS_SIDE, Person
from tests.cli.ran import finished, start
from tests.support.served import serve


def by_command(*words: object) -> None:
    """Run postfocus as a person would."""
    ran = finished(start(*words))
    assert ran.code == 0, ran.err


def saved(someone: Person, kind: str) -> tuple[str, bytes]:
    """Save by the panel, as a download in format `kind`: the name it is given, and its bytes."""
    someone.press("s")
    panel = someone.page.get_by_role("dialog")
    panel.wait_for()
    panel.get_by_role("radio", name=kind).check(force=True)
    panel.get_by_role("radio", name="Download").check(force=True)
    with someone.page.expect_download(timeout=30_000) as caught:
        panel.get_by_role("button", name="Save 1 picture").click()
    return caught.value.suggested_filename, Path(caught.value.path()).read_bytes()


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_a_saved_frame_is_the_command_lines_to_the_byte(
    kind: str, person: Opener, handheld: Known, tmp_path: Path
) -> None:
    someone = person(accept_downloads=True)
    reference = someone.open(handheld)["reference"]
    someone.click(handheld.place(handheld.spot("books"), reference))
    name, got = saved(someone, kind)
    chosen = someone.kept_look()
    out = tmp_path / name
    by_command("pick", handheld.path, "--look", json.dumps(chosen), "-o", out)
    assert got == out.read_bytes()


def test_a_saved_merge_is_the_command_lines_to_the_byte(
    person: Opener, handheld: Known, tmp_path: Path
) -> None:
    someone = person(accept_downloads=True)
    someone.open(handheld)
    someone.press("a")
    name, got = saved(someone, "PNG")
    out = tmp_path / name
    by_command("stack", handheld.path, "-o", out)
    assert got == out.read_bytes()


SEEN = """() => {
  const wide = [...document.querySelectorAll('.panel, .panel *')].filter((node) =>
    getComputedStyle(node).overflowX === 'auto' && node.scrollWidth > node.clientWidth);
  const {bottom, top} = document.querySelector('.save-form button[type=submit]').getBoundingClientRect();
  return wide.length === 0 && top > 0 && bottom <= innerHeight;
}"""


@pytest.mark.parametrize(
    "how",
    [{"viewport": {"width": 1280, "height": 640}}, PHONE, PHONE_ON_ITS_SIDE],
    ids=["low", "phone", "side"],
)
def test_the_button_stays_in_sight_and_what_was_saved_says_where(
    how: dict[str, Any], person: Opener, tripod: Known, tmp_path: Path
) -> None:
    folder = tmp_path / "my pictures"
    folder.mkdir()
    clip = folder / "a clip with a rather long name that has to be cut somewhere.mp4"
    clip.write_bytes(tripod.path.read_bytes())
    with serve(clip, cache=tmp_path / "cache", log=tmp_path / "log.txt") as server:
        someone = person(server, **how)
        someone.go()
        someone.only_sweep()
        someone.press("s")
        someone.until(SEEN)
        someone.page.locator(".save-form button[type=submit]").click()
        place = someone.page.locator(".saved-what").first
        expect(place).to_contain_text("In my pictures", timeout=30_000)
        assert place.get_attribute("title") == str(
            folder / next(p.name for p in folder.iterdir() if p != clip)
        )
        someone.until(SEEN)


def test_a_name_is_shown_as_it_will_be_and_put_together_from_words(person: Opener, tripod: Known) -> None:
    someone = person()
    someone.open(tripod)
    someone.press("Home", "s")
    shown = someone.page.locator(".name-shown")
    expect(shown).to_have_text("tripod_focus-0000.jpg")
    expect(someone.page.get_by_text("Include location")).to_be_hidden()  # the clip knows none
    shown.click()
    field = someone.page.get_by_role("textbox", name="Name")
    assert "stem" not in field.input_value()
    field.fill("fern ")
    someone.button("Frame").click()
    expect(shown).to_have_text("fern 0000.jpg")
    field.fill("{nonsense}")
    expect(someone.page.get_by_text("There is no {nonsense}.")).to_be_visible()
    assert someone.button("Save 1 picture").is_disabled()


def test_a_still_says_which_file_it_is(person: Opener, tmp_path: Path) -> None:
    stills = write_bracket(tmp_path / "fern", 5, 640, 360)
    stills[1].write_bytes(stills[1].read_bytes()[:900])
    with serve(tmp_path / "fern", cache=tmp_path / "cache", log=tmp_path / "log.txt") as server:
        someone = person(server)
        someone.go()
        someone.only_sweep()
        someone.press("Home", "ArrowRight", "s")
        expect(someone.page.locator(".what-file").first).to_have_text("still-002.jpg")
        assert someone.page.locator(".readout").get_attribute("title") == "still-002.jpg"
        expect(someone.page.locator(".lead .status")).to_contain_text("4 of 5 frames could be read")
