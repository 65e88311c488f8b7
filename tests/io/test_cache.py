"""Indexes made before are found again; half-made ones never are."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.errors import BadUse, CannotWrite
from postfocus.io.cache import DEFAULT_LIMIT, STALE_SECONDS, Cache, key_of, limit_from


def publish(cache: Cache, key: str, size: int = 10, used: float | None = None) -> Path:
    """An entry of `size` bytes, last used at `used`."""
    with cache.workspace() as folder:
        (folder / "data").write_bytes(b"x" * size)
        path = cache.publish(folder, key)
    if used is not None and path.exists():
        os.utime(path, (used, used))
    return path


@pytest.fixture
def cache(tmp_path) -> Cache:
    return Cache(tmp_path / "deep" / "cache", limit=1000)


def hidden(cache: Cache) -> list[str]:
    return [p.name for p in cache.root.iterdir() if p.name.startswith(".")]


def test_what_was_published_is_found(cache):
    assert cache.find("key") is None
    assert cache.entries() == []
    path = publish(cache, "key")
    assert cache.find("key") == path
    assert (path / "data").read_bytes() == b"x" * 10
    assert [(e.path, e.size) for e in cache.entries()] == [(path, 10)]
    assert hidden(cache) == []


def test_a_failed_build_leaves_nothing(cache):
    def build() -> None:
        with cache.workspace() as folder:
            (folder / "data").write_bytes(b"half")
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        build()
    assert list(cache.root.iterdir()) == []


def test_finding_marks_as_used(cache):
    path = publish(cache, "a", used=1000.0)
    cache.find("a")
    assert path.stat().st_mtime > time.time() - 60


def test_the_first_of_two_publishers_wins(cache):
    publish(cache, "key", size=10)
    with cache.workspace() as folder:
        (folder / "data").write_bytes(b"late")
        path = cache.publish(folder, "key")
    assert (path / "data").read_bytes() == b"x" * 10
    assert hidden(cache) == []


def test_many_publishers_at_once(cache):
    start, failed = threading.Barrier(6), []

    def work(n: int) -> None:
        try:
            with cache.workspace() as folder:
                for name in ("one", "two"):
                    (folder / name).write_text(str(n))
                start.wait()
                path = cache.publish(folder, "key")
            assert (path / "one").read_text() == (path / "two").read_text()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [e.path.name for e in cache.entries()] == ["key"]
    assert hidden(cache) == []


def test_leftovers_of_the_dead_go_and_of_the_living_stay(cache):
    publish(cache, "key")
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    dead = cache.root / f".part-{child.pid}-abc123"
    living = cache.root / f".part-{os.getppid()}-abc123"
    stale = cache.root / f".part-{os.getppid()}-def456"
    own = cache.root / f".part-{os.getpid()}-def456"
    other = cache.root / ".something-else"
    for folder in (dead, living, stale, own, other):
        folder.mkdir()
        (folder / "data").write_bytes(b"half")
    for folder in (stale, own):
        os.utime(folder, (1000.0, time.time() - STALE_SECONDS - 60))
    with cache.workspace():
        pass
    assert not dead.exists()
    assert not stale.exists(), "a number used again by another process is told by its age"
    assert not own.exists(), "so is our own number: in containers it is the same every time"
    assert living.exists()
    assert other.exists()
    assert cache.find("key") is not None


def test_least_recently_used_go_first(cache):
    now = time.time()
    for n in range(4):
        publish(cache, f"k{n}", size=300, used=now - 1000 + n)
    assert sorted(e.path.name for e in cache.entries()) == ["k1", "k2", "k3"]
    cache.find("k1")
    publish(cache, "k4", size=300)
    assert sorted(e.path.name for e in cache.entries()) == ["k1", "k3", "k4"]


def test_what_was_just_made_stays_even_if_too_large(cache):
    publish(cache, "small", size=100, used=time.time() - 100)
    big = publish(cache, "big", size=5000)
    assert big.exists()
    assert cache.find("small") is None


@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(1, 600), min_size=1, max_size=6))
def test_cache_never_outgrows_its_limit(tmp_path_factory, sizes):
    cache = Cache(tmp_path_factory.mktemp("c"), limit=1000)
    for n, size in enumerate(sizes):
        publish(cache, f"k{n}", size)
        assert sum(e.size for e in cache.entries()) <= 1000
        assert cache.find(f"k{n}") is not None


def test_clear_and_drop(cache):
    assert cache.clear() == 0, "a cache that was never used"
    paths = [publish(cache, f"k{n}") for n in range(3)]
    cache.drop(paths[0])
    cache.drop(paths[0])
    assert not paths[0].exists()
    assert cache.clear() == 2
    assert list(cache.root.iterdir()) == []


def test_stray_files_are_no_entries(cache):
    publish(cache, "key")
    (cache.root / "note.txt").write_text("mine")
    assert [e.path.name for e in cache.entries()] == ["key"]
    cache.clear()
    assert (cache.root / "note.txt").exists()


def test_unwritable_cache_names_the_way_out(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(CannotWrite, match="POSTFOCUS_CACHE"), Cache(tmp_path / "file" / "cache").workspace():
        pytest.fail("a workspace inside a file")


def test_place_and_limit_come_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTFOCUS_CACHE", str(tmp_path / "mine"))
    monkeypatch.setenv("POSTFOCUS_CACHE_LIMIT", "2k")
    assert Cache.default() == Cache(tmp_path / "mine" / "indexes", 2048)
    monkeypatch.delenv("POSTFOCUS_CACHE_LIMIT")
    assert Cache.default().limit == DEFAULT_LIMIT
    monkeypatch.setenv("POSTFOCUS_CACHE", "~no-such-person-here/cache")
    assert "no-such-person-here" in str(Cache.default().root)
    monkeypatch.delenv("POSTFOCUS_CACHE")
    assert "postfocus" in str(Cache.default().root)


@pytest.mark.parametrize(
    ("text", "size"),
    [("500M", 500 << 20), ("4g", 4 << 30), ("1.5 GiB", 3 << 29), ("1024", 1024), ("2TB", 2 << 40),
     ("", DEFAULT_LIMIT), (None, DEFAULT_LIMIT), ("0", 0)],
)  # fmt: skip
def test_limits(text, size):
    assert limit_from(text) == size


@pytest.mark.parametrize("text", ["much", "-4G", "4 X", "G", "1e9", "nan", "4GG"])
def test_limits_that_cannot_be_meant(text):
    with pytest.raises(BadUse, match="500M"):
        limit_from(text)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=5).filter(lambda t: "\0" not in t), min_size=1, max_size=3), st.data())
def test_key_changes_with_every_part(parts, data):
    key = key_of(*parts)
    assert key == key_of(*parts)
    assert len(key) == 32
    other = data.draw(st.lists(st.text(max_size=5).filter(lambda t: "\0" not in t), min_size=1, max_size=3))
    assert (key_of(*other) == key) == (other == parts)
