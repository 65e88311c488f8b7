"""Frames that are bent by a known field merge into the straight picture."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from postfocus.fuse.layout import Layout
from postfocus.fuse.merge import Merger
from postfocus.model.alignment import Alignment, Rect
from postfocus.model.bend import Bend
from postfocus.model.frame import Frame
from tests.fuse.test_merge import KINDS, open_gate, photographs, still

BLOCK = 64


def stretched(frame: Frame, by: float) -> Frame:
    """The frame as a lens draws it whose picture is larger by a share `by`, about the top left corner."""
    planes = []
    for plane in frame.planes:
        offset = 0.5 * by
        m = np.array([[1 + by, 0, offset], [0, 1 + by, offset]])
        size = (plane.shape[1], plane.shape[0])
        larger = cv2.warpAffine(
            plane.astype(np.float32), m, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
        )
        planes.append(np.rint(larger.clip(0, 2**frame.coding.bits - 1)).astype(plane.dtype))
    return Frame(tuple(planes), planes[0], frame.coding, frame.info)


def bend_of(alignment: Alignment, by: float) -> Bend:
    """The same stretch as a bend of the second frame."""
    rows, cols = alignment.height // BLOCK, alignment.width // BLOCK
    bend = Bend(np.zeros((2, rows, cols), np.complex64), BLOCK)
    bend.shift[1] = by * (bend.centres() + 0.5 + 0.5j)
    return bend


@pytest.mark.parametrize("kind", KINDS)
def test_a_bent_frame_lies_where_it_belongs(kind: str) -> None:
    first = photographs(kind, 256, 384, 3)[1]
    frames = [first, stretched(first, 0.02)]
    alignment = still(frames)
    bent = replace(alignment, reference=0, bend=bend_of(alignment, 0.02))
    merger = Merger(bent, open_gate(frames, 4), Layout.of(first), 4)
    inner = Rect(64, 64, 192, 128)  # where the blocks interpolate exactly
    for seen, plane in zip(merger.seen(frames[1], 1, inner), first.planes, strict=True):
        step = first.planes[0].shape[0] // plane.shape[0]
        wanted = plane[64 // step : 192 // step, 64 // step : 256 // step].astype(np.float32)
        assert np.quantile(np.abs(seen - wanted), 0.9) < 0.03 * 2**first.coding.bits


@pytest.mark.parametrize("kind", KINDS)
def test_a_bend_of_nothing_changes_no_byte(kind: str) -> None:
    frames = photographs(kind, 149, 291, 3)
    alignment = still(frames)
    none = replace(alignment, bend=Bend(np.zeros((len(frames), 2, 4), np.complex64), BLOCK))
    pictures = []
    for way in (alignment, none):
        merger = Merger(way, open_gate(frames, 4), Layout.of(frames[0]), 4)
        for slot, frame in enumerate(frames):
            merger.add(frame, slot)
        pictures.append(merger.finish())
    for one, other in zip(pictures[0].planes, pictures[1].planes, strict=True):
        assert np.array_equal(one, other)
