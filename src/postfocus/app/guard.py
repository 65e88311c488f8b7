"""Who may see the photographs: the person who started postfocus, and no page from elsewhere.

Every request passes here before anything is looked up. The address that
postfocus prints carries a random key; it is exchanged for a cookie at once and
leaves the address. ``Host`` must be an address of this very server, which keeps
out names that an attacker points at it (DNS rebinding); ``Origin`` and the
fetch metadata of the browser keep out requests that other pages cause.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from postfocus.app.problems import Problem

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
HEADER_BYTES = 16 << 10
"""Most bytes of a request's headers."""

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_SAFE = ("GET", "HEAD")
_STYLE = (
    "body{background:#262626;color:#ebebeb;font:1rem/1.5 system-ui,sans-serif;display:grid;"
    "place-content:center;min-height:90vh;margin:0;padding:0 1.5rem}"
    "h1{font-size:1.5rem;font-weight:600;margin:0 0 .5rem}"
    "p{color:#b8b8b8;margin:0;max-width:30rem}"
)
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>postfocus</title>
<meta name="viewport" content="width=device-width"><style>{style}</style>
<main><h1>This page has no key</h1>
<p>Open the address that postfocus printed, with everything after the question mark.</p></main></html>"""
_ONWARDS = """<!doctype html><meta charset="utf-8"><title>postfocus</title>
<meta http-equiv="refresh" content="0;url=/">"""


@dataclass(slots=True)
class Keys:
    """What opens the page.

    Attributes
    ----------
    token
        The key in the address, valid as long as the server runs.
    cookie
        The value that the browser then holds; the token itself never becomes a cookie.
    tickets
        Keys that open once: they are given to programs whose arguments other users can read.
    """

    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    tickets: set[str] = field(default_factory=set[str])

    def ticket(self) -> str:
        """A new key that opens once."""
        made = secrets.token_urlsafe(24)
        self.tickets.add(made)
        return made

    def opens(self, given: str) -> bool:
        """Whether a key is right; a ticket is used up by it. Takes as long for wrong keys as for right."""
        right = _equal(given, self.token)
        for ticket in tuple(self.tickets):
            if _equal(given, ticket):
                self.tickets.discard(ticket)
                right = True
        return right


@dataclass(frozen=True, slots=True)
class Guard:
    """The application behind its door.

    Attributes
    ----------
    app
        What answers once a request is let in.
    keys
        What opens the page.
    port
        Where the server listens.
    names
        Host names of this server, besides the address at which a request arrived.
    """

    app: ASGIApp
    keys: Keys
    port: int
    names: tuple[str, ...] = LOOPBACK

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # nothing here speaks anything else
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        answer = self._refusal(scope) or self._unlocked(scope) or self._locked(scope)
        await (answer or self.app)(scope, receive, guarded)

    @property
    def cookie_name(self) -> str:
        """Of the cookie: cookies know no ports, so two servers must not share a name."""
        return f"postfocus-{self.port}"

    def _refusal(self, scope: Scope) -> Response | None:
        """An answer to requests that another page or name has caused."""
        if sum(len(name) + len(value) for name, value in scope["headers"]) > HEADER_BYTES:
            return Problem(431, "Too large", "No page of ours asks at such length.").answer()
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts(scope):
            return _refused("postfocus answers only at the address that it printed.", "Host")
        origins = headers.getlist("origin")
        changes = scope["method"] not in _SAFE
        if any(origin.lower() != f"http://{hosts[0].lower()}" for origin in origins) or len(origins) > 1:
            return _refused("Another page asked for this.", "Origin")
        if changes and not origins:
            return _refused("Another page asked for this.", "Origin")
        if changes and headers.get("x-postfocus") != "1":
            return _refused("Another page asked for this.", "X-Postfocus")
        site = headers.get("sec-fetch-site", "none")
        navigation = headers.get("sec-fetch-mode") == "navigate" and scope["path"] == "/"
        if site not in ("same-origin", "none") and not navigation:
            return _refused("Another page asked for this.", "Sec-Fetch-Site")
        return None

    def _hosts(self, scope: Scope) -> set[str]:
        """What ``Host`` may say: our names, and the address at which the connection arrived."""
        names = set(self.names)
        server = scope.get("server")
        if server:
            address = str(server[0]).removeprefix("::ffff:").partition("%")[0]
            names.add(f"[{address}]" if ":" in address else address)
        with_port = {f"{name.lower()}:{self.port}" for name in names}
        return with_port | ({name.lower() for name in names} if self.port == 80 else set())

    def _unlocked(self, scope: Scope) -> Response | None:
        """The exchange of the key in the address for a cookie."""
        if scope["path"] != "/" or scope["method"] not in _SAFE:
            return None
        try:
            given = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=20).get("token")
        except ValueError:
            return Problem(400, "Not understood", "No page of ours asks for so much.").answer()
        if not given:
            return None
        if not self.keys.opens(given[0]):
            return self._no_key(page=True)
        site = Headers(scope=scope).get("sec-fetch-site", "none")
        # After a link on another page a strict cookie is not sent along a redirect; it is from our own page.
        answer = RedirectResponse("/", 303) if site in ("none", "same-origin") else HTMLResponse(_ONWARDS)
        answer.headers["Set-Cookie"] = (
            f"{self.cookie_name}={self.keys.cookie}; HttpOnly; SameSite=Strict; Path=/"
        )
        return answer

    def _locked(self, scope: Scope) -> Response | None:
        """An answer to requests without the cookie."""
        for cookie in Headers(scope=scope).getlist("cookie"):
            for part in cookie.split(";"):
                name, _, value = part.strip().partition("=")
                if name == self.cookie_name and _equal(value, self.keys.cookie):
                    return None
        return self._no_key(page=not scope["path"].startswith(("/api/", "/viewer/")))

    def _no_key(self, *, page: bool) -> Response:
        if not page:
            text = "Open the address that postfocus printed, with everything after the question mark."
            return Problem(403, "This page has no key", text).answer()
        hashed = b64encode(sha256(_STYLE.encode()).digest()).decode()
        policy = POLICY.replace("style-src 'self'", f"style-src 'sha256-{hashed}'")
        return HTMLResponse(_PAGE.format(style=_STYLE), 403, {"Content-Security-Policy": policy})


def _equal(given: str, right: str) -> bool:
    """Compare without telling by the time how much of it is right."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), right.encode())


def _refused(text: str, detail: str) -> Response:
    return Problem(403, "Not allowed", text, detail).answer()
