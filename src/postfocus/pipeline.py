"""The conductor: from a sweep to an index in which any focus can be found.

Every frame is measured once and laid on the others, and depth is found. Where
blur is strong, frames are laid on one another once more, by what is known of it;
and what one motion a frame leaves apart is bent to fit.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from postfocus.align.notes import told_again
from postfocus.align.second import align_again, moved_by
from postfocus.measuring import Measured, measure_sweep
from postfocus.model.alignment import Alignment
from postfocus.model.depth import State
from postfocus.model.frame import FrameSource
from postfocus.model.index import TELLING_MOTION, Index
from postfocus.progress import Progress, silent
from postfocus.seeing import MIXED, Seen, known_of, parts_in, see
from postfocus.settings import IndexSettings

AGAIN = 2
"""How often a strongly blurred sweep is aligned again; the second time only if the first moved most frames by
more than a coarse cell, for then depth was read from frames that lay apart."""


def build_index(
    source: FrameSource, folder: Path, settings: IndexSettings | None = None, progress: Progress = silent
) -> Index:
    """Turn a sweep into an index in which any focus can be found.

    Parameters
    ----------
    source
        The sweep.
    folder
        An existing, empty folder that takes the index's files.

    Raises
    ------
    CannotRead
        The pictures are too narrow to be divided into cells.
    TooFewFrames
        Fewer than two frames could be decoded.
    CannotAlign
        No two frames show the same scene.
    """
    measured = measure_sweep(source, folder, settings or IndexSettings(), progress)
    seen = see(measured, measured.alignment, folder, progress)
    seen = _aligned_again(measured, seen, folder, progress)
    measured.discard()
    alignment = _bent(seen, again=seen.alignment is not measured.alignment)
    (folder / MIXED).unlink(missing_ok=True)
    left_out = source.info.left_out + source.problems
    return Index(source.info, seen.depth.pool, measured.frames, alignment, seen.sweep, seen.depth, left_out)


def _aligned_again(measured: Measured, seen: Seen, folder: Path, progress: Progress) -> Seen:
    """The same, of frames aligned by the blur that was found, if there is enough of it."""
    for _ in range(AGAIN):
        aligned = align_again(known_of(measured, seen), seen.alignment, measured.alignment)
        if aligned is None:
            break
        moved = moved_by(seen.alignment, aligned)
        seen = see(measured, aligned, folder, progress)
        if moved <= 2 * seen.depth.pool:
            break
    return seen


def _bent(seen: Seen, again: bool) -> Alignment:
    """The poses, with how frames are bent and what there is to say, where they were found `again` of that."""
    parts, notes = parts_in(seen), seen.alignment.notes
    if again:
        notes = told_again(notes, moved=bool((seen.depth.state == State.MOVED).mean() > TELLING_MOTION))
    notes += (parts.note,) if parts.note else ()
    bend = parts.bend(seen.alignment, seen.sweep.slots, 2 * seen.depth.pool)
    return replace(seen.alignment, notes=notes, bend=bend)
