"""What each part of the merge is worth, and what it costs: every part is switched off in turn.

    python -m benchmarks.ablation --cache DIR [--scenes still-life hair lights] [--seed 3] [--width 1920]
                                  [--kinds handheld tripod] [--parts hills movers]

A part is switched off by putting something simpler in its place, from outside; the program itself has no
switches. Positive dB: the part gains so much, in the mean over the scenes and on the scene to which it does
least good. CPU: milliseconds a frame that the part costs; negative, that it saves. It is measured against the
whole merge right before, the cheaper of two runs each. Parts that matter only when nothing moves (tripod) or
when something does (mover) are tried there; on sweeps without a mover the part that deals with movers should
change nothing.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cv2
import numpy as np
from numpy.typing import NDArray

import postfocus
from benchmarks.merges import Result, compare, kept_moment
from benchmarks.quality import Known
from benchmarks.sweeps import Case, Mask, known_of, rendered
from postfocus.align.unmoved import Unmoved
from postfocus.fuse import gate, merge, weigh
from postfocus.fuse.weigh import FLOOR
from postfocus.io.cache import Cache
from postfocus.scene import Scene
from postfocus.synth import SCENE_NAMES
from postfocus.synth.sweep import simulate_sweep

Levels = NDArray[np.float32]


class NoSpread:
    """Every frame is free of foreign light."""

    def __init__(self, *_: object) -> None: ...

    def free(self, slot: int, rows: slice | None = None) -> float:
        return 1.0


class NoHills:
    """No place comes into focus twice."""

    found = False

    def __init__(self, *_: object) -> None: ...

    def add(self, rank: int, sharpness: Levels) -> None: ...

    def finish(self) -> None: ...


class NoMovers:
    """Nothing moves."""

    focus = 1.0
    touched = held = np.zeros((1, 1), np.bool_)

    def __init__(self, *_: object) -> None: ...

    def hidden(self, slot: int) -> None: ...

    def settle(self, *_: object) -> bool:
        return False


def rounded_warp(
    source: NDArray[Any], matrix: NDArray[np.float64], box: Any, piece: Any, flags: int, *bend: Any
) -> NDArray[Any]:
    """Resampling of 8-bit codes at the nearest 1/32 pixel, as OpenCV does it with codes."""
    codes = source.astype(np.uint8) if flags == cv2.INTER_CUBIC else source
    return EXACT_WARP(codes, matrix, box, piece, flags, *bend).astype(np.float32)


def same(given: Any, *_: object) -> Any:
    """What was given: the picture as it was merged, scores as they were taken."""
    return given


def constant(value: float) -> Callable[..., float]:
    """That value, whatever is asked."""

    def given(*_: object) -> float:
        return value

    return given


def nothing(*_: object) -> None:
    """None."""


def one_frame(ratio: Levels) -> Levels:
    """The weight of the sharpest frame alone."""
    return (ratio >= 1).astype(np.float32)


EXACT_WARP: Callable[..., NDArray[Any]] = merge.warp
GATE, MERGE = gate.__name__, merge.__name__


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the merge.

    Attributes
    ----------
    instead
        What stands in place of what, by dotted name, when it is switched off.
    on
        Kinds of sweep on which it is tried.
    indexed
        Whether it works while the sweep is indexed.
    """

    name: str
    instead: dict[str, Any]
    on: tuple[str, ...] = ("handheld", "tripod")
    indexed: bool = False


PARTS = (
    Part("light that spreads (fuse.spread)", {f"{GATE}.Spread": NoSpread}),
    Part("near things before far ones (fuse.hills)", {f"{GATE}.Hills": NoHills}),
    Part("near things hide far ones (fuse.in_front)", {f"{GATE}.slots_in_front": nothing}),
    Part("what moves (fuse.movers)", {f"{GATE}.movers_of": NoMovers}, ("handheld", "tripod", "mover")),
    Part("glow of near things (fuse.veil)", {"postfocus.merging.veil_of": nothing}),
    Part("colour follows brightness (fuse.colour)", {"postfocus.merging.full_colour": same}),
    Part("floor of scores follows noise", {"postfocus.merging.floor_of": constant(FLOOR)}),
    Part("any floor of scores", {"postfocus.merging.floor_of": constant(0.0)}),
    Part("finest detail (weigh.SIDE), not a mean of nine", {f"{weigh.__name__}.SIDE": 9}),
    Part("surroundings count (weigh.WIDE)", {f"{weigh.__name__}.WIDE": 0.0}),
    Part("sharp frames averaged, not the best alone", {f"{MERGE}.power20": one_frame}),
    Part("scores part the more, the higher (weigh.parted)", {f"{MERGE}.parted": same}),
    Part("strong texture by Lanczos (weigh.KEEN)", {f"{weigh.__name__}.KEEN": 1e9}),
    Part("noise that is left averaged (fuse.noise)", {"postfocus.merging.share_of": constant(0.0)}),
    Part("several frames in plain places", {f"{GATE}.PLAIN": 1.0, f"{GATE}.PLAIN_OF_NOISE": 0.0}),
    Part("neighbours' depths (gate.NEIGHBOURS)", {f"{GATE}._NEIGHBOURS": np.ones((1, 1), np.uint8)}),
    Part("gate by sharpness", {f"{GATE}.OPEN": -1.0, f"{GATE}.SHUT": -2.0}),
    Part("gate by depth", {f"{GATE}.REACH": 2.0}),
    Part("exact places of resampling", {f"{MERGE}.warp": rounded_warp}),
    Part("exposure evened", {"postfocus.align.stream.brightness_ratio": constant(1.0)}, indexed=True),
    Part(
        "unmoved frames stay (align.unmoved)",
        {f"{Unmoved.__module__}.Unmoved.links": None},
        ("tripod",),
        True,
    ),
)
"""Parts, and how they are switched off."""


