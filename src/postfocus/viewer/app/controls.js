// @ts-check
/** The kinds of button the page is made of. */

import { attr, h, icon, text } from "./dom.js";
import { t } from "./words.js";

/** @typedef {import("./words.js").Word} Word */

/**
 * A bare button with an icon and a word under or beside it.
 * @param {object} what
 * @param {string} what.icon
 * @param {Word} what.word
 * @param {Word} [what.tip]
 * @param {string} [what.key] shown in the tooltip
 * @param {string} [what.kind] class: "tool" beside, "tall" under, "bare" icon alone
 * @param {(event: MouseEvent) => void} [what.press]
 */
export function button({ icon: name, word, tip, key, kind = "tool", press }) {
  const label = t(word);
  const node = h("button", { type: "button", class: `button ${kind}`, onclick: press }, icon(name));
  if (kind.includes("bare")) node.setAttribute("aria-label", label);
  else node.append(h("span", { class: "word", "data-label": label }, label));
  node.dataset.tip = tip ? t(tip) : label;
  if (key) {
    node.dataset.key = key;
    node.setAttribute("aria-keyshortcuts", key);
  }
  return node;
}

/** The one main button, or its bordered alternative. @param {string} label @param {(event: MouseEvent) => void} press @param {"solid"|"edged"|"link"} [kind] */
export function action(label, press, kind = "solid") {
  return h("button", { type: "button", class: `action ${kind}`, onclick: press }, label);
}

/** @param {HTMLElement} node @param {string} words */
export function setWord(node, words) {
  const span = node.querySelector(".word");
  if (span) {
    text(span, words);
    attr(span, "data-label", words);
  }
  else attr(node, "aria-label", words);
}

/** @param {HTMLElement} node @param {boolean} on */
export function setOn(node, on) {
  attr(node, "aria-pressed", String(on));
}

/**
 * Not available now: still found by Tab and said with its reason, but does nothing.
 * @param {HTMLElement} node
 * @param {string|null} reason
 */
export function setOff(node, reason) {
  attr(node, "aria-disabled", reason === null ? null : "true");
  if (reason === null) delete node.dataset.why;
  else node.dataset.why = reason;
}

/** @param {Element} node */
export function isOff(node) {
  return node.getAttribute("aria-disabled") === "true";
}

/**
 * Several choices of which one holds, as a row.
 * @param {object} what
 * @param {string} what.label
 * @param {[string, string][]} what.choices value and word
 * @param {string} what.value
 * @param {(value: string) => void} what.choose
 * @returns {HTMLElement & {value: string}}
 */
export function segments({ label, choices, value, choose }) {
  const name = `s${Math.random().toString(36).slice(2)}`;
  const row = h("div", { class: "segments", role: "radiogroup", "aria-label": label });
  for (const [own, word] of choices) {
    const input = h("input", { type: "radio", name, value: own, class: "unseen", onchange: () => choose(own) });
    input.checked = own === value;
    row.append(h("label", { class: "segment" }, input, h("span", {}, word)));
  }
  Object.defineProperty(row, "value", {
    /** @param {string} next */
    set(next) {
      for (const input of row.querySelectorAll("input")) input.checked = input.value === next;
    },
    get: () => row.querySelector("input:checked")?.getAttribute("value") ?? "",
  });
  return /** @type {HTMLElement & {value: string}} */ (/** @type {unknown} */ (row));
}
