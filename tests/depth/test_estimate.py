"""Depth from a made-up focus volume: the same in any pieces, right up to the border, and honest."""

from __future__ import annotations

import numpy as np
import pytest

import postfocus.depth.estimate as estimate
from postfocus.depth.estimate import DepthSettings, estimate_depth, estimate_noise
from postfocus.errors import TooFewFrames
from postfocus.focus.volume import FocusVolume, MapStack, MapWriter, encode, settle
from postfocus.model.alignment import Alignment
from postfocus.model.depth import State
from tests.support.scenes import SMALL, TRIPOD, curves_at, indexed, simulated, volume_of


def slope(rows: int, cols: int, count: int) -> np.ndarray:
    return np.linspace(2, count - 3, cols)[None].repeat(rows, 0) + np.linspace(-1, 1, rows)[:, None]


def test_positions_are_counted_in_frames_of_the_input(tmp_path):
    truth = slope(40, 60, 16)
    volume = volume_of(curves_at(truth, 16), tmp_path / "v")
    depth = estimate_depth(volume, np.arange(16), 4, 243, 161, DepthSettings())
    assert np.abs(depth.position - truth).max() < 0.3
    assert (depth.state == State.IN_FOCUS).all()
    assert (depth.pool, depth.width, depth.height, depth.last_frame) == (4, 243, 161, 15)
    gaps = np.array([0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 20, 21, 22, 23, 30])
    other = estimate_depth(volume, gaps, 4, 243, 161, DepthSettings())
    assert other.last_frame == 30
    np.testing.assert_allclose(other.position, np.interp(depth.position, np.arange(16), gaps), atol=0.8)


@pytest.mark.parametrize("settings", [DepthSettings(), DepthSettings(smooth_cells=2.5)])
def test_bands_leave_no_seam(tmp_path, monkeypatch, settings):
    rng = np.random.default_rng(1)
    curves = curves_at(slope(70, 50, 12), 12) * rng.uniform(0.2, 1.8, (1, 70, 50))
    curves[:3, :, :9], curves[8:, 30:44] = 0, 0
    volume = volume_of(curves + rng.normal(0, 0.1, curves.shape).clip(-0.3), tmp_path / "v")
    whole = estimate_depth(volume, np.arange(12), 1, 50, 70, settings)
    monkeypatch.setattr(estimate, "BAND_BYTES", 1)
    bands = estimate_depth(volume, np.arange(12), 1, 50, 70, settings)
    np.testing.assert_allclose(bands.position, whole.position, atol=1e-3)
    np.testing.assert_allclose(bands.confidence, whole.confidence, atol=1e-3)
    assert (bands.state != whole.state).mean() < 1e-3


def test_depth_is_as_good_near_the_border_that_frames_wobble_over(tmp_path):
    count, rows, cols = 16, 60, 90
    rng = np.random.default_rng(0)
    curves = curves_at(np.full((rows, cols), 7.3), count, 3.0) * rng.uniform(0.6, 1.4, (1, rows, cols))
    b = rng.uniform(-4, 4, count) + 1j * rng.uniform(-4, 4, count)
    b[8] = 0
    alignment = Alignment(
        cols, rows, np.arange(count), 8, np.ones(count, complex), b, np.zeros(count), np.zeros(count),
        ("aligned",) * count, np.ones(count),
    )  # fmt: skip
    with MapWriter(tmp_path / "m") as writer:
        for layer in curves.astype(np.float32):
            writer.append(encode(np.ascontiguousarray(layer)))
    volume = FocusVolume(
        settle(MapStack(tmp_path / "m", count, rows, cols), alignment, 1, tmp_path / "s", scores=True)
    )
    depth = estimate_depth(volume, np.arange(count), 1, cols, rows, DepthSettings())
    error = np.abs(depth.position - 7.3)
    assert error[6:-6, 6:-6].mean() < 0.06
    assert error[2:-2, 2:-2].mean() < 0.08
    assert error.mean() < 0.15


def test_a_plain_place_takes_the_depth_round_it(tmp_path):
    curves = curves_at(np.full((40, 60), 5.0), 12)
    curves[:, 12:28, 20:40] = 1.0
    curves += np.random.default_rng(3).normal(0, 0.03, curves.shape).astype(np.float32)
    depth = estimate_depth(volume_of(curves, tmp_path / "v"), np.arange(12), 4, 240, 160, DepthSettings())
    middle = (slice(18, 22), slice(26, 34))
    assert (depth.state[middle] == State.NO_TEXTURE).all()
    assert np.abs(depth.position[middle] - 5).max() < 0.5
    assert depth.confidence[middle].max() < 0.3


