// @ts-check
/** Words and numbers as the page says them: the table's, with their values, for the hand and the language in use. */

import { WORDS } from "./words-table.js";

/** @typedef {keyof typeof WORDS} Word */

const coarse = globalThis.matchMedia?.("(pointer: coarse)");
let finger = coarse?.matches ?? false;

/**
 * From the first touch on, the words say Touch; from the first mouse press, Click.
 * @param {string} kind of pointer
 */
export function sawPointer(kind) {
  finger = kind === "touch";
}

/**
 * @param {Word} key
 * @param {Record<string, string|number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  return WORDS[key].replace(/\{(\w+)\}/g, (whole, name) => {
    if (name === "Click") return finger ? "Touch" : "Click";
    if (name === "click") return finger ? "touch" : "click";
    return name in values ? String(values[name]) : whole;
  });
}

/**
 * A number as the browser's language writes it.
 * @param {number} value
 * @param {number} [digits]
 */
export function number(value, digits = 0) {
  return value.toLocaleString(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/**
 * Bytes as megabytes, with one decimal below ten.
 * @param {number} bytes
 */
export function megabytes(bytes) {
  const mega = bytes / 1e6;
  return number(mega, mega < 9.95 ? 1 : 0);
}
