"""Two small sweeps, a server that shows them, and a browser; skipped, in words, where there is no browser.

The browser lives for this folder only: Playwright's loop would stand in the way of other tests' loops.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.known import HANDHELD, TRIPOD, Known, render
from tests.browser.person import Person
from tests.support.served import Served, chromium, open_browser, serve

FAILED = pytest.StashKey[bool]()
PICTURES = Path("out") / "failed"
"""Where the page of a failed test is kept as a picture."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All on one worker, so that there is one browser and one server."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed, so that its page can be photographed before it closes."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="package", autouse=True)
def _needs_browser() -> None:
    if chromium() is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")


@pytest.fixture(scope="package")
def handheld(tmp_path_factory: pytest.TempPathFactory) -> Known:
    """A handheld sweep and its truth; the clip is not to be written to."""
    return render(HANDHELD, tmp_path_factory.mktemp("handheld") / "handheld.mp4")


@pytest.fixture(scope="package")
def tripod(tmp_path_factory: pytest.TempPathFactory) -> Known:
    """The same things from a tripod."""
    return render(TRIPOD, tmp_path_factory.mktemp("tripod") / "tripod.mp4")


@pytest.fixture(scope="package")
def served(handheld: Known, tripod: Known, tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    """`postfocus open` with both sweeps."""
    folder = tmp_path_factory.mktemp("served")
    with serve(handheld.path, tripod.path, cache=folder / "cache", log=folder / "log.txt") as server:
        yield server


@pytest.fixture(scope="package")
def browser() -> Generator[Browser]:
    """Chromium, without a window."""
    with sync_playwright() as playwright:
        opened = open_browser(playwright)
        yield opened
        opened.close()


@dataclass(slots=True)
class Witness:
    """What a page did that nobody asked for: requests to elsewhere, errors in its console."""

    base: str
    requests: list[str] = field(default_factory=list[str])
    errors: list[str] = field(default_factory=list[str])

    def follow(self, context: BrowserContext) -> None:
        """Write down all that the pages of `context` do from now on."""
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on("console", lambda message: self._said(message))

    def _said(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    def strangers(self) -> list[str]:
        """Requests that left the machine."""
        ours = (self.base + "/", "blob:" + self.base, "data:")
        return [url for url in self.requests if not url.startswith(ours)]


Opener = Callable[..., Person]


@pytest.fixture
def person(browser: Browser, served: Served, request: pytest.FixtureRequest) -> Generator[Opener]:
    """Make a person with a browser of their own: `person()`, `person(viewport=..., has_touch=True)`.

    When the test is over, nothing they did may have left the machine or failed in the page.
    """
    contexts: list[BrowserContext] = []
    witnesses: list[Witness] = []

    def make(server: Served = served, **how: Any) -> Person:
        how.setdefault("viewport", {"width": 1280, "height": 800})
        how.setdefault("reduced_motion", "reduce")  # no waiting for fades and the opening rack
        context = browser.new_context(**how)
        context.set_default_timeout(15_000)
        expect.set_options(timeout=15_000)  # a busy machine takes its time
        contexts.append(context)
        witness = Witness(server.base)
        witness.follow(context)
        witnesses.append(witness)
        return Person(context.new_page(), server)

    yield make
    failed = request.node.stash.get(FAILED, False)
    for number, context in enumerate(contexts):
        if failed and context.pages:
            context.pages[0].screenshot(path=PICTURES / f"{request.node.name}-{number}.png")
        context.close()
    for witness in witnesses:
        assert witness.strangers() == []
        assert witness.errors == []
