from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from postfocus.errors import BadUse, CannotRead, MixedSizes, TooFewFrames
from postfocus.sources.ahead import one_ahead
from postfocus.sources.bracket import Bracket
from postfocus.sources.fingerprint import files_fingerprint
from postfocus.sources.naming import in_order, natural_key, result_stem, safe_stem, strangers
from postfocus.sources.pages import Pages
from tests.support import stills


def jpegs(folder: Path, count: int = 3, **options: bytes) -> list[Path]:
    return [stills.write_jpeg(folder / f"IMG_{n}.jpg", stills.picture(n), **options) for n in range(count)]


def test_a_still_that_will_not_decode_is_left_out_and_named(tmp_path: Path) -> None:
    paths = jpegs(tmp_path, 4)
    data = paths[2].read_bytes()
    paths[2].write_bytes(data[: len(data) // 2])
    with Bracket.open(paths) as bracket:
        assert bracket.info.count == 4
        frames = list(bracket.frames())
        assert [frame.info.index for frame in frames] == [0, 1, 3]
        (problem,) = bracket.problems
        assert (problem.index, problem.name) == (2, "IMG_2.jpg")
        assert problem.reason.startswith("is damaged or cut short")
        list(bracket.frames())
        assert len(bracket.problems) == 1
        with pytest.raises(CannotRead, match="IMG_2"):
            bracket.read(2)


def test_a_still_that_vanishes_or_changes_size_is_left_out(tmp_path: Path) -> None:
    paths = jpegs(tmp_path, 4)
    with Bracket.open(paths) as bracket:
        paths[1].unlink()
        stills.write_jpeg(paths[2], stills.picture(2, width=32))
        assert [frame.info.index for frame in bracket.frames()] == [0, 3]
        assert [problem.index for problem in bracket.problems] == [1, 2]
        assert "is not there" in bracket.problems[0].reason
        assert "changed" in bracket.problems[1].reason
        with pytest.raises(CannotRead):
            bracket.fingerprint()


def test_another_size_is_refused_when_asked_for_and_left_out_when_found(tmp_path: Path) -> None:
    paths = jpegs(tmp_path, 4)
    odd = stills.write_jpeg(tmp_path / "IMG_9.jpg", stills.picture(width=100))
    with pytest.raises(MixedSizes, match=r"IMG_9.jpg is 100x48 pixels and others are 64x48;.*\.$"):
        Bracket.open([*paths, odd])
    with Bracket.open([*paths, odd], forgiving=True) as bracket:
        assert bracket.info.paths == tuple(paths)
        assert [(left.name, left.reason) for left in bracket.info.left_out] == [
            ("IMG_9.jpg", "is 100x48 pixels, the others 64x48")
        ]
    with pytest.raises(MixedSizes):
        Bracket.open([*paths[:2], odd], forgiving=True)


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda p: stills.write_png(p, stills.deep()), "16 bits"),
        (lambda p: stills.write_png(p, stills.picture()[..., 0]), "is grey"),
        (lambda p: stills.write_jpeg(p, stills.picture(), icc=stills.profile("LAB")), "colour profile"),
    ],
)
def test_stills_of_another_coding_are_left_out(
    tmp_path: Path, write: Callable[[Path], Path], words: str
) -> None:
    paths = jpegs(tmp_path, 3, icc=stills.profile())
    if "profile" not in words:
        paths = jpegs(tmp_path, 3)
    odd = write(tmp_path / "IMG_1b")
    with Bracket.open([odd, *paths]) as bracket:
        assert bracket.info.paths == tuple(paths)
        (left,) = bracket.info.left_out
        assert left.name == "IMG_1b"
        assert words in left.reason


def test_none_and_one_are_too_few(tmp_path: Path) -> None:
    path = stills.write_jpeg(tmp_path / "a.jpg", stills.picture())
    with pytest.raises(TooFewFrames, match=r"^Only one picture can be used; .*at least two.*\.$"):
        Bracket.open([path])
    link = tmp_path / "b.jpg"
    link.symlink_to(path)
    with pytest.raises(TooFewFrames, match=r"b.jpg is the same file as a.jpg"):
        Bracket.open([path, link])
    path.write_bytes(b"nothing")
    with pytest.raises(TooFewFrames, match=r"^No picture can be used \(a.jpg is not a picture"):
        Bracket.open([path])


