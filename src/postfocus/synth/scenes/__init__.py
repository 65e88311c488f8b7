"""The scenes, drawn by code alone, by name."""

from __future__ import annotations

from collections.abc import Callable

from postfocus.errors import BadUse
from postfocus.synth.model import SceneModel
from postfocus.synth.scenes.draw import Page
from postfocus.synth.scenes.grass import grass
from postfocus.synth.scenes.hair import hair
from postfocus.synth.scenes.landscape import landscape
from postfocus.synth.scenes.lights import lights
from postfocus.synth.scenes.macro import macro
from postfocus.synth.scenes.plain import plain
from postfocus.synth.scenes.still_life import still_life

SCENES: dict[str, Callable[[Page], SceneModel]] = {
    "still-life": still_life,
    "grass": grass,
    "hair": hair,
    "lights": lights,
    "macro": macro,
    "landscape": landscape,
    "plain": plain,
}


def build_scene(name: str, width: int, height: int, seed: int) -> SceneModel:
    """Draw a scene.

    Parameters
    ----------
    name
        One of `SCENES`.
    width, height
        Picture in pixels.
    seed
        The same seed gives the same scene; another one moves leaves and grain about.

    Raises
    ------
    postfocus.errors.BadUse
        There is no such scene.
    """
    if name not in SCENES:
        raise BadUse(f"There is no scene {name!r}; choose from {', '.join(SCENES)}.")
    margin = -(-max(12, round(0.05 * width)) // 4) * 4
    return SCENES[name](Page(width, height, margin, seed))
