"""The program's version, as saved pictures name it: known without loading anything."""

from __future__ import annotations

__version__ = "0.1.0"
