"""The merge against the truth, on many rendered sweeps: what is kept, and what stands in its way.

    python -m benchmarks.merges --cache DIR [--scenes hair grass] [--seeds 3 4] [--width 1920] [--all]
        [--kinds tripod handheld] [--movers no yes] [--noise 0 1 2 3] [--files h264 stills] [--pictures DIR]

Without `--all` each factor is varied on its own about the plain case of every scene and seed (handheld, no
mover, noise 1, H.264); with it all combinations are run. PSNR in dB (whole, near depth edges, away), SSIM and
GMSD (0 is best) of the 16-bit merge. Two oracles: the best single frame at each pixel, known by the truth in
windows of 9 x 9, and the frame of the true depth. Ghosts: the mover may be shown as it was at one moment, the
one that suits the merge best; in the rest of its path, PSNR against the scene without it, minus that of the
merge of the same sweep without it, and the share that is off by 12 levels more than in that merge. Beside it
what the best single frame loses there: a place may be sharp in that frame alone in which it is covered.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import postfocus
from benchmarks.quality import Known, oracle
from benchmarks.scores import gmsd, luma, psnr, ssim
from benchmarks.sweeps import (
    FILES,
    NOISE,
    Case,
    Mask,
    known_of,
    mover_at,
    rendered,
    true_depth_pick,
)
from postfocus.errors import PostfocusError
from postfocus.io.cache import Cache
from postfocus.model.frame import FrameSource
from postfocus.synth import SCENE_NAMES
from postfocus.synth.sweep import SimulatedSweep, simulate_sweep

DOUBLE = 12.0
"""Levels, mean of 5 x 5 pixels, that a place of a mover's path is off where something of it was left."""

Levels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Result:
    """PSNR whole, near depth edges and away; SSIM and GMSD of the whole."""

    psnr: float
    near: float
    away: float
    ssim: float
    gmsd: float

    def cells(self) -> str:
        return f"{self.psnr:.2f} | {self.near:.2f} | {self.away:.2f} | {self.ssim:.4f} | {self.gmsd:.4f}"


@dataclass(frozen=True, slots=True)
class Row:
    """A case, its merge, the two oracles, and the ghosts: dB against the still scene, share left behind.

    `limit`: dB that the best single frame per pixel loses there, which knows the truth: a place may be sharp
    in no other frame than the one that is covered.
    """

    case: Case
    merge: Result
    best: Result
    depth: Result
    ghost: float
    left: float
    limit: float

    def line(self) -> str:
        c = self.case
        kind = f"{'tripod' if c.tripod else 'handheld'} | {'yes' if c.mover else 'no'} | {c.noise} | {c.file}"
        oracles = (
            f"{self.best.psnr:.2f} | {self.best.near:.2f} | {self.depth.psnr:.2f} | {self.depth.near:.2f}"
        )
        ghosts = f"{self.ghost:+.2f} | {100 * self.left:.1f} | {self.limit:+.2f}" if c.mover else " | | "
        return f"| {c.scene} | {c.seed} | {kind} | {self.merge.cells()} | {oracles} | {ghosts} |"


HEAD = (
    "| scene | seed | kind | mover | noise | file | PSNR | near | away | SSIM | GMSD "
    "| best frame | near | true depth | near | ghost dB | left % | best frame's |\n" + "|---" * 18 + "|"
)


def compare(picture: Levels, known: Known, allowed: Mask) -> Result:
    """Score of 8-bit levels `(H, W, 3)`; what is not allowed is taken to be right."""
    border = 90 * picture.shape[1] // 3840
    inner = (slice(border, -border or None),) * 2
    truth = known.picture.astype(np.float32)
    a, b = np.where(allowed[..., None], picture, truth)[inner], truth[inner]
    error, near, used = np.square(a - b).mean(axis=2), known.near[inner], allowed[inner]
    return Result(
        psnr(error[used]), psnr(error[near & used]), psnr(error[~near & used]),
        ssim(luma(a), luma(b)), gmsd(luma(a), luma(b)),
    )  # fmt: skip


def merged(path: Path, known: Known) -> Levels:
    """Our merge in the geometry of the truth, 8-bit levels."""
    with tempfile.TemporaryDirectory() as folder, postfocus.index(path, cache=Cache(Path(folder))) as scene:
        frame = int(known.alignment.frames[known.alignment.reference])
        return (scene.stack(postfocus.Look(reference=frame)).pixels / 257.0).astype(np.float32)


def picked(choose: Callable[[FrameSource, Known], Levels], path: Path, known: Known) -> Levels:
    """What an oracle makes of the frames, 8-bit levels."""
    with postfocus.open(path) as recording:
        return choose(recording.source, known)


def kept_moment(sim: SimulatedSweep, picture: Levels, known: Known) -> tuple[Mask, Mask]:
    """Where the mover is at the moment that explains most of the merge's error; the rest of its path."""
    error = np.square(picture - known.picture).mean(axis=2)
    places = [mover_at(sim, n) for n in range(sim.count)]
    moment = max(places, key=lambda place: float(error[place].sum()))
    path = np.logical_or.reduce(places)
    return moment, path & ~moment


def ghosts(picture: Levels, still: Levels, known: Known, area: Mask) -> tuple[float, float]:
    """PSNR in the area against that of the still picture, and the share of it with something left behind."""
    truth = known.picture.astype(np.float32)
    ours, theirs = (np.square(p - truth).mean(axis=2) for p in (picture, still))
    far = [cv2.blur(np.abs(p - truth).mean(axis=2), (5, 5)) for p in (picture, still)]
    return psnr(ours[area]) - psnr(theirs[area]), float((far[0] > far[1] + DOUBLE)[area].mean())


