// @ts-check
/** Peaking, loupe, depth and compare: ways to look that never change what is saved. */

import { button, isOff, segments, setOff, setOn } from "./controls.js";
import { attr, h, icon } from "./dom.js";
import { popover } from "./popover.js";
import { waitWords } from "./status.js";
import { t } from "./words.js";

/** @typedef {import("./choice.js").State} State */
/** @typedef {import("./actions.js").Actions} Actions */
/** @typedef {import("./words.js").Word} Word */

const LEVELS = /** @type {Word[]} */ (["peaking off", "peaking low", "peaking middle", "peaking high"]);

/**
 * @param {import("./state.js").Store<State>} store
 * @param {Actions} act
 * @param {string} kind of button
 * @returns {Record<"peaking"|"loupe"|"depth"|"compare", HTMLElement>}
 */
export function viewTools(store, act, kind) {
  const peak = button({ icon: "peaking", word: "peaking", tip: "peaking tip", key: "P", kind, press: () => isOff(peak) || act.peaking() });
  const dots = h("span", { class: "levels", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  peak.append(dots);
  const loupe = button({ icon: "loupe", word: "loupe", tip: "loupe tip", key: "L", kind, press: () => act.loupe() });
  const depth = button({
    icon: "depth", word: "depth", tip: "depth tip", key: "D", kind, press: () => isOff(depth) || act.depth(),
  });
  const compare = button({ icon: "compare", word: "compare", tip: "compare tip", key: "X", kind });
  hold(compare, (on) => isOff(compare) || act.compare(on));
  const options = h("button", { type: "button", class: "button more-peak", "aria-label": t("peaking options") }, icon("next", "down"));
  options.dataset.tip = t("peaking options");
  popover(options, () => peakingOptions(store, act));
  store.watch(["peakLevel", "peakColour", "loupe", "depthShown", "comparing", "facts"], (now) => {
    setOn(peak, now.peakLevel > 0);
    setOn(loupe, now.loupe > 0);
    setOn(depth, now.depthShown);
    setOn(compare, now.comparing);
    const why = now.facts?.state === "ready" ? null : waitWords(now.facts);
    setOff(peak, now.depthShown && now.peakLevel ? t("peaking rests") : null);
    setOff(depth, why);
    setOff(compare, why);
    dots.dataset.level = String(now.peakLevel);
    dots.dataset.colour = String(now.peakColour + 1);
    name(peak, now.peakLevel ? peakingWords(now) : null, "peaking tip");
    name(loupe, now.loupe ? t("loupe at", { p: now.loupe }) : null, "loupe tip");
  });
  return { peaking: h("span", { class: "split" }, peak, options), loupe, depth, compare };
}

/** A tool that is on says how. @param {HTMLElement} node @param {string|null} words @param {Word} tip */
function name(node, words, tip) {
  attr(node, "aria-label", words);
  node.dataset.tip = words ?? t(tip);
}

/** @param {State} now */
function peakingWords({ peakLevel, peakColour }) {
  const level = t(LEVELS[peakLevel] ?? "peaking off").toLocaleLowerCase();
  return t("peaking at", { level, colour: t(/** @type {Word} */ (`colour ${peakColour}`)).toLocaleLowerCase() });
}

/**
 * On while held, by pointer or by Space or Enter.
 * @param {HTMLElement} node
 * @param {(on: boolean) => void} tell
 */
function hold(node, tell) {
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    node.setPointerCapture(event.pointerId);
    tell(true);
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) node.addEventListener(end, () => tell(false));
  node.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat) tell(true);
  });
  node.addEventListener("keyup", (event) => {
    if (event.key === " " || event.key === "Enter") tell(false);
  });
  node.addEventListener("contextmenu", (event) => event.preventDefault());
}

/**
 * @param {import("./state.js").Store<State>} store
 * @param {Actions} act
 */
export function peakingOptions(store, act) {
  const level = segments({
    label: t("peaking"),
    choices: LEVELS.map((word, i) => [String(i), t(word)]),
    value: String(store.now.peakLevel),
    choose: (value) => act.peaking(Number(value)),
  });
  const swatches = h("div", { class: "swatches", role: "radiogroup", "aria-label": t("colour") });
  for (let i = 0; i < 5; i += 1) {
    const label = t(/** @type {Word} */ (`colour ${i}`));
    const input = h("input", { type: "radio", name: "peakcolour", class: "unseen", "aria-label": label, onchange: () => act.peakColour(i) });
    input.checked = store.now.peakColour === i;
    swatches.append(h("label", { class: `swatch peak${i + 1}`, "data-tip": label }, input, h("span")));
  }
  return h("div", { class: "options" }, h("h2", { class: "caption" }, t("peaking")), level, h("h2", { class: "caption" }, t("colour")), swatches);
}
