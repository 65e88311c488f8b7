from __future__ import annotations

import os
from pathlib import Path

import pytest

from postfocus.errors import BadUse, CannotRead, PostfocusError, TooFewFrames
from postfocus.sources.bracket import Bracket
from postfocus.sources.opening import open_source
from postfocus.sources.pages import Pages
from postfocus.sources.sweep_video import SweepVideo
from tests.support import stills
from tests.support.clips import write_clip


def jpegs(folder: Path, names: list[str]) -> list[Path]:
    folder.mkdir(exist_ok=True)
    return [stills.write_jpeg(folder / name, stills.picture(n)) for n, name in enumerate(names)]


def clip(path: Path) -> Path:
    grey = stills.picture()[..., 0]
    return write_clip(path, [(grey, grey[::2, ::2], grey[::2, ::2])] * 3)


def names(source: object) -> list[str]:
    assert isinstance(source, Bracket)
    return [path.name for path in source.info.paths]


def test_a_folder_is_its_stills_in_natural_order(tmp_path: Path) -> None:
    jpegs(tmp_path / "bee", ["f10.jpg", "F9.JPG", "f1.jpg", "f2.jpeg"])
    with open_source([tmp_path / "bee"]) as source:
        assert names(source) == ["f1.jpg", "f2.jpeg", "F9.JPG", "f10.jpg"]
        assert source.info.name == "bee"
        assert source.info.left_out == ()


def test_sidecars_and_hidden_files_are_no_strangers_worth_naming(tmp_path: Path) -> None:
    jpegs(tmp_path, ["a1.jpg", "a2.jpg"])
    jpegs(tmp_path, ["._a1.jpg", ".a2.jpg.part", "~a.jpg", "a1.jpg_original"])
    for name in ("a1.xmp", "a1.jpg.xmp", "Thumbs.db", "notes.txt", "README", "index.json", ".DS_Store"):
        (tmp_path / name).write_bytes(b"no picture")
    (tmp_path / "a3.jpg").mkdir()
    with open_source([str(tmp_path)]) as source:
        assert names(source) == ["a1.jpg", "a2.jpg"]
        assert source.info.left_out == ()


