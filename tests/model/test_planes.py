"""What lies beside the chosen planes is shown by the nearest end, or a little beyond it if that is soft."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.model.planes import Planes

spans = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 12)).map(lambda p: (float(p[0]), float(p[0] + p[1]))),
    min_size=1, max_size=4,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(spans, st.sampled_from([0.0, 1.0, 3.0, 8.0]))
def test_inside_all_is_itself_and_beside_it_the_nearest_end_gives_way(chosen, soft):
    planes = Planes.union(chosen, soft)
    assert all(a[1] < b[0] for a, b in zip(planes.spans, planes.spans[1:], strict=False))
    at = np.linspace(-10, 90, 1001).astype(np.float32)
    inside = np.any([(at >= a) & (at <= b) for a, b in chosen], axis=0)
    shown = planes.shown(at)
    assert np.abs(shown - at)[inside].max(initial=0) < 1e-5
    away = np.min([np.abs(at - np.clip(at, a, b)) for a, b in chosen], axis=0)
    left = np.abs(at - shown)
    assert (left <= away + 1e-4).all()
    assert (left >= away - soft / 2 - 1e-4).all()
    far = away >= soft
    assert np.abs(left - (away - soft / 2))[far].max(initial=0) < 1e-3
    assert planes.used(np.arange(-20, 100)).sum() >= planes.used(np.arange(0, 61)).sum() > 0
    assert (np.diff(shown[at > planes.spans[-1][1]]) >= -1e-4).all()


def test_soft_ends_take_frames_beside_the_range():
    frames = np.arange(20)
    assert frames[Planes.union([(5, 8)]).used(frames)].tolist() == [5, 6, 7, 8]
    assert frames[Planes.union([(5, 8)], 4).used(frames)].tolist() == list(range(3, 11))
    both = Planes.union([(2, 3), (15, 16)])
    assert both.shown(np.array([9.0, 8.9, 9.1])).tolist() in ([3.0, 3.0, 15.0], [15.0, 3.0, 15.0])
