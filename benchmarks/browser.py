"""How quick the screen is, in real Chromium: the table of what a person waits for.

    python -m benchmarks.browser --cache DIR [--frames 30 120] [--places 50]

Times run from the browser's own time stamp of the press to the end of the animation frame in which the
pixels of the canvas had changed; they are read back there, so drawing in software is waited for. Motion is
reduced, so that a new frame is cut to and not faded in. Memory is the proportional set size (PSS) of all
processes of the browser (or of the server and its workers), after every frame has been on the screen.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright
from tests.browser.person import Person
from tests.support.served import Served, open_browser, serve

from benchmarks.speed import clip_of

VIEWPORT = {"width": 1920, "height": 1080}
MARK = "--postfocus-benchmark"

PROBE = """
(() => {
  const p = {first: 0, last: 0, distinct: 0, ready: 0, start: 0};
  let before = null, on = false, wanted = null, until = null;
  const canvas = () => document.querySelector('post-focus')?.shadowRoot?.querySelector('canvas')
    ?? document.querySelector('post-focus canvas');
  const read = () => {
    const c = canvas();
    const gl = c && c.getContext('webgl2');
    if (!gl) return null;
    const strips = [0.15, 0.35, 0.5, 0.65, 0.85].map((y) => [0, Math.round(c.height * y), c.width, 2]);
    const bound = gl.getParameter(gl.READ_FRAMEBUFFER_BINDING);
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
    let hash = 0, light = 0;
    for (const [x, y, w, h] of strips) {
      const data = new Uint8Array(w * h * 4);
      gl.readPixels(x, y, w, h, gl.RGBA, gl.UNSIGNED_BYTE, data);
      const words = new Uint32Array(data.buffer);
      for (let i = 0; i < words.length; i++) {
        hash = (Math.imul(hash, 31) + words[i]) | 0;
        light |= words[i] & 0xffffff;
      }
    }
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, bound);
    return light ? hash : null;  // nothing was drawn in this animation frame: the buffer is empty
  };
  const look = () => {
    const now = read();
    if (now === null || now === before) return;
    if (before !== null) {
      const t = performance.now();
      p.first ||= t;
      p.last = t;
      p.distinct += 1;
    }
    before = now;
  };
  // After each animation frame in which something was drawn, for only there can it be read back.
  const plain = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (draw) => plain((t) => { draw(t); if (on && !until) look(); });
  addEventListener('pointerdown', (e) => { p.start = e.timeStamp; until = wanted; }, true);
  document.addEventListener('pf-frame', () => { until = null; }, true);
  document.addEventListener('pf-ready', () => {
    requestAnimationFrame(() => { p.ready = performance.now(); });
  }, {once: true, capture: true});
  window.probe = {
    p,
    // Reading back waits for the drawing. From the press until another frame is chosen (`event`) nothing is
    // read: it would only stand in the way.
    arm(event) {
      Object.assign(p, {first: 0, last: 0, distinct: 0, start: 0});
      [on, wanted, until] = [true, event ?? null, null];
    },
  };
})();
"""

DRAG = """
({left, right, y, seconds, across}) => new Promise((done) => {
  const bar = document.querySelector('focus-bar');
  const mouse = {pointerId: 1, pointerType: 'mouse', isPrimary: true, buttons: 1};
  probe.arm();
  const start = performance.now();
  const timer = setInterval(() => {
    const t = (performance.now() - start) / 1000;
    if (t > seconds) {
      clearInterval(timer);
      done(probe.p.distinct / t);
      return;
    }
    const clientX = left + (right - left) * (1 - Math.abs(1 - ((t / across) % 2)));
    const at = {clientX, clientY: y, bubbles: true, composed: true};
    bar.dispatchEvent(new PointerEvent('pointermove', {...mouse, ...at}));
  }, 8);
})
"""
"""From where the pointer is pressed to the other end and back, a way in `across` seconds."""


@dataclass(slots=True)
class Times:
    """Milliseconds of one kind."""

    values: list[float] = field(default_factory=list[float])

    def cell(self) -> str:
        if not self.values:
            return "none"
        return f"{statistics.median(self.values):.0f}; {max(self.values):.0f} ms (n = {len(self.values)})"


def processes(root: int) -> list[int]:
    """A process and all below it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo += children.get(pid, [])
    return found


def pss_mib(root: int) -> float:
    """Proportional set size of a process and all below it."""
    total = 0.0
    for pid in processes(root):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return total


def browser_root() -> int:
    """The first process of the browser that this benchmark started."""
    mark = f"{MARK}={id(MARK)}".encode()
    for entry in sorted(Path("/proc").glob("[0-9]*"), key=lambda e: int(e.name)):
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if mark in command and b"--type=" not in command:
            return int(entry.name)
    raise SystemExit("the browser's process was not found")