@contextmanager
def without(part: Part | None) -> Generator[None]:
    """The program less one part; ``None``: whole."""
    with ExitStack() as stack:
        for name, other in (part.instead if part else {}).items():
            stack.enter_context(patch(name, other))
        yield


def merged(scene: Scene, known: Known) -> tuple[Levels, float]:
    """The merge in the geometry of the truth, 8-bit levels; CPU milliseconds a frame, decode and all."""
    look = postfocus.Look(reference=int(known.alignment.frames[known.alignment.reference]))
    costs: list[float] = []
    pixels: NDArray[Any] = np.zeros(0)
    for _ in range(2):
        start = time.process_time()
        pixels = scene.stack(look).pixels
        costs.append(time.process_time() - start)
    return np.asarray(pixels / 257.0, np.float32), 1000 * min(costs) / len(scene.sweep.slots)


@dataclass(frozen=True, slots=True)
class Trial:
    """A sweep merged with everything, or less one part."""

    quality: Result
    cost: float


def tried(case: Case, cache: Path, parts: Sequence[Part]) -> dict[str, tuple[Trial, Trial]]:
    """For each part the merge with it and without it."""
    sim = simulate_sweep(case.settings)
    path, known = rendered(case, sim, cache), known_of(simulate_sweep(case.still.settings))

    def judged(scene: Scene, part: Part | None) -> Trial:
        with without(part):
            picture, cost = merged(scene, known)
        allowed: Mask = np.ones(known.near.shape, np.bool_)
        if case.mover:
            allowed = ~kept_moment(sim, picture, known)[0]
        return Trial(compare(picture, known, allowed), cost)

    out: dict[str, tuple[Trial, Trial]] = {}
    with tempfile.TemporaryDirectory() as folder:
        with postfocus.index(path, cache=Cache(Path(folder) / "whole")) as scene:
            whole = judged(scene, None)
            print(f"{case.name}: {whole.quality.cells()}, {whole.cost:.0f} ms a frame", flush=True)
            for part in parts:
                if not part.indexed:
                    out[part.name] = judged(scene, None), judged(scene, part)
        for number, part in enumerate(p for p in parts if p.indexed):
            with without(part), postfocus.index(path, cache=Cache(Path(folder) / str(number))) as scene:
                out[part.name] = whole, judged(scene, part)
    for name, (whole, less) in out.items():
        gain, near = whole.quality.psnr - less.quality.psnr, whole.quality.near - less.quality.near
        print(f"   {name}: {gain:+.2f}, near {near:+.2f} dB, {whole.cost - less.cost:+.1f} ms", flush=True)
    return out


def table(kind: str, found: Sequence[dict[str, tuple[Trial, Trial]]], scenes: Sequence[str]) -> None:
    """Print what each part gains on the sweeps of a kind."""
    print(f"\n{kind}, {len(found)} sweeps\n\n| part | PSNR, mean | least | near, mean | least ", end="")
    print("| SSIM | CPU ms a frame | least on |\n" + "|---" * 8 + "|")
    for name in dict.fromkeys(n for trials in found for n in trials):
        pairs = [trials[name] for trials in found]
        gains = np.array([_figures(whole) - _figures(less) for whole, less in pairs])
        least, mean = gains.min(axis=0), gains.mean(axis=0)
        print(f"| {name} | {mean[0]:+.2f} | {least[0]:+.2f} | {mean[1]:+.2f} | {least[1]:+.2f} ", end="")
        print(f"| {mean[2]:+.4f} | {mean[3]:+.1f} | {scenes[int(gains[:, 0].argmin())]} |")


def _figures(trial: Trial) -> NDArray[np.float64]:
    return np.array([trial.quality.psnr, trial.quality.near, trial.quality.ssim, trial.cost])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps the rendered sweeps")
    parser.add_argument("--scenes", nargs="+", default=["still-life", "hair", "lights", "macro"],
                        choices=SCENE_NAMES)  # fmt: skip
    parser.add_argument("--kinds", nargs="+", default=["handheld", "tripod", "mover"],
                        choices=["handheld", "tripod", "mover"])  # fmt: skip
    parser.add_argument("--parts", nargs="+", default=[""], metavar="WORD", help="parts with one")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--frames", type=int, default=30)
    parser.add_argument("--width", type=int, default=1920)
    args = parser.parse_args(arguments)
    args.cache.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    tables = {}
    for kind in args.kinds:
        parts = [p for p in PARTS if kind in p.on and any(word in p.name for word in args.parts)]
        plain = Case("", args.seed, kind == "tripod", kind == "mover", 1, "h264", args.frames, args.width)
        cases = [replace(plain, scene=scene) for scene in args.scenes] if parts else []
        tables[kind] = [tried(case, args.cache, parts) for case in cases]
    for kind, found in tables.items():
        if found:
            table(kind, found, args.scenes)


if __name__ == "__main__":
    main()
