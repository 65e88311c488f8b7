"""Everything that tells how good merges are, one after the other: tables on stdout, pictures in a folder.

    python -m benchmarks --cache DIR --pictures DIR [--size 3840] [--scenes hair lights] [--seeds 3 4]

Runs `benchmarks.pairs`, `benchmarks.merges` and `benchmarks.peers`, then draws the sheets of
`benchmarks.crops` for each scene. Sweeps and peers are kept in the cache; a first run at 3840 takes
hours on two cores.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import crops, merges, pairs, peers
from postfocus.synth import SCENE_NAMES


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps sweeps and peers")
    parser.add_argument("--pictures", type=Path, required=True, help="folder for results and sheets")
    parser.add_argument("--size", type=int, default=3840, help="width of the frames")
    parser.add_argument("--scenes", nargs="+", default=list(SCENE_NAMES), choices=SCENE_NAMES)
    parser.add_argument("--seeds", nargs="+", type=int, default=[3, 4])
    args = parser.parse_args()
    place = ["--cache", str(args.cache)]
    out = args.pictures
    size, seeds = str(args.size), [str(seed) for seed in args.seeds]
    print("# Published pairs")
    pairs.main(["--pictures", str(out / "pairs")])
    print("\n# Rendered sweeps")
    merges.main([*place, "--scenes", *args.scenes, "--seeds", *seeds, "--width", size])
    print("\n# Other stackers")
    shown = ["--size", size, "--seed", seeds[0]]
    peers.main([*place, "--scenes", *args.scenes, *shown, "--pictures", str(out / "peers")])
    print("\n# Hardest places")
    for scene in args.scenes:
        for kind in ("tripod", "handheld"):
            sheet = str(out / f"{scene}-{kind}.png")
            what = ["--scene", scene, "--kind", kind, "--results", str(out / "peers"), "-o", sheet]
            crops.main([*place, *shown, *what])


if __name__ == "__main__":
    main()
