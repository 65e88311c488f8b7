"""What the page is told of a sweep is what the library says of it."""

from __future__ import annotations

import asyncio
import errno
import json
import re
import socket
import struct
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import postfocus
from postfocus.app import pictures, static
from postfocus.app.events import Hub
from postfocus.app.look_file import read_look
from postfocus.app.sweeps import Sweep
from postfocus.model.depth import State
from postfocus.scene import Scene
from postfocus.settings import IndexSettings
from tests.app.serving import Page
from tests.io.exif_blocks import camera_block


@pytest.fixture(scope="module")
def scene(clip: Path) -> Scene:
    return postfocus.index(clip, settings=IndexSettings(previews=True))


def test_state_names_the_sweep(page: Page) -> None:
    known = page.get("/api/state")
    (brief,) = known["sweeps"]
    assert (brief["name"], brief["state"], brief["count"]) == ("sweep", "ready", 10)
    assert (brief["width"], brief["height"], brief["beside"]) == (480, 270, True)
    assert known["phone"] is False
    assert known["upload"]["max_bytes"] > 1 << 30
    assert page.client.get("/api/phone").status_code == 404


def test_facts_are_those_of_the_index(page: Page, sweep: str, scene: Scene) -> None:
    facts = page.get(sweep)
    index = scene.index
    assert facts["frames"] == index.frames.tolist()
    assert facts["sweep"] == index.sweep.slots.tolist()
    assert facts["reference"] == index.alignment.reference
    assert facts["usable"] == index.alignment.usable().tolist()
    assert 0 <= facts["best_slot"] < facts["count"] == 10
    w, h = index.info.width, index.info.height
    for slot, pose in enumerate(facts["poses"]):
        x, y = 0.3, 0.8  # the middle of a pixel lies half a pixel from its corner
        pixel = index.alignment.matrix(slot) @ (x * w - 0.5, y * h - 0.5, 1)
        found = np.reshape(pose, (2, 3)) @ (x, y, 1)
        assert found == pytest.approx([(pixel[0] + 0.5) / w, (pixel[1] + 0.5) / h], abs=1e-6)


