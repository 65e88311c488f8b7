from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Opener
from tests.browser.known import Known
from tests.browser.person import Person


def by_command(*words: object) -> None:
    """Run postfocus as a person would."""
    subprocess.run([sys.executable, "-m", "postfocus", *map(str, words)], check=True, capture_output=True)


def saved(someone: Person, **how: Any) -> bytes:
    """What the page's panel would save, as it is downloaded."""
    with someone.page.expect_download() as caught:
        someone.press("Enter")
    return Path(caught.value.path()).read_bytes()


def save_panel(someone: Person, kind: str) -> None:
    """Open the panel, as a download in format `kind`."""
    someone.press("s")
    panel = someone.page.get_by_role("dialog")
    panel.wait_for()
    panel.get_by_role("radio", name=kind).check(force=True)
    panel.get_by_role("radio", name="Download").check(force=True)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_a_saved_frame_is_the_command_lines_to_the_byte(
    kind: str, person: Opener, handheld: Known, tmp_path: Path
) -> None:
    someone = person(accept_downloads=True)
    reference = someone.open(handheld)["reference"]
    someone.click(handheld.place(handheld.spot("books"), reference))
    save_panel(someone, kind)
    with someone.page.expect_download() as caught:
        someone.page.get_by_role("dialog").get_by_role("button", name="Save 1 picture").click()
    got = Path(caught.value.path()).read_bytes()
    chosen = someone.kept_look()
    out = tmp_path / caught.value.suggested_filename
    by_command("pick", handheld.path, "--look", json.dumps(chosen), "-o", out)
    assert got == out.read_bytes()


def test_a_saved_merge_is_the_command_lines_to_the_byte(
    person: Opener, handheld: Known, tmp_path: Path
) -> None:
    someone = person(accept_downloads=True)
    someone.open(handheld)
    someone.press("a")
    save_panel(someone, "PNG")
    with someone.page.expect_download(timeout=30_000) as caught:
        someone.page.get_by_role("dialog").get_by_role("button", name="Save 1 picture").click()
    got = Path(caught.value.path()).read_bytes()
    out = tmp_path / caught.value.suggested_filename
    by_command("stack", handheld.path, "-o", out)
    assert got == out.read_bytes()
