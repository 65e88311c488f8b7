"""The page is attacked from other pages, from the network, and by other users of the computer."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from postfocus.app import guard, protocol
from postfocus.app.guard import Keys
from postfocus.app.static import VIEWER
from tests.app.serving import Page, received

PLACES = ["/", "/index.html", "/viewer/index.html", "/api/state", "/api/events", "/api/phone", "/api/files/x"]


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_the_key_becomes_a_strict_cookie_and_leaves_the_address(page: Page) -> None:
    answer = page.raw(f"GET /?token={page.screen.keys.token} HTTP/1.1", f"Host: 127.0.0.1:{page.screen.port}")
    assert status(answer) == 303
    head = answer.decode().lower()
    assert "location: /\r\n" in head
    assert re.search(r"set-cookie: postfocus-\d+=[^;]+; httponly; samesite=strict; path=/\r\n", head)
    assert page.screen.keys.token.lower() not in head


def test_a_link_on_another_page_gets_the_cookie_and_goes_on_from_our_own(page: Page) -> None:
    answer = page.raw(
        f"GET /?token={page.screen.keys.token} HTTP/1.1", f"Host: 127.0.0.1:{page.screen.port}",
        "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate",
    )  # fmt: skip
    assert status(answer) == 200
    assert b"set-cookie" in answer.lower()
    assert b'content="0;url=/"' in answer


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("cookie", ["", "postfocus=x", "postfocus-{port}=wrong", "postfocus-{port}={token}"])
def test_without_the_cookie_nothing_is_answered(page: Page, place: str, cookie: str) -> None:
    given = cookie.format(port=page.screen.port, token=page.screen.keys.token)
    answer = page.raw(f"GET {place} HTTP/1.1", f"Host: 127.0.0.1:{page.screen.port}", f"Cookie: {given}")
    assert status(answer) == 403
    assert b"This page has no key" in answer


@pytest.mark.parametrize("token", ["x", "%00", "%F0%9F", "a" * 4000])
def test_a_wrong_key_opens_nothing(page: Page, token: str) -> None:
    answer = page.raw(
        f"GET /?token={token} HTTP/1.1", f"Host: 127.0.0.1:{page.screen.port}", f"Cookie: {page.cookie}"
    )
    assert status(answer) == 403
    assert b"set-cookie" not in answer.lower()


@pytest.mark.parametrize("cookie", ["", "{cookie}"])
def test_a_key_among_many_fields_is_not_looked_for(page: Page, cookie: str) -> None:
    many = "&".join(f"a{n}=1" for n in range(40))
    held = f"Cookie: {cookie.format(cookie=page.cookie)}"
    for query in (f"{many}&token={page.screen.keys.token}", many):
        answer = page.raw(f"GET /?{query} HTTP/1.1", f"Host: 127.0.0.1:{page.screen.port}", held)
        assert status(answer) == 400
        assert b"set-cookie" not in answer.lower()


def test_keys_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []
    real = guard.hmac.compare_digest

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return real(one, other)

    monkeypatch.setattr(guard.hmac, "compare_digest", compare)
    keys = Keys()
    assert not keys.opens(keys.token[:-1])
    assert keys.opens(keys.token)
    assert len(compared) == 2


def test_a_ticket_opens_once() -> None:
    keys = Keys()
    ticket = keys.ticket()
    assert keys.opens(ticket)
    assert not keys.opens(ticket)
    assert keys.opens(keys.token)
    assert keys.opens(keys.token)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:{port}",
     "localhost.evil.example:{port}", "0.0.0.0:{port}", "192.168.1.1:{port}", "[::1", "a@127.0.0.1:{port}",
     ""],
)  # fmt: skip
@pytest.mark.parametrize("place", ["/", "/api/state"])
def test_a_name_pointed_at_this_server_is_refused(page: Page, host: str, place: str) -> None:
    answer = page.raw(
        f"GET {place} HTTP/1.1", f"Host: {host.format(port=page.screen.port)}", f"Cookie: {page.cookie}"
    )
    assert status(answer) in (400, 403)
    assert b"sweeps" not in answer


def test_no_host_or_two_are_refused(page: Page) -> None:
    right = f"Host: 127.0.0.1:{page.screen.port}"
    assert status(page.raw("GET /api/state HTTP/1.1", f"Cookie: {page.cookie}")) == 400
    assert status(page.raw("GET /api/state HTTP/1.1", right, "Host: evil", f"Cookie: {page.cookie}")) == 400
    assert status(page.raw("GET /api/state HTTP/1.0", f"Cookie: {page.cookie}")) == 403


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_its_own_names_are_answered(page: Page, name: str) -> None:
    answer = page.raw("GET /api/state HTTP/1.1", f"Host: {name}:{page.screen.port}", f"Cookie: {page.cookie}")
    assert status(answer) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Origin": "http://localhost:{port}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_other_pages_cannot_ask_even_with_the_cookie(page: Page, sweep: str, headers: dict[str, str]) -> None:
    named = {name: value.format(port=page.screen.port) for name, value in headers.items()}
    for method, path in (("GET", "/api/state"), ("POST", f"{sweep}/stop"), ("DELETE", sweep)):
        answer = page.client.request(method, path, headers=named)
        assert answer.status_code == 403
        assert "sweeps" not in answer.text
    assert len(page.get("/api/state")["sweeps"]) >= 1


def test_changes_need_origin_and_our_header(page: Page, sweep: str) -> None:
    host, cookie = f"Host: 127.0.0.1:{page.screen.port}", f"Cookie: {page.cookie}"
    origin = f"Origin: {page.base}"
    for method, path in (
        ("POST", f"{sweep}/read"),
        ("PUT", f"{sweep}/look"),
        ("DELETE", sweep),
        ("PATCH", "/"),
    ):
        assert status(page.raw(f"{method} {path} HTTP/1.1", host, cookie, "X-Postfocus: 1")) == 403
        assert status(page.raw(f"{method} {path} HTTP/1.1", host, cookie, origin)) == 403
    assert status(page.raw("OPTIONS /api/state HTTP/1.1", host, cookie, "Origin: http://evil.example")) == 403


def test_every_answer_carries_the_policy_and_none_opens_to_others(page: Page, sweep: str) -> None:
    for path in ("/", "/api/state", sweep, f"{sweep}/preview/0", "/viewer/nothing.js", "/nothing"):
        headers = page.client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert not [name for name in headers if name.startswith("access-control")]
        assert "server" not in headers
    locked = page.raw("GET / HTTP/1.1", f"Host: 127.0.0.1:{page.screen.port}")
    assert b"style-src 'sha256-" in locked
    assert b"script-src 'self'" in locked


def test_the_document_needs_no_inline_script_or_style() -> None:
    html = (VIEWER / "index.html").read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?://(?!www\.w3\.org)", html)


@pytest.mark.parametrize(
    "path",
    ["/viewer/../api.py", "/viewer/..%2fapi.py", "/viewer/%2e%2e/%2e%2e/api.py", "/viewer/..\\api.py",
     "/viewer/....//api.py", "/viewer//etc/passwd", "/viewer/%2fetc%2fpasswd", "/viewer/app/..%00/x.js",
     "/viewer/.", "/viewer/", "/viewer/app", "/viewer/index.html%00.js", "/../../etc/passwd", "//etc/passwd",
     "/api/files/..%2f..%2fetc%2fpasswd", "/api/sweeps/..%2f..", "/api/sweeps/x/preview/../../../state",
     "/viewer/%c0%ae%c0%ae/api.py", "/viewer/index.html/", "/viewer/C:/x.js"],
)  # fmt: skip
def test_no_path_leads_out(page: Page, path: str) -> None:
    answer = page.raw(f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{page.screen.port}", f"Cookie: {page.cookie}")
    assert status(answer) in (400, 404)
    assert b"root:" not in answer
    assert b"import" not in answer


@pytest.mark.parametrize("digits", [10, 5000])
def test_numbers_beyond_all_bounds_name_nothing(page: Page, sweep: str, digits: int) -> None:
    long = "9" * digits
    for path in (f"{sweep}/preview/{long}", f"{sweep}/tile/{long}/0/0/0", f"{sweep}/tile/0/{long}/0/0",
                 f"{sweep}/tile/0/0/{long}/0", f"{sweep}/tile/0/0/0/{long}"):  # fmt: skip
        assert page.client.get(path).status_code == 404
    assert page.client.put(f"/api/uploads/x/{long}", content=b"").status_code == 404


@pytest.mark.parametrize("what", ["id", "path"])
def test_addresses_hold_ids_and_answers_no_paths(page: Page, clip: Path, sweep: str, what: str) -> None:
    known = page.get("/api/state")
    if what == "id":
        assert page.client.get(f"/api/sweeps/{clip}").status_code == 404
        assert len(known["sweeps"][0]["id"]) >= 12
    else:
        text = json.dumps([known, page.get(sweep), page.get(f"{sweep}/pick?x=0.5&y=0.5")])
        assert str(clip.parent) not in text
        assert "/" not in re.sub(r"[A-Za-z ]+/[A-Za-z ]+", "", json.dumps(known))


def test_headers_without_end_are_refused_and_others_go_on(page: Page) -> None:
    with socket.create_connection(("127.0.0.1", page.screen.port), 20) as line:
        line.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{page.screen.port}\r\nX: ".encode() + b"a" * 40000)
        assert b"400" in received(line).split(b"\r\n")[0]
    many = [f"X-{n}: {'a' * 400}" for n in range(100)]
    host, cookie = f"Host: 127.0.0.1:{page.screen.port}", f"Cookie: {page.cookie}"
    assert status(page.raw("GET /api/state HTTP/1.1", host, cookie, *many)) == 431
    assert page.client.get("/api/state").status_code == 200


@pytest.mark.parametrize(
    "raw", [b"\x16\x03\x01\x02\x00\x01\x00", b"\0" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"],
)  # fmt: skip
def test_what_is_no_request_ends_there(page: Page, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", page.screen.port), 20) as line:
        line.sendall(raw)
        line.shutdown(socket.SHUT_WR)
        assert not received(line).startswith((b"HTTP/1.1 2", b"HTTP/1.1 101"))
    assert page.client.get("/api/state").status_code == 200


@contextmanager
def connected(page: Page, count: int) -> Generator[list[socket.socket]]:
    """So many connections to the server, closed at the end."""
    with ExitStack() as all_of_them:
        address = ("127.0.0.1", page.screen.port)
        yield [all_of_them.enter_context(socket.create_connection(address, 20)) for _ in range(count)]


def cut_off(line: socket.socket) -> bool:
    """Whether the server ends a connection without a word."""
    try:
        return received(line) == b""
    except ConnectionResetError:
        return True


def test_half_requests_keep_nobody_waiting(page: Page) -> None:
    with connected(page, 60) as lines:
        for line in lines:
            line.sendall(
                f"GET /api/state HTTP/1.1\r\nHost: 127.0.0.1:{page.screen.port}\r\nX-Slow: ".encode()
            )
        assert page.client.get("/api/state").status_code == 200


def test_what_trickles_in_is_cut_off(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "PATIENCE", 0.2)
    with socket.create_connection(("127.0.0.1", page.screen.port), 20) as line:
        line.sendall(b"GET / HT")
        assert cut_off(line)


def test_too_many_connections_push_out_idle_ones(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MOST", 8)
    with connected(page, 20) as lines:
        answer = page.raw(
            "GET /api/state HTTP/1.1", f"Host: 127.0.0.1:{page.screen.port}", f"Cookie: {page.cookie}"
        )
        assert status(answer) == 200
        assert cut_off(lines[0])


def test_a_body_without_end_holds_no_connection(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "PATIENCE", 0.3)
    with socket.create_connection(("127.0.0.1", page.screen.port), 20) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        assert status(line.recv(65536)) == 403
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            _trickle(line)


def _trickle(line: socket.socket) -> None:
    for _ in range(200):
        line.sendall(b"a")
        time.sleep(0.05)


def test_refused_bodies_on_every_connection_lock_nobody_out(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "MOST", 8)
    with connected(page, 20) as lines:
        for line in lines:
            with suppress(OSError):  # the first were pushed out
                line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc")
        assert status(lines[-1].recv(65536)) == 403
        host, cookie = f"Host: 127.0.0.1:{page.screen.port}", f"Cookie: {page.cookie}"
        assert status(page.raw("GET /api/state HTTP/1.1", host, cookie)) == 200


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b"{", 400), (b"[]", 400), (b"[" * 60000, 400), (b'{"look": {"focus": {"x": 7, "y": 0}}}', 400),
     (b'{"look": {"x": "' + b"a" * 600_000 + b'"}}', 413), (b"\xff\xfe", 400),
     (b'{"look": {"focus": NaN}}', 400)],
    ids=["cut", "list", "deep", "outside", "large", "bytes", "nan"],
)  # fmt: skip
def test_bodies_that_make_no_sense(page: Page, sweep: str, body: bytes, expected: int) -> None:
    answer = page.client.put(f"{sweep}/look", content=body)
    assert answer.status_code == expected
    assert set(answer.json()["error"]) == {"title", "text", "detail"}
