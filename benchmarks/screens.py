"""Photographs of the screen in every state, to be looked at; and the README's pictures.

    python -m benchmarks.screens --out DIR [--cache DIR] [--only NAME ...]    # all states
    python -m benchmarks.screens --readme --cache DIR                         # docs/*.jpg

The scene is our own: rendered, with its truth known. Nothing is retouched.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from playwright.sync_api import Browser, sync_playwright
from tests.browser.bracket import write_bracket, write_long_bracket
from tests.browser.person import PHONE, PHONE_ON_ITS_SIDE, Person
from tests.support.served import Served, open_browser, serve

from benchmarks.speed import clip_of
from postfocus.synth.sweep import SweepSettings
from postfocus.synth.write import write_simulation

DESK = {"viewport": {"width": 1440, "height": 900}}
README = {"viewport": {"width": 1280, "height": 800}, "device_scale_factor": 1.5}
BOOKS, COINS, VASE, WALL = (0.247, 0.537), (0.81, 0.87), (0.785, 0.46), (0.05, 0.22)
LIMIT = 400_000


@dataclass(frozen=True, slots=True)
class State:
    """A state of the screen, and how one gets there.

    Attributes
    ----------
    name
        Of the picture.
    reach
        What the person does, the sweep being open and read.
    how
        What the browser is: size, touch, colours.
    """

    name: str
    reach: Callable[[Person], None]
    how: dict[str, Any] = field(default_factory=lambda: DESK)


def focus(place: tuple[float, float]) -> Callable[[Person], None]:
    def reach(who: Person) -> None:
        who.page.mouse.click(*who.point(*place))
        who.page.wait_for_timeout(500)

    return reach


def touched(place: tuple[float, float]) -> Callable[[Person], None]:
    def reach(who: Person) -> None:
        who.page.touchscreen.tap(*who.point(*place))
        who.page.wait_for_timeout(700)

    return reach


def keys(
    *names: str, after: Callable[[Person], None] | None = None, wait: int = 700
) -> Callable[[Person], None]:
    def reach(who: Person) -> None:
        if after:
            after(who)
        who.press(*names)
        who.page.wait_for_timeout(wait)

    return reach


def closely(who: Person) -> None:
    """100 %, peaking, the loupe on the coins."""
    focus(COINS)(who)
    who.press("1")
    who.page.wait_for_timeout(700)
    who.press("p", "p", "l")
    x, y = who.point(*COINS)
    who.page.mouse.move(x - 40, y - 30)
    who.page.wait_for_timeout(2500)


def ranged(who: Person) -> None:
    who.press("r")
    for place in (COINS, BOOKS):
        focus(place)(who)
    who.page.wait_for_timeout(1800)


def no_range(who: Person) -> None:
    """Two places in one frame."""
    who.press("r")
    for place in (COINS, (COINS[0] + 0.005, COINS[1])):
        focus(place)(who)


def light(then: Callable[[Person], None]) -> Callable[[Person], None]:
    def reach(who: Person) -> None:
        who.page.evaluate("document.documentElement.dataset.theme = 'light'")
        then(who)

    return reach


def pressed(name: str, after: Callable[[Person], None] | None = None) -> Callable[[Person], None]:
    """A button of that name is pressed."""

    def reach(who: Person) -> None:
        if after:
            after(who)
        who.button(name).first.click()
        who.page.wait_for_timeout(500)

    return reach


def saved(who: Person) -> None:
    """The list of what was saved: frames, and a merge."""
    focus(VASE)(who)
    who.press("k", "Control+s")
    who.page.wait_for_timeout(2500)
    focus(BOOKS)(who)
    who.press("a", "s")
    who.page.wait_for_timeout(500)
    who.press("Enter")
    who.page.get_by_text("_stack").last.wait_for()
    who.until("() => document.querySelectorAll('.saved-list li').length > 1", seconds=60)


def saving(who: Person) -> None:
    focus(VASE)(who)
    who.press("a")
    who.page.wait_for_timeout(900)
    who.press("s")
    who.page.wait_for_timeout(500)
    who.press("Enter")
    who.page.wait_for_timeout(250)


def nothing(_: Person) -> None:
    return


STATES = (
    State("02-first-open", nothing),
    State("03-focus-found", focus(BOOKS)),
    State("04-no-focus", focus(WALL)),
    State("05-zoom-peaking-loupe", closely),
    State("05-peaking-options", pressed("Peaking level and colour", keys("p", "p", "p"))),
    State("06-range", ranged),
    State("06-range-one-focus", no_range),
    State("07-save", keys("s", after=focus(BOOKS))),
    State("07-saving", saving),
    State("07-saved", saved),
    State("08-all-sharp", keys("a", wait=2000)),
    State("11-phone-portrait", touched(BOOKS), PHONE),
    State("12-phone-landscape", touched(BOOKS), PHONE_ON_ITS_SIDE),
    State("12-phone-landscape-more", pressed("More", touched(BOOKS)), PHONE_ON_ITS_SIDE),
    State("12-phone-landscape-save", keys("s", after=touched(BOOKS)), PHONE_ON_ITS_SIDE),
    State("13-light", light(focus(BOOKS))),
    State("13-light-range", light(ranged)),
    State("13-light-save", light(keys("p", "p", "k", "s", after=focus(BOOKS)))),
    State("13-light-depth", light(keys("d", wait=1500))),
    State("14-depth", keys("d", wait=1500)),
    State("14-depth-phone", keys("d", after=touched(BOOKS), wait=1500), PHONE),
    State("16-help", keys("?")),
    State("17-forced-colours", focus(BOOKS), {**DESK, "forced_colors": "active"}),
    State("18-phone-save", keys("s", after=touched(BOOKS)), PHONE),
    State("18-phone-zoomed", keys("1", after=touched(BOOKS), wait=1800), PHONE),
    State("20-narrow-tablet", focus(BOOKS), {"viewport": {"width": 820, "height": 1180}}),
    State("21-full-screen-size", focus(BOOKS), {"viewport": {"width": 1920, "height": 1080}}),
)


def photograph(browser: Browser, served: Served, state: State, out: Path) -> None:
    """Open the sweep anew, reach the state, and write its picture."""
    context = browser.new_context(**state.how)
    context.set_default_timeout(20_000)
    try:
        who = Person(context.new_page(), served)
        who.go()
        who.only_sweep()
        who.ask(f"/api/sweeps/{who.sweep}/look", "PUT", {"look": None})
        who.page.reload()
        who.ready()
        who.page.wait_for_timeout(1600)
        state.reach(who)
        who.page.screenshot(path=out / f"{state.name}.png")
    finally:
        context.close()
    print(f"{state.name}.png", flush=True)


def photograph_pages(browser: Browser, clip: Path, folder: Path, out: Path) -> None:
    """What has no open picture: nothing open, many sweeps, one being read, one that is broken."""
    shots = folder / "card"
    shots.mkdir()
    for number, scene in enumerate(("still-life", "macro", "grass", "landscape", "hair", "lights")):
        settings = SweepSettings(
            scene=scene, frames=10, width=960, height=540, blur=6.0, seed=number + 2, tripod=number % 2 == 0
        )
        write_simulation(settings, shots / f"P10{number + 21:02d}3.mp4")
        shutil.rmtree(shots / f"P10{number + 21:02d}3.mp4.truth")
    write_bracket(shots / "bracket fern", 8, 1280, 720)
    broken = folder / "P1010666.MP4"
    broken.write_bytes(clip.read_bytes()[:4000])
    torn = write_bracket(folder / "torn" / "A_jpg", 8, 1920, 1080)
    torn[5].write_bytes(torn[5].read_bytes()[:4000])
    long = folder / "long"
    write_long_bracket(long, 60, 3840, 2160)

    def shot(name: str, words: tuple[object, ...], wait: int, how: dict[str, Any] = DESK) -> None:
        with serve(*words, cache=folder / f"cache-{name}", log=folder / f"{name}.txt") as served:
            context = browser.new_context(**how)
            page = context.new_page()
            page.goto(served.address)
            page.wait_for_timeout(wait)
            page.screenshot(path=out / f"{name}.png")
            context.close()
        print(f"{name}.png", flush=True)

    shot("01-empty", (), 800)
    shot("01-empty-phone", (), 800, PHONE)
    shot("08-library-reading", (shots,), 1800)
    shot("08-library", (shots,), 20_000)
    shot("08-library-phone", (shots,), 20_000, PHONE)
    shot("09-reading", (long,), 2500)
    shot("09-reading-phone", (long,), 2500, PHONE)
    shot("10-error", (broken,), 5000)
    shot("10-error-phone", (broken,), 5000, PHONE)
    shot("22-notes", (torn[0].parent,), 8000)
    shot("22-notes-phone", (torn[0].parent,), 8000, PHONE)


def readme(browser: Browser, served: Served, out: Path, folder: Path) -> None:
    """The README's pictures: one touch, a close look, and a range."""
    out.mkdir(exist_ok=True)
    for name, reach, how in (
        ("focus", focus(BOOKS), README),
        ("closely", closely, README),
        ("range", ranged, README),
    ):
        photograph(browser, served, State(name, reach, how), folder)
        picture = cv2.imread(str(folder / f"{name}.png"))
        if picture is None:
            raise SystemExit(f"{name}.png was not photographed")
        (out / f"{name}.jpg").write_bytes(small_jpeg(picture))


