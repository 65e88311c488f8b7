"""What is true about a simulated sweep: the picture sharp everywhere, depth, mattes, poses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.model.alignment import Alignment
from postfocus.synth.model import Layer, as_float
from postfocus.synth.sensor import to_codes, vignette
from postfocus.synth.thin_lens import render

if TYPE_CHECKING:
    from postfocus.synth.sweep import SimulatedSweep


@dataclass(frozen=True, slots=True)
class Truth:
    """Pictures in the geometry of the reference frame; arrays are `(H, W)` unless said otherwise.

    Attributes
    ----------
    picture
        `(H, W, 3)` float32 linear light, everything sharp, with the reference's vignetting and exposure.
    unit
        float32 focus unit of the surface seen at each pixel.
    depth
        float32 fractional frame (0…N-1) of the forward sweep at which that surface is sharpest.
    mattes
        Name and uint8 visible share (0…255) of each layer, far to near.
    alignment
        Poses as a perfect aligner would report them.
    focus
        `(N,)` focus unit of each frame.
    texture
        float32 standard deviation of luma codes (8 bit) within 9x9 pixels of `picture`.
    mover
        bool, true where something flew through in any frame, blurred or sharp.
    """

    picture: NDArray[np.float32]
    unit: NDArray[np.float32]
    depth: NDArray[np.float32]
    mattes: tuple[tuple[str, NDArray[np.uint8]], ...]
    alignment: Alignment
    focus: NDArray[np.float64]
    texture: NDArray[np.float32]
    mover: NDArray[np.bool_]

    def codes(self, bits: int = 8) -> NDArray[Any]:
        """The sharp picture as sRGB codes, uint8 or uint16."""
        return to_codes(self.picture, bits)

    def near_edge(self, distance: float, step: float = 2.0) -> NDArray[np.bool_]:
        """True within `distance` pixels of a jump of depth by more than `step` frames."""
        return near_edge(self.depth, distance, step)


def near_edge(depth: NDArray[np.float32], distance: float, step: float = 2.0) -> NDArray[np.bool_]:
    """True within `distance` pixels of a place where `depth` jumps by more than `step` to a neighbour."""
    box = np.ones((3, 3), np.uint8)
    jump = (cv2.dilate(depth, box) - cv2.erode(depth, box)) > step
    if not jump.any():
        return np.zeros(depth.shape, np.bool_)
    return cv2.distanceTransform((~jump).astype(np.uint8), cv2.DIST_L2, 5) <= distance


def frame_of(unit: NDArray[Any], focus: NDArray[np.float64], first: int, count: int) -> NDArray[np.float32]:
    """Fractional frame whose focus is nearest to `unit`, on the forward sweep of `count` frames from `first`.

    Steps need not be even: between two frames the focus is taken to move evenly. Clipped to the sweep.
    """
    sweep = focus[first : first + count]
    index = np.arange(first, first + count, dtype=float)
    order = slice(None) if sweep[-1] >= sweep[0] else slice(None, None, -1)
    return np.interp(unit, sweep[order], index[order]).astype(np.float32)


def _alpha(layer: Layer, pose: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float32]:
    """A layer's alpha in frame geometry, before anything hides it."""
    if layer.opaque:
        return np.ones(size[::-1], np.float32)
    m = pose.copy()
    m[:, 2] += m[:, :2] @ (layer.x, layer.y)
    alpha = np.ascontiguousarray(layer.rgba[..., 3])
    return as_float(cv2.warpAffine(alpha, m, size, flags=cv2.INTER_LINEAR))


def _surfaces(
    sim: SimulatedSweep,
) -> tuple[NDArray[np.float32], tuple[tuple[str, NDArray[np.uint8]], ...]]:
    """Focus unit of the nearest surface that covers half of what is left, and the mattes."""
    s = sim.settings
    size = s.width, s.height
    pose = sim.pose(sim.reference)
    inverse = cv2.invertAffineTransform(pose)
    unit = np.zeros(size[::-1], np.float32)
    left = np.ones(size[::-1], np.float32)
    mattes: list[tuple[str, NDArray[np.uint8]]] = []
    undecided = np.ones(size[::-1], np.bool_)
    x = np.arange(s.width, dtype=np.float32)[None]
    y = np.arange(s.height, dtype=np.float32)[:, None]
    for layer in reversed(sim.scene_at(sim.reference).layers):
        alpha = np.clip(_alpha(layer, pose, size), 0, 1)
        mattes.append((layer.name, np.rint(255 * alpha * left).astype(np.uint8)))
        left *= 1 - alpha
        seen = undecided & (left < 0.5)
        c, gx, gy = layer.plane.pixels(*size)
        # The plane over frame pixels: depth at the scene pixel that this frame pixel shows.
        (a, b, p), (d, e, q) = inverse
        plane = (c + gx * p + gy * q + (gx * a + gy * d) * x + (gx * b + gy * e) * y).astype(np.float32)
        unit[seen] = plane[seen]
        undecided &= ~seen
    return unit, tuple(reversed(mattes))


def _flown(sim: SimulatedSweep) -> NDArray[np.bool_]:
    """Where the mover was, in reference geometry, grown by its blur."""
    s = sim.settings
    touched = np.zeros((s.height, s.width), np.bool_)
    if sim.mover is None:
        return touched
    pose = sim.pose(sim.reference)
    for n in range(sim.count):
        layer = sim.mover.layer(n)
        alpha = _alpha(layer, pose, (s.width, s.height))
        blur = int(np.ceil(1.3 * sim.aperture * abs(layer.plane.u0 - sim.focus[n]))) + 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * blur + 1, 2 * blur + 1))
        touched |= cv2.dilate((alpha > 0.01).astype(np.uint8), disc) > 0
    return touched


def truth_render(
    sim: SimulatedSweep, focus: float, aperture_scale: float = 1.0, tilt: tuple[float, float] = (0.0, 0.0)
) -> NDArray[np.float32]:
    """What the lens would have shown at any focus, opening and tilt: no noise, reference geometry.

    Parameters
    ----------
    sim
        The sweep.
    focus
        Focus unit that is sharp at the centre.
    aperture_scale
        1: the sweep's own aperture; 0: everything sharp; 2: twice the blur.
    tilt
        See `postfocus.synth.thin_lens.render`.

    Returns
    -------
    NDArray
        `(H, W, 3)` float32 linear light with the reference's vignetting, 0 and up.
    """
    light = render(
        sim.scene_at(sim.reference), focus, sim.aperture * aperture_scale, tilt=tilt, shape=sim.shape,
        pose=sim.pose(sim.reference),
    )  # fmt: skip
    s = sim.settings
    return light * vignette(s.width, s.height, s.vignetting)[..., None] if s.vignetting else light


def make_truth(sim: SimulatedSweep) -> Truth:
    """Render everything that is true about `sim`."""
    s = sim.settings
    picture = truth_render(sim, 0.0, 0.0)
    unit, mattes = _surfaces(sim)
    depth = frame_of(unit, sim.focus, s.lead_in, s.sweeping)
    luma = to_codes(picture).astype(np.float32) @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    mean = cv2.blur(luma, (9, 9))
    texture = np.sqrt(np.maximum(cv2.blur(luma * luma, (9, 9)) - mean * mean, 0))
    return Truth(picture, unit, depth, mattes, sim.alignment, sim.focus, texture, _flown(sim))
