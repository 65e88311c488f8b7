"""Run a command as a person would, and hold it to what every command promises."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from postfocus.cli import main


@dataclass(frozen=True)
class Ran:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        assert self.out.count("\n") == 1
        return value

    @property
    def sentence(self) -> str:
        """The one sentence on stderr that says what went wrong."""
        said = [line for line in self.err.splitlines() if line.startswith("postfocus: ")]
        assert len(said) == 1, self.err
        assert "Traceback" not in self.err
        assert "should not have" not in said[0]
        assert said[0].endswith((".", "?", "--")), said[0]
        return said[0].removeprefix("postfocus: ")


def run(capfd: pytest.CaptureFixture[str], *words: object) -> Ran:
    """Run one command in this process."""
    capfd.readouterr()
    code = main([str(word) for word in words])
    out, err = capfd.readouterr()
    return Ran(code, out, err)


def start(*words: object, code: str | None = None, **how: Any) -> subprocess.Popen[str]:
    """Start one command in a process of its own; `code` runs first in it."""
    program = f"{code or ''}\nimport sys\nfrom postfocus.cli import main\nsys.exit(main())"
    env = {**os.environ, **how.pop("env", {})}
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, words)],
        text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, **how,
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> Ran:
    """Wait for it."""
    out, err = process.communicate(timeout=120)
    return Ran(process.returncode, out, err)


@contextmanager
def nothing_changes(folder: Path) -> Generator[None]:
    """Every file below `folder` keeps its bytes, none goes, none comes."""
    before = contents(folder)
    yield
    assert contents(folder) == before


def contents(folder: Path) -> dict[str, str]:
    """Names and fingerprints of all below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
    }
