// What lies on the canvas: where original pixels are drawn and said to be, and which ones nobody waits for any more.
import assert from "node:assert/strict";
import test from "node:test";
import { Stage } from "../../src/postfocus/viewer/element/stage.js";

const BOX = { width: 1000, height: 500, ratio: 1 };
const WHOLE = { scale: 0.25, x: 0.5, y: 0.5 };
const CLOSE = { scale: 1, x: 0.2, y: 0.2 };
const STILL = [1, 0, 0, 0, 1, 0];
const facts = { width: 4000, height: 2000, count: 3, poses: [STILL, STILL, STILL], preview: { width: 2000, height: 1000 } };
const loupe = { x: 500, y: 250, radius: 100, px: 0.5, py: 0.5, scale: 4 };

const turns = async () => {
  for (let i = 0; i < 9; i++) await new Promise((done) => setImmediate(done));
};

/** A stage with a frame on it; its tiles come when the test says so. */
async function room() {
  globalThis.createImageBitmap = async () => ({ width: 2000, height: 1000 });
  const asked = new Map();
  const source = {
    facts,
    preview: async () => new Blob(),
    pick: async () => ({}),
    tile: (of, col, row, signal) => new Promise((come, fail) => {
      asked.set(`${of}/${col}/${row}`, { come: () => come(new Blob()), signal });
      signal.addEventListener("abort", () => fail(new Error("left")));
    }),
  };
  const drawn = [];
  const texture = { width: 512, height: 512, bytes: 4, handle: null };
  const painter = { planes: false, texture: () => texture, free() {}, begin() {}, draw: (layer) => drawn.push(layer), end() {}, setDepth() {} };
  const stage = new Stage(source, painter, () => {}, () => {}, () => {});
  stage.show(1, 0);
  await turns();
  const draw = (view, near = null) => stage.draw(view, BOX, 1, false, { loupe: near, depth: false, peaking: null });
  return { stage, asked, drawn, draw, texture };
}

test("the loupe tells of original pixels when all of them are drawn, not before", async () => {
  const { stage, asked, draw } = await room();
  draw(WHOLE, loupe);
  assert.equal(stage.original, false);
  assert.ok(asked.size > 0);
  for (const { come } of asked.values()) come();
  await turns();
  draw(WHOLE, loupe);
  assert.equal(stage.original, true);
  draw(WHOLE, { ...loupe, px: 0.9 });
  assert.equal(stage.original, false);
  stage.close();
});

test("the loupe fetches what lies under it alone", async () => {
  const { stage, asked, draw } = await room();
  draw(WHOLE, { ...loupe, px: 0.56, py: 0.38 }); // 50 pixels about 2240, 760: inside one tile
  assert.deepEqual([...asked.keys()], ["1/4/1"]);
  stage.close();
});

test("the loupe on a merge shows the pixels of a full merge, and claims none where there is no such merge", async () => {
  const { stage, asked, draw, texture } = await room();
  stage.merge = [0, 2];
  stage.merges.texture = () => texture;
  draw(WHOLE, loupe);
  assert.equal(stage.original, false);
  assert.equal(asked.size, 0);
  stage.mergeKey = "merge-a";
  draw(WHOLE, loupe);
  assert.ok([...asked.keys()].every((key) => key.startsWith("merge-a/")));
  for (const { come } of asked.values()) come();
  await turns();
  draw(WHOLE, loupe);
  assert.equal(stage.original, true);
  stage.close();
});

test("tiles that were hoped for are left when the view moves on", async () => {
  const { stage, asked, draw } = await room();
  draw(CLOSE);
  for (const { come } of asked.values()) come();
  await turns();
  draw(CLOSE);
  asked.clear();
  stage.hope(2);
  assert.ok(asked.size > 0);
  draw(CLOSE);
  const hoped = [...asked.values()];
  assert.ok(hoped.every(({ signal }) => !signal.aborted));
  draw({ ...CLOSE, x: 0.8 });
  assert.ok(hoped.every(({ signal }) => signal.aborted));
  stage.close();
});
