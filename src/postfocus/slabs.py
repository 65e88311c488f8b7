"""The sweep is merged in slabs, too: every few frames for themselves, each a layer for retouching by hand.

All slabs and the whole have one geometry and, cropped, one size. Where memory
allows, one decode serves them all; otherwise each slab reads its own frames
only, one slab after the other. What an earlier run has written whole is not
made again. Sweeps of few frames are decoded again for each slab, for a merge of them takes two rounds.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from postfocus.errors import BadUse
from postfocus.frames import slot_of
from postfocus.io.atomic import atomic_path, check_target
from postfocus.io.cache import key_of
from postfocus.io.written import Written
from postfocus.model.alignment import Rect
from postfocus.model.frame import FrameSource
from postfocus.model.look import Look
from postfocus.model.picture import Picture
from postfocus.model.sweep import DENSE
from postfocus.progress import Progress, silent
from postfocus.scene import Scene
from postfocus.sources.shared import Job, in_one_pass
from postfocus.version import __version__

MOST_AT_ONCE = 512 << 20
"""Bytes that merges of the same decode may take together."""

BYTES_A_PIXEL, BYTES_A_SHARE = 16, 0.5
"""What a merge takes while it goes on; and, if it is one of few frames, for each of them besides."""


@dataclass(frozen=True, slots=True)
class Slabs:
    """How a sweep is divided.

    Attributes
    ----------
    size
        Frames of a slab; the last one may have fewer.
    overlap
        Frames that a slab shares with the one before it, less than `size`.
    """

    size: int
    overlap: int = 0

    def __post_init__(self) -> None:
        if self.size < 1:
            raise BadUse("A slab has at least one frame; choose a larger number.")
        if not 0 <= self.overlap < self.size:
            raise BadUse("Slabs overlap by fewer frames than they have; choose a smaller overlap.")

    def of(self, slots: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """The slots of each slab, in order.

        >>> [part.tolist() for part in Slabs(3, 1).of(np.arange(6))]
        [[0, 1, 2], [2, 3, 4], [4, 5]]
        """
        starts = range(0, max(1, len(slots) - self.overlap), self.size - self.overlap)
        return [slots[start : start + self.size] for start in starts]


@dataclass(frozen=True, slots=True)
class Saved:
    """One merged picture as a file.

    Attributes
    ----------
    path
        The file.
    frames
        Frames of the input that it was merged from, increasing.
    valid
        The part of it that every one of them covers.
    kept
        An earlier run had written it already.
    slab
        Its number, counted from 1; ``None``: the whole.
    notes
        What a person should be told of it, in sentences; nothing is known of what was kept.
    """

    path: Path
    frames: tuple[int, ...]
    valid: Rect
    kept: bool
    slab: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Plan:
    """One picture to be made: what of, how it is written, and what it says of itself."""

    path: Path
    slots: NDArray[np.int64]
    valid: Rect
    slab: dict[str, int] | None
    recipe: str


def slab_path(path: Path, number: int, count: int) -> Path:
    """The name of a slab beside the whole.

    >>> slab_path(Path("out.tif"), 7, 12).name
    'out-slab-07.tif'
    """
    return path.with_name(f"{path.stem}-slab-{number:0{max(2, len(str(count)))}d}{path.suffix}")


def save_slabs(
    scene: Scene,
    path: str | Path,
    size: int,
    *,
    overlap: int = 0,
    look: Look | None = None,
    force: bool = False,
    crop: bool = False,
    quality: int = 95,
    overwrite: bool = False,
    location: bool = True,
    progress: Progress = silent,
) -> list[Saved]:
    """Merge the sweep as `Scene.stack` does, and every `size` frames of it for themselves; save all.

    Parameters
    ----------
    scene
        The sweep.
    path
        The whole; its slabs get ``-slab-01``, ``-slab-02`` … before the extension.
    size, overlap
        Frames of each slab, and how many of them it shares with the one before it.
    look, force
        What to merge, as for `Scene.stack`.
    crop
        Keep only what every merged frame shows: of all pictures the same part.
    quality, overwrite, location
        As for `postfocus.save`. Pictures that an earlier run of the same has written whole, and that
        nobody has changed, are kept in any case.

    Returns
    -------
    list of Saved
        The slabs in order, then the whole.

    Raises
    ------
    BadUse
        As `Scene.stack`; or slabs that cannot be meant.
    CannotWrite
        A name is taken or an input, or the disk refuses. Pictures written before stay.
    """
    look = look or Look()
    plans = _plans(scene, Path(path), Slabs(size, overlap), look, force, f"{crop} {quality} {location}")
    written, inputs = Written(scene.folder), scene.source.info.paths
    kept = [written.holds(plan.path, plan.recipe) for plan in plans]
    left = [plan for plan, known in zip(plans, kept, strict=True) if not known]
    for plan in left:
        check_target(plan.path, overwrite=overwrite, inputs=inputs)
    from postfocus.export.stills import save

    notes: dict[Path, tuple[str, ...]] = {}
    for plan, picture in _merged(scene, left, look, force, progress):
        picture = replace(picture, valid=plans[-1].valid).cropped() if crop else picture
        with atomic_path(plan.path, overwrite=overwrite, inputs=inputs) as part:
            save(picture, part, quality=quality, overwrite=True, location=location)
            written.note(plan.path, plan.recipe, part)
        notes[plan.path] = picture.notes
        del picture
    frames = scene.index.frames
    return [
        Saved(
            plan.path,
            tuple(frames[plan.slots].tolist()),
            _cropped(plans[-1].valid) if crop else plan.valid,
            known,
            None if plan.slab is None else plan.slab["number"],
            notes.get(plan.path, ()),
        )
        for plan, known in zip(plans, kept, strict=True)
    ]


def _plans(scene: Scene, path: Path, slabs: Slabs, look: Look, force: bool, how: str) -> list[_Plan]:
    """The slabs in order, and the whole last."""
    slots = scene.chosen(look, force=force)
    alignment = scene.index.alignment
    if look.reference is not None:
        alignment = alignment.with_reference(slot_of(scene.index, look.reference))
    parts = slabs.of(slots)
    plans: list[_Plan] = []
    for number, part in enumerate([*parts, slots], 1):
        slab = {"number": number, "of": len(parts), "size": slabs.size, "overlap": slabs.overlap}
        whole = number > len(parts)
        name = path if whole else slab_path(path, number, len(parts))
        plans.append(
            _Plan(name, part, alignment.valid(part), None if whole else slab, _recipe(scene, part, look, how))
        )
    return plans


def _recipe(scene: Scene, slots: NDArray[np.int64], look: Look, how: str) -> str:
    """A short text that changes with anything that the picture's bytes depend on, but for the input.

    That of the input is in the index beside which the notes lie.
    """
    depth = zlib.crc32(np.ascontiguousarray(scene.depth.position).tobytes())
    chosen = json.dumps([look.to_json(), slots.tolist(), scene.sweep.slots.tolist()])
    return key_of(__version__, chosen, str(depth), how)


def _merged(
    scene: Scene, plans: Sequence[_Plan], look: Look, force: bool, progress: Progress
) -> Iterator[tuple[_Plan, Picture]]:
    """Make the pictures, with as few decodes as memory allows."""
    frames = scene.index.frames

    def job(plan: _Plan) -> Job[Picture]:
        def work(source: FrameSource, progress: Progress) -> Picture:
            return _stacked(replace(scene, source=source), plan, look, force, progress)

        return Job(int(frames[plan.slots[0]]), int(frames[plan.slots[-1]]), work)

    jobs = [job(plan) for plan in plans]
    each = BYTES_A_PIXEL + (BYTES_A_SHARE * len(frames) if len(frames) < DENSE else 0)
    room = int(MOST_AT_ONCE // (each * scene.index.info.width * scene.index.info.height))
    every = range(len(jobs))
    passes = [[number] for number in every] if _most_at_once(jobs) > room else [list(every)] if jobs else []
    total, done = sum(_span([jobs[n] for n in numbers]) for numbers in passes), 0
    for numbers in passes:
        batch = [jobs[n] for n in numbers]
        span = _span(batch)
        for at, picture in in_one_pass(scene.source, batch, _onwards(progress, done, span, total)):
            yield plans[numbers[at]], picture
            del picture  # while the next one is merged, it is no longer needed
        done += span


def _span(jobs: Sequence[Job[Any]]) -> int:
    """Frames from the first to the last of some jobs."""
    return max(job.last for job in jobs) - min(job.first for job in jobs) + 1


def _onwards(progress: Progress, before: int, span: int, of: int) -> Progress:
    """The same, told of one pass of several, over `span` frames, be they read once or twice."""

    def told(stage: str, done: int, total: int | None) -> None:
        progress(stage, before + done * span // (total or span), of)

    return told


def _stacked(scene: Scene, plan: _Plan, look: Look, force: bool, progress: Progress) -> Picture:
    """One picture of a plan."""
    if plan.slab is None:
        return scene.stack(look, force=force, progress=progress)
    numbers = scene.index.frames[plan.slots]
    sweep = replace(scene.sweep, slots=plan.slots, first=int(numbers[0]), last=int(numbers[-1]))
    slab = replace(scene, index=replace(scene.index, sweep=sweep))
    picture = slab.stack(Look(reference=look.reference), progress=progress)
    return replace(picture, record={**picture.record, "look": look.to_json(), "slab": plan.slab})


def _most_at_once(jobs: Sequence[Job[Any]]) -> int:
    """Of how many jobs the frames overlap at some frame."""
    return max((sum(job.first <= other.first <= job.last for job in jobs) for other in jobs), default=0)


def _cropped(valid: Rect) -> Rect:
    return Rect(0, 0, valid.w, valid.h)
