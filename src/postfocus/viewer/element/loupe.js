// @ts-check
/** The ring of the loupe, its cross-hair and label; the picture inside is drawn with the rest. */

import { draw, make } from "./dom.js";

const CROSS = "M-10 0h6M4 0h6M0-10v6M0 4v6";
const ABOVE = 110;

export class LoupeRing {
  node = make("div", "loupe");
  #label = make("span");
  /** The pointer. @type {{x:number, y:number, kind:string}|null} */ at = null;

  /** @param {HTMLElement} over */
  constructor(over) {
    const line = (/** @type {string} */ stroke, /** @type {string} */ width) => draw("path", { d: CROSS, stroke, "stroke-width": width, fill: "none" });
    this.node.append(draw("svg", { viewBox: "-12 -12 24 24", "aria-hidden": "true" }, line("#000", "3.5"), line("#fff", "1.25")), this.#label);
    this.node.hidden = true;
    over.append(this.node);
  }

  /**
   * Where the loupe lies and what it looks at.
   * @param {number} level per cent, 0 off @param {import("./camera.js").Camera} camera
   * @returns {import("./stage.js").LoupeView|null}
   */
  place(level, camera) {
    const { at } = this;
    this.node.hidden = !level || !at || !camera.holds(at.x, at.y);
    if (this.node.hidden || !at) return null;
    const { box } = camera;
    const small = Math.min(box.width, box.height) < 480;
    const radius = Math.min(small ? 90 : 120, box.width / 2, box.height / 2);
    let { x, y } = at;
    if (at.kind === "touch") {
      y -= ABOVE;
      if (y < radius) [x, y] = [x + (x < box.width / 2 ? 1 : -1) * (radius + 30), Math.max(radius, y)];
    }
    const percent = Math.max(level, camera.scale * 100 * (camera.scale * 100 >= level ? 2 : 1));
    const [px, py] = camera.under(at.x, at.y);
    this.node.style.width = this.node.style.height = `${2 * radius}px`;
    this.node.style.transform = `translate(${x - radius}px, ${y - radius}px)`;
    return { x, y, radius, px, py, scale: percent / 100 / box.ratio };
  }

  /** @param {string} text what is seen in it */
  name(text) {
    this.#label.textContent = text;
  }
}
