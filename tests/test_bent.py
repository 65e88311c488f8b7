"""A rendered sweep is recorded through a bad lens and a rolling shutter: the merge bends it straight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from postfocus.merging import Order, merge_sweep
from postfocus.model.frame import Frame
from postfocus.model.index import Index
from postfocus.pipeline import build_index
from tests.support.scenes import SMALL, kept, maps_of, rgb_frame, simulated

SWEEP = replace(SMALL, scene="landscape", width=640, height=360)
REFERENCE = 6

Map = NDArray[np.float32]


def lens(x: Map, y: Map, k: int) -> tuple[Map, Map]:
    """The lens draws corners out and in by turns, 3 pixels each way."""
    across, down = x / 320 - 1, y / 320 - np.float32(0.5625)
    bend = np.float32(3 if k % 2 else -3) * (across**2 + down**2 - np.float32(0.5))
    return across * bend, down * bend


def rows(x: Map, y: Map, k: int) -> tuple[Map, Map]:
    """The camera swings while its rows are read, 2 pixels each way."""
    return np.float32(2 if k % 2 else -2) * np.sin(y / 60), 0 * x


def drift(x: Map, y: Map, k: int) -> tuple[Map, Map]:
    """The lens draws the right side ever farther out: 1.6 pixels from frame to frame at the border."""
    return np.float32(k - REFERENCE) * 4 * np.square(np.maximum(x / 640 - np.float32(0.4), 0)), 0 * y


def recorded(field: Callable[[Map, Map, int], tuple[Map, Map]]) -> list[Frame]:
    """The sweep as bent by a field; the reference is as it was."""
    _, frames = simulated(SWEEP)
    y, x = np.mgrid[:360, :640].astype(np.float32)
    out: list[Frame] = []
    for k, frame in enumerate(frames):
        codes = frame.planes[0]
        if k != REFERENCE:
            dx, dy = field(x, y, k)
            moved = cv2.remap(
                codes.astype(np.float32), x - dx, y - dy, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
            )
            codes = np.clip(np.rint(moved), 0, 255).astype(np.uint8)
        out.append(rgb_frame(codes, k))
    return out


def merged(frames: list[Frame], index: Index, folder: Path) -> NDArray[np.float32]:
    volume, light = maps_of(index, folder)
    order = Order(index.sweep.slots, REFERENCE)
    picture = merge_sweep(kept(SWEEP, frames), index, volume, light, order).frame.planes[0]
    return np.asarray(picture[12:-12, 12:-12] / np.float32(257), np.float32)


def psnr(picture: NDArray[np.float32], wanted: NDArray[np.float32]) -> float:
    return float(10 * np.log10(65025 / np.mean((picture - wanted) ** 2)))


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> NDArray[np.float32]:
    """The merge of the sweep as it was."""
    folder = tmp_path_factory.mktemp("straight")
    frames = [rgb_frame(frame.planes[0], k) for k, frame in enumerate(simulated(SWEEP)[1])]
    index = build_index(kept(SWEEP, frames), folder)
    assert index.alignment.bend is None
    assert not index.alignment.notes
    return merged(frames, index, folder)


@pytest.mark.parametrize(("field", "gain"), [(lens, 6.0), (rows, 5.0), (drift, 1.5)])
def test_what_no_matrix_follows_is_bent_straight(
    tmp_path: Path,
    straight: NDArray[np.float32],
    field: Callable[[Map, Map, int], tuple[Map, Map]],
    gain: float,
) -> None:
    frames = recorded(field)
    index = build_index(kept(SWEEP, frames), tmp_path)
    assert index.alignment.bend is not None
    plain = replace(index, alignment=replace(index.alignment, bend=None))
    without = psnr(merged(frames, plain, tmp_path), straight)
    assert psnr(merged(frames, index, tmp_path), straight) > without + gain
