"""What a killed writer leaves is cleared away; what may be in use, or is not ours, never is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from postfocus.io import leftovers
from postfocus.io.atomic import atomic_dir, atomic_path
from postfocus.io.leftovers import STALE_SECONDS, clear_leftovers, hidden_name, process_gone

posix = pytest.mark.skipif(os.name != "posix", reason="only POSIX tells safely whether a process lives")


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    clear_leftovers.cache_clear()
    yield
    clear_leftovers.cache_clear()


@pytest.fixture(scope="module")
def dead() -> int:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    return child.pid


def left(target: Path, pid: int, *, hours: float = 2, folder: bool = False, word: str = "part") -> Path:
    """A file, or a folder with one in it, as a killed process `pid` would have left it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "getpid", lambda: pid)
        name = hidden_name(target, word).name
    path = target.with_name(name)
    then = time.time() - 3600 * hours
    if folder:
        path.mkdir()
        (path / "half").write_bytes(b"half")
        os.utime(path / "half", (then, then))
    else:
        path.write_bytes(b"half")
    os.utime(path, (then, then))
    return path


@posix
@pytest.mark.parametrize(
    "name", ["a.jpg", "no_extension", "new\nline.jpg", ".hidden.tif", "a" * 251 + ".jpg"]
)
def test_the_next_write_removes_what_a_killed_one_left(tmp_path: Path, dead: int, name: str) -> None:
    stale = left(tmp_path / name, dead), left(tmp_path / "truth", dead, folder=True)
    with atomic_path(tmp_path / "b.jpg") as part:
        part.write_bytes(b"new")
    assert not any(path.exists() for path in stale)
    assert [path.name for path in tmp_path.iterdir()] == ["b.jpg"]


@posix
def test_a_folder_being_written_clears_up_as_well(tmp_path: Path, dead: int) -> None:
    stale = left(tmp_path / "a.postfocus", dead, folder=True)
    with atomic_dir(tmp_path / "b.postfocus", marker="x") as part:
        (part / "x").write_bytes(b"new")
    assert not stale.exists()


@posix
def test_what_may_be_in_use_or_is_not_ours_stays(tmp_path: Path, dead: int) -> None:
    kept = [
        left(tmp_path / "young.jpg", dead, hours=0.9 * STALE_SECONDS / 3600),
        left(tmp_path / "living.jpg", os.getppid()),
        left(tmp_path / "own.jpg", os.getpid()),
        left(tmp_path / "set-aside.jpg", dead, word="old"),
    ]
    elsewhere = left(tmp_path / "elsewhere.jpg", dead)
    here = leftovers._host()  # pyright: ignore[reportPrivateUsage]
    kept.append(elsewhere.rename(elsewhere.with_name(elsewhere.name.replace(f"-{here}-", "-zzzz-"))))
    busy = left(tmp_path / "busy", dead, folder=True)
    (busy / "late").write_bytes(b"just written")
    os.utime(busy, (1000, 1000))
    photograph = tmp_path / ".a.part-of-me.jpg"
    photograph.write_bytes(b"original")
    os.utime(photograph, (1000, 1000))
    link = left(tmp_path / "link.jpg", dead)
    link.unlink()
    link.symlink_to(photograph)
    clear_leftovers(tmp_path)
    assert all(path.exists() for path in [*kept, busy, photograph, link])


def test_a_folder_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    clear_leftovers(tmp_path / "none")


@posix
def test_a_process_is_gone_once_it_has_ended(dead: int) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert not process_gone(child.pid)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert process_gone(child.pid)
    assert process_gone(dead)
    assert not process_gone(1 << 80)
