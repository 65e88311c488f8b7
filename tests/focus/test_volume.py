"""The focus volume on disk: what was written is read, in any piece, and moved as the poses say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.cells import score_of
from postfocus.errors import CannotRead
from postfocus.focus.volume import (
    FLOOR,
    OCTAVE,
    FocusVolume,
    MapStack,
    MapWriter,
    decode,
    encode,
    settle,
)
from postfocus.model.alignment import Alignment


def test_codes_keep_scores_to_three_percent_and_never_say_unseen():
    score = np.geomspace(0.25, 1e5, 5000).astype(np.float32).reshape(50, 100)
    codes = encode(score)
    back = decode(codes)
    assert np.abs(np.log((back + FLOOR) / (score + FLOOR))).max() <= np.log(2) / OCTAVE / 2 + 1e-3
    assert encode(np.zeros((2, 2), np.float32)).tolist() == [[1, 1], [1, 1]]
    assert encode(np.full((2, 2), 1e6, np.float32)).tolist() == [[255, 255], [255, 255]]
    assert decode(np.zeros((3, 4), np.uint8)).max() == 0
    assert decode(codes).dtype == np.float32


def test_contrast_is_what_the_score_stands_for(tmp_path):
    contrast = np.geomspace(0.25, 120, 64).astype(np.float32).reshape(8, 8)
    with MapWriter(tmp_path / "maps") as writer:
        writer.append(encode(score_of(contrast)))
    np.testing.assert_allclose(FocusVolume(writer.maps()).contrast(0), contrast, rtol=0.06)


@pytest.fixture
def stack(tmp_path) -> tuple[MapStack, np.ndarray]:
    data = np.random.default_rng(1).integers(0, 256, (5, 7, 11)).astype(np.uint8)
    with MapWriter(tmp_path / "maps") as writer:
        for layer in data:
            writer.append(layer)
    assert writer.maps() == MapStack(tmp_path / "maps", 5, 7, 11)
    return writer.maps(), data


def test_maps_are_read_as_written(stack):
    maps, data = stack
    maps.check()
    np.testing.assert_array_equal(np.stack(list(maps.maps())), data)
    np.testing.assert_array_equal(maps.one(3), data[3])
    chosen = np.array([4, 0, 2])
    volume = FocusVolume(maps)
    some = volume.of(chosen)
    for top, bottom in ((0, 7), (2, 3), (5, 7)):
        np.testing.assert_array_equal(maps.band(top, bottom), data[:, top:bottom])
        np.testing.assert_array_equal(maps.band(top, bottom, chosen), data[chosen, top:bottom])
        assert np.array_equal(list(volume.band(top, bottom)), decode(data)[:, top:bottom])
        assert np.array_equal(list(some.band(top, bottom)), decode(data)[chosen, top:bottom])
        assert np.array_equal(volume.window(top, bottom, 2, 6), decode(data)[:, top:bottom, 2:6])
        assert np.array_equal(some.window(top, 99, 8, 99), decode(data)[chosen, top:, 8:])
    assert (some.count, some.height, some.width) == (3, 7, 11)
    assert (volume.count, volume.height, volume.width) == (5, 7, 11)
    np.testing.assert_array_equal(some.frame(1), decode(data[0]))


def test_maps_need_not_lie_together_in_memory(tmp_path):
    data = np.arange(48, dtype=np.uint8).reshape(6, 8)
    with MapWriter(tmp_path / "maps") as writer:
        writer.append(data[:, ::2])
    np.testing.assert_array_equal(MapStack(tmp_path / "maps", 1, 6, 4).one(0), data[:, ::2])


@pytest.mark.parametrize("size", [0, 1, 7 * 11, 5 * 7 * 11 - 1, 5 * 7 * 11 + 1])
def test_a_file_of_the_wrong_size_is_refused(stack, size):
    maps, data = stack
    maps.path.write_bytes(data.tobytes()[:size].ljust(size, b"\0"))
    with pytest.raises(CannotRead, match="index the sweep again"):
        maps.check()


def test_a_file_cut_while_it_is_read_is_refused(stack):
    maps, data = stack
    maps.path.write_bytes(data.tobytes()[:200])
    np.testing.assert_array_equal(maps.one(1), data[1])
    for read in (lambda: maps.one(4), lambda: maps.band(2, 5), lambda: list(maps.maps())):
        with pytest.raises(CannotRead, match="index the sweep again"):
            read()


def test_a_file_that_vanished_is_refused(stack):
    maps, _ = stack
    maps.path.unlink()
    for read in (maps.check, lambda: maps.one(0), lambda: maps.band(0, 1)):
        with pytest.raises(CannotRead, match="index the sweep again"):
            read()


def moved(a: list[complex], b: list[complex], size: tuple[int, int], state=None) -> Alignment:
    n = len(a)
    return Alignment(
        *size, np.arange(n), 0, np.array(a, complex), np.array(b, complex), np.zeros(n), np.zeros(n),
        state or ("aligned",) * n, np.ones(n),
    )  # fmt: skip


def hills(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A smooth landscape of sharpness, 5 to 55 grey levels."""
    return (30 + 15 * np.sin(x / 7.0) * np.cos(y / 9.0) + 10 * np.sin((x + 2 * y) / 13.0)).astype(np.float32)


