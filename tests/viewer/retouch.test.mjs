// Strokes of the brush: few points that keep to the hand's line, a Look that carries them, a painter that draws only what is new.
import assert from "node:assert/strict";
import test from "node:test";
import { noChoice } from "../../src/postfocus/viewer/app/choice.js";
import { readLook, showLook, toLook } from "../../src/postfocus/viewer/app/look.js";
import { shownAt, spansOf } from "../../src/postfocus/viewer/app/planes.js";
import { RetouchPainter } from "../../src/postfocus/viewer/app/retouch-painter.js";
import { areStrokes, MOST_POINTS, MOST_STROKES, radiusOf, SIZES, simplified } from "../../src/postfocus/viewer/app/strokes.js";

/** @type {any} */
const facts = { frames: [0, 2, 4, 6], count: 4, sweep: [0, 1, 2, 3] };
const slotAt = (/** @type {number} */ at) => at;
/** @param {any[]} points @param {number} [frame] */
const stroke = (points, frame = 2) => ({ frame, points, radius: 0.02, softness: 0.5 });

test("sizes grow steadily from fine to wide", () => {
  const sizes = Array.from({ length: SIZES + 1 }, (_, i) => radiusOf(i));
  assert.equal(sizes[0], 0.002);
  assert.equal(sizes[SIZES], 0.2);
  assert.ok(sizes.every((r, i) => i === 0 || r > sizes[i - 1]));
});

test("a straight line needs two points, a corner three, and none is lost by more than the tolerance", () => {
  const straight = Array.from({ length: 50 }, (_, i) => /** @type {[number, number]} */ ([i / 100, i / 200]));
  assert.deepEqual(simplified(straight, 0.5, 0.001), [[0, 0], [0.49, 0.245]]);
  const corner = /** @type {[number, number][]} */ ([[0, 0], [0.2, 0.01], [0.4, 0], [0.4, 0.5]]);
  assert.deepEqual(simplified(corner, 1, 0.02), [[0, 0], [0.4, 0], [0.4, 0.5]]);
  assert.deepEqual(simplified([[0.5, 0.5]], 1, 0.02), [[0.5, 0.5]]);
  assert.deepEqual(simplified([[-0.1, 1.2], [0.3, 0.4]], 1, 0.02), [[0, 1], [0.3, 0.4]]);
  const wave = Array.from({ length: 400 }, (_, i) => /** @type {[number, number]} */ ([i / 400, 0.5 + 0.2 * Math.sin(i / 15)]));
  const few = simplified(wave, 0.75, 0.002);
  assert.ok(few.length < 120);
  for (const [x, y] of wave) {
    const nearest = Math.min(...few.slice(1).map(([bx, by], i) => {
      const [ax, ay] = few[i];
      const [dx, dy] = [bx - ax, (by - ay) * 0.75];
      const t = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * 0.75 * dy) / (dx * dx + dy * dy)));
      return Math.hypot(x - ax - t * dx, (y - ay) * 0.75 - t * dy);
    }));
    assert.ok(nearest < 0.0021);
  }
});

test("a look carries strokes in every mode, and comes back from text", () => {
  const strokes = [stroke([[0.1, 0.2]]), stroke([[0.1, 0.2], [0.3, 0.4]], 6)];
  const all = toLook({ ...noChoice(), mode: "all", strokes }, facts, slotAt);
  assert.deepEqual(all, { retouch: strokes });
  const range = toLook({ ...noChoice(), mode: "range", range: [1, 2], rangeBy: "handles", strokes }, facts, slotAt);
  assert.deepEqual(range, { frames: { first: 2, last: 4 }, retouch: strokes });
  const frame = toLook({ ...noChoice(), touched: true, at: 3, strokes }, facts, slotAt);
  assert.deepEqual(frame, { frames: { first: 6, last: 6 }, retouch: strokes });
  assert.deepEqual(toLook({ ...noChoice(), strokes }, facts, slotAt), { retouch: strokes });
  assert.equal(toLook(noChoice(), facts, slotAt), null);
  assert.deepEqual(readLook(showLook(/** @type {any} */ (range))), range);
});

test("several ranges and soft ends stay as they came, and are shown", () => {
  const look = /** @type {any} */ ({ ranges: [{ first: 4, last: null }, { first: 0, last: 0 }], soft: 2 });
  assert.deepEqual(readLook(showLook(look)), look);
  assert.deepEqual(spansOf(look, facts), [[0, 0], [2, 3]]);
  assert.deepEqual(spansOf({ frames: { first: 0, last: 2 }, ranges: [{ first: 2, last: 4 }] }, facts), [[0, 2]]);
  const asked = toLook({ ...noChoice(), mode: "range", range: [0, 3], rangeBy: "handles", asked: look }, facts, slotAt);
  assert.deepEqual(asked, look);
  for (const bad of [{ ranges: {} }, { ranges: [1] }, { ranges: [{ first: "a" }] }, { soft: -1 }, { soft: "2" }]) {
    assert.equal(readLook(JSON.stringify(bad)), null);
  }
  const shown = (/** @type {number[]} */ list, /** @type {number} */ soft) => list.map((at) => shownAt(at, [[2, 4], [10, 12]], soft));
  assert.deepEqual(shown([0, 2, 3.5, 6, 8, 20], 0), [2, 2, 3.5, 4, 10, 12]);
  assert.deepEqual(shown([3, 13, 14, 18], 4), [3, 12.875, 13.5, 14]);
});

