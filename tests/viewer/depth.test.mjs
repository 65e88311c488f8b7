// The depth map as the server sends it, read into slots.
import assert from "node:assert/strict";
import test from "node:test";
import { readDepth } from "../../src/postfocus/viewer/app/server-source.js";

/** Three columns, two rows, as the server writes them. */
function sent(steps) {
  const bytes = new DataView(new ArrayBuffer(8 + 4 * steps.length));
  bytes.setUint32(0, 3, true);
  bytes.setUint32(4, 2, true);
  steps.forEach((step, i) => {
    bytes.setUint16(8 + 2 * i, step, true);
    bytes.setUint8(8 + 2 * steps.length + i, 10 * i);
    bytes.setUint8(8 + 3 * steps.length + i, i % 4);
  });
  return bytes.buffer;
}

test("positions are slots, however many steps a slot has", () => {
  for (const scale of [256, 128, 2]) {
    const slots = [0, 0.5, 7, 119, 300.5, 1.5].map((slot) => Math.min(slot, 0xffff / scale));
    const cells = readDepth(sent(slots.map((slot) => slot * scale)), scale);
    assert.deepEqual([cells.cols, cells.rows], [3, 2]);
    assert.deepEqual([...cells.position], [...Float32Array.from(slots)]);
    assert.deepEqual([...cells.confidence], [0, 10, 20, 30, 40, 50]);
    assert.deepEqual([...cells.state], [0, 1, 2, 3, 0, 1]);
  }
});

test("a depth map that is cut short is refused", () => {
  assert.throws(() => readDepth(sent([0, 1, 2, 3, 4, 5]).slice(0, -1), 256), RangeError);
});
