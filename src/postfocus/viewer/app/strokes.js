// @ts-check
/** Strokes of the retouching brush as the Look has them: what one may be, and a hand's wobble made a short line. */

/**
 * @typedef {object} Stroke
 * @property {number} frame of the input
 * @property {[number, number][]} points fractions of the picture
 * @property {number} radius fraction of the picture's width
 * @property {number} [softness] share of the radius over which it fades
 */

/** As many as the Look may have. */
export const MOST_STROKES = 1000;
export const MOST_POINTS = 4000;
const WIDEST = 0.5;
const SOFT = 0.5;
const DIGITS = 1e5;

/** Sizes to choose from, each a little larger than the one before. */
export const SIZES = 40;
const [LEAST, TIMES] = [0.002, 100];

/** @param {number} size 0 to `SIZES` */
export const radiusOf = (size) => round(LEAST * TIMES ** (size / SIZES));

/** @param {number} value */
export const round = (value) => Math.round(value * DIGITS) / DIGITS;

/** @param {Stroke} stroke */
export const softnessOf = (stroke) => stroke.softness ?? SOFT;

/** @param {readonly Stroke[]} strokes */
export const pointsOf = (strokes) => strokes.reduce((sum, { points }) => sum + points.length, 0);

/** Whether a part of a pasted Look is what its retouch may be. @param {unknown} value @returns {value is Stroke[]} */
export function areStrokes(value) {
  return Array.isArray(value) && value.length <= MOST_STROKES && value.every(isStroke) && pointsOf(value) <= MOST_POINTS;
}

/** @param {unknown} value */
function isStroke(value) {
  if (typeof value !== "object" || value === null) return false;
  const { frame, points, radius, softness = SOFT, ...others } = /** @type {Record<string, unknown>} */ (value);
  const whole = typeof frame === "number" && Number.isInteger(frame) && frame >= 0;
  const line = Array.isArray(points) && points.length > 0 && points.every(isPoint);
  return whole && line && within(radius, WIDEST) && radius !== 0 && within(softness, 1) && Object.keys(others).length === 0;
}

/** @param {unknown} value */
function isPoint(value) {
  return Array.isArray(value) && value.length === 2 && value.every((one) => within(one, 1));
}

/** @param {unknown} value @param {number} most */
function within(value, most) {
  return typeof value === "number" && value >= 0 && value <= most;
}

/**
 * The same line by fewer points (Douglas and Peucker, 1973), rounded and within the picture.
 * @param {readonly (readonly [number, number])[]} points fractions
 * @param {number} aspect height over width of the picture
 * @param {number} tolerance fraction of the width by which it may differ
 * @returns {[number, number][]}
 */
export function simplified(points, aspect, tolerance) {
  const keep = new Set([0, points.length - 1]);
  const left = [[0, points.length - 1]];
  for (let part = left.pop(); part; part = left.pop()) {
    const [first, last] = part;
    let [farthest, most] = [-1, tolerance];
    for (let i = first + 1; i < last; i += 1) {
      const away = distance(points[i], points[first], points[last], aspect);
      if (away > most) [farthest, most] = [i, away];
    }
    if (farthest < 0) continue;
    keep.add(farthest);
    left.push([first, farthest], [farthest, last]);
  }
  const inside = (/** @type {number} */ v) => round(Math.min(Math.max(v, 0), 1));
  return [...keep].sort((a, b) => a - b).map((i) => [inside(points[i][0]), inside(points[i][1])]);
}

/**
 * From a point to a straight part, in widths of the picture.
 * @param {readonly [number, number]} p @param {readonly [number, number]} a @param {readonly [number, number]} b @param {number} aspect
 */
function distance([px, py], [ax, ay], [bx, by], aspect) {
  const [x, y, dx, dy] = [px - ax, (py - ay) * aspect, bx - ax, (by - ay) * aspect];
  const along = Math.min(Math.max((x * dx + y * dy) / (dx * dx + dy * dy || 1), 0), 1);
  return Math.hypot(x - along * dx, y - along * dy);
}
