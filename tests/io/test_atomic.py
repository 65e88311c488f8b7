"""Files appear whole or not at all, and originals are never touched."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.errors import CannotWrite
from postfocus.io import atomic
from postfocus.io.atomic import atomic_dir, atomic_path, atomic_paths, check_target, display_name

NAMES = [
    "plain.jpg",
    "with space.jpg",
    "-dash.jpg",
    "🌸 é.jpg",
    "new\nline.jpg",
    ".hidden.jpg",
    "no_extension",
    "a" * 251 + ".jpg",
]


def write(
    target: Path,
    *,
    overwrite: bool = False,
    inputs: Sequence[Path] = (),
    then: Callable[[], object] = lambda: None,
    data: bytes = b"new",
) -> None:
    with atomic_path(target, overwrite=overwrite, inputs=inputs) as part:
        part.write_bytes(data)
        then()


def write_all(targets: Sequence[Path]) -> None:
    with atomic_paths(targets, overwrite=True) as parts:
        for part in parts:
            part.write_text("new")


def write_folder(
    target: Path,
    text: str,
    *,
    overwrite: bool = False,
    inputs: Sequence[Path] = (),
    then: Callable[[], object] = lambda: None,
) -> None:
    with atomic_dir(target, marker="manifest.json", overwrite=overwrite, inputs=inputs) as part:
        (part / "manifest.json").write_text(text)
        then()


def raiser(error: BaseException) -> Callable[..., object]:
    def fail(*_: object) -> None:
        raise error

    return fail


NO_SPACE = OSError(errno.ENOSPC, "No space left on device")
NO_LINKS = OSError(errno.EPERM, "Operation not permitted")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_appears_with_the_same_extension(tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    with atomic_path(target) as part:
        assert part.parent == tmp_path
        assert part.suffix == target.suffix or not target.suffix
        assert part.name.startswith(".")
        part.write_text("new")
        assert not target.exists()
    assert target.read_text() == "new"
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, SystemExit])
def test_failure_leaves_the_old_file(tmp_path: Path, failure: type[BaseException]) -> None:
    target = tmp_path / "a.jpg"
    target.write_text("old")
    with pytest.raises(failure):
        write(target, overwrite=True, then=raiser(failure()))
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.jpg"]


def test_a_taken_name_is_refused_and_replaced_on_demand(tmp_path: Path) -> None:
    target = tmp_path / "a.jpg"
    target.write_text("old")
    with pytest.raises(CannotWrite, match="exists already; choose another name"):
        write(target)
    assert target.read_text() == "old"
    write(target, overwrite=True)
    assert target.read_text() == "new"


@pytest.mark.parametrize("links", [True, False])
def test_a_name_taken_meanwhile_is_kept(tmp_path: Path, links: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not links:
        monkeypatch.setattr(os, "link", raiser(NO_LINKS))
    target = tmp_path / "a.jpg"
    with pytest.raises(CannotWrite, match="exists already"):
        write(target, then=lambda: target.write_text("someone else's"))
    assert target.read_text() == "someone else's"
    assert os.listdir(tmp_path) == ["a.jpg"]


def test_disks_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", raiser(NO_LINKS))
    write(tmp_path / "a.jpg")
    assert (tmp_path / "a.jpg").read_text() == "new"
    assert os.listdir(tmp_path) == ["a.jpg"]


def test_inputs_are_never_replaced(tmp_path: Path) -> None:
    original = tmp_path / "original.jpg"
    original.write_text("original")
    (tmp_path / "symlink.jpg").symlink_to(original)
    os.link(original, tmp_path / "hard.jpg")
    (tmp_path / "folder").mkdir()
    for name in ("original.jpg", "symlink.jpg", "hard.jpg", "folder/../original.jpg"):
        with pytest.raises(CannotWrite, match="is one of the inputs"):
            write(tmp_path / name, overwrite=True, inputs=[tmp_path / "other.jpg", original])
    assert original.read_text() == "original"


def test_a_target_behind_a_link_to_nothing_counts_as_taken(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").symlink_to(tmp_path / "gone.jpg")
    with pytest.raises(CannotWrite, match="exists already"):
        write(tmp_path / "a.jpg")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing/a.jpg", "does not exist; make it"),
        ("folder", "is a folder"),
        ("a\0b.jpg", "not a name a file can have"),
        ("x" * 300 + ".jpg", "name is too long"),
        ("file/a.jpg", "does not exist; make it"),
    ],
)
def test_impossible_targets(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWrite, match=words):
        check_target(tmp_path / name, overwrite=True)
    with pytest.raises(CannotWrite, match=words):
        write(tmp_path / name, overwrite=True)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EACCES, "may not be written to"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "input/output error; choose another"),
    ],
)
def test_what_the_system_refuses_is_said_plainly(tmp_path: Path, number: int, words: str) -> None:
    with pytest.raises(CannotWrite, match=words) as caught:
        write(tmp_path / "a.jpg", then=raiser(OSError(number, os.strerror(number))))
    assert "Errno" not in str(caught.value)
    assert os.listdir(tmp_path) == []


def test_a_folder_without_permission(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    with pytest.raises(CannotWrite, match="may not be written to"):
        write(tmp_path / "a.jpg")
    tmp_path.chmod(0o700)


def test_a_disk_that_fills_up(tmp_path: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    try:
        (tmp_path / "a.jpg").write_text("old")
        with (
            pytest.raises(CannotWrite, match="disk is full"),
            atomic_path(tmp_path / "a.jpg", overwrite=True) as part,
        ):
            part.write_bytes(bytes(1 << 20))
        assert (tmp_path / "a.jpg").read_text() == "old"
        assert os.listdir(tmp_path) == ["a.jpg"]
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_killed_process_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.jpg"
    target.write_text("old")
    program = (
        "import sys, time, pathlib\nfrom postfocus.io.atomic import atomic_path\n"
        "with atomic_path(pathlib.Path(sys.argv[1]), overwrite=True) as part:\n"
        "    part.write_text('half'); print('writing', flush=True); time.sleep(60)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program, str(target)], stdout=subprocess.PIPE)
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"writing\n"
        child.send_signal(signal.SIGKILL)
    assert target.read_text() == "old"


def test_several_files_all_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    targets = [tmp_path / name for name in "abc"]
    targets[1].write_text("old")
    rename = atomic._rename

    def third_fails(part: Path, target: Path, overwrite: bool) -> None:
        if target.name == "c":
            raise NO_SPACE
        rename(part, target, overwrite)

    with monkeypatch.context() as patch:
        patch.setattr(atomic, "_rename", third_fails)
        with pytest.raises(CannotWrite, match="disk is full"):
            write_all(targets)
    assert os.listdir(tmp_path) == ["b"]
    assert targets[1].read_text() == "old"
    write_all(targets)
    assert sorted(os.listdir(tmp_path)) == ["a", "b", "c"]
    assert {t.read_text() for t in targets} == {"new"}


def test_a_folder_appears_and_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "P1.postfocus"
    write_folder(target, "1", then=lambda: target.exists() and pytest.fail("the folder is there too early"))
    with pytest.raises(CannotWrite, match="exists already"):
        write_folder(target, "2")
    with pytest.raises(KeyboardInterrupt):
        write_folder(target, "2", overwrite=True, then=raiser(KeyboardInterrupt()))
    assert (target / "manifest.json").read_text() == "1"
    write_folder(target, "2", overwrite=True)
    assert (target / "manifest.json").read_text() == "2"
    assert os.listdir(tmp_path) == ["P1.postfocus"]


def test_a_failed_swap_brings_the_old_folder_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a"
    write_folder(target, "1")
    rename = os.rename

    def no_new_name(source: Path, to: Path) -> None:
        if ".part-" in Path(source).name:
            raise NO_SPACE
        rename(source, to)

    monkeypatch.setattr(os, "rename", no_new_name)
    with pytest.raises(CannotWrite, match="disk is full"):
        write_folder(target, "2", overwrite=True)
    assert (target / "manifest.json").read_text() == "1"
    assert os.listdir(tmp_path) == ["a"]


def test_a_folder_of_photographs_survives_overwrite(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "P1.jpg").write_text("original")
    with pytest.raises(CannotWrite, match="not made by postfocus"):
        write_folder(photos, "1", overwrite=True)
    (photos / "manifest.json").write_text("1")
    with pytest.raises(CannotWrite, match="holds one of the inputs"):
        write_folder(photos, "1", overwrite=True, inputs=[photos / "P1.jpg"])
    assert (photos / "P1.jpg").read_text() == "original"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_names_in_messages_are_one_visible_line(name: str) -> None:
    shown = display_name(name)
    assert all(c.isprintable() or c == "\u200d" for c in shown)
    assert shown == name or not name.isprintable()


def test_an_undecodable_name_is_shown() -> None:
    assert display_name(Path(os.fsdecode(b"\xff.jpg"))) == "\\udcff.jpg"
