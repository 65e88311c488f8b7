"""Thirteen scenes unlike those of `postfocus.synth`, and the 27 sweeps of them that are merged.

The lens is swept as it is in macro work: from one end to the other, blur grows by three to eight per cent of
the picture's width, where sweeps of the scenes of `postfocus.synth` come to 0.6 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from unittest.mock import patch

from benchmarks.other_scenes_nature import insect, snow, stamens
from benchmarks.other_scenes_print import books, fabrics, tilted
from benchmarks.other_scenes_things import circuit, coins, jewellery
from benchmarks.other_scenes_through import bricks, fence, lace, night
from benchmarks.sweeps import NOISE
from postfocus.synth.scenes import SCENES
from postfocus.synth.sweep import REFERENCE_WIDTH, SimulatedSweep, SweepSettings, simulate_sweep

OTHERS = {
    "fence": fence, "circuit": circuit, "jewellery": jewellery, "stamens": stamens, "insect": insect,
    "tilted": tilted, "books": books, "coins": coins, "lace": lace, "snow": snow, "night": night,
    "fabrics": fabrics, "bricks": bricks,
}  # fmt: skip
"""What draws each scene, by name."""

BRIGHT, PLAIN, DIM, NIGHT = (5.0, 0.5), NOISE[1], (20.0, 3.0), (40.0, 8.0)
"""Photon noise at white and read noise at black, thousandths of white."""


@dataclass(frozen=True, slots=True)
class OtherSweep:
    """One sweep.

    Attributes
    ----------
    name
        Ends in ``-t…`` on a tripod (no breathing), in ``-hh`` handheld (5 % breathing).
    blur
        Growth of the blur radius a frame, pixels at 1920 wide.
    noise
        At white and at black, see `BRIGHT`.
    file
        ``"h264"`` or ``"stills"``.
    """

    name: str
    scene: str
    frames: int
    width: int
    blur: float
    noise: tuple[float, float]
    file: str
    shape: str
    seed: int
    steps: str = "even"

    @property
    def tripod(self) -> bool:
        return not self.name.endswith("-hh")

    @property
    def settings(self) -> SweepSettings:
        photon, read = self.noise
        return SweepSettings(
            scene=self.scene, frames=self.frames, width=self.width, height=self.width * 9 // 16,
            seed=self.seed, tripod=self.tripod, breathing=0.0 if self.tripod else 0.05, blur=self.blur * 2,
            steps=self.steps, shape=self.shape, photon=photon, read=read,
        )  # fmt: skip

    @property
    def span(self) -> float:
        """Blur radius at one end of the sweep of what is sharp at the other: share of the picture's width."""
        return self.settings.blur * (self.frames - 1) / REFERENCE_WIDTH


SWEEPS = (
    OtherSweep("fence-hh", "fence", 30, 1280, 3, PLAIN, "h264", "hexagon", 1),
    OtherSweep("fence-t16", "fence", 16, 1280, 6, BRIGHT, "stills", "disc", 2),
    OtherSweep("circuit-t40", "circuit", 40, 1280, 4, BRIGHT, "stills", "disc", 1),
    OtherSweep("circuit-hh", "circuit", 24, 1280, 3, PLAIN, "h264", "hexagon", 2, "uneven"),
    OtherSweep("circuit-t120", "circuit", 120, 960, 1, DIM, "h264", "disc", 3),
    OtherSweep("jewel-t", "jewellery", 30, 1280, 4, PLAIN, "stills", "hexagon", 1),
    OtherSweep("jewel-hh", "jewellery", 30, 1280, 2, PLAIN, "h264", "disc", 2, "uneven"),
    OtherSweep("stamens-hh", "stamens", 30, 1280, 3, PLAIN, "h264", "disc", 1),
    OtherSweep("stamens-t12", "stamens", 12, 1280, 10, BRIGHT, "stills", "hexagon", 2),
    OtherSweep("insect-t60", "insect", 60, 1280, 2, BRIGHT, "stills", "disc", 1),
    OtherSweep("insect-hh", "insect", 24, 1280, 4, PLAIN, "h264", "hexagon", 2),
    OtherSweep("tilted-hh", "tilted", 30, 1280, 3, PLAIN, "h264", "disc", 1),
    OtherSweep("tilted-t12", "tilted", 12, 1280, 12, BRIGHT, "stills", "disc", 2),
    OtherSweep("books-hh", "books", 30, 1280, 3, DIM, "h264", "disc", 1),
    OtherSweep("books-t", "books", 20, 1280, 4, PLAIN, "stills", "hexagon", 2),
    OtherSweep("coins-t", "coins", 20, 1280, 5, BRIGHT, "stills", "disc", 1),
    OtherSweep("coins-hh", "coins", 30, 1280, 2, PLAIN, "h264", "disc", 2, "uneven"),
    OtherSweep("lace-hh", "lace", 30, 1280, 3, PLAIN, "h264", "disc", 1),
    OtherSweep("lace-t", "lace", 24, 1280, 5, BRIGHT, "stills", "hexagon", 2),
    OtherSweep("snow-hh", "snow", 30, 1280, 3, DIM, "h264", "disc", 1),
    OtherSweep("snow-t", "snow", 40, 1280, 2, PLAIN, "stills", "disc", 2),
    OtherSweep("night-hh", "night", 30, 1280, 3, NIGHT, "h264", "disc", 1),
    OtherSweep("night-t", "night", 30, 1280, 3, DIM, "stills", "disc", 2),
    OtherSweep("fabrics-hh", "fabrics", 30, 1280, 2, PLAIN, "h264", "disc", 1),
    OtherSweep("fabrics-t", "fabrics", 20, 1280, 4, BRIGHT, "stills", "disc", 2),
    OtherSweep("bricks-hh", "bricks", 30, 1280, 2, PLAIN, "h264", "disc", 1),
    OtherSweep("bricks-t", "bricks", 30, 1920, 3, PLAIN, "stills", "hexagon", 2),
)

MIDDLING = tuple(
    OtherSweep(f"{scene}-mid-{how}", scene, 30, 1280, 1.4, PLAIN, "h264", "disc", 5)
    for scene in OTHERS
    for how in ("hh", "t")
)
"""The same scenes blurred by 2.1 % of the picture's width, handheld and on a tripod."""


def simulate_other(settings: SweepSettings) -> SimulatedSweep:
    """`simulate_sweep`, for which the scenes of `OTHERS` stand beside those of the program."""
    with patch.dict(SCENES, OTHERS):
        return simulate_sweep(settings)
