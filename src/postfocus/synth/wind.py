"""Wind goes through a drawn scene while the lens sweeps: what is nearest bends, what is far ripples.

The nearest sheet sways to and fro, its top farthest and its foot not at all, as
flowers and grass do. In the farthest sheet before the ground, waves run as on water
or over a meadow; its outline stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.synth.model import Layer, SceneModel, as_float

PERIOD = 11.0
"""Frames that the nearest sheet takes to sway to and fro."""

LENGTH, RUN = 48.0, 8.0
"""Length of a wave in pixels of a picture 3840 wide, and frames in which it runs on by one."""


@dataclass(frozen=True, slots=True)
class Wind:
    """How hard it blows.

    Attributes
    ----------
    sway
        Pixels by which the top of the nearest sheet goes to each side.
    waves
        Pixels by which waves carry what they run through.
    length
        Pixels from wave to wave.
    """

    sway: float
    waves: float
    length: float

    def through(self, scene: SceneModel, index: int) -> SceneModel:
        """The scene at the moment of frame `index`."""
        layers = list(scene.layers)
        if self.sway and len(layers) > 1:
            layers[-1] = _bent(layers[-1], self.sway * float(np.sin(2 * np.pi * index / PERIOD)))
        if self.waves and len(layers) > 2:
            layers[1] = _rippled(layers[1], self.waves, self.length, 2 * np.pi * index / RUN)
        return replace(scene, layers=tuple(layers))


def _grid(layer: Layer) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """`(h, w)` x and y of a sheet's elements."""
    height, width = layer.rgba.shape[:2]
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    return columns, rows


def _bent(layer: Layer, shift: float) -> Layer:
    """A sheet whose top has gone `shift` pixels to the right."""
    x, y = _grid(layer)
    source = x - np.float32(shift) * (1 - y / np.float32(len(y)))
    seen = cv2.remap(layer.rgba, source, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return replace(layer, rgba=as_float(seen))


def _rippled(layer: Layer, far: float, length: float, phase: float) -> Layer:
    """A sheet through which two crossing waves run."""
    x, y = _grid(layer)
    turn = np.float32(2 * np.pi / length)
    dx = np.sin(turn * y + phase) + np.sin(turn * (0.5 * x + y) - 1.7 * phase)
    dy = np.sin(turn * x - phase)
    alpha = layer.rgba[..., 3:]
    colour = layer.rgba[..., :3] / np.maximum(alpha, np.float32(1e-3))
    source = (x - np.float32(far) * dx).astype(np.float32), (y - np.float32(far) * dy).astype(np.float32)
    seen = as_float(cv2.remap(colour, *source, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    return replace(layer, rgba=np.concatenate([seen * alpha, alpha], axis=2))
