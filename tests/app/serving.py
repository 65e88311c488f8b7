"""The page, served in this process, and clients of every kind: polite ones and others."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from postfocus.app.server import Screen, listen
from postfocus.app.studio import Studio


@dataclass(frozen=True)
class Page:
    """A served page and a client that holds its cookie."""

    screen: Screen
    client: httpx.Client

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.screen.port}"

    @property
    def cookie(self) -> str:
        return f"postfocus-{self.screen.port}={self.screen.keys.cookie}"

    def get(self, path: str, **how: Any) -> Any:
        answer = self.client.get(path, **how)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, method: str, path: str, values: Any = None) -> httpx.Response:
        return self.client.request(method, path, json=values)

    def ready(self, sweep: str) -> dict[str, Any]:
        """Wait until a sweep has been read, or has failed."""
        for _ in range(600):
            brief = next(one for one in self.get("/api/state")["sweeps"] if one["id"] == sweep)
            if brief["state"] in ("ready", "failed", "stopped"):
                return brief
            time.sleep(0.05)
        raise AssertionError("the sweep was not read within 30 s")

    def job(self, job: dict[str, Any]) -> dict[str, Any]:
        """Wait until a job has ended."""
        for _ in range(600):
            job = self.get(f"/api/jobs/{job['id']}")
            if job["state"] in ("done", "failed", "cancelled"):
                return job
            time.sleep(0.05)
        raise AssertionError("the job did not end within 30 s")

    def raw(self, *lines: str, body: bytes = b"") -> bytes:
        """What is answered to a request as written, up to where the server ends the connection."""
        head = "\r\n".join((*lines, "Connection: close", "", "")).encode("latin-1")
        with socket.create_connection(("127.0.0.1", self.screen.port), 20) as line:
            line.sendall(head + body)
            return received(line)


def received(line: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    parts: list[bytes] = []
    while part := line.recv(65536):
        parts.append(part)
    return b"".join(parts)


@contextmanager
def served(*inputs: tuple[Path, ...]) -> Generator[Page]:
    """Serve sweeps on a free port."""
    screen = Screen(Studio(inputs=inputs), listen("127.0.0.1", 0, 0))
    up = threading.Event()
    server = screen.server(up.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [screen.listening]})
    thread.start()
    assert up.wait(20)
    base = f"http://127.0.0.1:{screen.port}"
    headers = {"X-Postfocus": "1", "Origin": base}
    try:
        with httpx.Client(base_url=base, headers=headers, timeout=30, trust_env=False) as client:
            assert client.get(f"/?token={screen.keys.token}").status_code == 303
            yield Page(screen, client)
    finally:
        server.should_exit = True
        thread.join(20)
        screen.listening.close()
        screen.studio.close()
        assert not thread.is_alive()
