"""A picture taken with the camera held sideways is turned upright.

All eight orientations of EXIF, mirrored ones too; every later step sees
upright pixels only.
"""

from __future__ import annotations

from typing import Any

import cv2
from numpy.typing import NDArray


def turn_upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Undo the way the camera was held.

    Parameters
    ----------
    pixels
        `(H, W)` or `(H, W, 3)` as stored, any type.
    orientation
        EXIF orientation, 1 to 8 (Exif 2.32, tag 274).
    """
    if orientation in (2, 3, 4):
        return cv2.flip(pixels, {2: 1, 3: -1, 4: 0}[orientation])
    if orientation in (6, 8):
        return cv2.rotate(
            pixels, cv2.ROTATE_90_CLOCKWISE if orientation == 6 else cv2.ROTATE_90_COUNTERCLOCKWISE
        )
    if orientation in (5, 7):
        across = cv2.transpose(pixels)
        return across if orientation == 5 else cv2.flip(across, -1)
    return pixels