def test_previews_are_those_of_the_index_and_kept_by_their_version(
    page: Page, sweep: str, scene: Scene
) -> None:
    version = page.get(sweep)["version"]
    answer = page.client.get(f"{sweep}/preview/4", params={"v": version})
    assert answer.content == scene.previews.jpeg(4)
    assert "immutable" in answer.headers["cache-control"]
    loose = page.client.get(f"{sweep}/preview/4")
    assert loose.headers["cache-control"] == "private, no-cache"
    again = page.client.get(f"{sweep}/preview/4", headers={"If-None-Match": loose.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert page.client.get(f"{sweep}/preview/10").status_code == 404
    assert page.client.get(f"{sweep}/preview/-1").status_code == 404


def test_depth_is_that_of_the_index(page: Page, sweep: str, scene: Scene) -> None:
    data = page.client.get(f"{sweep}/depth").content
    cols, rows = struct.unpack_from("<II", data)
    cells = cols * rows
    assert len(data) == 8 + 4 * cells
    depth = scene.depth
    assert (rows, cols) == depth.state.shape
    position = np.frombuffer(data, "<u2", cells, 8).reshape(rows, cols) / page.get(sweep)["depth_scale"]
    assert position == pytest.approx(
        np.interp(depth.position, scene.index.frames, np.arange(10)), abs=1 / 256
    )
    assert np.frombuffer(data, np.uint8, cells, 8 + 3 * cells).tolist() == depth.state.ravel().tolist()


@pytest.mark.parametrize(("x", "y"), [(0.815, 0.85), (0.02, 0.2), (0.5, 0.5), (0.0, 1.0), (1.0, 1.0)])
def test_a_touch_finds_what_the_command_line_finds(
    page: Page, sweep: str, scene: Scene, x: float, y: float
) -> None:
    found = page.get(f"{sweep}/pick", params={"x": x, "y": y})
    pick = scene.pick(x, y)
    assert found["state"] == pick.state
    assert scene.index.frames[found["slot"]] == pick.saved_frame
    assert found["confidence"] == pick.confidence
    assert len(found["curve"]) == 10
    assert (found["why"] is None) == (pick.state == State.IN_FOCUS.words)
    if pick.state == State.IN_FOCUS.words:
        assert abs(int(np.argmax(found["curve"])) - found["frame"]) <= 1
        assert max(found["curve"]) > found["noise"]


@pytest.mark.parametrize(
    "place", ["x=2&y=0", "x=-0.1&y=0", "x=nan&y=0", "x=&y=", "x=0.5", "x=inf&y=1", "y=0x1&x=0"]
)
def test_no_place_is_said_so(page: Page, sweep: str, place: str) -> None:
    assert page.client.get(f"{sweep}/pick?{place}").status_code == 400


def test_original_pixels_come_when_asked_for(page: Page, sweep: str) -> None:
    answer = page.client.get(f"{sweep}/tile/3/0/0/0")
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xff\xd8")
    for wrong in (
        "3/0/1/0",
        "99/0/0/0",
        "merge-ff/0/0/0",
        "merge-..%2f/0/0/0",
        "-1/0/0/0",
        "²/0/0/0",
        "3/0/0/-1",
    ):
        assert page.client.get(f"{sweep}/tile/{wrong}").status_code == 404


def test_a_frame_is_saved_for_download_as_the_command_line_saves_it(
    page: Page, sweep: str, scene: Scene, tmp_path: Path
) -> None:
    look = {"focus": {"x": 0.815, "y": 0.85}, "frames": {"first": 4, "last": 4}}
    wanted = {"what": "frame", "look": look, "slots": [4], "format": "png", "where": "download"}
    job = page.job(page.send("POST", f"{sweep}/save", wanted).json())
    assert job["state"] == "done", job
    (file,) = job["result"]["files"]
    answer = page.client.get(file["url"])
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''sweep_")
    assert len(answer.content) == file["bytes"]
    path = postfocus.save(scene.picture_of(postfocus.Look.from_json(look)), tmp_path / "frame.png")
    assert answer.content == path.read_bytes()
    assert page.client.get("/api/files/unknown").status_code == 404


def test_saving_refuses_what_makes_no_sense(page: Page, sweep: str) -> None:
    for wanted in (
        {"what": "frame", "slots": [99]}, {"what": "frame", "slots": "3"}, {"what": "everything"},
        {"format": "exe"}, {"quality": 1000}, {"quality": "95"}, {"name": ["a"]},
        {"what": "kept", "slots": []}, {"look": {"focus": "here"}}, {"name": "x" * 300},
        {"location": "no"}, {"replace": 1},
    ):  # fmt: skip
        assert page.send("POST", f"{sweep}/save", wanted).status_code == 400, wanted


def test_the_look_is_kept_found_again_and_forgotten(page: Page, sweep: str, clip: Path) -> None:
    look = {"focus": {"x": 0.25, "y": 0.5}}
    assert page.send("PUT", f"{sweep}/look", {"look": look}).status_code == 200
    assert json.loads((clip.parent / "sweep.look.json").read_text()) == look
    assert page.get(sweep)["look"] == look
    assert page.send("PUT", f"{sweep}/look", {"look": None}).status_code == 200
    assert page.get(sweep)["look"] is None
    assert not (clip.parent / "sweep.look.json").exists()


def test_only_an_input_with_coordinates_says_where_it_was_taken() -> None:
    block = camera_block()
    assert pictures.says_where(block)
    latitude, other = (struct.pack("<HHI", tag, 5, 3) for tag in (2, 31))
    assert not pictures.says_where(block.replace(latitude, other))  # GPS tags, but no coordinates
    assert not pictures.says_where(b"no block")
    assert not pictures.says_where(None)


def test_kept_frames_lie_beside_the_look_and_neither_forgets_the_other(
    page: Page, sweep: str, clip: Path
) -> None:
    beside, look = clip.parent / "sweep.look.json", {"focus": {"x": 0.25, "y": 0.5}}
    try:
        assert page.get(sweep)["kept"] == []
        assert page.send("PUT", f"{sweep}/look", {"kept": [4, 2, 4]}).status_code == 200
        assert page.get(sweep)["kept"] == [2, 4]
        assert page.get(sweep)["look"] is None
        page.send("PUT", f"{sweep}/look", {"look": look})
        assert json.loads(beside.read_text()) == {**look, "kept": [2, 4]}
        assert read_look(beside).to_json() == look
        assert postfocus.Look.from_json(beside.read_text()).to_json() == look
        page.send("PUT", f"{sweep}/look", {"look": None})
        assert page.get(sweep)["kept"] == [2, 4]
        one, two = ({"kept": [2, 4, 7], "before": [2, 4]}, {"kept": [2], "before": [2, 4]})
        assert page.send("PUT", f"{sweep}/look", one).json() == {"kept": [2, 4, 7]}
        assert page.send("PUT", f"{sweep}/look", two).json() == {"kept": [2, 7]}
        assert page.send("PUT", f"{sweep}/look", {"kept": [1], "before": 1}).status_code == 400
        for wrong in (["a"], [-1], 3, None, [True]):
            assert page.send("PUT", f"{sweep}/look", {"kept": wrong}).status_code == 400
    finally:
        page.send("PUT", f"{sweep}/look", {"look": None, "kept": []})
    assert not beside.exists()


def test_a_file_of_another_kind_is_not_overwritten_by_a_look(page: Page, sweep: str, clip: Path) -> None:
    other = clip.parent / "sweep.look.json"
    other.write_text("my own notes")
    try:
        look = {"focus": {"x": 0.75, "y": 0.5}}
        assert page.send("PUT", f"{sweep}/look", {"look": look}).status_code == 200
        assert other.read_text() == "my own notes"
        assert page.get(sweep)["look"] == look
        assert page.send("PUT", f"{sweep}/look", {"look": None}).status_code == 200
    finally:
        other.unlink()


@pytest.mark.parametrize("empty", [None, {}], ids=str)
def test_an_empty_look_writes_nothing_and_forgets(page: Page, sweep: str, clip: Path, empty: Any) -> None:
    beside = clip.parent / "sweep.look.json"
    assert page.send("PUT", f"{sweep}/look", {"look": empty}).status_code == 200
    assert not beside.exists()
    page.send("PUT", f"{sweep}/look", {"look": {"focus": {"x": 0.5, "y": 0.5}}})
    assert beside.exists()
    assert page.send("PUT", f"{sweep}/look", {"look": empty}).status_code == 200
    assert not beside.exists()
    assert page.get(sweep)["look"] is None


@pytest.mark.parametrize(
    "theirs", ['{"focus": {"x": 0.5, "y": 0.25}}', '{"focus": {"x": 0.5, "y": 0.25}, "mine": 1}'],
    ids=["by hand", "unknown key"],
)  # fmt: skip
def test_a_look_that_a_person_wrote_is_neither_removed_nor_replaced(
    page: Page, sweep: str, clip: Path, theirs: str
) -> None:
    beside, look = clip.parent / "sweep.look.json", {"focus": {"x": 0.75, "y": 0.5}}
    beside.write_text(theirs)
    try:
        for given, expected in (({}, None), (look, look), (None, None), (look, look)):
            assert page.send("PUT", f"{sweep}/look", {"look": given}).status_code == 200
            assert beside.read_text() == theirs
            assert page.get(sweep)["look"] == expected
    finally:
        beside.unlink()
        page.send("PUT", f"{sweep}/look", {"look": None})


def test_a_look_on_a_card_that_was_locked_since_is_outlived_by_the_one_in_the_cache(
    page: Page, sweep: str, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside, look = clip.parent / "sweep.look.json", {"focus": {"x": 0.75, "y": 0.5}}
    page.send("PUT", f"{sweep}/look", {"look": {"focus": {"x": 0.5, "y": 0.5}}})
    kept, unlink = beside.read_bytes(), Path.unlink

    def locked(path: Path, missing_ok: bool = False) -> None:
        if path == beside:
            raise OSError(errno.EROFS, "Read-only file system")
        unlink(path, missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", locked)
        for given in (look, None, look):
            assert page.send("PUT", f"{sweep}/look", {"look": given}).status_code == 200
            assert page.get(sweep)["look"] == given
            assert beside.read_bytes() == kept
    assert page.send("PUT", f"{sweep}/look", {"look": None}).status_code == 200
    assert not beside.exists()


def test_a_dropped_clip_becomes_a_sweep_with_its_name_as_text(page: Page, clip: Path) -> None:
    name = '../../<img src=x onerror="alert(1)">\u202e\n.mp4'
    data = clip.read_bytes()
    upload = page.send("POST", "/api/uploads", {"files": [{"name": name, "size": len(data)}]}).json()["id"]
    assert page.client.put(f"/api/uploads/{upload}/0", content=data).status_code == 204
    answer = page.send("POST", f"/api/uploads/{upload}/done").json()
    assert answer["words"] == "1 clip"
    brief = page.ready(answer["sweeps"][0])
    assert (brief["state"], brief["beside"]) == ("ready", False)
    assert "\n" not in brief["name"]
    assert ".." not in brief["name"]
    state = page.client.get("/api/state")
    assert state.headers["content-type"] == "application/json"
    assert state.text.isascii()
    assert page.send("DELETE", f"/api/sweeps/{brief['id']}").status_code == 204
    assert page.client.get(f"/api/sweeps/{brief['id']}").status_code == 404


def test_uploads_that_are_too_large_or_no_pictures_are_refused(page: Page) -> None:
    def answer(*files: dict[str, object]) -> int:
        return page.send("POST", "/api/uploads", {"files": list(files)}).status_code

    assert answer({"name": "a.mp4", "size": 1 << 50}) == 413
    assert answer({"name": "a.exe", "size": 10}) == 415
    assert answer({"name": "a.mp4", "size": "10"}) == 400
    assert answer({"name": 3, "size": 10}) == 400
    assert answer() == 415
    upload = page.send("POST", "/api/uploads", {"files": [{"name": "a.mp4", "size": 4}]}).json()["id"]
    assert page.client.put(f"/api/uploads/{upload}/0", content=b"too much of it").status_code == 413
    assert page.client.put(f"/api/uploads/{upload}/7", content=b"none").status_code == 404
    assert page.client.put("/api/uploads/nothing/0", content=b"none").status_code == 404
    assert page.send("DELETE", f"/api/uploads/{upload}").status_code == 204


def test_names_that_are_no_text_travel_as_text() -> None:
    brief = Sweep("id", (Path("/photos/bad\udcff\n<b>.mp4"),)).brief()
    assert brief["name"] == r"bad\udcff\n<b>"


def test_events_begin_with_the_sweeps(page: Page) -> None:
    with page.client.stream("GET", "/api/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        text = ""
        for part in answer.iter_text():
            text += part
            if "\n\n" in text.partition("event: sweep")[2]:
                break
    data = next(line for line in text.splitlines() if line.startswith("data: "))
    assert json.loads(data.removeprefix("data: ")) in page.get("/api/state")["sweeps"]


def test_a_page_that_does_not_listen_misses_steps_and_not_the_last_word() -> None:
    async def heard() -> list[str]:
        hub = Hub()
        stream = hub.stream()
        assert (await anext(stream)).startswith(":")
        for done in range(10000):
            hub.tell("sweep", "one", {"done": done})
        hub.close()
        return [text async for text in stream]

    text = "".join(asyncio.run(heard()))
    assert text.count("event: sweep") == 1
    assert '"done": 9999' in text
    assert text.endswith("event: closing\ndata: {}\n\n")


def test_the_viewer_is_served_with_its_types_and_tags(page: Page) -> None:
    first = page.client.get("/viewer/element/post-focus.js")
    assert first.headers["content-type"] == "text/javascript; charset=utf-8"
    again = page.client.get("/viewer/element/post-focus.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_small_answers_do_not_wait_for_the_other_side(page: Page) -> None:
    assert page.screen.listening.proto == socket.IPPROTO_TCP  # asyncio goes by it


def test_two_browsers_at_once(page: Page, sweep: str) -> None:
    with httpx.Client(base_url=page.base, trust_env=False) as other:
        assert other.get("/api/state").status_code == 403
        assert other.get(f"/?token={page.screen.keys.token}").status_code == 303
        assert other.get(sweep).json()["version"] == page.get(sweep)["version"]


def test_scripts_and_styles_are_asked_for_once(page: Page) -> None:
    text = page.client.get("/").text
    [script] = re.findall(r'<script type="module" src="([^"]+)"', text)
    assert re.fullmatch(r"/viewer/v-[0-9a-f]{16}/app/main\.js", script)
    kept = page.client.get(script)
    assert "immutable" in kept.headers["cache-control"]
    assert kept.content == page.client.get("/viewer/app/main.js").content
    assert "immutable" not in page.client.get("/").headers["cache-control"]
    for name in ("../api.py", "..%2fapi.py", "nothing.js", "v-0123456789abcdef/app/main.js", ""):
        assert page.client.get(script.replace("app/main.js", name)).status_code == 404


def test_other_files_have_other_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "main.js"
    script.write_text("1")
    monkeypatch.setattr(static, "VIEWER", tmp_path)
    before = static.edition()
    assert static.edition() == before
    script.write_text("12")
    assert static.edition() != before


def test_what_becomes_true_before_a_page_listens_is_not_lost():
    async def first_word() -> str:
        hub, state = Hub(), ["reading"]
        stream = hub.stream(lambda: [{"id": "a", "state": state[0]}])
        state[0] = "failed"
        hub.tell("sweep", "a", {"id": "a", "state": "failed"})
        await anext(stream)
        word = await anext(stream)
        hub.close()
        return word

    assert '"failed"' in asyncio.run(first_word())
