// @ts-check
/**
 * The hand that holds the brush: one finger or the left button paints, two fingers zoom as ever, the middle button
 * moves the picture, Alt or the picker takes the frame that is sharpest at a place.
 */

import { attr, h, listen } from "./dom.js";
import { radiusOf } from "./strokes.js";

/** Milliseconds a finger waits for a second one, and CSS pixels it may meanwhile move. */
const SECOND_FINGER = 90;
const SLOP = 8;

/**
 * @param {import("./state.js").Store<import("./choice.js").State>} store
 * @param {import("./retouch.js").Retouch} retouch
 * @param {HTMLElement} stage that the picture lies in
 */
export function brushHand(store, retouch, stage) {
  const { view } = retouch;
  const ring = h("div", { class: "brush-ring", hidden: true });
  stage.append(ring);
  /** @type {"idle"|"waiting"|"paint"|"pick"|"pan"|"pass"} */
  let state = "idle";
  /** @type {PointerEvent|null} */
  let first = null;
  let fingers = 0;
  let timer = 0;
  let from = [0, 0];

  const place = (/** @type {PointerEvent} */ event) => {
    const { left, top } = view.getBoundingClientRect();
    return /** @type {[number, number]} */ (view.camera.under(event.clientX - left, event.clientY - top));
  };
  const ours = (/** @type {PointerEvent} */ event) => store.now.brushing && event.target === view;
  const holds = (/** @type {PointerEvent} */ event) => {
    const { left, top } = view.getBoundingClientRect();
    return view.camera.holds(event.clientX - left, event.clientY - top);
  };

  /** @param {PointerEvent} event */
  function down(event) {
    if (state === "pass") fingers += 1;
    if (!ours(event) || state === "pass") return;
    if (first) return handOver(event);
    event.stopPropagation();
    if (event.button > 1 || !view.begin() || !holds(event)) return;
    view.focus({ preventScroll: true });
    view.setPointerCapture(event.pointerId);
    first = event;
    from = [event.clientX, event.clientY];
    if (event.button === 1) state = "pan";
    else if (event.altKey || store.now.picking) state = "pick";
    else if (event.pointerType === "touch") {
      state = "waiting";
      timer = setTimeout(begin, SECOND_FINGER);
    } else begin();
  }

  function begin() {
    clearTimeout(timer);
    state = "paint";
    if (first) retouch.begin(place(first));
  }

  /** A second finger: both go to the picture, which zooms. @param {PointerEvent} event */
  function handOver(event) {
    if (state !== "waiting" && state !== "paint") return event.stopPropagation();
    clearTimeout(timer);
    retouch.cancel();
    retouch.hover(null);
    const one = /** @type {PointerEvent} */ (first);
    state = "pass";
    fingers = 1; // this one is counted by now, the first as it is told again
    first = null;
    const { pointerId, pointerType, clientX, clientY } = one;
    view.dispatchEvent(new PointerEvent("pointerdown", { pointerId, pointerType, clientX, clientY, button: 0, buttons: 1, bubbles: true }));
  }

  /** @param {PointerEvent} event */
  function move(event) {
    if (!ours(event) || state === "pass") return;
    event.stopPropagation();
    if (!first) return retouch.hover(event.pointerType !== "touch" && holds(event) ? place(event) : null);
    if (event.pointerId !== first.pointerId) return;
    if (state === "waiting" && Math.hypot(event.clientX - from[0], event.clientY - from[1]) > SLOP) begin();
    if (state === "paint") for (const one of [...event.getCoalescedEvents(), event]) retouch.draw(place(one));
    if (state === "pan") {
      view.camera.pan(event.clientX - from[0], event.clientY - from[1]);
      from = [event.clientX, event.clientY];
    }
  }

  /** @param {PointerEvent} event */
  function up(event) {
    if (state === "pass") {
      fingers -= 1;
      if (fingers <= 0) state = "idle";
      return;
    }
    if (event.pointerId !== first?.pointerId) return;
    event.stopPropagation();
    const done = event.type === "pointerup";
    if (state === "waiting" && done) begin();
    if (state === "paint" && done) retouch.end();
    else if (state === "paint" || state === "waiting") retouch.cancel();
    if (state === "pick" && done) void retouch.pick(place(event));
    clearTimeout(timer);
    state = "idle";
    first = null;
    retouch.hover(event.pointerType === "touch" ? null : place(event));
  }

  const early = { capture: true };
  stage.addEventListener("pointerdown", down, early);
  stage.addEventListener("pointermove", move, early);
  stage.addEventListener("pointerup", up, early);
  stage.addEventListener("pointercancel", up, early);
  view.addEventListener("pointerleave", () => { if (!first && store.now.brushing) retouch.hover(null); });
  view.addEventListener("mousedown", (event) => { if (event.button === 1 && store.now.brushing) event.preventDefault(); });

  retouch.moved = () => {
    const { brushing, picking, brushSize, facts } = store.now;
    const at = retouch.place;
    const shown = brushing && at !== null && !picking;
    attr(ring, "hidden", !shown);
    if (!shown || !at || !facts) return;
    const [x, y] = view.camera.place(...at);
    const radius = radiusOf(brushSize) * facts.width * view.camera.view.scale;
    ring.style.transform = `translate(${x - radius}px, ${y - radius}px)`;
    ring.style.width = ring.style.height = `${2 * radius}px`;
  };
  listen(view, "pf-view", () => retouch.moved());
  store.watch(["brushing", "picking"], ({ brushing, picking }) => attr(stage, "data-brush", brushing && (picking ? "pick" : "paint")));
}
