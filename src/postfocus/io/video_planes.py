"""A decoded video picture becomes a `Frame`: its planes are looked at, not copied.

The decoder's luma and chroma stay where the decoder put them; a frame is a set
of read-only windows on that memory. Only a picture that the container says to
turn, or a layout that no camera writes, is rearranged.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from postfocus.io.colour import sited_left
from postfocus.model.frame import Coding, Frame, FrameInfo, Matrix, Transfer

if TYPE_CHECKING:
    from av.sidedata.sidedata import SideDataContainer
    from av.video.frame import VideoFrame

_PLANAR = {
    f"yuv{sampling}p{depth}"
    for sampling in ("420", "422", "444", "440")
    for depth in ("", "10le", "12le")
} | {"yuvj420p", "yuvj422p", "yuvj444p", "yuvj440p", "yuva420p", "gray", "gray10le", "gray12le"}  # fmt: skip
_MATRICES = {
    1: Matrix.BT709, 4: Matrix.BT601, 5: Matrix.BT601, 6: Matrix.BT601,
    7: Matrix.BT709, 9: Matrix.BT2020, 10: Matrix.BT2020,
}  # fmt: skip
"""ITU-T H.273 matrix coefficients; SMPTE 240M (7) differs from BT.709 by under 1 %."""
_FULL = 2
_LINEAR = 8


@dataclass(frozen=True, slots=True)
class Turn:
    """How a picture must be turned to stand upright.

    Attributes
    ----------
    degrees
        Clockwise: 0, 90, 180 or 270; applied after `mirror`.
    mirror
        Left and right are exchanged first.
    """

    degrees: int = 0
    mirror: bool = False

    def apply(self, plane: NDArray[Any]) -> NDArray[Any]:
        """Turn one plane `(h, w)` or `(h, w, 3)`; the same array if nothing is to be done."""
        if self.mirror:
            plane = cv2.flip(plane, 1)
        if self.degrees == 0:
            return plane
        code = {
            90: cv2.ROTATE_90_CLOCKWISE,
            180: cv2.ROTATE_180,
            270: cv2.ROTATE_90_COUNTERCLOCKWISE,
        }[self.degrees]
        return cv2.rotate(plane, code)

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height once turned."""
        return (width, height) if self.degrees % 180 == 0 else (height, width)


def turn_of(picture: VideoFrame) -> Turn:
    """The turn asked for by the display matrix of a decoded picture; none for odd angles.

    The matrix (ISO/IEC 14496-12, 8.3.2) holds ``a b u c d v x y w`` as 16.16 fixed point; a pixel
    (p, q), q downwards, is shown at ``(a p + c q, b p + d q)``.
    """
    try:
        side = cast("SideDataContainer", picture.side_data)["DISPLAYMATRIX"]
    except KeyError:
        return Turn()
    raw = bytes(side)
    if len(raw) < 36:
        return Turn()
    a, b, _, c, d = (float(v) for v in np.frombuffer(raw[:20], np.int32))
    mirror = a * d - b * c < 0
    if mirror:
        a, b = -a, -b
    angle = float(np.degrees(np.arctan2(b, a))) % 360
    nearest = round(angle / 90) * 90
    return Turn(nearest % 360, mirror) if abs(angle - nearest) <= 1 else Turn()


def transfer_of(picture: VideoFrame) -> int:
    """The number of the transfer (ITU-T H.273); 2, unspecified, where PyAV does not tell (before 17)."""
    return int(getattr(picture, "color_trc", 2))


def coding_of(picture: VideoFrame) -> Coding:
    """What the codes of a decoded picture mean.

    A picture that names no matrix gets BT.709 from 720 rows (or 1280 columns) on and BT.601 below, as
    players do. Pictures coded as JPEG always name BT.601, full range.
    """
    layout = picture.format
    bits = max(component.bits for component in layout.components)
    transfer = Transfer.LINEAR if transfer_of(picture) == _LINEAR else Transfer.BT709
    if layout.is_rgb:
        return Coding(Matrix.RGB, True, 8 if bits <= 8 else 16, Transfer.SRGB)
    full = picture.color_range == _FULL or layout.name.startswith("yuvj")
    hd = picture.height >= 720 or picture.width >= 1280
    usual = Matrix.BT709 if hd else Matrix.BT601
    matrix = _MATRICES.get(int(picture.colorspace), usual)
    return Coding(matrix, full, 8 if bits <= 8 else 10 if bits <= 10 else 12 if bits <= 12 else 16, transfer)


