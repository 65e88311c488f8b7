"""A small layered scene, photographed with known motion and focus."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]


def texture(rng: np.random.Generator, h: int, w: int) -> Grey:
    """Grey texture with detail at several sizes, 0…255."""
    out = np.zeros((h, w), np.float32)
    for sigma in (1.2, 2.5, 5, 12):
        layer = cv2.GaussianBlur(rng.normal(size=(h, w)).astype(np.float32), (0, 0), sigma)
        out += layer / layer.std()
    out += 1.5 * np.sign(cv2.GaussianBlur(out, (0, 0), 8))
    return np.clip(128 + 28 * out, 0, 255).astype(np.float32)


class Scene:
    """Three things at different distances; `frame` photographs them."""

    def __init__(self, width: int, height: int, seed: int = 0, margin: int = 48) -> None:
        rng = np.random.default_rng(seed)
        self.width, self.height, self.margin = width, height, margin
        h, w = height + 2 * margin, width + 2 * margin
        y, x = np.mgrid[:h, :w].astype(np.float32)
        self.depths = (0.0, 0.5, 1.0)
        self.looks = [texture(rng, h, w) for _ in self.depths]
        holes = (
            np.ones((h, w)),
            y > 0.55 * h + 0.05 * h * np.sin(x / 40),
            np.hypot(x - 0.35 * w, y - 0.5 * h) < 0.18 * h,
        )
        self.masks = [m.astype(np.float32) for m in holes]

    def sheet(self, focus: float, blur: float) -> Grey:
        """The whole scene with the lens focused at `focus` (0 far … 1 near)."""
        out = np.zeros_like(self.looks[0])
        for depth, look, mask in zip(self.depths, self.looks, self.masks, strict=True):
            sigma = 0.5 + blur * abs(depth - focus)
            k = cv2.GaussianBlur(mask, (0, 0), sigma)
            out = out * (1 - k) + cv2.GaussianBlur(look * mask, (0, 0), sigma)
        return out

    def frame(
        self, a: complex = 1, b: complex = 0, focus: float = 0.5, blur: float = 4.0,
        row: float = 0.0, noise: float = 0.0, gain: float = 1.0, seed: int = 0,
    ) -> Grey:  # fmt: skip
        """The photograph that shows at ``a z + b + row * y`` what the still camera shows at ``z``."""
        sheet = self.sheet(focus, blur)
        out = place(sheet, a, b, self.width, self.height, row)
        if noise:
            out = out + np.random.default_rng(seed).normal(0, noise, out.shape).astype(np.float32)
        return np.clip(out * gain, 0, 255).astype(np.float32)


def place(sheet: Grey, a: complex, b: complex, width: int, height: int, row: float = 0.0) -> Grey:
    """Cut a `width` x `height` frame out of a larger sheet of the same centre."""
    forward = np.array([[a.real, -a.imag + row], [a.imag, a.real]])
    back = np.linalg.inv(forward)
    y, x = np.mgrid[:height, :width]
    dx = x - (width - 1) / 2 - b.real
    dy = y - (height - 1) / 2 - b.imag
    u = back[0, 0] * dx + back[0, 1] * dy + (sheet.shape[1] - 1) / 2
    v = back[1, 0] * dx + back[1, 1] * dy + (sheet.shape[0] - 1) / 2
    return cv2.remap(
        sheet, u.astype(np.float32), v.astype(np.float32), cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT
    )


def corner_error(a: complex, b: complex, true_a: complex, true_b: complex, width: int, height: int) -> float:
    """Largest distance at the corners, pixels."""
    corners = [complex(x, y) for x in (-width / 2, width / 2) for y in (-height / 2, height / 2)]
    return max(abs((a - true_a) * z + b - true_b) for z in corners)


def sweep(
    scene: Scene, count: int, shake: float = 1.0, breathing: float = 0.06, noise: float = 1.0,
    gains: NDArray[np.float64] | None = None, rows: NDArray[np.float64] | None = None, seed: int = 1,
) -> tuple[list[Grey], NDArray[np.complex128], NDArray[np.complex128]]:  # fmt: skip
    """A handheld sweep from far to near: frames, and the true motion `a`, `b` of each."""
    rng = np.random.default_rng(seed)
    wander = np.cumsum(rng.normal(0, shake, (count, 2)), 0)
    a = np.exp(np.linspace(-breathing / 2, breathing / 2, count) + 1j * np.cumsum(rng.normal(0, 5e-4, count)))
    b = wander[:, 0] + 1j * wander[:, 1]
    b -= b.mean()
    frames = [
        scene.frame(
            a[k], b[k], k / max(1, count - 1), noise=noise, seed=k,
            gain=1 if gains is None else float(gains[k]), row=0 if rows is None else float(rows[k]),
        )
        for k in range(count)
    ]  # fmt: skip
    return frames, a, b
