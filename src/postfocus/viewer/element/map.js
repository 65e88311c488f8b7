// @ts-check
/** The small map of the whole picture, shown while the view moves: where one is, and a way to go elsewhere. */

import { bitmapOf } from "./decode.js";
import { make } from "./dom.js";
import { shown } from "./view.js";

const STAY = 1500;
/** Pixels across. */
const WIDE = 300;

export class PictureMap {
  node = make("div", "map away");
  #canvas = make("canvas");
  #frame = make("div");
  #timer = 0;
  /** @type {import("./frames.js").Frames|null} */ #of = null;
  /** What it shows: a slot, or the ends of a merge. */ #shown = "";

  /** @param {HTMLElement} over @param {import("./camera.js").Camera} camera */
  constructor(over, camera) {
    this.camera = camera;
    this.node.setAttribute("aria-hidden", "true");
    this.node.append(this.#canvas, this.#frame);
    over.append(this.node);
    const go = (/** @type {PointerEvent} */ e) => {
      e.stopPropagation();
      if (e.type === "pointermove" && !e.buttons) return;
      const { left, top, width, height } = this.#canvas.getBoundingClientRect();
      const [x, y, w, h] = camera.facts ? shown(camera.facts) : [0, 0, 1, 1];
      camera.centre(x + ((e.clientX - left) / width) * w, y + ((e.clientY - top) / height) * h);
    };
    this.node.addEventListener("pointerdown", go);
    this.node.addEventListener("pointermove", go);
    for (const kind of ["pointerup", "wheel"]) this.node.addEventListener(kind, (e) => e.stopPropagation());
  }

  /** The view moved, or another frame or merge is shown. @param {import("./stage.js").Stage} stage @param {number} slot @param {boolean} moved */
  update(stage, slot, moved) {
    const { camera } = this;
    if (!camera.zoomed || !camera.facts) return this.#away();
    if (!moved) return;
    clearTimeout(this.#timer);
    this.node.classList.remove("away");
    this.#timer = window.setTimeout(() => this.#away(), STAY);
    const [x, y, w, h] = shown(camera.facts);
    const ratio = (w * camera.facts.width) / (h * camera.facts.height);
    this.node.style.height = `${Math.min(100, 150 / ratio)}px`;
    this.node.style.width = `${Math.min(150, 100 * ratio)}px`;
    const b = camera.bounds();
    const [x0, y0] = camera.under(b.left, b.top);
    const [x1, y1] = camera.under(b.right, b.bottom);
    const { style } = this.#frame;
    style.left = `${((x0 - x) / w) * 100}%`;
    style.top = `${((y0 - y) / h) * 100}%`;
    style.width = `${((x1 - x0) / w) * 100}%`;
    style.height = `${((y1 - y0) / h) * 100}%`;
    const merge = stage.merge && stage.merges.progress(stage.merge) === 1 ? stage.merge : null;
    const what = String(merge ?? slot);
    if (this.#shown === what && this.#of === stage.frames) return;
    this.#shown = what;
    this.#of = stage.frames;
    if (merge) this.#merge(stage, merge);
    else this.#picture(stage.frames, slot, what);
  }

  #away() {
    clearTimeout(this.#timer);
    this.node.classList.add("away");
  }

  /** @param {import("./stage.js").Stage} stage @param {readonly [number, number]} merge */
  #merge(stage, merge) {
    const part = shown(stage.facts);
    const [, , w, h] = part;
    const height = Math.max(1, Math.round((WIDE * h * stage.facts.height) / (w * stage.facts.width)));
    const pixels = stage.merges.small(merge, part, WIDE, height);
    if (!pixels) {
      this.#shown = "";
      return;
    }
    Object.assign(this.#canvas, { width: WIDE, height });
    this.#canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  }

  /** @param {import("./frames.js").Frames} frames @param {number} slot @param {string} what */
  async #picture(frames, slot, what) {
    const bitmap = await frames.blob(slot).then(bitmapOf).catch(() => null);
    if (!bitmap || !this.camera.facts || this.#shown !== what || this.#of !== frames) return;
    const [x, y, w, h] = shown(this.camera.facts);
    this.#canvas.width = WIDE;
    this.#canvas.height = Math.round((WIDE * h * bitmap.height) / (w * bitmap.width));
    const { width, height } = this.#canvas;
    this.#canvas.getContext("2d")?.drawImage(bitmap, x * bitmap.width, y * bitmap.height, w * bitmap.width, h * bitmap.height, 0, 0, width, height);
    bitmap.close();
  }
}
