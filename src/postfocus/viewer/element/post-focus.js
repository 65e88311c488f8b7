// @ts-check
/**
 * `<post-focus>`: a focus sweep as one picture. Touch a place and the frame that is sharp there appears.
 *
 * It draws, picks, zooms, peaks, merges for the eye and speaks; where pictures and answers come from is the
 * business of the `source` given to it (see `types.js`).
 */

import { Aim } from "./aim.js";
import { Camera } from "./camera.js";
import { make } from "./dom.js";
import { Hands } from "./hands.js";
import { LoupeRing } from "./loupe.js";
import { PictureMap } from "./map.js";
import { Marks } from "./marks.js";
import { easeBoth, FADE, still, Tween } from "./motion.js";
import { measure } from "./noise.js";
import { PlainPainter } from "./plain.js";
import { Plates } from "./plates.js";
import { Renderer } from "./renderer.js";
import { Speaker } from "./speak.js";
import { Stage } from "./stage.js";
import { sheet } from "./style.js";
import { fillScale } from "./view.js";
import { fill, WORDS } from "./words.js";

/** @typedef {import("./types.js").FocusSource} FocusSource */
/** @typedef {import("./types.js").Mark} Mark */
/** @typedef {import("./types.js").Pick} Pick */

/** Times the noise that an edge must have: off, low, middle, high. */
const PEAKS = [0, 12, 8, 5];
const COLOURS = [0x19e3ff, 0xffe500, 0xff4fd8, 0xff3b30, 0xffffff].map((c) => [c >> 16, (c >> 8) & 255, c & 255].map((v) => v / 255));
const RACK = 1400;
const MOST_PIXELS = 9e6;

export class PostFocus extends HTMLElement {
  /** @type {(key:string)=>string} */ words = (key) => WORDS[key] ?? key;
  /** @type {Stage|null} */ stage = null;
  /** @type {FocusSource|null} */ #source = null;
  /** @type {import("./types.js").Painter|null} */ #painter = null;
  #canvas = make("canvas", "picture");
  #over = make("div", "over");
  camera = new Camera(() => this.#viewChanged());
  marks = new Marks(this.#over, (x, y) => this.camera.place(x, y), () => this.camera.bounds());
  #aim = new Aim(this);
  #loupeRing = new LoupeRing(this.#over);
  #map = new PictureMap(this.#over, this.camera);
  #plates = new Plates(this.#over, () => this.camera.bounds());
  #speaker = new Speaker((text) => this.tell("pf-say", { text }));
  /** @type {"place"|"range"|"all"} */ #mode = "place";
  /** @type {readonly [number, number]|null} */ #range = null;
  #peaking = { level: 0, colour: 0 };
  #depthShown = false;
  #loupe = 0;
  #comparing = false;
  #noise = 0;
  #asked = false;
  #ready = false;
  #painted = "";
  #viewTold = "";
  /** @type {Tween<number>|null} */ #rack = null;
  #asking = 0;
  #seen = "";

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet()];
    root.append(this.#canvas, this.#over, this.#speaker.node);
    this.#canvas.setAttribute("aria-hidden", "true");
    new Hands(this, this, this.#doings());
    new ResizeObserver(() => this.#resize()).observe(this);
    new MutationObserver(() => this.#dirty()).observe(document.documentElement, { attributes: true });
    this.#canvas.addEventListener("webglcontextlost", (e) => {
      e.preventDefault();
      this.tell("pf-error", { key: "graphics lost" });
    });
    this.#canvas.addEventListener("webglcontextrestored", () => this.#restart());
  }

  connectedCallback() {
    if (!this.hasAttribute("role")) this.setAttribute("role", "application");
    if (!this.hasAttribute("tabindex")) this.setAttribute("tabindex", "0");
    if (!this.hasAttribute("aria-label")) this.setAttribute("aria-label", this.words("label"));
    this.#resize();
  }

  // What is shown

  get source() {
    return this.#source;
  }

  /** Set again with more facts while a sweep is being read: what is seen stays. */
  set source(source) {
    const old = this.#source;
    this.#source = source;
    if (source && old && this.stage && old.facts.id === source.facts.id) this.#grow(old, source);
    else this.#open(source);
  }

  /** @param {FocusSource} old @param {FocusSource} source */
  #grow(old, source) {
    this.camera.setFacts(source.facts);
    if (old.facts.version === source.facts.version) {
      this.stage?.grow(source);
      return;
    }
    const number = old.facts.frames?.[Math.round(this.slot)];
    const slot = number === undefined ? -1 : (source.facts.frames?.indexOf(number) ?? -1);
    this.stage?.replace(source, slot < 0 ? Math.min(this.slot, source.facts.count - 1) : slot);
    this.#loadDepth();
  }

  /** @param {FocusSource|null} source */
  #open(source) {
    this.stage?.close();
    this.#aim.clear();
    this.#rack = null;
    this.#ready = false;
    this.#painted = "";
    this.stage = null;
    this.camera.facts = null;
    if (source) this.#start(source, source.facts.best_slot ?? 0);
    this.#dirty();
  }

