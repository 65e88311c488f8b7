// @ts-check
/** The pictures of one sweep, fetched from the server for the element that draws them. */

import { ask, get, sweepPath } from "./api.js";

/** @typedef {import("./types.js").Facts} Facts */
/** @typedef {import("./types.js").Pick} Pick */
/** @typedef {import("../element/types.js").DepthCells} DepthCells */

/**
 * @param {Facts} facts
 */
export function serverSource(facts) {
  const root = sweepPath(facts.id);
  const version = `v=${encodeURIComponent(facts.version)}`;
  const ready = facts.state === "ready";
  return {
    facts,

    /**
     * @param {number} slot
     * @param {AbortSignal} [signal]
     * @returns {Promise<Blob>}
     */
    preview: (slot, signal) => blob(previewPath(facts, slot), signal),

    tile: ready
      ? /**
         * @param {number|string} slot
         * @param {number} col
         * @param {number} row
         * @param {AbortSignal} [signal]
         * @returns {Promise<Blob>}
         */
        (slot, col, row, signal) => blob(`${root}/tile/${slot}/0/${col}/${row}?${version}`, signal)
      : null,

    /**
     * @param {number} x
     * @param {number} y
     * @param {AbortSignal} [signal]
     * @returns {Promise<Pick>}
     */
    pick: (x, y, signal) => get(`${root}/pick?x=${x.toFixed(5)}&y=${y.toFixed(5)}`, signal),

    depth: ready
      ? async () => readDepth(await (await ask(`${root}/depth?${version}`)).arrayBuffer(), facts.depth_scale)
      : null,
  };
}

/** Where the small picture of a frame is. @param {Facts} facts @param {number} slot */
export function previewPath(facts, slot) {
  return `${sweepPath(facts.id)}/preview/${slot}?v=${encodeURIComponent(facts.version)}`;
}

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
async function blob(path, signal) {
  return (await ask(path, signal ? { signal } : {})).blob();
}

/**
 * The depth map as it travels, little-endian: columns and rows (uint32), positions (uint16), confidences, states (uint8).
 * @param {ArrayBuffer} bytes
 * @param {number} scale steps of a position in a slot
 * @returns {DepthCells}
 */
export function readDepth(bytes, scale) {
  const head = new DataView(bytes);
  const cols = head.getUint32(0, true);
  const rows = head.getUint32(4, true);
  const cells = cols * rows;
  if (bytes.byteLength !== 8 + 4 * cells) throw new RangeError("The depth map is cut short; reload the page.");
  return {
    cols,
    rows,
    position: Float32Array.from(new Uint16Array(bytes, 8, cells), (steps) => steps / scale),
    confidence: new Uint8Array(bytes, 8 + 2 * cells, cells),
    state: new Uint8Array(bytes, 8 + 3 * cells, cells),
  };
}
