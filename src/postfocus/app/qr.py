"""A code for the phone's camera, on the page and in the terminal."""

from __future__ import annotations

import io

import segno


def as_svg(address: str) -> str:
    """An address as a picture of a code: black on white, with the quiet zone it needs."""
    out = io.BytesIO()
    segno.make(address, micro=False).save(out, kind="svg", border=4, light="#fff", xmldecl=False, nl=False)
    return out.getvalue().decode()


def as_text(address: str) -> str:
    """The same for a terminal, two rows of the code a line."""
    out = io.StringIO()
    segno.make(address, micro=False).terminal(out, border=2, compact=True)
    return out.getvalue().rstrip("\n")
