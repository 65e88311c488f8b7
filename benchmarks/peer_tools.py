"""The other stackers: each is put into an environment of its own, and told how to merge a folder of stills.

Environments lie outside the repository and are made once. Of Debian's packages only the files are unpacked;
nothing of the system changes. What cannot be had is named with its reason.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

FOCUS_WEIGHTS = ("--exposure-weight=0", "--saturation-weight=0", "--contrast-weight=1", "--hard-mask")
"""What enfuse's manual says for focus stacks; its plain default merges exposures."""

SHINESTACKER = """
import sys
from shinestacker import AlignFrames, CombinedActions, DepthMapStack, FocusStack, PyramidStack, StackJob
work, frames, method, align = sys.argv[1:]
job = StackJob("job", work, input_path=frames)
if align == "align":
    job.add_action(CombinedActions("aligned", [AlignFrames()]))
algorithm = DepthMapStack() if method == "depth" else PyramidStack()
job.add_action(FocusStack("stacked", algorithm, prefix="out_"))
job.run()
"""


class NotInstalled(Exception):
    """Why a peer cannot be had."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a peer is asked for.

    Attributes
    ----------
    home
        The peer's environment.
    frames
        Folder of stills, named in their order.
    work
        Empty folder to work in.
    out
        Picture to write; where a tool names its own, it is found in `work`.
    """

    home: Path
    frames: Path
    work: Path
    out: Path

    @property
    def stills(self) -> list[str]:
        return [str(p) for p in sorted(self.frames.iterdir())]


Commands = Callable[[Task], list[list[str]]]


@dataclass(frozen=True, slots=True)
class Peer:
    """A stacker: how it is installed, and its settings to run, on a tripod's frames and on handheld ones."""

    name: str
    install: Callable[[Path], None]
    tripod: dict[str, Commands]
    handheld: dict[str, Commands]
    environment: Callable[[Path], dict[str, str]] = field(default=lambda home: {})


def _run(args: list[str], where: Path | None = None) -> str:
    """Output of a command; its last line of complaint as `NotInstalled`."""
    done = subprocess.run(args, capture_output=True, text=True, check=False, cwd=where)
    if done.returncode:
        lines = [s for s in (done.stderr + done.stdout).splitlines() if s.strip() and "WARNING" not in s]
        raise NotInstalled(
            next((s for s in lines if "ERROR" in s), lines[-1] if lines else "no reason given")
        )
    return done.stdout


def python_at_least(minor: int) -> str:
    """A Python 3 of at least that version."""
    known = sorted(Path.home().glob(".pyenv/versions/3.*/bin/python3"), key=lambda p: p.parts[-3])
    for found in [sys.executable, *(f"python3.{n}" for n in range(minor, 15)), *map(str, known)]:
        path = shutil.which(found)
        check = f"import sys; sys.exit(sys.version_info < (3, {minor}))"
        if path and subprocess.run([path, "-c", check], capture_output=True, check=False).returncode == 0:
            return path
    raise NotInstalled(f"needs Python 3.{minor} or newer, which is not here")


def from_pip(package: str, minor: int = 11, only_wheels: bool = True) -> Callable[[Path], None]:
    """Installer of a package into an environment of its own."""

    def install(home: Path) -> None:
        _run([python_at_least(minor), "-m", "venv", str(home)])
        wheels = ["--only-binary", package.split("=")[0]] if only_wheels else []
        _run([str(home / "bin" / "pip"), "install", "--quiet", *wheels, package])

    return install


def from_debian(*packages: str) -> Callable[[Path], None]:
    """Unpacker of packages, with all that they need and this system has not."""

    def install(home: Path) -> None:
        if shutil.which("apt-get") is None:
            raise NotInstalled("needs Debian's apt-get")
        plan = _run(["apt-get", "install", "--dry-run", "--no-install-recommends", *packages])
        names = sorted(set(re.findall(r"^Inst (\S+)", plan, re.MULTILINE)) | set(packages))
        store = home / "debs"
        store.mkdir(parents=True)
        _run(["apt-get", "download", *names], store)
        for file in store.glob("*.deb"):
            _run(["dpkg-deb", "-x", str(file), str(home)])

    return install


