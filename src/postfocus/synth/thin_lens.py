"""A drawn scene is seen through a thin lens: each layer blurred by its own defocus, near over far.

Layers are premultiplied and in linear light, so a blurred near edge lets the far
side through in the right proportion. A tilted layer is cut along its slant into
bins of nearly equal blur; the bins' weights sum to one, and the blurred bins are
added before the layer is laid over the rest, so no seam shows.

Two layers that are *both* out of focus are treated as independent, as every
layered renderer does; `postfocus.synth.rays` is the exact and slow one.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.model.alignment import Rect
from postfocus.synth.aperture import Aperture, kernel
from postfocus.synth.model import Layer, Plane, SceneModel, as_float

_KNOTS = (0.6, 1.2, 1.8, 2.5, 3.3, 4.2, 5.2, 6.5, 8.0, 10.0, 12.5, 15.5, 19.0, 23.0, 28.0, 34.0, 42.0,
          52.0, 64.0, 80.0, 100.0, 125.0, 160.0, 200.0)  # fmt: skip
"""Blur radii (pixels) of the bins of a tilted layer."""
_LEVELS = ((6.0, 0, 0.0), (26.0, 1, 0.9), (np.inf, 2, 4.5))
"""Largest radius, halvings, and the variance (pixels^2 per axis) that shrinking and enlarging add."""
_HEADROOM = np.float32(2)
"""Light kept before the resampling, in whites: enough to clip, too little to ring."""
DISC = Aperture()


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A layer cut out with room for its blur: `rgba` starts at picture pixel (x, y)."""

    rgba: NDArray[np.float32]
    x: int
    y: int


def _level(radius: float) -> tuple[int, float]:
    """How often to halve before blurring by `radius`, and the radius to use there."""
    for limit, level, variance in _LEVELS:
        if abs(radius) <= limit:
            left = np.sqrt(max(0.0, radius * radius - 4 * variance)) / 2**level
            return level, float(np.copysign(left, radius))
    raise AssertionError("the last level has no limit")


def _blur(rgba: NDArray[np.float32], shape: Aperture, radius: float) -> NDArray[np.float32]:
    if abs(radius) < 0.05:
        return rgba
    # Correlation with the kernel as seen: `kernel` returns it already turned for that.
    return as_float(cv2.filter2D(rgba, -1, kernel(shape, radius), borderType=cv2.BORDER_REPLICATE))


def _cut(layer: Layer, region: Rect, reach: int) -> _Sheet | None:
    """The part of a layer that can reach `region`, with `reach` empty pixels around."""
    h, w = layer.rgba.shape[:2]
    x0, x1 = max(layer.x, region.x - reach), min(layer.x + w, region.x + region.w + reach)
    y0, y1 = max(layer.y, region.y - reach), min(layer.y + h, region.y + region.h + reach)
    if x1 <= x0 or y1 <= y0:
        return None
    part = layer.rgba[y0 - layer.y : y1 - layer.y, x0 - layer.x : x1 - layer.x]
    if reach == 0:
        return _Sheet(part, x0, y0)
    # A sheet that ends at the rim of the canvas would let the dark in; the margin is wide enough for others.
    left, top = reach, reach
    right, bottom = reach + -(x1 - x0 + 2 * reach) % 4, reach + -(y1 - y0 + 2 * reach) % 4
    border = cv2.BORDER_REPLICATE if layer.opaque else cv2.BORDER_CONSTANT
    padded = as_float(cv2.copyMakeBorder(part, top, bottom, left, right, border))
    return _Sheet(padded, x0 - left, y0 - top)


def _knots(low: float, high: float) -> list[float]:
    """Signed radii whose bins cover `low`…`high`; one knot if the layer is as good as flat."""
    if high - low < 0.12:
        return [(low + high) / 2]
    ladder = [-k for k in reversed(_KNOTS)] + [0.0] + list(_KNOTS)
    first = max((i for i, k in enumerate(ladder) if k <= low), default=0)
    last = min((i for i, k in enumerate(ladder) if k >= high), default=len(ladder) - 1)
    return ladder[first : last + 1]


