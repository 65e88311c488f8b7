// @ts-check
/** One sweep in the library: its picture, which racks its focus under the pointer, and its state. */

import { sweepPath } from "./api.js";
import { attr, h, icon, text } from "./dom.js";
import { readPercent } from "./status.js";
import { number, t } from "./words.js";

/** @typedef {import("./types.js").Brief} Brief */

/** Frames fetched to rack a thumbnail. */
const RACKED = 10;

/** @param {string|null} date */
function dateWords(date) {
  const when = date ? new Date(date) : null;
  if (!when || Number.isNaN(when.getTime())) return "";
  return when.toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

/** @param {Brief} brief */
function stateWords(brief) {
  if (brief.state === "reading") return brief.total ? t("reading p", { p: readPercent(brief) }) : t("reading start");
  if (brief.state === "waiting") return t("not read");
  if (brief.state === "stopped") return t("card stopped");
  if (brief.state === "failed" || !brief.count) return "";
  if (brief.changed) return t("card changed");
  return brief.count === 1 ? t("1 frame") : t("n frames", { n: number(brief.count) });
}

/**
 * @param {string} id
 * @param {(id: string) => void} remove
 */
export function makeCard(id, remove) {
  const root = sweepPath(id);
  const picture = h("img", { alt: "", draggable: "false", decoding: "async", loading: "lazy" });
  const warn = h("span", { class: "card-trouble" }, icon("warn"), h("span"));
  const rack = h("span", { class: "card-rack", "aria-hidden": "true" }, h("span", {}, t("near")), h("i", {}, h("b")), h("span", {}, t("far")));
  const progress = h("progress", { class: "card-progress", max: 100, value: 0, "aria-label": t("reading start") });
  const name = h("bdi", { class: "card-name" });
  const state = h("span", { class: "card-state" });
  const note = h("span", { class: "card-note" });
  const frame = h("span", { class: "card-picture" }, picture, warn, rack, progress);
  const link = h("a", { class: "card", href: `#/s/${encodeURIComponent(id)}`, draggable: "false" }, frame, h("span", { class: "card-line" }, name, state), note);
  const away = h("button", { type: "button", class: "button bare card-away", onclick: () => remove(id) }, icon("close"));
  const node = h("li", {}, link, away);
  /** @type {Brief|null} */
  let now = null;
  let resting = "";

  /** @param {number} slot */
  const address = (slot) => `${root}/preview/${slot}${now?.state === "ready" ? "?v=1" : ""}`;

  /** @param {Brief} next @param {string} called @param {string|null} common folder of all sweeps, not worth saying */
  function show(next, called, common) {
    now = next;
    const folder = next.folder && next.folder !== common ? next.folder : "";
    text(name, called);
    text(state, stateWords(next));
    text(note, [folder, dateWords(next.date), next.camera].filter(Boolean).join(", "));
    attr(link, "title", folder ? `${folder} / ${called}` : null);
    attr(away, "aria-label", t("remove", { name: called }));
    const frames = next.state === "ready" ? (next.count ?? 0) : next.done;
    const failed = next.state === "failed";
    const wanted = next.thumb ? address(next.state === "ready" ? Math.floor(frames / 2) : 0) : "";
    if (wanted && wanted !== resting) {
      resting = wanted;
      picture.src = wanted;
    }
    attr(picture, "hidden", !resting || failed);
    attr(warn, "hidden", !failed);
    text(/** @type {Element} */ (warn.lastElementChild), next.error?.title ?? t("wrong"));
    attr(progress, "hidden", next.state !== "reading");
    progress.value = readPercent(next);
    attr(node, "data-state", next.state);
  }

  frame.addEventListener("pointermove", (event) => {
    const count = now?.count ?? 0;
    if (now?.state !== "ready" || count < 2 || event.pointerType === "touch") return;
    const box = frame.getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const few = Math.min(RACKED, count);
    const slot = Math.round((Math.round(part * (few - 1)) / (few - 1)) * (count - 1));
    node.dataset.rack = "on";
    rack.style.setProperty("--part", `${part * 100}%`);
    const next = address(slot);
    if (!picture.src.endsWith(next)) picture.src = next;
  });
  picture.addEventListener("error", () => { // a frame that could not be read has no picture
    if (resting && !picture.src.endsWith(resting)) picture.src = resting;
  });
  frame.addEventListener("pointerleave", () => {
    delete node.dataset.rack;
    if (resting && !picture.src.endsWith(resting)) picture.src = resting;
  });
  return { node, show };
}