def judge(case: Case, cache: Path, pictures: Path | None) -> Row:
    """Merge one sweep and score it."""
    sim = simulate_sweep(case.settings)
    known = known_of(simulate_sweep(case.still.settings))
    path = rendered(case, sim, cache)
    picture = merged(path, known)
    best, allowed = picked(oracle, path, known), np.ones(known.near.shape, np.bool_)
    ghost, left, limit = 0.0, 0.0, 0.0
    if case.mover:
        moment, area = kept_moment(sim, picture, known)
        allowed = ~moment
        still = rendered(case.still, simulate_sweep(case.still.settings), cache)
        ghost, left = ghosts(picture, merged(still, known), known, area)
        limit, _ = ghosts(best, picked(oracle, still, known), known, area)
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
        eight = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
        cv2.imwrite(str(pictures / f"{case.name}-{case.file}.png"), eight[..., ::-1])
    ours, alone, depth = (
        compare(p, known, allowed) for p in (picture, best, picked(true_depth_pick, path, known))
    )
    return Row(case, ours, alone, depth, ghost, left, limit)


def plan(args: argparse.Namespace) -> list[Case]:
    """The cases that were asked for."""
    out: list[Case] = []
    tripod = [kind == "tripod" for kind in args.kinds]
    movers = [word == "yes" for word in args.movers]
    for scene, seed in itertools.product(args.scenes, args.seeds):
        plain = Case(scene, seed, False, False, 1, FILES[0], args.frames, args.width)
        if args.all:
            grid = itertools.product(tripod, movers, args.noise, args.files)
            out += [replace(plain, tripod=t, mover=m, noise=n, file=f) for t, m, n, f in grid]
            continue
        out += [
            plain,
            *(replace(plain, tripod=t) for t in tripod),
            *(replace(plain, mover=m) for m in movers),
        ]
        out += [*(replace(plain, noise=n) for n in args.noise), *(replace(plain, file=f) for f in args.files)]
    return list(dict.fromkeys(out))


def summary(rows: Sequence[Row]) -> None:
    """Print mean and worst scene of each kind of sweep; those with a mover count only among their own."""
    kinds: dict[str, list[Row]] = {"without mover": [r for r in rows if not r.case.mover]}
    for row in rows:
        c = row.case
        words = ("tripod" if c.tripod else "handheld", f"noise {c.noise}", f"from {c.file}")
        for word in ("with mover",) if c.mover else words:
            kinds.setdefault(word, []).append(row)
    kinds = {word: some for word, some in kinds.items() if some}
    print("\n| sweeps | number | PSNR: mean | worst | near: mean | worst | SSIM | GMSD ", end="")
    print("| over best frame: mean | worst | near: mean | worst ", end="")
    print("| ghost dB: mean | worst | best frame's: mean | worst | worst near |")
    print("|---" * 17 + "|")
    for word, some in kinds.items():
        m = np.array([(r.merge.psnr, r.merge.near) for r in some])
        lead = m - np.array([(r.best.psnr, r.best.near) for r in some])
        quality = np.mean([(r.merge.ssim, r.merge.gmsd) for r in some], axis=0)
        ghost, limit = np.array([(r.ghost, r.limit) for r in some if r.case.mover]).reshape(-1, 2).T
        worst = min(some, key=lambda r: r.merge.near - r.best.near).case
        print(f"| {word} | {len(some)} | {_both(m[:, 0])} | {_both(m[:, 1])} ", end="")
        print(f"| {quality[0]:.4f} | {quality[1]:.4f} | {_both(lead[:, 0], '+')} ", end="")
        print(f"| {_both(lead[:, 1], '+')} | {_both(ghost, '+')} | {_both(limit, '+')} ", end="")
        print(f"| {worst.name}, {worst.file} |")


def _both(values: Iterable[Any], sign: str = "") -> str:
    """Mean and least."""
    some = list(values)
    return f"{np.mean(some):{sign}.2f} | {min(some):{sign}.2f}" if some else " | "


def main(arguments: Sequence[str] | None = None) -> list[Row]:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps the rendered sweeps")
    parser.add_argument("--scenes", nargs="+", default=list(SCENE_NAMES), choices=SCENE_NAMES)
    parser.add_argument("--seeds", nargs="+", type=int, default=[3, 4])
    parser.add_argument("--kinds", nargs="+", default=["tripod", "handheld"], choices=["tripod", "handheld"])
    parser.add_argument("--movers", nargs="+", default=["no", "yes"], choices=["no", "yes"])
    parser.add_argument("--noise", nargs="+", type=int, default=list(NOISE), choices=NOISE)
    parser.add_argument("--files", nargs="+", default=list(FILES), choices=FILES)
    parser.add_argument("--frames", type=int, default=30)
    parser.add_argument("--width", type=int, default=1920)
    parser.add_argument("--all", action="store_true", help="all combinations")
    parser.add_argument("--pictures", type=Path, help="folder for our merges as PNG")
    args = parser.parse_args(arguments)
    args.cache.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    rows: list[Row] = []
    start = time.process_time()
    print(HEAD, flush=True)
    stopped = False
    for case in plan(args):
        try:
            rows.append(judge(case, args.cache, args.pictures))
            print(rows[-1].line(), flush=True)
        except PostfocusError as error:
            print(f"| {case.name} | {error} |", flush=True)
        except KeyboardInterrupt:
            print("stopped by hand; what follows is of the sweeps above", flush=True)
            stopped = True
            break
    if rows:
        summary(rows)
    print(f"\n{time.process_time() - start:.0f} CPU s")
    if stopped:
        raise SystemExit(130)
    return rows


if __name__ == "__main__":
    main()
