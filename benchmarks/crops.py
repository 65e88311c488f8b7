"""The hardest places side by side: truth, our merge, the best peer, the best single frame at each pixel.

    python -m benchmarks.crops --cache DIR --scene hair -o SHEET.png
        [--kind handheld] [--size 1920] [--results DIR]

The places are the tiles near depth edges where our merge is farthest from the truth, apart from one another
and away from the border. `--results` is where `benchmarks.peers --pictures` left its PNGs: of those of the
same clip the one best near edges is shown, moved onto the truth; without any, three columns are drawn. Each
place is shown twice as large, pixels as squares, with PSNR of the tile.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import postfocus
from benchmarks.merges import merged
from benchmarks.peers import starts
from benchmarks.quality import Known, clip_and_truth, oracle, settings_of
from benchmarks.registered import place
from benchmarks.scores import psnr
from postfocus.synth import SCENE_NAMES

GAP = 6
TITLE = 26

Picture = NDArray[np.uint8]
Tile = tuple[int, int]


def square_error(picture: NDArray[Any], truth: NDArray[Any]) -> NDArray[np.float32]:
    """`(H, W)` mean over colours of the squared difference."""
    return np.square(picture.astype(np.float32) - truth.astype(np.float32)).mean(axis=2)


def hardest(error: NDArray[np.float32], near: NDArray[np.bool_], side: int, count: int) -> list[Tile]:
    """Top left corners of the tiles of most error near depth edges, worst first, none over another.

    Parameters
    ----------
    error, near
        `(H, W)` squared error, and where it counts.
    side
        Pixels a side of a tile; half of it is left out at the border.
    """
    total = cv2.boxFilter(
        np.where(near, error, 0), cv2.CV_64F, (side, side), anchor=(0, 0), normalize=False,
        borderType=cv2.BORDER_CONSTANT,
    )  # fmt: skip
    free = np.full(error.shape, -1.0)
    rows, cols = (slice(side // 2, max(side // 2 + 1, n - side - side // 2)) for n in error.shape)
    free[rows, cols] = total[rows, cols]
    found: list[Tile] = []
    while len(found) < count and free.max() > 0:
        y, x = (int(v) for v in np.unravel_index(int(free.argmax()), free.shape))
        found.append((y, x))
        free[max(0, y - side) : y + side, max(0, x - side) : x + side] = -1
    return found


def best_peer(folder: Path, stem: str, known: Known) -> tuple[str, Picture] | None:
    """Name and picture, in the geometry of the truth, of the result best near depth edges."""
    best: tuple[float, str, Picture] | None = None
    for path in sorted(folder.glob(f"{stem}.*.png")):
        name = path.name[len(stem) + 1 : -4]
        picture = cv2.imread(str(path))
        if name.startswith("postfocus") or picture is None:
            continue
        rgb = np.ascontiguousarray(picture[..., ::-1])
        onto = cv2.invertAffineTransform(place(known.picture, rgb, list(starts(known))))
        size = (known.picture.shape[1], known.picture.shape[0])
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        moved = np.rint(cv2.warpAffine(rgb.astype(np.float32), onto, size, flags=flags).clip(0, 255))
        border = size[0] * 90 // 3840
        inner = (slice(border, -border),) * 2
        quality = psnr(square_error(moved, known.picture)[inner][known.near[inner]])
        if best is None or quality > best[0]:
            best = quality, name, np.asarray(moved, np.uint8)
    return None if best is None else best[1:]


def sheet(columns: dict[str, Picture], truth: Picture, tiles: list[Tile], side: int) -> Picture:
    """One row for each tile, one column for each picture, twice as large."""
    width = 2 * side + GAP
    out = np.full((TITLE + len(tiles) * (2 * side + GAP), len(columns) * width - GAP, 3), 255, np.uint8)
    for n, (name, picture) in enumerate(columns.items()):
        cv2.putText(out, name, (n * width + 4, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
        for row, (y, x) in enumerate(tiles):
            cut = (slice(y, y + side), slice(x, x + side))
            large = picture[cut].repeat(2, axis=0).repeat(2, axis=1)
            if picture is not truth:
                words = f"{psnr(square_error(picture[cut], truth[cut])):.1f} dB"
                for colour, thick in (((0, 0, 0), 3), ((255, 255, 255), 1)):
                    cv2.putText(
                        large, words, (6, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, thick, cv2.LINE_AA
                    )
            top = TITLE + row * (2 * side + GAP)
            out[top : top + 2 * side, n * width : n * width + 2 * side] = large
    return out


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps the rendered clips")
    parser.add_argument("--scene", default="still-life", choices=SCENE_NAMES)
    parser.add_argument("--kind", default="handheld", choices=["tripod", "handheld"])
    parser.add_argument("--size", type=int, default=3840, help="width of the frames")
    parser.add_argument("--frames", type=int, default=30)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--results", type=Path, help="folder of the peers' pictures")
    parser.add_argument("--tiles", type=int, default=6)
    parser.add_argument("--side", type=int, default=120, help="pixels a side of a tile")
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args(arguments)
    args.cache.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    settings = settings_of(args.scene, args.frames, args.size, args.seed, args.kind == "tripod")
    clip, known = clip_and_truth(args.cache, settings)
    stills = clip.with_suffix(".stills")
    picture = merged(stills if stills.is_dir() else clip, known)
    columns = {"truth": known.picture, "postfocus": np.clip(np.rint(picture), 0, 255).astype(np.uint8)}
    peer = None if args.results is None else best_peer(args.results, clip.stem, known)
    if peer is not None:
        columns[peer[0]] = peer[1]
    with postfocus.open(stills if stills.is_dir() else clip) as recording:
        single = oracle(recording.source, known)
    columns["best single frame"] = np.clip(np.rint(single), 0, 255).astype(np.uint8)
    tiles = hardest(square_error(columns["postfocus"], known.picture), known.near, args.side, args.tiles)
    cv2.imwrite(str(args.output), sheet(columns, known.picture, tiles, args.side)[..., ::-1])
    for y, x in tiles:
        print(f"{args.side} x {args.side} at {x}, {y}")
    print(args.output)


if __name__ == "__main__":
    main()
