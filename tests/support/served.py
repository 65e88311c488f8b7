"""`postfocus open` in a process of its own, and Debian's Chromium to look at what it serves."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHROMIUM_FLAGS = (
    "--no-sandbox",  # as root, in a container
    # WebGL 2 by SwiftShader where there is no graphics card. Pages are put together without it: told to use
    # SwiftShader for that too (--ignore-gpu-blocklist, --use-angle=swiftshader), Chromium 156 shows old tiles
    # of the page in wrong places.
    "--enable-unsafe-swiftshader",
    "--disable-gpu-rasterization",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
)
_ADDRESS = re.compile(r"http://[^\s\"'<>]+\?token=[\w-]+")


@dataclass(frozen=True, slots=True)
class Served:
    """A running `postfocus open`.

    Attributes
    ----------
    process
        Itself.
    address
        What it printed: with its token.
    """

    process: subprocess.Popen[bytes]
    address: str

    @property
    def base(self) -> str:
        """The address without path and token."""
        return self.address.split("/?")[0]


def chromium() -> str | None:
    """The path of an installed Chromium or Chrome, or nothing; never one that is downloaded."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    return None


def open_browser(playwright: Any, *flags: str) -> Any:
    """Headless Chromium with WebGL 2 in software."""
    path = chromium()
    if path is None:
        raise FileNotFoundError("Chromium is not installed; on Debian: apt-get install chromium")
    return playwright.chromium.launch(executable_path=path, args=[*CHROMIUM_FLAGS, *flags])


@contextmanager
def serve(*words: object, cache: Path, log: Path) -> Generator[Served]:
    """Run `postfocus open --no-browser --port 0 WORDS` until the block ends.

    Raises
    ------
    RuntimeError
        It ended, or printed no address within a minute; the message holds what it wrote.
    """
    command = [sys.executable, "-m", "postfocus", "open", "--no-browser", "--port", "0", *map(str, words)]
    environment = {
        **os.environ, "POSTFOCUS_CACHE": str(cache), "XDG_CACHE_HOME": str(cache), "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=environment
        )
        try:
            yield Served(process, _address(process, log))
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = _ADDRESS.search(log.read_text("utf-8", "replace"))
        if found:
            return found.group()
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError(f"postfocus open gave no address:\n{log.read_text('utf-8', 'replace')}")
