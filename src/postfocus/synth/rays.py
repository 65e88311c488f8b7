"""The same lens, ray by ray: exact for tilted and overlapping layers, slow, and plain to read.

For each point of the pupil every layer is seen undistorted but shifted by its
defocus (sheared, if tilted), and near hides far exactly. The mean over the
pupil is the photograph. `postfocus.synth.thin_lens` is measured against this,
and results that must not lean on the layered approximation are rendered with it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.synth.aperture import Aperture
from postfocus.synth.model import Layer, Plane, SceneModel, as_float
from postfocus.synth.thin_lens import DISC


def _seen(
    layer: Layer, defocus: tuple[float, float, float], point: NDArray[np.float64], size: tuple[int, int]
) -> NDArray[np.float32]:
    """One layer as one point of the pupil sees it, `(h, w, 4)`."""
    c, gx, gy = defocus
    px, py = point
    # A layer point X appears at X + point * defocus(X), and defocus is linear in X.
    m = np.array([[1 + px * gx, px * gy, px * c], [py * gx, 1 + py * gy, py * c]])
    m[:, 2] += m[:, :2] @ (layer.x, layer.y)
    border = cv2.BORDER_REPLICATE if layer.opaque else cv2.BORDER_CONSTANT
    return as_float(cv2.warpAffine(layer.rgba, m, size, flags=cv2.INTER_LINEAR, borderMode=border))


def render_rays(
    scene: SceneModel,
    focus: float,
    aperture: float,
    *,
    tilt: tuple[float, float] = (0.0, 0.0),
    shape: Aperture = DISC,
    rays: int = 256,
) -> NDArray[np.float32]:
    """Photograph the scene with `rays` rays per pixel.

    Parameters and result as `postfocus.synth.thin_lens.render`, without a pose.
    """
    size = scene.width, scene.height
    focal = Plane(focus, *tilt)
    total = np.zeros((scene.height, scene.width, 3), np.float64)
    points = shape.points(rays)
    for point in points:
        picture = np.zeros((scene.height, scene.width, 3), np.float32)
        for layer in scene.layers:
            c, gx, gy = layer.plane.minus(focal).pixels(*size)
            seen = _seen(layer, (c * aperture, gx * aperture, gy * aperture), point, size)
            picture = picture * (1 - seen[..., 3:]) + seen[..., :3]
        total += picture
    return (total / len(points)).astype(np.float32)
