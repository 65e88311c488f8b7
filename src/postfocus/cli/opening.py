"""From the words of a command to a scene whose focus can be chosen."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from postfocus.cli.talk import Talk
from postfocus.io.atomic import display_name

if TYPE_CHECKING:
    from postfocus.api import Recording
    from postfocus.model.look import Frames
    from postfocus.scene import Scene


def open_recording(args: Namespace) -> Recording:
    """Open what the command names."""
    import postfocus

    return postfocus.open(*args.input)


def indexed(
    recording: Recording, talk: Talk, frames: Frames | None = None, *, tell_notes: bool = True
) -> Scene:
    """Index it, or find it indexed; `frames` overrules the sweep that was found."""
    import postfocus

    scene = postfocus.index(recording, progress=talk.progress)
    if frames is not None:
        scene = scene.limited(frames)
    if talk.verbose:
        talk.note(f"index: {display_name(scene.folder)}")
    for text in scene.index.notes() if tell_notes else ():
        talk.note(f"note: {text}")
    return scene


def check_outputs(paths: Sequence[Path], recording: Recording, overwrite: bool) -> None:
    """Refuse names that cannot be written, before any work is done for them."""
    from postfocus.export.formats import media_type
    from postfocus.io.atomic import check_target

    for path in paths:
        media_type(path)
        check_target(path, overwrite=overwrite, inputs=recording.info.paths)


def check_extension(path: Path) -> None:
    """Refuse an extension that no picture has, before anything is opened."""
    from postfocus.export.formats import media_type

    media_type(path)


def preload(module: str) -> None:
    """Load what saving will need while the clip is being decoded, which leaves Python idle."""
    Thread(target=import_module, args=(module,), daemon=True).start()


def stem_of(recording: Recording) -> str:
    """The input's name as the beginning of an output's: one that every disk and shell accepts."""
    from postfocus.sources.naming import safe_stem

    return safe_stem(recording.info.name)
