"""The tags a camera packs beside the photograph, read without trusting a single number of them.

EXIF is a TIFF header with directories of tags: each twelve bytes of tag,
field type, count, and a value or the offset of one. Every offset and count is
checked against the block before it is followed, so that a damaged or hostile
file costs a tag and never the picture.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED = 1, 2, 3, 4, 5, 7
_FORMAT = {1: "B", 2: "B", 3: "H", 4: "I", 5: "I", 6: "b", 7: "B", 8: "h", 9: "i", 10: "i", 11: "f", 12: "d"}
_PER_VALUE = {RATIONAL: 2, 10: 2}
_MOST_TAGS = 512
_MOST_NUMBERS = 64


@dataclass(frozen=True, slots=True)
class Field:
    """A value ready to be written: TIFF field type, number of values, and bytes in the block's order."""

    kind: int
    count: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """A tag found in a block: TIFF field type, number of values, and where in the block its bytes lie."""

    kind: int
    count: int
    offset: int
    size: int


def size_of(kind: int, count: int) -> int:
    """Bytes taken by `count` values of a TIFF field type; 0 for a type that does not exist."""
    letter = _FORMAT.get(kind)
    return struct.calcsize(letter) * _PER_VALUE.get(kind, 1) * count if letter else 0


class TagBlock:
    """An EXIF block (TIFF header first) whose directories can be walked safely.

    Parameters
    ----------
    data
        The whole block. Classic TIFF and Panasonic's RW2 header are known.

    Raises
    ------
    ValueError
        When `data` does not begin with a TIFF header.
    """

    def __init__(self, data: bytes) -> None:
        order = {b"II": "<", b"MM": ">"}.get(data[:2])
        if order is None or len(data) < 8 or struct.unpack_from(f"{order}H", data, 2)[0] not in (42, 0x55):
            raise ValueError("no TIFF header")
        self.data = data
        self.order = order
        self.first = int(struct.unpack_from(f"{order}I", data, 4)[0])

    def directory(self, offset: int) -> dict[int, Entry]:
        """Read the directory at `offset` from the header; values outside the block are left out."""
        if not 8 <= offset <= len(self.data) - 2:
            return {}
        count = struct.unpack_from(f"{self.order}H", self.data, offset)[0]
        entries: dict[int, Entry] = {}
        for at in range(offset + 2, offset + 2 + 12 * min(count, _MOST_TAGS), 12):
            if at + 12 > len(self.data):
                break
            tag, kind, number, value = struct.unpack_from(f"{self.order}HHII", self.data, at)
            size = size_of(kind, number)
            where = at + 8 if size <= 4 else value
            if size and where + size <= len(self.data):
                entries.setdefault(tag, Entry(kind, number, where, size))
        return entries

    def raw(self, entry: Entry) -> bytes:
        """The bytes of a value, in the block's byte order."""
        return self.data[entry.offset : entry.offset + entry.size]

    def numbers(self, entry: Entry | None) -> tuple[Fraction, ...]:
        """The values of a numeric tag (64 at most), exact; text, infinity or n/0 gives none."""
        if entry is None or entry.kind in (ASCII, UNDEFINED):
            return ()
        per = _PER_VALUE.get(entry.kind, 1)
        count = min(entry.count, _MOST_NUMBERS) * per
        flat = struct.unpack_from(f"{self.order}{count}{_FORMAT[entry.kind]}", self.data, entry.offset)
        try:
            if per == 2:
                return tuple(Fraction(a, b) for a, b in zip(flat[::2], flat[1::2], strict=True))
            return tuple(Fraction(v) for v in flat)
        except (ZeroDivisionError, ValueError, OverflowError):
            return ()

    def number(self, entry: Entry | None) -> Fraction | None:
        """The first value of a numeric tag."""
        return next(iter(self.numbers(entry)), None)

    def integer(self, entry: Entry | None) -> int:
        """The first value of a tag as a whole number, 0 where there is none (offsets of directories)."""
        return int(self.number(entry) or 0)

    def text(self, entry: Entry | None) -> str | None:
        """The text of a tag up to its first zero byte, one printable line; ``None`` where empty."""
        if entry is None or entry.kind not in (ASCII, BYTE, UNDEFINED):
            return None
        raw = self.raw(entry)[:1024].split(b"\0")[0]
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
        return "".join(c if c.isprintable() else " " for c in text).strip() or None


def value_offsets(fields: Mapping[int, Field], at: int) -> dict[int, int]:
    """Where each value will lie when the directory is written at offset `at`."""
    offsets: dict[int, int] = {}
    free = at + 2 + 12 * len(fields) + 4
    for index, (tag, field) in enumerate(sorted(fields.items())):
        if len(field.data) <= 4:
            offsets[tag] = at + 2 + 12 * index + 8
        else:
            offsets[tag] = free
            free += len(field.data) + len(field.data) % 2
    return offsets


def directory_size(fields: Mapping[int, Field]) -> int:
    """Bytes of a directory with its values, each on an even offset."""
    outside = (len(f.data) + len(f.data) % 2 for f in fields.values() if len(f.data) > 4)
    return 2 + 12 * len(fields) + 4 + sum(outside)


def directory_bytes(fields: Mapping[int, Field], at: int, order: str) -> bytes:
    """A directory with its values, to stand at the even offset `at`; `order` is ``"<"`` or ``">"``."""
    out = bytearray(directory_size(fields))
    struct.pack_into(f"{order}H", out, 0, len(fields))
    offsets = value_offsets(fields, at)
    for index, (tag, field) in enumerate(sorted(fields.items())):
        here = 2 + 12 * index
        struct.pack_into(f"{order}HHI", out, here, tag, field.kind, field.count)
        if len(field.data) > 4:
            struct.pack_into(f"{order}I", out, here + 8, offsets[tag])
        start = offsets[tag] - at
        out[start : start + len(field.data)] = field.data
    return bytes(out)


def ascii_field(text: str) -> Field:
    """Text as EXIF stores it: one zero byte at the end, no line breaks or other control characters."""
    clean = "".join(c if c.isprintable() else " " for c in text)
    data = clean.encode("utf-8", "replace")[:4095] + b"\0"
    return Field(ASCII, len(data), data)


def integer_field(value: int, order: str, kind: int = LONG) -> Field:
    """A whole number of 16 (``SHORT``) or 32 bits (``LONG``)."""
    return Field(kind, 1, struct.pack(f"{order}{_FORMAT[kind]}", value))


def rational_field(value: Fraction, order: str) -> Field:
    """A positive number as a quotient of two 32-bit ones."""
    near = value.limit_denominator(100_000)
    return Field(RATIONAL, 1, struct.pack(f"{order}II", min(near.numerator, 2**32 - 1), near.denominator))
