"""What was chosen last is kept beside the input, and found again when the sweep is opened next time.

That is the choice of focus and the frames kept for saving. Where nothing may be
written, or another file has that name, they are kept in the cache.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from postfocus.app.look_file import Chosen, look_file, read_chosen
from postfocus.app.sweeps import Sweep
from postfocus.errors import CannotRead, PostfocusError
from postfocus.io.atomic import atomic_path
from postfocus.io.cache import Cache, key_of

NOTHING = Chosen()

_one = threading.RLock()
"""Held while a choice is read or changed: between taking the old file away and writing the new one, nothing
would be found."""


def kept_choice(sweep: Sweep) -> Chosen:
    """What was kept of a sweep; the newer of the two places wins."""
    found: list[tuple[int, Path]] = []
    with _one:
        for path in _places(sweep):
            with suppress(OSError):  # gone, or on a card that is
                if path.is_file():
                    found.append((path.stat().st_mtime_ns, path))
        for _, path in sorted(found, reverse=True):
            chosen = _read(path)
            if chosen is not None:
                return chosen
    return NOTHING


def change_choice(sweep: Sweep, change: Callable[[Chosen], Chosen]) -> Chosen:
    """Keep what `change` makes of what was kept, and return it; of two changes at once none is lost.

    See `keep_choice`.
    """
    with _one:
        chosen = change(kept_choice(sweep))
        keep_choice(sweep, chosen)
        return chosen


def keep_choice(sweep: Sweep, chosen: Chosen) -> None:
    """Keep what was chosen; a choice that says nothing forgets what was kept and writes nothing.

    Only files that hold what was written here, to the byte, are replaced or removed. Where a person keeps
    another look beside the input, what is newer lies in the cache, be it that there is none.

    Raises
    ------
    postfocus.errors.CannotWrite
        Neither place can be written to.
    """
    *beside, cached = _places(sweep)
    for path in (*beside, cached):
        known = _read(path)
        with suppress(OSError):  # on a locked card, the cache has the last word
            if known is not None and path.read_bytes() == _bytes(known):
                path.unlink()
    if chosen == NOTHING:
        if any(_read(path) is not None for path in beside):
            _write_cached(cached, chosen, sweep)
        return
    for path in beside:
        with suppress(PostfocusError, OSError):
            _write(path, chosen, sweep)
            return
    _write_cached(cached, chosen, sweep)


def _write_cached(path: Path, chosen: Chosen, sweep: Sweep) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, chosen, sweep)


def _write(path: Path, chosen: Chosen, sweep: Sweep) -> None:
    with atomic_path(path, overwrite=False, inputs=sweep.inputs) as part:
        part.write_bytes(_bytes(chosen))


def _bytes(chosen: Chosen) -> bytes:
    """A choice as it is written."""
    return chosen.to_text().encode("ascii")


def _places(sweep: Sweep) -> list[Path]:
    """Beside the input if that is allowed, and in the cache."""
    places = [] if sweep.home is None else [look_file(sweep.inputs, sweep.stem)]
    named = sweep.fingerprint or "\0".join(str(path) for path in sweep.inputs)
    return [*places, Cache.default().root.parent / "looks" / f"{key_of('look', named)}.json"]


def _read(path: Path) -> Chosen | None:
    with suppress(CannotRead):
        return read_chosen(path)
    return None
