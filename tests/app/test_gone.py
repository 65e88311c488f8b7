"""What a page asks for is answered soon, whatever has become of files, threads and workers meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio import to_thread

from postfocus.app import asked, events, routes
from postfocus.errors import CannotRead
from postfocus.io.cache import Cache
from tests.app.serving import Page, served

COINS = {"x": 0.815, "y": 0.85}


@pytest.fixture
def own(clip: Path, tmp_path: Path) -> Path:
    """A clip that may be changed."""
    path = tmp_path / "disk" / "P1000001.mp4"
    path.parent.mkdir()
    shutil.copy2(clip, path)
    return path


@pytest.fixture
def alone(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Page]:
    """A page with that clip, and a cache of its own."""
    monkeypatch.setenv("POSTFOCUS_CACHE", str(tmp_path / "cache"))
    with served((own,)) as page:
        assert page.ready(first(page)["id"])["state"] == "ready"
        yield page


def first(page: Page) -> dict[str, Any]:
    return page.get("/api/state")["sweeps"][0]


def addresses(sweep: str) -> list[tuple[str, str, Any]]:
    """Everything that can be asked of a sweep."""
    one = f"/api/sweeps/{sweep}"
    return [
        ("GET", one, None), ("GET", f"{one}/preview/0", None), ("GET", f"{one}/depth", None),
        ("GET", f"{one}/pick?x=0.5&y=0.5", None), ("GET", f"{one}/tile/0/0/0/0", None),
        ("GET", f"{one}/tile/merge-ff/0/0/0", None), ("POST", f"{one}/merge", {"look": {}}),
        ("POST", f"{one}/save", {"slots": [0]}), ("PUT", f"{one}/look", {"look": None}),
        ("POST", f"{one}/stop", None),
    ]  # fmt: skip


@pytest.mark.parametrize("how", ["evicted", "emptied", "cut"])
def test_an_index_that_went_from_the_cache_is_made_again(alone: Page, how: str) -> None:
    sweep = f"/api/sweeps/{first(alone)['id']}"
    found = alone.get(f"{sweep}/pick", params=COINS)
    (entry,) = [one for one in Cache.default().entries() if (one.path / "index.json").exists()]
    if how == "evicted":
        Cache.default().drop(entry.path)
    for path in entry.path.iterdir() if how != "evicted" else ():
        path.unlink() if how == "emptied" else path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    answers = [alone.client.get(f"{sweep}/pick", params=COINS) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert alone.client.get(f"{sweep}/preview/0").status_code in (200, 409)
    assert alone.client.get(sweep).status_code == 200
    assert alone.ready(first(alone)["id"])["state"] == "ready"
    assert alone.get(f"{sweep}/pick", params=COINS) == found
    assert alone.client.get(f"{sweep}/preview/0").status_code == 200


def test_what_cannot_be_read_for_another_reason_costs_no_index(
    alone: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = f"/api/sweeps/{first(alone)['id']}"
    (entry,) = [one for one in Cache.default().entries() if (one.path / "index.json").exists()]

    def damaged(*_: object) -> None:
        raise CannotRead("frame 3 is damaged")

    with monkeypatch.context() as patch:
        patch.setattr(routes, "touched", damaged)
        answer = alone.client.get(f"{sweep}/pick", params=COINS)
    assert answer.status_code == 422
    assert answer.json()["error"]["text"] == "Frame 3 is damaged."
    assert first(alone)["state"] == "ready"
    assert [one.path for one in Cache.default().entries() if one.path == entry.path]
    assert alone.get(f"{sweep}/pick", params=COINS)["state"]


def test_what_is_looked_at_is_not_the_first_to_leave_the_cache(alone: Page) -> None:
    (entry,) = Cache.default().entries()
    os.utime(entry.path, (1, 1))
    alone.get(f"/api/sweeps/{first(alone)['id']}/pick", params=COINS)
    assert Cache.default().entries()[0].used > time.time() - 60


def test_a_touch_needs_no_thread_that_others_hold(page: Page) -> None:
    loop, release = page.screen.studio._loop, threading.Event()
    assert loop is not None
    held: list[Any] = []
    for _ in range(60):  # more than there are
        loop.call_soon_threadsafe(lambda: held.append(loop.create_task(to_thread.run_sync(release.wait))))
    try:
        answer = page.client.get(f"/api/sweeps/{first(page)['id']}/pick", params=COINS, timeout=10)
        assert answer.status_code == 200
    finally:
        release.set()
    assert len(held) == 60


def test_an_answer_that_does_not_come_is_an_error_soon(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    sweep = f"/api/sweeps/{first(page)['id']}"

    def hang(*_: object) -> None:
        release.wait(20)

    with monkeypatch.context() as patch:
        patch.setattr(asked, "PATIENCE", 0.2)
        patch.setattr(routes, "touched", hang)
        try:
            for _ in range(12):  # more than there are threads
                answer = page.client.get(f"{sweep}/pick", params=COINS)
                assert answer.status_code == 503
                assert answer.json()["error"]["title"] == "No answer yet"
        finally:
            release.set()
    assert page.get(f"{sweep}/pick", params=COINS)["state"]


def test_an_input_that_changed_is_told_and_read_again(alone: Page, own: Path, clip: Path) -> None:
    brief = first(alone)
    sweep = f"/api/sweeps/{brief['id']}"
    assert (brief["changed"], alone.get(sweep)["changed"]) == (False, False)
    data = clip.read_bytes()
    own.write_bytes(data + b"\0\0\0\x10free" + bytes(8))
    assert (first(alone)["changed"], alone.get(sweep)["changed"]) == (True, True)
    assert alone.send("POST", f"{sweep}/read").status_code == 202
    assert alone.ready(brief["id"])["state"] == "ready"
    assert (first(alone)["changed"], alone.get(sweep)["changed"]) == (False, False)
    own.unlink()
    assert first(alone)["changed"] is True
    alone.send("POST", f"{sweep}/read")
    assert alone.ready(brief["id"])["state"] == "failed"
    assert alone.client.get(sweep).status_code == 422


def test_a_folder_of_stills_with_a_note_in_it_has_not_changed(
    stills: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTFOCUS_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "buddha" / "A_jpg"
    shutil.copytree(stills, folder)
    with served((folder,)) as page:
        brief = page.ready(first(page)["id"])
        assert (brief["name"], brief["folder"]) == ("A_jpg", "buddha")
        (folder / "notes.txt").write_text("mine")
        assert first(page)["changed"] is False
        os.utime(sorted(folder.glob("*.jpg"))[0], (1, 1))
        assert first(page)["changed"] is True


def test_a_clip_that_cannot_be_read_is_said_so_everywhere(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(2000))
    with served((broken,)) as page:
        brief = page.ready(first(page)["id"])
        assert brief["state"] == "failed"
        answer = page.client.get(f"/api/sweeps/{brief['id']}")
        assert answer.status_code == 422
        assert answer.json() == brief
        assert set(brief["error"]) == {"title", "text", "detail"}
        assert brief["error"]["text"].startswith("broken.mp4")
        assert str(tmp_path) not in answer.text
        for method, path, values in addresses(brief["id"]):
            answer = page.send(method, path, values)
            assert answer.status_code in (200, 202, 422), (path, answer.text)
            if answer.status_code == 422:
                assert answer.json()["error"] == brief["error"]
        assert page.send("POST", f"/api/sweeps/{brief['id']}/read").status_code == 202


def test_a_sweep_whose_reading_was_stopped_says_so_everywhere(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTFOCUS_CACHE", str(tmp_path / "cache"))
    with served((own,)) as page:
        name = first(page)["id"]
        page.send("POST", f"/api/sweeps/{name}/stop")
        assert page.ready(name)["state"] == "stopped"
        for method, path, values in addresses(name):
            answer = page.send(method, path, values)
            assert answer.status_code in (200, 202, 204, 409), (path, answer.text)
            if answer.status_code == 409:
                assert answer.json()["error"]["title"] == "Reading was stopped"
        facts = page.get(f"/api/sweeps/{name}")
        assert (facts["state"], facts["count"]) == ("stopped", 0)
        page.send("POST", f"/api/sweeps/{name}/read")
        assert page.ready(name)["state"] == "ready"


def test_every_frame_that_is_promised_while_reading_is_there(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTFOCUS_CACHE", str(tmp_path / "cache"))
    promised = 0
    with served((own,)) as page:
        sweep = f"/api/sweeps/{first(page)['id']}"
        while True:
            facts = page.get(sweep)
            for slot in range(facts["count"]):
                promised += facts["state"] == "reading"
                assert page.client.get(f"{sweep}/preview/{slot}").status_code == 200
            assert page.get(f"{sweep}/pick", params=COINS)["state"]
            if facts["state"] == "ready":
                break
    assert promised


def test_a_frame_asked_for_while_the_index_takes_its_place_is_there(page: Page) -> None:
    sweep = next(iter(page.screen.studio.sweeps.all()))
    assert sweep.result is not None
    from postfocus.app.reading import Growing

    result, sweep.result = sweep.result, None
    sweep.growing = Growing(result.info, result.folder.parent / ".part-gone", (0,), (10,))

    def settle() -> None:
        time.sleep(0.3)
        sweep.result, sweep.growing = result, None

    thread = threading.Thread(target=settle)
    thread.start()
    assert page.client.get(f"/api/sweeps/{sweep.id}/preview/0").status_code == 200
    thread.join()


def test_a_line_of_events_that_broke_is_taken_up_again(page: Page) -> None:
    for _ in range(3):
        with page.client.stream("GET", "/api/events") as answer:
            assert until(answer, "event: sweep")["state"] == "ready"
    hub = page.screen.studio.hub
    end = time.monotonic() + 20
    while hub.listeners and time.monotonic() < end:
        time.sleep(0.02)
    assert not hub.listeners


@pytest.mark.parametrize("other", ["link", "pipe", "other"])
def test_an_input_that_was_exchanged_is_not_served(
    alone: Page, own: Path, tmp_path: Path, other: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("root:x:0:0")
    own.unlink()
    if other == "link":
        own.symlink_to(secret)
    elif other == "pipe":
        os.mkfifo(own)
    else:
        own.write_text("root:x:0:0")
    brief = first(alone)
    assert brief["changed"] is True
    alone.send("POST", f"/api/sweeps/{brief['id']}/read")
    assert alone.ready(brief["id"])["state"] == "failed"
    for method, path, values in addresses(brief["id"]):
        assert "root:" not in alone.send(method, path, values).text


def test_a_look_that_is_a_link_or_pipe_is_left_alone(
    page: Page, sweep: str, clip: Path, tmp_path: Path
) -> None:
    look, beside = {"focus": {"x": 0.25, "y": 0.5}}, clip.parent / "sweep.look.json"
    other = tmp_path / "other"
    other.write_text("mine")
    for make in (
        lambda: os.mkfifo(beside),
        lambda: beside.symlink_to(other),
        lambda: beside.symlink_to("/dev/zero"),
    ):
        make()
        try:
            assert page.send("PUT", f"{sweep}/look", {"look": look}).status_code == 200
            assert page.get(sweep)["look"] == look
            assert page.send("PUT", f"{sweep}/look", {"look": None}).status_code == 200
            assert os.path.lexists(beside)
        finally:
            beside.unlink()
    assert other.read_text() == "mine"


def test_more_pages_than_can_listen_push_out_the_oldest(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST", 2)
    with (
        httpx.Client(base_url=page.base, cookies=page.client.cookies, trust_env=False) as other,
        page.client.stream("GET", "/api/events") as oldest,
    ):
        parts = oldest.iter_text()
        next(parts)
        with other.stream("GET", "/api/events") as a, other.stream("GET", "/api/events") as b:
            assert until(a, "event: sweep")
            assert until(b, "event: sweep")
            assert "event: rest\n" in "".join(parts)  # which ends: it must not come back at once
    assert first(page)["state"] == "ready"


def until(answer: httpx.Response, event: str) -> dict[str, Any]:
    """The values of the first such event."""
    text = ""
    for part in answer.iter_text():
        text += part
        rest = text.partition(f"{event}\ndata: ")[2]
        if "\n\n" in rest:
            return json.loads(rest.partition("\n\n")[0])
    raise AssertionError("the line ended")