@contextmanager
def highest(root: int) -> Generator[list[float]]:
    """The largest PSS of a process tree while the block runs; sampled every 100 ms."""
    most, done = [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            most[0] = max(most[0], pss_mib(root))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        done.set()
        thread.join()


class Screen(Person):
    """A person whose waiting is timed."""

    def __init__(self, browser: Browser, served: Served) -> None:
        self.context = browser.new_context(viewport=VIEWPORT, reduced_motion="reduce")
        self.context.add_init_script(PROBE)
        super().__init__(self.context.new_page(), served)
        self.go()
        self.sweep = self.indexed(seconds=600)

    def picked(self, x: float, y: float) -> Any:
        """What the server finds at a place in fractions."""
        return self.ask(f"/api/sweeps/{self.sweep}/pick?x={x}&y={y}")["json"]

    def load(self) -> float:
        """Load the picture's page afresh; milliseconds from navigation to the first picture."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.served.base}/#/s/{self.sweep}")
        while not (ready := self.page.evaluate("window.probe?.p.ready")):
            self.page.wait_for_timeout(20)
        return float(ready)

    def pressed(self, x: float, y: float, quiet: int, event: str | None = None) -> tuple[float, float] | None:
        """Click; milliseconds to the first change of the canvas, and to the last before it rested."""
        page = self.page
        page.mouse.move(x - 3, y - 3)
        page.wait_for_timeout(120)
        page.evaluate("(event) => probe.arm(event)", event)
        page.mouse.click(x, y)
        page.wait_for_timeout(quiet)
        while page.evaluate("performance.now() - (probe.p.last || probe.p.start)") < quiet:
            page.wait_for_timeout(quiet // 3)
        p = page.evaluate("({...probe.p})")
        if not p["first"]:
            return None
        return p["first"] - p["start"], p["last"] - p["start"]


def textured_places(
    screen: Screen, count: int, left: float, top: float, right: float, bottom: float
) -> list[tuple[float, float]]:
    """Random places in focus, in fractions; no two after one another are sharp in the same frame."""
    rng = random.Random(5)
    found: list[tuple[float, float]] = []
    slot = -1
    for _ in range(40 * count):
        x, y = rng.uniform(left, right), rng.uniform(top, bottom)
        pick = screen.picked(x, y)
        if pick["state"] == "in focus" and pick["slot"] != slot:
            slot = pick["slot"]
            found.append((x, y))
            if len(found) == count:
                break
    return found


def clicks(screen: Screen, places: list[tuple[float, float]], quiet: int) -> tuple[Times, Times]:
    """Press each place; times to the first change and to the last."""
    first, last = Times(), Times()
    for place in places:
        took = screen.pressed(*screen.point(*place), quiet, "pf-frame")
        if took is not None:
            first.values.append(took[0])
            last.values.append(took[1])
    return first, last


def scrub(screen: Screen) -> float:
    """Pictures painted a second while the bar is dragged from end to end and back for some seconds.

    The hand of `DRAG` does not wait: it moves on 125 times a second, as a mouse does, whatever was painted.
    (Playwright's mouse waits after each move until the page has answered, so it would measure its own pace.)
    """
    box = screen.page.locator("focus-bar").bounding_box()
    if box is None:
        raise SystemExit("there is no slide bar")
    y = box["y"] + box["height"] / 2
    left, right = box["x"] + 0.08 * box["width"], box["x"] + 0.92 * box["width"]
    mouse = screen.page.mouse
    mouse.move(left, y)
    mouse.down()
    for number in range(60):  # every frame once, as whoever scrubs for a while has had
        mouse.move(left + (right - left) * number / 59, y)
        screen.page.wait_for_timeout(30)
    painted = screen.page.evaluate(DRAG, {"left": left, "right": right, "y": y, "seconds": 6, "across": 3})
    mouse.up()
    screen.page.wait_for_timeout(500)
    return float(painted)


def zoomed(screen: Screen, count: int) -> tuple[Times, Times]:
    """At 100 %: places in view are pressed; to the first change, and to the last original pixel."""
    page = screen.page
    page.mouse.dblclick(*screen.point(0.5, 0.5))
    page.wait_for_timeout(2500)
    (x0, y0), (x1, y1) = screen.point(0, 0), screen.point(1, 1)
    left, right = ((x - x0) / (x1 - x0) for x in (300, 1600))
    top, bottom = ((y - y0) / (y1 - y0) for y in (150, 800))
    times = clicks(screen, textured_places(screen, count, left, top, right, bottom), 1500)
    page.keyboard.press("0")
    page.wait_for_timeout(800)
    return times


def ranges(screen: Screen, places: list[tuple[float, float]]) -> tuple[Times, Times]:
    """Range mode, two touches: from the second to the first merge on the screen, and to the last pass."""
    first, last = Times(), Times()
    page = screen.page
    for one, two in zip(places[::2], places[1::2], strict=False):
        page.keyboard.press("r")
        page.wait_for_timeout(200)
        page.mouse.click(*screen.point(*one))
        page.wait_for_timeout(700)
        took = screen.pressed(*screen.point(*two), 1500)
        if took is not None:
            first.values.append(took[0])
            last.values.append(took[1])
        page.keyboard.press("Escape")
        page.keyboard.press("t")
        page.wait_for_timeout(400)
    return first, last


def command_peak(clip: Path) -> float:
    """Peak resident MiB of the command line on the same work: an index with previews."""
    code = (
        "import sys, resource; from postfocus.cli import main; main(sys.argv[1:]);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    with tempfile.TemporaryDirectory() as folder:
        words = ["index", "--previews", str(clip), "-q", "-o", f"{folder}/a.postfocus"]
        out = subprocess.run(
            [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True,
            env={**os.environ, "POSTFOCUS_CACHE": folder},
        )  # fmt: skip
    return float(out.stdout.split()[-1])


def measure(clip: Path, places: int, starts: int) -> list[tuple[str, str]]:
    """All rows of one clip."""
    rows: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        how: dict[str, Any] = {"cache": folder / "cache", "log": folder / "log.txt"}
        browser = open_browser(playwright, f"{MARK}={id(MARK)}")
        empty = pss_mib(browser_root())
        with serve(clip, **how) as served, highest(served.process.pid) as reading:
            Screen(browser, served).context.close()
        with serve(clip, **how) as served, highest(served.process.pid) as using:
            screen = Screen(browser, served)
            start = Times([screen.load() for _ in range(starts)])
            rows.append(("page start to first picture", start.cell()))
            chosen = textured_places(screen, places, 0.12, 0.12, 0.88, 0.88)
            # The first is not counted: there is no picture to compare it with.
            clicks(screen, chosen[-1:], 350)
            first, last = clicks(screen, chosen, 350)
            rows.append(("click to new frame painted, first visit of a frame or not", first.cell()))
            rows.append(("… the last change after it", last.cell()))
            first, _ = clicks(screen, chosen, 350)
            rows.append(("the same places again", first.cell()))
            rows.append(("scrub, pictures painted a second", f"{scrub(screen):.0f}"))
            first, last = ranges(screen, chosen[:20])
            rows.append(("range: second touch to a preview", first.cell()))
            rows.append(("range: second touch to the last pass", last.cell()))
            first, last = zoomed(screen, places)
            rows.append(("100 %: click to new frame painted", first.cell()))
            rows.append(("100 %: click to the last original pixel", last.cell()))
            whole = pss_mib(browser_root())
            rows.append(("browser memory, PSS of all its processes", f"{whole:.0f} MiB"))
            rows.append(("… over the same browser with nothing open", f"{whole - empty:.0f} MiB"))
            rest = pss_mib(served.process.pid)
        browser.close()
    peak = command_peak(clip)
    rows.append(("command line, index with previews, peak", f"{peak:.0f} MiB"))
    for when, used in (("reading, peak", reading[0]), ("in use, peak", using[0]), ("at rest", rest)):
        rows.append((f"server and workers, PSS: {when}", f"{used:.0f} MiB ({used - peak:+.0f})"))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps the rendered clips")
    parser.add_argument("--frames", type=int, nargs="+", default=[30, 120])
    parser.add_argument("--places", type=int, default=50)
    parser.add_argument("--starts", type=int, default=10)
    parser.add_argument("--scene", default="still-life")
    parser.add_argument("--size", type=int, nargs=2, default=[3840, 2160])
    parser.add_argument("--json", type=Path, help="write the figures here too")
    args = parser.parse_args()
    args.cache.mkdir(parents=True, exist_ok=True)
    tables: dict[int, dict[str, str]] = {}
    for frames in args.frames:
        clip = clip_of(args.cache, args.scene, frames, tuple(args.size))
        tables[frames] = dict(measure(clip, args.places, args.starts))
        print(f"measured {clip.name}", flush=True)
    print("\n| median; worst | " + " | ".join(f"{n} frames" for n in tables) + " |")
    print("|---" * (len(tables) + 1) + "|")
    for name in next(iter(tables.values())):
        print(f"| {name} | " + " | ".join(t[name] for t in tables.values()) + " |")
    if args.json:
        args.json.write_text(json.dumps(tables, indent=1))


if __name__ == "__main__":
    main()
