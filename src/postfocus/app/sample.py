"""A sample picture for who has no sweep at hand: rendered once, on this computer, and kept in the cache."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from postfocus.app.problems import Problem
from postfocus.io.cache import Cache

NAME = "still-life.mp4"
SETTINGS = ("--size", "1728x972", "--frames", "20", "--blur", "12")
"""Large enough to be looked at, small enough to be rendered while one waits."""


async def sample_clip() -> Path:
    """The clip, rendered in a process of its own if it is not there yet.

    Raises
    ------
    Problem
        500 if it cannot be rendered.
    """
    folder = Cache.default().root.parent / "sample"
    clip = folder / NAME
    if clip.is_file():
        return clip
    folder.mkdir(parents=True, exist_ok=True)
    words = ("simulate", str(clip), *SETTINGS, "--quiet", "--overwrite")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "postfocus", *words,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:  # the page went away, or the server ends
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        raise
    if process.returncode:
        text = "The sample picture cannot be rendered; see the details."
        raise Problem(500, "No sample", text, said.decode(errors="replace")[-500:])
    return clip
