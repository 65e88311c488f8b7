"""What a person is told of a sweep follows from its links."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from postfocus.align.lattice import Motion
from postfocus.align.register import NOTHING
from postfocus.align.settings import AlignSettings
from postfocus.align.verdict import Link, Reading, conclude

SCALE = 4


def links(count: int, step: complex, spread: float) -> list[Link]:
    """All pairs of a sweep that moves by `step` working pixels each frame, not quite in agreement."""
    rng = np.random.default_rng(0)
    found: list[Link] = []
    for i, k in combinations(range(count), 2):
        motion = Motion(1, step * (k - i) + 0.005 * complex(*rng.normal(size=2)))
        fit = replace(
            NOTHING, motion=motion, sheared=motion, ncc=0.9, spread=spread, sheared_spread=spread,
            weights=np.ones_like(NOTHING.weights),
        )  # fmt: skip
        found.append(Link(i, k, True, fit))
    return found


@pytest.mark.parametrize(
    ("count", "off", "told"), [(8, 0.0, False), (8, 0.03, False), (8, 0.5, True), (16, 0.03, True)]
)
def test_in_a_short_sweep_a_mover_is_told_of_where_it_would_carry_the_frames(
    count: int, off: float, told: bool
) -> None:
    reading = Reading(1920, 1080, SCALE, np.arange(count), np.zeros(count, bool), AlignSettings())
    record = conclude(reading, links(count, 1 + 1j, 0.12), links(count, 1 + 1j + off, 0.05), None)
    assert any("moves in the scene" in note for note in record.notes) == told
    assert np.abs(np.diff(record.b)) == pytest.approx(abs(1 + 1j + off) * SCALE, abs=0.05)
