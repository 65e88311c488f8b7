"""How a picture says where its focus came from: a packet of XMP that any photo tool carries along.

The packet names the program and the format in the common fields, gives each
plain value of the record a field of its own for people who look, and holds
the whole record as JSON so that the picture can be made again.
"""

from __future__ import annotations

import html
import json
import mmap
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from postfocus.errors import CannotRead
from postfocus.io.atomic import display_name
from postfocus.io.exif import software

NAMESPACE = "https://postfocus.invalid/ns/1.0/"
"""Names our fields; a name only, in a domain that never exists, so nothing is ever fetched."""

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_BEGIN, _END = b"<x:xmpmeta", b"</x:xmpmeta>"
_LARGEST = 16 << 20
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="{rdf}">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:postfocus="{namespace}">
   <dc:format>{mime}</dc:format>
   <xmp:CreatorTool>{tool}</xmp:CreatorTool>
{fields}  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def packet(record: dict[str, Any], mime: str, *, largest: int | None = None) -> bytes:
    """Build the packet.

    Parameters
    ----------
    record
        What was done, as JSON values (text, numbers, truth values, ``None``, lists, dictionaries).
    mime
        Media type of the file it goes into, ``"image/jpeg"``.
    largest
        Most bytes the packet may have (a JPEG segment holds 65 502). A record too long for it loses
        its longest entries and gains ``"shortened": true``.

    Returns
    -------
    bytes
        UTF-8. Any text in the record is safe: it is escaped, and characters XML does not know are kept
        in the JSON only.
    """
    data = _packet(record, mime)
    kept = dict(record)
    while largest is not None and len(data) > largest and kept:
        del kept[max(kept, key=lambda key: len(_json(kept[key])))]
        data = _packet({**kept, "shortened": True}, mime)
    return data


def record_in(data: bytes) -> dict[str, Any] | None:
    """The record of one packet (from ``<x:xmpmeta`` to its end), or ``None`` where it holds none of ours."""
    if NAMESPACE.encode() not in data or b"<!" in data:
        return None  # a packet with a document type is not ours, and could unfold without end
    try:
        tree = ElementTree.fromstring(data)
        whole = f"{{{NAMESPACE}}}record"
        texts = [e.text for e in tree.iter(whole)] + [
            e.get(whole) for e in tree.iter(f"{{{_RDF}}}Description")
        ]
        record = json.loads(next((text for text in texts if text), "null"))
    except (ElementTree.ParseError, ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def read_record(path: Path) -> dict[str, Any] | None:
    """What postfocus did to make the picture in a file.

    Parameters
    ----------
    path
        Any file. XMP is made to be found by search in whatever container holds it.

    Returns
    -------
    dict or None
        The record `packet` was given; ``None`` when postfocus did not make the file.

    Raises
    ------
    CannotRead
        When the file is missing or may not be read.
    """
    try:
        with path.open("rb") as file:
            if file.seek(0, 2) == 0:
                return None
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _first_record(data)
    except (OSError, ValueError) as error:
        raise CannotRead(f"{display_name(path)} cannot be read; check its name and permissions.") from error


def _first_record(data: mmap.mmap) -> dict[str, Any] | None:
    start = data.find(_BEGIN)
    while start >= 0:
        end = data.find(_END, start)
        if end < 0:
            return None
        if end - start <= _LARGEST and (record := record_in(data[start : end + len(_END)])) is not None:
            return record
        start = data.find(_BEGIN, start + 1)
    return None


def _packet(record: dict[str, Any], mime: str) -> bytes:
    plain = dict(_flattened(record))
    rows = [(name, text) for name, text in plain.items() if name != "record"]
    rows.append(("record", _json(record)))
    fields = "".join(f"   <postfocus:{name}>{_xml(text)}</postfocus:{name}>\n" for name, text in rows)
    text = _PACKET.format(
        rdf=_RDF, namespace=NAMESPACE, mime=_xml(mime), tool=_xml(software()), fields=fields
    )
    return text.encode("utf-8")


def _flattened(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Plain values with the path to them (``place_x``); lists and odd names stay in the JSON only."""
    if isinstance(value, dict):
        named = [
            (key, inner) for key, inner in value.items() if isinstance(key, str) and _NAME.fullmatch(key)
        ]
        return [row for key, inner in named for row in _flattened(inner, f"{name}_{key}" if name else key)]
    if isinstance(value, bool):
        return [(name, "True" if value else "False")]  # as XMP spells truth values
    return [(name, str(value))] if isinstance(value, str | int | float) else []


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), default=str)


def _xml(text: str) -> str:
    return html.escape(_NOT_XML.sub("\ufffd", text), quote=False)
