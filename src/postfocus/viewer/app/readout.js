// @ts-check
/** The line that says which frame is shown, with Keep (or Clear) and zoom. */

import { barCount, fileAt, frameAt, framesOf } from "./choice.js";
import { button, setOn, setWord } from "./controls.js";
import { attr, h, text } from "./dom.js";
import { number, t } from "./words.js";

/** @typedef {import("./choice.js").State} State */
/** @typedef {import("./actions.js").Actions} Actions */

/**
 * What the readout says: the strong part and the rest.
 * @param {State} now
 * @returns {[string, string]}
 */
export function readoutWords(now) {
  const { facts } = now;
  if (!facts || barCount(facts) === 0) return ["", ""];
  if (now.comparing) return [t("all"), ""];
  if (now.brushing && now.merging === null) return [t("brush from", { i: frameAt(facts, now.at) }), ""];
  if (now.mode === "all") return now.merging === null ? [t("all"), ""] : [t("all sharp progress", { p: now.merging }), ""];
  if (now.mode === "range") {
    if (!now.range) return [t("choose two"), ""];
    if (now.asked) return [t("ranges sharp", { list: spanWords(now) }), t("sharp")];
    const ends = framesOf(facts, now.range);
    return [t(ends.a === ends.b ? "one frame sharp" : "frames sharp", ends), t("sharp")];
  }
  return [t("frame", { i: frameAt(facts, now.at) }), t("of", framesOf(facts))];
}

/** The ranges of an asked Look by their frames. @param {State} now */
function spanWords({ facts, spans }) {
  const frame = (/** @type {number} */ slot) => facts?.frames[slot] ?? slot;
  return spans.map(([a, b]) => (a === b ? `${frame(a)}` : `${frame(a)}–${frame(b)}`)).join(", ");
}

/**
 * @param {import("./state.js").Store<State>} store
 * @param {import("./session.js").Session} session
 */
export function readout(store, session) {
  const strong = h("strong");
  const rest = h("span");
  const line = h("p", { class: "readout" }, strong, " ", rest);
  store.watch(["at", "mode", "range", "asked", "facts", "comparing", "merging", "brushing"], (now) => {
    const [a, b] = readoutWords(now);
    text(strong, a);
    text(rest, b);
    line.title = now.facts && now.mode === "place" ? (fileAt(now.facts, now.at) ?? "") : "";
    attr(line, "data-ranging", now.mode === "range");
    attr(line, "data-side", middle(now) < session.count / 2 ? "end" : "start");
  });
  return line;
}

/** Where the playhead or the range is: the readout keeps out of its way. @param {State} now */
function middle({ mode, range, at }) {
  return mode === "range" && range ? (range[0] + range[1]) / 2 : at;
}

/**
 * Keep, which turns into Clear while a range is set.
 * @param {import("./state.js").Store<State>} store
 * @param {import("./session.js").Session} session
 * @param {Actions} act
 * @param {string} kind
 */
export function keepButton(store, session, act, kind) {
  const keep = button({ icon: "keep", word: "keep", tip: "keep tip", key: "K", kind, press: () => act.keep() });
  const clear = button({ icon: "close", word: "clear", tip: "clear tip", key: "Escape", kind, press: () => act.clearRange() });
  const box = h("span", { class: "keepbox" }, keep, clear);
  store.watch(["at", "kept", "mode", "range", "places"], (now) => {
    const clearing = now.mode === "range" && (now.range !== null || now.places.length > 0);
    attr(keep, "hidden", clearing);
    attr(clear, "hidden", !clearing);
    attr(box, "data-idle", now.mode !== "place" && !clearing);
    const on = now.kept.includes(session.slotAt(Math.round(now.at)));
    setOn(keep, on);
    setWord(keep, t(on ? "kept" : "keep"));
    keep.dataset.tip = t(on ? "kept tip" : "keep tip");
  });
  return box;
}

/**
 * @param {import("./state.js").Store<State>} store
 * @param {Actions} act
 */
export function zoomControl(store, act) {
  const out = button({ icon: "minus", word: "zoom out", key: "-", kind: "bare", press: () => act.zoom(-1) });
  const into = button({ icon: "plus", word: "zoom in", key: "+", kind: "bare", press: () => act.zoom(1) });
  const now = h("button", { type: "button", class: "button percent", onclick: () => act.fitOrActual() });
  now.dataset.tip = t("fit tip");
  now.dataset.key = "0 1";
  store.watch(["percent", "zoomed"], ({ percent, zoomed }) => {
    text(now, zoomed ? t("percent", { p: number(Math.round(percent)) }) : t("fit"));
  });
  return h("div", { class: "zoom" }, out, now, into);
}
