"""Our merge of the published two- and three-frame sets, scored as the papers score theirs.

    python -m benchmarks.pairs [--data ../shared/data] [--sets lytro mffw] [--pictures DIR] [--each]

Every set is merged through the public interface, as stills: the frames are aligned and the result has the
geometry of the reference frame. The papers take the pictures of a pair to lie on one another already and
compare with them where they lie. So a second row shows our merge with the frames left there, and a third
compares the aligned merge with the frames as they were aligned. Frames that differ in exposure or tone curve
are brought to one brightness, too, and resampled more carefully where they show strong texture; so a fourth
row compares with each frame as our merge of it alone shows it, and a fifth is GFF of those same frames.

Q_AB/F, NMI and Q_W are better higher, Q_CV lower; see `benchmarks.fusion_scores`. Published rows are means
over 20 Lytro and 13 MFFW pairs, of which 10 and 6 are at hand, so two classical merges are run on these as
well. `office` has a true all-in-focus picture.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import postfocus
from benchmarks.baselines import BASELINES, guided_fusion
from benchmarks.fusion_scores import FusionScore, fusion_score, grey, mean_score
from benchmarks.scores import gmsd, luma, psnr, ssim
from postfocus.errors import PostfocusError
from postfocus.io.cache import Cache
from postfocus.model.alignment import Alignment
from postfocus.model.look import Frames, Look

DATA = Path(os.environ.get("POSTFOCUS_DATA", Path(__file__).parents[2] / "shared" / "data"))
SETS = {"lytro": "pairs-lytro-01-10", "mffw": "pairs-mffw-01-06", "whu": "pairs-whu-01-12",
        "triples": "triples-lytro-01-02"}  # fmt: skip
OFFICE = "office-aif-GT-left"
PUBLISHED = {
    "lytro": {
        "DPRL": (0.7532, 1.092, 0.9347),
        "TF (BRW)": (0.7513, 1.120, 0.9364),
        "CNN": (0.7503, 1.110, 0.9369),
        "GFF": (0.7495, 1.066, 0.9369),
        "NSCT_SR": (0.7492, 1.092, 0.9375),
        "CBF": (0.7445, 1.005, 0.9413),
    },
    "mffw": {
        "GFDF": (0.7355, 1.087, 0.9115),
        "TF (BRW)": (0.7329, 1.048, 0.9116),
        "CNN": (0.7253, 1.056, 0.9117),
        "NSCT_SR": (0.7209, 0.912, 0.9154),
        "CBF": (0.7102, 0.811, 0.9183),
        "GFF": (0.6490, 0.749, 0.9063),
    },
}
"""Q_AB/F, NMI, Q_W of the best rows, means over the whole set (20 and 13 pairs)."""

OURS = "**postfocus**"
UNMOVED = "postfocus, frames not aligned"
ALIGNED = "postfocus, compared with the frames as it aligned them"
EVENED = "postfocus, compared with the frames as it aligned and evened them"
EVENED_GUIDED = "GFF (our copy) of those frames, compared with them"

Picture = NDArray[Any]
"""RGB levels 0…255, uint8 or float64."""


@dataclass(frozen=True, slots=True)
class Job:
    """Files that show one scene, and its name."""

    name: str
    files: tuple[Path, ...]


def jobs(folder: Path) -> Iterator[Job]:
    """The scenes of a set: ``A_jpg`` and ``B_jpg`` side by side, or ``NAME-A``, ``-B``, ``-C`` in one."""
    if (folder / "A_jpg").is_dir():
        for first, second in zip(sorted((folder / "A_jpg").iterdir()), sorted((folder / "B_jpg").iterdir()),
                                 strict=True):  # fmt: skip
            yield Job(first.stem[:-2], (first, second))
        return
    for first in sorted(folder.glob("*-A.jpg")):
        name = first.stem[:-2]
        yield Job(name, tuple(sorted(folder.glob(f"{name}-?.jpg"))))


def load(path: Path) -> Picture:
    """`(H, W, 3)` RGB."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise SystemExit(f"{path} is no picture")
    return np.ascontiguousarray(picture[..., ::-1], np.uint8)


@dataclass(frozen=True, slots=True)
class Merges:
    """Our merges of stills, `(H, W, 3)` RGB of 8 bits, and the stills as we aligned them.

    `ours` as anyone gets it; `unmoved` with the frames left where they lie. `evened` are the stills as the
    merge sees them: in its geometry, exposure and tone.
    """

    ours: Picture
    unmoved: Picture
    aligned: list[Picture]
    evened: list[Picture]


