"""Everything that tells how good merges are, in one Markdown file, with pictures of the hardest places.

    python -m benchmarks.report --cache DIR -o DIR [--data ../shared/data] [--root DIR] [--quick]
    python -m benchmarks.report -o DIR --readme README.md

The first command runs `benchmarks.quality` (handheld and tripod), `peers`, `merges` (with a mover and
without) and `pairs`, writes their tables into `report.md`, and draws the sheets of `benchmarks.crops` beside
it. The last section holds what the README quotes, between marks; the second command, or `--readme` with the
first, puts that into the README and says what changed. Sweeps and peers are kept in the cache; a first run
takes hours on two cores. `--quick` takes two scenes, small, and the cheap peers: it shows that all runs, no
more.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, TypeVar

from benchmarks import crops, merges, pairs, peers, quality
from benchmarks.quotes import blocks_of, quotes_of, with_blocks
from postfocus.synth import SCENE_NAMES

KINDS = ("handheld", "tripod")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is run: width of frames for quality and for all else, scenes, settings of peers left out."""

    width: int
    others: int
    scenes: tuple[str, ...]
    left_out: tuple[str, ...]


FULL = Extent(3840, 1920, tuple(SCENE_NAMES), ("neural",))
"""Neural stackers want 10 GB, or minutes for a merge that others make in seconds."""

QUICK = Extent(640, 640, ("still-life", "hair"), ("neural", "DT-CWT", "align_image_stack", "pyramid"))


class Tee(io.TextIOBase):
    """Writes to two places, at once."""

    def __init__(self, *places: TextIO) -> None:
        self._places = places

    def write(self, text: str) -> int:
        for place in self._places:
            place.write(text)
            place.flush()
        return len(text)


def part(title: str, run: Callable[[], Result]) -> Result:
    """Run one part under its title."""
    print(f"\n## {title}\n", flush=True)
    return run()


def commit() -> str:
    """The commit that is measured, and whether files differ from it."""
    words = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    done = subprocess.run(words, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "no commit known"


def sheets(extent: Extent, out: Path, place: Sequence[str]) -> None:
    """Draw the hardest places of every sweep that the peers merged."""
    (out / "crops").mkdir(exist_ok=True)
    for scene in extent.scenes:
        for kind in KINDS:
            name = f"crops/{scene}-{kind}.png"
            what = ["--scene", scene, "--kind", kind, "--size", str(extent.others)]
            with redirect_stdout(io.StringIO()):
                crops.main([*place, *what, "--results", str(out / "peers"), "-o", str(out / name)])
            print(f"![{scene}, {kind}]({name})\n", flush=True)


def measure(args: argparse.Namespace, extent: Extent, out: Path) -> None:
    """Run all parts; everything goes to stdout."""
    place, scenes = ["--cache", str(args.cache)], ["--scenes", *extent.scenes]
    print(f"# How good merges are\n\nCommit {commit()}, {os.cpu_count()} cores.")
    wide = [*place, *scenes, "--width", str(extent.width)]
    judged = {
        kind: part(f"Index, pick and merge, {kind}", lambda more=more: quality.main([*wide, *more]))
        for kind, more in zip(KINDS, ([], ["--tripod"]), strict=True)
    }
    beside = [*place, *scenes, "--size", str(extent.others), "--pictures", str(out / "peers")]
    beside += ["--leave-out", *extent.left_out, *(["--root", str(args.root)] if args.root else [])]
    tables = {
        kind: part(f"Other stackers, {kind}", lambda kind=kind: peers.main([*beside, "--kinds", kind]))
        for kind in KINDS
    }
    part("The hardest places", lambda: sheets(extent, out, place))
    moving = [*place, *scenes, "--width", str(extent.others), "--seeds", "3", "--kinds", "handheld"]
    moving += ["--noise", "1", "--files", "h264"]
    rows = part("What moves", lambda: merges.main(moving))
    sets = part("Published pairs", lambda: pairs.main(["--data", str(args.data)]))
    quotes = quotes_of(judged, tables, rows, sets, extent.others)
    part("What the README quotes", lambda: print("\n\n".join(quotes)))


def to_readme(report: Path, readme: Path) -> None:
    """Put the figures of a report into the README; print those lines of it that change."""
    text = readme.read_text("utf-8")
    new = with_blocks(text, blocks_of(report.read_text("utf-8")))
    had = set(text.splitlines())
    changed = [line for line in new.splitlines() if line not in had]
    print("\n".join([f"\n{len(changed)} lines of {readme} change", *changed]))
    readme.write_text(new, "utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cache", type=Path, help="folder that keeps sweeps and peers; none: nothing is run")
    parser.add_argument("--data", type=Path, default=pairs.DATA, help="folder of the published pairs")
    parser.add_argument("--root", type=Path, help="folder of the peers' environments (usual: CACHE/peers)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for report.md and pictures")
    parser.add_argument("--readme", type=Path, help="file whose figures become those of the report")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args(arguments)
    if args.readme and args.quick:
        parser.error("the README quotes a whole run; leave out --quick")
    out: Path = args.output
    if args.cache:
        out.mkdir(parents=True, exist_ok=True)
        with (out / "report.md").open("w", encoding="utf-8") as file, redirect_stdout(Tee(sys.stdout, file)):
            measure(args, QUICK if args.quick else FULL, out)
    if args.readme:
        to_readme(out / "report.md", args.readme)


if __name__ == "__main__":
    main()
