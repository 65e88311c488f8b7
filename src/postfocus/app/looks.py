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
    """The look that was kept of a sweep; the newer of the two places wins."""
    found = [(path.stat().st_mtime_ns, path) for path in _places(sweep) if path.is_file()]
    for _, path in sorted(found, reverse=True):
        look = _read(path)
        if look is not None:
            return look
    return None


def keep_look(sweep: Sweep, look: Look | None) -> None:
    """Keep a look, or forget it.

    Raises
    ------
    postfocus.errors.CannotWrite
        Neither place can be written to.
    """
    places = _places(sweep)
    for path in places:
        if path.is_file() and _read(path) is not None:  # never a file of another kind
            path.unlink()
    if look is None:
        return
    text = json.dumps(look.to_json(), indent=1) + "\n"
    for last, path in ((path is places[-1], path) for path in places):
        try:
            if last:
                path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_path(path, overwrite=False, inputs=sweep.inputs) as part:
                part.write_text(text, "utf-8")
        except (PostfocusError, OSError):
            if last:
                raise
        else:
            return


def _places(sweep: Sweep) -> list[Path]:
    """Beside the input if that is allowed, and in the cache."""
    places = [] if sweep.home is None else [look_file(sweep.inputs, sweep.stem)]
    named = sweep.fingerprint or "\0".join(str(path) for path in sweep.inputs)
    return [*places, Cache.default().root.parent / "looks" / f"{key_of('look', named)}.json"]


def _read(path: Path) -> Look | None:
    with suppress(CannotRead):
        return read_look(path)
    return None
