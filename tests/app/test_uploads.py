"""What is dropped becomes sweeps; what is too much, not a picture, or named to do harm does not."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import postfocus
from postfocus.app.dropped import Refused, Understood
from postfocus.app.scratch import Scratch
from postfocus.app.sweeps import Sweep
from postfocus.app.uploads import Limits, Uploads
from postfocus.io.cache import Cache


@pytest.fixture
def scratch(tmp_path: Path) -> Generator[Scratch]:
    made = Scratch(Cache(tmp_path / "cache" / "indexes"))
    yield made
    made.close()


def dropped(uploads: Uploads, files: list[tuple[str, bytes]]) -> Understood:
    upload = uploads.begin([(name, len(data)) for name, data in files])
    for index, (_, data) in enumerate(files):
        with uploads.receive(upload, index) as incoming:
            for at in range(0, len(data), 65536):
                incoming.write(data[at : at + 65536])
    return uploads.finish(upload)


def everything_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_clips_and_folders_of_stills_become_sweeps_that_open(scratch, clip, stills):
    movie = clip.read_bytes()
    frames = [
        (f"card/DCIM/{path.name}", path.read_bytes()) for path in sorted(stills.iterdir()) if path.is_file()
    ]
    files = [("P1.MP4", movie), *frames, ("P2.mp4", movie), ("notes.txt", b"hello"), (".DS_Store", b"x")]
    made = dropped(Uploads(scratch), files)
    assert made.words == f"2 clips, {len(frames)} stills in 3 sweeps"
    assert [path.name for path in made.sweeps] == ["P1.mp4", "P2.mp4", "DCIM"]
    assert made.left_out == ("notes.txt is not a picture or clip",)
    for path in made.sweeps:
        with postfocus.open(path) as recording:
            assert recording.info.count == 10
            assert recording.info.name in ("P1", "P2", "DCIM")


def test_loose_stills_are_one_bracket_named_after_what_they_share(scratch, stills):
    files = [(path.name, path.read_bytes()) for path in sorted(stills.iterdir()) if path.is_file()]
    made = dropped(Uploads(scratch), files)
    assert made.words == f"{len(files)} stills"
    assert len(made.sweeps) == 1


@pytest.mark.parametrize(
    ("limits", "files", "status"),
    [
        (Limits(max_files=2), [("a.jpg", 1)] * 3, 413),
        (Limits(max_bytes=100), [("a.jpg", 60), ("b.jpg", 60)], 413),
        (Limits(), [("a.jpg", -1)], 413),
        (Limits(max_bytes=1 << 62), [("a.mp4", 1 << 60)], 507),
        (Limits(), [("a.exe", 5), ("b.txt", 5)], 415),
        (Limits(), [], 415),
    ],
)
def test_too_much_and_the_wrong_kind_are_refused_at_once(scratch, limits, files, status):
    with pytest.raises(Refused) as refused:
        Uploads(scratch, limits).begin(files)
    assert refused.value.status == status
    assert not everything_under(scratch.path)


def test_more_than_announced_or_less_leaves_nothing(scratch):
    uploads = Uploads(scratch)
    upload = uploads.begin([("a.jpg", 10), ("b.jpg", 10)])
    with pytest.raises(Refused, match="More of"), uploads.receive(upload, 0) as incoming:
        incoming.write(b"x" * 11)
    with pytest.raises(Refused, match="broke off"), uploads.receive(upload, 1) as incoming:
        incoming.write(b"x" * 9)
    assert not everything_under(scratch.path)
    with uploads.receive(upload, 0) as incoming:
        incoming.write(b"x" * 10)
    with pytest.raises(Refused) as refused, uploads.receive(upload, 0):
        pass
    assert refused.value.status == 409


def test_a_client_that_breaks_off_leaves_nothing(scratch):
    uploads = Uploads(scratch)
    upload = uploads.begin([("a.jpg", 10)])

    def breaks_off() -> None:
        with uploads.receive(upload, 0) as incoming:
            incoming.write(b"x")
            raise ConnectionError

    with pytest.raises(ConnectionError):
        breaks_off()
    assert not everything_under(scratch.path)
    uploads.drop(upload)
    with pytest.raises(Refused) as refused, uploads.receive(upload, 0):
        pass
    assert refused.value.status == 404


def test_a_picture_by_name_alone_is_none(scratch):
    uploads = Uploads(scratch)
    with pytest.raises(Refused) as refused:
        dropped(uploads, [("a.jpg", b"<script>alert(1)</script>")])
    assert refused.value.status == 415
    assert not everything_under(scratch.path)


def test_so_many_at_once_and_no_more(scratch):
    uploads = Uploads(scratch, Limits(max_open=2))
    first = [uploads.begin([("a.jpg", 1)]) for _ in range(2)]
    with pytest.raises(Refused) as refused:
        uploads.begin([("a.jpg", 1)])
    assert refused.value.status == 429
    uploads.drop(first[0])
    uploads.begin([("a.jpg", 1)])


HOSTILE = [
    "../../../etc/cron.d/x.jpg", "..\\..\\win.ini.jpg", "/etc/passwd.png", "a\0b.jpg", "con.jpg", "..", "",
    "\u202egpj.exe", "x" * 5000 + ".jpg", "a/../../b.jpg", "\n.jpg", "-rf.jpg", "é\ud800.jpg",
]  # fmt: skip


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40)), min_size=1, max_size=4))
def test_no_name_leads_out_of_the_folder(scratch, names):
    jpeg = b"\xff\xd8\xff\xe0" + bytes(20)
    # One that is surely taken, so that the names are looked at whatever they are.
    made = dropped(Uploads(scratch), [(name, jpeg) for name in ("sure.jpg", *names)])
    root = scratch.path.resolve()
    for path in made.sweeps:
        name = Sweep("id", (path,)).name
        assert name.isprintable()
        assert len(name) <= 120
        assert root in path.resolve().parents


def test_the_private_folder_is_private_and_goes(tmp_path):
    cache = Cache(tmp_path / "indexes")
    dead = tmp_path / "sessions" / "session-999999999-abc"
    dead.mkdir(parents=True)
    (dead / "left.mp4").write_bytes(b"x")
    scratch = Scratch(cache)
    assert not dead.exists()
    assert stat.S_IMODE(os.stat(scratch.path).st_mode) == 0o700
    (scratch.folder() / "a.jpg").write_bytes(b"x")
    scratch.close()
    assert not list(tmp_path.iterdir())