def _span(values: NDArray[np.float64], low: float, high: float, grow: int) -> slice:
    """Rows (or columns) whose range of radii `(n, 2)` meets `low`…`high`, grown by `grow`."""
    hit = np.flatnonzero((values.max(axis=1) >= low) & (values.min(axis=1) <= high))
    if not hit.size:
        return slice(0, 0)
    return slice(max(0, int(hit[0]) - grow), min(len(values), int(hit[-1]) + 1 + grow))


def _slanted(
    rgba: NDArray[np.float32],
    radii: tuple[float, float, float],
    knots: list[float],
    level: int,
    shape: Aperture,
) -> NDArray[np.float32]:
    """Blur the bins of one level of a tilted sheet and add them up."""
    h, w = rgba.shape[:2]
    c, gx, gy = radii
    xs, ys = np.arange(w), np.arange(h)
    rows = c + gy * ys[:, None] + gx * np.array([0, w - 1])
    columns = c + gx * xs[:, None] + gy * np.array([0, h - 1])
    total = np.zeros_like(rgba)
    squares = [k * abs(k) for k in knots]
    for i, knot in enumerate(knots):
        of_level, radius = _level(knot)
        if of_level != level:
            continue
        low = knots[i - 1] if i else -np.inf
        high = knots[i + 1] if i + 1 < len(knots) else np.inf
        grow = int(abs(radius) * 1.25) + 2
        sy, sx = _span(rows, low, high, grow), _span(columns, low, high, grow)
        if sy.stop <= sy.start or sx.stop <= sx.start:
            continue
        r = (c + gx * xs[sx]).astype(np.float32)[None] + (gy * ys[sy]).astype(np.float32)[:, None]
        q = r * np.abs(r)
        # Weights linear in r^2: a mixture of two discs then has exactly the variance of the one between.
        weight = np.ones_like(q)
        if i:
            np.minimum(weight, (q - squares[i - 1]) / (squares[i] - squares[i - 1]), out=weight)
        if i + 1 < len(knots):
            np.minimum(weight, (squares[i + 1] - q) / (squares[i + 1] - squares[i]), out=weight)
        np.maximum(weight, 0, out=weight)
        # Scattered light lands denser on a slope, by the mean of 1 / Jacobian over the pupil; rays do not.
        weight *= np.float32(1 / (1 + (gx * gx + gy * gy) / 4))
        total[sy, sx] += _blur(rgba[sy, sx] * weight[..., None], shape, radius)
    return total


def _blurred(
    layer: Layer, defocus: tuple[float, float, float], shape: Aperture, region: Rect
) -> _Sheet | None:
    """One layer as the lens shows it, before anything lies in front of it."""
    h, w = layer.rgba.shape[:2]
    c, gx, gy = defocus
    xs = np.clip([layer.x, layer.x + w - 1], region.x - 300, region.x + region.w + 300)
    ys = np.clip([layer.y, layer.y + h - 1], region.y - 300, region.y + region.h + 300)
    corners = c + gx * xs[None] + gy * ys[:, None]
    knots = _knots(float(corners.min()), float(corners.max()))
    widest = max(abs(k) for k in knots)
    reach = 0 if widest < 0.05 else int(np.ceil(widest * 1.25)) + 6
    sheet = _cut(layer, region, reach)
    if sheet is None or reach == 0:
        return sheet
    total: NDArray[np.float32] | None = None
    for level in sorted({_level(k)[0] for k in knots}):
        n = 2**level
        size = sheet.rgba.shape[1] // n, sheet.rgba.shape[0] // n
        small = as_float(cv2.resize(sheet.rgba, size, interpolation=cv2.INTER_AREA)) if level else sheet.rgba
        if len(knots) == 1:
            part = _blur(small, shape, _level(knots[0])[1])
        else:
            off = (n - 1) / 2
            radii = c + gx * (sheet.x + off) + gy * (sheet.y + off), gx * n, gy * n
            part = _slanted(small, radii, knots, level, shape)
        if level:
            full = sheet.rgba.shape[1], sheet.rgba.shape[0]
            part = as_float(cv2.resize(part, full, interpolation=cv2.INTER_LINEAR))
        total = part if total is None else total + part
    assert total is not None
    return _Sheet(total, sheet.x, sheet.y)


