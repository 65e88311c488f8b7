"""The chosen frame, the kept frames or the merge become files: the very ones the command line would write."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postfocus import api
from postfocus.app.names import USUAL, Naming, numbered
from postfocus.errors import AlreadyThere, BadUse
from postfocus.export.formats import FORMATS
from postfocus.io.atomic import display_name, same_file
from postfocus.io.cache import Cache, key_of
from postfocus.model.look import Frames, Look
from postfocus.settings import IndexSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from postfocus.app.worker import Tell
    from postfocus.model.picture import Picture
    from postfocus.scene import Scene

KINDS = ("frame", "kept", "merge")
_MOST_NUMBERS = 9999

MAP_SIDE = 960
"""Longer side, pixels, of a picture that lies over places of a merge."""

HELD_COLOUR, NEVER_SHARP_COLOUR, GLOW_COLOUR = (160, 60, 255, 140), (20, 190, 255, 140), (255, 200, 60, 140)
"""Blue, green, red and alpha of what was held still, of what is sharp in no frame, of where glow was."""


@dataclass(frozen=True, slots=True)
class Saving:
    """What is to be saved, and how.

    Attributes
    ----------
    what
        ``"frame"``: the one the look names. ``"kept"``: the frames in `frames`. ``"merge"``: the sweep, or
        the look's range.
    look
        The choice of focus.
    folder
        Where the files go.
    format
        One of `postfocus.export.formats.FORMATS`.
    quality
        1…100, for JPEG, WebP and AVIF.
    name
        Template with the fields of `postfocus.app.names.FIELDS`, without extension.
    frames
        Numbers of frames of the input, for ``"kept"``.
    replace
        Replace files of that name; else a number is added. Inputs are never replaced.
    location
        Write along where the picture was taken, if the camera says so.

    Raises
    ------
    BadUse
        A format, quality or kind that does not exist.
    """

    what: str
    look: Look
    folder: Path
    format: str = "jpg"
    quality: int = 95
    name: str = USUAL
    frames: tuple[int, ...] = ()
    replace: bool = False
    location: bool = True

    def __post_init__(self) -> None:
        if self.what not in KINDS:
            raise BadUse(f"there is no {self.what!r} to save; choose one of {', '.join(KINDS)}")
        if self.format not in FORMATS:
            raise BadUse(f"pictures cannot be saved as {self.format!r}; choose one of {', '.join(FORMATS)}")
        if not 1 <= self.quality <= 100:
            raise BadUse("quality goes from 1 to 100; 95 is a good choice")
        if self.what == "kept" and not self.frames:
            raise BadUse("no frame is kept; keep one first")


@dataclass(frozen=True, slots=True)
class SavedFile:
    """A file that was written, its size in bytes, and what a person should be told of it, in sentences."""

    path: Path
    size: int
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge of full size whose tiles are there.

    Attributes
    ----------
    name
        What `Originals.tile` calls it.
    notes
        What a person should be told of it, in sentences.
    held
        The address, with all its data, of a small PNG that lies over what was held still; ``None``: nothing
        was.
    never_sharp
        The same for what is sharp in no frame.
    glow
        The same for where glow of near things was taken off.
    """

    name: str
    notes: tuple[str, ...] = ()
    held: str | None = None
    never_sharp: str | None = None
    glow: str | None = None

    @staticmethod
    def of(name: str, words: dict[str, Any]) -> Merged:
        """As it was written down by `words`."""
        maps = (words.get(kind) for kind in ("held", "never_sharp", "glow"))
        return Merged(name, tuple(words.get("notes", ())), *maps)

    def words(self) -> dict[str, Any]:
        """What there is to say of it, as values of JSON."""
        return {
            "notes": list(self.notes), "held": self.held, "never_sharp": self.never_sharp, "glow": self.glow,
        }  # fmt: skip


def merge_name(look: Look) -> str:
    """What the tiles of a merge are called; the same for the same choice."""
    return f"merge-{key_of(json.dumps(look.to_json(), sort_keys=True))[:16]}"


