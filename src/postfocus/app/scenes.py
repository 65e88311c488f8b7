"""Indexes that are open, so that a touch is answered from memory; the pixels stay on the disk.

The server never decodes: what it holds of a sweep is its index (poses and depth,
10 MB for 4K), and it holds only the few that are being looked at.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from zlib import crc32

from postfocus.errors import CannotRead
from postfocus.io.index_folder import MANIFEST, read_index
from postfocus.model.frame import CameraFacts, Frame, LeftOut, SourceInfo
from postfocus.scene import Scene

OPEN = 4
"""Indexes held at once: 40 MB for 4K."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A source of which only the facts are known; its pixels are read by the workers.

    Attributes
    ----------
    info
        What the input is.
    """

    info: SourceInfo

    @property
    def problems(self) -> tuple[LeftOut, ...]:
        """None: nothing is decoded here."""
        return ()

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Refuse: pixels are read in a worker process."""
        raise CannotRead(f"frames {start} to {stop} are not read here; ask a worker")

    def read(self, index: int) -> Frame:
        """Refuse: pixels are read in a worker process."""
        raise CannotRead(f"frame {index} is not read here; ask a worker")

    def camera(self, index: int) -> CameraFacts:
        """What is known of the whole input."""
        del index
        return self.info.camera

    def fingerprint(self) -> str:
        """Nothing: the index's own folder stands for the input."""
        return ""

    def close(self) -> None:
        """Nothing is held open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Opened:
    """An index in memory.

    Attributes
    ----------
    scene
        The sweep; its source has no pixels.
    version
        Text that changes with the index.
    """

    scene: Scene
    version: str


@dataclass(slots=True)
class Scenes:
    """The indexes last looked at. Safe to use from several threads."""

    most: int = OPEN
    _held: OrderedDict[Path, Opened] = field(default_factory=OrderedDict[Path, Opened])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, folder: Path) -> Opened:
        """The index in `folder`, read if need be.

        Raises
        ------
        CannotRead
            The index is gone or damaged.
        """
        with self._lock:
            found = self._held.get(folder)
            if found is None:
                found = self._held[folder] = _opened(folder)
            self._held.move_to_end(folder)
            while len(self._held) > self.most:
                self._held.popitem(last=False)
            return found

    def whole(self, folder: Path) -> bool:
        """Whether all of the index in `folder` is there and fits together, the previews too."""
        try:
            opened = self.get(folder)
            for slot in range(len(opened.scene.index.frames)):
                opened.scene.previews.jpeg(slot)
        except CannotRead:
            self.forget(folder)
            return False
        return True

    def forget(self, folder: Path) -> None:
        """Let go of an index, because it was made anew or is gone."""
        with self._lock:
            self._held.pop(folder, None)


def _opened(folder: Path) -> Opened:
    index = read_index(folder)
    scene = Scene(Unread(index.info), index, folder)
    scene.check()
    return Opened(scene, f"{crc32((folder / MANIFEST).read_bytes()):08x}")
