"""What a person chose survives every spelling of it, and nonsense is named."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.model.look import Frames, Look, Place

fractions = st.floats(0, 1)
places = st.builds(Place, fractions, fractions)
numbers = st.one_of(st.none(), st.integers(0, 500))
ranges = st.tuples(numbers, numbers).map(
    lambda p: Frames(*sorted(p)) if None not in p else Frames(*p)  # pyright: ignore
)
looks = st.builds(
    Look,
    focus=st.one_of(st.none(), places),
    near=st.one_of(st.none(), places),
    far=st.one_of(st.none(), places),
    frames=st.one_of(st.none(), ranges),
    reference=numbers,
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


HOSTILE = [
    "", "null", "5", "[]", "[{}]", '"focus"', "{", '{"fokus": {}}', '{"focus": null}', '{"focus": {}}',
    '{"focus": {"x": 0.5}}', '{"focus": {"x": "0.5", "y": 0}}', '{"focus": {"x": NaN, "y": 0}}',
    '{"focus": {"x": 0.5, "y": 0.5, "z": 1}}', '{"frames": [1, 2]}', '{"frames": {"first": "a"}}',
    '{"frames": {"first": 1.5}}', '{"frames": {"first": true}}', '{"frames": {"first": 3, "last": 1}}',
    '{"reference": "abc"}', '{"reference": 1.5}', '{"reference": -1}', '{"reference": true}',
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
                st.sampled_from(["focus", "near", "far", "frames", "reference", "x", "y", "first", "last"]),
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
