// @ts-check
/** One short message at a time over the dock's edge; it leaves by itself. */

import { fill, h, icon } from "./dom.js";
import { t } from "./words.js";

const SHORT = 5000;
const LONG = 10_000;

/** @typedef {{word: string, press: () => void}} ToastButton */

/**
 * @param {string} words
 * @param {ToastButton|null} [offer]
 * @param {{stays?: boolean, alarm?: boolean}} [how]
 * @returns {() => void} takes it away
 */
export function toast(words, offer = null, how = {}) {
  const place = document.getElementById("toasts");
  const node = h("div", { class: "toast", role: how.alarm ? "alert" : "status" });
  const away = () => {
    clearTimeout(timer);
    node.remove();
  };
  fill(node, h("span", {}, words));
  if (offer) {
    const press = () => {
      away();
      offer.press();
    };
    fill(node, h("button", { type: "button", class: "toast-button", onclick: press }, offer.word));
  }
  fill(node, h("button", { type: "button", class: "button bare toast-close", "aria-label": t("close"), onclick: away }, icon("close")));
  let timer = how.stays ? 0 : setTimeout(away, offer ? LONG : SHORT);
  for (const event of ["pointerenter", "focusin"]) node.addEventListener(event, () => clearTimeout(timer));
  node.addEventListener("pointerleave", () => {
    if (!how.stays) timer = setTimeout(away, SHORT);
  });
  place?.replaceChildren(node);
  return away;
}
