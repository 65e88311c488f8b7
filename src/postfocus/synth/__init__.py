"""Simulated focus sweeps with known truth: pictures drawn by code, seen through a thin lens."""

SCENE_NAMES = ("still-life", "grass", "hair", "lights", "macro", "landscape", "plain")
"""Names of `postfocus.synth.scenes.SCENES`, here so that they can be listed without drawing anything."""
