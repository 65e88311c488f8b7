"""Whether a sweep is still the one that was measured: a short text made of its files.

Reading every byte of a bracket would cost as much as decoding it; name, size,
time of writing and both ends of each file change whenever a program rewrites it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from postfocus.io.sniff import open_input

_END_BYTES = 1 << 16


def files_fingerprint(paths: Sequence[Path]) -> str:
    """Digest names, sizes, times of writing and the first and last 64 KiB of files, in order.

    Returns
    -------
    str
        32 hexadecimal digits.

    Raises
    ------
    postfocus.errors.CannotRead
        A file vanished or may not be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    for path in paths:
        facts, head, tail = _ends(path)
        name = os.fsencode(path.name)
        digest.update(f"{len(name)} {facts.st_size} {facts.st_mtime_ns} {len(head)}\n".encode())
        for part in (name, head, tail):
            digest.update(part)
    return digest.hexdigest()


def contents_fingerprint(paths: Sequence[Path]) -> str:
    """As `files_fingerprint`, but without names and times: copying and renaming do not change it."""
    digest = hashlib.blake2b(digest_size=16)
    for path in paths:
        facts, head, tail = _ends(path)
        digest.update(f"{facts.st_size} {len(head)}\n".encode() + head + tail)
    return digest.hexdigest()


def _ends(path: Path) -> tuple[os.stat_result, bytes, bytes]:
    with open_input(path) as stream:
        facts = os.fstat(stream.fileno())
        head = stream.read(_END_BYTES)
        stream.seek(max(len(head), facts.st_size - _END_BYTES))
        return facts, head, stream.read(_END_BYTES)
