// @ts-check
/** Which part of the picture is seen, and how large: fit, zoom about a place, pan. Pure functions. */

import { apply } from "./affine.js";

/** @typedef {import("./types.js").Box} Box */
/** @typedef {import("./types.js").View} View */
/** @typedef {import("./types.js").Facts} Facts */
/** @typedef {import("./types.js").Affine} Affine */

/** Largest zoom: device pixels per picture pixel. */
export const MOST = 8;
const LEVELS = [0.5, 1, 2, 4, 8];
const NEAR = 1.005;

/** Part of the reference picture that is shown: what all frames share, unless that is little.
 * @param {Facts} facts @returns {readonly [number, number, number, number]} x, y, width, height as fractions */
export function shown(facts) {
  const v = facts.valid;
  return v && v[2] * v[3] > 0.5 ? v : [0, 0, 1, 1];
}

/** Scales at which the picture is as wide and as high as the box. @param {Facts} facts @param {Box} box */
function scales(facts, box) {
  const [, , w, h] = shown(facts);
  return [box.width / (w * facts.width), box.height / (h * facts.height)];
}

/** The whole picture is seen. @param {Facts} facts @param {Box} box */
export const fitScale = (facts, box) => Math.min(...scales(facts, box)) || 1;

/** Covers the whole box. @param {Facts} facts @param {Box} box */
export const fillScale = (facts, box) => Math.max(...scales(facts, box)) || 1;

/** @param {Facts} facts @param {Box} box @returns {View} */
export function fitView(facts, box) {
  const [x, y, w, h] = shown(facts);
  return { scale: fitScale(facts, box), x: x + w / 2, y: y + h / 2 };
}

/** @param {View} view @param {Facts} facts @param {Box} box */
export const isZoomed = (view, facts, box) => view.scale > fitScale(facts, box) * NEAR;

/** The view with no gap between picture and box that need not be.
 * @param {View} view @param {Facts} facts @param {Box} box @returns {View} */
export function clampView(view, facts, box) {
  const [x, y, w, h] = shown(facts);
  const fit = fitScale(facts, box);
  const scale = Math.min(Math.max(view.scale, fit), Math.max(MOST / box.ratio, fit));
  const along = (/** @type {number} */ at, /** @type {number} */ from, /** @type {number} */ size, /** @type {number} */ half) =>
    size <= 2 * half ? from + size / 2 : Math.min(Math.max(at, from + half), from + size - half);
  return {
    scale,
    x: along(view.x, x, w, box.width / 2 / (facts.width * scale)),
    y: along(view.y, y, h, box.height / 2 / (facts.height * scale)),
  };
}

/** CSS pixels from the box's top left. @param {View} view @param {Facts} facts @param {Box} box @param {number} x @param {number} y @returns {[number, number]} */
export function toScreen(view, facts, box, x, y) {
  return [
    box.width / 2 + (x - view.x) * facts.width * view.scale,
    box.height / 2 + (y - view.y) * facts.height * view.scale,
  ];
}

/** @param {View} view @param {Facts} facts @param {Box} box @param {number} sx @param {number} sy @returns {[number, number]} */
export function toPicture(view, facts, box, sx, sy) {
  return [
    view.x + (sx - box.width / 2) / (facts.width * view.scale),
    view.y + (sy - box.height / 2) / (facts.height * view.scale),
  ];
}

/** The view in which a place of the picture lies at a point of the box. @param {Facts} facts @param {Box} box @param {number} scale @param {number} x fraction @param {number} y @param {number} sx CSS pixels @param {number} sy @returns {View} */
export const holding = (facts, box, scale, x, y, sx, sy) => ({
  scale,
  x: x - (sx - box.width / 2) / (facts.width * scale),
  y: y - (sy - box.height / 2) / (facts.height * scale),
});

/** What lies under (sx, sy) stays there. @param {View} view @param {Facts} facts @param {Box} box @param {number} scale @param {number} sx @param {number} sy @returns {View} */
export function zoomAround(view, facts, box, scale, sx, sy) {
  const [x, y] = toPicture(view, facts, box, sx, sy);
  const held = clampView({ ...view, scale }, facts, box).scale;
  return clampView(holding(facts, box, held, x, y, sx, sy), facts, box);
}

/** The picture moves with the hand. @param {View} view @param {Facts} facts @param {Box} box @param {number} dx @param {number} dy @returns {View} */
export function pan(view, facts, box, dx, dy) {
  return clampView(holding(facts, box, view.scale, view.x, view.y, box.width / 2 + dx, box.height / 2 + dy), facts, box);
}

/** Next of fit, 50, 100, 200, 400, 800 %. @param {number} scale @param {number} way @param {Facts} facts @param {Box} box @returns {number} */
export function nextScale(scale, way, facts, box) {
  const fit = fitScale(facts, box);
  const levels = [fit, ...LEVELS.map((l) => l / box.ratio).filter((l) => l > fit * NEAR)];
  if (way > 0) return levels.find((l) => l > scale * NEAR) ?? levels[levels.length - 1];
  return levels.findLast((l) => l < scale / NEAR) ?? fit;
}

/** Reference fractions to clip space: x scale, x offset, y scale, y offset. Whole zooms fall on whole pixels.
 * @param {View} view @param {Facts} facts @param {Box} box @returns {number[]} */
export function clipOf(view, facts, box) {
  const W = Math.round(box.width * box.ratio);
  const H = Math.round(box.height * box.ratio);
  const s = view.scale * box.ratio;
  const whole = Math.abs(s - Math.round(s)) < 1e-6;
  const along = (/** @type {number} */ at, /** @type {number} */ size, /** @type {number} */ box) => {
    const origin = box / 2 - at * size * s;
    return [(2 * size * s) / box, (2 * (whole ? Math.round(origin) : origin)) / box - 1];
  };
  const [ax, bx] = along(view.x, facts.width, W);
  const [ay, by] = along(view.y, facts.height, H);
  return [ax, bx, -ay, -by];
}

/** Columns and rows of the tiles of a frame that are seen, the middle ones first.
 * @param {View} view @param {Facts} facts @param {Box} box @param {Affine} pose reference to frame @param {number} side
 * @returns {{col:number, row:number}[]} */
export function tilesSeen(view, facts, box, pose, side) {
  const corners = [[0, 0], [box.width, 0], [0, box.height], [box.width, box.height]].map(([sx, sy]) => {
    const [x, y] = toPicture(view, facts, box, sx, sy);
    return apply(pose, Math.min(Math.max(x, 0), 1), Math.min(Math.max(y, 0), 1));
  });
  const range = (/** @type {number[]} */ at, /** @type {number} */ size) => {
    const last = Math.ceil(size / side) - 1;
    const index = (/** @type {number} */ v) => Math.min(Math.max(Math.floor((v * size) / side), 0), last);
    return [index(Math.min(...at)), index(Math.max(...at) - 1e-9)];
  };
  const [c0, c1] = range(corners.map((c) => c[0]), facts.width);
  const [r0, r1] = range(corners.map((c) => c[1]), facts.height);
  const tiles = [];
  for (let row = r0; row <= r1; row++) for (let col = c0; col <= c1; col++) tiles.push({ col, row });
  const from = (/** @type {{col:number, row:number}} */ t) => Math.hypot(t.col - (c0 + c1) / 2, t.row - (r0 + r1) / 2);
  return tiles.sort((a, b) => from(a) - from(b));
}
