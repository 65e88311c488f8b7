"""What large sweeps cost: many stills of 24 megapixels, a few of 100, and a thousand small frames of video.

A scene is rendered once, at a few positions of focus; the many frames are blends of neighbouring ones, each
moved by a fraction of a pixel as a hand would. That is cheap to make and no measure of quality, but costs as
much to decode, index, merge and save as the real thing. Each sweep is read in a process of its own, after its
imports: largest resident memory of each stage (what earlier stages left included) and CPU milliseconds a
frame (user and system, all threads).

    python -m benchmarks.large --cache DIR [--cases stills-24 stills-100 video-100 video-1000] [--slabs 10]
    python -m benchmarks.large --smoke      # small pictures: does it run and stay in reason

Linux only: the peak is read, and set back between stages, in /proc/self.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

CHILD = """
import json, os, sys, tempfile, time
os.environ["OPENBLAS_NUM_THREADS"] = "1"
from pathlib import Path
import cv2
cv2.setNumThreads(1)
import postfocus, postfocus.api, postfocus.pipeline, postfocus.export.stills, postfocus.export.tiff
import postfocus.sources.sweep_video, postfocus.sources.bracket
from postfocus.io.cache import Cache

what, sweep, size, scratch = sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
found = {}

def stage(name, work):
    Path("/proc/self/clear_refs").write_text("5")
    cpu, wall = time.process_time(), time.perf_counter()
    made = work()
    peak = next(int(l.split()[1]) for l in open("/proc/self/status") if l.startswith("VmHWM")) / 1024
    found[name] = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "peak": peak}
    return made

def decode():
    with postfocus.open(sweep) as recording:
        for frame in recording.source.frames():
            count = frame.info.index + 1
    return count

if what == "decode":
    found["frames"] = stage("decode", decode)