def frame_of(picture: VideoFrame, index: int, time: Fraction | None, turn: Turn, coding: Coding) -> Frame:
    """Wrap a decoded picture.

    Parameters
    ----------
    picture
        As the decoder gave it; it is kept alive by the views.
    index, time
        For `FrameInfo`.
    turn
        From `turn_of`.
    coding
        From `coding_of`.

    Returns
    -------
    Frame
        With planes that are read-only views of the decoder's memory unless the picture had to be
        turned or its layout is neither planar YUV nor NV12.
    """
    info = FrameInfo(index, time, f"frame {index}")
    name = picture.format.name
    if any(plane.line_size <= 0 for plane in picture.planes) or (name not in _PLANAR and name != "nv12"):
        picture = _common(picture, coding)
        name = picture.format.name
    if coding.matrix is Matrix.RGB:
        rgb = turn.apply(_view(picture, 0, 3))
        luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        return Frame((rgb,), luma, coding, info)
    if name == "nv12":
        both = _view(picture, 1, 2)
        planes = (_view(picture, 0), both[..., 0], both[..., 1])
    elif name.startswith("gray"):
        planes = (_view(picture, 0),)
    else:
        planes = (_view(picture, 0), _view(picture, 1), _view(picture, 2))
    if turn != Turn():
        left = sited_left(coding)
        planes = tuple(_turned(plane, planes[0].shape, turn, left) for plane in planes)
    return Frame(planes, planes[0], coding, info)


def _turned(plane: NDArray[Any], full: tuple[int, ...], turn: Turn, left: bool) -> NDArray[Any]:
    """Turn a plane and keep chroma where readers of a `Frame` take it to lie.

    Turning carries chroma samples from the left of their luma to its top, right or bottom; a part of
    a sample's shift, by a filter of two taps, brings them back to where upright video has them.
    """
    wide, tall = plane.shape[1] < full[1], plane.shape[0] < full[0]
    plane = turn.apply(plane)
    if not (left and wide):
        return plane
    x = 0.25 if turn.mirror else -0.25
    dx, dy = {0: (x, 0.0), 90: (0.0, x), 180: (-x, 0.0), 270: (0.0, -x)}[turn.degrees]
    now_wide = wide if turn.degrees % 180 == 0 else tall
    return cv2.sepFilter2D(plane, -1, _shift((-0.25 if now_wide else 0.0) - dx), _shift(-dy))


def _shift(part: float) -> NDArray[np.float64]:
    """Taps for the samples before, at and after, that read `part` of a sample further on."""
    return np.array([max(-part, 0.0), 1 - abs(part), max(part, 0.0)])


def _view(picture: VideoFrame, number: int, channels: int = 1) -> NDArray[Any]:
    """One plane as a read-only array, without the padding at the end of its rows."""
    plane = picture.planes[number]
    wide = max(component.bits for component in picture.format.components) > 8
    dtype = np.dtype("<u2") if wide else np.dtype(np.uint8)
    codes = np.frombuffer(cast("memoryview", plane), dtype).reshape(
        plane.height, plane.line_size // dtype.itemsize
    )
    codes.flags.writeable = False
    codes = codes[:, : plane.width * channels]
    return codes if channels == 1 else codes.reshape(plane.height, plane.width, channels)


def _common(picture: VideoFrame, coding: Coding) -> VideoFrame:
    """Rearrange an uncommon layout without changing what the codes mean."""
    if coding.matrix is Matrix.RGB:
        return picture.reformat(format="rgb24" if coding.bits == 8 else "rgb48le")
    depth = {8: "", 10: "10le", 12: "12le", 16: "16le"}[coding.bits]
    spread = len([c for c in picture.format.components if not c.is_alpha]) >= 3
    target = f"yuv444p{depth}" if spread else f"gray{depth}"
    same = _FULL if coding.full_range else 1
    return picture.reformat(format=target, src_color_range=same, dst_color_range=same)
