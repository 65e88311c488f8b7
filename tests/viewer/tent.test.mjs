// The shares of frames in a merge, and where they have any.
import assert from "node:assert/strict";
import test from "node:test";
import { noiseOf } from "../../src/postfocus/viewer/element/noise.js";
import { blocks, chosen, nodes } from "../../src/postfocus/viewer/element/tent.js";

/** Share of a frame at a position, as in the shader: 1 at the frame, 0 at its neighbours. */
function share(node, at) {
  const up = (at - node.before) / (node.slot - node.before);
  const down = (node.after - at) / (node.after - node.slot);
  return Math.min(Math.max(Math.min(up, down), 0), 1);
}

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

test("a block knows the least and greatest depth of its cells and of those round it", () => {
  const [cols, rows, side] = [37, 21, 8];
  const position = Float32Array.from({ length: cols * rows }, (_, i) => (((i * 7919) % 37) + (i % 37)) / 4);
  const found = blocks({ cols, rows, position, confidence: new Uint8Array(0), state: new Uint8Array(0) }, side);
  assert.deepEqual([found.cols, found.rows], [5, 3]);
  for (let y = 0; y < 3; y++) {
    for (let x = 0; x < 5; x++) {
      const near = [...position].filter((_, i) => {
        const [col, row] = [i % cols, Math.floor(i / cols)];
        return col >= x * side - 1 && col <= (x + 1) * side && row >= y * side - 1 && row <= (y + 1) * side;
      });
      const i = 2 * (y * 5 + x);
      assert.deepEqual([...found.ends.slice(i, i + 2)], [Math.min(...near), Math.max(...near)]);
    }
  }
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
