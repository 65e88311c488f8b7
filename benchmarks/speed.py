"""What choosing the focus costs, against merely decoding the clip.

Every figure is measured in a process of its own, after its imports: CPU seconds
(user and system, all threads) and the largest resident memory. The cases take
turns, so that a busy machine slows all of them alike; the ratio is taken round
by round and its median printed.

    python benchmarks/speed.py --cache DIR [--frames 30 120] [--rounds 3] [--scene still-life]
    python benchmarks/speed.py --smoke       # a small clip, one round: does it run and stay in reason
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CASES = ("decode", "index", "previews", "merge")
CHILD = """
import json, os, sys, tempfile, time
os.environ["OPENBLAS_NUM_THREADS"] = "1"
case, clip = sys.argv[1:3]
import av, cv2, numpy
cv2.setNumThreads(1)
if case != "decode":
    import postfocus
    from postfocus.io.cache import Cache
    from pathlib import Path
    import postfocus.api, postfocus.merging, postfocus.pipeline, postfocus.sources.sweep_video
cpu, wall = time.process_time(), time.perf_counter()
if case == "decode":
    with av.open(clip) as file:
        stream = file.streams.video[0]
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = 2
        count = sum(1 for _ in file.decode(stream))
else:
    with tempfile.TemporaryDirectory() as folder:
        settings = postfocus.api.IndexSettings(previews=case == "previews")
        scene = postfocus.index(clip, settings=settings, cache=Cache(Path(folder)))
        count = len(scene.index.frames)
        if case == "merge":
            scene.stack()
peak = next(int(l.split()[1]) for l in open("/proc/self/status") if l.startswith("VmHWM")) / 1024
print(json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "frames": count,
                  "peak_mib": peak}))
"""


def clip_of(cache: Path, scene: str, frames: int, size: tuple[int, int]) -> Path:
    """The rendered clip; made once, with the same blur from end to end whatever the number of frames."""
    from postfocus.synth.sweep import SweepSettings
    from postfocus.synth.write import write_simulation

    path = cache / f"{scene}-{frames}-{size[0]}x{size[1]}.mp4"
    if not path.exists():
        print(f"rendering {path.name} …", flush=True)
        settings = SweepSettings(
            scene=scene, frames=frames, width=size[0], height=size[1], blur=24 / frames, breathing=0.06
        )
        write_simulation(settings, path)
    return path


def run(case: str, clip: Path) -> dict[str, float]:
    out = subprocess.run(
        [sys.executable, "-c", CHILD, case, str(clip)], capture_output=True, text=True, check=False
    )
    if out.returncode:
        raise SystemExit(f"{case} failed:\n{out.stderr}")
    return json.loads(out.stdout.splitlines()[-1])


def children_cpu() -> float:
    t = os.times()
    return t.children_user + t.children_system


def command(args: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """CPU and wall seconds of a whole `postfocus` process, imports and all."""
    cpu, wall = children_cpu(), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "postfocus", *args], capture_output=True, check=True, env=environment
    )
    return children_cpu() - cpu, time.perf_counter() - wall


def measure_clip(clip: Path, rounds: int) -> dict[str, dict[str, float]]:
    results: dict[str, list[dict[str, float]]] = {case: [] for case in CASES}
    for number in range(rounds):
        for case in CASES:
            results[case].append(run(case, clip))
            print(f"  round {number + 1}: {case} {results[case][-1]['cpu']:.2f} CPU s", flush=True)
    table: dict[str, dict[str, float]] = {}
    for case in CASES:
        ratios = [r["cpu"] / d["cpu"] for r, d in zip(results[case], results["decode"], strict=True)]
        table[case] = {
            "ratio": statistics.median(ratios),
            "low": min(ratios),
            "high": max(ratios),
            "cpu_ms_per_frame": statistics.median(1e3 * r["cpu"] / r["frames"] for r in results[case]),
            "wall_s": statistics.median(r["wall"] for r in results[case]),
            "peak_mib": max(r["peak_mib"] for r in results[case]),
        }
    return table


def measure_commands(clip: Path, rounds: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "POSTFOCUS_CACHE": folder}
        help_cpu = statistics.median(command(["--help"], environment)[0] for _ in range(max(3, rounds)))
        command(["index", str(clip), "-q"], environment)
        walls = []
        for number in range(max(3, rounds)):
            out = str(Path(folder) / f"pick-{number}.jpg")
            walls.append(command(["pick", str(clip), "--at", "0.3,0.85", "-o", out, "-q"], environment)[1])
    return {"help_cpu_s": help_cpu, "pick_wall_s": statistics.median(walls)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cache", type=Path, help="folder that keeps the rendered clips")
    parser.add_argument("--frames", type=int, nargs="+", default=[30, 120])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scene", default="still-life")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        cache = args.cache or Path(temporary)
        cache.mkdir(parents=True, exist_ok=True)
        size, counts, rounds = (3840, 2160), args.frames, args.rounds
        if args.smoke:
            size, counts, rounds = (1280, 720), [12], 1
        figures: dict[str, object] = {}
        for frames in counts:
            clip = clip_of(cache, args.scene, frames, size)
            rate = clip.stat().st_size * 8 / (frames / 29.97) / 1e6
            print(f"{clip.name}: {rate:.0f} Mbit/s", flush=True)
            table = measure_clip(clip, rounds)
            table["commands"] = measure_commands(clip, rounds)
            figures[str(frames)] = table
            print(f"\n| {frames} frames {size[0]}x{size[1]} ", end="")
            print("| CPU ratio (least, most) | CPU ms a frame | wall s | peak MiB |")
            print("|---|---|---|---|---|")
            for case in CASES:
                t = table[case]
                ratio = f"{t['ratio']:.2f} ({t['low']:.2f}, {t['high']:.2f})"
                rest = f"{t['cpu_ms_per_frame']:.0f} | {t['wall_s']:.1f} | {t['peak_mib']:.0f}"
                print(f"| {case} | {ratio} | {rest} |")
            c = table["commands"]
            print(f"\npostfocus --help: {c['help_cpu_s']:.2f} CPU s")
            print(f"pick on the indexed clip: {c['pick_wall_s']:.2f} s wall\n")
        if args.json:
            args.json.write_text(json.dumps(figures, indent=1))
        if args.smoke and not all(1 <= t["index"]["ratio"] < 20 for t in figures.values()):  # pyright: ignore
            raise SystemExit("the index costs out of all reason; see the table")


if __name__ == "__main__":
    main()
