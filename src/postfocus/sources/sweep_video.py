"""A focus sweep filmed as a clip: Panasonic's Post Focus MP4, or any other video.

The camera racks its lens while it films; each picture of the clip is one focus
distance. What the camera wrote about the exposure is read from the clip's user
data where it is Panasonic's, else from the container's own words.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

from postfocus.errors import CannotRead
from postfocus.io.atomic import display_name
from postfocus.io.mp4_atoms import panasonic_exif
from postfocus.io.sniff import sniff
from postfocus.io.video import VideoFile, open_video
from postfocus.model.frame import CameraFacts, Frame, LeftOut, SourceInfo

_BLOCK = 64 * 1024
_SAMPLES = 8


class SweepVideo:
    """A clip as a `postfocus.model.frame.FrameSource`."""

    def __init__(self, path: Path, video: VideoFile) -> None:
        self._path = path
        self._video = video
        known = video.known
        self._info = replace(known, name=path.stem, paths=(path,)) if known else _info_of(path, video)

    @classmethod
    def open(
        cls, path: Path, *, threads: int = 2, recall: Callable[[str], SourceInfo | None] | None = None
    ) -> Self:
        """Open a clip.

        Parameters
        ----------
        path
            MP4, MOV, MKV or another container `postfocus.io.video.open_video` knows.
        threads
            Decoder threads.
        recall
            Asked, by the clip's fingerprint, what was learnt of it before; that spares decoding its first
            picture. It must know the same bytes only.

        Raises
        ------
        CannotRead
            The file is missing, broken, or not a clip.
        """
        path = path.absolute()
        sniff(path)
        known = recall(_fingerprint(path)) if recall else None
        video = open_video(path, threads, known)
        try:
            return cls(path, video)
        except BaseException:
            video.close()
            raise

    @property
    def info(self) -> SourceInfo:
        """What the clip is."""
        return self._info

    @property
    def problems(self) -> tuple[LeftOut, ...]:
        """Pictures met so far that would not decode, and whether the file is cut short."""
        return self._video.problems

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Yield frames `start` up to but not including `stop`; see `VideoFile.frames`."""
        return self._video.frames(start, stop)

    def read(self, index: int) -> Frame:
        """Decode one frame exactly; see `VideoFile.read`."""
        return self._video.read(index)

    def camera(self, index: int) -> CameraFacts:
        """What the camera wrote; the same for every frame of a clip."""
        del index
        return self._info.camera

    def fingerprint(self) -> str:
        """A short text that changes when the clip does: from its size, date and samples of its bytes."""
        return _fingerprint(self._path)

    def close(self) -> None:
        """Let go of the file and the decoder; reading afterwards raises `CannotRead`."""
        self._video.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _fingerprint(path: Path) -> str:
    try:
        state = path.stat()
        digest = hashlib.blake2b(f"{state.st_size} {state.st_mtime_ns}".encode(), digest_size=16)
        last = max(0, state.st_size - _BLOCK)
        with path.open("rb") as file:
            for step in range(_SAMPLES + 1):
                file.seek(last * step // _SAMPLES)
                digest.update(file.read(_BLOCK))
    except OSError as error:
        raise CannotRead(f"{display_name(path.name)} cannot be read any more; bring it back.") from error
    return digest.hexdigest()


def _info_of(path: Path, video: VideoFile) -> SourceInfo:
    facts = video.facts
    return SourceInfo(
        kind="video", name=path.stem, paths=(path,), width=facts.width, height=facts.height,
        count=facts.count, coding=facts.coding, camera=_camera_of(path, video), codec=facts.codec,
        rate=facts.rate, rotation=facts.turn.degrees, mirrored=facts.turn.mirror,
    )  # fmt: skip


def _camera_of(path: Path, video: VideoFile) -> CameraFacts:
    """Facts from the camera's EXIF block, else from the container's tags."""
    exif = panasonic_exif(path)
    if exif is not None:
        from postfocus.io.exif import camera_facts

        return camera_facts(exif)
    tags = video.facts.tags
    return CameraFacts(
        make=tags.get("com.apple.quicktime.make") or tags.get("make") or tags.get("com.android.manufacturer"),
        model=tags.get("com.apple.quicktime.model") or tags.get("model") or tags.get("com.android.model"),
        taken=_exif_time(tags.get("com.apple.quicktime.creationdate") or tags.get("creation_time") or ""),
    )


def _exif_time(text: str) -> str | None:
    """``2026-11-21T09:30:00.000000Z`` as EXIF writes it, ``2026:11:21 09:30:00``."""
    found = re.match(r"(\d{4})[-:](\d\d)[-:](\d\d)[T ](\d\d):(\d\d):(\d\d)", text)
    return "{}:{}:{} {}:{}:{}".format(*found.groups()) if found else None
