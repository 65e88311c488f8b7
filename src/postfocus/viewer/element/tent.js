// @ts-check
/** Which frames a merge takes its light from, and how much of each. Pure functions. */

/** @typedef {import("./types.js").DepthCells} DepthCells */
/** @typedef {{slot:number, before:number, after:number}} Node a frame and its neighbours in use */

/** Frames of a merge, at most `most` of them, the ends always. @param {readonly number[]} usable in order @param {number} a @param {number} b @param {number} most @returns {number[]} */
export function chosen(usable, a, b, most) {
  const inside = usable.filter((k) => k >= Math.floor(a) && k <= Math.ceil(b));
  const all = inside.length ? inside : usable.slice().sort((p, q) => Math.abs(p - a) - Math.abs(q - a)).slice(0, 1);
  if (all.length <= most) return all;
  const step = (all.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, i) => all[Math.round(i * step)]);
}

/** @param {readonly number[]} slots in order @returns {Node[]} */
export const nodes = (slots) =>
  slots.map((slot, i) => ({ slot, before: slots[i - 1] ?? slot - 1e4, after: slots[i + 1] ?? slot + 1e4 }));

/** Share of a frame at a position: 1 at the frame, 0 at its neighbours. Shares add up to one.
 * @param {Node} node @param {number} at @returns {number} */
export function share(node, at) {
  const up = (at - node.before) / (node.slot - node.before);
  const down = (node.after - at) / (node.after - node.slot);
  return Math.min(Math.max(Math.min(up, down), 0), 1);
}

/** Least and greatest position in square blocks of cells, their neighbours included.
 * @param {DepthCells} cells @param {number} side cells */
export function blocks(cells, side) {
  const cols = Math.ceil(cells.cols / side);
  const rows = Math.ceil(cells.rows / side);
  const least = new Float32Array(cols * rows).fill(1e9);
  const most = new Float32Array(cols * rows).fill(-1e9);
  for (let row = 0; row < cells.rows; row++) {
    const down = [...new Set([row - 1, row, row + 1].map((r) => Math.min(Math.max(Math.floor(r / side), 0), rows - 1)))];
    for (let col = 0; col < cells.cols; col++) {
      const at = cells.position[row * cells.cols + col];
      const left = Math.max(0, Math.floor((col - 1) / side));
      const right = Math.min(cols - 1, Math.floor((col + 1) / side));
      for (const r of down) {
        for (let c = left; c <= right; c++) {
          const i = r * cols + c;
          if (at < least[i]) least[i] = at;
          if (at > most[i]) most[i] = at;
        }
      }
    }
  }
  return { cols, rows, side, least, most };
}

/** Rectangles (fractions: x, y, width, height) where a frame has any share; runs of blocks are joined.
 * @param {ReturnType<typeof blocks>} grid @param {DepthCells} cells @param {Node} node @param {number} a @param {number} b @returns {number[]} */
export function touched(grid, cells, node, a, b) {
  const out = [];
  const held = (/** @type {number} */ v) => Math.min(Math.max(v, a), b);
  const w = grid.side / cells.cols;
  const h = grid.side / cells.rows;
  for (let row = 0; row < grid.rows; row++) {
    for (let col = 0, from = -1; col <= grid.cols; col++) {
      const i = row * grid.cols + col;
      const on = col < grid.cols && held(grid.most[i]) > node.before && held(grid.least[i]) < node.after;
      if (on && from < 0) from = col;
      if (!on && from >= 0) {
        const right = Math.min(col * w, 1);
        out.push(from * w, row * h, right - from * w, Math.min((row + 1) * h, 1) - row * h);
        from = -1;
      }
    }
  }
  return out;
}