def test_times_and_camera_come_from_each_still(tmp_path: Path) -> None:
    seconds = (("58", "5"), ("58", "75"), ("59", "000"))
    paths = [
        stills.write_jpeg(
            tmp_path / f"{n}.jpg", stills.picture(n), stills.exif(taken=f"2026:11:21 09:59:{s}", subsec=sub)
        )
        for n, (s, sub) in enumerate(seconds)
    ]
    with Bracket.open(paths) as bracket:
        assert [f.info.time for f in bracket.frames()] == [0, Fraction(1, 4), Fraction(1, 2)]
        assert [bracket.camera(n).subsec for n in range(3)] == ["5", "75", "000"]
        assert bracket.info.camera.subsec == "5"
        with pytest.raises(BadUse):
            bracket.camera(3)


@pytest.mark.parametrize(
    "taken",
    [("2026:11:21 09:00:01", "2026:11:21 09:00:00"), ("2026:11:21 09:00:00",) * 2,
     ("2026:11:21 09:00:00", "0000:00:00 00:00:00"), ("2026:11:21 09:00:00", "2026:11:23 09:00:00")],
)  # fmt: skip
def test_times_that_make_no_sense_are_unknown(tmp_path: Path, taken: tuple[str, str]) -> None:
    paths = [
        stills.write_jpeg(tmp_path / f"{n}.jpg", stills.picture(n), stills.exif(taken=when))
        for n, when in enumerate(taken)
    ]
    with Bracket.open(paths) as bracket:
        assert [frame.info.time for frame in bracket.frames()] == [None, None]


def test_luma_of_colour_is_bt601_and_16_bits_stay(tmp_path: Path) -> None:
    paths = [stills.write_png(tmp_path / f"{n}.png", stills.deep(n)) for n in range(2)]
    with Bracket.open(paths) as bracket:
        frame = bracket.read(1)
        plain = stills.deep(1) @ np.array([0.299, 0.587, 0.114])
        assert frame.luma.dtype == np.uint16
        assert np.abs(frame.luma - plain).max() <= 1.5
        assert np.array_equal(frame.luma, cv2.cvtColor(stills.deep(1), cv2.COLOR_RGB2GRAY))


def test_pages_keep_codes_names_and_say_what_is_unlike(tmp_path: Path) -> None:
    twelve_bit = [stills.deep(n)[..., 0] >> 4 for n in range(3)]
    path = stills.write_tiff(tmp_path / "stack.tif", [*twelve_bit, stills.deep(4)[:20, :, 0]])
    with Pages.open(path) as pages:
        frames = list(pages.frames())
        assert [frame.info.name for frame in frames] == ["page 1", "page 2", "page 3"]
        assert all(np.array_equal(f.luma, code) for f, code in zip(frames, twelve_bit, strict=True))
        assert [(left.name, left.reason) for left in pages.info.left_out] == [
            ("page 4", "is 64x20 pixels, the first 64x48")
        ]


@pytest.mark.parametrize("packing", [None, "zlib"])
def test_a_stack_that_is_cut_short_gives_the_pages_it_has(tmp_path: Path, packing: str | None) -> None:
    path = stills.write_tiff(tmp_path / "a.tif", [stills.deep(n) for n in range(5)], compression=packing)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * 0.7)])
    with Pages.open(path) as pages:
        frames = list(pages.frames())
        assert 2 <= len(frames) < 5
        assert all(np.array_equal(f.planes[0], stills.deep(f.info.index)) for f in frames)


def test_an_imagej_stack_with_one_page_of_tags_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    stack = np.stack([stills.deep(n)[..., 0] for n in range(6)])
    tifffile.imwrite(path, stack, imagej=True, metadata={"axes": "ZYX"})
    with tifffile.TiffFile(path) as tif:
        second = tif.pages[1].offset
    data = bytearray(path.read_bytes())
    data = data.replace(second.to_bytes(4, (tif.byteorder == ">" and "big") or "little"), bytes(4), 1)
    path.write_bytes(data)
    with tifffile.TiffFile(path) as tif:
        assert len(tif.pages) == 1
    with Pages.open(path) as pages:
        assert all(np.array_equal(frame.luma, stack[frame.info.index]) for frame in pages.frames())
        assert pages.info.count == 6


def test_channels_that_lie_between_slices_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((4, 2, 8, 9), np.uint16), imagej=True, metadata={"axes": "ZCYX"})
    with pytest.raises(CannotRead, match="2 channels for each slice"):
        Pages.open(path)


