// @ts-check
/** The list of keys, made from the table that runs them. */

import { dialog } from "./dialog.js";
import { h } from "./dom.js";
import { KEYS } from "./keys.js";
import { t } from "./words.js";

const GROUPS = /** @type {const} */ (["group focus", "group merge", "group retouch", "group look", "group keep"]);

export function showKeys() {
  const body = h("div", { class: "keys" });
  const columns = h("div", { class: "keys-columns" });
  for (const group of GROUPS) {
    const lines = KEYS.filter((entry) => entry.group === group && entry.words);
    const list = h("dl");
    for (const { words, caps = [] } of lines) {
      list.append(h("div", {}, h("dt", {}, words ? t(words) : ""), h("dd", {}, ...caps.map((cap) => h("kbd", {}, capWords(cap))))));
    }
    columns.append(h("section", {}, h("h3", {}, t(group)), list));
  }
  body.append(columns, h("p", { class: "about" }, t("keys note")));
  dialog("keys", t("keys"), body);
}

/** @param {string} cap */
function capWords(cap) {
  if (cap === "{click}") return t("cap click");
  if (cap === "{arrows}") return t("cap arrows");
  if (cap === "{hold X}") return t("cap hold", { key: "X" });
  return cap;
}