def _lay_over(picture: NDArray[np.float32], region: Rect, sheet: _Sheet, opaque: bool) -> None:
    """Put `sheet` in front of `picture` (four channels, starts at the region's corner), in place."""
    h, w = sheet.rgba.shape[:2]
    x0, x1 = max(region.x, sheet.x), min(region.x + region.w, sheet.x + w)
    y0, y1 = max(region.y, sheet.y), min(region.y + region.h, sheet.y + h)
    for y in range(y0, y1, 32):  # strips that stay in the processor's cache
        stop = min(y + 32, y1)
        part = sheet.rgba[y - sheet.y : stop - sheet.y, x0 - sheet.x : x1 - sheet.x]
        target = picture[y - region.y : stop - region.y, x0 - region.x : x1 - region.x]
        if opaque:
            target[:] = part
            continue
        target *= (1 - part[..., 3])[..., None]
        target += part


def seen_region(scene: SceneModel, pose: NDArray[np.float64]) -> Rect:
    """The part of the canvas a frame with `pose` (scene pixel to frame pixel, `(2, 3)`) looks at."""
    w, h = scene.width - 1.0, scene.height - 1.0
    corners = np.array([[0, 0, 1], [w, 0, 1], [0, h, 1], [w, h, 1]]).T
    x, y, _ = np.linalg.inv(np.vstack([pose, [0, 0, 1]])) @ corners
    x0, y0 = int(np.floor(x.min())) - 3, int(np.floor(y.min())) - 3
    return Rect(x0, y0, int(np.ceil(x.max())) + 4 - x0, int(np.ceil(y.max())) + 4 - y0)


def render(
    scene: SceneModel,
    focus: float,
    aperture: float,
    *,
    tilt: tuple[float, float] = (0.0, 0.0),
    shape: Aperture = DISC,
    pose: NDArray[np.float64] | None = None,
) -> NDArray[np.float32]:
    """Photograph the scene.

    Parameters
    ----------
    scene
        What stands before the lens.
    focus
        Focus unit that is sharp at the picture's centre.
    aperture
        Blur radius in pixels per focus unit of defocus; 0 shows everything sharp.
    tilt
        Focus units per picture width by which the plane of focus rises to the right and downwards.
    shape
        Opening of the lens.
    pose
        `(2, 3)` matrix from scene pixel to frame pixel; ``None``: the frame lies on the scene. One Lanczos
        resampling, before any noise; light beyond twice white is cut off before it.

    Returns
    -------
    NDArray
        `(height, width, 3)` float32, red, green, blue in linear light, 0 and up.
    """
    region = Rect(0, 0, scene.width, scene.height) if pose is None else seen_region(scene, pose)
    picture = np.empty((region.h, region.w, 4), np.float32)
    focal = Plane(focus, *tilt)
    for layer in scene.layers:
        c, gx, gy = layer.plane.minus(focal).pixels(scene.width, scene.height)
        sheet = _blurred(layer, (c * aperture, gx * aperture, gy * aperture), shape, region)
        if sheet is not None:
            _lay_over(picture, region, sheet, layer.opaque)
    light = as_float(cv2.cvtColor(picture, cv2.COLOR_BGRA2BGR))
    if pose is None:
        return np.maximum(light, 0, out=light)
    m = pose.copy()
    m[:, 2] += m[:, :2] @ (region.x, region.y)
    size = scene.width, scene.height
    np.minimum(light, _HEADROOM, out=light)
    # Lanczos: OpenCV's cubic (a = -0.75) shifts the picture by up to 0.048 px, this one by 0.015.
    light = as_float(
        cv2.warpAffine(light, m, size, flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
    )
    return np.maximum(light, 0, out=light)
