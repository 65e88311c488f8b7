"""Merges of sweeps whose blur is strong, of scenes of other kinds than those of `postfocus.synth`.

    python -m benchmarks.others [--only NAMES] [--middling] [--cache DIR] [--out FILE]

Every sweep of `benchmarks.other_scenes` is rendered, indexed and merged; with --middling, all its scenes
with half as much blur. "Blur": radius of the blur at one end of the sweep of what is sharp at its other end,
in per cent of the picture's width. PSNR in dB over the whole and near depth edges, of our merge, of the best
single frame at each pixel (chosen by knowing the truth, in windows of 9 x 9) and of two classical merges of
frames that lie by the true poses (`benchmarks.classic`). Corner errors in pixels: median; 95 %. "Depth off":
textured places away from depth edges, by more than a frame. What the three others come to is kept beside the
rendered files; take the cache away when any of them changes. Between H.264 files of the same frames, merges
differ by up to 0.1 dB: the encoder's threads do not always come to the same bits.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

import postfocus
from benchmarks.classic import Posed, guided_filter_fusion, pyramid_fusion
from benchmarks.merges import Result, compare
from benchmarks.other_scenes import MIDDLING, OTHERS, SWEEPS, OtherSweep, simulate_other
from benchmarks.quality import Known, depth_shares, oracle
from benchmarks.scores import corner_errors
from benchmarks.sweeps import known_of, rendered
from postfocus.errors import PostfocusError
from postfocus.io.cache import Cache

HEAD = (
    "| sweep | blur, % | merge | near | best frame | near | pyramid | near | guided filter | near "
    "| corners px: median; 95 % | depth off, % | held, % | notes |\n" + "|---" * 14 + "|"
)


@dataclass(frozen=True, slots=True)
class Row:
    """What a sweep came to.

    Attributes
    ----------
    ours
        Our merge.
    others
        The best single frame at each pixel, the merge of pyramids, that by guided filters.
    corners
        Median and 95 % quantile, pixels.
    depth, held
        Share of places whose depth is off; of the picture that was taken from one frame.
    notes
        What the index and the merge have to say.
    """

    sweep: OtherSweep
    ours: Result
    others: tuple[Result, Result, Result]
    corners: tuple[float, float]
    depth: float
    held: float
    notes: tuple[str, ...]

    @property
    def decibels(self) -> list[float]:
        """Whole and near, of ours and of the others in turn."""
        return [value for result in (self.ours, *self.others) for value in (result.psnr, result.near)]

    def line(self) -> str:
        """A row under `HEAD`."""
        cells = [self.sweep.name, f"{100 * self.sweep.span:.1f}", *map(_number, self.decibels)]
        cells += ["{:.2f}; {:.2f}".format(*self.corners), _per_cent(self.depth), _per_cent(self.held)]
        return f"| {' | '.join([*cells, '; '.join(self.notes)])} |"


def _number(value: float) -> str:
    """Two decimals; nothing where there was nothing to measure."""
    return "" if np.isnan(value) else f"{value:.2f}"


def _per_cent(share: float) -> str:
    return "" if np.isnan(share) else f"{100 * share:.1f}"


def _mean(values: Iterable[float]) -> float:
    """The mean of those that could be measured."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else np.nan


def table(rows: Sequence[Row]) -> str:
    """All rows, and their means."""
    columns = zip(*(row.decibels for row in rows), strict=True)
    cells = [
        "mean",
        _per_cent(_mean([row.sweep.span for row in rows])),
        *(_number(_mean(c)) for c in columns),
    ]
    cells.append("; ".join(_number(_mean([row.corners[n] for row in rows])) for n in range(2)))
    cells += [_per_cent(_mean([row.depth for row in rows])), _per_cent(_mean([row.held for row in rows])), ""]
    return "\n".join([HEAD, *(row.line() for row in rows), f"| {' | '.join(cells)} |"])


def references(path: Path, known: Known, kept: Path) -> tuple[Result, Result, Result]:
    """Scores of the best single frame and of the two classical merges; read from `kept` if they are there."""
    if not kept.exists():
        with postfocus.open(path) as recording:
            pictures = [oracle(recording.source, known)]
        frames = Posed(path, known)
        pictures += [pyramid_fusion(frames), guided_filter_fusion(frames)]
        allowed = np.ones(known.near.shape, np.bool_)
        kept.write_text(json.dumps([asdict(compare(picture, known, allowed)) for picture in pictures]))
    best, pyramid, filtered = (Result(**fields) for fields in json.loads(kept.read_text()))
    return best, pyramid, filtered


def judge(sweep: OtherSweep, cache: Path) -> Row:
    """Render, index and merge one sweep, and score it."""
    sim = simulate_other(sweep.settings)
    path, known = rendered(sweep, sim, cache), known_of(sim)
    others = references(path, known, cache / f"o-{sweep.name}-{sweep.frames}-{sweep.width}.json")
    with tempfile.TemporaryDirectory() as folder, postfocus.index(path, cache=Cache(Path(folder))) as scene:
        frame = int(known.alignment.frames[known.alignment.reference])
        picture = scene.stack(postfocus.Look(reference=frame))
        errors = corner_errors(scene.index.alignment, known.alignment)
        depth, *_ = depth_shares(scene, known)
        notes = (*scene.index.notes(), *picture.notes)
    ours = compare((picture.pixels / 257.0).astype(np.float32), known, np.ones(known.near.shape, np.bool_))
    held = 0.0 if picture.held is None else float(picture.held.mean())
    corners = float(np.median(errors)), float(np.quantile(errors, 0.95))
    return Row(sweep, ours, others, corners, depth, held, notes)


def run(sweeps: Sequence[OtherSweep], cache: Path) -> list[Row]:
    """Judge them in turn and print each row as it comes; what cannot be merged is named and left out."""
    cache.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    print(HEAD, flush=True)
    for sweep in sweeps:
        try:
            rows.append(judge(sweep, cache))
            print(rows[-1].line(), flush=True)
        except PostfocusError as error:
            print(f"| {sweep.name} | {error} |", flush=True)
    return rows


def main(arguments: Sequence[str] | None = None) -> list[Row]:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [sweep.name for sweep in SWEEPS]
    parser.add_argument("--only", nargs="+", metavar="NAMES", default=list(OTHERS), choices=[*names, *OTHERS],
                        help="sweeps, or scenes with all of their sweeps: " + ", ".join(names))  # fmt: skip
    parser.add_argument(
        "--cache", type=Path, help="folder that keeps the rendered sweeps (else none is kept)"
    )
    parser.add_argument("--middling", action="store_true", help="half the blur; --only then names scenes")
    parser.add_argument("--out", type=Path, help="file for the table")
    args = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    every = MIDDLING if args.middling else SWEEPS
    sweeps = [sweep for sweep in every if sweep.name in args.only or sweep.scene in args.only]
    with tempfile.TemporaryDirectory() as folder:
        rows = run(sweeps, args.cache or Path(folder))
    if rows:
        print("\n" + table(rows))
        if args.out:
            args.out.write_text(table(rows) + "\n")
    return rows


if __name__ == "__main__":
    main()
