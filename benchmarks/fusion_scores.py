"""How much of what two or more partly sharp pictures show is kept in their merge, when no truth is known.

Four scores of the field, as the code defines them with which most papers' tables are computed (Z. Liu's
collection of 2009, and the corrections to it that Y. Liu et al. published with "Rethinking the effectiveness
of objective evaluation metrics in multi-focus image fusion", TPAMI 2024). All take grey pictures `(H, W)` of
levels 0…255; `grey` makes them. With more than two sources each sum over two becomes one over all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float64]

STRENGTH = (0.9994, -15.0, 0.5)
"""Xydeas & Petrovic: ceiling, slope and middle of the sigmoid that judges the strength of edges."""

ANGLE = (0.9879, -22.0, 0.8)
"""The same for their direction."""

BLOCK = 16
"""Chen & Varshney: pixels a side of a region."""

SALIENCE = 5
"""Chen & Varshney: power to which the edge strength is raised to weigh a region."""


@dataclass(frozen=True, slots=True)
class FusionScore:
    """Q_AB/F, NMI and Q_W: higher is better; Q_CV: lower."""

    edges: float
    information: float
    similarity: float
    perceived: float

    def cells(self) -> str:
        return f"{self.edges:.4f} | {self.information:.3f} | {self.similarity:.4f} | {self.perceived:.2f}"


def fusion_score(sources: Sequence[Grey], fused: Grey) -> FusionScore:
    """All four."""
    return FusionScore(q_abf(sources, fused), nmi(sources, fused), q_w(sources, fused), q_cv(sources, fused))


def mean_score(scores: Sequence[FusionScore]) -> FusionScore:
    """Mean of each."""
    rows = [(s.edges, s.information, s.similarity, s.perceived) for s in scores]
    edges, information, similarity, perceived = (float(v) for v in np.mean(rows, axis=0))
    return FusionScore(edges, information, similarity, perceived)


def grey(rgb: NDArray[Any]) -> Grey:
    """Levels of `(H, W, 3)` RGB of 8 bits as one grey, rounded, as the papers' ``rgb2gray`` does."""
    return np.rint(rgb.astype(np.float64) @ np.array([0.298936, 0.587043, 0.114021]))


def _sobel(x: Grey) -> tuple[Grey, Grey]:
    """Across and down; the picture is 0 outside, as there."""
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)
    across = cv2.filter2D(x, cv2.CV_64F, kernel, borderType=cv2.BORDER_CONSTANT)
    down = cv2.filter2D(x, cv2.CV_64F, np.ascontiguousarray(kernel.T), borderType=cv2.BORDER_CONSTANT)
    return np.asarray(across, np.float64), np.asarray(down, np.float64)


def _edges(x: Grey) -> tuple[Grey, Grey]:
    """Strength, and direction from -pi/2 to pi/2."""
    across, down = _sobel(x)
    return np.hypot(across, down), np.arctan(down / np.where(across == 0, 1e-5, across))


def _sigmoid(x: Grey, shape: tuple[float, float, float]) -> Grey:
    ceiling, slope, middle = shape
    return ceiling / (1 + np.exp(slope * (x - middle)))


def q_abf(sources: Sequence[Grey], fused: Grey) -> float:
    """Q_AB/F, also Q_G: edges kept in strength and direction (Xydeas & Petrovic, Electronics Letters 2000).

    As in the corrected code the difference of two directions is not wrapped: nearly vertical edges whose
    slopes differ in sign count as unlike. The published tables are met so (0.750 for GFF on ten Lytro pairs)
    and missed by 0.012 with wrapped differences.
    """
    fused_strength, fused_angle = _edges(fused)
    total = weights = 0.0
    for source in sources:
        strength, angle = _edges(source)
        high = np.maximum(strength, fused_strength)
        ratio = np.minimum(strength, fused_strength) / np.where(high == 0, 1, high)
        turn = 1 - np.abs(angle - fused_angle) / (np.pi / 2)
        kept = _sigmoid(ratio, STRENGTH) * _sigmoid(turn, ANGLE)
        total += float((kept * strength).sum())
        weights += float(strength.sum())
    return total / weights if weights else 0.0


