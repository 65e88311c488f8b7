"""Alignment, depth, pick and merge against the truth, on every rendered scene.

    python -m benchmarks.quality --cache DIR [--scenes still-life grass] [--tripod] [--pictures DIR]

"Textured": standard deviation of the sharp picture over 9 x 9 pixels of at least 4 levels, and shown by the
frame that is sharpest there (a handheld sweep's border is not always). "Near": within
24 pixels (at 3840 wide) of a depth edge of more than half a frame. The oracle is the best single frame at
each pixel, in windows of 9 x 9, chosen by knowing the truth; its frames are moved by the true poses.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import postfocus
from benchmarks.scores import Score, corner_errors, score
from postfocus.io.cache import Cache
from postfocus.io.colour import frame_to_rgb
from postfocus.model.alignment import Alignment
from postfocus.model.frame import FrameSource
from postfocus.scene import Scene
from postfocus.synth import SCENE_NAMES
from postfocus.synth.encode import VideoSettings
from postfocus.synth.sweep import SweepSettings, simulate_sweep
from postfocus.synth.write import write_simulation

TEXTURED = 4.0
PICKS = 200
SHAPES = ("disc", "hexagon", "octagon", "disc", "pentagon", "disc", "hexagon")


@dataclass(frozen=True, slots=True)
class Known:
    """The truth of a clip in the geometry of its reference frame: pictures `(H, W[, 3])`."""

    picture: NDArray[np.uint8]
    depth: NDArray[np.float32]
    textured: NDArray[np.bool_]
    near: NDArray[np.bool_]
    alignment: Alignment


HEAD = (
    "| scene | corners px: median; 95 % | depth off > 1 frame, %: away | near | surest half "
    "| pick within 1, % | in focus, % | merge PSNR | near | away | SSIM "
    "| oracle PSNR | near | away | SSIM |\n" + "|---" * 15 + "|"
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a sweep came to.

    Attributes
    ----------
    corners
        Median and 95 % quantile of the corner errors, full-size pixels.
    depth
        Shares of textured places whose depth is off by more than a frame: away from edges, near them, surest
        half of those away.
    pick
        Shares of random places picked within one frame of the truth, and said to be in focus.
    ours, oracle
        Scores of the merge and of the best single frame at each pixel.
    """

    scene: str
    corners: tuple[float, float]
    depth: tuple[float, float, float]
    pick: tuple[float, float]
    ours: Score
    oracle: Score

    @property
    def lead(self) -> float:
        """Merge over oracle, dB."""
        return self.ours.psnr - self.oracle.psnr

    def line(self) -> str:
        """A row under `HEAD`."""
        corners = "{:.2f}; {:.2f}".format(*self.corners)
        shares = " | ".join(f"{100 * v:.1f}" for v in (*self.depth, *self.pick))
        return f"| {self.scene} | {corners} | {shares} | {self.ours.cells()} | {self.oracle.cells()} |"


def settings_of(scene: str, frames: int, width: int, seed: int, tripod: bool) -> SweepSettings:
    """The sweep of a scene that is judged; every second one has uneven steps, and apertures take turns."""
    number = SCENE_NAMES.index(scene)
    return SweepSettings(
        scene=scene, frames=frames, width=width, height=width * 9 // 16, seed=seed,
        tripod=tripod, breathing=0.0 if tripod else 0.06, blur=24 / frames,
        steps="uneven" if number % 2 else "even", shape=SHAPES[number % len(SHAPES)],
    )  # fmt: skip


def clip_and_truth(cache: Path, settings: SweepSettings) -> tuple[Path, Known]:
    """Render the clip once; its truth is worked out again from the settings."""
    kind = "tripod" if settings.tripod else "handheld"
    path = cache / f"q-{settings.scene}-{kind}-{settings.frames}-{settings.width}-{settings.seed}.mp4"
    if not path.exists():
        write_simulation(settings, path, video=VideoSettings(preset="veryfast"))
    sim = simulate_sweep(settings)
    truth = sim.truth
    near = truth.near_edge(24 * settings.width / 3840, 0.5)
    textured = (truth.texture >= TEXTURED) & shown_sharp(truth.depth, sim.alignment)
    return path, Known(truth.codes(8), truth.depth, textured, near, sim.alignment)


def shown_sharp(depth: NDArray[np.float32], true: Alignment) -> NDArray[np.bool_]:
    """`(H, W)`: where the frame that is sharpest at a pixel shows it."""
    out = np.zeros(depth.shape, np.bool_)
    best = np.clip(np.rint(depth), true.frames[0], true.frames[-1])
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    whole = np.full(depth.shape, 255, np.uint8)
    for slot, frame in enumerate(true.frames):
        here = best == frame
        out[here] = cv2.warpAffine(whole, true.matrix(slot), depth.shape[::-1], flags=flags)[here] > 0
    return out


