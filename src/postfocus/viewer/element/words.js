// @ts-check
/** What the element says by itself; the page may hand in other words for the same keys. */

/** @type {Readonly<Record<string, string>>} */
export const WORDS = {
  "label": "Focus picture",
  "looking": "Looking…",
  "two depths": "Two depths here. Click again for the other.",
  "no texture": "Too plain to focus on",
  "no texture, try": "Try an edge or a pattern nearby.",
  "nearer": "Closer than the camera focused",
  "nearer, try": "Frame {near} comes nearest.",
  "farther": "Farther than the camera focused",
  "farther, try": "Frame {far} comes nearest.",
  "moved": "Something moved here",
  "moved, try": "Touch something beside it.",
  "clipped": "Too bright to judge",
  "clipped, try": "Try the edge of the bright part.",
  "noise": "Too dark to judge",
  "noise, try": "Try something brighter nearby.",
  "border": "Not in every frame",
  "border, try": "Try a little farther from the border.",
  "unread": "Not read yet",
  "unread, try": "",
  "preview": "Preview",
  "range preview": "Range preview",
  "all sharp": "All sharp",
  "all sharp, part": "All sharp, {p} %",
  "percent": "{p} %",
  "say frame": "Frame {i}.",
  "say sharp": "Frame {i}. Sharp at this place.",
  "say none": "No sharp frame here: {why}.",
  "say range": "Range, frames {a} to {b} sharp.",
  "say all": "All sharp.",
};

/** @param {string} text @param {Record<string, string|number>} [values] */
export const fill = (text, values = {}) => text.replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
