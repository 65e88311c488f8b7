// @ts-check
/** `<focus-bar>`: the whole sweep on one line, near to far; drag it and the focus follows. */

import { still, Tween } from "../element/motion.js";
import { feet, heights } from "./curve.js";
import { Drawing, dress } from "./drawing.js";
import { Pointing } from "./pointing.js";
import { pushed, Scale } from "./scale.js";
import { sheet } from "./style.js";

const GROW = 140;
/** @type {Float64Array<ArrayBufferLike>} */
const NONE = new Float64Array(0);

/** @typedef {[number, number]} Range */
/** @typedef {{frame: (at: number) => string, starts: string, ends: string, label: string}} BarWords */

export class FocusBar extends HTMLElement {
  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    /** @type {import("./drawing.js").Shown} */
    this.shown = {
      count: 0, slot: 0, shares: NONE, found: false, best: null, second: null, range: null, handles: false,
      hollow: false, whole: false, places: [], kept: new Set(), unread: 0, leftOut: new Set(), depthShown: false,
      headHidden: false,
    };
    /** @type {BarWords} */
    this.wordsNow = { frame: (at) => `Frame ${at}`, starts: "Range starts", ends: "Range ends", label: "Focus" };
    this.scale = new Scale(1, 0);
    this.geometry = { top: 7, well: 56 };
    this.drawing = new Drawing();
    this.main = slider("main");
    this.ends = /** @type {[HTMLElement, HTMLElement]} */ ([slider("end"), slider("end")]);
    root.append(this.drawing.svg, this.main, ...this.ends);
    this.pointing = new Pointing(this);
    /** @type {Float64Array<ArrayBufferLike>} */
    this.target = NONE;
    this.growing = 0;
    this.asked = 0;
    this.watcher = new ResizeObserver(() => this.measure());
    this.main.addEventListener("keydown", (event) => this.key(event, "slot"));
    this.ends.forEach((end, side) => {
      end.addEventListener("keydown", (event) => this.key(event, side));
    });
  }

  connectedCallback() {
    this.watcher.observe(this);
    this.measure();
  }

  disconnectedCallback() {
    this.watcher.disconnect();
  }

  /** @param {Partial<import("./drawing.js").Shown>} patch */
  change(patch) {
    Object.assign(this.shown, patch);
    this.ask();
  }

  get count() { return this.shown.count; }
  set count(value) { this.change({ count: value }); this.scale = new Scale(this.scale.width, value); }
  /** Position of the playhead, a number. (`any`, since the standard has a string of that name.) @override @returns {any} */
  get slot() { return this.shown.slot; }
  /** @override */
  set slot(value) { this.change({ slot: value }); }
  get best() { return this.shown.best; }
  set best(value) { this.change({ best: value }); }
  set second(/** @type {number|null} */ value) { this.change({ second: value }); }
  get range() { return this.shown.range; }
  set range(value) { this.change({ range: value }); }
  set handles(/** @type {boolean} */ value) { this.change({ handles: value }); }
  set hollow(/** @type {boolean} */ value) { this.change({ hollow: value }); }
  set whole(/** @type {boolean} */ value) { this.change({ whole: value }); }
  set places(/** @type {number[]} */ value) { this.change({ places: value }); }
  set kept(/** @type {Iterable<number>} */ value) { this.change({ kept: new Set(value) }); }
  set unread(/** @type {number} */ value) { this.change({ unread: value }); }
  set leftOut(/** @type {Iterable<number>} */ value) { this.change({ leftOut: new Set(value) }); }
  set depthShown(/** @type {boolean} */ value) { this.change({ depthShown: value }); }
  set headHidden(/** @type {boolean} */ value) { this.change({ headHidden: value }); }
  set words(/** @type {BarWords} */ value) { this.wordsNow = value; this.ask(); }

  /**
   * The sharpness of the touched place, a value a frame; the line grows from the one before.
   * @param {ArrayLike<number>|null} curve
   * @param {number} noise
   * @param {boolean} found
   */
  setCurve(curve, noise, found) {
    cancelAnimationFrame(this.growing);
    const old = this.shown.shares;
    /** @type {Float64Array<ArrayBufferLike>} */
    const target = curve ? heights(curve, noise, found) : NONE;
    this.target = target;
    this.shown.found = found;
    if (still() || old.length !== target.length) {
      this.change({ shares: target });
      return;
    }
    const growth = new Tween((part) => target.map((value, i) => mix(old[i] ?? 0, value, part)), performance.now(), GROW);
    const grow = (/** @type {number} */ now) => {
      this.change({ shares: growth.value(now) });
      if (!growth.done(now)) this.growing = requestAnimationFrame(grow);
    };
    this.growing = requestAnimationFrame(grow);
  }

  /** Frames a handle likes to stop at: the touched places and the feet of the curve. */
  stops() {
    const best = this.shown.best;
    return [...this.shown.places, ...(best === null || !this.shown.found ? [] : feet(this.target, best))];
  }

  /** @param {number} slot @param {boolean} final */
  move(slot, final) {
    this.slot = slot;
    this.dispatchEvent(new CustomEvent("pf-bar", { bubbles: true, detail: { slot, final } }));
  }

  /** @param {Range} range @param {boolean} final */
  stretch(range, final) {
    this.change({ range, hollow: false });
    this.dispatchEvent(new CustomEvent("pf-range", { bubbles: true, detail: { range, final } }));
  }

  /** @param {KeyboardEvent} event @param {"slot"|number} what */
  key(event, what) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const last = Math.max(0, this.shown.count - 1);
    const range = this.shown.range ?? [0, last];
    const from = what === "slot" ? Math.round(this.shown.slot) : /** @type {number} */ (range[what]);
    /** @type {Record<string, number>} */
    const goals = {
      ArrowLeft: from - 1, ArrowDown: from - 1, ArrowRight: from + 1, ArrowUp: from + 1,
      PageUp: from - 5, PageDown: from + 5, Home: 0, End: last,
    };
    const goal = goals[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const to = this.scale.clamp(goal);
    if (what === "slot") this.move(this.pass(to, Math.sign(to - from)), true);
    else this.stretch(pushed(range, what, to), true);
  }

  /** Step over frames that are left out. @param {number} at @param {number} way */
  pass(at, way) {
    let to = at;
    while (way && this.shown.leftOut.has(to) && to + way >= 0 && to + way < this.shown.count) to += way;
    return to;
  }

  measure() {
    const box = this.getBoundingClientRect();
    if (box.width === 0) return;
    this.geometry = { top: 7, well: Math.max(24, box.height - 32) };
    this.scale = new Scale(box.width, this.shown.count);
    this.paint();
  }

  ask() {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      this.paint();
    });
  }

  paint() {
    this.drawing.draw(this.shown, this.scale, this.geometry);
    this.describe();
  }

  describe() {
    const { count, slot, range, handles, whole } = this.shown;
    const last = Math.max(0, count - 1);
    speak(this.main, this.wordsNow.label, Math.round(slot), last, this.wordsNow.frame(Math.round(slot)));
    const seen = handles && range !== null && !whole;
    this.ends.forEach((end, side) => {
      end.hidden = !seen;
      if (!seen || !range) return;
      const at = /** @type {number} */ (range[side]);
      end.style.left = `${this.scale.x(at)}px`;
      speak(end, side === 0 ? this.wordsNow.starts : this.wordsNow.ends, at, last, this.wordsNow.frame(at));
    });
  }
}

/** @param {string} kind */
function slider(kind) {
  const node = document.createElement("div");
  node.className = kind;
  node.tabIndex = 0;
  node.setAttribute("role", "slider");
  node.setAttribute("aria-orientation", "horizontal");
  return node;
}

/** @param {HTMLElement} node @param {string} label @param {number} value @param {number} last @param {string} words */
function speak(node, label, value, last, words) {
  dress(node, {
    "aria-label": label, "aria-valuemin": 0, "aria-valuemax": last, "aria-valuenow": value, "aria-valuetext": words,
  });
}

/** @param {number} a @param {number} b @param {number} part */
function mix(a, b, part) {
  return Number.isNaN(a) || Number.isNaN(b) ? b : a + (b - a) * part;
}

customElements.define("focus-bar", FocusBar);
