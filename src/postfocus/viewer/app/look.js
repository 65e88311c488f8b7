// @ts-check
/** What was chosen on the page, as the Look that the command line and the sidecar know, and back. */

import { areStrokes } from "./strokes.js";

/** @typedef {import("./types.js").Look} Look */
/** @typedef {import("./types.js").Place} Place */
/** @typedef {import("./types.js").Facts} Facts */
/** @typedef {import("./choice.js").Choice} Choice */

const NAMES = new Set(["focus", "near", "far", "frames", "ranges", "soft", "reference", "retouch", "keep_glow"]);
const MOST_RANGES = 100;
const SOFTEST = 1000;
const DIGITS = 1e5;

/** @param {Place} place @returns {Place} */
function rounded({ x, y }) {
  return { x: Math.round(x * DIGITS) / DIGITS, y: Math.round(y * DIGITS) / DIGITS };
}

/**
 * The Look of a choice; `null` when nothing was chosen yet.
 * @param {Choice} choice
 * @param {Facts} facts
 * @param {(at: number) => number} slotAt slot of a position on the bar
 * @returns {Look|null}
 */
export function toLook(choice, facts, slotAt) {
  const look = focusLook(choice, facts, slotAt);
  return choice.strokes.length ? { ...look, retouch: choice.strokes } : look;
}

/**
 * The same without what was painted.
 * @param {Choice} choice
 * @param {Facts} facts
 * @param {(at: number) => number} slotAt
 * @returns {Look|null}
 */
function focusLook(choice, facts, slotAt) {
  if (choice.mode === "all") return {};
  if (choice.mode === "range") return rangeLook(choice, facts, slotAt);
  const slot = slotAt(Math.round(choice.at));
  const frame = facts.frames[slot] ?? slot;
  const found = choice.place !== null && choice.pick?.state === "in focus";
  if (found && choice.place && choice.pick?.slot === slot) return { focus: rounded(choice.place) };
  if (!choice.touched) return null;
  /** @type {Look} */
  const look = { frames: { first: frame, last: frame } };
  if (found && choice.place) look.focus = rounded(choice.place);
  return look;
}

/**
 * @param {Choice} choice
 * @param {Facts} facts
 * @param {(at: number) => number} slotAt
 * @returns {Look|null}
 */
function rangeLook(choice, facts, slotAt) {
  const { range, places } = choice;
  if (!range) return null;
  if (choice.asked) return choice.asked;
  if (choice.rangeBy === "places" && places.length > 1) {
    const sorted = [...places].sort((a, b) => a.at - b.at);
    const [near, far] = [sorted[0], sorted.at(-1)];
    if (near && far) return { near: rounded(near), far: rounded(far) };
  }
  const ends = range.map((at) => facts.frames[slotAt(at)] ?? 0);
  return { frames: { first: Math.min(...ends), last: Math.max(...ends) } };
}

/**
 * Read a Look that somebody pasted.
 * @param {string} words
 * @returns {Look|null} `null` if it is none
 */
export function readLook(words) {
  /** @type {unknown} */
  let plain;
  try {
    plain = JSON.parse(words);
  } catch {
    return null;
  }
  if (typeof plain !== "object" || plain === null || Array.isArray(plain)) return null;
  const entries = Object.entries(plain).filter(([name]) => name !== "kept"); // noted in the same file, no part of the look
  if (entries.some(([name, value]) => !NAMES.has(name) || !isPart(name, value))) return null;
  return /** @type {Look} */ (Object.fromEntries(entries));
}

/** @param {string} name @param {unknown} value @returns {boolean} */
function isPart(name, value) {
  if (name === "reference") return isFrame(value);
  if (name === "ranges") return Array.isArray(value) && value.length <= MOST_RANGES && value.every((one) => isPart("frames", one));
  if (name === "soft") return typeof value === "number" && value >= 0 && value <= SOFTEST;
  if (name === "retouch") return areStrokes(value);
  if (name === "keep_glow") return typeof value === "boolean";
  if (typeof value !== "object" || value === null) return false;
  const inside = /** @type {Record<string, unknown>} */ (value);
  if (name === "frames") {
    return Object.keys(inside).every((key) => (key === "first" || key === "last") && isFrame(inside[key]));
  }
  return Object.keys(inside).length === 2 && isFraction(inside.x) && isFraction(inside.y);
}

/** @param {unknown} value */
function isFrame(value) {
  return value === null || (Number.isInteger(value) && Number(value) >= 0);
}

/** @param {unknown} value */
function isFraction(value) {
  return typeof value === "number" && value >= 0 && value <= 1;
}

/**
 * As text for people: short, one line a part.
 * @param {Look} look
 */
export function showLook(look) {
  const lines = Object.entries(look).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return lines.length ? `{\n${lines.join(",\n")}\n}` : "{}";
}

/**
 * Slots of a range of input frames, open ends filled in.
 * @param {NonNullable<Look["frames"]>} frames
 * @param {Facts} facts
 * @returns {[number, number]}
 */
export function slotsOf(frames, facts) {
  const first = frames.first ?? Number.NEGATIVE_INFINITY;
  const last = frames.last ?? Number.POSITIVE_INFINITY;
  const slots = facts.frames.flatMap((frame, slot) => (frame >= first && frame <= last ? [slot] : []));
  return [slots[0] ?? 0, slots.at(-1) ?? facts.frames.length - 1];
}
