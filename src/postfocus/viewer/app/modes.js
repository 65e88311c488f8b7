// @ts-check
/** One place, Range or All sharp: what the picture is, and what would be saved. */

import { button, isOff, setOff } from "./controls.js";
import { attr, h } from "./dom.js";
import { waitWords } from "./status.js";
import { t } from "./words.js";

/** @typedef {import("./types.js").Mode} Mode */
/** @typedef {import("./choice.js").State} State */

/** @type {[Mode, string, import("./words.js").Word, import("./words.js").Word, string][]} */
const MODES = [
  ["place", "place", "place", "place tip", "T"],
  ["range", "range", "range", "range tip", "R"],
  ["all", "allsharp", "all", "all tip", "A"],
];

/**
 * @param {import("./state.js").Store<State>} store
 * @param {(mode: Mode) => void} choose
 */
export function modes(store, choose) {
  const group = h("div", { class: "modes", role: "radiogroup", "aria-label": t("modes") });
  const buttons = MODES.map(([mode, icon, word, tip, key]) => {
    const node = button({ icon, word, tip, key, kind: "tall", press: () => isOff(node) || choose(mode) });
    node.setAttribute("role", "radio");
    group.append(node);
    return { mode, node };
  });
  group.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    const at = buttons.findIndex(({ mode }) => mode === store.now.mode);
    const next = buttons[(at + by + buttons.length) % buttons.length];
    if (!next || isOff(next.node)) return;
    next.node.focus();
    choose(next.mode);
  });
  store.watch(["mode", "facts"], (now) => {
    const ready = now.facts?.state === "ready";
    for (const { mode, node } of buttons) {
      const on = now.mode === mode;
      attr(node, "aria-checked", String(on));
      node.tabIndex = on ? 0 : -1;
      setOff(node, ready || mode === "place" ? null : waitWords(now.facts));
    }
  });
  return group;
}
