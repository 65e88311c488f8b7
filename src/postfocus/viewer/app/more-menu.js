// @ts-check
/** What is needed seldom: look as text, phone, light or dark, keys; on small screens the other view tools. */

import { button, isOff, segments, setOff, setOn } from "./controls.js";
import { fill, h } from "./dom.js";
import { notesOf, showNotes } from "./notes.js";
import { popover } from "./popover.js";
import { waitWords } from "./status.js";
import { setTheme, THEMES, theme } from "./theme.js";
import { peakingOptions } from "./view-tools.js";
import { t } from "./words.js";

/** @typedef {import("./choice.js").State} State */
/** @typedef {import("./actions.js").Actions} Actions */
/** @typedef {import("./words.js").Word} Word */

/**
 * @param {import("./state.js").Store<State>} store
 * @param {Actions} act
 * @param {string} kind
 */
export function moreButton(store, act, kind) {
  const node = button({ icon: "more", word: "more", kind });
  popover(node, () => menu(store, act));
  return node;
}

/** @param {import("./state.js").Store<State>} store @param {Actions} act */
function menu(store, act) {
  const { layout, facts, phone } = store.now;
  const box = h("div", { class: "menu" });
  /** @param {Parameters<typeof menuLine>} what */
  const line = (...what) => fill(box, menuLine(...what));
  const why = facts?.state === "ready" ? null : waitWords(facts);
  if (layout === "low") {
    if (notesOf(facts).length) line("warn", "notes", () => showNotes(facts));
    line("loupe", "loupe", () => act.loupe(), { on: store.now.loupe > 0 });
    line("depth", "depth", () => act.depth(), { on: store.now.depthShown, why });
    fill(box, peakingOptions(store, act));
  }
  if (layout !== "wide") {
    line("brush", "retouch", () => act.retouch(), { on: store.now.brushing, why });
    line("undo", "undo", () => act.undo(), { why: store.now.undo ? null : " " });
    line("redo", "redo", () => act.redo(), { why: store.now.redo ? null : " " });
    line("full", "full screen", () => act.full());
  }
  line("info", "look", () => act.panel("look"));
  if (phone) line("phone", "phone tip", () => act.phone());
  line("help", "keys", () => act.keys(), { key: "?" });
  fill(box, themeChoice());
  return box;
}

/**
 * A line of a menu: the menu closes, then it acts.
 * @param {string} icon @param {Word} word @param {() => void} press @param {{key?: string, on?: boolean, why?: string|null}} [how]
 */
export function menuLine(icon, word, press, { key, on, why } = {}) {
  const node = button({ icon, word, kind: "line", press: () => {
    if (isOff(node)) return;
    node.dispatchEvent(new CustomEvent("pf-close", { bubbles: true }));
    press();
  } });
  delete node.dataset.tip;
  if (key) node.append(h("kbd", {}, key));
  if (on !== undefined) setOn(node, on);
  if (why) setOff(node, why);
  return node;
}

/** Dark, light or as the system. */
export function themeChoice() {
  const choices = THEMES.map((name) => /** @type {[string, string]} */ ([name, t(/** @type {Word} */ (`theme ${name}`))]));
  const row = segments({
    label: t("theme"), choices, value: theme(),
    choose: (value) => setTheme(/** @type {import("./theme.js").Theme} */ (value)),
  });
  return h("div", { class: "options" }, h("h2", { class: "caption" }, t("theme")), row);
}
