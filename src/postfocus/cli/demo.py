"""``postfocus demo``: everything once, on a simulated handheld sweep whose truth is known."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from postfocus.cli.arguments import Parser, size, whole
from postfocus.cli.doctor import cpus
from postfocus.cli.options import add_common, add_output
from postfocus.cli.talk import Answer, Talk
from postfocus.errors import BadUse
from postfocus.io.atomic import cannot_write, display_name

if TYPE_CHECKING:
    from postfocus.app.server import Screen
    from postfocus.model.look import Pick
    from postfocus.scene import Scene
    from postfocus.synth.sweep import SimulatedSweep

PLACES = {"coins": (0.815, 0.85), "apple": (0.545, 0.665), "books": (0.235, 0.537)}
"""What a person might touch in the still life, and where it lies."""

_CLIP = "still-life.mp4"


def parser() -> Parser:
    """The options of ``demo``."""
    made = Parser(
        "demo",
        "Render a handheld 4K focus sweep, index it, pick three places, merge all planes and write the\n"
        "depth, into the folder DIR (usual: postfocus-demo). Then the sweep is opened in the browser.",
    )
    made.add_argument("folder", nargs="?", metavar="DIR", type=Path, help="where the pictures go")
    add_output(made, "the same", name="DIR")
    made.add_argument("--size", metavar="WxH", type=size, default=(3840, 2160), help="usual: 3840x2160")
    made.add_argument("--frames", metavar="N", type=whole(5, 200), default=30, help="usual: 30")
    made.add_argument(
        "--no-browser", action="store_true", help="print the page's address and stop, as without a terminal"
    )
    add_common(made)
    return made


def run(args: Namespace, talk: Talk) -> NoReturn:
    """Make the sweep, and do with it what a photographer would."""
    from postfocus.synth.write import truth_folder, write_simulation

    if args.folder is not None and args.output is not None:
        raise BadUse("Name one folder for the demo.")
    talk.steps = True
    folder = _folder(args.folder or args.output or Path("postfocus-demo"), args.overwrite)
    clip = folder / _CLIP
    began = time.monotonic()
    talk.note(f"Rendering {args.frames} frames of {args.size[0]} x {args.size[1]}; this takes longest.")
    simulated = write_simulation(_settings(args), clip, talk.progress, workers=min(4, cpus()), replace=True)
    seconds = {"render": time.monotonic() - began}
    values = {**_worked(clip, folder, simulated, talk, seconds), "truth": str(truth_folder(clip))}
    values["seconds"] = {name: round(spent, 2) for name, spent in seconds.items()}
    stay = not (args.no_browser or args.json or os.environ.get("CI")) and sys.stdout.isatty()
    return _shown(clip, values, talk, stay=stay)


def _shown(clip: Path, values: dict[str, Any], talk: Talk, *, stay: bool) -> NoReturn:
    """Give the answer with the page's address, and serve the page while a person looks at it."""
    from postfocus.cli.open import show

    def tell(screen: Screen) -> None:
        values["address"] = screen.address()
        end = ["", "Touch the picture at", values["address"]]
        talk.answer(Answer(values, "\n".join([_text(values), *end, *(["Ctrl-C ends it."] if stay else [])])))

    show([str(clip)], tell, stay=stay)
    raise SystemExit(0)  # the answer was given when the page was ready


def _settings(args: Namespace) -> Any:
    from postfocus.synth.sweep import SweepSettings

    width, height = args.size
    # Fewer frames mean larger steps of the lens, with more blur in each.
    blur = SweepSettings().blur * (SweepSettings().frames - 1) / (args.frames - 1)
    return SweepSettings(frames=args.frames, width=width, height=height, blur=blur)


def _worked(
    clip: Path, folder: Path, simulated: SimulatedSweep, talk: Talk, seconds: dict[str, float]
) -> dict[str, Any]:
    """Index, pick, merge and measure the clip."""
    import postfocus
    from postfocus.api import IndexSettings
    from postfocus.export.depth_files import save_depth
    from postfocus.export.full_size import full_size

    began = time.monotonic()

    def lap(name: str) -> None:
        nonlocal began
        seconds[name] = time.monotonic() - began
        began = time.monotonic()

    with postfocus.open(clip) as recording:
        scene = postfocus.index(recording, settings=IndexSettings(previews=True), progress=talk.progress)
        lap("index")
        for text in scene.index.notes():
            talk.note(f"note: {text}")
        picks: list[dict[str, Any]] = []
        for name, (x, y) in PLACES.items():
            pick = scene.pick(x, y)
            output = postfocus.save(scene.picture(pick), folder / f"{name}.jpg", overwrite=True)
            picks.append({**_found(scene, simulated, pick), "name": name, "output": str(output)})
        lap("pick")
        merged = scene.stack(progress=talk.progress)
        stack = postfocus.save(merged, folder / "sharp.jpg", overwrite=True)
        lap("stack")
        depth = save_depth(
            *full_size(scene.depth), folder / "depth.png", last_frame=scene.depth.last_frame, overwrite=True
        )
        lap("depth")
    return {
        "clip": str(clip),
        "picks": picks,
        "stack": str(stack),
        "depth": str(depth[0]),
        "preview": str(depth[2]),
    }


def _found(scene: Scene, simulated: SimulatedSweep, pick: Pick) -> dict[str, Any]:
    """A pick beside the frame that truly is sharpest there."""
    truth = simulated.truth.depth
    height, width = truth.shape
    # The truth has the geometry of its own reference frame, the pick that of the index's.
    to_truth = simulated.alignment.with_reference(scene.reference).matrix(simulated.reference)
    x, y = to_truth @ (pick.at.x * width, pick.at.y * height, 1)
    row, col = min(max(int(y), 0), height - 1), min(max(int(x), 0), width - 1)
    return {
        "at": [pick.at.x, pick.at.y],
        "frame": round(pick.frame, 3),
        "saved_frame": pick.saved_frame,
        "true_frame": round(float(truth[row, col]), 3),
        "confidence": pick.confidence,
        "state": pick.state,
    }


def _folder(folder: Path, overwrite: bool) -> Path:
    """The demo's folder; one that holds something else is left alone."""
    try:
        ours = (folder / f"{_CLIP}.truth").is_dir()
        if folder.is_dir() and any(folder.iterdir()) and not ours and not overwrite:
            raise BadUse(f"{display_name(folder)} holds other files; name a new folder for the demo.")
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    return folder


def _text(values: dict[str, Any]) -> str:
    lines = [f"{'touched':<10}{'found':>7}{'truth':>7}{'apart':>7}  picture"]
    for one in values["picks"]:
        apart = abs(one["frame"] - one["true_frame"])
        lines.append(
            f"{one['name']:<10}{one['frame']:>7.2f}{one['true_frame']:>7.2f}{apart:>7.2f}  "
            f"{display_name(one['output'])}"
        )
    for name in ("stack", "depth", "preview", "clip", "truth"):
        lines.append(f"{name:<33}{display_name(values[name])}")
    spent = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in values["seconds"].items())
    return "\n".join([*lines, spent])