def _debian_environment(home: Path) -> dict[str, str]:
    lib = home / "usr" / "lib"
    found = [str(p) for p in (*lib.glob("*-linux-gnu*"), lib / "hugin") if p.is_dir()]
    return {"LD_LIBRARY_PATH": os.pathsep.join(found)}


def _openfocus(*options: str) -> Commands:
    return lambda t: [
        [str(t.home / "bin/openfocus"), "-i", str(t.frames), "-o", str(t.out), "--cpu", *options]
    ]


def _focusweave(*options: str) -> Commands:
    return lambda t: [
        [str(t.home / "bin/focusweave"), str(t.frames), "--output", str(t.out), "--keep-size", *options]
    ]


def _shinestacker(method: str, align: str) -> Commands:
    return lambda t: [
        [str(t.home / "bin/python"), "-c", SHINESTACKER, str(t.work), str(t.frames), method, align]
    ]


def _enfuse(*options: str) -> Commands:
    return lambda t: [[str(t.home / "usr/bin/enfuse"), "-o", str(t.out), *options, *t.stills]]


def _hugin_enfuse(t: Task) -> list[list[str]]:
    align = str(t.home / "usr/bin/align_image_stack")
    moved = [str(t.work / f"moved_{n:04d}.tif") for n in range(len(t.stills))]
    return [
        [align, "-m", "--use-given-order", "-a", str(t.work / "moved_"), *t.stills],
        [str(t.home / "usr/bin/enfuse"), "-o", str(t.out), *FOCUS_WEIGHTS, *moved],
    ]


PEERS = (
    Peer(
        "openfocus",
        from_pip("openfocus==1.72.0"),
        {
            "default (neural)": _openfocus(),
            "neural, small tiles": _openfocus("--tile-size", "512", "--batch-size", "1"),
            "guided filter": _openfocus("-m", "guided_filter"),
            "DT-CWT": _openfocus("-m", "dtcwt"),
            "B": _openfocus("-m", "openfocus_b"),
        },
        {
            "default (neural), ecc": _openfocus("--align", "ecc"),
            "guided filter, ecc": _openfocus("-m", "guided_filter", "--align", "ecc"),
            "C, ecc": _openfocus("-m", "openfocus_c", "--align", "ecc"),
        },
    ),
    Peer(
        "focusweave",
        from_pip("focusweave==2.0.0"),
        {"default": _focusweave(), "not aligned, sharpness 8": _focusweave("--no-align", "--sharpness", "8")},
        {
            "default": _focusweave(),
            "finest": _focusweave("--min-shift", "0", "--full-res", "--sharpness", "8"),
        },
    ),
    Peer(
        "enfuse",
        from_debian("enfuse", "hugin-tools"),
        {"default": _enfuse(), "for focus": _enfuse(*FOCUS_WEIGHTS)},
        {"for focus, align_image_stack": _hugin_enfuse},
        _debian_environment,
    ),
    Peer(
        "shinestacker",
        from_pip("shinestacker==1.17.4", 12),
        {"pyramid": _shinestacker("pyramid", "still"), "depth map": _shinestacker("depth", "still")},
        {"pyramid": _shinestacker("pyramid", "align"), "depth map": _shinestacker("depth", "align")},
    ),
)

NOT_OFFERED = {
    "focus-stack": "neither in Debian nor in pip (the pip package of that name is another program)",
    "ChimpStackr": "neither in Debian nor in pip",
    "z-stackr": "pip has no wheel of it for this kind of machine, and its source wants a nightly Rust",
    "focusstacker": "gives up on frames of a sweep for want of matches, or takes minutes a frame at 4K",
    "Helicon Focus, Zerene Stacker": "not free software, no licence here",
}
"""Peers known of, and why they are not run."""


def installed(peer: Peer, root: Path) -> Path:
    """The peer's environment, made if it is not there.

    Raises
    ------
    NotInstalled
        With the reason.
    """
    home, ready = root / peer.name, root / f"{peer.name}.installed"
    if not ready.exists():
        shutil.rmtree(home, ignore_errors=True)
        root.mkdir(parents=True, exist_ok=True)
        print(f"installing {peer.name} …", flush=True)
        peer.install(home)
        ready.touch()
    return home
