from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.browser.conftest import Opener
from tests.browser.known import Known
from tests.browser.person import Person
from tests.cli.ran import finished, start


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
