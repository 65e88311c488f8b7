"""Under which addresses the page is found, here and on a phone in the same network."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

SOMEWHERE = {4: ("192.0.2.1", socket.AF_INET), 6: ("2001:db8::1", socket.AF_INET6)}
"""Addresses of documentation (RFC 5737, RFC 3849). Nothing is sent to them: the system is only asked which
of its own addresses it would send from."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the page answers.

    Attributes
    ----------
    here
        On this computer, like ``http://127.0.0.1:8230``.
    there
        On another device of the same network; ``None`` if only this computer is let in.
    """

    here: str
    there: str | None

    @staticmethod
    def of(host: str, port: int) -> Reach:
        """From the address that a socket is bound to.

        >>> Reach.of("127.0.0.1", 8230)
        Reach(here='http://127.0.0.1:8230', there=None)
        """
        bound = ipaddress.ip_address(host.partition("%")[0])
        if bound.is_loopback:
            return Reach(_address(bound.compressed, port), None)
        if not bound.is_unspecified:
            return Reach(_address(bound.compressed, port), _address(bound.compressed, port))
        own = _own_address(bound.version) or (_own_address(4) if bound.version == 6 else None)
        here = "127.0.0.1" if bound.version == 4 else "::1"
        return Reach(_address(here, port), None if own is None else _address(own, port))


def _own_address(version: int) -> str | None:
    """The computer's own address in its network; ``None`` without a network."""
    somewhere, family = SOMEWHERE[version]
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.connect((somewhere, 9))
            return str(asking.getsockname()[0]).partition("%")[0]
    except OSError:
        return None


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
