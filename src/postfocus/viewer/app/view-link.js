// @ts-check
/** The picture element and the choice: what is touched changes it, what it says is shown. */

import { attr, listen as on } from "./dom.js";
import { recall, remember } from "./memory.js";
import { toast } from "./toasts.js";
import { sawPointer, t } from "./words.js";

/** @typedef {import("./choice.js").State} State */
/** @typedef {import("./words.js").Word} Word */

/**
 * @param {import("./state.js").Store<State>} store
 * @param {import("./session.js").Session} session
 * @param {import("./actions.js").Actions} act
 */
export function connectView(store, session, act) {
  const { view } = session;
  const own = view.words;
  view.words = (key) => {
    const other = OTHER.get(key);
    return other ? t(other) : own(key);
  };
  on(view, "pf-touch", () => {
    session.touched();
    if (store.now.mode === "place") remember("knows-touch", "1");
    if (store.now.mode === "range" && store.now.range) remember("knows-range", "1");
  });
  on(view, "pf-pick", (detail) => {
    if (!detail.passing || store.now.mode === "place") session.picked(detail.pick);
  });
  on(view, "pf-frame", (detail) => session.shown(detail.slot));
  on(view, "pf-view", (detail) => store.set({ percent: detail.percent, zoomed: detail.zoomed }));
  on(view, "pf-compare", (detail) => store.set({ comparing: detail.on }));
  on(view, "pf-undo", () => act.undo());
  on(view, "pf-error", (detail) => {
    if (detail.key === "graphics lost") toast(t("toast graphics"));
    if (detail.key === "no webgl") toast(t("toast no webgl"));
    if (detail.key === "pick") toast(t("toast pick"));
  });
  const root = document.documentElement;
  document.addEventListener("pointerdown", (event) => {
    sawPointer(event.pointerType);
    root.dataset.by = "pointer";
  }, { capture: true });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Tab" || (event.shiftKey && event.key.startsWith("Arrow"))) root.dataset.by = "keys";
  }, { capture: true });
  view.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    if (!event.repeat) act.compare(true);
  });
  view.addEventListener("keyup", (event) => {
    if (event.key === " ") act.compare(false);
  });
  let known = 0;
  store.watch(["mode", "places", "range", "touched", "facts"], (now) => {
    const words = now.facts ? hint(now) : null;
    const show = (/** @type {string|null} */ shown) => {
      view.hint = shown;
      attr(document.documentElement, "data-hint", shown !== null);
    };
    show(words);
    clearTimeout(known);
    if (words && now.range) known = setTimeout(() => show(null), LONG_ENOUGH);
  });
}

/** Milliseconds that a hint on what may be done, not must, stays. */
const LONG_ENOUGH = 6000;

/** @param {State} now */
function hint(now) {
  if (now.mode === "range" && now.rangeBy !== "handles") {
    if (now.places.length === 0) return t("hint near");
    if (now.places.length === 1) return t("hint far");
    if (now.places.length === 2 && !recall("knows-range", "")) return t("hint stretch");
  }
  return now.mode === "place" && !now.touched && !recall("knows-touch", "") ? t("hint place") : null;
}

/** What the element says in other words than its own: those that name the hand, or know that reading goes on. @type {Map<string, Word>} */
const OTHER = new Map([["two depths", "hint two"], ["unread, try", "unread advice"]]);
