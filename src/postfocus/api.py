"""Open a sweep, index it once, and save what was chosen."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from postfocus.errors import CannotRead, PostfocusError
from postfocus.io.atomic import atomic_dir, display_name
from postfocus.io.cache import Cache, key_of
from postfocus.io.index_folder import DEPTH, FORMAT, MANIFEST, read_index, write_index
from postfocus.io.written import WRITTEN
from postfocus.model.frame import FrameSource, SourceInfo
from postfocus.model.picture import Picture
from postfocus.progress import Progress, silent
from postfocus.scene import Scene
from postfocus.settings import IndexSettings
from postfocus.sources.fingerprint import contents_fingerprint
from postfocus.sources.opening import open_source

SUFFIX = ".postfocus"
"""Of the name of a portable index."""

INPUT = "input.txt"
"""File of a portable index that says by `contents_fingerprint` which input it was made of."""


@dataclass(frozen=True, slots=True)
class Recording:
    """An opened input.

    Attributes
    ----------
    source
        Its frames.
    folder
        Its portable index, if that is what was opened.
    """

    source: FrameSource
    folder: Path | None = None

    @property
    def info(self) -> SourceInfo:
        """What the input is."""
        return self.source.info

    def close(self) -> None:
        """Let go of the input."""
        self.source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def open(*inputs: str | Path, threads: int = 2) -> Recording:
    """Open a sweep: a video, a folder or list of stills, a multi-page TIFF, or a ``.postfocus`` folder.

    Parameters
    ----------
    inputs
        The video, the folder, or the stills.
    threads
        Threads that decode a video; each holds a picture or two in memory.

    Raises
    ------
    postfocus.errors.BadUse
        The inputs make no sweep together.
    postfocus.errors.CannotRead
        Nothing there that can be read.
    """
    if len(inputs) == 1 and _is_portable(Path(inputs[0])):
        folder = Path(inputs[0])
        return Recording(open_source(_recorded_paths(folder), threads=threads), folder)
    return Recording(open_source(inputs, _recalled, threads=threads))


def index(
    recording: Recording | str | Path,
    *,
    settings: IndexSettings | None = None,
    cache: Cache | None = None,
    progress: Progress = silent,
) -> Scene:
    """Read the sweep once and return the scene whose focus can be chosen.

    What was indexed before, with the same bytes and settings, comes from the cache.

    Parameters
    ----------
    recording
        What `open` returned, or a path.
    settings
        How to index; the defaults suit every camera.
    cache
        Where indexes are kept; the user's cache by default.

    Raises
    ------
    postfocus.errors.PostfocusError
        The sweep cannot be read or aligned, or the index cannot be written.
    """
    if isinstance(recording, Recording):
        return _indexed(recording, settings or IndexSettings(), cache, progress)
    opened = open(recording)
    try:
        return _indexed(opened, settings or IndexSettings(), cache, progress)
    except BaseException:
        opened.close()
        raise


def write_portable(
    recording: Recording,
    target: Path,
    *,
    overwrite: bool = False,
    settings: IndexSettings | None = None,
    cache: Cache | None = None,
    progress: Progress = silent,
) -> Scene:
    """Index the sweep into a folder of its own, ``NAME.postfocus``, that can be kept beside the input.

    Raises
    ------
    postfocus.errors.CannotWrite
        The folder exists, holds something else, or cannot be written.
    """
    paths = recording.info.paths
    with atomic_dir(target, marker=MANIFEST, overwrite=overwrite, inputs=paths) as folder:
        scene = index(recording, settings=settings, cache=cache, progress=progress)
        for file in scene.folder.iterdir():
            if file.name != WRITTEN:  # where pictures were saved is nobody else's business
                shutil.copyfile(file, folder / file.name)
        write_index(scene.index, folder)  # the cache may remember another place of the same input
        (folder / INPUT).write_text(contents_fingerprint(paths) + "\n", "ascii")
    return replace(scene, folder=target)


def save(
    picture: Picture,
    path: str | Path,
    *,
    quality: int = 95,
    overwrite: bool = False,
    inputs: tuple[Path, ...] = (),
    location: bool = True,
) -> Path:
    """Write a picture; the extension of `path` picks the format.

    JPEG, WebP and AVIF have 8 bits, PNG and TIFF keep 16. EXIF, colour profile and our own record of
    the choice go along; without `location` nothing that says where the picture was taken. An existing
    file is replaced only with `overwrite`, one of `inputs` never.
    """
    from postfocus.export.stills import save as save_still

    return save_still(
        picture, Path(path), quality=quality, overwrite=overwrite, inputs=inputs, time_offset=picture.moment,
        location=location,
    )  # fmt: skip


def _key(fingerprint: str, settings: IndexSettings) -> str:
    return key_of(str(FORMAT), fingerprint, json.dumps(asdict(settings), sort_keys=True))


def _indexed(recording: Recording, settings: IndexSettings, cache: Cache | None, progress: Progress) -> Scene:
    """The scene of a recording: from its portable folder, from the cache, or newly made."""
    source = recording.source
    if recording.folder is not None:
        scene = _read(recording.folder, source)
        _check_input(recording.folder, source)
        return scene
    cache = cache or Cache.default()
    fingerprint = source.fingerprint()
    for found in _kept(cache, fingerprint, settings):
        try:
            return _read(found, source)
        except CannotRead:
            cache.drop(found)
    from postfocus.pipeline import build_index  # what was indexed before does not need what this loads

    with cache.workspace() as folder:
        try:
            built = build_index(source, folder, settings, progress)
            write_index(built, folder)
        except OSError as error:
            raise cache.unusable(error) from error
        place = cache.publish(folder, _key(fingerprint, settings))
    return Scene(source, built, place)


def _kept(cache: Cache, fingerprint: str, settings: IndexSettings) -> Iterator[Path]:
    """Folders in the cache that may serve; an index with previews serves whoever asks for none."""
    for usable in dict.fromkeys((settings, replace(settings, previews=True))):
        found = cache.find(_key(fingerprint, usable))
        if found is not None:
            yield found


def _recalled(fingerprint: str) -> SourceInfo | None:
    """What the user's cache knows of an input, which then need not be decoded to be learnt again."""
    try:
        found = next(_kept(Cache.default(), fingerprint, IndexSettings()), None)
        return None if found is None else read_index(found).info
    except PostfocusError:  # whoever asks for the index will hear of it
        return None


