// What is kept, what is asked for first, and how one frame turns into another.
import assert from "node:assert/strict";
import test from "node:test";
import { Fade, mix, partsOf } from "../../src/postfocus/viewer/element/fade.js";
import { Frames } from "../../src/postfocus/viewer/element/frames.js";
import { Lru } from "../../src/postfocus/viewer/element/lru.js";

test("the least recently used goes first, what is held never", () => {
  const gone = [];
  const lru = new Lru(3, (v) => gone.push(v), (k) => k === "held");
  lru.set("held", "H", 1);
  for (const k of ["a", "b"]) lru.set(k, k, 1);
  lru.get("a");
  lru.set("c", "c", 1);
  assert.deepEqual(gone, ["b"]);
  assert.equal(lru.bytes, 3);
  assert.equal(lru.take("a"), "a");
  lru.clear();
  assert.deepEqual(gone, ["b", "H", "c"]);
  assert.deepEqual([...lru.keys()], []);
  assert.equal(lru.bytes, 0);
});

test("a slot between two frames blends both, a whole one is alone", () => {
  assert.deepEqual(partsOf(3, 5), [{ slot: 3, weight: 1 }]);
  assert.deepEqual(partsOf(2.25, 5), [{ slot: 2, weight: 0.75 }, { slot: 3, weight: 0.25 }]);
  assert.deepEqual(partsOf(99, 5), [{ slot: 4, weight: 1 }]);
});

test("shares always add up to one, of three frames at most", () => {
  const parts = mix(partsOf(1.5, 9), partsOf(6.5, 9), 0.4);
  assert.equal(parts.length, 3);
  assert.ok(Math.abs(parts.reduce((s, p) => s + p.weight, 0) - 1) < 1e-9);
});

test("a fade that is interrupted goes on from what is seen", () => {
  const fade = new Fade();
  fade.start(partsOf(1, 9), 0, 0);
  fade.start(partsOf(2, 9), 100, 140);
  const seen = fade.at(170);
  fade.start(partsOf(5, 9), 170, 140);
  assert.deepEqual(new Map(fade.at(170).map((p) => [p.slot, p.weight])), new Map(seen.map((p) => [p.slot, p.weight])));
  assert.deepEqual(fade.at(400), partsOf(5, 9));
  assert.equal(fade.done(400), true);
});

/** A source whose decodes the test finishes by hand. */
function room(count, bytes = 4) {
  const asked = [];
  const made = [];
  globalThis.createImageBitmap = (blob) => new Promise((done) => made.push({ slot: blob.slot, done: () => done({ width: 1, height: 1 }) }));
  const source = {
    facts: { count },
    preview: async (slot) => {
      asked.push(slot);
      return { slot };
    },
  };
  const painter = { planes: false, texture: () => ({ width: 1, height: 1, bytes, handle: null }), free() {} };
  const ready = [];
  const frames = new Frames(source, painter, (slot) => ready.push(slot), (error) => assert.fail(String(error)));
  const settle = () => new Promise((done) => setImmediate(done));
  return { frames, asked, made, ready, settle };
}

test("the most urgent frames are decoded first; what is no longer wanted is not begun", async () => {
  const { frames, made, ready, settle } = room(9);
  frames.want([4, 5, 6, 7]);
  await settle();
  assert.deepEqual(made.map((m) => m.slot), [4, 5]);
  frames.want([8]);
  made[0].done();
  await settle();
  assert.deepEqual(made.map((m) => m.slot), [4, 5, 8]);
  assert.deepEqual(ready, [4]);
  assert.equal(frames.nearest(7), 4);
});

test("a frame that is perhaps asked for comes after those that are", async () => {
  const { frames, made, settle } = room(9);
  frames.want([4, 5, 6]);
  frames.hope(8);
  await settle();
  assert.deepEqual(made.map((m) => m.slot), [4, 5]);
  for (const at of [0, 1]) {
    made[at].done();
    await settle();
  }
  assert.deepEqual(made.map((m) => m.slot), [4, 5, 6, 8]);
});

test("a short sweep is kept whole, of a long one what is about the hand", async () => {
  for (const [count, kept] of [[24, 24], [25, 12]]) {
    const { frames, made, settle } = room(count, 4e6);
    for (let slot = 0; slot < count; slot++) {
      frames.want([slot]);
      await settle();
      made.at(-1)?.done();
      await settle();
    }
    const there = Array.from({ length: count }, (_, slot) => slot).filter((slot) => frames.texture(slot));
    assert.equal(there.length, kept);
    assert.ok(there.includes(count - 1));
  }
});

test("a merge gets its frames although they are not shown", async () => {
  const { frames, made, settle } = room(9);
  const texture = frames.load(3);
  await settle();
  made[0].done();
  assert.equal((await texture).bytes, 4);
  assert.equal(frames.texture(3)?.bytes, 4);
});

test("all previews are fetched once, from the shown one outwards", async () => {
  const { frames, asked } = room(6);
  await frames.fetchAll(2);
  await frames.blob(2);
  assert.equal(asked.length, 6);
  assert.equal(asked[0], 2);
  assert.deepEqual(new Set(asked.slice(1, 3)), new Set([1, 3]));
});

test("after closing nothing is drawn and who waits is told", async () => {
  const { frames, ready, made, settle } = room(6);
  const texture = frames.load(1);
  await settle();
  frames.close();
  made[0].done();
  assert.equal(await texture, null);
  await settle();
  assert.deepEqual(ready, []);
});
