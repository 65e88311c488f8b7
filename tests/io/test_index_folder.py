"""An index is read back as it was written, or refused in one sentence, whatever happened to its files."""

from __future__ import annotations

import json
import os
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.errors import CannotRead
from postfocus.io.index_folder import DEPTH, FORMAT, MANIFEST, read_index, write_index
from postfocus.model.bend import Bend
from postfocus.model.defocus import Defocus
from postfocus.model.depth import Noise
from tests.support.scenes import an_index


def same(a, b) -> bool:
    """Whether two records hold the same values; arrays also of one type."""
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=False)
    if is_dataclass(a):
        return type(a) is type(b) and all(same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    return a == b


def test_index_is_read_as_written(tmp_path):
    index = an_index()
    write_index(index, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [DEPTH, MANIFEST]
    assert same(read_index(tmp_path), index)


def a_bent_index():
    index = an_index()
    shift = (np.arange(24) * (0.5 - 1j)).reshape(4, 2, 3).astype(np.complex64)
    return replace(index, alignment=replace(index.alignment, bend=Bend(shift, 64)))


def test_bent_frames_are_read_as_written(tmp_path):
    write_index(a_bent_index(), tmp_path)
    assert same(read_index(tmp_path), a_bent_index())


@pytest.mark.parametrize(
    "wrong", [Bend(np.zeros((3, 2, 3), np.complex64), 64), Bend(np.full((4, 2, 3), np.nan, np.complex64), 64),
              Bend(np.zeros((4, 2, 3), np.complex64), 0), Bend(np.full((4, 2, 3), 1e5, np.complex64), 64)]
)  # fmt: skip
def test_bends_that_no_sweep_has_are_refused(tmp_path, wrong):
    index = an_index()
    write_index(replace(index, alignment=replace(index.alignment, bend=wrong)), tmp_path)
    with pytest.raises(CannotRead, match="incomplete"):
        read_index(tmp_path)


def test_an_index_that_knows_no_defocus_is_read(tmp_path):
    index = an_index()
    index = replace(index, depth=replace(index.depth, defocus=None))
    write_index(index, tmp_path)
    assert read_index(tmp_path).depth.defocus is None


@pytest.mark.parametrize("place", [[0.0, 1.0, 2.0], [0.0, 2.0, 1.0, 3.0], [0.0, 1.0, np.nan, np.nan]])
def test_places_that_no_frames_have_are_refused(tmp_path, place):
    index = an_index()
    write_index(replace(index, depth=replace(index.depth, defocus=Defocus(np.array(place)))), tmp_path)
    with pytest.raises(CannotRead):
        read_index(tmp_path)


def test_sameness_is_noticed():
    assert same(an_index(), an_index())
    assert not same(an_index(count=4), an_index(count=5))


@lru_cache(1)
def written(folder):
    write_index(an_index(), folder)
    return {name: (folder / name).read_bytes() for name in (MANIFEST, DEPTH)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("index")


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from([MANIFEST, DEPTH]), place=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255)
)
def test_a_wrong_byte_never_gives_another_index(folder, name, place, bits):
    whole = written(folder)
    data = bytearray(whole[name])
    data[int(place * len(data))] ^= bits
    check(folder, name, bytes(data))


@settings(max_examples=40, deadline=None)
@given(name=st.sampled_from([MANIFEST, DEPTH]), place=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_short_is_refused(folder, name, place):
    whole = written(folder)
    check(folder, name, whole[name][: int(place * len(whole[name]))])


def check(folder, name, data):
    """Damage one file, and expect a refusal or the very same index."""
    try:
        (folder / name).write_bytes(data)
        try:
            found, sentence = read_index(folder), ""
        except CannotRead as error:
            found, sentence = None, str(error)
        assert "index the sweep again" in sentence or same(found, an_index())
    finally:
        (folder / name).write_bytes(written(folder)[name])


HOSTILE = ["", "null", "[]", "5", '"text"', "[" * 100_000, "{}", f'{{"format": {FORMAT}}}', "\ud800", "\x00"]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: repr(t[:20]))
def test_what_is_no_manifest_is_refused(tmp_path, text):
    write_index(an_index(), tmp_path)
    (tmp_path / MANIFEST).write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(CannotRead, match="index the sweep again"):
        read_index(tmp_path)


def test_another_version_is_named(tmp_path):
    write_index(an_index(), tmp_path)
    plain = json.loads((tmp_path / MANIFEST).read_text("utf-8"))
    plain["format"] = FORMAT + 1
    (tmp_path / MANIFEST).write_text(json.dumps(plain), "utf-8")
    with pytest.raises(CannotRead, match="another version"):
        read_index(tmp_path)


@pytest.mark.parametrize("missing", [MANIFEST, DEPTH])
def test_a_missing_file_is_named(tmp_path, missing):
    write_index(an_index(), tmp_path)
    (tmp_path / missing).unlink()
    with pytest.raises(CannotRead, match="incomplete"):
        read_index(tmp_path)


def test_depth_of_another_sweep_is_refused(tmp_path):
    write_index(an_index(), tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    write_index(an_index(rows=5), other)
    os.replace(other / DEPTH, tmp_path / DEPTH)
    with pytest.raises(CannotRead, match="incomplete"):
        read_index(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [("a", np.nan), ("a", 0), ("a", 1e300), ("b", np.inf), ("row", np.nan), ("gain", 0.0), ("gain", np.nan)],
)
def test_poses_that_no_camera_has_are_refused(tmp_path, name, value):
    index = an_index()
    poses = np.full_like(getattr(index.alignment, name), value)
    write_index(replace(index, alignment=replace(index.alignment, **{name: poses})), tmp_path)
    with pytest.raises(CannotRead, match="incomplete"):
        read_index(tmp_path)


@pytest.mark.parametrize("name", ["position", "confidence"])
@pytest.mark.parametrize(
    "how", [lambda m: m * np.float32(np.nan), lambda m: m + 0j, lambda m: m.astype("U1")]
)
def test_maps_that_hold_no_numbers_are_refused(tmp_path, name, how):
    index = an_index()
    write_index(
        replace(index, depth=replace(index.depth, **{name: how(getattr(index.depth, name))})), tmp_path
    )
    with pytest.raises(CannotRead, match="incomplete"):
        read_index(tmp_path)


@pytest.mark.parametrize("noise", [Noise(np.nan, np.zeros(3, np.float32)), Noise(1.0, np.full(3, "x"))])
def test_noise_that_is_no_number_is_refused(tmp_path, noise):
    index = an_index()
    pulse = np.resize(noise.pulse, index.depth.noise.pulse.shape)
    depth = replace(index.depth, noise=replace(noise, pulse=pulse))
    write_index(replace(index, depth=depth), tmp_path)
    with pytest.raises(CannotRead, match="incomplete"):
        read_index(tmp_path)
