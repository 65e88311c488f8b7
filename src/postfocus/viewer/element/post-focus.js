// @ts-check
/**
 * `<post-focus>`: a focus sweep as one picture. Touch a place and the frame that is sharp there appears.
 *
 * It draws, picks, zooms, peaks, merges for the eye and speaks; where pictures and answers come from is the
 * business of the `source` given to it (see `types.js`).
 *
 * Events, all bubbling: `pf-touch` {x, y} (prevent it and nothing happens), `pf-pick` {pick, passing}, `pf-frame` {slot},
 * `pf-view` {scale, zoomed, percent}, `pf-compare` {on}, `pf-undo`, `pf-ready` {slot}, `pf-error` {key, error}.
 */

import { Aim } from "./aim.js";
import { doings } from "./doings.js";
import { Hands } from "./hands.js";
import { Looking } from "./looking.js";
import { easeBoth, FADE, rackPath, still, Tween } from "./motion.js";

/** @typedef {import("./types.js").FocusSource} FocusSource */
/** @typedef {import("./types.js").Pick} Pick */
/** @typedef {"place"|"range"|"all"} Mode */

const RACK = 1400;

export class PostFocus extends Looking {
  /** @type {FocusSource|null} */ #source = null;
  #aim = new Aim(this);
  /** @type {Mode} */ #mode = "place";
  /** @type {readonly [number, number]|null} */ #range = null;
  #comparing = false;
  /** @type {string|null} */ #mergeKey = null;
  #caption = "";
  /** @type {Tween<number>|null} */ #rack = null;

