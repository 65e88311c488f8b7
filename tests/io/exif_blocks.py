"""EXIF blocks with known contents, built tag by tag and independently of the code under test."""

from __future__ import annotations

import struct

Tag = tuple[int, int, int, bytes]


def ascii_tag(tag: int, text: str) -> Tag:
    data = text.encode() + b"\0"
    return tag, 2, len(data), data


def directory(tags: list[Tag], at: int, order: str) -> bytes:
    """A directory to stand at offset `at`, values behind it."""
    head, values = struct.pack(order + "H", len(tags)), b""
    free = at + 2 + 12 * len(tags) + 4
    for tag, kind, count, data in sorted(tags):
        if len(data) <= 4:
            head += struct.pack(order + "HHI", tag, kind, count) + data.ljust(4, b"\0")
        else:
            head += struct.pack(order + "HHII", tag, kind, count, free + len(values))
            values += data + b"\0" * (len(data) % 2)
    return head + bytes(4) + values


def panasonic_note(
    at: int, order: str, burst: int = 4, bracket: int = 0, merging: tuple[int, int] = (0, 0)
) -> bytes:
    """Panasonic MakerNotes to stand at offset `at`: offsets inside count from the TIFF header."""
    tags = [
        (0x2A, 3, 1, struct.pack(order + "H", bracket)),
        ascii_tag(0x51, "LUMIX G 42.5/F1.7"),
        (0xBB, 4, 1, struct.pack(order + "I", burst)),
        (0xBF, 4, 2, struct.pack(order + "2I", *merging)),
    ]
    return b"Panasonic\0\0\0" + directory(tags, at + 12, order)


def camera_block(
    order: str = "<",
    *,
    taken: str = "2026:11:21 09:30:00",
    subsec: str | None = "250",
    note: bool = True,
    burst: int = 4,
    bracket: int = 0,
    merging: tuple[int, int] = (0, 0),
    filler: int = 0,
) -> bytes:
    """A block as a camera writes it: main directory, thumbnail directory, EXIF, GPS, MakerNotes."""

    def rational(a: int, b: int) -> bytes:
        return struct.pack(order + "2I", a, b)

    def short(v: int) -> bytes:
        return struct.pack(order + "H", v)

    def long(v: int) -> bytes:
        return struct.pack(order + "I", v)

    gps = [
        (0, 1, 4, b"\2\3\0\0"),
        (1, 2, 2, b"N\0"),
        (2, 5, 3, rational(48, 1) + rational(8, 1) + rational(30, 1)),
    ]
    shot = [
        (0x829A, 5, 1, rational(1, 60)),
        (0x829D, 5, 1, rational(28, 10)),
        (0x8827, 3, 1, short(200)),
        ascii_tag(0x9003, taken),
        ascii_tag(0x9004, taken),
        ascii_tag(0x9011, "+01:00"),
        (0x920A, 5, 1, rational(425, 10)),
        (0xA002, 4, 1, long(4000)),
        (0xA003, 4, 1, long(3000)),
    ]
    if subsec is not None:
        shot += [ascii_tag(0x9291, subsec), ascii_tag(0x9292, subsec)]
    if filler:
        shot += [(0x9286, 7, filler, b"x" * filler)]

    def main(at_shot: int, at_gps: int) -> list[Tag]:
        return [
            ascii_tag(0x10F, "Panasonic"),
            ascii_tag(0x110, "DC-G9"),
            (0x112, 3, 1, short(6)),
            ascii_tag(0x131, "Ver.1.0"),
            ascii_tag(0x132, taken),
            ascii_tag(0x8298, "(c) someone"),
            (0x8769, 4, 1, long(at_shot)),
            (0x8825, 4, 1, long(at_gps)),
        ]

    at_gps = 8 + len(directory(main(0, 0), 8, order))
    at_note = at_gps + len(directory(gps, at_gps, order))
    maker = panasonic_note(at_note, order, burst, bracket, merging) if note else b""
    maker += b"\0" * (len(maker) % 2)
    at_shot = at_note + len(maker)
    if note:
        shot += [(0x927C, 7, len(maker), long(at_note))]
    head = b"II*\0" if order == "<" else b"MM\0*"
    # the MakerNotes' tag points backwards, so its four "value" bytes are its offset
    return (
        head
        + long(8)
        + directory(main(at_shot, at_gps), 8, order)
        + directory(gps, at_gps, order)
        + maker
        + directory(shot, at_shot, order)
    )
