// @ts-check
/** Says what happened to those who do not see it: politely, at most once in half a second, the last one wins. */

import { make } from "./dom.js";

const PAUSE = 500;

export class Speaker {
  node = make("div", "spoken");
  #last = -PAUSE;
  #timer = 0;

  constructor() {
    this.node.setAttribute("role", "status");
  }

  /** @param {string} text */
  say(text) {
    clearTimeout(this.#timer);
    const wait = Math.max(0, this.#last + PAUSE - performance.now());
    this.#timer = window.setTimeout(() => {
      this.#last = performance.now();
      if (this.node.textContent !== text) this.node.textContent = text;
    }, wait);
  }
}