def depth_shares(scene: Scene, known: Known) -> tuple[float, float, float]:
    """Share off by more than one frame: textured away from edges, textured near them, surest half."""
    pool = scene.depth.pool
    rows, cols = scene.depth.position.shape
    at = (slice(pool // 2, rows * pool, pool), slice(pool // 2, cols * pool, pool))
    wrong = np.abs(scene.depth.position - known.depth[at]) > 1
    textured, near = known.textured[at], known.near[at]
    confidence = scene.depth.confidence
    sure = confidence >= (np.median(confidence[textured]) if textured.any() else 0)
    return (
        _share(wrong[textured & ~near]),
        _share(wrong[textured & near]),
        _share(wrong[textured & ~near & sure]),
    )


def _share(places: NDArray[np.bool_]) -> float:
    """Share of places at which it is true; of none of them, not a number."""
    return float(places.mean()) if places.size else np.nan


def pick_share(scene: Scene, known: Known) -> tuple[float, float]:
    """Of random textured places away from edges: share within a frame of the truth, and share in focus."""
    rng = np.random.default_rng(11)
    border = known.depth.shape[1] // 40
    allowed = np.zeros(known.depth.shape, np.bool_)
    allowed[border:-border, border:-border] = True
    rows, cols = np.nonzero(known.textured & ~known.near & allowed)
    right = sharp = 0
    for n in rng.integers(0, len(rows), PICKS):
        y, x = int(rows[n]), int(cols[n])
        pick = scene.pick((x + 0.5) / known.depth.shape[1], (y + 0.5) / known.depth.shape[0])
        right += abs(pick.frame - known.depth[y, x]) <= 1
        sharp += pick.state == "in focus"
    return right / PICKS, sharp / PICKS


def oracle(source: FrameSource, known: Known) -> NDArray[np.float32]:
    """`(H, W, 3)`: the best single frame at each pixel, chosen by knowing the truth."""
    truth = known.picture.astype(np.float32)
    best = np.full(truth.shape[:2], np.inf, np.float32)
    out = np.zeros_like(truth)
    size = (truth.shape[1], truth.shape[0])
    for frame in source.frames():
        slot = int(np.flatnonzero(known.alignment.frames == frame.info.index)[0])
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        pixels = frame_to_rgb(frame).astype(np.float32)
        moved = cv2.warpAffine(pixels, known.alignment.matrix(slot), size, flags=flags)
        error = cv2.blur(np.square(moved - truth).mean(axis=2), (9, 9))
        better = error < best
        best[better] = error[better]
        out[better] = moved[better]
    return out


def judge(settings: SweepSettings, cache: Path, pictures: Path | None) -> Judged:
    """Index, pick and merge one sweep; its notes and the time it took are printed."""
    path, known = clip_and_truth(cache, settings)
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        scene = postfocus.index(path, cache=Cache(Path(folder)))
        errors = corner_errors(scene.index.alignment, known.alignment)
        look = postfocus.Look(reference=int(known.alignment.frames[known.alignment.reference]))
        merged = scene.stack(look)
        border = 90 * settings.width // 3840
        ours = score(merged.pixels / 257.0, known.picture, known.near, border)
        bound = score(oracle(scene.source, known), known.picture, known.near, border)
        corners = float(np.median(errors)), float(np.quantile(errors, 0.95))
        out = Judged(
            settings.scene, corners, depth_shares(scene, known), pick_share(scene, known), ours, bound
        )
        if pictures:
            save_pictures(pictures / path.stem, merged.pixels, scene, known)
        notes = "; ".join(scene.index.notes())
        scene.close()
    print(f"{path.stem}: {time.process_time() - start:.0f} CPU s. {notes}", flush=True)
    return out


def save_pictures(stem: Path, merged: NDArray[Any], scene: Scene, known: Known) -> None:
    """The merge, four times its error, and the depth map beside the true one."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    eight = (merged // 257).astype(np.uint8)
    error = np.clip(cv2.absdiff(eight, known.picture).astype(int) * 4, 0, 255).astype(np.uint8)
    cv2.imwrite(f"{stem}.merged.png", eight[..., ::-1])
    cv2.imwrite(f"{stem}.error-x4.png", error[..., ::-1])
    size = (scene.depth.position.shape[1], scene.depth.position.shape[0])
    true = cv2.resize(known.depth, size, interpolation=cv2.INTER_NEAREST)
    both = np.hstack([scene.depth.position, true]) / max(1, scene.depth.last_frame)
    cv2.imwrite(f"{stem}.depth.png", cv2.applyColorMap((both * 255).astype(np.uint8), cv2.COLORMAP_VIRIDIS))


def main(arguments: Sequence[str] | None = None) -> list[Judged]:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps the rendered clips")
    parser.add_argument("--scenes", nargs="+", default=list(SCENE_NAMES))
    parser.add_argument("--tripod", action="store_true")
    parser.add_argument("--frames", type=int, default=30)
    parser.add_argument("--width", type=int, default=3840)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--pictures", type=Path)
    args = parser.parse_args(arguments)
    args.cache.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    rows: list[Judged] = []
    for scene in args.scenes:
        settings = settings_of(scene, args.frames, args.width, args.seed, args.tripod)
        rows.append(judge(settings, args.cache, args.pictures))
    print("\n" + "\n".join([HEAD, *(row.line() for row in rows)]))
    median, most = np.array([row.corners for row in rows]).max(axis=0)
    print(f"\nworst: corners {median:.2f}; {most:.2f} px, ", end="")
    print(f"depth {100 * max(row.depth[0] for row in rows):.1f} %, ", end="")
    print(f"pick {100 * min(row.pick[0] for row in rows):.1f} %, ", end="")
    print(f"merge against the oracle {min(row.lead for row in rows):+.2f} dB")
    return rows


if __name__ == "__main__":
    main()
