"""Frames come in one by one, are linked to earlier ones, and at the end all poses are solved together.

Of a frame that has passed only its lattice values are kept, and only while a
later frame may still be linked to it: memory does not grow with the sweep.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.align.consensus import agreed
from postfocus.align.gain import brightness_ratio
from postfocus.align.kept import Lattices, Past, keep
from postfocus.align.lattice import Motion
from postfocus.align.picture import Picture, Preparation, Views
from postfocus.align.register import NOTHING, Fit, register
from postfocus.align.settings import AlignSettings
from postfocus.align.track import Place, Track
from postfocus.align.unmoved import Unmoved
from postfocus.align.verdict import Link, Reading, believable, conclude
from postfocus.cells import pool_for
from postfocus.errors import BadUse, TooFewFrames
from postfocus.model.alignment import Alignment

SURE_NCC = 0.7
"""Correlation of a first guess beyond which no other is tried."""

TRIAL, PAUSE = 6, 24
"""Frames after which a second explanation must have proved useful, and before it is tried again."""


class Registrar:
    """Registers a sweep of handheld frames, in order, in little memory.

    Parameters
    ----------
    width, height
        Full-size pixels of every frame.
    settings
        How hard to look.
    expected
        Number of frames, if known: short sweeps link every pair.
    """

    def __init__(
        self, width: int, height: int, settings: AlignSettings | None = None, expected: int | None = None
    ) -> None:
        self._width, self._height = width, height
        self._scale = pool_for(width, height)
        self._settings = settings or AlignSettings()
        self._preparation = Preparation(width, height, self._scale)
        self._few = expected is not None and expected <= self._settings.all_pairs
        self._indices: list[int] = []
        self._plain: list[bool] = []
        self._past: dict[int, Past] = {}
        self._first = Track(False)
        self._second: Track | None = None
        self._votes, self._quiet = [0, 0], 0
        self._unmoved = Unmoved(width, height, self._scale)
        self._known_lattices: Lattices | None = None

    @property
    def scale(self) -> int:
        """Full-size pixels per working pixel."""
        return self._scale

    def add(self, index: int, small: NDArray[Any], light: Picture | None = None) -> None:
        """Take the next frame.

        Parameters
        ----------
        index
            Its number in the source; higher than those before, gaps allowed.
        small
            `(height // scale, width // scale)` area means of its luma, 0…255 levels, any real type.
        light
            The same of what of its light it is aligned by (`postfocus.hue`), if not by luma.

        Raises
        ------
        BadUse
            If the picture has another size or the frame comes out of order.
        """
        shape = (max(1, self._height // self._scale), max(1, self._width // self._scale))
        if small.ndim != 2 or small.shape[0] < shape[0] or small.shape[1] < shape[1]:
            raise BadUse(f"The working picture of frame {index} is {small.shape}, not {shape}.")
        if self._indices and index <= self._indices[-1]:
            raise BadUse(f"Frame {index} came after frame {self._indices[-1]}; add frames in order.")
        whole = slice(shape[0]), slice(shape[1])
        seen = self._preparation.views(small[whole], None if light is None else light[whole])
        if self._known_lattices is None:
            self._known_lattices = Lattices.over(seen, self._settings.step, self._settings.last_step)
        now = keep(seen, self._lattices)
        slot = len(self._indices)
        self._indices.append(index)
        self._plain.append(now.fine.plain)
        self._link(slot, seen, now)
        self._past[slot] = now
        self._forget(slot)

    def finish(self, reference: int | None = None) -> Alignment:
        """Solve all poses.

        Parameters
        ----------
        reference
            Frame number whose geometry every picture gets; by default the middle one of those that
            could be aligned.

        Raises
        ------
        TooFewFrames
            If no frame was added.
        BadUse
            If `reference` is not one of the frames.
        """
        if not self._indices:
            raise TooFewFrames("There is no frame to align; add at least one.")
        if reference is not None and reference not in self._indices:
            raise BadUse(f"Frame {reference} is not in the sweep; choose another reference frame.")
        reading = Reading(
            self._width, self._height, self._scale, np.array(self._indices, np.int64),
            np.array(self._plain), self._settings,
        )  # fmt: skip
        unmoved = self._unmoved.links
        second = None if self._second is None or unmoved is not None else self._second.links
        return conclude(reading, self._first.links if unmoved is None else unmoved, second, reference)

    @property
    def _lattices(self) -> Lattices:
        assert self._known_lattices is not None
        return self._known_lattices

    def _link(self, slot: int, seen: Views, now: Past) -> None:
        """Link a frame to earlier ones on every track; open the second when only some blocks agree."""
        before = len(self._first.links)
        untouched = self._first.copy() if self._second is None and slot >= self._quiet else None
        self._extend(self._first, slot, seen, now)
        fresh = {link.i: link for link in self._first.links[before:]}
        for link in fresh.values():
            self._unmoved.add(link, self._past[link.i], seen.fine, self._lattices.fine)
        near = fresh.get(slot - 1)
        if untouched is not None and near is not None and self._doubtful(near):
            past = self._past[near.i]
            other = agreed(past.fine, seen.fine, self._lattices.fine, near.fit, past.dense)
            if self._divided(near.fit, other):
                self._second, self._votes = untouched, [0, 0]
        if self._second is not None:
            before = len(self._second.links)
            self._extend(self._second, slot, seen, now, fresh)
            others = {link.i: link.fit for link in self._second.links[before:]}
            self._vote(slot, near, others.get(slot - 1))

    def _vote(self, slot: int, near: Link | None, other: Fit | None) -> None:
        """Give the second track up when the picture only falls into parts now and then."""
        self._votes[0] += 1
        self._votes[1] += near is not None and other is not None and self._divided(near.fit, other)
        if self._votes[0] >= TRIAL and self._votes[1] < 0.4 * self._votes[0]:
            self._second, self._quiet = None, slot + PAUSE

    def _divided(self, fit: Fit, other: Fit) -> bool:
        """Whether parts of the picture move differently: some agree far better, elsewhere."""
        unit = self._lattices.fine.unit
        off = abs(fit.motion.b - other.motion.b) + unit * abs(fit.motion.a - other.motion.a)
        return other.spread < 0.6 * fit.spread and off > 0.04

    def _extend(
        self, track: Track, slot: int, seen: Views, now: Past, known: dict[int, Link] | None = None
    ) -> None:
        """Link a frame to the nearest frame it fits, then to those further back.

        `known` are links already measured without consensus; they serve again where they are certain.
        """
        tried: set[int] = set()
        known = known or {}
        for i in self._nearest(track, slot):
            tried.add(i)
            track.links.append(self._measure(track, i, slot, seen, now, None, known.get(i)))
            if slot in track.places:
                break
        place = track.places.setdefault(slot, Place(slot, Motion()))
        for i in self._further(slot):
            other = track.places.get(i)
            if i in tried or other is None:
                continue
            start = None
            if other.run == place.run:
                start = other.motion.inverse().then(place.motion)
            elif not self._few:
                continue
            track.links.append(self._measure(track, i, slot, seen, now, start, known.get(i)))
            place = track.places[slot]
        track.anchors[place.run] = slot

    def _further(self, slot: int) -> list[int]:
        """Earlier frames besides the nearest to which a frame is linked, farthest first."""
        if self._few:
            return sorted(self._past)
        gaps = [gap for gap, every in self._settings.gaps if slot % every == 0]
        return sorted(slot - gap for gap in gaps if slot - gap in self._past)

    def _nearest(self, track: Track, slot: int) -> list[int]:
        """Earlier frames in the order in which the first link is tried."""
        ways = [slot - g for g in (1, *self._settings.fallbacks)]
        ways += sorted(track.anchors.values(), reverse=True)
        kept = [i for i in ways if i in self._past and self._past[i].coarse is not None]
        return list(dict.fromkeys(kept))

    def _measure(
        self, track: Track, i: int, slot: int, seen: Views, now: Past, start: Motion | None,
        known: Link | None,
    ) -> Link:  # fmt: skip
        """One link; without a start it is looked for at the coarse scale first."""
        past, s = self._past[i], self._settings
        if past.fine.plain and now.fine.plain:
            return self._blank(track, i, slot, past, now)
        if known is not None and self._serves(known, start):
            fit = known.fit
        else:
            first = start if start is not None else self._guess(past, seen)
            if first is None:
                return Link(i, slot, False, NOTHING)
            lattice = self._lattices.fine
            dense = past.dense if slot - i > 1 else None
            fit = register(past.fine, seen.fine, lattice, first, s.iterations, dense=dense)
        if track.consensus and self._doubtful(Link(i, slot, True, fit)):
            fit = agreed(past.fine, seen.fine, self._lattices.fine, fit, past.dense)
        if not believable(fit, s):
            return Link(i, slot, False, fit)
        if start is None:
            track.join(i, slot, fit.motion)
        to_low = fit.motion.scaled(1 / seen.factor)
        gain = brightness_ratio(past.low, seen.low, self._lattices.low, to_low)
        return Link(i, slot, True, fit, gain**0.5)

    def _doubtful(self, link: Link) -> bool:
        """Whether blocks disagree, and not because rows shear."""
        s, fit = self._settings, link.fit
        return min(fit.spread, fit.sheared_spread) > s.doubt and fit.ncc > s.min_ncc

    def _serves(self, known: Link, start: Motion | None) -> bool:
        """Whether a link measured on the first track is also what this start would lead to."""
        if start is None or not known.accepted:
            return start is None
        m, half = known.fit.motion, self._width / self._scale / 2
        return abs(m.b - start.b) + half * abs(m.a - start.a) < 1

    def _blank(self, track: Track, i: int, slot: int, past: Past, now: Past) -> Link:
        """Two frames without texture: nothing says that anything moved, if they look the same."""
        same = float(np.abs(past.low - now.low).mean()) < 1
        if same:
            track.join(i, slot, Motion())
        return Link(i, slot, same, NOTHING, blank=True)

    def _guess(self, past: Past, seen: Views) -> Motion | None:
        """Where the frame lies by its coarse picture, working pixels; ``None`` if it is not there."""
        s, lattice = self._settings, self._lattices.coarse
        if past.coarse is None:
            return None
        template, level = past.coarse
        best = register(template, seen.coarse, lattice, Motion(), 10, still=0.03)
        if best.ncc < SURE_NCC:
            window = cv2.createHanningWindow((level.n.shape[1], level.n.shape[0]), cv2.CV_32F)
            # OpenCV may apply the window to the pictures themselves.
            (dx, dy), _ = cv2.phaseCorrelate(level.n.copy(), seen.coarse.n.copy(), window)
            other = register(template, seen.coarse, lattice, Motion(1, complex(dx, dy)), 10, still=0.03)
            best = max(best, other, key=lambda fit: fit.ncc)
        if best.ncc < s.min_ncc_coarse:
            return None
        return best.motion.scaled(seen.factor)

    def _forget(self, slot: int) -> None:
        """Drop what no later frame will be linked to."""
        tracks = [self._first] if self._second is None else [self._first, self._second]
        for track in tracks:
            sizes = {run: sum(p.run == run for p in track.places.values()) for run in track.anchors}
            for run in sorted(sizes, key=lambda run: sizes[run])[:-3]:
                if slot - track.anchors[run] > 5:
                    del track.anchors[run]
        anchors = {i for track in tracks for i in track.anchors.values()}
        near = max(self._settings.fallbacks, default=1)
        for i in list(self._past):
            close = slot + 1 - i <= near or i in anchors or self._few
            useful = close or any(
                i % every == 0 and slot - i < gap for gap, every in self._settings.gaps if gap % every == 0
            )
            if not useful:
                del self._past[i]
            elif not close:
                self._past[i] = self._past[i].without_coarse()
