// @ts-check
/** The small panel of the brush, low on the picture: what it paints from, how large and how soft it is. */

import { frameAt } from "./choice.js";
import { button, isOff, setOff, setOn, setWord } from "./controls.js";
import { attr, h } from "./dom.js";
import { waitWords } from "./status.js";
import { SIZES } from "./strokes.js";
import { t } from "./words.js";

/** @typedef {import("./choice.js").State} State */
/** @typedef {import("./words.js").Word} Word */

/**
 * @param {import("./state.js").Store<State>} store
 * @param {import("./retouch.js").Retouch} retouch
 */
export function retouchBar(store, retouch) {
  const source = button({ icon: "dropper", word: "brush from", tip: "brush source tip", key: "E", kind: "tool source", press: () => retouch.choose() });
  const size = slider("brush size", "[ ]", SIZES, (value) => retouch.setSize(value));
  const soft = slider("brush soft", "{ }", 100, (value) => retouch.setSoft(value));
  const clear = button({ icon: "close", word: "clear", tip: "brush clear tip", press: () => isOff(clear) || retouch.clear() });
  const done = button({ icon: "check", word: "brush done", key: "B", press: () => retouch.toggle(false) });
  const node = h("div", { class: "brushbar", role: "group", "aria-label": t("retouch") }, source, size.node, soft.node, clear, done);
  store.watch(["brushing", "picking", "brushSize", "brushSoft", "at", "strokes", "facts"], (now) => {
    attr(node, "hidden", !now.brushing || !now.facts);
    setOn(source, now.picking);
    setWord(source, now.picking ? t("brush picking") : t("brush from", { i: now.facts ? frameAt(now.facts, now.at) : "" }));
    size.show(now.brushSize);
    soft.show(now.brushSoft);
    setOff(clear, now.strokes.length ? null : t("brush clear none"));
  });
  return node;
}

/** @param {Word} word @param {string} keys @param {number} most @param {(value: number) => void} change */
function slider(word, keys, most, change) {
  const input = h("input", { type: "range", min: 0, max: most, oninput: () => change(Number(input.value)) });
  const node = h("label", { class: "brush-slider" }, h("span", {}, t(word)), input);
  node.dataset.tip = t(word);
  node.dataset.key = keys;
  const show = (/** @type {number} */ value) => {
    input.value = String(value);
    input.style.setProperty("--part", `${(100 * value) / most}%`);
  };
  return { node, show };
}

/**
 * The button that takes the brush up and puts it away.
 * @param {import("./state.js").Store<State>} store
 * @param {() => void} press
 * @param {string} kind
 */
export function retouchButton(store, press, kind) {
  const node = button({ icon: "brush", word: "retouch", tip: "retouch tip", key: "B", kind, press: () => isOff(node) || press() });
  store.watch(["brushing", "facts"], (now) => {
    setOn(node, now.brushing);
    setOff(node, now.facts?.state === "ready" ? null : waitWords(now.facts));
  });
  return node;
}
