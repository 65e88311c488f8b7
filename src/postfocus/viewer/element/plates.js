// @ts-check
/** Words on the picture that belong to no place: the hint low in the middle, the state at the top left. */

import { draw, make, put } from "./dom.js";

const STAY = 4000;

export class Plates {
  #hint = make("div", "plate hint");
  #state = make("div", "plate state");
  #leave = 0;
  /** @type {string|null} */ text = null;

  /** @param {HTMLElement} over @param {()=>{left:number, top:number}} bounds of the picture seen */
  constructor(over, bounds) {
    this.bounds = bounds;
    this.#hint.hidden = this.#state.hidden = true;
    over.append(this.#hint, this.#state);
  }

  /** @param {string|null} text */
  hint(text) {
    this.text = text;
    this.#hint.hidden = !text;
    if (!text) return;
    const brackets = "M3 8V5a2 2 0 0 1 2-2h3M16 3h3a2 2 0 0 1 2 2v3M21 16v3a2 2 0 0 1-2 2h-3M8 21H5a2 2 0 0 1-2-2v-3";
    const icon = draw("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, draw("path", { d: brackets }), draw("circle", { cx: "12", cy: "12", r: "2.5" }));
    this.#hint.replaceChildren(icon, make("span", "", text));
  }

  /** @param {string} first @param {string} [second] @param {boolean} [stay] until told otherwise */
  state(first, second = "", stay = false) {
    clearTimeout(this.#leave);
    put(this.#state, first, second);
    this.#state.hidden = !first;
    const { left, top } = this.bounds();
    this.#state.style.left = `${Math.max(0, left) + 12}px`;
    this.#state.style.top = `${Math.max(0, top) + 12}px`;
    if (!stay) this.#leave = window.setTimeout(() => this.state("", "", true), STAY);
  }
}
