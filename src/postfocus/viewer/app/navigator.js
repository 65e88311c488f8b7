// @ts-check
/** The small map of the whole picture, shown while the view moves: where one is, and a way to go elsewhere. */

import { shown } from "../element/view.js";
import { attr, h, listen } from "./dom.js";

/** Milliseconds that it stays when the view rests. */
const STAY = 1500;
/** Pixels across. */
const WIDE = 300;
/** CSS pixels it may be wide and high. */
const MOST = [150, 100];

/**
 * @param {import("./state.js").Store<import("./choice.js").State>} store
 * @param {import("./session.js").Session} session
 */
export function navigator(store, session) {
  const { view } = session;
  const canvas = h("canvas");
  const frame = h("div");
  const node = h("div", { class: "navigator", "aria-hidden": "true", "data-away": true }, canvas, frame);
  let timer = 0;
  let drawn = "";
  const away = (/** @type {boolean} */ on) => attr(node, "data-away", on);

  /** @param {PointerEvent} event */
  const go = (event) => {
    const { facts } = store.now;
    if (!facts || !event.buttons) return;
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const [x, y, w, h] = shown(facts);
    view.camera.centre(x + ((event.clientX - left) / width) * w, y + ((event.clientY - top) / height) * h);
  };
  node.addEventListener("pointerdown", go);
  node.addEventListener("pointermove", go);

  listen(view, "pf-view", ({ zoomed }) => {
    const { facts } = store.now;
    clearTimeout(timer);
    away(!zoomed || !facts);
    if (!zoomed || !facts) return;
    timer = setTimeout(() => away(true), STAY);
    const [x, y, w, h] = shown(facts);
    const ratio = (w * facts.width) / (h * facts.height);
    node.style.width = `${Math.min(MOST[0], MOST[1] * ratio)}px`;
    node.style.height = `${Math.min(MOST[1], MOST[0] / ratio)}px`;
    const { left, top, right, bottom } = view.camera.bounds();
    const [x0, y0] = view.camera.under(left, top);
    const [x1, y1] = view.camera.under(right, bottom);
    const seen = { left: (x0 - x) / w, top: (y0 - y) / h, width: (x1 - x0) / w, height: (y1 - y0) / h };
    for (const [side, share] of Object.entries(seen)) frame.style.setProperty(side, `${share * 100}%`);
    void draw(facts);
  });

  /** The frame shown; of merged frames the one with most in focus. @param {import("./types.js").Facts} facts */
  async function draw(facts) {
    const { mode, range, at } = store.now;
    const merged = mode === "all" || range !== null;
    const slot = merged ? facts.best_slot : session.slotAt(Math.round(at));
    const what = `${facts.id} ${facts.version} ${slot}`;
    if (what === drawn) return;
    drawn = what;
    const blob = await session.source?.preview(slot).catch(() => null);
    const bitmap = blob && (await createImageBitmap(blob).catch(() => null));
    if (!bitmap || drawn !== what) return;
    const [x, y, w, h] = shown(facts);
    canvas.width = WIDE;
    canvas.height = Math.round((WIDE * h * bitmap.height) / (w * bitmap.width));
    const part = /** @type {const} */ ([x * bitmap.width, y * bitmap.height, w * bitmap.width, h * bitmap.height]);
    canvas.getContext("2d")?.drawImage(bitmap, ...part, 0, 0, canvas.width, canvas.height);
    bitmap.close();
  }
  return node;
}