else:
    cache = Cache(scratch / "cache")
    scene = stage("index", lambda: postfocus.index(sweep, cache=cache))
    found["frames"] = len(scene.index.frames)
    found["merged"] = len(scene.sweep.slots)
    found["weak"] = int((~scene.index.alignment.usable()).sum())
    picture = stage("merge", scene.stack)
    for kind in ("tif", "jpg"):
        stage(f"save {kind}", lambda: postfocus.save(picture, scratch / f"out.{kind}"))
    del picture
    if size:
        stage("slabs", lambda: postfocus.save_slabs(scene, scratch / "slabs.tif", size, overlap=size // 5))
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One sweep: size, frames, whether it is a video, and the most MiB that merging it may take."""

    name: str
    width: int
    height: int
    frames: int
    video: bool = False
    limit: int | None = None


CASES = (
    Case("stills-24", 6000, 4000, 100, limit=1536),
    Case("stills-100", 12288, 8192, 8),
    Case("video-100", 1280, 960, 100, True),
    Case("video-1000", 1280, 960, 1000, True),
)
SMALL = (Case("stills", 960, 640, 8, limit=400), Case("video", 480, 320, 20, True, limit=400))
RENDERED = 6


def rendered(cache: Path, width: int, height: int) -> list[Path]:
    """Pictures of one scene at a few positions of focus; made once."""
    from postfocus.synth.sweep import SweepSettings, simulate_sweep

    names = [cache / f"large-{width}x{height}-{number}.png" for number in range(RENDERED)]
    if not all(name.exists() for name in names):
        print(f"rendering {width}x{height} …", flush=True)
        settings = SweepSettings(frames=RENDERED, width=width, height=height, blur=4, tripod=True)
        sweep = simulate_sweep(settings)
        for number, name in enumerate(names):
            part = name.with_suffix(".part.png")
            cv2.imwrite(str(part), sweep.frame(number)[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
            part.replace(name)
    return names


def frames_of(case: Case, cache: Path) -> Iterator[NDArray[np.uint8]]:
    """`(H, W, 3)` frames, one by one."""
    small = case.width > 6000
    names = rendered(cache, 6000 if small else case.width, 4000 if small else case.height)
    rng = np.random.default_rng(1)
    hand = np.cumsum(rng.normal(0, 0.4, (case.frames, 2)), axis=0)
    loaded: dict[int, NDArray[Any]] = {}
    for number in range(case.frames):
        at = number / (case.frames - 1) * (RENDERED - 1)
        low = min(int(at), RENDERED - 2)
        for n in set(loaded) - {low, low + 1}:
            del loaded[n]
        for n in {low, low + 1} - set(loaded):
            loaded[n] = np.asarray(cv2.imread(str(names[n]), cv2.IMREAD_COLOR_RGB))
        mixed = cv2.addWeighted(loaded[low], 1 - (at - low), loaded[low + 1], at - low, 0)
        if small:
            mixed = cv2.resize(mixed, (case.width, case.height), interpolation=cv2.INTER_LINEAR)
        move = np.array([[1, 0, hand[number, 0]], [0, 1, hand[number, 1]]])
        size = (case.width, case.height)
        yield np.asarray(cv2.warpAffine(mixed, move, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def sweep_of(case: Case, cache: Path) -> Path:
    """The folder of stills or the clip; made once."""
    from postfocus.synth.encode import VideoSettings, write_jpegs, write_video

    name = f"large-{case.width}x{case.height}x{case.frames}"
    made = cache / (f"{name}.mp4" if case.video else name)
    if made.exists():
        return made
    print(f"writing {made.name} …", flush=True)
    part = cache / f"{name}.part"
    if case.video:
        write_video(part, frames_of(case, cache), VideoSettings(preset="superfast"), "mp4")
    else:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        write_jpegs(part, frames_of(case, cache))
    part.rename(made)
    return made


def run(what: str, sweep: Path, slabs: int) -> dict[str, Any]:
    """The figures of one child process."""
    with tempfile.TemporaryDirectory(dir=sweep.parent) as scratch:
        words = [sys.executable, "-c", CHILD, what, str(sweep), str(slabs), scratch]
        out = subprocess.run(words, capture_output=True, text=True, check=False)
    if out.returncode:
        raise SystemExit(f"{what} of {sweep.name} failed:\n{out.stderr}")
    return json.loads(out.stdout.splitlines()[-1])


def measure(case: Case, cache: Path, slabs: int) -> dict[str, Any]:
    """Write the table of one sweep; returns its figures."""
    sweep = sweep_of(case, cache)
    figures = run("decode", sweep, 0) | run("all", sweep, slabs)
    count, bare = figures["frames"], figures["decode"]["cpu"]
    what = f"{count} {'frames' if case.video else 'stills'} of {case.width}x{case.height}"
    print(f"\n| {what}, {figures['merged']} merged | peak MiB | CPU ms a frame | over decoding | wall s |")
    print("|---|---|---|---|---|")
    for stage in ("decode", "index", "merge", "save tif", "save jpg", "slabs"):
        if stage in figures:
            f = figures[stage]
            costs = f"{1e3 * f['cpu'] / count:.0f} | {f['cpu'] / bare:.2f} | {f['wall']:.1f}"
            print(f"| {stage} | {f['peak']:.0f} | {costs} |", flush=True)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cache", type=Path, help="folder that keeps the sweeps (a gigabyte or two)")
    parser.add_argument(
        "--cases", nargs="+", default=[c.name for c in CASES], choices=[c.name for c in CASES]
    )
    parser.add_argument("--stills", type=int, help="stills of 24 megapixels (usual: 100)")
    parser.add_argument("--slabs", type=int, default=0, help="also write slabs of so many frames")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    args = parser.parse_args()
    cases = SMALL if args.smoke else [c for c in CASES if c.name in args.cases]
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as temporary:
        cache = args.cache or Path(temporary)
        cache.mkdir(parents=True, exist_ok=True)
        for case in cases:
            if args.stills and case.name == "stills-24":
                case = Case(case.name, case.width, case.height, args.stills, limit=case.limit)
            figures[case.name] = measure(case, cache, args.slabs)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1))
    over = [c.name for c in cases if c.limit and worst(figures[c.name]) > c.limit]
    if over:
        raise SystemExit(f"more memory than allowed: {', '.join(over)}")


def worst(figures: dict[str, Any]) -> float:
    """The largest peak of any stage, MiB."""
    return max(f["peak"] for f in figures.values() if isinstance(f, dict))


if __name__ == "__main__":
    main()
