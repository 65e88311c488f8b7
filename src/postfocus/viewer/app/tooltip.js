// @ts-check
/** The words of a control after half a second of rest on it, or at once when Tab reaches it. */

import { h } from "./dom.js";

const WAIT = 500;

/** Show tooltips for everything with `data-tip`; `data-key` and `data-why` are added to it. */
export function startTooltips() {
  const tip = h("div", { class: "tooltip", role: "presentation", "aria-hidden": "true", popover: "manual" });
  document.body.append(tip);
  let timer = 0;
  /** @type {HTMLElement|null} */
  let over = null;

  function hide() {
    clearTimeout(timer);
    over = null;
    if (tip.matches(":popover-open")) tip.hidePopover();
  }

  /** @param {HTMLElement} node */
  function show(node) {
    if (!node.isConnected || node !== over) return;
    const { tip: words = "", key, why } = node.dataset;
    tip.replaceChildren(h("span", {}, why ?? words));
    if (key && !why) tip.append(" ", ...key.split(" ").map((cap) => h("kbd", {}, cap === "Escape" ? "Esc" : cap)));
    tip.showPopover();
    const from = node.getBoundingClientRect();
    const own = tip.getBoundingClientRect();
    const left = Math.min(Math.max(6, from.left + from.width / 2 - own.width / 2), innerWidth - own.width - 6);
    const below = from.bottom + 6 + own.height < innerHeight;
    tip.style.left = `${left}px`;
    tip.style.top = `${below ? from.bottom + 6 : from.top - 6 - own.height}px`;
  }

  /** @param {Event} event */
  function target(event) {
    const node = event.target instanceof Element ? event.target.closest("[data-tip]") : null;
    return node instanceof HTMLElement ? node : null;
  }

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const node = target(event);
    if (node === over) return;
    hide();
    over = node;
    if (node) timer = setTimeout(() => show(node), WAIT);
  });
  document.addEventListener("focusin", (event) => {
    const node = target(event);
    hide();
    over = node;
    if (node?.matches(":focus-visible")) timer = setTimeout(() => show(node), 0);
  });
  for (const end of ["pointerdown", "focusout", "scroll", "wheel", "pointerleave"]) {
    document.addEventListener(end, hide, { capture: true, passive: true });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Tab") hide();
  });
}
