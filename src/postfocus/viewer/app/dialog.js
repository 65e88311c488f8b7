// @ts-check
/** A box in the middle of everything, closed by Esc, its cross or a press beside it. */

import { h, icon } from "./dom.js";
import { t } from "./words.js";

/**
 * @param {string} kind class
 * @param {string} title
 * @param {HTMLElement} body
 */
export function dialog(kind, title, body) {
  const open = document.querySelector("dialog[open]");
  if (open instanceof HTMLDialogElement) open.close();
  const close = h("button", { type: "button", class: "button bare", "aria-label": t("close") }, icon("close"));
  const head = h("div", { class: "dialog-head" }, h("h2", { id: `title-${kind}` }, title), close);
  const box = h("dialog", { class: `dialog ${kind}-dialog`, "aria-labelledby": `title-${kind}` }, head, body);
  close.addEventListener("click", () => box.close());
  box.addEventListener("click", (event) => {
    if (event.target === box) box.close();
  });
  box.addEventListener("close", () => box.remove());
  document.getElementById("float")?.append(box);
  box.showModal();
  return box;
}
