"""postfocus: take the picture now, choose the focus afterwards."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from postfocus.version import __version__ as __version__

if TYPE_CHECKING:
    from postfocus.api import Recording, index, open, save, write_portable
    from postfocus.model.depth import DepthMap, State
    from postfocus.model.look import Frames, Look, Pick, Place, Stroke
    from postfocus.model.picture import Picture
    from postfocus.scene import Scene
    from postfocus.slabs import save_slabs

_HOMES = {
    "DepthMap": "model.depth",
    "Frames": "model.look",
    "Look": "model.look",
    "Pick": "model.look",
    "Picture": "model.picture",
    "Place": "model.look",
    "Recording": "api",
    "Scene": "scene",
    "State": "model.depth",
    "Stroke": "model.look",
    "index": "api",
    "open": "api",
    "save": "api",
    "save_slabs": "slabs",
    "write_portable": "api",
}

__all__ = [
    "DepthMap",
    "Frames",
    "Look",
    "Pick",
    "Picture",
    "Place",
    "Recording",
    "Scene",
    "State",
    "Stroke",
    "index",
    "open",
    "save",
    "save_slabs",
    "write_portable",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used: importing postfocus itself costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'postfocus' has no attribute {name!r}")
    return getattr(import_module(f"postfocus.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