def _read(folder: Path, source: FrameSource) -> Scene:
    """Read an index, and check that it is whole and belongs to the input."""
    found = read_index(folder)
    now, then = source.info, found.info
    if (now.width, now.height, now.kind) != (then.width, then.height, then.kind):
        raise CannotRead(f"{display_name(folder.name)} belongs to another input; index the sweep again")
    scene = Scene(source, replace(found, info=now), folder)
    scene.check()
    return scene


def _check_input(folder: Path, source: FrameSource) -> None:
    """Refuse a portable index beside which another input has taken the place of its own."""
    try:
        then = (folder / INPUT).read_text("ascii").strip()
    except (OSError, ValueError) as error:
        raise CannotRead(
            f"the index in {display_name(folder.name)} is incomplete; index the sweep again"
        ) from error
    if contents_fingerprint(source.info.paths) != then:
        raise CannotRead(
            f"{display_name(source.info.paths[0].name)} is not what {display_name(folder.name)} was made of; "
            "put the input back, or index the sweep again"
        )


def _is_portable(path: Path) -> bool:
    """Whether a path is an index of ours; a folder of stills may hold an ``index.json`` of its own."""
    ours = path.suffix == SUFFIX or os.path.isfile(path / DEPTH)
    return ours and os.path.isfile(path / MANIFEST)


def _recorded_paths(folder: Path) -> tuple[Path, ...]:
    """Where a portable index's input lies: where it was, or beside the folder."""
    recorded = read_index(folder).info.paths
    if all(os.path.exists(p) for p in recorded):
        return recorded
    beside = tuple(folder.absolute().parent / p.name for p in recorded)
    if all(os.path.exists(p) for p in beside):
        return beside
    missing = next(p for p in recorded if not os.path.exists(p))
    raise CannotRead(
        f"{display_name(missing)} is gone; put the input beside {display_name(folder.name)} and try again"
    )