test("what is no stroke is no look", () => {
  const good = stroke([[0.5, 0.5]]);
  assert.ok(areStrokes([good]));
  assert.ok(areStrokes([{ frame: 0, points: [[0, 1]], radius: 0.5 }]));
  const bad = [
    null, {}, "x", { ...good, frame: -1 }, { ...good, frame: 1.5 }, { ...good, points: [] }, { ...good, points: [[0.5]] },
    { ...good, points: [[0.5, 2]] }, { ...good, points: [[0.5, "0"]] }, { ...good, radius: 0 }, { ...good, radius: 0.6 },
    { ...good, softness: -0.1 }, { ...good, softness: null }, { ...good, colour: "red" },
  ];
  for (const one of bad) assert.ok(!areStrokes([one]), JSON.stringify(one));
  assert.ok(!areStrokes({ 0: good }));
  assert.ok(!areStrokes(Array(MOST_STROKES + 1).fill(good)));
  assert.ok(!areStrokes([stroke(Array(MOST_POINTS + 1).fill([0.5, 0.5]))]));
  assert.equal(readLook(JSON.stringify({ retouch: [{ ...good, points: [] }] })), null);
});

/** A graphics card that remembers what it was told. */
function card() {
  /** @type {string[]} */
  const drawn = [];
  let program = "";
  const gl = new Proxy({}, {
    get: (_, name) => (...args) => {
      if (name === "drawArrays" || name === "clear") drawn.push(name === "clear" ? "clear" : program);
      if (name === "scissor") drawn.push(`box ${args.join(" ")}`);
    },
  });
  const renderer = {
    gl, target: (/** @type {number} */ width, /** @type {number} */ height) => ({ width, height, frame: {}, texture: {} }),
    programs: { use: (/** @type {string} */ name) => { program = name.split("#")[0].trim(); return { at: () => null }; } },
    bind() {}, sample() {}, drop() {},
  };
  return { renderer, drawn };
}

test("the painter draws what is new, undoes by beginning anew, and waits for a frame", () => {
  const { renderer, drawn } = card();
  const at = new Map([[1, { chroma: null }]]);
  /** @type {number[]} */
  const asked = [];
  const frames = {
    source: { facts }, texture: (/** @type {number} */ slot) => at.get(slot) ?? null, pose: () => [1, 0, 0, 0, 1, 0], gain: () => 1,
    load: (/** @type {number} */ slot) => { asked.push(slot); return Promise.resolve(null); },
  };
  const painter = new RetouchPainter(/** @type {any} */ (renderer), /** @type {any} */ (frames), () => undefined);
  /** @type {any} */
  const merge = { width: 200, height: 100, handle: {} };
  assert.equal(painter.paint(merge, [], null), merge);
  assert.equal(drawn.length, 0);
  const live = stroke([[0.5, 0.5]]);
  const shown = painter.paint(merge, [], live);
  assert.notEqual(shown.handle, merge.handle);
  drawn.length = 0;
  painter.paint(merge, [], live);
  assert.deepEqual(drawn, [], "nothing new");
  live.points.push([0.6, 0.5]);
  painter.paint(merge, [], live);
  assert.equal(drawn.filter((what) => what === "retouch cover").length, 1);
  assert.ok(drawn.includes("box 96 46 28 8"), drawn.join());
  drawn.length = 0;
  const one = stroke([[0.5, 0.5], [0.6, 0.5]]);
  painter.paint(merge, [one], null);
  assert.equal(drawn.filter((what) => what === "retouch").length, 1);
  drawn.length = 0;
  painter.paint(merge, [one], null);
  assert.deepEqual(drawn, []);
  painter.paint(merge, [], stroke([[0.1, 0.1]]));
  assert.ok(drawn.includes("box 0 0 200 100"), "undone: begun anew");
  painter.paint(merge, [one, stroke([[0.2, 0.2]], 4), one], null);
  assert.deepEqual(asked, [2]);
  at.set(2, { chroma: null });
  drawn.length = 0;
  painter.paint(merge, [one, stroke([[0.2, 0.2]], 99)], null);
  assert.ok(drawn.length > 0);
});
