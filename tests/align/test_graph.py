"""Links with errors and lies go in, consistent poses come out."""

from __future__ import annotations

import numpy as np
import pytest

from postfocus.align.graph import Edge, solve
from postfocus.align.lattice import Motion

RADIUS = 500.0


def truth(count, seed=0):
    rng = np.random.default_rng(seed)
    a = np.exp(np.linspace(0, 0.05, count) + 1j * rng.normal(0, 0.003, count))
    b = 20 * (rng.normal(size=count) + 1j * rng.normal(size=count))
    row = rng.normal(0, 0.002, count)
    row[0], b[0] = 0, 0
    return a / a[0], b, row


def edge(pose, i, k, error=0.1, off=0j, gain=1.0):
    a, b, row = pose
    way = Motion(a[k] / a[i], b[k] - a[k] / a[i] * b[i] - (row[k] - row[i]) * b[i].imag, row[k] - row[i])
    return Edge(i, k, Motion(way.a, way.b + off, way.row), error, gain)


def test_exact_links_give_exact_poses():
    pose = truth(20)
    edges = [edge(pose, k - g, k, gain=1.1 if g == 1 else 1.1**4) for g in (1, 4) for k in range(g, 20)]
    found = solve(20, edges, np.ones(20), RADIUS)
    assert found.a == pytest.approx(pose[0])
    assert found.b == pytest.approx(pose[1], abs=1e-6)
    assert found.row == pytest.approx(pose[2], abs=1e-9)
    assert found.gain == pytest.approx(1.1 ** np.arange(20))


def test_a_lying_link_is_voted_down_and_covariance_grows_with_distance():
    pose = truth(20)
    edges = [edge(pose, k - g, k) for g in (1, 2, 5) for k in range(g, 20)]
    edges[7] = edge(pose, 7, 8, off=30 + 10j)
    found = solve(20, edges, np.ones(20), RADIUS)
    assert found.weights[7] < 0.05
    assert np.abs(found.b - pose[1]).max() < 0.2
    error = found.error(0)
    assert error[0] == 0
    assert 0 < error[1] < error[10] < 1


def test_frames_without_links_and_frames_that_only_contradict_are_left_out():
    pose = truth(12)
    edges = [edge(pose, k - g, k) for g in (1, 2, 3) for k in range(g, 12) if 5 not in (k - g, k)]
    assert solve(12, edges, np.ones(12), RADIUS).members.tolist() == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]
    lies = [edge(pose, i, 5, off=60 * np.exp(2j * i)) for i in (1, 2, 3, 4)]
    found = solve(12, edges + lies, np.ones(12), RADIUS)
    assert np.abs(np.delete(found.b, np.flatnonzero(found.members == 5)) - np.delete(pose[1], 5)).max() < 0.5


def test_the_part_with_most_frames_is_kept():
    pose = truth(10)
    edges = [edge(pose, k - 1, k) for k in range(1, 10) if k != 4]
    assert solve(10, edges, np.ones(10), RADIUS).members.tolist() == [4, 5, 6, 7, 8, 9]
    worth = np.where(np.arange(10) < 4, 1.0, 0.01)
    assert solve(10, edges, worth, RADIUS).members.tolist() == [0, 1, 2, 3]
    assert solve(3, [], np.ones(3), RADIUS).members.tolist() == [0]
