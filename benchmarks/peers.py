"""Other stackers on the same frames as ours, in one run: what they keep, what they cost.

    python -m benchmarks.peers --cache DIR [--scenes still-life hair] [--peers focusweave enfuse]
                               [--size 1920] [--kinds tripod handheld] [--pictures DIR] [--root DIR]

The frames are those of the rendered clips of `benchmarks.quality`, written as JPEG of quality 98 without
subsampled colour. Each tool runs with its defaults and with its best documented setting, one after the other,
and writes PNG. CPU seconds are user and system of the whole process tree, imports and installation of models
left in; peak is the largest resident size of one process. Scores are PSNR of the whole, near depth edges and
away, and SSIM, after the truth has been laid on each result (`benchmarks.registered`), ours alike.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import postfocus
from benchmarks.cost import Cost, measured
from benchmarks.peer_tools import NOT_OFFERED, PEERS, Commands, NotInstalled, Peer, Task, installed
from benchmarks.quality import Known, clip_and_truth, oracle, settings_of
from benchmarks.registered import Matrix, score_registered
from benchmarks.scores import Score, score
from postfocus.io.colour import frame_to_rgb
from postfocus.synth import SCENE_NAMES
from postfocus.synth.sweep import SweepSettings

OURS = "**postfocus**"
OURS_FROM_CLIP = f"{OURS}, from the MP4"

Table = dict[str, tuple[Score, Cost]]
"""What each entry made of a clip."""


def stills_of(clip: Path) -> Path:
    """The clip's frames as JPEGs in a folder beside it, made once."""
    folder = clip.with_suffix(".stills")
    if folder.is_dir():
        return folder
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    options = [
        cv2.IMWRITE_JPEG_QUALITY,
        98,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    ]
    with postfocus.open(clip) as recording:
        for frame in recording.source.frames():
            rgb = frame_to_rgb(frame)
            cv2.imwrite(str(part / f"frame-{frame.info.index:04d}.jpg"), rgb[..., ::-1], options)
    part.rename(folder)
    return folder


def written(task: Task) -> NDArray[np.float64] | None:
    """The picture that a tool wrote, RGB of 8-bit levels, or ``None``."""
    made = [p for p in task.work.rglob("out_*") if p.is_file()]
    path = task.out if task.out.exists() else max(made, key=lambda p: p.stat().st_mtime, default=None)
    picture = None if path is None else cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if picture is None or picture.ndim != 3:
        return None
    levels = picture[..., 2::-1].astype(np.float64)
    return levels / 257 if picture.dtype == np.uint16 else levels


def ours(folder: Path, out: Path) -> list[list[str]]:
    return [[sys.executable, "-m", "postfocus", "stack", str(folder), "-o", str(out), "--quiet"]]


def starts(known: Known) -> Iterator[Matrix]:
    """From pixels of the usual reference frames (middle, first, last) to those of the truth."""
    for slot in (known.alignment.reference, 0, len(known.alignment.frames) - 1):
        yield cv2.invertAffineTransform(known.alignment.matrix(slot)).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Entry:
    """One tool with one setting, and the commands that run it."""

    name: str
    commands: list[list[str]]
    environment: dict[str, str]


def entries(
    peers: list[tuple[Peer, Path]], frames: Path, clip: Path, kind: str, work: Path
) -> Iterator[tuple[Entry, Task]]:
    """Ours from the stills and from the clip, then every peer with every setting."""
    threads = {"OPENBLAS_NUM_THREADS": "1", "POSTFOCUS_CACHE": str(work / "cache")}
    for name, source in ((OURS, frames), (OURS_FROM_CLIP, clip)):
        task = Task(work, frames, work / name.strip("*").replace(" ", "-"), work / f"{len(name)}.png")
        yield Entry(name, ours(source, task.out), threads), task
    for peer, home in peers:
        for setting, commands in (peer.tripod if kind == "tripod" else peer.handheld).items():
            folder = work / f"{peer.name}-{setting}".replace(" ", "-").replace(",", "")
            task = Task(home, frames, folder, folder / "result.png")
            yield Entry(f"{peer.name}, {setting}", commands(task), peer.environment(home)), task


def run(entry: Entry, task: Task) -> tuple[Cost, NDArray[np.float64] | None]:
    task.work.mkdir()
    costs = []
    for command in entry.commands:
        costs.append(measured(command, entry.environment, task.work))
        if costs[-1].code:
            break
    total = Cost(
        sum(c.cpu for c in costs), sum(c.wall for c in costs), max(c.peak for c in costs), costs[-1].code
    )
    return total, None if total.code else written(task)


def last_words(task: Task) -> str:
    lines = [
        s.strip() for s in (task.work / "log.txt").read_text("utf-8", "replace").splitlines() if s.strip()
    ]
    return lines[-1][:120] if lines else "said nothing"


