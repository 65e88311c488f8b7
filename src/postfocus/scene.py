"""A sweep whose focus can be chosen: touch it, merge it, look at its depth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from postfocus.chosen import Chosen, chosen_of, place_of
from postfocus.depth.estimate import DepthSettings
from postfocus.depth.pick import SURE, cover, peak_at
from postfocus.errors import BadUse, NothingSharp
from postfocus.frames import check_strokes, original, slot_of, slots_of
from postfocus.io.previews import Previews
from postfocus.kept_maps import KeptMaps
from postfocus.model.depth import DepthMap, State
from postfocus.model.frame import FrameSource
from postfocus.model.index import Index
from postfocus.model.look import Frames, Look, Pick
from postfocus.model.picture import Picture
from postfocus.model.sweep import Sweep
from postfocus.progress import Progress, silent
from postfocus.settings import PREVIEWS

REASONS = {
    "no texture": "there is no texture to focus on; touch an edge or a pattern",
    "outside the sweep": "it is sharpest before the sweep begins or after it ends; touch another place",
    "moved": "something moved there while the lens passed; touch another place",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What `postfocus.index` returns.

    Attributes
    ----------
    source
        The sweep's frames.
    index
        Poses, sweep and depth.
    folder
        Where the index's files lie.
    """

    source: FrameSource
    index: Index
    folder: Path

    @property
    def depth(self) -> DepthMap:
        """Position of sharpest focus per cell, with confidence and state."""
        return self.index.depth

    @property
    def sweep(self) -> Sweep:
        """Which frames the lens moved through."""
        return self.index.sweep

    @property
    def reference(self) -> int:
        """The frame of the input whose geometry the depth map and merged pictures have."""
        return int(self.index.frames[self.index.alignment.reference])

    @property
    def previews(self) -> Previews:
        """A small JPEG of every frame; only if the index was made with previews."""
        return Previews(self.folder / PREVIEWS)

    def limited(self, frames: Frames) -> Scene:
        """The same scene with `frames` as its sweep, whatever was found.

        Raises
        ------
        BadUse
            The range lies outside the input, or holds fewer than two usable frames.
        """
        from postfocus.seeing import depth_of  # picking a frame does not need what this loads

        slots = slots_of(self.index, frames)
        if len(slots) < 2:
            raise BadUse("the chosen range holds fewer than two usable frames; choose a wider one")
        numbers = self.index.frames[slots]
        sweep = Sweep(slots, int(numbers[0]), int(numbers[-1]), ("the range of frames was chosen by hand",))
        depth = depth_of(self._kept.volume(), self._kept.light(), sweep, self.index.alignment)
        return replace(self, index=replace(self.index, sweep=sweep, depth=depth))

    def pick(self, x: float, y: float) -> Pick:
        """Find the frame in which a place is sharpest; where its own curve is unsure, from the depth map.

        Parameters
        ----------
        x, y
            Fractions of the reference picture's width and height, from the top left.

        Raises
        ------
        BadUse
            If they are not numbers from 0 to 1.
        """
        at = place_of(x, y)
        row, col = self.depth.cell(x, y)
        volume = self._kept.volume().of(self.sweep.slots)
        sigma = DepthSettings().sigma(self.index.pool)
        peaks = peak_at(volume, row, col, sigma, self.depth.noise)
        state = State(int(peaks.state[0]))
        confidence = float(peaks.confidence[0])
        if self.depth.state[row, col] == State.MOVED and state == State.IN_FOCUS:
            state, confidence = State.MOVED, min(confidence, float(self.depth.confidence[row, col]))
        frames = self.index.frames[self.sweep.slots]
        frame = float(np.interp(float(peaks.slot[0]), np.arange(len(frames)), frames))
        if state == State.IN_FOCUS and confidence < SURE:
            frame = float(self.depth.position[row, col])  # it knows what surer neighbours found
        saved = int(frames[int(np.abs(frames - frame).argmin())])
        return Pick(at, frame, saved, round(confidence, 4), state.words)

    def require_sharp(self, pick: Pick) -> None:
        """Raise `NothingSharp` with the reason, unless the pick found focus."""
        if pick.state != "in focus":
            place = f"{pick.at.x:g},{pick.at.y:g}"
            raise NothingSharp(f"nothing is sharp at {place}: {REASONS[pick.state]}")

    def picture_of(self, look: Look, *, aligned: bool = False, force: bool = False) -> Picture:
        """The original frame that a look names.

        Parameters
        ----------
        look
            `frames` whose first is its last: that very frame. Else the frame that is sharpest at `focus`,
            of those in `frames` if given.
        aligned
            As for `picture`.
        force
            Take the frame even where nothing is surely sharp at `focus`.

        Raises
        ------
        BadUse
            The look names neither a place nor a single frame, or one that is not there.
        NothingSharp
            Nothing is sharp at the place, and `force` is not given.
        """
        look = replace(look, retouch=())  # of the merge alone
        by_hand = look.single_frame
        if by_hand is not None:
            return self.picture(by_hand, aligned=aligned, look=look)
        if look.focus is None:
            raise BadUse(
                'the look names no place to focus on; give one, as in {"focus": {"x": 0.5, "y": 0.5}}'
            )
        scene = self if look.frames is None else self.limited(look.frames)
        pick = scene.pick(look.focus.x, look.focus.y)
        if not force:
            scene.require_sharp(pick)
        return scene.picture(pick, aligned=aligned, look=look)

    def picture(self, pick: Pick | int, *, aligned: bool = False, look: Look | None = None) -> Picture:
        """One original frame, not resampled unless `aligned`.

        Parameters
        ----------
        pick
            What `Scene.pick` returned, or the number of a frame.
        aligned
            Move it into the reference's geometry.
        look
            The choice to record, if it was more than the place or the frame.

        Raises
        ------
        BadUse
            There is no such frame, or it could not be aligned.
        """
        slot = slot_of(self.index, number := pick.saved_frame if isinstance(pick, Pick) else int(pick))
        if look is None:
            look = Look(focus=pick.at) if isinstance(pick, Pick) else Look(frames=Frames(number, number))
        record: dict[str, Any] = {
            "kind": "aligned frame" if aligned else "frame",
            "frame": number,
            "look": look.to_json(),
            "sweep": {"first": self.sweep.first, "last": self.sweep.last},
            "input": self.index.info.name,
        }
        if isinstance(pick, Pick):
            record |= {"position": round(pick.frame, 3), "confidence": pick.confidence, "state": pick.state}
        return original(self.source, self.index, slot, record, aligned=aligned)

    def best(self, most: int) -> list[int]:
        """At most `most` frames that between them show as much as possible of the picture sharp."""
        if most < 1:
            raise BadUse("ask for at least one frame")
        weight = np.where(self.depth.state == State.IN_FOCUS, self.depth.confidence, 0)
        return cover(
            self.depth.position, weight.astype(np.float32), self.index.frames[self.sweep.slots], most
        )

    def stack(self, look: Look | None = None, *, force: bool = False, progress: Progress = silent) -> Picture:
        """Merge the sweep, or the range that `look` names, into one sharp picture.

        Parameters
        ----------
        look
            `near` and `far`: merge the planes between two places, given in either order. `near` alone
            goes on to the sweep's last frame, `far` alone begins at its first: no input tells its
            direction, and Post Focus and most brackets run from near to far. `frames`: merge these frames;
            `ranges`: these, too; `soft`: sharpness gives way beside a range over so many frames;
            `reference`: the frame whose geometry the picture gets, and whose moment is shown where
            something moves. Outside a range the picture keeps the real optical blur of its nearest plane.
            `retouch`: strokes along which it shows one frame. `keep_glow`: leave what near things throw over
            far ones beside them, which is taken off the whole sweep's merge wherever frames confirm it.
        force
            Take `near` and `far` where nothing is surely sharp, too.

        Returns
        -------
        16-bit pixels, full size, in the geometry of the reference frame, with the area that every
        merged frame covers, what was taken from one frame because it moves, and, where the whole sweep
        was merged, what is sharp in none of its frames and where glow was taken off.

        Raises
        ------
        BadUse
            A range that lies outside the input or names no usable frame; a stroke of a frame that is not
            there or could not be aligned.
        NothingSharp
            Nothing is sharp at one of the two places, and `force` is not given.
        """
        from postfocus.merging import Order, merge_sweep
        from postfocus.stacked import stacked

        look = look or Look()
        chosen = self._range(look, force)
        slots = chosen.slots
        alignment = self.index.alignment
        reference = alignment.reference if look.reference is None else slot_of(self.index, look.reference)
        if not alignment.usable()[reference]:
            raise BadUse(f"frame {look.reference} could not be aligned; choose another reference")
        painted = check_strokes(self.index, look.retouch)
        moment = None if look.reference is None else reference
        order = Order(slots, reference, moment, look.retouch, chosen.planes, look.keep_glow)
        merged = merge_sweep(
            self.source, self.index, self._kept.volume(), self._kept.light(), order, progress
        )
        record: dict[str, Any] = {
            "kind": "stack",
            "look": look.to_json(),
            "reference_frame": int(self.index.frames[reference]),
            "frames_used": [int(n) for n in self.index.frames[slots]],
            "sweep": {"first": self.sweep.first, "last": self.sweep.last},
            "input": self.index.info.name,
        }
        if painted:
            record["retouch"] = {"strokes": len(look.retouch), "frames": painted}
        return stacked(self.source, self.index, merged, slots, reference, record)

    def chosen(self, look: Look, *, force: bool = False) -> NDArray[np.int64]:
        """`(M,)` int, increasing: the slots that `stack` merges for a look; raises as it does."""
        return self._range(look, force).slots

    def _range(self, look: Look, force: bool) -> Chosen:
        """What a look merges."""
        ends = None if look.near is None and look.far is None else self._between(look, force)
        return chosen_of(self.index, self.sweep, look, ends)

    def _between(self, look: Look, force: bool) -> tuple[float, float]:
        """Positions of the two places; with one given, the sweep is taken to run from near to far."""
        ends = [self.pick(p.x, p.y) for p in (look.near, look.far) if p is not None]
        for end in ends:
            if not force:
                self.require_sharp(end)
        frames = [end.frame for end in ends]
        if len(frames) == 2:
            return min(frames), max(frames)
        return (frames[0], np.inf) if look.near is not None else (-np.inf, frames[0])

    @property
    def _kept(self) -> KeptMaps:
        return KeptMaps(self.folder, self.index)

    def check(self) -> None:
        """Raise `CannotRead` unless the index's maps are all there."""
        self._kept.check()

    def close(self) -> None:
        """Let go of the input."""
        self.source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
