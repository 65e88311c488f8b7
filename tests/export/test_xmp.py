"""The record of how a picture was made goes in and comes out, whatever it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.errors import CannotRead
from postfocus.export.xmp import NAMESPACE, packet, read_record, record_in

FEW = settings(max_examples=60, deadline=None)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
RECORDS = st.dictionaries(
    st.text(),
    st.recursive(
        PLAIN, lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(), x, max_size=3), max_leaves=8
    ),
)


def body(data: bytes) -> bytes:
    return data[data.index(b"<x:xmpmeta") : data.index(b"</x:xmpmeta>") + 12]


@FEW
@given(RECORDS)
def test_any_record_comes_back(record: dict[str, Any]) -> None:
    assert record_in(body(packet(record, "image/png"))) == record


@FEW
@given(st.text(st.characters(codec=None), max_size=30))
def test_any_text_is_safe(text: str) -> None:
    data = body(packet({"name": text}, text))
    assert record_in(data) == {"name": text}


@FEW
@given(st.binary(max_size=200))
def test_damaged_packets_hold_no_record(noise: bytes) -> None:
    whole = body(packet({"frame": 3}, "image/png"))
    assert record_in(noise) is None
    assert record_in(whole[:150] + noise + whole[400:]) in (None, {"frame": 3})


def test_people_find_plain_fields() -> None:
    record = {"frame": 17, "place": {"x": 0.25, "y": 0.5}, "sweep": {"first": 3, "last": 28}, "merged": True}
    description = ElementTree.fromstring(body(packet(record, "image/jpeg")))[0][0]
    fields = {e.tag.removeprefix(f"{{{NAMESPACE}}}"): e.text for e in description}
    assert fields["frame"] == "17"
    assert (fields["place_x"], fields["sweep_last"], fields["merged"]) == ("0.25", "28", "True")
    assert fields["{http://purl.org/dc/elements/1.1/}format"] == "image/jpeg"
    creator = fields["{http://ns.adobe.com/xap/1.0/}CreatorTool"]
    assert creator is not None
    assert creator.startswith("postfocus")


def test_a_record_too_long_for_its_container_is_shortened() -> None:
    record = {"frame": 3, "notes": ["x" * 100] * 1000}
    data = packet(record, "image/jpeg", largest=65_000)
    assert len(data) <= 65_000
    assert record_in(body(data)) == {"frame": 3, "shortened": True}


def test_entities_are_not_unfolded() -> None:
    bomb = body(packet({"frame": 3}, "image/png")).replace(b"<rdf:RDF", b"<!DOCTYPE x><rdf:RDF")
    assert record_in(bomb) is None


def test_files_without_a_record(tmp_path: Path) -> None:
    for number, content in enumerate([b"", b"not a picture", b"<x:xmpmeta", b"<x:xmpmeta></x:xmpmeta>"]):
        path = tmp_path / str(number)
        path.write_bytes(content)
        assert read_record(path) is None
    foreign = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/></x:xmpmeta>"
    (tmp_path / "two").write_bytes(foreign + packet({"frame": 3}, "image/png"))
    assert read_record(tmp_path / "two") == {"frame": 3}


def test_a_missing_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match="cannot be read"):
        read_record(tmp_path / "none.jpg")
