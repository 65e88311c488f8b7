// @ts-check
/** The marker: brackets round a touched place, in screen pixels, pinned to the picture; and the plates that explain it. */

import { draw, make, put } from "./dom.js";

/** @typedef {import("./types.js").Mark} Mark */
/** @typedef {import("./types.js").MarkState} MarkState */

const CORNERS = ["M-28-13v-9a6 6 0 0 1 6-6h9", "M28-13v-9a6 6 0 0 0-6-6h-9", "M28 13v9a6 6 0 0 1-6 6h-9", "M-28 13v9a6 6 0 0 0 6 6h9"];
const CROSS = "M-6-6 6 6M6-6-6 6";
const BRIGHT = 1500;
const STAY = 4000;

/** @param {MarkState} state @param {string} label */
function symbol(state, label) {
  const d = (state === "range" && label ? CORNERS.slice(1) : CORNERS).join("") + (state === "none" ? CROSS : "");
  const svg = draw("svg", { viewBox: "-36 -36 72 72", "aria-hidden": "true" }, draw("path", { d, class: "key" }), draw("path", { d, class: "line" }));
  if (state === "found" || state === "away") svg.append(draw("circle", { r: "3", class: "fill" }));
  if (state === "range" && label) {
    const text = draw("text", { x: "-27", y: "-22.4" });
    text.textContent = label;
    svg.append(draw("circle", { cx: "-27", cy: "-27", r: "11", class: "fill" }), text);
  }
  return svg;
}

export class Marks {
  /** @type {{mark:Mark, node:HTMLElement}[]} */ #items = [];
  #plate = make("div", "plate");
  #hover = make("div", "mark hover");
  #dim = 0;
  #leave = 0;
  #hidden = false;

  /** @param {HTMLElement} over @param {(x:number, y:number)=>[number, number]} place fractions to CSS pixels of the box @param {()=>{left:number, top:number, right:number, bottom:number}} bounds of the picture seen */
  constructor(over, place, bounds) {
    this.over = over;
    this.place = place;
    this.bounds = bounds;
    this.#hover.append(symbol("seek", ""));
    this.#hover.hidden = this.#plate.hidden = true;
    over.append(this.#hover, this.#plate);
  }

  /** @returns {Mark[]} */
  get list() {
    return this.#items.map((i) => ({ ...i.mark }));
  }

  /** Others, and no words. @param {readonly Mark[]} marks */
  set(marks) {
    this.hush();
    const fresh = marks.length > this.#items.length;
    for (const item of this.#items) item.node.remove();
    this.#items = marks.map((mark) => {
      const node = make("div", `mark ${mark.state}`);
      node.append(symbol(mark.state, mark.label));
      this.over.insertBefore(node, this.#plate);
      return { mark, node };
    });
    if (fresh) this.#items.at(-1)?.node.classList.add("new");
    this.#brighten();
    this.update();
  }

  /** The last mark in another state. @param {MarkState} state */
  restate(state) {
    const last = this.#items.at(-1);
    if (!last || last.mark.state === state) return;
    last.mark.state = state;
    const old = last.node;
    old.className = `mark ${state}`;
    old.replaceChildren(symbol(state, last.mark.label));
    this.#brighten();
  }

  /** The last mark elsewhere, while it is dragged. @param {number} x @param {number} y @param {MarkState} state */
  move(x, y, state) {
    const last = this.#items.at(-1);
    if (!last) return;
    Object.assign(last.mark, { x, y });
    this.restate(state);
    this.update();
  }

  #brighten() {
    clearTimeout(this.#dim);
    for (const { node } of this.#items) node.classList.remove("dim");
    this.#dim = window.setTimeout(() => {
      for (const { node, mark } of this.#items) node.classList.toggle("dim", mark.state !== "none");
    }, BRIGHT);
  }

  /** Words below the last mark. @param {string} first @param {string} [second] @param {boolean} [stay] as long as the mark */
  say(first, second = "", stay = false) {
    clearTimeout(this.#leave);
    put(this.#plate, first, second);
    this.#plate.hidden = !first || this.#hidden;
    if (!stay) this.#leave = window.setTimeout(() => this.hush(), STAY);
    this.update();
  }

  hush() {
    clearTimeout(this.#leave);
    this.#plate.replaceChildren();
    this.#plate.hidden = true;
  }

  /** @param {boolean} hidden while panning, pinching, comparing */
  hide(hidden) {
    this.#hidden = hidden;
    for (const { node } of this.#items) node.hidden = hidden;
    this.#plate.hidden = hidden || !this.#plate.firstChild;
    if (hidden) this.#hover.hidden = true;
  }

  /** The pointer over the picture. @param {number} x CSS pixels @param {number} y @param {boolean} on */
  hover(x, y, on) {
    this.#hover.hidden = !on || this.#hidden;
    if (on) this.#hover.style.transform = `translate(${x}px, ${y}px)`;
  }

  /** The view moved. */
  update() {
    for (const { mark, node } of this.#items) {
      const [x, y] = this.place(mark.x, mark.y);
      node.style.transform = `translate(${x}px, ${y}px)`;
    }
    const last = this.#items.at(-1);
    if (!last || this.#plate.hidden) return;
    const [x, y] = this.place(last.mark.x, last.mark.y);
    const b = this.bounds();
    const w = this.#plate.offsetWidth;
    const h = this.#plate.offsetHeight;
    const left = Math.min(Math.max(x - w / 2, b.left + 8), b.right - w - 8);
    const top = y + 28 + 14 + h <= b.bottom - 8 ? y + 28 + 14 : y - 28 - 14 - h;
    this.#plate.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }
}