  /** @param {FocusSource} source @param {number} slot */
  #start(source, slot) {
    this.#painter ??= Renderer.make(this.#canvas);
    if (!this.#painter) {
      this.#painter = new PlainPainter(this.#canvas);
      this.tell("pf-error", { key: "no webgl" });
    }
    const failed = (/** @type {unknown} */ error, /** @type {number} */ at) => this.tell("pf-error", { key: "frame", slot: at, error });
    this.stage = new Stage(source, this.#painter, () => this.#dirty(), failed, () => this.#progressed());
    this.camera.fit();
    this.camera.setFacts(source.facts);
    this.stage.show(slot, 0);
    this.#loadDepth();
  }

  async #loadDepth() {
    const { stage } = this;
    const cells = (await stage?.source.depth?.().catch(() => null)) ?? null;
    if (!cells || stage !== this.stage || !stage) return;
    this.#aim.cells = cells;
    stage.painter.setDepth(cells, stage.facts.count - 1);
    stage.merges.setDepth(cells);
    this.#dirty();
  }

  #restart() {
    const { slot } = this;
    this.#painter = null;
    this.stage = null;
    if (this.#source) this.#start(this.#source, slot);
    this.#remerge();
  }

  /**
   * Shown slot, a number; between two slots both are blended. (`any`, since the standard has a string of that name.)
   * @returns {any}
   */
  get slot() {
    return this.stage?.target ?? 0;
  }

  set slot(slot) {
    this.show(slot);
  }

  /** @param {number} slot @param {{fade?:number|boolean}} [options] ms */
  show(slot, { fade = 0 } = {}) {
    const { stage } = this;
    if (!stage || !Number.isFinite(slot)) return;
    const to = Math.min(Math.max(slot, 0), stage.facts.count - 1);
    const changed = to !== stage.target;
    stage.show(to, still() ? 0 : fade === true ? FADE : Number(fade));
    const { pick } = this.#aim;
    if (pick?.state === "in focus" && this.#mode === "place") this.marks.restate(Math.abs(to - pick.slot) <= 1 ? "found" : "away");
    if (changed) this.tell("pf-frame", { slot: to });
    this.#dirty();
  }

  /** @param {number} n frames further, left out ones skipped */
  step(n) {
    const facts = this.stage?.facts;
    if (!facts || !n) return;
    this.begin();
    const way = Math.sign(n);
    let at = Math.round(this.slot);
    for (let left = Math.abs(n); left > 0; ) {
      let next = at + way;
      while (facts.usable?.[next] === false) next += way;
      if (next < 0 || next >= facts.count) break;
      at = next;
      left--;
    }
    this.show(at);
    this.speak(this.say("say frame", { i: at + 1, n: facts.count }));
  }

  /** The sharpest frame of the touched place, or of the picture. */
  best() {
    this.show(this.#aim.pick?.slot ?? this.stage?.facts.best_slot ?? this.slot, { fade: FADE });
  }

  /** The opening rack: from near to far, then to rest on the frame with most in focus. */
  rack() {
    const { stage } = this;
    if (!stage || still()) return this.best();
    const last = stage.facts.count - 1;
    const rest = stage.facts.best_slot ?? Math.round(last / 2);
    const turn = last / (last + (last - rest) || 1);
    const at = (/** @type {number} */ t) => (t < turn ? (t / turn) * last : last + ((t - turn) / (1 - turn)) * (rest - last));
    this.#rack = new Tween(at, performance.now(), RACK, easeBoth);
    this.#dirty();
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
    this.marks.hush();
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
    if (!this.#range) return;
    const [a, b] = this.#range;
    this.speak(this.say("say range", { a: Math.round(a) + 1, b: Math.round(b) + 1 }));
  }

  /** A finished full merge to take original pixels from. */
  get mergeKey() {
    return this.stage?.mergeKey ?? null;
  }

  set mergeKey(key) {
    if (this.stage) this.stage.mergeKey = key;
    this.#dirty();
  }

  /** How much of the shown merge is made, 0..1; 1 if none is. */
  get progress() {
    return this.stage?.merge ? this.stage.merges.progress(this.stage.merge) : 1;
  }

  #progressed() {
    const p = Math.floor(this.progress * 100);
    if (this.#comparing) this.#plates.state(p < 100 ? this.say("all sharp, part", { p }) : this.say("all sharp"), "", true);
    this.tell("pf-merge", { progress: this.progress });
  }

  /** Have what should be seen made, or taken away. */
  #remerge() {
    const { stage } = this;
    if (!stage) return;
    const all = this.#comparing || this.#mode === "all";
    const before = stage.merge;
    stage.merge = all ? [0, stage.facts.count - 1] : this.#mode === "range" ? this.#range : null;
    stage.merges.size = this.zoomed ? Number.POSITIVE_INFINITY : stage.facts.width * this.camera.scale;
    stage.merges.want(stage.merge);
    this.marks.hide(this.#comparing || this.#mode === "all");
    if (stage.merge && (all || !before)) this.#plates.state(this.say(all ? "all sharp" : "range preview"), "", all && this.#comparing);
    else if (!stage.merge && before) this.#plates.state("", "", true);
    this.#dirty();
  }

  /** @param {number} x fraction of the reference picture @param {number} y @returns {Promise<Pick|null>} null if another touch came first */
  focusAt(x, y) {
    this.begin();
    this.hint = null;
    const ok = this.tell("pf-touch", { x, y });
    return ok ? this.#aim.focus(Math.min(Math.max(x, 0), 1), Math.min(Math.max(y, 0), 1)) : Promise.resolve(null);
  }

  /** @param {number} dx fraction @param {number} dy */
  moveMark(dx, dy) {
    const { left, top, right, bottom } = this.camera.bounds();
    const middle = this.camera.under((left + right) / 2, (top + bottom) / 2);
    const last = this.marks.list.at(-1);
    const hold = (/** @type {number} */ v) => Math.min(Math.max(v, 0), 1);
    return this.focusAt(hold((last?.x ?? middle[0]) + dx), hold((last?.y ?? middle[1]) + dy));
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

  /** level 0..3, colour 0..4 */
  get peaking() {
    return { ...this.#peaking };
  }

  set peaking(peaking) {
    this.#peaking = { level: peaking.level, colour: peaking.colour };
    this.#measureNoise();
    this.#dirty();
  }

  async #measureNoise() {
    if (this.#asked || !this.stage) return;
    this.#asked = true;
    this.#noise = await this.stage.frames.blob(Math.round(this.slot)).then(measure).catch(() => 0.004);
    this.#dirty();
  }

  get depthShown() {
    return this.#depthShown;
  }

  set depthShown(on) {
    if (on === this.#depthShown) return;
    this.#depthShown = on;
    this.#plates.state(on ? this.say("depth") : "", on ? this.say("depth, unsure") : "");
    this.#dirty();
  }

  /** 0, 200 or 400 per cent. */
  get loupe() {
    return this.#loupe;
  }

  set loupe(level) {
    this.#loupe = level;
    this.#dirty();
  }

  get comparing() {
    return this.#comparing;
  }

  set comparing(on) {
    if (on === this.#comparing) return;
    this.#comparing = on;
    if (!on) this.#plates.state("", "", true);
    this.#remerge();
    this.tell("pf-compare", { on });
  }

  /** Words low on the picture; they go with the first touch. */
  get hint() {
    return this.#plates.text;
  }

  set hint(text) {
    if (text !== this.#plates.text) this.#plates.hint(text);
  }

  /** @param {number} scale device pixels per picture pixel, 1 is 100 % @param {number} [x] fraction that stays @param {number} [y] */
  zoomTo(scale, x, y) {
    this.begin();
    const { width, height } = this.camera.box;
    const at = x !== undefined && y !== undefined ? this.camera.place(x, y) : this.#zoomPlace();
    this.camera.zoom(scale, ...(this.camera.holds(...at) ? at : /** @type {[number, number]} */ ([width / 2, height / 2])), true);
  }

  /** @returns {[number, number]} CSS pixels: the place touched, if it is seen */
  #zoomPlace() {
    const { width, height } = this.camera.box;
    const last = this.marks.list.at(-1);
    const at = last && this.camera.place(last.x, last.y);
    return at && this.camera.holds(...at) ? at : [width / 2, height / 2];
  }

  /** @param {number} way 1 in, -1 out */
  zoomStep(way) {
    this.begin();
    this.camera.step(way, ...this.#zoomPlace());
  }

  fit() {
    this.camera.fit();
  }

  actual() {
    this.zoomTo(1);
  }

  get zoomed() {
    return this.camera.zoomed;
  }

  // For the rooms of the element

  /** Any input ends what runs by itself. */
  begin() {
    if (this.#rack) {
      this.#rack = null;
      this.show(Math.round(this.slot));
    }
    return this.stage !== null;
  }

  /** @param {string} type @param {object} detail @returns {boolean} false if a listener prevented it */
  tell(type, detail) {
    return this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true, cancelable: true }));
  }

  /** @param {string} key @param {Record<string, string|number>} [values] */
  say(key, values) {
    return fill(this.words(key), values);
  }

  /** @param {string} text */
  speak(text) {
    this.#speaker.say(text);
  }

  /** @param {number} x fraction @param {number} y */
  place(x, y) {
    return this.camera.place(x, y);
  }

  /** The pointer is here. @param {number} x CSS pixels of the box @param {number} y @param {string} kind @param {boolean} down */
  point(x, y, kind, down) {
    const over = this.camera.holds(x, y);
    const aims = over && kind !== "touch" && this.#mode !== "all" && !(this.#loupe && over);
    this.classList.toggle("aims", over && kind !== "touch" && (aims || this.#loupe > 0));
    this.marks.hover(x, y, aims && !down);
    this.#loupeRing.point(kind === "touch" && !down ? null : { x, y, kind });
    if (this.#loupe) this.#dirty();
  }

  leave() {
    this.marks.hover(0, 0, false);
    this.#loupeRing.point(null);
    if (this.#loupe) this.#dirty();
  }

  /** @returns {import("./gestures.js").Doings} */
  #doings() {
    const under = (/** @type {number} */ x, /** @type {number} */ y) => this.camera.under(x, y);
    const moving = (/** @type {boolean} */ on) => {
      this.classList.toggle("pans", on);
      this.marks.hide(on || this.#comparing || this.#mode === "all");
    };
    return {
      zoomed: () => this.zoomed,
      guess: (x, y) => this.#aim.guess(...under(x, y)),
      focus: (x, y) => this.focusAt(...under(x, y)),
      refocus: (x, y) => this.camera.holds(x, y) && this.#aim.refocus(...under(x, y)),
      refocused: (x, y) => this.camera.holds(x, y) && this.#aim.focus(...under(x, y)),
      pan: (dx, dy) => {
        moving(true);
        this.camera.pan(dx, dy);
      },
      panned: (vx, vy) => {
        moving(false);
        this.camera.glide(vx, vy);
      },
      pinch: (factor, x, y, dx, dy) => {
        moving(true);
        this.camera.pan(dx, dy);
        this.camera.zoom(this.camera.scale * factor, x, y);
      },
      pinched: () => moving(false),
      compare: (on) => {
        this.comparing = on;
      },
      undo: () => this.tell("pf-undo", {}),
      twice: (x, y, touch) => this.#twice(x, y, touch),
    };
  }

  /** @param {number} x CSS pixels @param {number} y @param {boolean} touch */
  #twice(x, y, touch) {
    const { camera } = this;
    if (!camera.facts) return;
    const fill = fillScale(camera.facts, camera.box) * camera.box.ratio;
    if (touch && !camera.zoomed && fill > camera.scale * 1.05 && fill < 1) camera.zoom(fill, x, y, true);
    else if (!camera.zoomed || (touch && Math.abs(camera.scale - fill) < 0.01 * fill && fill < 1)) camera.zoom(1, x, y, true);
    else camera.fit();
  }

  // Drawing

  #resize() {
    const { width, height } = this.getBoundingClientRect();
    if (width < 1 || height < 1) return;
    const ratio = Math.min(devicePixelRatio || 1, Math.sqrt(MOST_PIXELS / (width * height)));
    this.camera.setBox({ width, height, ratio });
  }

  #viewChanged() {
    this.#dirty();
    const { camera } = this;
    const text = `${camera.scale.toFixed(4)} ${camera.zoomed}`;
    if (text === this.#viewTold || !camera.facts) return;
    this.#viewTold = text;
    this.tell("pf-view", { scale: camera.scale, zoomed: camera.zoomed, percent: Math.round(camera.scale * 100) });
  }

  #dirty() {
    if (this.#asking) return;
    this.#asking = requestAnimationFrame(() => {
      this.#asking = 0;
      this.#draw();
    });
  }

  #draw() {
    const now = performance.now();
    const { stage, camera } = this;
    if (!stage) return;
    const moving = camera.tick(now);
    if (this.#rack) {
      this.show(this.#rack.value(now));
      if (this.#rack?.done(now)) this.begin();
    }
    const { width, height, ratio } = camera.box;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.#canvas.width !== w || this.#canvas.height !== h) Object.assign(this.#canvas, { width: w, height: h });
    const loupe = this.#loupeRing.place(this.#loupe, camera, stage.tiles.complete, (key, values) => this.say(key, values));
    const { level, colour } = this.#peaking;
    const peaking = level && this.#noise ? { threshold: PEAKS[level] * this.#noise, colour: COLOURS[colour] } : null;
    const drawn = stage.draw(camera.view, camera.box, { surround: this.#surround(), loupe, depth: this.#depthShown, peaking });
    this.marks.update();
    if (drawn) this.#afterwards(stage, now);
    if (moving || this.#rack || !stage.fade.done(now)) this.#dirty();
  }

  /** The colour round the picture, 0..1. */
  #surround() {
    const parts = getComputedStyle(this).backgroundColor.match(/[\d.]+/g) ?? [];
    return [0, 1, 2].map((i) => Number(parts[i] ?? 38) / 255);
  }

  /** @param {Stage} stage @param {number} now */
  #afterwards(stage, now) {
    const { camera } = this;
    const slot = Math.round(stage.target);
    const view = `${camera.view.x} ${camera.view.y} ${camera.view.scale}`;
    this.#map.update(stage.frames, slot, view !== this.#seen);
    this.#seen = view;
    if (!this.#ready) {
      this.#ready = true;
      this.tell("pf-ready", { slot });
      stage.frames.fetchAll(slot);
    }
    const painted = `${stage.settled(now) ? stage.target : "-"} ${stage.merge?.join() ?? ""} ${this.progress} ${stage.tiles.complete}`;
    if (painted === this.#painted) return;
    this.#painted = painted;
    this.tell("pf-painted", { slot: stage.target, settled: stage.settled(now), complete: stage.tiles.complete, progress: this.progress });
  }

  /** @param {number} x fraction @param {number} y @returns {[number, number]} client pixels */
  mapPoint(x, y) {
    const { left, top } = this.getBoundingClientRect();
    const [sx, sy] = this.camera.place(x, y);
    return [left + sx, top + sy];
  }

  /** What is on the canvas. @returns {ImageData} */
  snapshot() {
    this.#draw();
    const { width, height } = this.#canvas;
    const copy = new OffscreenCanvas(width, height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (copy.getContext("2d"));
    context.drawImage(this.#canvas, 0, 0);
    return context.getImageData(0, 0, width, height);
  }
}

if (!customElements.get("post-focus")) customElements.define("post-focus", PostFocus);
