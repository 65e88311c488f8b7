// The geometry of the picture element: what lies where, at any zoom.
import assert from "node:assert/strict";
import test from "node:test";
import { apply, compose, invert, rect } from "../../src/postfocus/viewer/element/affine.js";
import { between } from "../../src/postfocus/viewer/element/motion.js";
import * as view from "../../src/postfocus/viewer/element/view.js";

const facts = { width: 4000, height: 2000, count: 3, poses: [], preview: { width: 2000, height: 1000 } };
const box = { width: 1000, height: 800, ratio: 2 };
const close = (a, b, by = 1e-9) => assert.ok(a.every((v, i) => Math.abs(v - b[i]) < by), `${a} is not ${b}`);

test("a move and its inverse come back", () => {
  const m = [0.98, 0.02, 0.013, -0.02, 0.97, -0.004];
  close(apply(compose(invert(m), m), 0.3, 0.8), [0.3, 0.8]);
  close(apply(compose(m, rect(0.1, 0.2, 0.5, 0.25)), 1, 1), apply(m, 0.6, 0.45));
});

test("the whole picture fits, centred, and is not called zoomed", () => {
  const fit = view.fitView(facts, box);
  close(view.toScreen(fit, facts, box, 0, 0), [0, 150]);
  close(view.toScreen(fit, facts, box, 1, 1), [1000, 650]);
  assert.equal(view.isZoomed(fit, facts, box), false);
  assert.equal(fit.scale, 0.25);
});

test("only what all frames share is shown, unless that is little", () => {
  const trimmed = { ...facts, valid: [0.1, 0.1, 0.8, 0.8] };
  close(view.toScreen(view.fitView(trimmed, box), trimmed, box, 0.1, 0.5), [0, 400]);
  assert.deepEqual(view.shown({ ...facts, valid: [0.4, 0.4, 0.2, 0.2] }), [0, 0, 1, 1]);
});

test("screen and picture are each other's inverse", () => {
  const at = { scale: 0.7, x: 0.4, y: 0.6 };
  close(view.toPicture(at, facts, box, ...view.toScreen(at, facts, box, 0.37, 0.55)), [0.37, 0.55]);
});

test("zooming keeps what is under the pointer, and stops at 800 per cent and at fit", () => {
  const zoomed = view.zoomAround(view.fitView(facts, box), facts, box, 1, 700, 420);
  close(view.toPicture(zoomed, facts, box, 700, 420), view.toPicture(view.fitView(facts, box), facts, box, 700, 420));
  assert.equal(view.zoomAround(zoomed, facts, box, 99, 500, 400).scale * box.ratio, view.MOST);
  assert.equal(view.zoomAround(zoomed, facts, box, 0.01, 500, 400).scale, view.fitScale(facts, box));
});

test("no gap opens at the border of a zoomed picture", () => {
  const corner = view.pan({ scale: 1, x: 0.5, y: 0.5 }, facts, box, 1e6, 1e6);
  close(view.toScreen(corner, facts, box, 0, 0), [0, 0]);
});

test("zoom steps: fit, then the levels above it", () => {
  const small = { ...box, ratio: 1 };
  const levels = [];
  let scale = view.fitScale(facts, small);
  for (let i = 0; i < 7; i++) {
    scale = view.nextScale(scale, 1, facts, small);
    levels.push(scale);
  }
  assert.deepEqual(levels, [0.5, 1, 2, 4, 8, 8, 8]);
  assert.equal(view.nextScale(0.5, -1, facts, small), 0.25);
});

test("clip space puts the picture's corners where the screen has them", () => {
  const at = { scale: 0.7, x: 0.4, y: 0.6 };
  const [ax, bx, ay, by] = view.clipOf(at, facts, box);
  const [sx, sy] = view.toScreen(at, facts, box, 0.2, 0.9);
  close([0.2 * ax + bx, 0.9 * ay + by], [(2 * sx) / box.width - 1, 1 - (2 * sy) / box.height]);
});

test("at whole zooms picture pixels fall on device pixels", () => {
  const [ax, bx] = view.clipOf({ scale: 1, x: 0.4001234, y: 0.5 }, facts, box);
  const origin = ((bx + 1) / 2) * box.width * box.ratio;
  assert.ok(Math.abs(origin - Math.round(origin)) < 1e-6);
  assert.equal(ax, (2 * facts.width * 2) / 2000);
});

test("tiles seen cover the view, the middle ones first, none beyond the picture", () => {
  const at = { scale: 0.5, x: 0.5, y: 0.5 };
  const tiles = view.tilesSeen(at, facts, box, [1, 0, 0, 0, 1, 0], 512);
  assert.deepEqual(new Set(tiles.map((t) => t.col)), new Set([1, 2, 3, 4, 5]));
  assert.deepEqual(new Set(tiles.map((t) => t.row)), new Set([0, 1, 2, 3]));
  assert.deepEqual(view.tilesSeen({ scale: 4, x: 1, y: 1 }, facts, box, [1, 0, 0, 0, 1, 0], 512).at(-1), { col: 7, row: 3 });
});

test("a movement between two views keeps their common point", () => {
  const a = view.fitView(facts, box);
  const b = view.zoomAround(a, facts, box, 2, 600, 430);
  const place = view.toPicture(a, facts, box, 600, 430);
  for (const t of [0, 0.3, 0.8, 1]) close(view.toPicture(between(a, b, t), facts, box, 600, 430), place, 1e-6);
});
