"""What the screen really shows: its pixels are read back and held against the recorded frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.browser.known import HEIGHT, WIDTH, Known


@dataclass(frozen=True, slots=True)
class Shown:
    """A screenshot of the page, and where the picture lies in it.

    Attributes
    ----------
    pixels
        `(H, W, 3)` uint8 of the whole page.
    left, top, right, bottom
        Page pixels of the picture's corners; they lie off the page when zoomed.
    opening
        Left, top, right, bottom of the opening between the bars, in which the picture is seen.
    """

    pixels: NDArray[np.uint8]
    left: float
    top: float
    right: float
    bottom: float
    opening: tuple[float, float, float, float]

    @property
    def matrix(self) -> NDArray[np.float64]:
        """Pixels of a full-size picture to page pixels."""
        sx, sy = (self.right - self.left) / WIDTH, (self.bottom - self.top) / HEIGHT
        return np.array([[sx, 0, self.left + sx / 2 - 0.5], [0, sy, self.top + sy / 2 - 0.5]])

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Page pixels of a place in fractions of the picture."""
        return self.left + x * (self.right - self.left), self.top + y * (self.bottom - self.top)

    def laid(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A full-size picture as this page would show it, black around it."""
        size = (self.pixels.shape[1], self.pixels.shape[0])
        scale = (self.right - self.left) / WIDTH
        flags = cv2.INTER_LINEAR
        source = picture
        matrix = self.matrix
        if scale < 1:  # shrink as a screen does: by averaging
            small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            source = np.asarray(small, np.uint8)
            matrix = np.array([[1, 0, self.left], [0, 1, self.top]], np.float64)
        return np.asarray(cv2.warpAffine(source, matrix, size, flags=flags), np.uint8)

    def free(self, *places: tuple[float, float], inset: float = 8) -> NDArray[np.bool_]:
        """Where nothing but the picture is: inside it, away from markers and plates at `places`."""
        height, width = self.pixels.shape[:2]
        x, y = np.arange(width)[None], np.arange(height)[:, None]
        left, top = max(self.left, self.opening[0]) + inset, max(self.top, self.opening[1]) + inset
        right, bottom = min(self.right, self.opening[2]) - inset, min(self.bottom, self.opening[3]) - inset
        inside = (x > left) & (x < right) & (y > top) & (y < bottom)
        for fx, fy in places:
            px, py = self.at(fx, fy)
            inside &= ~((abs(x - px) < 190) & (abs(y - py) < 110))
        # Hints lie low in the middle of the picture, names of states at its top left, the map bottom right.
        low, high = bottom - 110, top + 70
        inside &= ~((y > low) & (abs(x - (left + right) / 2) < 260))
        inside &= ~((y < high) & (x < left + 320))
        return inside & ~((y > bottom - 150) & (x > right - 190))


SHOWN = """() => {
  const e = document.querySelector('post-focus');
  const a = e.mapPoint(0, 0), b = e.mapPoint(1, 1);
  const {left, top, right, bottom} = e.getBoundingClientRect();
  return [...a, ...b, left, top, right, bottom];
}"""


def look(page: Any) -> Shown:
    """Take the page's picture, with where the element says that the photograph lies."""
    corners = page.evaluate(SHOWN)
    data = np.frombuffer(page.screenshot(animations="allow"), np.uint8)
    pixels = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1], np.uint8)
    ratio = pixels.shape[1] / page.evaluate("innerWidth")
    left, top, right, bottom, *opening = (float(v) * ratio for v in corners)
    return Shown(pixels, left, top, right, bottom, (opening[0], opening[1], opening[2], opening[3]))


def distance(shown: Shown, picture: NDArray[np.uint8], where: NDArray[np.bool_]) -> float:
    """Mean distance in levels between the page and a full-size picture, over `where`."""
    assert where.sum() > 2000, "too little of the picture can be seen"
    apart = cv2.absdiff(shown.pixels, shown.laid(picture))
    return float(np.mean(cv2.mean(apart, where.astype(np.uint8))[:3]))


def nearest(
    shown: Shown, known: Known, reference: int, *places: tuple[float, float]
) -> tuple[int, float, float]:
    """Which recorded frame is on the screen; its distance in levels, and that of the next best."""
    where = shown.free(*places)
    distances = [distance(shown, known.seen(n, reference), where) for n in range(len(known.frames))]
    order = np.argsort(distances)
    return int(order[0]), distances[int(order[0])], distances[int(order[1])]


def assert_frame(page: Any, known: Known, slot: int, reference: int, *places: tuple[float, float]) -> Shown:
    """The screen shows recorded frame `slot`, and clearly no other, and not nothing."""
    shown = look(page)
    found, best, second = nearest(shown, known, reference, *places)
    assert found == slot, f"frame {found} is shown, not {slot}"
    assert best < 5, f"what is shown is {best:.1f} levels from frame {slot}"
    assert best < 0.85 * second, f"frame {slot} cannot be told from another: {best:.2f} against {second:.2f}"
    return shown
