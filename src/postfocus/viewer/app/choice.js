// @ts-check
/** What is chosen in a picture, and everything the picture page remembers beside it. */

/** @typedef {import("./types.js").Brief} Brief */
/** @typedef {import("./types.js").Facts} Facts */
/** @typedef {import("./types.js").Look} Look */
/** @typedef {import("./types.js").Mode} Mode */
/** @typedef {import("./types.js").Pick} Pick */
/** @typedef {import("./types.js").Place} Place */
/** @typedef {import("./types.js").RangePlace} RangePlace */
/** @typedef {import("./types.js").SavedFile} SavedFile */
/** @typedef {import("./types.js").Job} Job */

/**
 * The part that undo brings back. Positions count along the bar, near to far.
 * @typedef {object} Choice
 * @property {Mode} mode
 * @property {number} at position shown
 * @property {boolean} touched somebody chose it
 * @property {Place|null} place
 * @property {Pick|null} pick
 * @property {[number, number]|null} range
 * @property {"places"|"handles"|null} rangeBy
 * @property {RangePlace[]} places
 * @property {number[]} kept slots
 * @property {Look|null} asked a range such as the handles cannot make, as it came, until it is changed by hand
 * @property {[number, number][]} spans the slots that it keeps sharp
 * @property {import("./strokes.js").Stroke[]} strokes painted over merges, later over earlier
 */

/** @typedef {{at: number, place: Place|null, pick: Pick|null}} Single the frame shown, and the place it was chosen by */

/**
 * @typedef {object} View
 * @property {"wait"|"library"|"empty"|"picture"|"trouble"} page
 * @property {boolean} closed the server is gone
 * @property {"wide"|"upright"|"low"} layout
 * @property {Brief[]} sweeps
 * @property {string|null} folder
 * @property {boolean} sample
 * @property {boolean} phone
 * @property {{max_bytes: number, max_files: number}} upload
 * @property {Facts|null} facts
 * @property {number} peakLevel
 * @property {number} peakColour
 * @property {number} loupe
 * @property {boolean} depthShown
 * @property {boolean} comparing
 * @property {number} percent
 * @property {boolean} zoomed
 * @property {string|null} undo what it would undo
 * @property {string|null} redo
 * @property {"save"|"look"|null} panel
 * @property {Job|null} job the job of this picture that runs or ran last
 * @property {SavedFile[]} saved
 * @property {boolean} brushing the retouching brush is in hand
 * @property {boolean} picking the next touch picks the frame to paint from
 * @property {number} brushSize of `SIZES`
 * @property {number} brushSoft per cent
 * @property {number|null} merging per cent of the full-size merge under way
 * @property {import("./types.js").Made|null} made the full-size merge that is shown
 * @property {"held"|"never_sharp"|"glow"|null} marked which of its places are marked
 */

/** @typedef {Choice & View} State */

/** @returns {Choice} */
export function noChoice() {
  return {
    mode: "place", at: 0, touched: false, place: null, pick: null, range: null, rangeBy: null, places: [], kept: [],
    asked: null, spans: [], strokes: [],
  };
}

/** @returns {State} */
export function startState() {
  return {
    ...noChoice(),
    page: "wait", closed: false, layout: "wide", sweeps: [], folder: null, sample: false, phone: false,
    upload: { max_bytes: 0, max_files: 0 }, facts: null, peakLevel: 0, peakColour: 0, loupe: 0, depthShown: false,
    comparing: false, percent: 100, zoomed: false, undo: null, redo: null, panel: null, job: null, saved: [],
    merging: null, made: null, marked: null, brushing: false, picking: false, brushSize: 20, brushSoft: 50,
  };
}

/** @param {State} state @returns {Choice} */
export function choiceOf({ mode, at, touched, place, pick, range, rangeBy, places, kept, asked, spans, strokes }) {
  return { mode, at, touched, place, pick, range, rangeBy, places, kept, asked, spans, strokes };
}

/**
 * The sweep lies on the bar from near to far: the other way round if the camera recorded far first.
 * @param {Facts} facts
 */
export function turned(facts) {
  return (facts.sweep[0] ?? 0) > (facts.sweep.at(-1) ?? 0);
}

/**
 * The slots of these frames of the input; those that could not be read are left out.
 * @param {Facts} facts
 * @param {readonly number[]} frames
 */
export function slotsOfFrames(facts, frames) {
  const slots = frames.map((frame) => facts.frames.indexOf(frame)).filter((slot) => slot >= 0);
  return [...new Set(slots)].sort((a, b) => a - b);
}

/** Positions on the bar: all frames there will be. @param {Facts} facts */
export function barCount(facts) {
  return Math.max(facts.count, facts.state === "ready" ? 0 : facts.total);
}

/**
 * The number of a frame as the command line, the Look and the names of files have it: that of the input, from 0.
 * @param {Facts} facts
 * @param {number} at position on the bar
 */
export function frameAt(facts, at) {
  const slot = turn(facts, Math.round(at));
  return facts.frames[slot] ?? slot;
}

/**
 * The name of the file that a frame is, where each frame has its own.
 * @param {Facts} facts
 * @param {number} at position on the bar
 * @returns {string|null}
 */
export function fileAt(facts, at) {
  return facts.files?.[turn(facts, Math.round(at))] ?? null;
}

/**
 * The first and the last of these frames, as numbers of the input.
 * @param {Facts} facts
 * @param {readonly number[]} [range] positions; all there will be when left out
 * @returns {{a: number, b: number}}
 */
export function framesOf(facts, range = [0, Math.max(0, barCount(facts) - 1)]) {
  const ends = range.map((at) => frameAt(facts, at));
  return { a: Math.min(...ends), b: Math.max(...ends) };
}

/**
 * Slot of a position, or position of a slot (the same turn, both ways).
 * @param {Facts} facts
 * @param {number} at
 */
export function turn(facts, at) {
  return turned(facts) ? facts.count - 1 - at : at;
}
