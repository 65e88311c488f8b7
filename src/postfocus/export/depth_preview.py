"""Depth to look at: near things yellow and bright, far things dark violet, unknown places hatched grey.

The colours run along one line of brightness, so that they mean the same to
colour-blind eyes and on a grey print.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.model.depth import State

# Nine stops from far to near along viridis (van der Walt and Smith, "A better default colormap for
# Matplotlib", SciPy 2015); it passes no grey, which is left to places without depth.
_STOPS = np.array(
    [(68, 1, 84), (71, 45, 123), (59, 82, 139), (44, 114, 142), (33, 145, 140),
     (40, 174, 128), (94, 201, 98), (173, 220, 48), (253, 231, 37)], np.float64
)  # fmt: skip
_GREYS = (112, 144)
_HATCH = 8


def colours() -> NDArray[np.uint8]:
    """`(256, 3)` R, G, B from far (0) to near (255), growing brighter all the way."""
    at = np.linspace(0, len(_STOPS) - 1, 256)
    channels = [np.interp(at, np.arange(len(_STOPS)), _STOPS[:, c]) for c in range(3)]
    return np.rint(np.stack(channels, axis=1)).astype(np.uint8)


def preview(
    depth: NDArray[np.float32], state: NDArray[np.uint8], *, last_frame: int, near_first: bool = True
) -> NDArray[np.uint8]:
    """Paint a depth map.

    Parameters
    ----------
    depth
        `(H, W)`: place in the sweep, 0…`last_frame`.
    state
        `(H, W)`, values of `State`: hatched grey where nothing was sharp (no texture, outside the sweep).
    last_frame
        Index of the last frame.
    near_first
        Whether frame 0 is the nearest.

    Returns
    -------
    NDArray
        `(H + L, W, 3)` uint8 R, G, B: the map, and under it a legend `L` pixels high with the numbers
        of the first and the last frame. Its warm end is near.
    """
    place = np.clip(np.nan_to_num(depth) / max(last_frame, 1), 0, 1)
    nearness = 1 - place if near_first else place
    table = colours()
    painted = table[np.rint(nearness * 255).astype(np.uint8)]
    y, x = np.arange(depth.shape[0])[:, None], np.arange(depth.shape[1])[None]
    hatch = np.where((x + y) % _HATCH < _HATCH // 2, *_GREYS).astype(np.uint8)
    unknown = np.isin(state, (State.NO_TEXTURE, State.OUTSIDE)) | ~np.isfinite(depth)
    painted[unknown] = hatch[unknown, None]
    return np.concatenate([painted, _legend(depth.shape[1], last_frame, near_first, table)])


def _legend(width: int, last_frame: int, near_first: bool, table: NDArray[np.uint8]) -> NDArray[Any]:
    """A bar from the first frame on the left to the last on the right, with both numbers under it."""
    scale = float(np.clip(width / 1200, 0.35, 2.5))
    bar, text = round(24 * scale), round(44 * scale)
    legend = np.full((bar + text, width, 3), 255, np.uint8)
    place = np.linspace(1, 0, width) if near_first else np.linspace(0, 1, width)
    legend[:bar] = table[np.rint(place * 255).astype(np.uint8)]
    ends = ("near", "far") if near_first else ("far", "near")
    left, right = f"{ends[0]} 0", f"{ends[1]} {last_frame}"
    face, thick = cv2.FONT_HERSHEY_SIMPLEX, max(1, round(2 * scale))
    wide = cv2.getTextSize(right, face, scale, thick)[0][0]
    base = bar + round(text * 0.72)
    if 2 * wide < width:
        cv2.putText(legend, left, (round(4 * scale), base), face, scale, (0, 0, 0), thick, cv2.LINE_AA)
        right_at = (width - wide - round(4 * scale), base)
        cv2.putText(legend, right, right_at, face, scale, (0, 0, 0), thick, cv2.LINE_AA)
    return legend
