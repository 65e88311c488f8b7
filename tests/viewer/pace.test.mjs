// How many pixels are drawn while something moves, and when all of them are again.
import assert from "node:assert/strict";
import test from "node:test";
import { Pace } from "../../src/postfocus/viewer/element/pace.js";

const PIXELS = 2e6;

/** @param {number[]} times ms that drawing all pixels took */
function after(...times) {
  const pace = new Pace();
  for (const ms of times) pace.drawn(ms, PIXELS);
  return pace;
}

test("quick drawing is never coarse, and nothing is until it is known", () => {
  assert.equal(after().share(PIXELS, 1), 1);
  assert.equal(after(40, 40).share(PIXELS, 1), 1);
  assert.equal(after(5, 5, 5).share(PIXELS, 1), 1);
});

test("one slow drawing among quick ones is somebody else's work", () => {
  assert.equal(after(5, 90, 90).share(PIXELS, 1), 1);
  assert.equal(after(5, 90, 90, 90).share(PIXELS, 1), 1 / 3);
});

test("slow drawing halves the pixels along a line, or takes a third", () => {
  assert.equal(after(50, 50, 50).share(PIXELS, 1), 0.5);
  assert.equal(after(100, 100, 100).share(PIXELS, 1), 1 / 3);
  assert.equal(after(100, 100, 100).share(PIXELS, 2), 1 / 3);
});

test("without a graphics card it is known before the first drawing", () => {
  const pace = new Pace();
  pace.expect();
  assert.equal(pace.share(PIXELS, 1), 0.5);
});

test("what is told goes before what is measured", () => {
  const slow = after(50, 50, 50);
  slow.coarse = false;
  assert.equal(slow.share(PIXELS, 1), 1);
  const quick = after(1, 1, 1);
  quick.coarse = true;
  assert.equal(quick.share(PIXELS, 1), 1 / 3);
});

test("rest comes soon after the last move; later while original pixels are on their way", () => {
  const pace = new Pace();
  assert.equal(pace.left(0, true), 0);
  pace.move(1000);
  const soon = pace.left(1000, true);
  assert.ok(soon > 0 && soon <= 120);
  assert.ok(pace.left(1000, false) > soon);
  assert.equal(pace.left(1000 + soon, true), 0);
});
