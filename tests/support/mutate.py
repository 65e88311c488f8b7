"""Damage to files, of the kinds that copying, dropping and malice do; a seed repeats it."""

from __future__ import annotations

import random
import struct

_SIZES = (0, 1, 7, 8, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def mutate(data: bytes, seed: int) -> bytes:
    """A damaged copy of a file's bytes; the same for the same `seed`."""
    dice = random.Random(seed)
    out = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 4, 8))):
        if not out:
            break
        dice.choice((_flip, _noise, _cut, _drop, _repeat, _zero, _number, _swap))(out, dice)
    return bytes(out)


def _span(out: bytearray, dice: random.Random, longest: int = 64) -> slice:
    start = dice.randrange(len(out))
    return slice(start, min(len(out), start + dice.randint(1, longest)))


def _flip(out: bytearray, dice: random.Random) -> None:
    out[dice.randrange(len(out))] ^= 1 << dice.randrange(8)


def _noise(out: bytearray, dice: random.Random) -> None:
    span = _span(out, dice, 16)
    out[span] = dice.randbytes(span.stop - span.start)


def _cut(out: bytearray, dice: random.Random) -> None:
    del out[dice.randrange(len(out)) :]


def _drop(out: bytearray, dice: random.Random) -> None:
    del out[_span(out, dice)]


def _repeat(out: bytearray, dice: random.Random) -> None:
    span = _span(out, dice)
    out[span.start : span.start] = out[span]


def _zero(out: bytearray, dice: random.Random) -> None:
    span = _span(out, dice)
    out[span] = bytes(span.stop - span.start)


def _number(out: bytearray, dice: random.Random) -> None:
    """A length or count that lies: most formats keep theirs in four bytes."""
    start = dice.randrange(max(1, len(out) - 3))
    order = dice.choice("<>")
    out[start : start + 4] = struct.pack(f"{order}I", dice.choice(_SIZES))


def _swap(out: bytearray, dice: random.Random) -> None:
    a, b = sorted(dice.randrange(len(out)) for _ in range(2))
    length = min(dice.randint(1, 32), b - a, len(out) - b)
    out[a : a + length], out[b : b + length] = out[b : b + length], out[a : a + length]
