"""The small maps that an index keeps of every frame: sharpness, brightness, colour."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from postfocus.focus.volume import FocusVolume, MapStack
from postfocus.model.index import Index
from postfocus.settings import COARSE, COLOUR, VOLUME

if TYPE_CHECKING:
    from postfocus.light import Light


@dataclass(frozen=True, slots=True)
class KeptMaps:
    """The maps of an index whose files lie in a folder. All raise `CannotRead` where one is not whole."""

    folder: Path
    index: Index

    def volume(self) -> FocusVolume:
        """Sharpness of all frames, on the cells of the depth map."""
        return FocusVolume(self._maps(VOLUME, 1))

    def light(self) -> Light:
        """Brightness and colour of all frames."""
        from postfocus.light import Light  # picking a frame does not need it

        return Light(self._maps(COARSE, 2), self.index.alignment.gain, self._maps(COLOUR, 4, 2))

    def check(self) -> None:
        """Raise `CannotRead` unless all maps are there."""
        for name, factor, layers in ((VOLUME, 1, 1), (COARSE, 2, 1), (COLOUR, 4, 2)):
            self._maps(name, factor, layers)

    def _maps(self, name: str, factor: int, layers: int = 1) -> MapStack:
        """Maps of cells `factor` times the depth map's, `layers` above one another in each."""
        rows, cols = self.index.map_shape(factor)
        maps = MapStack(self.folder / name, len(self.index.frames), layers * rows, cols)
        maps.check()
        return maps
