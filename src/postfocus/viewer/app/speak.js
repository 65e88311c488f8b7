// @ts-check
/** What a screen reader hears: the last thing that happened, at most every half second. */

import { text } from "./dom.js";

const PAUSE = 500;
let waiting = 0;
let next = "";
let last = 0;

/** @param {string} words */
export function speak(words) {
  next = words;
  if (waiting) return;
  const wait = Math.max(0, last + PAUSE - performance.now());
  waiting = setTimeout(() => {
    waiting = 0;
    last = performance.now();
    const live = document.getElementById("live");
    if (live) text(live, next);
  }, wait);
}
