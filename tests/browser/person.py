"""What a person does at the screen, in words."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.browser.known import Known
from tests.support.served import Served

ASK = """async ([method, path, body]) => {
  const answer = await fetch(path, {
    method, headers: method === 'GET' ? {} : {'X-Postfocus': '1', 'Content-Type': 'application/json'},
    body: body === null ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  return {status: answer.status, json: text.startsWith('{') ? JSON.parse(text) : null};
}"""
LISTEN = """(name) => {
  window.heard ??= {};
  window.heard[name] = null;
  document.addEventListener(name, (e) => { window.heard[name] = e.detail ?? true; }, {once: true});
}"""
STILL = """(slot) => {
  const e = document.querySelector('post-focus');
  return slot === null || Math.abs(e.slot - slot) < 1e-3;
}"""
PAINTED = "() => document.querySelector('post-focus')?.source?.facts?.count > 0"
PHONE = {
    "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True,
}  # fmt: skip
PHONE_ON_ITS_SIDE = {**PHONE, "viewport": {"width": 844, "height": 390}}
SETTLE = 260
"""Milliseconds that a crossfade (140) and what is drawn after it take in software rendering."""


class Person:
    """Someone with a browser, before a running `postfocus open`."""

    def __init__(self, page: Page, served: Served) -> None:
        self.page = page
        self.served = served
        self.sweep = ""

    def go(self) -> None:
        """Open the printed address."""
        self.page.goto(self.served.address)

    def ask(self, path: str, method: str = "GET", body: Any = None) -> Any:
        """The server's answer to a request that the page makes: `{status, json}`."""
        return self.page.evaluate(ASK, [method, path, body])

    def sweep_of(self, known: Known) -> str:
        """The id of an opened sweep, once it is indexed."""
        return self.indexed(known.path.name, known.path.stem)

    def indexed(self, *names: str, seconds: int = 60) -> str:
        """The id of the first sweep of these names, or of any, once it is indexed."""
        for _ in range(10 * seconds):
            state = self.ask("/api/state")["json"]
            assert "sweeps" in state, state
            mine = [b for b in state["sweeps"] if not names or b["name"] in names]
            assert all(b["state"] != "failed" for b in mine), mine
            if mine and mine[0]["state"] == "ready":
                return str(mine[0]["id"])
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{' or '.join(names) or 'the sweep'} was not ready within {seconds} s")

    def open(self, known: Known, *, keep_look: bool = False) -> dict[str, Any]:
        """Open the address and the page of one sweep, as if for the first time; its facts."""
        self.go()
        self.sweep = self.sweep_of(known)
        if not keep_look:
            self.ask(f"/api/sweeps/{self.sweep}/look", "PUT", {"look": None, "kept": []})
        self.page.goto(f"{self.served.base}/#/s/{self.sweep}")
        if not keep_look:
            self.page.reload()
        self.ready()
        return self.facts()

    def until(self, condition: str, arg: Any = None, seconds: float = 20) -> Any:
        """Ask the page until it says yes. (Playwright's own way to wait needs what our policy forbids.)"""
        for _ in range(int(seconds * 1000 / 30)):
            answer = self.page.evaluate(condition, arg)
            if answer:
                return answer
            self.page.wait_for_timeout(30)
        raise AssertionError(f"in {seconds:.0f} s this did not come true: {condition}")

    def only_sweep(self) -> None:
        """Wait until the one sweep that was opened is read and shown."""
        self.sweep = self.indexed()
        self.page.goto(f"{self.served.base}/#/s/{self.sweep}")
        self.ready()

    def kept_look(self) -> Any:
        """The look that the server keeps; the page hands it over a moment after it was chosen."""
        self.page.wait_for_timeout(800)
        return self.facts()["look"]

    def ready(self) -> None:
        """Wait for the first picture."""
        self.until(PAINTED)
        self.page.wait_for_timeout(300)

    def facts(self) -> dict[str, Any]:
        """What the server says about the sweep."""
        return dict(self.ask(f"/api/sweeps/{self.sweep}")["json"])

    @property
    def slot(self) -> float:
        """The frame that the element says it shows."""
        return float(self.page.evaluate("document.querySelector('post-focus').slot"))

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where on the page a place of the picture lies."""
        p = self.page.evaluate("([x, y]) => document.querySelector('post-focus').mapPoint(x, y)", [x, y])
        return float(p[0]), float(p[1])

    def listen(self, name: str) -> None:
        """From now on the next event `name` is remembered."""
        self.page.evaluate(LISTEN, name)

    def heard(self, name: str) -> Any:
        """Wait for the event that `listen` was set for."""
        return self.until("(name) => window.heard[name]", name)

    def click(self, place: tuple[float, float]) -> dict[str, Any]:
        """Click a place of the picture; what the element found there."""
        self.listen("pf-pick")
        self.page.mouse.click(*self.point(*place))
        pick = self.heard("pf-pick")["pick"]
        self.settle()
        return dict(pick)

    def tap(self, place: tuple[float, float]) -> dict[str, Any]:
        """Touch a place with a finger."""
        self.listen("pf-pick")
        self.page.touchscreen.tap(*self.point(*place))
        pick = self.heard("pf-pick")["pick"]
        self.settle()
        return dict(pick)

    def settle(self, slot: float | None = None) -> None:
        """Wait until the frame is there, if one is named, and its crossfade over."""
        self.until(STILL, slot)
        self.page.wait_for_timeout(SETTLE)

    def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def button(self, name: str) -> Any:
        """A button by its name."""
        return self.page.get_by_role("button", name=name, exact=True)
