"""What a person chose survives every spelling of it, and nonsense is named."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.model.look import Frames, Look, Place, Stroke
from postfocus.model.stroke import MOST_POINTS, MOST_STROKES

fractions = st.floats(0, 1)
places = st.builds(Place, fractions, fractions)
numbers = st.one_of(st.none(), st.integers(0, 500))
ranges = st.tuples(numbers, numbers).map(
    lambda p: Frames(*sorted(p)) if None not in p else Frames(*p)  # pyright: ignore
)
strokes = st.builds(
    Stroke,
    frame=st.integers(0, 500),
    points=st.lists(places, min_size=1, max_size=5).map(tuple),
    radius=st.floats(1e-4, 0.5),
    softness=fractions,
)
looks = st.builds(
    Look,
    focus=st.one_of(st.none(), places),
    near=st.one_of(st.none(), places),
    far=st.one_of(st.none(), places),
    frames=st.one_of(st.none(), ranges),
    reference=numbers,
    retouch=st.lists(strokes, max_size=3).map(tuple),
    ranges=st.lists(ranges, max_size=3).map(tuple),
    soft=st.floats(0, 1000),
    keep_glow=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(looks)
def test_look_survives_json(look):
    assert Look.from_json(look.to_json()) == look
    assert Look.from_json(json.dumps(look.to_json())) == look


@settings(max_examples=40, deadline=None)
@given(places)
def test_place_is_read_as_written(place):
    assert Place.parse(f"{place.x!r},{place.y!r}") == place


@settings(max_examples=40, deadline=None)
@given(ranges)
def test_range_is_read_as_written(frames):
    text = ":".join("" if n is None else str(n) for n in (frames.first, frames.last))
    assert Frames.parse(text) == frames


@pytest.mark.parametrize(
    "text", ["", "0.5", "0.5,0.5,0.5", "a,b", "nan,0.5", "inf,0", "-0.1,0.5", "0.5,1.01"]
)
def test_place_that_cannot_be_meant(text):
    with pytest.raises(ValueError, match=r"fraction|place"):
        Place.parse(text)


@pytest.mark.parametrize("text", ["", "3", "3:2", "-1:4", "a:b", "1:2:3", "1.5:3", "²:3", "9" * 5000 + ":"])
def test_range_that_cannot_be_meant(text):
    with pytest.raises(ValueError, match=r"range|backwards|digits"):
        Frames.parse(text)


NAMES = [
    "focus",
    "near",
    "far",
    "frames",
    "ranges",
    "soft",
    "reference",
    "retouch",
    "keep_glow",
    "x",
    "y",
    "first",
    "last",
    "points",
]
HOSTILE = [
    "", "null", "5", "[]", "[{}]", '"focus"', "{", '{"fokus": {}}', '{"focus": null}', '{"focus": {}}',
    '{"focus": {"x": 0.5}}', '{"focus": {"x": "0.5", "y": 0}}', '{"focus": {"x": NaN, "y": 0}}',
    '{"focus": {"x": 0.5, "y": 0.5, "z": 1}}', '{"frames": [1, 2]}', '{"frames": {"first": "a"}}',
    '{"frames": {"first": 1.5}}', '{"frames": {"first": true}}', '{"frames": {"first": 3, "last": 1}}',
    '{"reference": "abc"}', '{"reference": 1.5}', '{"reference": -1}', '{"reference": true}',
    '{"ranges": {}}', '{"ranges": [[1, 2]]}', '{"ranges": [{"first": 3, "last": 1}]}', '{"ranges": [null]}',
    '{"ranges": [' + ", ".join(["{}"] * 101) + "]}", '{"soft": -1}', '{"soft": "4"}', '{"soft": true}',
    '{"keep_glow": 1}', '{"keep_glow": null}', '{"keep_glow": "yes"}',
    '{"soft": NaN}', '{"soft": 1e9}', '{"soft": null}', '{"soft": 1' + "0" * 400 + "}",
    '{"retouch": {}}', '{"retouch": null}', '{"retouch": [5]}', '{"retouch": [{"frame": 1, "points": []}]}',
    '{"retouch": [{"frame": 1.5, "points": [[0, 0]], "radius": 0.1}]}',
    '{"retouch": [{"frame": 1, "points": [[0, 0, 0]], "radius": 0.1}]}',
    '{"retouch": [{"frame": 1, "points": [[0, "0"]], "radius": 0.1}]}',
    '{"retouch": [{"frame": 1, "points": [[0, 1.5]], "radius": 0.1}]}',
    '{"retouch": [{"frame": 1, "points": [[0, true]], "radius": 0.1}]}',
    '{"retouch": [{"frame": 1, "points": {"length": 1}, "radius": 0.1}]}',
    '{"retouch": [{"frame": 1, "points": [], "radius": 0.1}]}',
    '{"retouch": [{"frame": -1, "points": [[0, 0]], "radius": 0.1}]}',
    '{"retouch": [{"frame": 1, "points": [[0, 0]], "radius": 0}]}',
    '{"retouch": [{"frame": 1, "points": [[0, 0]], "radius": 1e9}]}',
    '{"retouch": [{"frame": 1, "points": [[0, 0]], "radius": NaN}]}',
    '{"retouch": [{"frame": 1, "points": [[0, 0]], "radius": 1' + "0" * 400 + "}]}",
    '{"retouch": [{"frame": 1, "points": [[0, 0]], "radius": 0.1, "softness": 2}]}',
    '{"retouch": [{"frame": 1, "points": [[0, 0]], "radius": 0.1, "colour": "red"}]}',
    '{"focus": {"x": 1' + "0" * 400 + ', "y": 0}}', "[" * 100_000, '{"a":' * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: t[:30])
def test_what_is_no_look_is_named(text):
    with pytest.raises(ValueError, match=r"."):
        Look.from_json(text)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(
                st.sampled_from(NAMES),
                inner,
                max_size=3,
            ),
        ),
        max_leaves=8,
    )
)
def test_any_json_is_a_look_or_a_value_error(plain):
    try:
        look = Look.from_json(json.dumps(plain))
    except ValueError:
        return
    assert Look.from_json(look.to_json()) == look


def a_stroke(points: int) -> dict[str, object]:
    return {"frame": 0, "points": [[0.5, 0.5]] * points, "radius": 0.01}


def test_retouch_has_bounds():
    largest = {"retouch": [a_stroke(MOST_POINTS // MOST_STROKES)] * MOST_STROKES}
    assert len(Look.from_json(largest).retouch) == MOST_STROKES
    for wanted in ([a_stroke(1)] * (MOST_STROKES + 1), [a_stroke(MOST_POINTS), a_stroke(1)]):
        with pytest.raises(ValueError, match="at most"):
            Look.from_json({"retouch": wanted})
