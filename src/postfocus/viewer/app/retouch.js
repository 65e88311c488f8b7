// @ts-check
/** Retouching: along a stroke the merged picture shows one frame. What is painted is seen at once and kept in the Look. */

import { Renderer } from "../element/renderer.js";
import { frameAt, turn } from "./choice.js";
import { remember } from "./memory.js";
import { RetouchPainter } from "./retouch-painter.js";
import { MOST_POINTS, MOST_STROKES, pointsOf, radiusOf, SIZES, simplified } from "./strokes.js";
import { toast } from "./toasts.js";
import { t } from "./words.js";

/** @typedef {import("./choice.js").State} State */
/** @typedef {import("./strokes.js").Stroke} Stroke */
/** @typedef {[number, number]} Point fractions of the picture */

/** Share of the radius by which a line may differ from the one drawn by hand, and between its points. */
const TOLERANCE = 0.03;
const APART = 0.12;
const SOFTEST = 100;

/** Whether there is a merged picture to paint on. @param {State} now */
export const isMerged = ({ mode, range }) => mode === "all" || (mode === "range" && range !== null);

export class Retouch {
  /** @type {Point|null} where the brush is */ place = null;
  /** @type {Stroke|null} being painted, or as a dab would look here */ #live = null;
  #painting = false;
  /** @type {import("../element/stage.js").Stage|null} */ #stage = null;
  /** @type {RetouchPainter|null} */ #painter = null;

  /**
   * @param {import("./state.js").Store<State>} store
   * @param {import("./session.js").Session} session
   */
  constructor(store, session) {
    this.store = store;
    this.session = session;
    /** @type {() => void} told when the brush moved */
    this.moved = () => {};
    session.view.addEventListener("pf-ready", () => this.#link());
    store.watch(["strokes", "comparing", "facts", "mode", "range"], (now) => {
      if (now.brushing && !isMerged(now)) store.set({ brushing: false, picking: false });
      this.#link();
      this.view.dirty();
    });
    store.watch(["brushing", "picking", "brushSize", "brushSoft", "at"], ({ brushing }) => {
      if (this.#painting) return;
      if (!brushing) this.place = null;
      this.hover(this.place);
    });
  }

  get view() { return this.session.view; }
  get now() { return this.store.now; }

  /** The slot that is painted from. */
  get slot() { return this.session.slotAt(Math.round(this.now.at)); }

  get aspect() { return this.now.facts ? this.now.facts.height / this.now.facts.width : 1; }

  /** The stage shows merges as they are painted over. */
  #link() {
    const { stage } = this.view;
    if (stage === this.#stage) return;
    this.#stage = stage;
    this.#painter = stage && stage.painter instanceof Renderer ? new RetouchPainter(stage.painter, stage.frames, () => this.view.dirty()) : null;
    if (!stage || !this.#painter) return;
    const painter = this.#painter;
    stage.merges.over = (made) => (this.now.comparing ? made : painter.paint(made, this.now.strokes, this.#live));
  }

  /** The brush in hand, or put away. */
  toggle(on = !this.now.brushing) {
    if (this.now.facts?.state !== "ready") return;
    if (on && !isMerged(this.now)) this.session.setMode("all");
    this.store.set({ brushing: on, picking: false });
    if (on) this.view.speak(t("say retouch", { i: frameAt(this.now.facts, this.now.at) }));
  }

  /** @param {number} by steps */
  resize(by) { this.setSize(this.now.brushSize + by); }

  /** @param {number} size */
  setSize(size) {
    const brushSize = Math.min(Math.max(size, 0), SIZES);
    this.store.set({ brushSize });
    remember("brush-size", String(brushSize));
  }

  /** @param {number} by per cent */
  soften(by) { this.setSoft(this.now.brushSoft + by); }

  /** @param {number} soft per cent */
  setSoft(soft) {
    const brushSoft = Math.min(Math.max(soft, 0), SOFTEST);
    this.store.set({ brushSoft });
    remember("brush-soft", String(brushSoft));
  }

  /** The next touch picks the frame to paint from. */
  choose(picking = !this.now.picking) {
    if (this.now.brushing) this.store.set({ picking });
  }

  /** Paint from the frame that is sharpest at a place. @param {Point} place */
  async pick([x, y]) {
    const { facts } = this.now;
    this.store.set({ picking: false });
    const pick = await this.session.source?.pick(x, y).catch(() => null);
    if (!facts || !pick || facts !== this.now.facts) return void toast(t("toast pick"));
    if (pick.state !== "in focus") return void toast(t("toast no source"));
    this.session.moved(turn(facts, pick.slot), true);
    this.view.speak(t("say retouch", { i: frameAt(facts, this.now.at) }));
  }

  /** The brush is over a place: what a dab would show there. @param {Point|null} place */
  hover(place) {
    this.place = place;
    const shown = place !== null && this.now.brushing && !this.now.picking;
    this.#live = shown && place ? this.#stroke([place]) : null;
    this.moved();
    this.view.moved();
  }

  /** @param {Point} place */
  begin(place) {
    if (this.now.facts?.usable[this.slot] === false) return void toast(t("toast unusable"));
    this.#painting = true;
    this.place = place;
    this.#live = this.#stroke([place]);
    this.view.moved();
  }

  /** @param {Point} place */
  draw(place) {
    this.place = place;
    this.moved();
    const last = this.#live?.points.at(-1);
    if (!this.#painting || !this.#live || !last) return;
    const far = Math.hypot(place[0] - last[0], (place[1] - last[1]) * this.aspect);
    if (far < APART * this.#live.radius) return;
    this.#live.points.push(place);
    this.view.moved();
  }

  /** The stroke is done; it can be undone. */
  end() {
    const line = this.#live;
    if (!this.#painting || !line) return;
    this.cancel();
    const points = simplified(line.points, this.aspect, TOLERANCE * line.radius);
    const strokes = [...this.now.strokes, { ...line, points }];
    if (strokes.length > MOST_STROKES || pointsOf(strokes) > MOST_POINTS) return void toast(t("toast strokes"));
    this.#put(strokes);
  }

  /** As if it had not begun. */
  cancel() {
    this.#painting = false;
    this.#live = null;
    this.view.moved();
  }

  /** A dab where the brush is, by key. */
  dab() {
    if (!this.place) return this.nudge(0, 0);
    this.begin(this.place);
    this.end();
    this.hover(this.place);
    if (this.now.facts) this.view.speak(t("say painted", { i: frameAt(this.now.facts, this.now.at) }));
  }

  /** Move the brush by key; at first it lies in the middle of what is seen. @param {number} dx fraction @param {number} dy */
  nudge(dx, dy) {
    const { left, top, right, bottom } = this.view.camera.bounds();
    const [x, y] = this.place ?? this.view.camera.under((left + right) / 2, (top + bottom) / 2);
    this.hover([Math.min(Math.max(x + dx, 0), 1), Math.min(Math.max(y + dy, 0), 1)]);
  }

  /** Take all strokes away; that can be undone, too. */
  clear() {
    if (this.now.strokes.length) this.#put([]);
  }

  /** @param {Stroke[]} strokes */
  #put(strokes) {
    this.session.record("what retouch");
    this.session.history.last = { what: "", when: 0 }; // each stroke is a step of its own
    this.store.set({ strokes, touched: true });
    this.session.changed();
  }

  /** @param {Point[]} points @returns {Stroke} */
  #stroke(points) {
    const { facts, at, brushSize, brushSoft } = this.now;
    return { frame: facts ? frameAt(facts, at) : 0, points, radius: radiusOf(brushSize), softness: brushSoft / SOFTEST };
  }
}
