from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.bracket import write_bracket, write_long_bracket
from tests.browser.conftest import Opener
from tests.browser.known import Known
from tests.browser.person import PAINTED, Person
from tests.browser.seen import assert_frame
from tests.support.served import Served, serve


def drag(someone: Person, *paths: Path, kinds: tuple[str, ...]) -> None:
    """What the desktop tells the page of files or folders that are dragged over it."""
    devtools = someone.page.context.new_cdp_session(someone.page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in kinds:
        devtools.send("Input.dispatchDragEvent", {"type": kind, "x": 640, "y": 400, "data": data})
    devtools.detach()


def drop(someone: Person, *paths: Path) -> None:
    """Drag files or folders from the desktop onto the page and let go."""
    drag(someone, *paths, kinds=("dragEnter", "dragOver", "drop"))


def test_an_empty_page_takes_a_clip_and_a_folder(person: Opener, tripod: Known, tmp_path: Path) -> None:
    write_bracket(tmp_path / "fern", 4, 640, 360)
    with serve(cache=tmp_path / "cache", log=tmp_path / "log.txt") as server:
        someone = person(server)
        someone.go()
        expect(someone.page.get_by_text("Drop a focus sweep here")).to_be_visible()
        drop(someone, tripod.path)
        someone.sweep = someone.sweep_of(tripod)
        someone.page.goto(f"{server.base}/#/s/{someone.sweep}")
        someone.ready()
        books = tripod.place(tripod.spot("books"), someone.facts()["reference"])
        someone.click(books)
        assert_frame(someone.page, tripod, round(someone.slot), someone.facts()["reference"], books)
        someone.page.goto(f"{server.base}/#/")
        someone.page.wait_for_timeout(300)
        drop(someone, tmp_path / "fern")
        someone.until(
            """async () => {
              const state = await (await fetch('/api/state')).json();
              return state.sweeps.length === 2 && state.sweeps.every((s) => s.state === 'ready');
            }""",
            seconds=30,
        )
        briefs = someone.ask("/api/state")["json"]["sweeps"]
        assert {b["count"] for b in briefs} == {4, 14}
        # The originals are untouched, and nothing was written beside them.
        assert sorted(p.name for p in (tmp_path / "fern").iterdir()) == [
            f"still-{n:03d}.jpg" for n in range(4)
        ]


def test_what_is_no_picture_is_refused_in_words(person: Opener, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("milk, bread")
    with serve(cache=tmp_path / "cache", log=tmp_path / "log.txt") as server:
        someone = person(server)
        someone.go()
        drop(someone, tmp_path / "notes.txt")
        expect(someone.page.get_by_text("Not a picture or clip").first).to_be_visible()
        assert someone.ask("/api/state")["json"]["sweeps"] == []


def test_what_is_let_go_just_when_the_page_changes_under_it_is_taken(person: Opener, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("milk, bread")
    with serve(cache=tmp_path / "cache", log=tmp_path / "log.txt") as server:
        someone = person(server)
        someone.go()
        expect(someone.page.get_by_text("Drop a focus sweep here")).to_be_visible()
        drag(someone, tmp_path / "notes.txt", kinds=("dragEnter", "dragOver", "dragOver"))
        expect(someone.page.get_by_text("Let go to open")).to_be_visible()
        someone.page.evaluate("document.querySelector('.drop-title').replaceChildren()")
        drag(someone, tmp_path / "notes.txt", kinds=("drop",))
        expect(someone.page.get_by_text("Not a picture or clip").first).to_be_visible()


DRAG_OVER = """([kind, to]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["milk"], "notes.txt"));
  const relatedTarget = to ? document.querySelector(to) : null;
  const event = new DragEvent(kind, {dataTransfer, relatedTarget, bubbles: true, cancelable: true});
  document.querySelector("main").dispatchEvent(event);
  return document.documentElement.dataset.drop ?? "";
}"""


def test_what_is_dragged_over_the_page_and_away_leaves_it_as_it_was(person: Opener, tmp_path: Path) -> None:
    with serve(cache=tmp_path / "cache", log=tmp_path / "log.txt") as server:
        someone = person(server)
        someone.go()
        expect(someone.page.get_by_text("Drop a focus sweep here")).to_be_visible()
        for kind, to, seen in (
            ("dragenter", None, "over"), ("dragenter", "header", "over"), ("dragleave", "header", "over"),
            ("dragover", None, "over"), ("dragleave", None, ""),
        ):  # fmt: skip
            assert someone.page.evaluate(DRAG_OVER, [kind, to]) == seen


def test_what_cannot_be_read_says_why_at_its_own_address_and_is_read_again(
    person: Opener, tripod: Known, tmp_path: Path
) -> None:
    clip = tmp_path / "cut.mp4"
    clip.write_bytes(tripod.path.read_bytes()[:4000])
    with serve(clip, cache=tmp_path / "cache", log=tmp_path / "log.txt") as server:
        someone = person(server)
        someone.go()
        card = someone.page.get_by_role("alert")
        expect(card).to_be_visible()
        assert someone.page.locator(".readout:visible").count() == 0
        brief = someone.ask("/api/state")["json"]["sweeps"][0]
        assert brief["state"] == "failed"
        someone.page.goto(f"{server.base}/#/")
        expect(someone.page.locator(".card-trouble").first).to_be_visible()
        someone.page.goto(f"{server.base}/#/s/{brief['id']}")
        someone.page.reload()
        expect(card).to_be_visible()
        clip.write_bytes(tripod.path.read_bytes())
        someone.button("Read again").click()
        someone.until(PAINTED)
        expect(card).to_be_hidden()
        someone.sweep = someone.indexed()
        someone.ready()


def test_what_was_found_is_said_and_kept(person: Opener, tmp_path: Path) -> None:
    stills = write_bracket(tmp_path / "fern", 6, 640, 360)
    stills[2].write_bytes(stills[2].read_bytes()[:900])
    with serve(tmp_path / "fern", cache=tmp_path / "cache", log=tmp_path / "log.txt") as server:
        someone = person(server)
        someone.go()
        someone.only_sweep()
        notes = someone.facts()["notes"]
        assert len(notes) == 1
        expect(someone.page.locator(".toast")).to_contain_text("still-002.jpg")
        someone.button("1 note on this sweep").click()
        dialog = someone.page.get_by_role("dialog")
        expect(dialog.locator(".notes-list")).to_contain_text("still-002.jpg")
        someone.press("Escape", "a", "s")
        expect(someone.page.get_by_role("dialog").locator(".merge-notes")).to_contain_text("still-002.jpg")
        someone.page.reload()
        someone.ready()
        expect(someone.button("1 note on this sweep")).to_be_visible()
        expect(someone.page.locator(".toast")).to_have_count(0)  # said once


def test_reading_can_be_watched_stopped_and_gone_on_with(person: Opener, tmp_path: Path) -> None:
    folder = tmp_path / "long"
    write_long_bracket(folder, 60, 2560, 1440)
    with serve(folder, cache=tmp_path / "cache", log=tmp_path / "log.txt") as server:
        someone = person(server)
        someone.go()
        someone.until(PAINTED)
        brief = someone.ask("/api/state")["json"]["sweeps"][0]
        assert brief["state"] == "reading", "this test needs a sweep that is still being read"
        someone.until("document.querySelector('post-focus').source.facts.count > 3")
        someone.press("End")
        someone.until("document.querySelector('post-focus').slot >= 2")
        someone.button("Cancel").first.click()
        expect(someone.page.get_by_text("Reading stopped after").first).to_be_visible()
        assert someone.ask("/api/state")["json"]["sweeps"][0]["state"] == "stopped"
        someone.button("Go on").first.click()
        someone.page.wait_for_timeout(500)
        assert someone.ask("/api/state")["json"]["sweeps"][0]["state"] in ("reading", "ready")
    assert server.process.returncode in (0, 130)


def test_the_look_is_found_again_after_a_reload(person: Opener, tripod: Known) -> None:
    someone = person()
    reference = someone.open(tripod)["reference"]
    vase = tripod.place(tripod.spot("vase"), reference)
    someone.click(vase)
    slot = round(someone.slot)
    chosen = someone.kept_look()
    assert chosen["focus"]["x"] == pytest.approx(vase[0], abs=0.01)
    someone.page.reload()
    someone.ready()
    someone.settle(slot)
    assert_frame(someone.page, tripod, slot, reference, vase)
    other = person()
    other.open(tripod, keep_look=True)
    other.settle(slot)
    someone.ask(f"/api/sweeps/{someone.sweep}/look", "PUT", {"look": None})


def test_undo_and_redo_take_the_choice_back_and_forth(person: Opener, tripod: Known) -> None:
    someone = person()
    reference = someone.open(tripod)["reference"]
    coins, vase = (tripod.place(tripod.spot(name), reference) for name in ("coin stack", "vase"))
    someone.click(coins)
    first = round(someone.slot)
    someone.click(vase)
    second = round(someone.slot)
    someone.press("Control+z")
    someone.settle(first)
    assert_frame(someone.page, tripod, first, reference, coins, vase)
    someone.press("Control+y")
    someone.settle(second)
    assert_frame(someone.page, tripod, second, reference, coins, vase)


def test_two_tabs_do_not_disturb_one_another(person: Opener, tripod: Known, handheld: Known) -> None:
    one, two = person(), person()
    first, second = one.open(tripod)["reference"], two.open(handheld)["reference"]
    coins = tripod.place(tripod.spot("coin stack"), first)
    books = handheld.place(handheld.spot("books"), second)
    one.click(coins)
    two.click(books)
    assert_frame(one.page, tripod, round(one.slot), first, coins)
    assert_frame(two.page, handheld, round(two.slot), second, books)
    assert round(one.slot) == 3
    assert round(two.slot) in (7, 8)


def test_kept_frames_are_found_again_when_postfocus_is_started_anew(
    person: Opener, tripod: Known, tmp_path: Path
) -> None:
    clip = tmp_path / "own.mp4"
    clip.write_bytes(tripod.path.read_bytes())
    with serve(clip, cache=tmp_path / "cache", log=tmp_path / "log.txt") as server:
        someone = person(server)
        someone.go()
        someone.only_sweep()
        someone.press("Home", "ArrowRight", "k", "End", "k")
        assert someone.page.locator("focus-bar").evaluate("(bar) => [...bar.shown.kept]") == [1, 13]
        someone.press("a", "k")  # no single frame is shown, so none is kept
        someone.press("t")
        someone.page.reload()
        someone.ready()
        assert someone.facts()["kept"] == [1, 13]
    with serve(clip, cache=tmp_path / "cache", log=tmp_path / "log.txt") as server:
        other = person(server)
        other.go()
        other.only_sweep()
        assert other.page.locator("focus-bar").evaluate("(bar) => [...bar.shown.kept]") == [1, 13]
        other.press("s")
        expect(other.page.locator(".what", has_text="Kept frames")).to_be_visible()


def test_frames_kept_in_two_tabs_are_all_kept(person: Opener, served: Served, tripod: Known) -> None:
    one, two = person(served), person(served)
    one.open(tripod)
    two.open(tripod)
    one.press("Home", "k")
    one.kept_look()
    two.press("End", "k")
    two.kept_look()
    assert one.facts()["kept"] == [0, 13]
    one.page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    one.until("() => String([...document.querySelector('focus-bar').shown.kept]) === '0,13'")
    one.press("k")
    one.kept_look()
    assert one.facts()["kept"] == [13]


def test_what_is_shown_is_what_is_said_when_a_sweep_is_opened_again(
    person: Opener, served: Served, tripod: Known
) -> None:
    someone = person(served)
    someone.open(tripod)
    someone.click(tripod.place(tripod.spot("coin stack"), round(someone.slot)))
    someone.until("() => document.querySelector('post-focus').slot === 3")
    someone.press("g")
    someone.page.goto(f"{served.base}/#/s/{someone.sweep}")
    someone.ready()
    someone.until("() => document.querySelector('post-focus').slot === 3")
    someone.until("() => document.querySelector('focus-bar').slot === 3")
    someone.press("k")
    assert someone.kept_look() is not None
    assert someone.facts()["kept"] == [3]


def test_a_place_chosen_just_before_all_sharp_is_remembered(
    person: Opener, served: Served, tripod: Known
) -> None:
    someone = person(served)
    someone.open(tripod)
    someone.click(tripod.place(tripod.spot("coin stack"), round(someone.slot)))
    someone.press("a")
    assert "focus" in (someone.kept_look() or {})


def test_inputs_of_one_name_are_told_apart_and_a_drag_selects_nothing(
    person: Opener, tripod: Known, tmp_path: Path
) -> None:
    folder = tmp_path / "card"
    folder.mkdir()
    (folder / "P1.mp4").write_bytes(tripod.path.read_bytes())
    (folder / "P1.MOV").write_bytes(tripod.path.read_bytes()[:4000])
    (folder / "P2.mp4").write_bytes(tripod.path.read_bytes())
    with serve(folder, cache=tmp_path / "cache", log=tmp_path / "log.txt") as server:
        someone = person(server)
        someone.go()
        cards = someone.page.locator(".card-name")
        expect(cards).to_have_text(["P1.MOV", "P1.mp4", "P2"], timeout=30_000)
        someone.indexed("P2")
        box = cards.first.bounding_box()
        assert box is not None
        someone.page.mouse.move(box["x"] + 5, box["y"] + 5)
        someone.page.mouse.down()
        someone.page.mouse.move(box["x"] + 600, box["y"] + 8, steps=5)
        someone.page.mouse.up()
        assert someone.page.evaluate("String(getSelection())") == ""
        someone.page.locator(".card", has_text="P1.MOV").click()
        expect(someone.page.get_by_role("alert")).to_contain_text("P1.MOV")
        assert someone.page.locator(".trouble p").evaluate("(p) => getComputedStyle(p).userSelect") != "none"
        expect(someone.button("Copy details")).to_be_visible()