@settings(max_examples=20, deadline=None)
@given(
    st.floats(-0.03, 0.03),
    st.floats(-0.03, 0.03),
    st.floats(-9, 9),
    st.floats(-9, 9),
    st.sampled_from([1, 4]),
    st.booleans(),
)
def test_settling_undoes_a_known_similarity(tmp_path_factory, zoom, roll, dx, dy, pool, scores):
    folder = tmp_path_factory.mktemp("settle")
    height, width = 60, 80
    alignment = moved([1, complex(1 + zoom, roll)], [0, complex(dx, dy)], (width * pool, height * pool))
    scene = hills(*np.mgrid[:height, :width][::-1])
    m = alignment.matrix(1, pool)
    # Where frame 1 sees reference cell z at m z, its own map holds at p what the scene has at m^-1 p.
    p = np.stack([*np.mgrid[:height, :width][::-1], np.ones((height, width))])
    back = np.linalg.inv(np.vstack([m, [0, 0, 1]]))[:2]
    seen = hills(*np.einsum("ij,jhw->ihw", back, p))
    with MapWriter(folder / "measured") as writer:
        writer.append(encode(scene))
        writer.append(encode(seen))
    measured = MapStack(folder / "measured", 2, height, width)
    settled = settle(measured, alignment, pool, folder / "settled", scores=scores)
    settled.check()
    np.testing.assert_array_equal(settled.one(0), encode(scene))
    where = np.einsum("ij,jhw->ihw", m, p)
    inside = (where[0] >= 0) & (where[0] <= width - 1) & (where[1] >= 0) & (where[1] <= height - 1)
    outside = (where[0] < -1) | (where[0] > width) | (where[1] < -1) | (where[1] > height)
    found = settled.one(1).astype(int)
    assert np.abs(found - encode(scene))[inside].max() <= 5
    assert (found[outside] == 0).all()
    # A cell half seen is either unseen or as sharp as it is: never something in between.
    edge = ~inside & ~outside & (found > 1)
    assert edge.sum() == 0 or np.abs(found - encode(scene))[edge].max() <= 16


def test_a_score_between_two_cells_is_their_mean(tmp_path):
    score = np.where(np.arange(12) % 2, 0.5, 8.0).astype(np.float32) * np.ones((8, 1), np.float32)
    with MapWriter(tmp_path / "measured") as writer:
        for _ in range(2):
            writer.append(encode(score))
    alignment = moved([1, 1], [0, 0.5], (12, 8))
    settled = FocusVolume(settle(writer.maps(), alignment, 1, tmp_path / "settled", scores=True))
    np.testing.assert_allclose(settled.frame(1)[:, :-1], 4.25, rtol=0.05)


def test_lost_frames_show_nothing(tmp_path):
    with MapWriter(tmp_path / "measured") as writer:
        for _ in range(2):
            writer.append(np.full((6, 8), 99, np.uint8))
    alignment = moved([1, 1], [0, 0], (8, 6), ("aligned", "lost"))
    settled = settle(MapStack(tmp_path / "measured", 2, 6, 8), alignment, 1, tmp_path / "settled")
    assert settled.one(0).min() == 99
    assert settled.one(1).max() == 0


def test_bands_come_in_portions_that_do_not_grow_with_the_number_of_frames(stack, monkeypatch):
    maps, data = stack
    whole = np.stack(list(FocusVolume(maps).band(1, 6)))
    sizes: list[int] = []
    read = MapStack.band

    def noted(self: MapStack, top: int, bottom: int, slots: np.ndarray | None = None) -> np.ndarray:
        out = read(self, top, bottom, slots)
        sizes.append(out.nbytes)
        return out

    monkeypatch.setattr(MapStack, "band", noted)
    monkeypatch.setattr("postfocus.focus.volume.PORTION", 130)
    np.testing.assert_array_equal(np.stack(list(FocusVolume(maps).band(1, 6))), whole)
    np.testing.assert_array_equal(whole, decode(data[:, 1:6]))
    some = np.array([0, 2, 3, 4])
    np.testing.assert_array_equal(np.stack(list(FocusVolume(maps, some).band(1, 6))), whole[some])
    assert max(sizes) <= 130
