// What fingers, mouse and pen mean.
import assert from "node:assert/strict";
import test from "node:test";
import { Gestures } from "../../src/postfocus/viewer/element/gestures.js";

/** A picture that writes down what is done to it, and a clock that the test moves. */
function picture(zoomed = false) {
  const log = [];
  let time = 1000;
  let timers = [];
  const note = (name) => (...args) => log.push([name, ...args.map((a) => (typeof a === "number" ? Math.round(a * 100) / 100 : a))]);
  const names = ["guess", "focus", "refocus", "refocused", "pan", "panned", "pinch", "pinched", "compare", "undo", "twice"];
  const doings = Object.fromEntries(names.map((n) => [n, note(n)]));
  const after = (call, ms) => {
    const timer = { call, at: time + ms };
    timers.push(timer);
    return () => (timers = timers.filter((t) => t !== timer));
  };
  const gestures = new Gestures({ ...doings, zoomed: () => zoomed }, after, () => time);
  const wait = (ms) => {
    time += ms;
    for (const t of timers.filter((t) => t.at <= time)) {
      timers = timers.filter((other) => other !== t);
      t.call();
    }
  };
  const at = (id, type, x, y) => ({ id, type, x, y });
  return {
    log, wait,
    names: () => log.map((l) => l[0]).filter((n) => n !== "guess"),
    down: (x, y, id = 1, type = "mouse") => gestures.down(at(id, type, x, y)),
    move: (x, y, id = 1, type = "mouse") => gestures.move(at(id, type, x, y)),
    up: (x, y, id = 1, type = "mouse") => gestures.up(at(id, type, x, y)),
    cancel: (id = 1) => gestures.cancel(id),
  };
}

test("a click at fit focuses on press, a zoomed one on release", () => {
  const fit = picture();
  fit.down(10, 10);
  assert.deepEqual(fit.names(), ["focus"]);
  fit.up(10, 10);
  assert.deepEqual(fit.names(), ["focus"]);
  const near = picture(true);
  near.down(10, 10);
  assert.deepEqual(near.names(), []);
  near.up(12, 11);
  assert.deepEqual(near.names(), ["focus"]);
});

test("a press becomes a drag after six pixels; at fit it goes on refocusing", () => {
  const p = picture();
  p.down(10, 10);
  p.move(14, 10);
  assert.deepEqual(p.names(), ["focus"]);
  p.move(17, 10);
  p.move(30, 12);
  p.up(30, 12);
  assert.deepEqual(p.names(), ["focus", "refocus", "refocus", "refocused"]);
});

test("zoomed, a drag pans and does not focus", () => {
  const p = picture(true);
  p.down(10, 10);
  p.move(20, 10);
  p.move(26, 13);
  p.up(26, 13);
  assert.deepEqual(p.log, [["pan", 10, 0], ["pan", 6, 3], ["panned", 0, 0]]);
});

test("a flung finger glides, one that rested does not", () => {
  const p = picture(true);
  p.down(0, 0, 1, "touch");
  for (let x = 12; x <= 120; x += 12) {
    p.wait(10);
    p.move(x, 0, 1, "touch");
  }
  p.up(120, 0, 1, "touch");
  assert.ok(p.log.at(-1)[1] > 0.5);
  p.down(0, 0, 1, "touch");
  p.move(40, 0, 1, "touch");
  p.wait(200);
  p.up(40, 0, 1, "touch");
  assert.deepEqual(p.log.at(-1), ["panned", 0, 0]);
});

test("a second click nearby within a third of a second is a double one, and does not focus again", () => {
  const p = picture();
  p.down(10, 10);
  p.up(10, 10);
  p.wait(150);
  p.down(12, 10);
  p.up(12, 10);
  assert.deepEqual(p.names(), ["focus", "twice"]);
  p.wait(100);
  p.down(12, 10);
  p.up(12, 10);
  assert.deepEqual(p.names(), ["focus", "twice", "focus"]);
});

test("a touch waits a moment for a second finger, then focuses", () => {
  const p = picture();
  p.down(10, 10, 1, "touch");
  assert.deepEqual(p.names(), []);
  p.wait(60);
  assert.deepEqual(p.names(), ["focus"]);
  p.up(10, 10, 1, "touch");
  p.wait(1000);
  p.down(50, 50, 1, "touch");
  p.wait(20);
  p.up(50, 50, 1, "touch");
  assert.deepEqual(p.names(), ["focus", "focus"]);
});

test("two fingers pinch about their middle and never focus", () => {
  const p = picture();
  p.down(100, 100, 1, "touch");
  p.wait(30);
  p.down(200, 100, 2, "touch");
  p.move(250, 100, 2, "touch");
  p.up(250, 100, 2, "touch");
  p.wait(300);
  p.up(100, 100, 1, "touch");
  assert.deepEqual(p.log.filter((l) => l[0] !== "guess"), [["pinch", 1.5, 175, 100, 25, 0], ["pinched"]]);
});

test("a tap with two fingers undoes", () => {
  const p = picture();
  p.down(100, 100, 1, "touch");
  p.wait(20);
  p.down(200, 100, 2, "touch");
  p.wait(80);
  p.up(200, 100, 2, "touch");
  p.up(101, 100, 1, "touch");
  assert.deepEqual(p.names(), ["undo"]);
});

test("a long press compares until it is released", () => {
  const p = picture(true);
  p.down(10, 10, 1, "touch");
  p.wait(60);
  p.wait(440);
  assert.deepEqual(p.log, [["compare", true]]);
  p.move(60, 10, 1, "touch");
  p.up(60, 10, 1, "touch");
  assert.deepEqual(p.log, [["compare", true], ["compare", false]]);
});

test("when the system takes the finger, nothing stays held", () => {
  const p = picture(true);
  p.down(10, 10, 1, "touch");
  p.wait(60);
  p.wait(440);
  p.cancel();
  assert.deepEqual(p.log, [["compare", true], ["compare", false]]);
  p.down(10, 10, 1, "touch");
  p.cancel();
  p.wait(2000);
  assert.equal(p.log.length, 2);
});
