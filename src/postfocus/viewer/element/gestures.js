// @ts-check
/** What fingers, mouse and pen mean: a small state machine without a page, so that it can be tested. */

/** @typedef {{id:number, type:string, x:number, y:number}} Touch CSS pixels of the box */

/**
 * @typedef {object} Doings
 * @property {()=>boolean} zoomed
 * @property {(x:number, y:number)=>void} guess a touch that will probably focus here
 * @property {(x:number, y:number)=>void} focus
 * @property {(x:number, y:number)=>void} refocus again and again, while dragging
 * @property {(x:number, y:number)=>void} refocused the drag ended
 * @property {(dx:number, dy:number)=>void} pan
 * @property {(vx:number, vy:number)=>void} panned pixels per ms at the end; 0 for a mouse
 * @property {(factor:number, x:number, y:number, dx:number, dy:number)=>void} pinch
 * @property {()=>void} pinched
 * @property {(on:boolean)=>void} compare
 * @property {()=>void} undo
 * @property {(x:number, y:number, touch:boolean)=>void} twice
 */

const SLOP = { mouse: 6, touch: 10 };
const SECOND_FINGER = 60;
const LONG = 500;
const TWICE = 320;
const TWICE_APART = 30;
const TAP = 300;

export class Gestures {
  /** @type {Map<number, Touch & {x0:number, y0:number}>} */ #down = new Map();
  /** @type {"idle"|"waiting"|"pressed"|"drag"|"pan"|"pinch"|"compare"} */ state = "idle";
  /** @type {(()=>void)[]} */ #timers = [];
  #last = { t: -1e9, x: 0, y: 0 };
  #focused = false;
  #pair = { gap: 1, x: 0, y: 0, moved: 0, t: 0 };
  #speed = { t: 0, vx: 0, vy: 0 };

  /** @param {Doings} do_ @param {(call:()=>void, ms:number)=>()=>void} after returns what cancels it @param {()=>number} now ms */
  constructor(do_, after, now) {
    this.do = do_;
    this.after = after;
    this.now = now;
  }

  /** @param {Touch} t */
  down(t) {
    this.#down.set(t.id, { ...t, x0: t.x, y0: t.y });
    if (this.#down.size === 2) return this.#pinch();
    if (this.#down.size > 2) return;
    this.#focused = false;
    const finger = t.type === "touch";
    if (!this.do.zoomed()) this.do.guess(t.x, t.y);
    if (finger) {
      this.state = "waiting";
      this.#timers = [
        this.after(() => this.#press(), SECOND_FINGER),
        this.after(() => this.#long(), LONG),
      ];
    } else {
      this.#press();
    }
  }

  /** No second finger came. */
  #press() {
    const [t] = this.#down.values();
    if (!t) return;
    this.state = "pressed";
    if (!this.do.zoomed() && !this.#isSecond(t)) this.#focus(t.x, t.y);
  }

  #long() {
    if (this.state !== "pressed" && this.state !== "waiting") return;
    this.state = "compare";
    this.do.compare(true);
  }

  /** @param {number} x @param {number} y */
  #focus(x, y) {
    this.#focused = true;
    this.do.focus(x, y);
  }

  /** @param {Touch} t */
  #isSecond(t) {
    return this.now() - this.#last.t < TWICE && Math.hypot(t.x - this.#last.x, t.y - this.#last.y) < TWICE_APART;
  }

  /** @param {Touch} t */
  move(t) {
    const held = this.#down.get(t.id);
    if (!held) return;
    const dx = t.x - held.x;
    const dy = t.y - held.y;
    Object.assign(held, { x: t.x, y: t.y });
    if (this.state === "pinch") return this.#pinching();
    if (this.state === "waiting" || this.state === "pressed") {
      const slop = t.type === "touch" ? SLOP.touch : SLOP.mouse;
      if (Math.hypot(t.x - held.x0, t.y - held.y0) < slop) return;
      this.#stopTimers();
      this.state = this.do.zoomed() ? "pan" : "drag";
      this.#speed = { t: this.now(), vx: 0, vy: 0 };
    }
    if (this.state === "drag") this.do.refocus(t.x, t.y);
    if (this.state === "pan") {
      const past = Math.max(1, this.now() - this.#speed.t);
      const keep = Math.min(1, past / 40);
      this.#speed = { t: this.now(), vx: this.#speed.vx * (1 - keep) + (dx / past) * keep, vy: this.#speed.vy * (1 - keep) + (dy / past) * keep };
      this.do.pan(dx, dy);
    }
  }

  #pinch() {
    this.#stopTimers();
    if (this.state === "compare") this.do.compare(false);
    this.state = "pinch";
    this.#pair = { ...this.#middle(), moved: 0, t: this.now() };
  }

  #middle() {
    const [a, b] = [...this.#down.values()];
    return { gap: Math.max(8, Math.hypot(a.x - b.x, a.y - b.y)), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  }

  #pinching() {
    if (this.#down.size < 2) return;
    const was = this.#pair;
    const is = this.#middle();
    const moved = was.moved + Math.abs(is.gap - was.gap) + Math.hypot(is.x - was.x, is.y - was.y);
    this.#pair = { ...was, ...is, moved };
    if (moved > SLOP.touch) this.do.pinch(is.gap / was.gap, is.x, is.y, is.x - was.x, is.y - was.y);
  }

  /** @param {Touch} t */
  up(t) {
    const held = this.#down.get(t.id);
    if (!held) return;
    this.#down.delete(t.id);
    const state = this.state;
    if (state === "pinch") {
      if (this.#down.size) return;
      if (this.#pair.moved <= SLOP.touch && this.now() - this.#pair.t < TAP) this.do.undo();
      else this.do.pinched();
    }
    this.#stopTimers();
    this.state = "idle";
    if (state === "compare") this.do.compare(false);
    if (state === "drag") this.do.refocused(t.x, t.y);
    if (state === "pan") {
      const still = this.now() - this.#speed.t > 60 || t.type !== "touch";
      this.do.panned(still ? 0 : this.#speed.vx, still ? 0 : this.#speed.vy);
    }
    if (state !== "waiting" && state !== "pressed") return;
    if (this.#isSecond(t)) {
      this.#last.t = -1e9;
      return this.do.twice(t.x, t.y, t.type === "touch");
    }
    if (!this.#focused) this.#focus(t.x, t.y);
    this.#last = { t: this.now(), x: t.x, y: t.y };
  }

  /** The system took the finger. @param {number} id */
  cancel(id) {
    if (!this.#down.delete(id)) return;
    this.#stopTimers();
    if (this.state === "compare") this.do.compare(false);
    if (this.state === "pinch") this.do.pinched();
    if (this.state === "pan") this.do.panned(0, 0);
    if (!this.#down.size || this.state !== "pinch") this.state = "idle";
  }

  #stopTimers() {
    for (const stop of this.#timers) stop();
    this.#timers = [];
  }
}
