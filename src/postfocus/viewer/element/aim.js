// @ts-check
/** From a touch to the frame that is sharp there: marker at once, the answer as soon as it is known. */

import { FADE } from "./motion.js";

/** @typedef {import("./types.js").Pick} Pick */
/** @typedef {import("./types.js").DepthCells} DepthCells */
/** @typedef {import("./types.js").Mark} Mark */

const AGAIN = 12;
const LOOKING = 300;
/** Milliseconds over one place after which it is probably the one. */
const POISED = 40;
/** Confidence of the depth map from which its frame is shown before the exact answer, which hardly ever is another. */
const SURE = 180;
const ENDS = new Set(["nearer", "farther"]);

/**
 * @typedef {object} Host
 * @property {import("./stage.js").Stage|null} stage
 * @property {import("./marks.js").Marks} marks
 * @property {"place"|"range"|"all"} mode
 * @property {(slot:number, options?:{fade?:number})=>void} show
 * @property {(type:string, detail:object)=>boolean} tell
 * @property {(key:string, values?:Record<string, string|number>)=>string} say
 * @property {(text:string)=>void} speak
 * @property {(x:number, y:number)=>[number, number]} place
 */

export class Aim {
  /** @type {Pick|null} */ pick = null;
  /** @type {DepthCells|null} */ cells = null;
  #turn = 0;
  #busy = false;
  #poised = 0;
  /** @type {AbortController|null} */ #asking = null;

  /** @param {Host} host */
  constructor(host) {
    this.host = host;
  }

  /** What the depth map thinks of a place. @param {number} x @param {number} y @returns {{slot:number, sure:boolean, certain:boolean}|null} */
  depthAt(x, y) {
    const c = this.cells;
    if (!c) return null;
    const col = Math.min(Math.max(Math.floor(x * c.cols), 0), c.cols - 1);
    const i = Math.min(Math.max(Math.floor(y * c.rows), 0), c.rows - 1) * c.cols + col;
    const sure = c.state[i] === 0;
    return { slot: c.position[i], sure, certain: sure && c.confidence[i] >= SURE };
  }

  /** Make ready what the touch will probably ask for. @param {number} x @param {number} y */
  guess(x, y) {
    const at = this.depthAt(x, y);
    if (at?.sure) this.host.stage?.hope(Math.round(at.slot));
  }

  /** The pointer is over a place: if it stays, have its frame ready. @param {number} x @param {number} y */
  poise(x, y) {
    clearTimeout(this.#poised);
    this.#poised = window.setTimeout(() => this.guess(x, y), POISED);
  }

  /** @param {number} x @param {number} y @returns {Promise<Pick|null>} null if another touch came first */
  async focus(x, y) {
    const { host } = this;
    const turn = ++this.#turn;
    const other = this.#second(x, y);
    if (other) return this.#answer(other);
    const ranging = host.mode === "range";
    const before = ranging ? host.marks.list.filter((m) => m.state === "range") : [];
    host.marks.set([...before, { x, y, state: "seek", label: "" }]);
    this.pick = null;
    const at = this.depthAt(x, y);
    if (at?.certain && host.mode === "place") host.show(Math.round(at.slot), { fade: FADE });
    const wait = setTimeout(() => host.marks.say(host.say("looking"), "", true), LOOKING);
    try {
      const pick = await this.#ask(x, y);
      return pick && turn === this.#turn ? this.#answer(pick) : null;
    } catch (error) {
      if (turn === this.#turn) {
        host.marks.set(before);
        host.tell("pf-error", { error, key: "pick" });
      }
      return null;
    } finally {
      clearTimeout(wait);
    }
  }

  /** @param {number} x @param {number} y @returns {Promise<Pick|null>} */
  async #ask(x, y) {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    try {
      return (await this.host.stage?.source.pick(x, y, asking.signal)) ?? null;
    } catch (error) {
      if (asking.signal.aborted) return null;
      throw error;
    }
  }

  /** A second touch on a place with two depths means the other one. @param {number} x @param {number} y @returns {Pick|null} */
  #second(x, y) {
    const p = this.pick;
    if (!p || typeof p.second !== "number" || this.host.mode !== "place") return null;
    const [ax, ay] = this.host.place(x, y);
    const [bx, by] = this.host.place(p.x, p.y);
    return Math.hypot(ax - bx, ay - by) < AGAIN ? { ...p, slot: p.second, frame: p.second, second: p.slot } : null;
  }

  /** @param {Pick} pick @returns {Pick} */
  #answer(pick) {
    const { host } = this;
    const twofold = typeof pick.second === "number" && this.pick?.second !== pick.slot;
    this.pick = pick;
    const found = pick.state === "in focus";
    if (host.mode === "range" && found) this.#number();
    else host.marks.restate(found ? "found" : "none");
    const why = pick.why ?? pick.state;
    host.tell("pf-pick", { pick });
    if (host.mode !== "all" && (found || ENDS.has(why))) host.show(pick.slot, { fade: FADE });
    if (found) {
      if (twofold) host.marks.say(host.say("two depths"));
      else host.marks.hush();
      host.speak(host.say("say sharp", { i: host.stage?.number(pick.slot) ?? "" }));
    } else {
      host.marks.say(host.say(why), host.say(`${why}, try`, this.#ends()), true);
      host.speak(host.say("say none", { why: host.say(why) }));
    }
    return pick;
  }

  /** @param {Pick} pick as if it had been answered now */
  restore(pick) {
    this.clear();
    this.pick = pick;
    const found = pick.state === "in focus";
    const away = Math.abs((this.host.stage?.target ?? 0) - pick.slot) > 1;
    this.host.marks.set([{ x: pick.x, y: pick.y, state: found ? (away ? "away" : "found") : "none", label: "" }]);
  }

  /** The new place of a range gets its number. */
  #number() {
    const { marks } = this.host;
    const places = marks.list;
    Object.assign(places[places.length - 1], { state: "range", label: String(places.length) });
    marks.set(places);
  }

  /** The frames focused nearest and farthest. */
  #ends() {
    const { stage } = this.host;
    const sweep = stage?.facts.sweep ?? [];
    const [near, far] = [sweep[0] ?? 0, sweep.at(-1) ?? (stage?.facts.count ?? 1) - 1].map((slot) => stage?.number(slot) ?? slot);
    return { near, far };
  }

  /** Dragging: what the depth map knows at once, the exact answer as often as it comes. @param {number} x @param {number} y */
  refocus(x, y) {
    const { host } = this;
    if (host.mode !== "place") return;
    this.#turn++;
    const at = this.depthAt(x, y);
    const state = at ? (at.sure ? "found" : "none") : "seek";
    const [mark] = host.marks.list;
    host.marks.hush();
    if (mark && host.marks.list.length === 1) host.marks.move(x, y, state);
    else host.marks.set([{ x, y, state, label: "" }]);
    if (at?.sure) host.show(at.slot);
    if (!this.#busy) this.#follow(x, y, !at);
  }

  /** @param {number} x @param {number} y @param {boolean} show */
  async #follow(x, y, show) {
    this.#busy = true;
    const turn = this.#turn;
    const pick = await this.host.stage?.source.pick(x, y).catch(() => null);
    this.#busy = false;
    if (!pick || this.#turn - turn > 12) return;
    this.pick = pick;
    this.host.tell("pf-pick", { pick, passing: true });
    if (show && pick.state === "in focus") this.host.show(pick.frame);
  }

  /** Forget the place. */
  clear() {
    this.#turn++;
    this.#asking?.abort();
    this.pick = null;
    this.host.marks.set([]);
  }
}
