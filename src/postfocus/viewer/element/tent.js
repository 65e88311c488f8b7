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

/** Least and greatest position in square blocks of cells, each with the cells round it.
 * @param {DepthCells} cells @param {number} side cells @returns {{cols:number, rows:number, ends:Float32Array}} least, greatest, by turns */
export function blocks(cells, side) {
  const cols = Math.ceil(cells.cols / side);
  const rows = Math.ceil(cells.rows / side);
  const ends = new Float32Array(2 * cols * rows);
  for (let i = 0; i < cols * rows; i++) {
    const left = (i % cols) * side;
    const top = Math.floor(i / cols) * side;
    let least = 1e9;
    let most = -1e9;
    for (let row = Math.max(0, top - 1); row <= Math.min(top + side, cells.rows - 1); row++) {
      for (let col = Math.max(0, left - 1); col <= Math.min(left + side, cells.cols - 1); col++) {
        const at = cells.position[row * cells.cols + col];
        least = Math.min(least, at);
        most = Math.max(most, at);
      }
    }
    ends.set([least, most], 2 * i);
  }
  return { cols, rows, ends };
}