def save_pictures(
    tell: Tell, inputs: tuple[str, ...], wanted: Saving, cache: Cache | None = None
) -> tuple[SavedFile, ...]:
    """Save what is wanted; runs in a worker. Stages: ``"merge"``, ``"save"``.

    A person who stops it keeps the files that were complete.

    Raises
    ------
    postfocus.errors.PostfocusError
        As `Scene.picture_of`, `Scene.stack` and `postfocus.save`.
    """
    with _scene(tell, inputs, cache) as scene:
        if wanted.what == "merge":
            picture = _merged(tell, scene, wanted.look)
            tell.progress("save", 0, 1)
            used: list[int] = picture.record["frames_used"]
            naming = _naming(
                scene, "stack" if wanted.look.whole else "range", f"{used[0]:04d}-{used[-1]:04d}"
            )
            return (_written(picture, naming, wanted, scene),)
        looks = [wanted.look]
        if wanted.what == "kept":
            looks = [Look(frames=Frames(number, number)) for number in wanted.frames]
        saved: list[SavedFile] = []
        for done, look in enumerate(looks):
            tell.progress("save", done, len(looks))
            picture = scene.picture_of(look, force=True)
            naming = _naming(scene, "frame", f"{picture.record['frame']:04d}")
            saved.append(_written(picture, naming, wanted, scene))
        return tuple(saved)


def merge_tiles(tell: Tell, inputs: tuple[str, ...], look: Look, cache: Cache | None = None) -> Merged:
    """Merge at full size and cut the result into tiles, unless that was done before; runs in a worker.

    Raises
    ------
    postfocus.errors.PostfocusError
        As `Scene.stack`.
    """
    from postfocus.app.tiles import TileStore, no_room, picture_tiles
    from postfocus.export.stills import to_eight_bits

    name = merge_name(look)
    with _scene(tell, inputs, cache) as scene:
        store = TileStore.of(scene.source.fingerprint(), cache)
        words = store.said(name)
        if words is None or not store.has(name):
            picture = _merged(tell, scene, look)
            tell.progress("tiles", 0, 1)
            pixels = to_eight_bits(picture.pixels)
            if not store.make_room(pixels.size // 3, by_force=True):
                raise no_room()
            store.put(name, picture_tiles(pixels, "420"))
            held = map_picture(picture.held, HELD_COLOUR)
            missed = map_picture(picture.never_sharp, NEVER_SHARP_COLOUR)
            glow = map_picture(picture.glow, GLOW_COLOUR)
            words = Merged(name, picture.notes, held, missed, glow).words()
            store.say(name, words)
            store.settle()
    return Merged.of(name, words)


def map_picture(places: NDArray[np.bool_] | None, colour: tuple[int, int, int, int]) -> str | None:
    """`(H, W)` bool as the address of a small PNG, coloured and half transparent where it is true."""
    if places is None:
        return None
    import cv2
    import numpy as np

    height, width = places.shape
    scale = min(1.0, MAP_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(places.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    _, data = cv2.imencode(".png", small[..., None] * np.array(colour, np.uint8))
    return "data:image/png;base64," + b64encode(data.tobytes()).decode("ascii")


def _scene(tell: Tell, inputs: tuple[str, ...], cache: Cache | None) -> Scene:
    """The scene of an input, from the cache where it was read before."""
    recording = api.open(*inputs)
    try:
        settings = IndexSettings(previews=True)
        return api.index(recording, settings=settings, cache=cache, progress=tell.progress)
    except BaseException:
        recording.close()
        raise


@dataclass(slots=True)
class _LastMerge:
    """The merge made last in this worker: who has seen it at full size often saves it next."""

    key: tuple[str, str] = ("", "")
    picture: Picture | None = None


_last = _LastMerge()


def _merged(tell: Tell, scene: Scene, look: Look) -> Picture:
    key = (scene.source.fingerprint(), merge_name(look))
    if _last.picture is None or _last.key != key:
        _last.picture = None
        _last.picture, _last.key = scene.stack(look, force=True, progress=tell.progress), key
    return _last.picture


def _naming(scene: Scene, kind: str, frame: str) -> Naming:
    from postfocus.io.exif import date_of
    from postfocus.sources.naming import safe_stem

    info = scene.index.info
    taken = date_of(info.camera.taken)
    return Naming(safe_stem(info.name), kind, frame, taken or datetime.now())


def _written(picture: Picture, naming: Naming, wanted: Saving, scene: Scene) -> SavedFile:
    """Write one picture under its name, or under the first numbered one that is free."""
    plain = wanted.folder / f"{naming.filled(wanted.name)}.{wanted.format}"
    inputs = scene.source.info.paths
    for number in range(1, _MOST_NUMBERS):
        path = numbered(plain, number)
        if any(same_file(path, source) for source in inputs):
            continue
        try:
            api.save(
                picture, path, quality=wanted.quality, overwrite=wanted.replace, inputs=inputs,
                location=wanted.location,
            )  # fmt: skip
            return SavedFile(path, path.stat().st_size, picture.notes)
        except AlreadyThere:
            continue
    raise AlreadyThere(f"{display_name(plain)} and all numbers after it are taken; choose another name")
