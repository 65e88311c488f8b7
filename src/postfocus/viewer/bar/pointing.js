// @ts-check
/** Finger, pen, mouse and wheel on the slide bar. */

import { pushed } from "./scale.js";

const MAGNET_FRAMES = 0.6;
const MAGNET_PIXELS = 6;
const FINE_ABOVE = 80;
const WHEEL_STEP = 50;

/** @typedef {import("./focus-bar.js").FocusBar} FocusBar */
/** @typedef {{kind: "head"|0|1|"band", x: number, at: number, start: number, range: [number, number]}} Drag */

export class Pointing {
  /** @param {FocusBar} bar */
  constructor(bar) {
    this.bar = bar;
    /** @type {Drag|null} */
    this.drag = null;
    this.turned = 0;
    bar.addEventListener("pointerdown", (event) => this.down(event));
    bar.addEventListener("pointermove", (event) => this.move(event));
    bar.addEventListener("pointerup", (event) => this.up(event, true));
    bar.addEventListener("pointercancel", (event) => this.up(event, false));
    bar.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0 || this.drag || this.bar.count === 0) return;
    const bar = this.bar;
    const x = event.clientX - bar.getBoundingClientRect().left;
    const { range, handles, whole } = bar.shown;
    bar.setPointerCapture(event.pointerId);
    const at = bar.scale.frame(x);
    /** @type {Drag} */
    const drag = { kind: "head", x, at, start: at, range: range ?? [0, bar.count - 1] };
    if (handles && !whole && range) {
      drag.kind = grabbed(bar, x, range);
      const end = drag.kind;
      if (end === 0 || end === 1) {
        bar.ends[end].focus({ preventScroll: true });
        if (Math.abs(bar.scale.x(range[end]) - x) <= 22) drag.at = range[end];
      }
    } else bar.main.focus({ preventScroll: true });
    this.drag = drag;
    event.preventDefault();
    this.follow(false);
  }

  /** @param {PointerEvent} event */
  move(event) {
    const drag = this.drag;
    if (!drag) return;
    const box = this.bar.getBoundingClientRect();
    const x = event.clientX - box.left;
    const speed = box.top - event.clientY >= FINE_ABOVE ? 0.25 : 1;
    if (speed === 1 && drag.kind === "head") drag.at = this.bar.scale.frame(x);
    else drag.at = this.bar.scale.clamp(drag.at + ((x - drag.x) / this.bar.scale.step) * speed);
    drag.x = x;
    this.follow(false);
  }

  /** @param {PointerEvent} event @param {boolean} kept */
  up(event, kept) {
    if (!this.drag) return;
    if (kept) this.follow(true);
    this.drag = null;
    if (this.bar.hasPointerCapture(event.pointerId)) this.bar.releasePointerCapture(event.pointerId);
  }

  /** @param {boolean} final */
  follow(final) {
    const drag = this.drag;
    if (!drag) return;
    const bar = this.bar;
    if (drag.kind === "head") {
      const at = this.magnet(drag.at);
      bar.move(final ? Math.round(at) : at, final);
    } else if (drag.kind === "band") {
      const [a, b] = drag.range;
      const by = Math.min(Math.max(Math.round(drag.at - drag.start), -a), bar.count - 1 - b);
      bar.stretch([a + by, b + by], final);
    } else {
      const to = snapped(bar, Math.round(drag.at), drag.at);
      bar.stretch(pushed(bar.range ?? drag.range, drag.kind, to), final);
    }
  }

  /** The best frame holds the playhead for a few pixels. @param {number} at */
  magnet(at) {
    const best = this.bar.best;
    if (best === null) return at;
    const near = Math.round(best);
    const reach = Math.min(MAGNET_FRAMES, MAGNET_PIXELS / this.bar.scale.step);
    return Math.abs(at - near) <= reach ? near : at;
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    if (event.ctrlKey) return;
    event.preventDefault();
    const along = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY;
    this.turned += event.deltaMode === 1 ? along * 20 : along;
    const steps = Math.trunc(this.turned / WHEEL_STEP);
    if (steps === 0) return;
    this.turned -= steps * WHEEL_STEP;
    const from = Math.round(this.bar.slot);
    const way = Math.sign(steps);
    this.bar.move(this.bar.pass(this.bar.scale.clamp(from + way), way), true);
  }
}

/**
 * What a press takes hold of when there is a range: an end, the band between, or the nearer end.
 * @param {FocusBar} bar
 * @param {number} x
 * @param {[number, number]} range
 * @returns {0|1|"band"}
 */
function grabbed(bar, x, range) {
  const a = bar.scale.x(range[0]);
  const b = bar.scale.x(range[1]);
  const toA = Math.abs(x - a);
  const toB = Math.abs(x - b);
  const reach = Math.min(22, Math.max(10, (b - a) / 3));
  if (x > a + reach && x < b - reach && !bar.shown.hollow) return "band";
  if (toA === toB) return x < a ? 0 : 1;
  return toA < toB ? 0 : 1;
}

/**
 * @param {FocusBar} bar
 * @param {number} rounded
 * @param {number} exact
 */
function snapped(bar, rounded, exact) {
  const reach = MAGNET_PIXELS / bar.scale.step;
  const stop = bar.stops().find((at) => Math.abs(at - exact) <= Math.max(reach, 0.5));
  return bar.scale.clamp(stop === undefined ? rounded : Math.round(stop));
}
