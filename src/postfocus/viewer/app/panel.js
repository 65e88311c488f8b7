// @ts-check
/** A panel beside the picture (from the right), or over it as a sheet on phones. */

import { attr, h, icon } from "./dom.js";
import { swipeAway } from "./swipe.js";
import { t } from "./words.js";

/** @typedef {import("./choice.js").State} State */

/**
 * Shows the panel that the state names; focus goes in and comes back.
 * @param {import("./state.js").Store<State>} store
 * @param {HTMLElement} page
 * @param {Record<"save"|"look", {title: import("./words.js").Word, build: () => {node: HTMLElement, stop: () => void}}>} kinds
 */
export function panels(store, page, kinds) {
  /** @type {{node: HTMLElement, stop: () => void}|null} */
  let open = null;
  /** @type {Element|null} */
  let from = null;
  const rest = () => [...page.children].filter((child) => child !== open?.node.parentElement && !child.matches(".panel, .scrim"));

  store.watch(["panel", "layout"], ({ panel, layout }) => {
    const modal = panel !== null && layout === "upright"; // elsewhere the picture has its own room beside it
    if (open && panel !== open.node.dataset.kind) close();
    if (panel && !open) show(panel);
    attr(page, "data-panel", panel);
    for (const part of rest()) attr(part, "inert", modal && !part.matches(".stage"));
    const frame = page.querySelector(".panel");
    if (frame) attr(frame, "aria-modal", modal ? "true" : null);
  });

  /** @param {"save"|"look"} kind */
  function show(kind) {
    from = document.activeElement;
    const { title, build } = kinds[kind];
    const built = build();
    built.node.dataset.kind = kind;
    open = built;
    const shut = h("button", { type: "button", class: "button bare", "aria-label": t("close"), onclick: () => store.set({ panel: null }) }, icon("close"));
    const head = h("div", { class: "panel-head" }, h("h2", { id: "panel-title" }, t(title)), shut);
    const grip = h("div", { class: "panel-grip" }, h("i", { class: "grab" }), head);
    const frame = h("section", { class: "panel", role: "dialog", "aria-labelledby": "panel-title", tabindex: -1 }, grip, built.node);
    const axis = () => /** @type {const} */ ({ wide: null, upright: "y", low: "x" })[store.now.layout];
    swipeAway(frame, grip, axis, () => store.set({ panel: null }));
    page.append(frame);
    const first = built.node.querySelector("input:checked") ?? built.node.querySelector("input, textarea, button");
    if (first instanceof HTMLElement) first.focus({ preventScroll: true });
  }

  function close() {
    open?.stop();
    page.querySelector(".panel")?.remove();
    open = null;
    if (from instanceof HTMLElement && from.isConnected) from.focus({ preventScroll: true });
  }
}
