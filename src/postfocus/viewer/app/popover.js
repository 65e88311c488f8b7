// @ts-check
/** Small boxes that float beside the button that opens them, and close on Esc or a press elsewhere. */

import { h } from "./dom.js";

const GAP = 6;
const EDGE = 8;

/**
 * @param {HTMLElement} anchor
 * @param {() => HTMLElement} build its content, made anew each time
 */
export function popover(anchor, build) {
  /** @type {HTMLElement|null} */
  let box = null;
  let closedAt = 0;
  anchor.setAttribute("aria-haspopup", "dialog");
  anchor.setAttribute("aria-expanded", "false");

  function close() {
    box?.hidePopover();
  }

  anchor.addEventListener("click", () => {
    if (performance.now() - closedAt < 150) return;
    box = h("div", { class: "floating", popover: "auto", role: "dialog", tabindex: -1, "aria-label": anchor.getAttribute("aria-label") ?? anchor.textContent }, build());
    const own = box;
    own.addEventListener("toggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
      closedAt = performance.now();
      anchor.setAttribute("aria-expanded", "false");
      if (own.contains(document.activeElement) || document.activeElement === document.body) anchor.focus();
      own.remove();
    });
    own.addEventListener("pf-close", close);
    document.getElementById("float")?.append(own);
    own.showPopover();
    place(own, anchor);
    anchor.setAttribute("aria-expanded", "true");
    const first = own.querySelector("button") ?? own.querySelector("input:checked") ?? own.querySelector("input");
    (first instanceof HTMLElement ? first : own).focus({ preventScroll: true });
  });
}

/** Another page: what floats over this one is closed. */
export function closePopovers() {
  for (const box of document.querySelectorAll(".floating:popover-open")) if (box instanceof HTMLElement) box.hidePopover();
}

/**
 * Under the anchor, or above it when there is more room; never outside the window.
 * @param {HTMLElement} box
 * @param {HTMLElement} anchor
 */
function place(box, anchor) {
  const from = anchor.closest(".split")?.getBoundingClientRect() ?? anchor.getBoundingClientRect();
  const { width, height } = box.getBoundingClientRect();
  const left = Math.min(Math.max(EDGE, from.left), innerWidth - width - EDGE);
  const below = from.bottom + GAP;
  const top = below + height + EDGE <= innerHeight ? below : Math.max(EDGE, from.top - GAP - height);
  box.style.left = `${left}px`;
  box.style.top = `${Math.min(top, Math.max(EDGE, innerHeight - height - EDGE))}px`;
}
