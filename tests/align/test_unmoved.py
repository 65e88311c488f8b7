"""Frames that lie on one another are left there; frames that do not are moved."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from postfocus.align.stream import Registrar
from tests.align.scenes import texture

W, H = 480, 320


def half_sharp(shift: float, seed: int) -> list[np.ndarray]:
    """Two frames, each sharp in the half where the other is blurred, the second one moved."""
    picture = texture(np.random.default_rng(seed), H + 40, W + 40)
    blurred = cv2.GaussianBlur(picture, (0, 0), 2.5)
    ramp = np.clip((np.arange(W + 40) - W / 2) / 20, 0, 1).astype(np.float32)
    rng = np.random.default_rng(seed)
    out = []
    for part, by in ((ramp, 0.0), (1 - ramp, shift)):
        seen = part * picture + (1 - part) * blurred
        m = np.array([[1.0, 0.0, 20 + by], [0.0, 1.0, 20.0]])
        seen = cv2.warpAffine(seen, m, (W, H), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)
        out.append(np.clip(seen + rng.normal(0, 1.5, seen.shape), 0, 255).astype(np.uint8))
    return out


def registered(frames):
    registrar = Registrar(W, H, expected=len(frames))
    for k, frame in enumerate(frames):
        registrar.add(k, frame)
    return registrar.finish()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_blur_alone_moves_nothing(seed):
    record = registered(half_sharp(0, seed))
    assert np.all(record.a == 1)
    assert np.all(record.b == 0)
    assert np.all(record.row == 0)


@pytest.mark.parametrize("shift", [1.0, 3.0])
def test_what_moved_is_moved(shift):
    record = registered(half_sharp(shift, 4))
    assert abs(abs(record.b[1 - record.reference]) - shift) < 0.15


def test_one_frame_that_moves_moves_all():
    still = half_sharp(0, 5)
    moved = half_sharp(4, 5)[1]
    record = registered([*still, moved])
    assert abs(abs(record.b - record.b[2])[0] - 4) < 0.3