def stretched(x: Grey) -> Grey:
    """Darkest to 0, brightest to 255, rounded."""
    span = float(np.ptp(x))
    return np.rint((x - x.min()) / span * 255) if span else x


def _entropy(share: Grey) -> float:
    used = share[share > 0]
    return float(-(used * np.log2(used)).sum())


def _shared_information(a: Grey, b: Grey) -> float:
    """Mutual information over the sum of both entropies: 0.5 for the same picture."""
    pair = stretched(a).astype(np.int64) * 256 + stretched(b).astype(np.int64)
    joint = np.bincount(pair.ravel(), minlength=65536).reshape(256, 256) / pair.size
    own = _entropy(joint.sum(axis=1)) + _entropy(joint.sum(axis=0))
    return (own - _entropy(joint)) / own if own else 0.5


def nmi(sources: Sequence[Grey], fused: Grey) -> float:
    """Normalised mutual information, also Q_MI (Hossny et al., Electronics Letters 2008); 2 at most."""
    return 4 * float(np.mean([_shared_information(s, fused) for s in sources]))


def _window(x: Grey) -> Grey:
    """Mean of each Gaussian window of 11 x 11 pixels that lies in the picture."""
    return np.asarray(cv2.GaussianBlur(x, (11, 11), 1.5), np.float64)[5:-5, 5:-5]


def _variance(x: Grey) -> Grey:
    return np.maximum(_window(x * x) - _window(x) ** 2, 0)


def _similar(a: Grey, b: Grey) -> Grey:
    """SSIM of each window (Wang et al. 2004)."""
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    ma, mb = _window(a), _window(b)
    both = _window(a * b) - ma * mb
    spread = _variance(a) + _variance(b)
    return (2 * ma * mb + c1) * (2 * both + c2) / ((ma * ma + mb * mb + c1) * (spread + c2))


def q_w(sources: Sequence[Grey], fused: Grey) -> float:
    """Q_W: local similarity to the busier source, busy windows first (Piella & Heijmans, ICIP 2003).

    With SSIM in Gaussian windows, as in Z. Liu's code and the Lytro tables (0.9365 for GFF on ten pairs,
    0.9369 printed for twenty); the quality index in 8 x 8 windows of the paper itself gives 0.008 less.
    """
    busy = np.stack([_variance(s) for s in sources])
    total = busy.sum(axis=0)
    shares = np.where(total > 0, busy / np.where(total > 0, total, 1), 1 / len(sources))
    alike = np.stack([_similar(s, fused) for s in sources])
    weight = busy.max(axis=0)
    kept = (shares * alike).sum(axis=0)
    return float((weight * kept).sum() / weight.sum()) if weight.any() else float(kept.mean())


def _sensitivity(shape: tuple[int, ...]) -> Grey:
    """Contrast sensitivity of the eye by Mannos & Sakrison, over the frequencies of a picture."""
    v, u = (np.fft.fftfreq(n) * 2 * n / 8 for n in shape)
    r = np.hypot(u[None], v[:, None])
    return 2.6 * (0.0192 + 0.144 * r) * np.exp(-((0.144 * r) ** 1.1))


def _blocks(x: Grey) -> Grey:
    """Sum of each block; blocks that the border cuts are filled up with zeros."""
    rows, cols = (-n % BLOCK for n in x.shape)
    full = np.pad(x, ((0, rows), (0, cols)))
    return full.reshape(full.shape[0] // BLOCK, BLOCK, -1, BLOCK).sum(axis=(1, 3))


def q_cv(sources: Sequence[Grey], fused: Grey) -> float:
    """Q_CV: what an eye sees of the difference, salient regions first (Chen & Varshney 2007); 0 is best."""
    target = stretched(fused)
    seen = _sensitivity(fused.shape)
    total = weights = 0.0
    for source in map(stretched, sources):
        salience = _blocks(np.hypot(*_sobel(source)) ** SALIENCE)
        error = np.fft.ifft2(np.fft.fft2(source - target) * seen).real
        total += float((salience * _blocks(error * error) / BLOCK**2).sum())
        weights += float(salience.sum())
    return total / weights if weights else 0.0
