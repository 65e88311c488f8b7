// @ts-check
/** One open picture: what is touched, dragged and pressed changes the choice, and the element shows it. */

import { get, sweepPath } from "./api.js";
import { applyLook } from "./apply-look.js";
import { barCount, choiceOf, noChoice, slotsOfFrames, turn, turned } from "./choice.js";
import { History } from "./history.js";
import { toLook } from "./look.js";
import { addPlace, answerRange, showRange } from "./ranging.js";
import { serverSource } from "./server-source.js";
import { number, t } from "./words.js";

/** @typedef {import("./types.js").Facts} Facts */
/** @typedef {import("./types.js").Look} Look */
/** @typedef {import("./types.js").Mode} Mode */
/** @typedef {import("./types.js").Pick} Pick */
/** @typedef {import("./choice.js").State} State */
/** @typedef {import("../element/post-focus.js").PostFocus} PostFocus */
/** @typedef {import("./choice.js").Single} Single */

export class Session {
  /**
   * @param {import("./state.js").Store<State>} store
   * @param {PostFocus} view
   */
  constructor(store, view) {
    this.store = store;
    this.view = view;
    this.history = new History();
    /** @type {ReturnType<typeof serverSource>|null} */
    this.source = null;
    /** @type {() => void} told after every change a person made */
    this.changed = () => {};
    this.dragging = false;
    this.quiet = false;
    /** @type {Single|null} what was shown before a merge */
    this.single = null;
    /** @type {Set<string>} sweeps whose opening rack was seen */
    this.racked = new Set();
  }

  get now() { return this.store.now; }

  /** @param {number} at */
  slotAt = (at) => (this.now.facts ? turn(this.now.facts, at) : at);

  /**
   * Show a sweep; what was chosen in it before comes back.
   * @param {Facts} facts
   */
  async open(facts) {
    this.history.clear();
    this.source = serverSource(facts);
    this.single = null;
    this.view.clear();
    this.view.source = facts.count > 0 ? this.source : null;
    const at = turn(facts, Math.max(0, Math.min(facts.best_slot ?? 0, facts.count - 1)));
    const kept = slotsOfFrames(facts, facts.kept ?? []);
    this.store.set({ ...noChoice(), at, kept, facts, undo: null, redo: null, job: null, saved: [], merging: null });
    this.view.mode = "place";
    this.view.range = null;
    this.view.mergeKey = null;
    if (facts.look) await this.apply(facts.look);
    else this.rack(facts);
  }

  /**
   * More of the same sweep is known; a touch that was answered too early is answered again.
   * @param {Facts} facts
   */
  async refresh(facts) {
    const before = this.now.facts;
    this.source = serverSource(facts);
    if (facts.count > 0) this.view.source = this.source;
    this.store.set({ facts });
    const { place, mode, kept } = this.now;
    if (facts.state !== "ready" || before?.state === "ready") return;
    const frames = kept.map((slot) => before?.frames[slot] ?? slot);
    this.store.set({ kept: slotsOfFrames(facts, [...(facts.kept ?? []), ...frames]) });
    if (frames.length) this.changed();
    if (facts.look && !this.now.touched) await this.apply(facts.look);
    else if (place && mode === "place") await this.focusQuietly(place);
    else if (!this.now.touched) this.rack(facts);
  }

  /** The opening rack, once for each sweep; it rests on the frame with most in focus. @param {Facts} facts */
  rack(facts) {
    if (facts.state !== "ready") return;
    if (this.racked.has(facts.id)) this.view.best();
    else this.view.rack(turned(facts));
    this.racked.add(facts.id);
  }

  close() {
    this.source = null;
    this.store.set({ facts: null, ...noChoice(), panel: null, comparing: false });
  }

  /** @param {string} what */
  record(what) {
    this.history.record(what, choiceOf(this.now));
    this.tellHistory();
  }

  tellHistory() {
    const { past, future } = this.history;
    this.store.set({ undo: past.at(-1)?.what ?? null, redo: future.at(-1)?.what ?? null });
  }

  /** A touch began on the picture. */
  touched() {
    if (this.quiet) return;
    this.record(this.now.mode === "range" ? "what range" : "what focus");
    this.store.set({ touched: true });
    if (this.now.mode === "all") this.setMode("place", false);
  }

  /** @param {Pick} pick */
  picked(pick) {
    const facts = this.now.facts;
    if (!facts) return;
    if (this.now.mode === "range") answerRange(this, addPlace(this, pick));
    else this.store.set({ place: { x: pick.x, y: pick.y }, pick });
    if (facts.state !== "ready" && pick.state === "in focus") {
      const words = t("so far", { i: number(facts.count) });
      queueMicrotask(() => this.view.marks.say(words));
    }
    if (!this.quiet) this.changed();
  }

