"""One page with one small sweep, served for all tests of the screen."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.app.serving import Page, served


@pytest.fixture(scope="module")
def page(clip: Path) -> Generator[Page]:
    """The small sweep, read."""
    with served((clip,)) as page:
        assert page.ready(page.get("/api/state")["sweeps"][0]["id"])["state"] == "ready"
        yield page


@pytest.fixture
def sweep(page: Page) -> str:
    """Address of the small sweep."""
    return f"/api/sweeps/{page.get('/api/state')['sweeps'][0]['id']}"