  constructor() {
    super();
    new Hands(this, this, doings(this, this.#aim));
  }

  // What is shown

  get source() {
    return this.#source;
  }

  /** Set again with more facts while a sweep is being read: what is seen stays. */
  set source(source) {
    const old = this.#source;
    this.#source = source;
    if (source && old && this.stage && old.facts.id === source.facts.id) {
      this.#grow(this.stage, old, source);
      return;
    }
    this.#aim.clear();
    this.#aim.cells = null;
    this.#rack = null;
    this.start(source, source?.facts.best_slot ?? 0);
  }

  /** @param {import("./stage.js").Stage} stage @param {FocusSource} old @param {FocusSource} source */
  #grow(stage, old, source) {
    this.camera.setFacts(source.facts);
    if (old.facts.version === source.facts.version) {
      stage.grow(source);
      if (!this.#aim.cells) this.loadDepth();
      return;
    }
    const number = old.facts.frames?.[Math.round(stage.target)];
    const slot = number === undefined ? -1 : (source.facts.frames?.indexOf(number) ?? -1);
    stage.replace(source, slot < 0 ? Math.min(stage.target, source.facts.count - 1) : slot);
    this.loadDepth();
  }

  /** @override @param {import("./types.js").DepthCells} cells */
  depthKnown(cells) {
    this.#aim.cells = cells;
  }

  /** @override */
  restart() {
    super.restart();
    this.#remerge();
  }

  /**
   * Shown slot, a number; between two slots both are blended. (`any`, since the standard has a string of that name.)
   * @override
   * @returns {any}
   */
  get slot() {
    return this.stage?.target ?? 0;
  }

  /** @override */
  set slot(slot) {
    this.show(slot);
  }

  /** @param {number} slot @param {{fade?:number|boolean}} [options] ms */
  show(slot, { fade = 0 } = {}) {
    const { stage } = this;
    if (!stage || !Number.isFinite(slot)) return;
    const to = Math.min(Math.max(slot, 0), stage.facts.count - 1);
    const changed = to !== stage.target;
    if (changed) this.moved();
    stage.show(to, still() ? 0 : fade === true ? FADE : Number(fade));
    const { pick } = this.#aim;
    if (pick?.state === "in focus" && this.#mode === "place") this.marks.restate(Math.abs(to - pick.slot) <= 1 ? "found" : "away");
    if (changed) this.tell("pf-frame", { slot: to });
  }

  /** To the next frame that is not left out. @param {number} way 1 or -1 */
  step(way) {
    const { stage } = this;
    if (!stage || !way) return;
    this.begin();
    let at = Math.round(this.slot) + way;
    while (stage.facts.usable?.[at] === false) at += way;
    if (at < 0 || at >= stage.facts.count) return;
    this.show(at);
    this.speak(this.say("say frame", { i: stage.number(at) }));
  }

  /** The sharpest frame of the touched place, or of the picture. */
  best() {
    this.show(this.#aim.pick?.slot ?? this.stage?.facts.best_slot ?? this.slot, { fade: FADE });
  }

  /** The opening rack: from one end to the other, then to rest on the frame with most in focus.
   * @param {boolean} [backwards] the first slot is the farthest */
  rack(backwards = false) {
    const facts = this.stage?.facts;
    if (!facts || still()) return this.best();
    const last = facts.count - 1;
    const path = rackPath(last, facts.best_slot ?? Math.round(last / 2), backwards);
    this.#rack = new Tween(path, performance.now(), RACK, easeBoth);
    this.dirty();
  }

  /** @override @param {number} now */
  tick(now) {
    if (!this.#rack) return false;
    this.show(this.#rack.value(now));
    if (this.#rack?.done(now)) this.begin();
    return this.#rack !== null;
  }

  /** @override */
  begin() {
    if (this.#rack) {
      this.#rack = null;
      this.show(Math.round(this.slot));
    }
    return super.begin();
  }

  // What should be sharp

  get mode() {
    return this.#mode;
  }

  set mode(mode) {
    if (mode === this.#mode) return;
    this.#mode = mode;
    if (mode !== "range") this.#range = null;
    this.marks.set(this.marks.list.filter((m) => (mode === "range") === (m.state === "range")));
    if (mode === "all") this.speak(this.say("say all"));
    this.#remerge();
  }

  /** Slots of the range, or null. */
  get range() {
    return this.#range;
  }

  set range(range) {
    this.#range = range && [Math.min(...range), Math.max(...range)];
    this.#remerge();
    if (!this.#range || this.#mode !== "range") return;
    const [a, b] = this.#range.map((slot) => this.stage?.number(slot) ?? slot);
    this.speak(this.say("say range", { a: Math.min(a, b), b: Math.max(a, b) }));
  }

  /** A finished full merge to take original pixels from. */
  get mergeKey() {
    return this.#mergeKey;
  }

  set mergeKey(key) {
    this.#mergeKey = key;
    this.#original();
  }

  /** @override */
  caption() {
    const { stage, progress } = this;
    let key = "";
    if (stage?.merge && this.unmarked && progress > 0) key = progress < 1 ? "all sharp, part" : "all sharp";
    else if (stage?.merged && !this.unmarked) key = "range preview";
    const text = key && this.say(key, { p: Math.floor(progress * 100) });
    const stay = this.#comparing || progress < 1;
    if (this.#caption === `${text} ${stay}`) return;
    this.#caption = `${text} ${stay}`;
    this.plates.state(text, "", stay);
  }

  /** Have what should be seen made, or taken away. */
  #remerge() {
    const { stage } = this;
    if (!stage) return;
    stage.merge = this.unmarked ? [0, stage.facts.count - 1] : this.#mode === "range" ? this.#range : null;
    stage.merges.size = this.camera.zoomed ? Number.POSITIVE_INFINITY : stage.facts.width * this.camera.scale;
    stage.merges.want(stage.merge);
    this.marks.hide(this.unmarked);
    this.#original();
  }

  /** The full merge is of what was chosen, not of what that is compared with. */
  #original() {
    const { stage } = this;
    if (stage) stage.mergeKey = this.#comparing && this.#mode !== "all" ? null : this.#mergeKey;
    this.dirty();
  }

  /** @param {number} x fraction of the reference picture @param {number} y @returns {Promise<Pick|null>} null if another touch came first */
  async focusAt(x, y) {
    this.begin();
    this.hint = null;
    const [px, py] = [x, y].map((v) => Math.min(Math.max(v, 0), 1));
    return this.tell("pf-touch", { x: px, y: py }) ? this.#aim.focus(px, py) : null;
  }

  /** @param {number} dx fraction @param {number} dy */
  moveMark(dx, dy) {
    const { left, top, right, bottom } = this.camera.bounds();
    const [x, y] = this.camera.under((left + right) / 2, (top + bottom) / 2);
    const from = this.marks.list.at(-1) ?? { x, y };
    return this.focusAt(from.x + dx, from.y + dy);
  }

  /** The places of a range, numbered. @param {readonly {x:number, y:number}[]} places */
  setPlaces(places) {
    this.#aim.clear();
    this.marks.set(places.map(({ x, y }, i) => ({ x, y, state: "range", label: String(i + 1) })));
  }

  /** An answer known already: its marker, without asking or changing the frame. @param {Pick} pick */
  setPick(pick) {
    this.#aim.restore(pick);
  }

  /** Forget the places touched and the range. */
  clear() {
    this.#aim.clear();
    this.range = null;
  }

  // How to look at it

  /** All sharp for as long as it is on. */
  get comparing() {
    return this.#comparing;
  }

  set comparing(on) {
    if (on === this.#comparing) return;
    this.#comparing = on;
    this.#remerge();
    this.tell("pf-compare", { on });
  }

  /** All sharp is seen: no markers now. */
  get unmarked() {
    return this.#comparing || this.#mode === "all";
  }

  /** The pointer is here. @param {number} x CSS pixels of the box @param {number} y @param {string} kind @param {boolean} down */
  point(x, y, kind, down) {
    const free = this.stage !== null && kind !== "touch" && this.camera.holds(x, y);
    const aims = free && this.#mode !== "all" && !this.loupe;
    this.classList.toggle("aims", aims || (free && this.loupe > 0));
    this.marks.hover(x, y, aims && !down);
    if (aims && !down) this.#aim.poise(...this.camera.under(x, y));
    this.loupeRing.at = { x, y, kind };
    if (this.loupe) this.moved();
  }

  /** The pointer is gone. */
  leave() {
    this.marks.hover(0, 0, false);
    this.loupeRing.at = null;
    if (this.loupe) this.dirty();
  }
}

if (!customElements.get("post-focus")) customElements.define("post-focus", PostFocus);