def judge(
    settings: SweepSettings, cache: Path, peers: list[tuple[Peer, Path]], pictures: Path | None
) -> Table:
    """Print a table of one clip; the figures of all that ran."""
    clip, known = clip_and_truth(cache, settings)
    frames = stills_of(clip)
    kind = "tripod" if settings.tripod else "handheld"
    print(f"\n{settings.scene}, {kind}, {settings.frames} frames of {settings.width} x {settings.height}\n")
    print(
        "| merge | PSNR | near | away | SSIM | CPU s | wall s | peak GiB |\n|---|---|---|---|---|---|---|---|"
    )
    found: Table = {}
    border = 90 * settings.width // 3840
    with postfocus.open(frames) as recording:
        bound = score(oracle(recording.source, known), known.picture, known.near, border)
    print(f"| best single frame per pixel, knowing the truth | {bound.cells()} | | | |", flush=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        for entry, task in entries(peers, frames, clip, kind, Path(folder)):
            cost, picture = run(entry, task)
            if picture is None:
                print(
                    f"| {entry.name} | failed after {cost.wall:.0f} s: {last_words(task)} | | | | | | |",
                    flush=True,
                )
                continue
            result, _ = score_registered(picture, known.picture, known.near, border, list(starts(known)))
            found[entry.name] = result, cost
            print(
                f"| {entry.name} | {result.cells()} | {cost.cpu:.1f} | {cost.wall:.0f} | {cost.peak:.2f} |",
                flush=True,
            )
            if pictures:
                pictures.mkdir(parents=True, exist_ok=True)
                name = f"{clip.stem}.{entry.name.replace('*', '').replace(' ', '-').replace(',', '')}.png"
                eight = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
                cv2.imwrite(str(pictures / name), eight[..., ::-1])
            shutil.rmtree(task.work, ignore_errors=True)
    return found


def without(peer: Peer, words: Sequence[str], absent: dict[str, str]) -> Peer:
    """The peer less the settings whose names have one of the words; these are noted as absent."""
    kept: list[dict[str, Commands]] = []
    for settings in (peer.tripod, peer.handheld):
        out = [name for name in settings if any(word in name for word in words)]
        absent.update({f"{peer.name}, {name}": "left out by hand" for name in out})
        kept.append({name: commands for name, commands in settings.items() if name not in out})
    return replace(peer, tripod=kept[0], handheld=kept[1])


def means(tables: Sequence[Table]) -> dict[str, tuple[int, Score, Cost]]:
    """Number of clips, mean score, and cost (its peak the highest) of each entry over the clips it merged."""
    out: dict[str, tuple[int, Score, Cost]] = {}
    for name in dict.fromkeys(n for table in tables for n in table):
        rows = [table[name] for table in tables if name in table]
        s = np.mean([(r.psnr, r.near, r.away, r.ssim) for r, _ in rows], axis=0)
        cpu, wall = np.mean([(c.cpu, c.wall) for _, c in rows], axis=0)
        cost = Cost(float(cpu), float(wall), max(c.peak for _, c in rows), 0)
        out[name] = len(rows), Score(*map(float, s)), cost
    return out


def lead(tables: Sequence[Table], what: str, ours: str = OURS) -> list[float]:
    """Ours over the best peer of each clip, dB; `what` is a field of `Score`, `ours` an entry's name."""
    return [
        getattr(table[ours][0], what) - max(getattr(r, what) for n, (r, _) in table.items() if OURS not in n)
        for table in tables
        if ours in table and any(OURS not in n for n in table)
    ]


def summary(tables: Sequence[Table]) -> None:
    """Print the means over all clips, and ours against the best peer of each."""
    if not tables:
        return
    print("\nmeans\n\n| merge | clips | PSNR | near | away | SSIM | CPU s | peak GiB |\n" + "|---" * 8 + "|")
    for name, (count, mean, cost) in means(tables).items():
        print(f"| {name} | {count} | {mean.cells()} | {cost.cpu:.1f} | {cost.peak:.2f} |")
    for ours, what in itertools.product((OURS, OURS_FROM_CLIP), ("psnr", "near")):
        some = lead(tables, what, ours)
        if some:
            print(f"\n{ours} over the best peer of each clip, {what}: ", end="")
            print(f"mean {np.mean(some):+.2f}, worst {min(some):+.2f} dB")


def main(arguments: Sequence[str] | None = None) -> list[Table]:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [p.name for p in PEERS]
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps the rendered clips")
    parser.add_argument("--root", type=Path, help="folder of the peers' environments (usual: CACHE/peers)")
    parser.add_argument("--scenes", nargs="+", default=["still-life"], choices=SCENE_NAMES)
    parser.add_argument("--kinds", nargs="+", default=["tripod", "handheld"], choices=["tripod", "handheld"])
    parser.add_argument("--peers", nargs="*", default=names, choices=names)
    parser.add_argument(
        "--leave-out", nargs="*", default=[], metavar="WORD", help="settings with such a word are not run"
    )
    parser.add_argument("--size", type=int, default=3840, help="width of the frames")
    parser.add_argument("--frames", type=int, default=30)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--pictures", type=Path, help="folder for all results as PNG")
    args = parser.parse_args(arguments)
    args.cache.mkdir(parents=True, exist_ok=True)
    cache, root = args.cache.resolve(), (args.root or args.cache / "peers").resolve()
    ready: list[tuple[Peer, Path]] = []
    absent = dict(NOT_OFFERED)
    for peer in (p for p in PEERS if p.name in args.peers):
        try:
            ready.append((without(peer, args.leave_out, absent), installed(peer, root)))
        except NotInstalled as reason:
            absent[peer.name] = str(reason)
    tables: list[Table] = []
    for scene in args.scenes:
        for kind in args.kinds:
            settings = settings_of(scene, args.frames, args.size, args.seed, kind == "tripod")
            tables.append(judge(settings, cache, ready, args.pictures))
    summary(tables)
    print("\nnot run: " + "; ".join(f"{name}: {reason}" for name, reason in absent.items()))
    return tables


if __name__ == "__main__":
    main()
