// @ts-check
/** A Look that was pasted, kept or sent: the picture is focused as it says. */

import { noChoice, turn } from "./choice.js";
import { slotsOf } from "./look.js";
import { isManifold, spansOf } from "./planes.js";
import { addPlace, showRange } from "./ranging.js";

/** @typedef {import("./types.js").Look} Look */

/**
 * @param {import("./session.js").Session} session
 * @param {Look} look
 */
export async function applyLook(session, look) {
  const { store, view } = session;
  const { facts, kept, at } = store.now;
  if (!facts) return;
  store.set({ ...noChoice(), kept, at, touched: true, strokes: look.retouch ?? [] });
  view.clear();
  const frames = look.frames ? slotsOf(look.frames, facts) : null;
  const one = !look.ranges?.length && look.frames !== undefined && look.frames.first === look.frames.last && typeof look.frames.first === "number";
  if (look.near || look.far) await rangeByPlaces(session, look);
  else if (frames && !one) {
    const ends = frames.map((slot) => turn(facts, slot)).sort((a, b) => a - b);
    store.set({ mode: "range", range: /** @type {[number, number]} */ (ends), rangeBy: "handles" });
  } else if (look.ranges?.length) store.set({ mode: "range" });
  else if (!look.focus && !frames) store.set({ mode: "all" });
  if (store.now.mode === "range" && isManifold(look)) keepAsked(session, look);
  showRange(session);
  if (store.now.mode !== "place") return;
  if (look.focus) await session.focusQuietly(look.focus);
  // Where the element showed that frame already it tells of no change.
  store.set({ at: session.slotAt(view.slot) });
  if (frames) {
    store.set({ at: turn(facts, frames[0]) });
    view.slot = frames[0];
  }
}

/**
 * What the handles cannot make is kept as it came; they lie at its outer ends.
 * @param {import("./session.js").Session} session
 * @param {Look} look
 */
function keepAsked({ store }, { near, far, frames, ranges, soft }) {
  const { facts, range } = store.now;
  if (!facts) return;
  const touched = (near || far) && range ? range.map((at) => turn(facts, at)).sort((a, b) => a - b) : null;
  const spans = spansOf({ frames, ranges }, facts, touched ? [/** @type {[number, number]} */ (touched)] : []);
  const ends = [spans[0]?.[0] ?? 0, spans.at(-1)?.[1] ?? 0].map((slot) => turn(facts, slot)).sort((a, b) => a - b);
  const asked = Object.fromEntries(Object.entries({ near, far, frames, ranges, soft }).filter(([, part]) => part !== undefined));
  store.set({ asked, spans, range: /** @type {[number, number]} */ (ends), rangeBy: "handles" });
}

/**
 * A place that is missing means the sweep's end on its side.
 * @param {import("./session.js").Session} session
 * @param {Look} look
 */
async function rangeByPlaces(session, look) {
  const { store, view, source } = session;
  const last = (store.now.facts?.count ?? 1) - 1;
  store.set({ mode: "range" });
  let same = false;
  for (const place of [look.near, look.far]) {
    if (place && source) same = addPlace(session, await source.pick(place.x, place.y)) === "same focus";
  }
  const [only, second] = store.now.places;
  if (only && !second && (same || !(look.near && look.far))) {
    store.set({ range: same ? [only.at, only.at] : look.near ? [only.at, last] : [0, only.at], rangeBy: "handles" });
  }
  view.setPlaces(store.now.places);
}
