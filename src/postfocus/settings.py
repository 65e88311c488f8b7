"""How a sweep is indexed, and what the index's files are called: known without loading what makes them."""

from __future__ import annotations

from dataclasses import dataclass, field

from postfocus.align.settings import AlignSettings

VOLUME, COARSE, COLOUR, PREVIEWS = "volume.u8", "coarse.u8", "colour.u8", "previews.jpgs"

MEASURED = "volume.measured"
"""The sharpness of each frame in its own geometry, while the sweep is still being read."""


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """How a sweep is indexed.

    Attributes
    ----------
    align
        How frames are registered.
    previews
        Keep a JPEG of every frame, 1080 rows at most, so that a click can show it at once.
    """

    align: AlignSettings = field(default_factory=AlignSettings)
    previews: bool = False
