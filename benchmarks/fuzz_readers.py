"""Damage files in thousands of ways: only our own errors may come out, and soon.

    python -m benchmarks.fuzz_readers [--cases 3000] [--seed 1]

Small clips and stills are made, mutated (cut, zeroed, swapped, repeated, wrong lengths) and read to the end.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

from tests.support.clips import numbered_clip
from tests.support.mutate import mutate
from tests.support.stills import (
    deep,
    exif,
    picture,
    profile,
    write_dng,
    write_jpeg,
    write_pillow,
    write_png,
    write_tiff,
)  # fmt: skip

from postfocus.errors import PostfocusError
from postfocus.sources.opening import open_source

SLOWEST_ALLOWED = 20.0


def samples(folder: Path) -> list[Path]:
    """One small file of each kind."""
    pixels = picture()
    return [
        numbered_clip(folder / "clip.mp4", 5),
        numbered_clip(folder / "clip.mkv", 5),
        write_jpeg(folder / "still.jpg", pixels, exif(taken="2026:11:21 09:30:00"), profile()),
        write_png(folder / "still.png", deep()),
        write_tiff(folder / "still.tif", [pixels]),
        write_pillow(folder / "still.webp", pixels, "WEBP"),
        write_pillow(folder / "still.avif", pixels, "AVIF"),
        write_dng(folder / "raw.dng"),
    ]


def read_all(path: Path) -> str:
    """What became of one damaged file."""
    beside = path.with_name(f"other{path.suffix}")
    inputs = [path] if path.suffix in (".mp4", ".mkv") else [path, beside]
    try:
        with open_source(inputs) as source:
            for frame in source.frames():
                int(frame.luma.sum())
            return "read" if not source.problems else "read in part"
    except PostfocusError as error:
        if "\n" in str(error) or len(str(error)) > 400:
            raise AssertionError(f"not one sentence: {error!r}") from error
        return type(error).__name__


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    warnings.simplefilter("error")
    results: Counter[str] = Counter()
    slowest = 0.0
    with tempfile.TemporaryDirectory() as name:
        files = samples(Path(name))
        whole = {path: path.read_bytes() for path in files}
        for path, data in whole.items():
            path.with_name(f"other{path.suffix}").write_bytes(data)
        for case in range(args.cases):
            path = files[case % len(files)]
            path.write_bytes(mutate(whole[path], args.seed * 1_000_003 + case))
            start = time.perf_counter()
            results[f"{path.suffix} {read_all(path)}"] += 1
            slowest = max(slowest, time.perf_counter() - start)
    for what, count in sorted(results.items()):
        print(f"{count:6d}  {what}")
    print(f"{args.cases} damaged files, slowest {slowest:.2f} s")
    if slowest > SLOWEST_ALLOWED:
        raise SystemExit("a damaged file holds up the reader")


if __name__ == "__main__":
    main()
