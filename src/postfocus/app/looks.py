"""The last choice of focus is kept beside the input, and found again when the sweep is opened next time.

Where nothing may be written, or another file has that name, the look is kept in
the cache.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from postfocus.app.look_file import look_file, read_look
from postfocus.app.sweeps import Sweep
from postfocus.errors import CannotRead, PostfocusError
from postfocus.io.atomic import atomic_path
from postfocus.io.cache import Cache, key_of
from postfocus.model.look import Look


def kept_look(sweep: Sweep) -> Look | None:
    """The look that was kept of a sweep; the newer of the two places wins. ``None`` if it was forgotten."""
    found = [(path.stat().st_mtime_ns, path) for path in _places(sweep) if path.is_file()]
    for _, path in sorted(found, reverse=True):
        look = _read(path)
        if look is not None:
            return None if look == Look() else look
    return None


def keep_look(sweep: Sweep, look: Look | None) -> None:
    """Keep a look; ``None``, or one that says nothing, forgets what was kept and writes nothing.

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
            if known is not None and path.read_bytes() == _text(known):
                path.unlink()
    if look is None or look == Look():
        if any(_read(path) is not None for path in beside):
            _write(cached, Look(), sweep)
        return
    for path in beside:
        with suppress(PostfocusError, OSError):
            _write(path, look, sweep)
            return
    _write(cached, look, sweep)


def _write(path: Path, look: Look, sweep: Sweep) -> None:
    if path == _places(sweep)[-1]:
        path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path, overwrite=False, inputs=sweep.inputs) as part:
        part.write_bytes(_text(look))


def _text(look: Look) -> bytes:
    """A look as it is written."""
    return (json.dumps(look.to_json(), indent=1) + "\n").encode("ascii")


def _places(sweep: Sweep) -> list[Path]:
    """Beside the input if that is allowed, and in the cache."""
    places = [] if sweep.home is None else [look_file(sweep.inputs, sweep.stem)]
    named = sweep.fingerprint or "\0".join(str(path) for path in sweep.inputs)
    return [*places, Cache.default().root.parent / "looks" / f"{key_of('look', named)}.json"]


def _read(path: Path) -> Look | None:
    with suppress(CannotRead):
        return read_look(path)
    return None
