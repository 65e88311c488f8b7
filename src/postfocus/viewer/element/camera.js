// @ts-check
/** The view as it moves: fits the box until zoomed, follows the hand, glides and settles. */

import { between, MOVE, still, Tween } from "./motion.js";
import * as geometry from "./view.js";

/** @typedef {import("./types.js").Box} Box */
/** @typedef {import("./types.js").Facts} Facts */
/** @typedef {import("./types.js").View} View */

const GLIDE = 300;
/** Before there is a picture. @type {Facts} */
const NOTHING = { width: 1, height: 1, count: 0, poses: [], preview: { width: 1, height: 1 } };

export class Camera {
  /** @type {Box} */ box = { width: 1, height: 1, ratio: 1 };
  /** @type {Facts} */ facts = NOTHING;
  /** @type {View} */ view = { scale: 1, x: 0.5, y: 0.5 };
  #fitted = true;
  /** @type {Tween<View>|null} */ #tween = null;

  /** @param {()=>void} changed */
  constructor(changed) {
    this.changed = changed;
  }

  /** @param {Facts} facts */
  setFacts(facts) {
    this.facts = facts;
    this.#settle();
  }

  /** @param {Box} box */
  setBox(box) {
    this.box = box;
    this.#settle();
  }

  #settle() {
    this.#tween = null;
    this.view = this.#fitted ? geometry.fitView(this.facts, this.box) : geometry.clampView(this.view, this.facts, this.box);
    this.changed();
  }

  get zoomed() {
    return geometry.isZoomed(this.#end, this.facts, this.box);
  }

  /** Where the movement under way ends. */
  get #end() {
    return this.#tween ? this.#tween.value(Number.POSITIVE_INFINITY) : this.view;
  }

  /** Device pixels per picture pixel, when at rest. */
  get scale() {
    return this.#end.scale * this.box.ratio;
  }

  /** @param {View} view @param {boolean} [move] smoothly @param {number} [length] */
  go(view, move = false, length = MOVE) {
    const from = this.view;
    this.#fitted = !geometry.isZoomed(view, this.facts, this.box);
    this.#tween = move && !still() ? new Tween((t) => between(from, view, t), performance.now(), length) : null;
    if (!this.#tween) this.view = view;
    this.changed();
  }

  /** Back to the whole picture. */
  fit() {
    this.go(geometry.fitView(this.facts, this.box), true);
  }

  /** @param {number} scale device pixels per picture pixel @param {number} sx stays there, CSS pixels @param {number} sy @param {boolean} [move] */
  zoom(scale, sx, sy, move = false) {
    this.go(geometry.zoomAround(this.view, this.facts, this.box, scale / this.box.ratio, sx, sy), move);
  }

  /** @param {number} way @param {number} sx @param {number} sy */
  step(way, sx, sy) {
    this.zoom(geometry.nextScale(this.#end.scale, way, this.facts, this.box) * this.box.ratio, sx, sy, true);
  }

  /** @param {number} dx CSS pixels @param {number} dy */
  pan(dx, dy) {
    this.go(geometry.pan(this.view, this.facts, this.box, dx, dy));
  }

  /** Runs on after the finger left. @param {number} vx CSS pixels per ms @param {number} vy */
  glide(vx, vy) {
    if (Math.hypot(vx, vy) < 0.05) return;
    const far = GLIDE / 3;
    this.go(geometry.pan(this.view, this.facts, this.box, vx * far, vy * far), true, GLIDE);
  }

  /** @param {number} x fraction @param {number} y */
  centre(x, y) {
    this.go(geometry.clampView({ scale: this.view.scale, x, y }, this.facts, this.box));
  }

  /** @param {number} now @returns {boolean} still moving */
  tick(now) {
    if (!this.#tween) return false;
    this.view = this.#tween.value(now);
    if (this.#tween.done(now)) this.#tween = null;
    return this.#tween !== null;
  }

  /** Fractions to CSS pixels of the box. @param {number} x @param {number} y @returns {[number, number]} */
  place(x, y) {
    return geometry.toScreen(this.view, this.facts, this.box, x, y);
  }

  /** CSS pixels of the box to fractions. @param {number} sx @param {number} sy @returns {[number, number]} */
  under(sx, sy) {
    return geometry.toPicture(this.view, this.facts, this.box, sx, sy);
  }

  /** The picture seen, CSS pixels of the box. */
  bounds() {
    const [x, y, w, h] = geometry.shown(this.facts);
    const [left, top] = this.place(x, y);
    const [right, bottom] = this.place(x + w, y + h);
    const { width, height } = this.box;
    return { left: Math.max(0, left), top: Math.max(0, top), right: Math.min(width, right), bottom: Math.min(height, bottom) };
  }

  /** Whether a point of the box lies on the picture. @param {number} sx @param {number} sy */
  holds(sx, sy) {
    const b = this.bounds();
    return sx >= b.left && sx <= b.right && sy >= b.top && sy <= b.bottom;
  }
}