def test_the_next_still_is_loaded_on_one_thread_and_none_is_left_behind() -> None:
    threads: set[int] = set()
    loaded: list[int] = []

    def load(index: int) -> int:
        threads.add(threading.get_ident())
        loaded.append(index)
        return index

    before = threading.active_count()
    walk = one_ahead(load, range(10))
    assert next(walk) == 0
    while len(loaded) < 2:
        time.sleep(0.001)
    assert loaded == [0, 1]
    walk.close()  # type: ignore[attr-defined]
    assert loaded == [0, 1]
    assert threads.isdisjoint({threading.get_ident()})
    assert threading.active_count() == before
    assert list(one_ahead(load, range(3))) == [0, 1, 2]
    assert list(one_ahead(load, ())) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, MemoryError])
def test_what_loading_raises_comes_in_its_turn(error: type[BaseException]) -> None:
    def load(index: int) -> int:
        if index == 2:
            raise error
        return index

    before = threading.active_count()
    walk = one_ahead(load, range(5))
    assert [next(walk), next(walk)] == [0, 1]
    with pytest.raises(error):
        next(walk)
    assert threading.active_count() == before


@given(st.lists(st.integers(0, 10**6), min_size=1, unique=True), st.sampled_from(["f", "IMG_", "a 2 b", ""]))
def test_natural_order_is_the_order_of_the_numbers(numbers: list[int], stem: str) -> None:
    names = sorted((f"{stem}{number}" for number in numbers), key=natural_key)
    assert names == [f"{stem}{number}" for number in sorted(numbers)]


@given(st.text(max_size=40))
def test_any_name_gives_a_safe_stem(name: str) -> None:
    stem = safe_stem(name)
    assert stem
    assert not stem.startswith((".", "-", " "))
    assert not set(stem) & set('/\\:*?"<>|\n\0')
    assert len(stem.encode()) <= 100
    assert safe_stem(stem) == stem


def test_equal_names_go_by_time_of_writing(tmp_path: Path) -> None:
    paths = []
    for number, folder in enumerate("cab"):
        (tmp_path / folder).mkdir()
        paths.append(stills.write_jpeg(tmp_path / folder / "x.jpg", stills.picture()))
        os.utime(paths[-1], ns=(number, number))
    assert in_order(paths[::-1]) == paths


def test_results_are_named_after_what_names_share() -> None:
    assert result_stem([Path(f"P101{n}.jpg") for n in (8, 9)]) == "P"
    assert result_stem([Path("fly (1).jpg"), Path("fly (2).jpg")]) == "fly"
    assert result_stem([Path("a.jpg"), Path("b.jpg")]) == "a"


SERIES = ["IMG_0098.jpg", "IMG_0099.JPG", "img_0100.jpg", "IMG_0101.jpg", "IMG_10102.jpg"]


@pytest.mark.parametrize(
    "odd",
    ["stacked.jpg", "result.tif", "IMG_0101_merged.jpg", "IMG_0098-IMG_10102.jpg", "IMG_E0100.jpg",
     "IMG_0100 (2).jpg", "2026-11-21 ZS PMax.tif", "IMG_0200_merged.jpg",
     "IMG_0098_to_IMG_0101 (B,R8,S4).jpg"],
)  # fmt: skip
def test_a_name_outside_the_series_is_a_stranger(odd: str) -> None:
    paths = [Path(name) for name in SERIES]
    assert strangers([*paths, Path(odd)]) == {Path(odd)}
    assert strangers([*paths[:3], Path(odd)]) == set()


@pytest.mark.parametrize(
    "names",
    [
        SERIES,
        [*SERIES, "IMG_0055_COVER.jpg"],
        ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"],
        ["near.jpg", "middle.jpg", "far.jpg", "f1.jpg", "f2.jpg"],
        [f"{n / 10}m.jpg" for n in range(1, 10)] + ["1m.jpg", "2m.jpg"],
        [f"{n:+}.jpg" for n in range(-1, 9)] + ["0.jpg"],
        [f"a{n}.jpg" for n in range(4)] + [f"b{n}.jpg" for n in range(2)],
        [f"2026112{n}_0930.jpg" for n in range(9)],
        [],
    ],
)
def test_without_one_series_nobody_is_a_stranger(names: list[str]) -> None:
    assert strangers([Path(name) for name in names]) == set()


def test_the_fingerprint_sees_names_order_and_both_ends(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_bytes(bytes(300_000))
    whole = files_fingerprint(paths)
    assert files_fingerprint(paths[::-1]) != whole
    assert files_fingerprint(paths[:1]) != whole
    for place in (0, -1):
        data = bytearray(300_000)
        data[place] = 1
        state = paths[0].stat()
        paths[0].write_bytes(data)
        os.utime(paths[0], ns=(state.st_atime_ns, state.st_mtime_ns))
        assert files_fingerprint(paths) != whole
