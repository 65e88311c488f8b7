"""A bend is read between its blocks, and means the same seen from any frame."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.model.alignment import Alignment
from postfocus.model.bend import Bend

WIDTH, HEIGHT, BLOCK = 320, 192, 32


def bent(seed: int = 0, frames: int = 4) -> Alignment:
    """Frames that lie a little askew, and are bent by smooth fields of a few pixels."""
    rng = np.random.default_rng(seed)
    rows, cols = HEIGHT // BLOCK, WIDTH // BLOCK
    y, x = np.mgrid[:rows, :cols] / rows
    shift = np.stack([
        sum(complex(*rng.normal(size=2)) * np.cos(i * x + j * y) for i in range(2) for j in range(2))
        for _ in range(frames)
    ])  # fmt: skip
    shift[1] = 0
    a = 1 + 0.01 * (rng.normal(size=frames) + 1j * rng.normal(size=frames))
    b = 5 * (rng.normal(size=frames) + 1j * rng.normal(size=frames))
    a[1], b[1] = 1, 0
    return Alignment(
        WIDTH, HEIGHT, np.arange(frames), 1, a, b, np.zeros(frames), np.zeros(frames),
        ("aligned",) * frames, np.ones(frames), (), Bend(shift.astype(np.complex64), BLOCK),
    )  # fmt: skip


def place(alignment: Alignment, slot: int, z: complex) -> complex:
    """Where a frame shows what the picture shows at `z`."""
    assert alignment.bend is not None
    z += complex(alignment.bend.at(slot, np.array([z.real]), np.array([z.imag]))[0, 0])
    x, y = alignment.matrix(slot) @ (z.real, z.imag, 1)
    return complex(x, y)


def test_the_middle_of_a_block_has_its_own_shift_and_half_way_the_mean() -> None:
    bend = bent().bend
    assert bend is not None
    middle = bend.centres()
    assert middle[2, 3] == complex(3.5 * BLOCK - 0.5, 2.5 * BLOCK - 0.5)
    x, y = np.array([middle[2, 3].real, middle[2, 3].real + BLOCK / 2]), np.array([middle[2, 3].imag])
    found = bend.at(0, x, y)[0]
    assert found == pytest.approx([bend.shift[0, 2, 3], bend.shift[0, 2, 3:5].mean()], abs=1e-5)
    assert bend.at(0, np.array([-50.0]), np.array([-50.0]))[0, 0] == pytest.approx(bend.shift[0, 0, 0])


def test_on_the_half_size_grid_a_pixel_is_the_mean_of_four() -> None:
    bend = bent().bend
    assert bend is not None
    x, y = np.arange(60, 80), np.arange(70, 80)
    fine = bend.at(2, x, y)
    coarse = bend.at(2, x[::2] // 2, y[::2] // 2, 2)
    assert coarse == pytest.approx(fine.reshape(5, 2, 10, 2).mean(axis=(1, 3)), abs=1e-3)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.floats(60, 260), st.floats(60, 130), st.integers(0, 3), st.integers(0, 3))
def test_seen_from_another_frame_every_frame_shows_the_same(
    seed: int, x: float, y: float, slot: int, other: int
) -> None:
    alignment = bent(seed)
    from_other = alignment.with_reference(other)
    there = place(alignment, other, complex(x, y))
    assert abs(place(from_other, slot, there) - place(alignment, slot, complex(x, y))) < 0.15


def test_what_may_lie_outside_of_a_bent_frame_is_not_called_valid() -> None:
    alignment = bent()
    assert alignment.bend is not None
    still = Alignment.still(WIDTH, HEIGHT, np.arange(4))
    frames = Alignment(
        WIDTH, HEIGHT, still.frames, 1, still.a, still.b, still.row, still.error, still.state, still.gain,
        (), alignment.bend,
    )  # fmt: skip
    margin = int(np.ceil(alignment.bend.margin([0, 2, 3])))
    assert frames.valid().x == margin
    assert frames.valid().w == WIDTH - 2 * margin
    alone = frames.valid(np.array([1]))
    assert (alone.w, alone.h) == (WIDTH, HEIGHT)
