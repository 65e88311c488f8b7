// @ts-check
/** The slide bar and its two ends, fed from the choice and feeding it. */

import { FocusBar } from "../bar/focus-bar.js";
import { barCount, frameAt, framesOf, turn } from "./choice.js";
import { button } from "./controls.js";
import { attr, listen } from "./dom.js";
import { stretched } from "./ranging.js";
import { number, t } from "./words.js";

/** @typedef {import("./choice.js").State} State */
/** @typedef {import("./session.js").Session} Session */

/**
 * What a screen reader says of a frame.
 * @param {State} now
 * @param {number} at
 */
function frameWords(now, at) {
  if (!now.facts) return "";
  const values = { i: frameAt(now.facts, at), ...framesOf(now.facts) };
  if (now.mode !== "place" || now.pick?.state !== "in focus") return t("bar value", values);
  const away = at - turn(now.facts, now.pick.slot);
  if (away === 0) return t("bar best", values);
  const k = number(Math.abs(away));
  if (Math.abs(away) === 1) return t(away < 0 ? "bar nearer one" : "bar farther one", values);
  return t(away < 0 ? "bar nearer" : "bar farther", { ...values, k });
}

/**
 * @param {import("./state.js").Store<State>} store
 * @param {Session} session
 */
export function connectBar(store, session) {
  const bar = new FocusBar();
  bar.words = {
    frame: (at) => frameWords(store.now, at),
    label: t("bar label"),
    starts: t("range starts"),
    ends: t("range ends"),
  };
  listen(bar, "pf-bar", ({ slot, final }) => session.moved(slot, final));
  listen(bar, "pf-range", ({ range, final }) => stretched(session, range, final));
  watchFacts(store, bar);
  watchChoice(store, bar);
  const near = (/** @type {string} */ kind) =>
    button({ icon: "near", word: "near", tip: "near tip", key: "Home", kind: `${kind} near`, press: () => session.toEnd("near") });
  const far = (/** @type {string} */ kind) =>
    button({ icon: "far", word: "far", tip: "far tip", key: "End", kind: `${kind} far`, press: () => session.toEnd("far") });
  return { bar, near, far };
}

/** @param {import("./state.js").Store<State>} store @param {FocusBar} bar */
function watchFacts(store, bar) {
  store.watch(["facts"], ({ facts }) => {
    attr(bar, "data-empty", !facts);
    if (!facts) return;
    const count = barCount(facts);
    const inSweep = new Set(facts.sweep);
    const left = [];
    for (let slot = 0; slot < facts.count; slot += 1) {
      const out = facts.usable[slot] === false || (inSweep.size > 0 && facts.state === "ready" && !inSweep.has(slot));
      if (out) left.push(turn(facts, slot));
    }
    bar.count = count;
    bar.leftOut = left;
    bar.unread = facts.state === "ready" ? count : Math.min(count, facts.stage === "frames" || !facts.stage ? facts.done : count);
  });
}

/** @param {import("./state.js").Store<State>} store @param {FocusBar} bar */
function watchChoice(store, bar) {
  store.watch(["at"], ({ at }) => { bar.slot = at; });
  store.watch(["depthShown"], ({ depthShown }) => { bar.depthShown = depthShown; });
  store.watch(["kept", "facts"], ({ kept, facts }) => { bar.kept = facts ? kept.map((slot) => turn(facts, slot)) : []; });
  store.watch(["mode", "range", "places", "comparing", "brushing", "facts"], (now) => {
    const ranging = now.mode === "range";
    const last = Math.max(0, (now.facts?.count ?? 1) - 1);
    bar.handles = ranging;
    bar.hollow = ranging && now.range === null;
    bar.range = ranging ? now.range ?? [0, last] : null;
    bar.whole = now.mode === "all" || now.comparing;
    bar.headHidden = (now.mode !== "place" && !now.brushing) || now.comparing;
    bar.places = ranging ? now.places.map((place) => place.at) : [];
  });
  /** @type {import("./types.js").Pick|null} */
  let drawn = null;
  store.watch(["pick", "mode", "facts"], ({ pick, mode, facts }) => {
    const found = pick?.state === "in focus";
    const seen = mode === "place" && found && facts;
    bar.best = seen && pick ? turn(facts, pick.slot) : null; // the frame itself: it is what is shown and saved
    bar.second = seen && pick && typeof pick.second === "number" ? turn(facts, pick.second) : null;
    if (pick === drawn) return;
    drawn = pick;
    const curve = pick && facts ? Array.from(pick.curve ?? []) : null;
    if (curve && facts && turn(facts, 0) !== 0) curve.reverse();
    bar.setCurve(curve, pick?.noise ?? 0, found);
  });
}
