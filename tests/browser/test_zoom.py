from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.browser.bracket import write_bracket
from tests.browser.conftest import Opener
from tests.browser.known import Known
from tests.browser.seen import Shown, look
from tests.support.served import serve

SIZE = (2560, 1440)
PLACE = (0.5, 0.5)


def test_zoomed_in_the_pixels_are_the_recorded_ones(person: Opener, tmp_path: Path) -> None:
    """A preview has 1080 rows, these stills 1440: only the original can show single pixels of grain."""
    stills = write_bracket(tmp_path / "bracket", 3, *SIZE)
    with serve(tmp_path / "bracket", cache=tmp_path / "cache", log=tmp_path / "log.txt") as server:
        someone = person(server)
        someone.go()
        someone.only_sweep()
        someone.click(PLACE)
        assert round(someone.slot) == 1
        someone.page.mouse.dblclick(*someone.point(*PLACE))
        someone.page.mouse.move(4, 4)
        original = cv2.imread(str(stills[1]))[..., ::-1].astype(np.float32)
        small = cv2.resize(original, (1920, 1080), interpolation=cv2.INTER_AREA)
        blown_up = cv2.resize(small, SIZE, interpolation=cv2.INTER_LINEAR)
        end = time.monotonic() + 20
        true, preview = _off(look(someone.page), original, blown_up)
        while true >= 6 and time.monotonic() < end:  # original pixels are on their way
            someone.page.wait_for_timeout(200)
            true, preview = _off(look(someone.page), original, blown_up)
        assert true < 6, f"{true:.1f} levels from the recorded pixels"
        assert true < 0.5 * preview, f"{true:.1f} from the recorded pixels, {preview:.1f} from a preview"
        for _ in range(2):  # whoever comes back to All sharp sees the original pixels again
            someone.page.keyboard.press("a")
            someone.until("document.querySelector('post-focus').mergeKey !== null")
            someone.page.keyboard.press("t")
            someone.until("document.querySelector('post-focus').mergeKey === null")


def _off(shown: Shown, original: np.ndarray, blown_up: np.ndarray) -> tuple[float, float]:
    """Levels by which the block of grain differs from the recorded pixels, and from a preview of them."""
    scale = (shown.right - shown.left) / SIZE[0]
    assert scale == pytest.approx(1, abs=0.01), "a double click goes to 100 %"
    x, y = (round(v) for v in shown.at(0, 0))
    cx, cy = (round(v) for v in shown.at(*PLACE))
    area = (slice(cy - 70, cy + 70), slice(cx + 35, cx + 75))  # beside the marker, in the block of grain
    seen = shown.pixels[area].astype(np.float32)
    there = (slice(area[0].start - y, area[0].stop - y), slice(area[1].start - x, area[1].stop - x))
    return float(np.abs(seen - original[there]).mean()), float(np.abs(seen - blown_up[there]).mean())


def test_the_wheel_zooms_about_the_pointer_and_dragging_pans(person: Opener, tripod: Known) -> None:
    someone = person()
    someone.open(tripod)
    vase = tripod.spot("vase")
    x, y = (round(v) for v in someone.point(vase.x, vase.y))
    left, top = someone.point(0, 0)
    right, bottom = someone.point(1, 1)
    place = (x - left) / (right - left), (y - top) / (bottom - top)
    someone.page.mouse.move(x, y)
    for _ in range(6):
        someone.page.mouse.wheel(0, -120)
        someone.page.wait_for_timeout(40)
    someone.page.wait_for_timeout(400)
    shown = look(someone.page)
    assert (shown.right - shown.left) > 1.5 * 1000
    nx, ny = someone.point(*place)
    assert abs(nx - x) < 3
    assert abs(ny - y) < 3
    slot = someone.slot
    someone.page.mouse.down()
    for step in range(1, 7):
        someone.page.mouse.move(x - 20 * step, y - 8 * step)
    someone.page.mouse.up()
    someone.page.wait_for_timeout(400)
    px, py = someone.point(*place)
    assert px == pytest.approx(nx - 120, abs=16)
    assert py == pytest.approx(ny - 48, abs=16)
    assert someone.slot == slot, "panning is no refocusing"
    someone.press("0")
    someone.page.wait_for_timeout(400)
    fit = look(someone.page)
    assert fit.left >= -1
    assert fit.right <= 1281
