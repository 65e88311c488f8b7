"""Pick, merge and depth on every real stack and sweep, on one contact sheet.

    python -m benchmarks.real_sets --data ../shared/data --out DIR [--sets pcb-switch sweep-joe7]

Writes each merge at full size, and a sheet with merge, depth, confidence and state (green in focus, grey no
texture, blue outside the sweep, red moved). The rough surfaces are also compared with their true depth.
Folders that are no stacks (light fields, stereo pairs, single pictures) come last, for what is said of them.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import postfocus
from postfocus.errors import PostfocusError
from postfocus.export.depth_preview import colours
from postfocus.io.cache import Cache
from postfocus.scene import Scene

SETS = {
    "pcb-connector": "pcb-connector/pcb_*.jpg", "pcb-switch": "", "zstackr-4k": "", "amber-insects": "",
    "keyboard-phone": "", "beetle-28": "", "sbug-macro": "", "ring-6": "", "plane-blade-10": "",
    "phone-room-5": "", "leaf-microscope-8": "", "fly-eyes-36": "", "lens-steps-scene1": "",
    "tiff-25-pages": "", "sweep-flowerLady": "", "sweep-lowPlaza2": "", "sweep-joe7": "",
    "sweep-stairs-bottle": "", "lytro-leaf-aif": "", "lytro-refocus-7": "lytro-refocus-7/12__refocus_*.jpg",
    "sim-sff-30": "", "rough-surface-1-GT": "", "rough-surface-2-GT": "", "rough-surface-3-GT": "",
    "office-aif-GT-left": "office-aif-GT-left/office_stereo1_[fn]*.png", "breakfast-dfd": "",
}  # fmt: skip
STATE_COLOURS = np.array([[80, 200, 80], [90, 90, 90], [40, 120, 200], [220, 40, 40]], np.uint8)
ROUGH_BORDER = 20
"""The truth of the rough surfaces leaves out so many pixels on each side; its unit is minus one frame."""


def eight_bit(pixels: NDArray[np.uint16]) -> NDArray[np.uint8]:
    rgb = np.dstack([pixels] * 3) if pixels.ndim == 2 else pixels
    return (rgb >> 8).astype(np.uint8)


def sheet(scene: Scene, merged: NDArray[np.uint8], height: int = 300) -> NDArray[np.uint8]:
    """Merge, depth, confidence and state side by side."""
    depth = scene.depth
    grey = np.dstack([(depth.confidence * 255).astype(np.uint8)] * 3)
    near = np.rint(255 * (1 - depth.position / max(1, depth.last_frame))).clip(0, 255).astype(np.uint8)
    position = colours()[near]
    panels = (merged, position, grey, STATE_COLOURS[depth.state])
    width = merged.shape[1] * height // merged.shape[0]
    return np.hstack([cv2.resize(p, (width, height), interpolation=cv2.INTER_AREA) for p in panels])


def against_truth(scene: Scene, folder: Path) -> str:
    """RMS and share off by more than a frame, on a set with true depth."""
    truth = -np.load(folder / "reference.npy")
    inner = slice(ROUGH_BORDER, ROUGH_BORDER + truth.shape[0])
    error = scene.depth.position[inner, inner] - truth
    error = error - np.median(error)
    return (
        f"depth rms {error.std():.3f} frames, off by more than one {100 * (np.abs(error) > 1).mean():.3f} %"
    )


def run(data: Path, name: str, out: Path, cache: Cache) -> NDArray[np.uint8]:
    recording = postfocus.open(data / (SETS.get(name) or name))
    start = time.process_time()
    scene = postfocus.index(recording, cache=cache)
    indexed = time.process_time() - start
    merged = scene.stack()
    merge_s = time.process_time() - start - indexed
    states = np.bincount(scene.depth.state.ravel(), minlength=4) / scene.depth.state.size
    confidence = scene.depth.confidence
    row, col = np.unravel_index(int(confidence.argmax()), confidence.shape)
    pick = scene.pick((col + 0.5) / confidence.shape[1], (row + 0.5) / confidence.shape[0])
    print(f"{name}: {recording.info.width}x{recording.info.height}, {len(scene.index.frames)} frames, "
          f"index {indexed:.1f}, merge {merge_s:.1f} CPU s")  # fmt: skip
    print("   in focus {:.0%}, no texture {:.0%}, outside {:.0%}, moved {:.0%}; ".format(*states), end="")
    print(f"surest place: frame {pick.frame:.1f} ({pick.state}, {pick.confidence:.2f})")
    for note in scene.index.notes():
        print(f"   {note}")
    if name.startswith("rough"):
        print(f"   {against_truth(scene, data / name)}")
    picture = eight_bit(merged.pixels)
    cv2.imwrite(str(out / f"{name}.png"), picture[..., ::-1])
    scene.close()
    return sheet(scene, picture)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", help="folders (usual: all)")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    sheets = []
    with tempfile.TemporaryDirectory() as folder:
        others = sorted(p.name for p in args.data.iterdir() if p.is_dir() and p.name not in SETS)
        for name in args.sets or [*SETS, *others]:
            if not (args.data / name).exists():
                print(f"{name}: not there, left out")
                continue
            try:
                sheets.append(run(args.data, name, args.out, Cache(Path(folder))))
            except PostfocusError as error:
                print(f"{name}: {error}")
    if sheets:
        width = max(s.shape[1] for s in sheets)
        padded = [np.pad(s, ((0, 4), (0, width - s.shape[1]), (0, 0))) for s in sheets]
        cv2.imwrite(str(args.out / "contact-sheet.png"), np.vstack(padded)[..., ::-1])
        print(f"{args.out / 'contact-sheet.png'}")


if __name__ == "__main__":
    main()