def small_jpeg(picture: np.ndarray[Any, Any]) -> bytes:
    """A JPEG of the best quality that stays below the limit."""
    for quality in range(92, 40, -4):
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if len(data) < LIMIT:
            return data.tobytes()
    raise SystemExit("the picture does not become small enough")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("screens"))
    parser.add_argument("--cache", type=Path, help="folder that keeps the rendered clip")
    parser.add_argument("--only", nargs="+", help="names of states; 'pages' for those without a picture")
    parser.add_argument("--readme", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        cache = args.cache or folder
        cache.mkdir(parents=True, exist_ok=True)
        clip = folder / "P1010234.MP4"
        clip.symlink_to(clip_of(cache, "still-life", 30, (3840, 2160)).resolve())
        browser = open_browser(playwright)
        with serve(clip, cache=folder / "cache", log=folder / "log.txt") as served:
            if args.readme:
                readme(browser, served, Path("docs"), folder)
            else:
                args.out.mkdir(parents=True, exist_ok=True)
                for state in STATES:
                    if not args.only or state.name in args.only:
                        photograph(browser, served, state, args.out)
        if not args.readme and (not args.only or "pages" in args.only):
            photograph_pages(browser, clip, folder, args.out)
        browser.close()


if __name__ == "__main__":
    main()