def test_strangers_that_may_have_been_meant_are_named(tmp_path: Path) -> None:
    jpegs(tmp_path, ["a1.jpg", "a2.jpg"])
    (tmp_path / "a3.jpg").write_bytes(b"")
    (tmp_path / "a4.jpg").write_bytes(b"hello")
    (tmp_path / "a5.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(50))
    (tmp_path / "a6.mp4").write_bytes(b"text, whatever its name")
    (tmp_path / "a7.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    with open_source([tmp_path]) as source:
        assert names(source) == ["a1.jpg", "a2.jpg"]
        told = {left.name: left.reason for left in source.info.left_out}
        assert told.keys() == {"a3.jpg", "a4.jpg", "a5.heic", "a6.mp4", "a7.png"}
        assert told["a3.jpg"].startswith("is empty")
        assert told["a4.jpg"] == "is not a picture"
        assert told["a5.heic"] == "is an HEIC picture"
        assert "cut short" in told["a7.png"]
        assert not any(str(tmp_path) in reason for reason in told.values())


def test_a_result_of_our_own_is_no_frame_unless_it_is_asked_for(tmp_path: Path) -> None:
    paths = jpegs(tmp_path, ["a1.jpg", "a2.jpg"])
    ours = stills.write_jpeg(tmp_path / "a1-all.jpg", stills.picture(), stills.exif(software="postfocus 1.0"))
    with open_source([tmp_path]) as source:
        assert names(source) == ["a1.jpg", "a2.jpg"]
        assert [left.name for left in source.info.left_out] == ["a1-all.jpg"]
    with open_source([*paths, ours]) as source:
        assert source.info.count == 3


def test_what_another_stacker_left_among_the_frames_is_no_frame(tmp_path: Path) -> None:
    frames = [f"IMG_{n:04}.jpg" for n in range(8, 13)]
    paths = jpegs(tmp_path, frames)
    stills.write_jpeg(tmp_path / "IMG_0013.jpg", stills.picture(), stills.exif(software="Helicon Focus 8.2"))
    jpegs(tmp_path, ["IMG_0012_merged.jpg"])
    with open_source([tmp_path]) as source:
        assert names(source) == frames
        told = {left.name: left.reason for left in source.info.left_out}
        assert told["IMG_0013.jpg"] == "is a result that Helicon Focus saved, not a frame"
        assert "list the files" in told["IMG_0012_merged.jpg"]
    with open_source([*paths, tmp_path / "IMG_0013.jpg", tmp_path / "IMG_0012_merged.jpg"]) as source:
        assert source.info.count == 7


def test_frames_that_a_stacker_prepared_are_frames(tmp_path: Path) -> None:
    for n in range(4):
        stills.write_jpeg(tmp_path / f"{n}.jpg", stills.picture(n), stills.exif(software="postfocus 1.0"))
    with open_source([tmp_path]) as source:
        assert source.info.count == 4


def test_a_result_beside_raw_frames_does_not_take_their_place(tmp_path: Path) -> None:
    for n in range(4):
        stills.write_dng(tmp_path / f"A{n}.dng", n)
    jpegs(tmp_path, ["stacked.jpg", "A1.jpg"])
    with open_source([tmp_path]) as source:
        assert names(source) == [f"A{n}.dng" for n in range(4)]
        told = {left.name: left.reason for left in source.info.left_out}
        assert "result of stacking" in told["stacked.jpg"]
        assert "raw file" in told["A1.jpg"]


def test_contents_decide_in_folders_too(tmp_path: Path) -> None:
    jpegs(tmp_path, ["a1.png", "a2", "a3.mp4", "a4.dng"])
    with open_source([tmp_path]) as source:
        assert names(source) == ["a1.png", "a2", "a3.mp4", "a4.dng"]
        assert source.info.codec == "jpeg"


def test_raw_is_preferred_when_every_frame_has_it(tmp_path: Path) -> None:
    jpegs(tmp_path, ["a1.jpg", "a2.JPG"])
    for n in (1, 2):
        stills.write_dng(tmp_path / f"A{n}.dng", n)
    with open_source([tmp_path]) as source:
        assert source.info.codec == "raw"
        assert names(source) == ["A1.dng", "A2.dng"]
        assert [left.name for left in source.info.left_out] == ["a1.jpg", "a2.JPG"]
        assert "raw file" in source.info.left_out[0].reason
    (tmp_path / "A2.dng").unlink()
    with open_source([tmp_path]) as source:
        assert names(source) == ["a1.jpg", "a2.JPG"]
        assert [left.name for left in source.info.left_out] == ["A1.dng"]


def test_a_video_a_folder_with_one_and_a_wrong_name(tmp_path: Path) -> None:
    folder = tmp_path / "DCIM"
    folder.mkdir()
    path = clip(folder / "P1010001.MP4")
    (folder / "P1010001.xmp").write_text("sidecar")
    for given in ([path], [folder], [str(folder / "*.MP4")]):
        with open_source(given) as source:
            assert isinstance(source, SweepVideo)
            assert source.info.paths == (path,)
    lying = path.rename(folder / "sweep.jpg")
    with open_source([lying]) as source:
        assert isinstance(source, SweepVideo)


def test_what_could_be_meant_in_two_ways_is_asked_back(tmp_path: Path) -> None:
    paths = jpegs(tmp_path, ["a1.jpg", "a2.jpg"])
    video = clip(tmp_path / "a.mp4")
    with pytest.raises(BadUse, match="both stills and a video"):
        open_source([tmp_path])
    with pytest.raises(BadUse, match="a video among stills"):
        open_source([*paths, video])
    with pytest.raises(BadUse, match="one sweep at a time"):
        open_source([video, clip(tmp_path / "b.mp4")])
    for path in paths:
        path.unlink()
    with pytest.raises(BadUse, match="holds 2 videos"):
        open_source([tmp_path])
    with pytest.raises(BadUse, match="is a folder among other inputs"):
        open_source([tmp_path, video])
    with pytest.raises(BadUse, match="Nothing to open"):
        open_source([])


def test_patterns_are_expanded_and_files_with_such_names_are_files(tmp_path: Path) -> None:
    jpegs(tmp_path, ["a1.jpg", "a2.jpg", "b[1].jpg", "b[2].jpg"])
    with open_source([str(tmp_path / "a?.jpg")]) as source:
        assert names(source) == ["a1.jpg", "a2.jpg"]
        assert source.info.name == "a"
    with open_source([tmp_path / "b[1].jpg", tmp_path / "b[2].jpg"]) as source:
        assert names(source) == ["b[1].jpg", "b[2].jpg"]
    with open_source([str(tmp_path / "a1*"), str(tmp_path / "b*")]) as source:
        assert names(source) == ["a1.jpg", "b[1].jpg", "b[2].jpg"]
    with pytest.raises(CannotRead, match="No file matches"):
        open_source([str(tmp_path / "z*.jpg")])


def test_a_list_is_put_in_natural_order(tmp_path: Path) -> None:
    paths = jpegs(tmp_path, ["f10.jpg", "f9.jpg", "f11.jpg"])
    with open_source(paths) as source:
        assert names(source) == ["f9.jpg", "f10.jpg", "f11.jpg"]
    with pytest.raises(CannotRead, match=r"f12.jpg is not there"):
        open_source([*paths, tmp_path / "f12.jpg"])


def test_a_multi_page_tiff_alone_in_a_folder_or_given(tmp_path: Path) -> None:
    path = stills.write_tiff(tmp_path / "stack.tif", [stills.deep(n) for n in range(3)])
    for given in (path, tmp_path, str(tmp_path / "*.tif")):
        with open_source([given]) as source:
            assert isinstance(source, Pages)
            assert source.info.name == "stack"
            assert source.info.kind == "pages"
    jpegs(tmp_path, ["a1.jpg", "a2.jpg"])
    with open_source([tmp_path]) as source:
        assert [(left.name, left.reason) for left in source.info.left_out] == [
            ("stack.tif", "holds 3 pages; open it alone, as one sweep")
        ]


@pytest.mark.parametrize("name", ["with space", "bee 🐝", "-rf", "--help", "a\nb", "'quoted\"", "[x]", "a*b"])
def test_any_name_will_do_for_files_and_folders(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = jpegs(tmp_path / name, [f"{name}1.jpg", f"{name}2.jpg"])
    for given in ([tmp_path / name], [str(p) for p in paths]):
        with open_source(given) as source:
            assert names(source) == [p.name for p in paths]
            assert len(list(source.frames())) == 2
            assert "\n" not in source.info.name
            assert not source.info.name.startswith("-")
    monkeypatch.chdir(tmp_path)
    with open_source([name]) as source:
        assert source.info.paths == tuple(paths)
    paths[0].write_bytes(b"")
    with pytest.raises(PostfocusError) as caught:
        open_source([name])
    assert "\n" not in str(caught.value)


def test_none_one_and_nothing(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match="holds no frames; give a folder"):
        open_source([tmp_path])
    (tmp_path / "DCIM").mkdir()
    with pytest.raises(CannotRead, match="holds no frames itself, only folders such as DCIM; give a folder"):
        open_source([tmp_path])
    path = stills.write_jpeg(tmp_path / "a.jpg", stills.picture())
    for given in (tmp_path, path):
        with pytest.raises(TooFewFrames, match="at least two"):
            open_source([given])
    path.write_bytes(b"x")
    with pytest.raises(CannotRead, match=r"holds no frames \(a.jpg is not a picture\)"):
        open_source([tmp_path])
    with pytest.raises(CannotRead, match="is not there"):
        open_source([tmp_path / "none"])
    with pytest.raises(CannotRead, match="not a file name"):
        open_source(["a\0b"])
    page = stills.write_tiff(tmp_path / "a.tif", [stills.deep()])
    with pytest.raises(TooFewFrames, match="holds one picture"):
        open_source([page])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_never_waited_on(tmp_path: Path) -> None:
    jpegs(tmp_path, ["a1.jpg", "a2.jpg"])
    os.mkfifo(tmp_path / "a3.jpg")
    with open_source([tmp_path]) as source:
        assert names(source) == ["a1.jpg", "a2.jpg"]
    with pytest.raises(CannotRead, match="is not a file"):
        open_source([tmp_path / "a3.jpg"])


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a user who can be denied")
def test_a_folder_that_may_not_be_listed_is_said_plainly(tmp_path: Path) -> None:
    tmp_path.chmod(0)
    try:
        with pytest.raises(CannotRead, match="cannot be listed"):
            open_source([tmp_path])
    finally:
        tmp_path.chmod(0o700)


def test_a_link_that_leads_in_a_circle_spoils_no_folder(tmp_path: Path) -> None:
    jpegs(tmp_path, ["a1.jpg", "a2.jpg"])
    (tmp_path / "a3.jpg").symlink_to("a3.jpg")
    with open_source([tmp_path]) as source:
        assert names(source) == ["a1.jpg", "a2.jpg"]


@pytest.mark.parametrize("inputs", [[""], ["", "a.jpg"]])
def test_an_empty_name_is_not_the_current_folder(inputs: list[str]) -> None:
    with pytest.raises(BadUse, match="empty"):
        open_source(inputs)