def test_noise_of_plain_places_is_learnt(tmp_path):
    rng = np.random.default_rng(2)
    count, sigma = 45, 1.75
    pulse = np.where(np.arange(count) % 15 == 0, 0.5, 0.0)
    curves = 2 + pulse[:, None, None] + rng.normal(0, 0.25, (count, 60, 80))
    noise = estimate_noise(volume_of(curves, tmp_path / "v"), sigma)
    # A Gaussian mean over sigma cells divides white noise by 2 sqrt(pi) sigma.
    wanted = 0.25 / (2 * np.pi**0.5 * sigma)
    assert 0.5 * wanted < noise.scatter < 2 * wanted
    high = noise.pulse[::15].mean() - np.delete(noise.pulse, np.arange(0, count, 15)).mean()
    assert abs(high - 0.5) < 0.1


def test_noise_of_a_bracket_is_not_that_of_its_darkest_cells(tmp_path):
    """Ten frames, an eighth of whose cells lie in the dark and have next to no noise; few have texture."""
    rng = np.random.default_rng(3)
    strength = np.where(np.arange(240) % 240 < 30, 0.02, 0.25)
    curves = 2 + rng.normal(0, 1, (10, 60, 240)) * strength
    curves[:, :, 200:] += 30 * np.exp(-0.5 * (np.arange(10)[:, None, None] - 3) ** 2)
    volume = volume_of(curves, tmp_path / "v")
    assert estimate_noise(volume, 1.75).scatter > 0.5 * 0.25 / (2 * np.pi**0.5 * 1.75)
    depth = estimate_depth(volume, np.arange(10), 1, 240, 60, DepthSettings(1.75))
    assert (depth.state[:, 40:180] == State.NO_TEXTURE).mean() > 0.99


def test_one_frame_has_no_depth(tmp_path):
    volume = volume_of(np.ones((1, 9, 9)), tmp_path / "v")
    with pytest.raises(TooFewFrames, match="two frames"):
        estimate_depth(volume, np.arange(1), 1, 9, 9, DepthSettings())


def test_two_frames_tell_near_from_far(tmp_path):
    curves = np.ones((2, 20, 30), np.float32)
    curves[0, :, :15], curves[1, :, 15:] = 9, 9
    depth = estimate_depth(volume_of(curves, tmp_path / "v"), np.array([4, 7]), 1, 30, 20, DepthSettings())
    assert np.abs(depth.position[:, :10] - 4).max() < 0.2
    assert np.abs(depth.position[:, 20:] - 7).max() < 0.2


@pytest.mark.parametrize("settings", [SMALL, TRIPOD], ids=["handheld", "tripod"])
def test_simulated_depth_is_right_and_surest_where_it_is_most_right(settings):
    sim, _ = simulated(settings)
    index, _ = indexed(settings)
    truth, depth = sim.truth, index.depth
    good = (truth.texture > 6) & ~truth.near_edge(12) & (depth.state == State.IN_FOCUS)
    error = np.abs(depth.position - truth.depth)
    assert good.mean() > 0.1
    assert np.median(error[good]) < 0.2
    assert np.quantile(error[good], 0.9) < 0.6
    # Sparsification: the surer half of the picture is far better than the other. (Beside an edge of
    # depth the farther side borrows the nearer one's sharpness and is sure of it: left out here.)
    plain = ~truth.near_edge(12)
    ranked = error[plain][np.argsort(-depth.confidence[plain])]
    n = len(ranked)
    assert ranked[: n // 2].mean() < 0.6 * ranked[n // 2 :].mean()
    assert ranked[: n // 10].mean() < 0.6 * ranked.mean()


def test_noise_asked_of_fewer_cells_is_the_same_noise(tmp_path, monkeypatch):
    rng = np.random.default_rng(3)
    volume = volume_of(6 + rng.normal(0, 0.5, (40, 30, 600)), tmp_path / "v")
    all_of_them = estimate_noise(volume, 1.0)
    monkeypatch.setattr(estimate, "MOST_ASKED", 40 * 600)
    some = estimate_noise(volume, 1.0)
    assert some.scatter == pytest.approx(all_of_them.scatter, rel=0.1)
    assert some.pulse.shape == (40,)
