// @ts-check
/** Moves of the plane: where a place of the reference picture lies in a frame, and back. */

/** @typedef {import("./types.js").Affine} Affine */

/** @type {Affine} */
export const STILL = [1, 0, 0, 0, 1, 0];

/** @param {Affine} m @param {number} x @param {number} y @returns {[number, number]} */
export const apply = (m, x, y) => [m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5]];

/** First `inner`, then `outer`. @param {Affine} outer @param {Affine} inner @returns {number[]} */
export function compose(outer, inner) {
  const [a, b, c, d, e, f] = outer;
  const [g, h, i, j, k, l] = inner;
  return [a * g + b * j, a * h + b * k, a * i + b * l + c, d * g + e * j, d * h + e * k, d * i + e * l + f];
}

/** @param {Affine} m @returns {number[]} */
export function invert(m) {
  const [a, b, c, d, e, f] = m;
  const s = 1 / (a * e - b * d);
  return [e * s, -b * s, (b * f - c * e) * s, -d * s, a * s, (c * d - a * f) * s];
}

/** As a 3x3 matrix, column after column. @param {Affine} m */
export const columns = (m) => [m[0], m[3], 0, m[1], m[4], 0, m[2], m[5], 1];

/** The unit square onto a rectangle. @param {number} x @param {number} y @param {number} w @param {number} h @returns {number[]} */
export const rect = (x, y, w, h) => [w, 0, x, 0, h, y];
