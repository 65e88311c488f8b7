// Original pixels: what is looked at comes first, what may be looked at next after it, and drawing waits for a view to be whole.
import assert from "node:assert/strict";
import test from "node:test";
import { Tiles } from "../../src/postfocus/viewer/element/tiles.js";

/** Tiles whose arrival the test decides. */
function room() {
  const asked = new Map();
  const drawn = [];
  globalThis.createImageBitmap = async () => ({ width: 1, height: 1 });
  const source = {
    tile: (of, col, _row, signal) => new Promise((done, fail) => {
      asked.set(`${of}/${col}`, done);
      signal.addEventListener("abort", () => fail(new Error("left")));
    }),
  };
  const painter = { planes: false, texture: () => ({ width: 1, height: 1, bytes: 4, handle: null }), free() {} };
  const tiles = new Tiles(source, painter, () => drawn.push(tiles.complete));
  const come = async (...keys) => {
    for (const key of keys) asked.get(key)({});
    for (let i = 0; i < 5; i++) await new Promise((done) => setImmediate(done));
  };
  const row = (of, ...cols) => cols.map((col) => ({ of, col, row: 0 }));
  return { tiles, asked, drawn, come, row };
}

test("tiles that come together are drawn together", async () => {
  const { tiles, drawn, come, row } = room();
  tiles.want(row(1, 0, 1, 2));
  await come("1/0", "1/1");
  assert.deepEqual(drawn, []);
  await come("1/2");
  assert.deepEqual(drawn, [true]);
});

test("of a view that takes its time a part is drawn", async () => {
  const { tiles, drawn, come, row } = room();
  tiles.want(row(1, 0, 1));
  await come("1/0");
  await new Promise((done) => setTimeout(done, 400));
  assert.deepEqual(drawn, [false]);
  tiles.close();
});

test("what may be looked at next waits its turn, is not drawn, and is there when it is", async () => {
  const { tiles, asked, drawn, come, row } = room();
  tiles.want(row(1, 0, 1));
  tiles.hope(row(2, 0, 1, 2));
  assert.deepEqual([...asked.keys()], ["1/0", "1/1", "2/0", "2/1"]);
  await come("1/0", "1/1");
  assert.deepEqual(drawn, [true]);
  await come("2/0", "2/1", "2/2");
  assert.deepEqual(drawn, [true]);
  tiles.want(row(2, 0, 1, 2));
  assert.equal(tiles.complete, true);
});

test("another hope leaves the one before", async () => {
  const { tiles, asked, come, row } = room();
  tiles.hope(row(1, 0));
  tiles.hope(row(2, 0));
  await come();
  assert.deepEqual([...asked.keys()], ["1/0", "2/0"]);
  await come("2/0");
  tiles.want(row(1, 0));
  assert.equal(tiles.complete, false);
});
