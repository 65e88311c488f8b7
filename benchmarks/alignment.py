"""How far the found motion is from the true one, on rendered handheld 4K sweeps.

Run ``python -m benchmarks.alignment --cache FOLDER``: rendering takes minutes, so only the shrunken
lumas are kept and used again. One row per sweep:

* the largest corner error of each frame against the truth, seen from the middle frame: median, 95 %, maximum;
* reported error over true error: median, least;
* frames aligned / weak / lost; CPU milliseconds per frame and for the last solution.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.scores import corner_errors
from postfocus.align.settings import AlignSettings
from postfocus.align.stream import Registrar
from postfocus.cells import pool_for
from postfocus.model.alignment import Alignment
from postfocus.synth.sweep import SweepSettings, simulate_sweep

BASE = SweepSettings(frames=60, width=3840, height=2160, breathing=0.06, roll=0.3)
# `shake` is peak to peak over the sweep; 6 % of it is the jitter from frame to frame.
CASES = {
    "still life, jitter 3 px": replace(BASE, scene="still-life", shake=50),
    "still life, jitter 8 px": replace(BASE, scene="still-life", shake=130),
    "grass, jitter 3 px": replace(BASE, scene="grass", shake=50),
    "grass, jitter 8 px": replace(BASE, scene="grass", shake=130),
    "still life, tripod": replace(BASE, scene="still-life", tripod=True, frames=30),
    "still life, rolling shutter": replace(BASE, scene="still-life", shake=50, rolling=0.003, frames=30),
    "still life, mover": replace(BASE, scene="still-life", shake=50, mover=True, frames=30),
}


@dataclass
class Sweep:
    """The shrunken lumas of a rendered sweep, and its truth."""

    truth: Alignment
    small: list[NDArray[np.uint8]] = field(default_factory=list)


def rendered(settings: SweepSettings, cache: Path | None, workers: int) -> Sweep:
    """Render a sweep, or take its lumas from the cache."""
    sim = simulate_sweep(settings)
    scale = pool_for(settings.width, settings.height)
    size = (settings.width // scale, settings.height // scale)
    name = hashlib.sha1(repr(settings).encode()).hexdigest()[:16]
    kept = None if cache is None else cache / f"{name}.npy"
    if kept is not None and kept.exists():
        return Sweep(sim.alignment, list(np.load(kept)))
    small = [
        cv2.resize(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA)
        for frame in sim.frames(workers)
    ]
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, np.array(small))
    return Sweep(sim.alignment, [s.astype(np.uint8) for s in small])


def measure(sweep: Sweep, settings: AlignSettings) -> tuple[Alignment, float, float]:
    """Register a sweep; CPU milliseconds per frame while streaming and at the end."""
    registrar = Registrar(sweep.truth.width, sweep.truth.height, settings, len(sweep.small))
    start = time.process_time()
    for k, small in enumerate(sweep.small):
        registrar.add(k, small)
    streamed = time.process_time()
    found = registrar.finish(int(sweep.truth.frames[sweep.truth.reference]))
    per_frame = 1000 / len(sweep.small)
    return found, (streamed - start) * per_frame, (time.process_time() - streamed) * per_frame


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, help="folder for the shrunken lumas")
    parser.add_argument("--only", default="", help="run the cases whose name contains this")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--step", type=int, default=AlignSettings().step)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    print(f"{'sweep':30s} median  95 %   max   said/true (least)  states      ms/frame")
    for name, settings in CASES.items():
        if args.only not in name:
            continue
        sweep = rendered(settings, args.cache, args.workers)
        found, ms, last = measure(sweep, AlignSettings(step=args.step))
        off = corner_errors(found, sweep.truth)[:, :4].max(axis=1)
        use = found.usable() & (np.arange(len(off)) != found.reference)
        said = found.error[use] / np.maximum(off[use], 1e-3)
        states = "/".join(str(found.state.count(s)) for s in ("aligned", "weak", "lost"))
        print(
            f"{name:30s} {np.median(off[use]):5.2f} {np.percentile(off[use], 95):6.2f} {off[use].max():6.2f}"
            f"   {np.median(said):5.2f} ({said.min():.2f})       {states:10s} {ms:5.1f} + {last:.1f}",
            flush=True,
        )
        gain = np.abs(found.gain / sweep.truth.gain - 1)[use].max()
        print(f"    brightness off by at most {100 * gain:.1f} %", *found.notes, sep="\n    ", flush=True)


if __name__ == "__main__":
    main()
