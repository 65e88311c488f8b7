// The shares of frames in a merge, and where they have any.
import assert from "node:assert/strict";
import test from "node:test";
import { noiseOf } from "../../src/postfocus/viewer/element/noise.js";
import { blocks, chosen, nodes, share, touched } from "../../src/postfocus/viewer/element/tent.js";

const usable = [0, 1, 2, 4, 5, 6, 7, 8, 9];

test("frames of a range, its ends always among them", () => {
  assert.deepEqual(chosen(usable, 2, 6, 99), [2, 4, 5, 6]);
  assert.deepEqual(chosen(usable, 0, 9, 3), [0, 5, 9]);
  assert.deepEqual(chosen(usable, 3.2, 3.4, 9), [4]);
  assert.equal(chosen([0, 1], 5, 6, 9).length, 1);
});

test("shares add up to one at every depth, whatever frames are left out", () => {
  const all = nodes(chosen(usable, 1, 9, 5));
  for (let at = 0; at <= 10; at += 0.13) {
    const held = Math.min(Math.max(at, 1), 9);
    const sum = all.reduce((s, node) => s + share(node, held), 0);
    assert.ok(Math.abs(sum - 1) < 1e-3, `${sum} at ${at}`);
  }
});

test("a frame has the whole share at its own depth", () => {
  for (const node of nodes([2, 4, 5])) assert.equal(share(node, node.slot), 1);
});

test("no cell with a share lies outside the rectangles drawn", () => {
  const cells = { cols: 37, rows: 21, position: new Float32Array(37 * 21), confidence: new Uint8Array(0), state: new Uint8Array(0) };
  for (let i = 0; i < cells.position.length; i++) cells.position[i] = (((i * 7919) % 37) + (i % 37)) / 4;
  const grid = blocks(cells, 8);
  for (const node of nodes([3, 6, 10])) {
    const rects = touched(grid, cells, node, 3, 10);
    for (let row = 0; row < cells.rows; row++) {
      for (let col = 0; col < cells.cols; col++) {
        const at = Math.min(Math.max(cells.position[row * cells.cols + col], 3), 10);
        if (share(node, at) <= 0) continue;
        const x = (col + 0.5) / cells.cols;
        const y = (row + 0.5) / cells.rows;
        let inside = false;
        for (let i = 0; i < rects.length; i += 4) {
          inside ||= x > rects[i] && x < rects[i] + rects[i + 2] && y > rects[i + 1] && y < rects[i + 1] + rects[i + 3];
        }
        assert.ok(inside, `cell ${col}, ${row} of frame ${node.slot}`);
      }
    }
  }
});

test("a flat scene draws each frame only where it counts", () => {
  const cells = { cols: 16, rows: 8, position: new Float32Array(128).fill(2), confidence: new Uint8Array(0), state: new Uint8Array(0) };
  const grid = blocks(cells, 8);
  assert.deepEqual(touched(grid, cells, nodes([0, 2, 4])[1], 0, 4), [0, 0, 1, 1]);
  assert.deepEqual(touched(grid, cells, nodes([0, 2, 4])[0], 0, 4), []);
});

test("noise is found beside strong edges", () => {
  const [width, height] = [480, 240];
  const rgba = new Uint8ClampedArray(4 * width * height);
  let seed = 1;
  const next = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  for (let i = 0; i < width * height; i++) {
    const normal = next() + next() + next() + next() - 2;
    const edge = i % width < 160 && Math.floor(i / 7) % 2 ? 90 : 0;
    rgba.fill(100 + edge + normal * 2 * Math.sqrt(3), 4 * i, 4 * i + 4);
  }
  const truth = (2 / 255) * Math.sqrt(1.25);
  assert.ok(Math.abs(noiseOf(rgba, width, height) - truth) < 0.25 * truth);
});
