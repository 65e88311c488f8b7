"""What every test may use: a cache of its own, and one small sweep rendered once."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from postfocus.synth.sweep import SimulatedSweep, SweepSettings
from postfocus.synth.write import write_simulation

SMALL = SweepSettings(scene="still-life", frames=10, width=480, height=270, tripod=True, blur=8.0)
COINS = "0.815,0.85"
"""A place of `SMALL` with texture."""

WALL = "0.02,0.2"
"""A place of `SMALL` without any."""


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """No test touches the user's own cache."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("POSTFOCUS_CACHE", str(folder))
        patch.delenv("POSTFOCUS_CACHE_LIMIT", raising=False)
        yield folder


@pytest.fixture(scope="session")
def small_sweep(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SimulatedSweep]:
    """A tripod sweep of 10 frames as an MP4, and the truth about it."""
    path = tmp_path_factory.mktemp("sweep") / "sweep.mp4"
    return path, write_simulation(SMALL, path)


@pytest.fixture(scope="session")
def clip(small_sweep: tuple[Path, SimulatedSweep]) -> Path:
    """The MP4 of `small_sweep`; not to be written to."""
    return small_sweep[0]


@pytest.fixture(scope="session")
def stills(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same sweep as a folder of JPEGs; not to be written to."""
    path = tmp_path_factory.mktemp("stills") / "bracket"
    write_simulation(SMALL, path)
    return path