def stacked(files: Sequence[Path]) -> Merges:
    """Merge stills through the public interface."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(Path(folder))
        with postfocus.index(postfocus.open(*files), cache=cache) as scene:
            info = scene.index.info
            still = Alignment.still(info.width, info.height, scene.index.frames)
            unmoved = replace(scene, index=replace(scene.index, alignment=still)).limited(Frames(0, None))
            return Merges(
                levels(scene.stack().pixels),
                levels(unmoved.stack().pixels),
                [levels(scene.picture(int(n), aligned=True).pixels) for n in scene.index.frames],
                [levels(scene.stack(alone(int(n))).pixels) for n in scene.index.frames],
            )


def alone(frame: int) -> Look:
    """A merge of one frame: what that frame gives to any merge."""
    return Look(ranges=(Frames(frame, frame),))


def levels(pixels: NDArray[Any]) -> Picture:
    """RGB levels 0…255 of a picture of 8 or 16 bits, grey or RGB: of 16 bits with their fractions.

    The scores round once, when they make it grey; rounding three colours first would roughen its plain areas.
    """
    rgb = pixels if pixels.ndim == 3 else np.dstack([pixels] * 3)
    return rgb if rgb.dtype == np.uint8 else rgb / 257.0


def judge_set(key: str, folder: Path, pictures: Path | None, each: bool) -> dict[str, FusionScore]:
    """Print the rows of one set; the mean of each merge."""
    found: dict[str, list[FusionScore]] = {}
    missing: list[str] = []
    for job in jobs(folder):
        frames = [load(f) for f in job.files]
        greys = [grey(f) for f in frames]
        results = {name: merge(frames) for name, merge in BASELINES.items()}
        try:
            own = stacked(job.files)
        except PostfocusError as error:
            missing.append(f"{job.name}: {error}")
            continue
        results |= {OURS: own.ours, UNMOVED: own.unmoved}
        for name, picture in results.items():
            found.setdefault(name, []).append(fusion_score(greys, grey(picture)))
        found.setdefault(ALIGNED, []).append(fusion_score([grey(f) for f in own.aligned], grey(own.ours)))
        evened = [grey(f) for f in own.evened]
        guided = guided_fusion([np.rint(f).astype(np.uint8) for f in own.evened])
        for name, picture in ((EVENED, own.ours), (EVENED_GUIDED, guided)):
            found.setdefault(name, []).append(fusion_score(evened, grey(picture)))
        if each:
            print(f"| {job.name} | {found[OURS][-1].cells()} |", flush=True)
        if pictures:
            pictures.mkdir(parents=True, exist_ok=True)
            eight = np.rint(results[OURS]).astype(np.uint8)
            cv2.imwrite(str(pictures / f"{key}-{job.name}.png"), eight[..., ::-1])
    count = len(next(iter(found.values()), []))
    print(f"\n{SETS[key]} ({count} scenes)\n\n| merge | Q_AB/F | NMI | Q_W | Q_CV |\n|---|---|---|---|---|")
    means = {name: mean_score(scores) for name, scores in found.items()}
    for name, mean in means.items():
        print(f"| {name} | {mean.cells()} |")
    for name, (edges, information, similarity) in PUBLISHED.get(key, {}).items():
        print(
            f"| {name}, published for the whole set | {edges:.4f} | {information:.3f} | {similarity:.4f} | |"
        )
    for line in missing:
        print(f"not merged: {line}")
    return means


def judge_office(folder: Path) -> None:
    """Print PSNR, SSIM and GMSD of the rendered office against its truth."""
    files = [folder / f"office_stereo1_{side}.png" for side in ("near", "far")]
    truth = load(folder / "office_stereo1_all.png").astype(np.float32)
    frames = [load(f) for f in files]
    own = stacked(files)
    results = {OURS: own.ours, UNMOVED: own.unmoved} | {
        name: merge(frames) for name, merge in BASELINES.items()
    }
    results |= {"near frame": frames[0], "far frame": frames[1], "best frame per pixel": best(frames, truth)}
    print(f"\n{OFFICE}\n\n| merge | PSNR | SSIM | GMSD |\n|---|---|---|---|")
    for name, picture in results.items():
        a = picture.astype(np.float32)
        quality = f"{ssim(luma(a), luma(truth)):.4f} | {gmsd(luma(a), luma(truth)):.4f}"
        print(f"| {name} | {psnr(np.square(a - truth).mean(axis=2)):.2f} | {quality} |")


def best(frames: Sequence[Picture], truth: NDArray[np.float32]) -> Picture:
    """The frame that is nearest to the truth in windows of 9 x 9 pixels, pixel by pixel."""
    errors = [cv2.blur(np.square(f.astype(np.float32) - truth).mean(axis=2), (9, 9)) for f in frames]
    choice = np.stack(errors).argmin(axis=0)
    return np.take_along_axis(np.stack(frames), choice[None, ..., None], axis=0)[0]


def main(arguments: Sequence[str] | None = None) -> dict[str, dict[str, FusionScore]]:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--sets", nargs="+", default=[*SETS, "office"], choices=[*SETS, "office"])
    parser.add_argument("--pictures", type=Path, help="folder for our merges as PNG")
    parser.add_argument("--each", action="store_true", help="a row for every scene, too")
    args = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    out: dict[str, dict[str, FusionScore]] = {}
    for key in args.sets:
        folder = args.data / (OFFICE if key == "office" else SETS[key])
        if not folder.is_dir():
            print(f"{folder.name}: not in {args.data}, left out")
        elif key == "office":
            judge_office(folder)
        else:
            out[key] = judge_set(key, folder, args.pictures, args.each)
    return out


if __name__ == "__main__":
    main()
