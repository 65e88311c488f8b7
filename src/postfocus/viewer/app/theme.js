// @ts-check
/** Dark, light, or as the system says; dark unless asked. Kept in this browser. */

import { recall, remember } from "./memory.js";

export const THEMES = /** @type {const} */ (["dark", "light", "auto"]);
/** @typedef {(typeof THEMES)[number]} Theme */

const light = matchMedia("(prefers-color-scheme: light)");

/** @returns {Theme} */
export function theme() {
  const kept = recall("theme", "dark");
  return THEMES.find((name) => name === kept) ?? "dark";
}

/** @param {Theme} choice */
export function setTheme(choice) {
  remember("theme", choice);
  applyTheme();
}

/** Dress the page. */
export function applyTheme() {
  const choice = theme();
  const shown = choice === "auto" ? (light.matches ? "light" : "dark") : choice;
  document.documentElement.dataset.theme = shown;
}

light.addEventListener("change", applyTheme);