  /** The element shows another slot. @param {number} slot */
  shown(slot) {
    this.store.set({ at: this.slotAt(slot) });
  }

  /** The playhead was moved. @param {number} at @param {boolean} final */
  moved(at, final) {
    this.view.begin();
    if (!this.dragging && !this.now.brushing) this.record("what frame");
    this.dragging = !final;
    if (this.now.mode !== "place" && !this.now.brushing) this.setMode("place", false); // else it is what is painted from
    this.store.set({ at, touched: true });
    this.view.slot = this.slotAt(at);
    if (final) this.changed();
  }

  /**
   * Range begins without places each time; undo brings the range before it back. Who leaves it for one place
   * finds the frame and the place chosen before, not the ends of the range.
   * @param {Mode} mode
   * @param {boolean} [recorded]
   */
  setMode(mode, recorded = true) {
    const { mode: from, facts, at, place, pick } = this.now;
    if (mode === from) return;
    if (mode !== "place" && facts?.state !== "ready") return;
    if (recorded) this.record("what mode");
    if (from === "place") this.single = { at, place, pick };
    const ranged = mode === "range" || from === "range";
    const anew = ranged ? { place: null, pick: null } : {};
    const empty = mode === "range" ? { range: null, rangeBy: null, places: [], asked: null } : {};
    const back = mode === "place" && recorded ? this.single : null;
    this.store.set({ mode, touched: true, ...anew, ...empty, ...back });
    if (ranged) this.view.clear(); // no answer to a touch of before comes, nor is it taken for the first of two
    showRange(this);
    if (mode === "place") this.view.slot = this.slotAt(Math.round(this.now.at));
    if (ranged && back?.pick) this.view.setPick(back.pick);
    if (recorded) this.changed();
  }

  /** Step over frames that are left out. @param {number} by */
  step(by) {
    const facts = this.now.facts;
    if (!facts) return;
    const last = facts.count - 1;
    const way = Math.sign(by);
    let at = Math.min(Math.max(Math.round(this.now.at) + by, 0), last);
    while (facts.usable[turn(facts, at)] === false && at + way >= 0 && at + way <= last) at += way;
    this.moved(at, true);
  }

  /** To the nearest or farthest frame. @param {"near"|"far"} end */
  toEnd(end) {
    if (this.now.facts) this.moved(end === "near" ? 0 : this.now.facts.count - 1, true);
  }

  /** Back to the sharpest frame of the touched place. */
  best() {
    const { pick, facts } = this.now;
    if (facts && pick?.state === "in focus") this.moved(turn(facts, pick.slot), true);
  }

  /** @returns {boolean} whether it is the first ever kept in this picture */
  toggleKeep() {
    const slot = this.slotAt(Math.round(this.now.at));
    const { kept } = this.now;
    this.record("what keep");
    this.store.set({ kept: kept.includes(slot) ? kept.filter((s) => s !== slot) : [...kept, slot].sort((a, b) => a - b) });
    this.changed();
    return kept.length === 0;
  }

  undo() {
    this.bring(this.history.undo(choiceOf(this.now)));
  }

  redo() {
    this.bring(this.history.redo(choiceOf(this.now)));
  }

  /** @param {import("./choice.js").Choice|null} choice */
  bring(choice) {
    if (!choice) return;
    this.store.set(choice);
    this.tellHistory();
    this.view.clear();
    showRange(this);
    if (choice.mode === "range") this.view.setPlaces(choice.places);
    else if (choice.pick) this.view.setPick(choice.pick);
    if (choice.mode === "place") this.view.show(this.slotAt(choice.at), { fade: true });
    this.changed();
  }

  /** @returns {Look|null} */
  look() {
    return this.now.facts ? toLook(choiceOf(this.now), this.now.facts, this.slotAt) : null;
  }

  /** Choose what a Look says. @param {Look} look */
  async apply(look) {
    await applyLook(this, look);
  }

  /** Focus without a step of undo. @param {import("./types.js").Place} place */
  async focusQuietly({ x, y }) {
    this.quiet = true;
    try {
      await this.view.focusAt(x, y);
    } finally {
      this.quiet = false;
    }
  }

  /** Frames on the bar. */
  get count() {
    return this.now.facts ? barCount(this.now.facts) : 0;
  }
}

/** @param {string} id @param {AbortSignal} [signal] @returns {Promise<Facts>} */
export async function factsOf(id, signal) {
  return get(sweepPath(id), signal);
}
