// @ts-check
/** Several ranges, and soft ends: a Look may have them, and the merged preview then shows them. */

import { slotsOf } from "./look.js";

/** @typedef {import("./types.js").Facts} Facts */
/** @typedef {import("./types.js").Look} Look */
/** @typedef {import("../element/types.js").DepthCells} DepthCells */
/** @typedef {[number, number]} Span */

/** Whether a Look asks for more than the page's handles can. @param {Look} look */
export const isManifold = (look) => Boolean(look.ranges?.length || look.soft);

/**
 * The ranges of slots that are to be sharp, in order; those that meet are one.
 * @param {Look} look @param {Facts} facts @param {readonly Span[]} [others] slots, of places
 * @returns {Span[]}
 */
export function spansOf(look, facts, others = []) {
  const frames = [...(look.frames ? [look.frames] : []), ...(look.ranges ?? [])];
  /** @type {Span[]} */
  const joined = [];
  for (const [a, b] of [...others, ...frames.map((one) => slotsOf(one, facts))].sort((p, q) => p[0] - q[0])) {
    const last = joined.at(-1);
    if (last && a <= last[1]) last[1] = Math.max(last[1], b);
    else joined.push([a, b]);
  }
  return joined;
}

/**
 * The slot that shows what is sharpest at a position: as `Planes.shown` of the full-size merge.
 * @param {number} at @param {readonly Span[]} spans @param {number} soft slots
 */
export function shownAt(at, spans, soft) {
  let best = Number.POSITIVE_INFINITY;
  for (const [a, b] of spans) {
    const within = Math.min(Math.max(at, a), b);
    const t = Math.min(Math.abs(at - within), soft);
    const near = within + Math.sign(at - within) * (soft > 0 ? t - (t * t) / (2 * soft) : 0);
    if (Math.abs(near - at) < Math.abs(best - at)) best = near;
  }
  return best;
}

/**
 * The preview of merges draws each place from the frame that its depth names: what lies beside the ranges is given
 * the depth of the frame that is to show it.
 * @param {import("./state.js").Store<import("./choice.js").State>} store
 * @param {import("../element/post-focus.js").PostFocus} view
 */
export function showPlanes(store, view) {
  /** @type {DepthCells|null} */
  let cells = null;
  let shown = "";
  const known = view.depthKnown.bind(view);
  view.depthKnown = (found) => {
    known(found);
    cells = found;
    shown = "";
    show();
  };
  store.watch(["spans", "mode", "facts"], show);

  function show() {
    const { spans, asked, mode, facts } = store.now;
    const wanted = mode === "range" && asked && spans.length ? JSON.stringify([spans, asked.soft]) : "";
    const { stage } = view;
    if (!cells || !stage || !facts || wanted === shown) return;
    shown = wanted;
    const [first, last] = [facts.frames[0] ?? 0, facts.frames.at(-1) ?? 0];
    const soft = ((asked?.soft ?? 0) * Math.max(1, facts.count - 1)) / Math.max(1, last - first);
    const position = wanted ? cells.position.map((at) => shownAt(at, spans, soft)) : cells.position;
    const moved = { ...cells, position };
    stage.painter.setDepth(moved, facts.count - 1);
    stage.merges.setDepth(moved);
    view.dirty();
  }
}
