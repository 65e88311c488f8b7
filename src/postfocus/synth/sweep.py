"""A lens is swept through focus before a drawn scene, and every frame is photographed.

Frames are rendered on demand, each from its own seeds, so that the order and
the number of workers never change a pixel.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from postfocus.errors import BadUse
from postfocus.model.alignment import Alignment
from postfocus.progress import Progress, silent
from postfocus.synth.aperture import BLADES, Aperture
from postfocus.synth.model import SceneModel
from postfocus.synth.motion import Motion, wander
from postfocus.synth.mover import Mover, make_mover
from postfocus.synth.scenes import build_scene
from postfocus.synth.sensor import encode_srgb, expose, vignette
from postfocus.synth.thin_lens import render, seen_region
from postfocus.synth.truth import Truth, make_truth
from postfocus.synth.wind import LENGTH, Wind

REFERENCE_WIDTH = 3840
"""Pixel figures in the settings are meant at this picture width."""


@dataclass(frozen=True, slots=True)
class SweepSettings:
    """How a sweep is simulated. Pixels are those of a picture 3840 wide; they scale with `width`.

    Attributes
    ----------
    scene
        Name in `postfocus.synth.scenes.SCENES`.
    frames, width, height, seed
        Number and size of the frames; the seed decides scene, motion and noise.
    focus
        Focus unit of each frame; empty: from just before the nearest to just behind the farthest thing.
    steps
        ``"even"``; ``"uneven"``: steps that grow and jitter, as a lens motor's do.
    blur
        Blur radius in pixels per (mean) frame of defocus.
    shape, blade_turn
        Aperture's shape, and its turn in degrees.
    shake, roll, breathing, rolling, tripod
        See `postfocus.synth.motion.wander`.
    drift, flicker
        Exposure change over the sweep, and from frame to frame (standard deviation), as fractions.
    vignetting
        Light missing in the corners, 0…1.
    photon, read
        Noise at white and at black in thousandths of white.
    mover
        Something flies through the picture.
    wind, waves
        Pixels by which the nearest thing sways, and the farthest before the ground ripples; see
        `postfocus.synth.wind`.
    lead_in, tail
        Frames before and after the sweep during which the focus rests.
    turn_back
        Frames at the end (before the tail) during which the focus runs back.
    """

    scene: str = "still-life"
    frames: int = 30
    width: int = 3840
    height: int = 2160
    seed: int = 1
    focus: tuple[float, ...] = ()
    steps: str = "even"
    blur: float = 0.8
    shape: str = "disc"
    blade_turn: float = 12.0
    shake: float = 12.0
    roll: float = 0.1
    breathing: float = 0.03
    rolling: float = 0.0
    tripod: bool = False
    drift: float = 0.02
    flicker: float = 0.003
    vignetting: float = 0.15
    photon: float = 12.0
    read: float = 1.5
    mover: bool = False
    wind: float = 0.0
    waves: float = 0.0
    lead_in: int = 0
    tail: int = 0
    turn_back: int = 0

    def __post_init__(self) -> None:
        if self.frames < 2:
            raise BadUse("A focus sweep needs at least 2 frames; ask for more.")
        if not (32 <= self.width <= 16384 and 32 <= self.height <= 16384):
            raise BadUse("Choose a picture size between 32 and 16384 pixels a side.")
        if self.focus and len(self.focus) != self.frames:
            raise BadUse(f"Give one focus position per frame: {self.frames}, not {len(self.focus)}.")
        if self.steps not in ("even", "uneven"):
            raise BadUse("Focus steps are 'even' or 'uneven'.")
        if self.shape not in BLADES:
            raise BadUse(f"Unknown aperture shape {self.shape!r}; choose from {', '.join(BLADES)}.")
        if min(self.lead_in, self.tail, self.turn_back) < 0 or self.sweeping < 2:
            raise BadUse(
                "At least 2 frames must be left for the sweep itself; lower lead-in, tail or turn-back."
            )
        if not 0 <= self.vignetting < 0.95:
            raise BadUse("Vignetting is a fraction from 0 to 0.95.")
        sizes = (self.blur, self.shake, self.photon, self.read, self.flicker, self.wind, self.waves)
        if min(sizes) < 0 or not np.isfinite([*sizes, self.roll, self.breathing, self.drift]).all():
            raise BadUse("Blur, shake, noise and wind must be finite and not negative.")

    @property
    def sweeping(self) -> int:
        """Frames of the forward sweep."""
        return self.frames - self.lead_in - self.tail - self.turn_back

    @property
    def zoom(self) -> float:
        """Pixels of this picture per pixel of the settings."""
        return self.width / REFERENCE_WIDTH


def _focus(settings: SweepSettings, scene: SceneModel, rng: np.random.Generator) -> NDArray[np.float64]:
    if settings.focus:
        return np.array(settings.focus, float)
    n = settings.sweeping
    t = np.linspace(0, 1, n)
    if settings.steps == "uneven":
        step = np.linspace(0.55, 1.45, n - 1) * rng.uniform(0.75, 1.25, n - 1)
        t = np.concatenate([[0], np.cumsum(step) / step.sum()])
    room = 0.04 * (scene.far - scene.near)
    sweep = scene.near - room + t * (scene.far - scene.near + 2 * room)
    back = sweep[::-1][1:]
    back = (
        np.resize(back, settings.turn_back) if settings.turn_back > len(back) else back[: settings.turn_back]
    )
    whole = np.concatenate([np.full(settings.lead_in, sweep[0]), sweep, back])
    return np.concatenate([whole, np.full(settings.tail, whole[-1])])


@dataclass(frozen=True)
class SimulatedSweep:
    """A sweep that can be photographed, and everything that is true about it.

    Attributes
    ----------
    settings, scene
        What was asked for; what stands before the lens (without the mover, and in a calm).
    focus
        `(N,)` focus unit of each frame.
    aperture
        Blur radius in picture pixels per focus unit.
    shape
        Opening of the lens.
    motion
        Where each frame sees the scene.
    reference
        The middle frame, in whose geometry the truth is given.
    gain
        `(N,)` exposure of each frame in linear light, 1 for the reference.
    mover
        What flies through, or ``None``.
    """

    settings: SweepSettings
    scene: SceneModel
    focus: NDArray[np.float64]
    aperture: float
    shape: Aperture
    motion: Motion
    reference: int
    gain: NDArray[np.float64]
    mover: Mover | None
    _shading: NDArray[np.float32] | None = field(repr=False)

    @property
    def count(self) -> int:
        """Number of frames."""
        return self.settings.frames

    def pose(self, index: int) -> NDArray[np.float64]:
        """`(2, 3)` matrix from scene pixel to pixel of frame `index`."""
        return self.motion.pose(index, self.settings.width, self.settings.height)

    def scene_at(self, index: int) -> SceneModel:
        """The scene as it stands at the moment of frame `index`."""
        s = self.settings
        wind = Wind(s.wind * s.zoom, s.waves * s.zoom, LENGTH * s.zoom)
        scene = wind.through(self.scene, index) if s.wind or s.waves else self.scene
        return scene if self.mover is None else self.mover.placed(scene, index)

    def frame(self, index: int) -> NDArray[np.uint8]:
        """Frame `index`: `(H, W, 3)` uint8 sRGB."""
        if not 0 <= index < self.count:
            raise BadUse(f"There is no frame {index}; the sweep has frames 0 to {self.count - 1}.")
        light = render(
            self.scene_at(index),
            float(self.focus[index]),
            self.aperture,
            shape=self.shape,
            pose=self.pose(index),
        )
        s = self.settings
        return expose(light, float(self.gain[index]), self._shading, (s.photon, s.read), (s.seed, index))

    def frames(
        self, workers: int = 1, start: int = 0, stop: int | None = None, progress: Progress = silent
    ) -> Iterator[NDArray[np.uint8]]:
        """Yield the frames `start`…`stop` in order, rendered by `workers` threads, a few ahead at most."""
        stop = self.count if stop is None else min(stop, self.count)
        if workers <= 1:
            for n in range(start, stop):
                progress("render", n - start, stop - start)
                yield self.frame(n)
            return
        pool = ThreadPoolExecutor(workers)
        waiting: deque[Future[NDArray[np.uint8]]] = deque()
        try:
            ahead = start
            for n in range(start, stop):
                while ahead < stop and len(waiting) <= workers:
                    waiting.append(pool.submit(self.frame, ahead))
                    ahead += 1
                progress("render", n - start, stop - start)
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    @cached_property
    def truth(self) -> Truth:
        """Everything that is true about the sweep, in the geometry of the reference frame."""
        return make_truth(self)

    @property
    def alignment(self) -> Alignment:
        """What a perfect aligner would report; `gain` in code values at mid grey."""
        codes = encode_srgb(0.2 * self.gain) / encode_srgb(np.array(0.2))
        return self.motion.alignment(self.settings.width, self.settings.height, self.reference, codes)


def _room(sim: SimulatedSweep) -> None:
    """Refuse motion that would show where the drawing ends."""
    s, scene = sim.settings, sim.scene
    for n in range(sim.count):
        r = seen_region(scene, sim.pose(n))
        out = max(-r.x, -r.y, r.x + r.w - s.width, r.y + r.h - s.height)
        if out > scene.margin:
            raise BadUse("The simulated motion leaves the drawn scene; lower shake, roll or breathing.")


def simulate_sweep(settings: SweepSettings, progress: Progress = silent) -> SimulatedSweep:
    """Draw the scene and decide the sweep; frames and truth are rendered when asked for.

    Raises
    ------
    postfocus.errors.BadUse
        Settings that cannot be meant.
    """
    progress("draw", 0, 1)
    scene = build_scene(settings.scene, settings.width, settings.height, settings.seed)
    progress("draw", 1, 1)
    rng = np.random.default_rng((settings.seed, 77))
    focus = _focus(settings, scene, rng)
    n, span = settings.frames, float(np.ptp(focus))
    reference = n // 2
    place = (focus - focus.min()) / span if span > 0 else np.zeros(n)
    zoom = settings.zoom
    motion = wander(
        rng, place, reference, shake=settings.shake * zoom, roll=settings.roll, breathing=settings.breathing,
        rolling=settings.rolling, tripod=settings.tripod,
    )  # fmt: skip
    t = np.linspace(0, 1, n)
    gain = (1 + settings.drift * (t - t[reference])) * np.exp(settings.flicker * rng.standard_normal(n))
    shading = vignette(settings.width, settings.height, settings.vignetting) if settings.vignetting else None
    per_unit = settings.blur * zoom * (settings.sweeping - 1) / span if span > 0 else 0.0
    mover = make_mover(settings.width, settings.height, scene, n, rng) if settings.mover else None
    sim = SimulatedSweep(
        settings, scene, focus, per_unit, Aperture(settings.shape, settings.blade_turn), motion, reference,
        gain / gain[reference], mover, shading,
    )  # fmt: skip
    _room(sim)
    return sim
