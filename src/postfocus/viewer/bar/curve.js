// @ts-check
/** The sharpness of the touched place as a smooth line that never rises above a measured frame. */

/** @typedef {[number, number]} Point */

/**
 * Heights 0 to 1 of a sharpness curve: scaled to its own peak when focus was found, else to six times the
 * noise, so that "nothing" looks like nothing. Frames without a value are `NaN`.
 * @param {ArrayLike<number>} curve sharpness per frame over a plain place, exactly 0 where the frame does not show the place
 * @param {number} noise
 * @param {boolean} found
 * @returns {Float64Array<ArrayBufferLike>}
 */
export function heights(curve, noise, found) {
  let peak = 0;
  for (let i = 0; i < curve.length; i += 1) peak = Math.max(peak, curve[i] ?? 0);
  const full = found || noise <= 0 ? peak : Math.max(6 * noise, peak);
  return Float64Array.from(curve, (value) => (value === 0 || full <= 0 ? Number.NaN : Math.min(1, Math.max(0, value / full))));
}

/**
 * SVG path through the points, cubic and monotone between them (Fritsch and Carlson 1980).
 * @param {Point[]} points
 * @returns {string}
 */
export function monotonePath(points) {
  const n = points.length;
  if (n === 0) return "";
  const at = (/** @type {number} */ i) => /** @type {Point} */ (points[i]);
  const slopes = tangents(points);
  let path = `M${round(at(0)[0])} ${round(at(0)[1])}`;
  for (let i = 0; i + 1 < n; i += 1) {
    const [x0, y0] = at(i);
    const [x1, y1] = at(i + 1);
    const third = (x1 - x0) / 3;
    const a = y0 + third * /** @type {number} */ (slopes[i]);
    const b = y1 - third * /** @type {number} */ (slopes[i + 1]);
    path += `C${round(x0 + third)} ${round(a)} ${round(x1 - third)} ${round(b)} ${round(x1)} ${round(y1)}`;
  }
  return path;
}

/**
 * @param {Point[]} points
 * @returns {number[]}
 */
function tangents(points) {
  const steps = points.slice(1).map(([x, y], i) => {
    const [x0, y0] = /** @type {Point} */ (points[i]);
    return (y - y0) / (x - x0);
  });
  const last = steps.length;
  if (last === 0) return [0];
  return points.map((_, i) => {
    const before = steps[i - 1] ?? 0;
    const after = steps[i] ?? 0;
    if (i === 0) return after;
    if (i === last) return before;
    return before * after <= 0 ? 0 : (2 * before * after) / (before + after);
  });
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 100) / 100;
}

/**
 * Where the curve has fallen to its foot (a fifth of its peak) on both sides of the best frame.
 * @param {ArrayLike<number>} shares heights 0 to 1
 * @param {number} best
 * @returns {number[]}
 */
export function feet(shares, best) {
  const found = [];
  for (const side of [-1, 1]) {
    for (let i = Math.round(best); i >= 0 && i < shares.length; i += side) {
      if (/** @type {number} */ (shares[i]) <= 0.2) {
        found.push(i);
        break;
      }
    }
  }
  return found;
}
