// @ts-check
/** What is sharp from one place to another: places touched, handles moved, and the merge that they show. */

import { turn } from "./choice.js";
import { t } from "./words.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./types.js").Facts} Facts */
/** @typedef {import("./types.js").Pick} Pick */

/**
 * One more place that is to be sharp. Two places make a range, more of them stretch it; a place in the same
 * frame as the one before takes its place, since a range of one frame is no range.
 * @param {Session} session
 * @param {Pick} pick
 * @returns {"same focus"|"inside range"|null} what it did not do
 */
export function addPlace(session, pick) {
  const { store } = session;
  const { facts, places: before, range: old, rangeBy } = store.now;
  store.set({ pick });
  if (!facts || pick.state !== "in focus") return null;
  const place = { x: pick.x, y: pick.y, at: turn(facts, pick.slot) };
  if (!old && before.some(({ at }) => at === place.at)) {
    store.set({ places: [place] });
    return "same focus";
  }
  const places = [...before, place];
  const reach = [...places.map(({ at }) => at), ...(old ?? [])];
  const range = reach.length > 1 ? /** @type {[number, number]} */ ([Math.min(...reach), Math.max(...reach)]) : null;
  const inside = old !== null && range !== null && range[0] === old[0] && range[1] === old[1];
  if (!inside) store.set({ asked: null });
  store.set({ places, range: inside ? old : range, rangeBy: rangeBy === "handles" ? "handles" : "places" });
  showRange(session);
  return inside ? "inside range" : null;
}

/** Say what a place did not do. @param {Session} session @param {"same focus"|"inside range"|null} why */
export function answerRange(session, why) {
  if (!why) return;
  const { view } = session;
  const [first, second] = why === "same focus" ? [t("same focus"), t("same focus, try")] : [t("inside range"), ""];
  queueMicrotask(() => {
    if (why === "same focus") view.setPlaces(session.now.places);
    view.marks.say(first, second);
    view.speak(second ? `${first}. ${second}` : `${first}.`);
  });
}

/** A handle was moved. @param {Session} session @param {[number, number]} range @param {boolean} final */
export function stretched(session, range, final) {
  if (!session.dragging) session.record("what range");
  session.dragging = !final;
  session.store.set({ range, rangeBy: "handles", touched: true, asked: null });
  showRange(session);
  if (final) session.changed();
}

/** The range begins or ends at the frame shown, where one is shown. @param {Session} session @param {0|1} side */
export function endHere(session, side) {
  const { facts, mode, at: shown, range } = session.now;
  if (facts?.state !== "ready" || (mode !== "place" && range)) return;
  const at = Math.round(shown);
  const [a, b] = range ?? [0, facts.count - 1];
  session.record("what range");
  session.store.set({
    mode: "range", range: side === 0 ? [at, Math.max(at, b)] : [Math.min(a, at), at], rangeBy: "handles", touched: true, asked: null,
  });
  showRange(session);
  session.changed();
}

/** @param {Session} session */
export function clearRange(session) {
  session.record("what range");
  session.store.set({ range: null, rangeBy: null, places: [], pick: null, place: null, asked: null });
  session.view.clear();
  showRange(session);
  session.changed();
}

/** The picture is what the mode and the range say. @param {Session} session */
export function showRange(session) {
  const { view } = session;
  const { mode, range, facts, asked } = session.now;
  if (!facts) return;
  const beside = Math.ceil((asked?.soft ?? 0) / 2);
  const ends = range && [Math.max(0, range[0] - beside), Math.min(facts.count - 1, range[1] + beside)];
  const spanned = mode === "all" ? [0, facts.count - 1] : mode === "range" ? ends : null;
  const next = spanned && slots(facts, /** @type {[number, number]} */ (spanned));
  if (mode !== view.mode || String(next) !== String(view.range)) view.mergeKey = null;
  view.mode = mode;
  view.range = next;
}

/**
 * @param {Facts} facts
 * @param {[number, number]} range of positions
 * @returns {[number, number]}
 */
function slots(facts, range) {
  const ends = range.map((at) => turn(facts, at));
  return [Math.min(...ends), Math.max(...ends)];
}
