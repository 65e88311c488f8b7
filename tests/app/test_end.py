"""The server ends when it is told to, and leaves nothing: no process, no file, no noise."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.cli.ran import contents, finished, run, start


def workers_of(pid: int) -> list[int]:
    """Worker processes that a server has started, by whichever of its threads; waits for the first."""
    if not Path(f"/proc/{pid}/task/{pid}/children").exists():
        pytest.skip("the system does not list the children of a process")
    for _ in range(400):
        time.sleep(0.05)
        try:
            listed = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
            started = [int(word) for text in listed for word in text.split()]
            found = [one for one in started if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]
        except OSError:  # a thread ended while it was looked at
            continue
        if found:
            return found
    raise AssertionError("no worker was started within 20 s")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=str)
def test_a_signal_ends_it_with_pages_open(clip: Path, tmp_path: Path, number: signal.Signals) -> None:
    before = contents(clip.parent)
    background = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    process = start("open", clip, "--no-browser", "--port", "0", "--json", code=background,
                    env={"POSTFOCUS_CACHE": str(tmp_path)})  # fmt: skip
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    base = f"http://127.0.0.1:{said['port']}"
    assert said["address"].startswith(f"{base}/?token=")
    assert said["phone"] is None
    with httpx.Client(base_url=base, timeout=30, trust_env=False) as client:
        client.get(said["address"].removeprefix(base))
        with client.stream("GET", "/api/events") as answer:
            parts = answer.iter_text()
            next(parts)
            workers = workers_of(process.pid)
            process.send_signal(number)
            assert "event: closing" in "".join(parts)
    ran = finished(process)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.splitlines()[-1:] == ["postfocus was closed."]
    assert "Traceback" not in ran.err
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]
    assert not [path for path in tmp_path.rglob("*") if "part-" in path.name or "session" in path.name]
    assert contents(clip.parent) == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", said["port"]), 5).close()


def test_by_default_only_this_computer_is_let_in(clip: Path, tmp_path: Path) -> None:
    process = start(
        "open", clip, "--no-browser", "--port", "0", "--json", env={"POSTFOCUS_CACHE": str(tmp_path)}
    )
    assert process.stdout is not None
    port = json.loads(process.stdout.readline())["port"]
    table = Path("/proc/net/tcp")
    if table.exists():
        rows = [line.split() for line in table.read_text().splitlines()[1:]]
        bound = [row[1] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A"]
        assert bound == [f"0100007F:{port:04X}"]
    process.terminate()
    assert finished(process).code == 0


def test_wrong_use_is_one_sentence(capfd: pytest.CaptureFixture[str], clip: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run(capfd, "open", clip, "--no-browser", "--port", port)
        assert ran.code == 2
        assert ran.sentence == f"Port {port} is taken; choose another port."
    ran = run(capfd, "open", clip, "--no-browser", "--host", "203.0.113.7")
    assert ran.code == 2
    assert "choose another host" in ran.sentence
    assert "holds no clip" in run(capfd, "open", tmp_path, "--no-browser").sentence


def test_help_loads_no_server() -> None:
    code = (
        "import sys\nfrom postfocus.cli import main\nmain(['open', '--help']); main(['--help'])\n"
        "heavy = {'starlette', 'uvicorn', 'segno', 'anyio', 'numpy', 'cv2', 'av'} & set(sys.modules)\n"
        "sys.exit(' '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    assert "--no-browser" in done.stdout


def test_other_commands_load_no_server(clip: Path) -> None:
    code = (
        "import sys\nfrom postfocus.cli import main\n"
        f"main(['info', {str(clip)!r}, '--quick'])\n"
        "sys.exit(' '.join({'starlette', 'uvicorn'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
