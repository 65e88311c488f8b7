// @ts-check
/** The element's screen: canvas and what lies over it, drawn when something changed. What is shown is decided elsewhere. */

import { Camera } from "./camera.js";
import { make, parts } from "./dom.js";
import { LoupeRing } from "./loupe.js";
import { Marks } from "./marks.js";
import { measure } from "./noise.js";
import { Pace } from "./pace.js";
import { PlainPainter } from "./plain.js";
import { Plates } from "./plates.js";
import { Renderer } from "./renderer.js";
import { Speaker } from "./speak.js";
import { Stage } from "./stage.js";
import { sheet } from "./style.js";
import { fill, WORDS } from "./words.js";

/** @typedef {import("./types.js").DepthCells} DepthCells */
/** @typedef {import("./types.js").FocusSource} FocusSource */

/** Times the noise that an edge must have: off, low, middle, high. */
const PEAKS = [0, 20, 12, 7];
const COLOURS = ["19e3ff", "ffe500", "ff4fd8", "ff3b30", "ffffff"].map(parts);
const MOST_PIXELS = 9e6;

export class Screen extends HTMLElement {
  /** @type {(key:string)=>string} what the element says, in other words */ words = (key) => WORDS[key] ?? key;
  /** @type {Stage|null} */ stage = null;
  /** How to look: peaking, depth colours, loupe. */
  aids = { level: 0, colour: 0, depth: false, loupe: 0 };
  #canvas = make("canvas", "picture");
  #over = make("div", "over");
  camera = new Camera(() => this.#viewChanged());
  marks = new Marks(this.#over, (x, y) => this.camera.place(x, y), () => this.camera.bounds());
  plates = new Plates(this.#over, () => this.camera.bounds());
  loupeRing = new LoupeRing(this.#over);
  #speaker = new Speaker();
  /** @type {import("./types.js").Painter|null} */ #painter = null;
  /** How coarse motion may be. */ pace = new Pace();
  #sharpen = 0;
  #noise = 0;
  #asking = 0;
  #ready = false;
  #told = "";
  /** @type {FocusSource|null} whose depth map was asked for */ #mapped = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet()];
    root.append(this.#canvas, this.#over, this.#speaker.node);
    this.#canvas.setAttribute("aria-hidden", "true");
    new ResizeObserver(() => this.#resize()).observe(this);
    this.#canvas.addEventListener("webglcontextlost", (e) => {
      e.preventDefault();
      this.tell("pf-error", { key: "graphics lost" });
    });
    this.#canvas.addEventListener("webglcontextrestored", () => this.restart());
  }

  connectedCallback() {
    const own = { role: "application", tabindex: "0", "aria-label": this.words("label") };
    for (const [name, value] of Object.entries(own)) if (!this.hasAttribute(name)) this.setAttribute(name, value);
    this.#resize();
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

  /** @param {FocusSource|null} source @param {number} slot */
  start(source, slot) {
    this.stage?.close();
    this.stage = null;
    this.#ready = false;
    this.#mapped = null;
    this.dirty();
    if (!source) return;
    this.#painter ??= this.#drawer();
    const failed = (/** @type {unknown} */ error, /** @type {number} */ at) => this.#failed(at, error);
    this.stage = new Stage(source, this.#painter, () => this.dirty(), failed, () => this.caption());
    this.camera.facts = source.facts;
    this.camera.fit();
    this.camera.setFacts(source.facts);
    this.stage.show(slot, 0);
    this.#noise = 0;
    if (this.aids.level) this.measureNoise();
  }

  /** @param {number} slot @param {unknown} error */
  #failed(slot, error) {
    if (!this.#ready) this.loadDepth(); // which else waits for the first picture
    this.tell("pf-error", { key: "frame", slot, error });
  }

  #drawer() {
    const drawer = Renderer.make(this.#canvas);
    if (!drawer) {
      this.tell("pf-error", { key: "no webgl" });
      return new PlainPainter(this.#canvas);
    }
    drawer.timed = (ms, pixels) => this.pace.drawn(ms, pixels);
    if (drawer.soft) this.pace.expect();
    return drawer;
  }

  /** The graphics driver came back: everything on the card is gone. */
  restart() {
    const { stage } = this;
    this.#painter = null;
    this.stage = null;
    if (stage) this.start(stage.source, stage.target);
  }

  async loadDepth() {
    const { stage } = this;
    if (!stage || stage.source === this.#mapped) return;
    this.#mapped = stage.source;
    const cells = await stage.source.depth?.().catch(() => null);
    if (!cells || stage !== this.stage) return;
    stage.painter.setDepth(cells, stage.facts.count - 1);
    stage.merges.setDepth(cells);
    this.depthKnown(cells);
    this.dirty();
  }

  /** @param {DepthCells} _cells */
  depthKnown(_cells) {}

  /** How much of the shown merge is made, 0..1; 1 if none is. */
  get progress() {
    return this.stage?.merge ? this.stage.merges.progress(this.stage.merge) : 1;
  }

  /** Say what the picture is: it was drawn, or a merge went on. */
  caption() {}

  /** What goes on by itself. @param {number} _now @returns {boolean} whether it does */
  tick(_now) {
    return false;
  }

  async measureNoise() {
    const { stage } = this;
    if (this.#noise || !stage) return;
    this.#noise = 0.004;
    const noise = await stage.frames.blob(Math.round(stage.target)).then(measure).catch(() => 0);
    if (noise && stage === this.stage) this.#noise = noise;
    this.dirty();
  }

  #resize() {
    const { width, height } = this.getBoundingClientRect();
    if (width < 1 || height < 1) return;
    const ratio = Math.min(devicePixelRatio || 1, Math.sqrt(MOST_PIXELS / (width * height)));
    this.camera.setBox({ width, height, ratio });
  }

  #viewChanged() {
    this.moved();
    this.#tellView();
  }

  /** Where the view goes, at each step on its way there. */
  #tellView() {
    const { scale, zoomed } = this.camera;
    const text = `${scale} ${zoomed} ${this.camera.under(0, 0)}`;
    if (text === this.#told || !this.stage) return;
    this.#told = text;
    this.tell("pf-view", { scale, zoomed, percent: Math.round(scale * 100) });
  }

  /** Draw before the next frame, and as many pixels as can be followed; all of them soon after. */
  moved() {
    this.pace.move(performance.now());
    this.dirty();
  }

  /** Draw before the next frame. */
  dirty() {
    this.#asking ||= requestAnimationFrame(() => {
      this.#asking = 0;
      this.draw();
    });
  }

  draw() {
    const now = performance.now();
    const { stage, camera, aids } = this;
    if (!stage) return;
    const moving = [camera.tick(now), this.tick(now)].includes(true);
    this.#tellView();
    const { width, height, ratio } = camera.box;
    if (!this.#ready) this.pace.move(now); // the first picture as soon as it can be
    const quick = moving || !stage.fade.done(now) || this.pace.left(now, stage.tiles.complete) > 0;
    if (!quick) stage.settle();
    const share = quick ? this.pace.share(width * height * ratio ** 2, ratio) : 1;
    const [w, h] = [width, height].map((v) => Math.round(v * ratio * share));
    if (stage.any && (this.#canvas.width !== w || this.#canvas.height !== h)) Object.assign(this.#canvas, { width: w, height: h });
    const loupe = this.loupeRing.place(aids.loupe, camera);
    const peaking = aids.level && this.#noise ? { threshold: PEAKS[aids.level] * this.#noise, colour: COLOURS[aids.colour] } : null;
    const drawn = stage.draw(camera.view, camera.box, share, quick, { loupe, depth: aids.depth, peaking });
    if (loupe) this.loupeRing.name(this.say(stage.original ? "percent" : "preview", { p: Math.round(loupe.scale * ratio * 100) }));
    this.marks.update();
    if (drawn) this.#afterwards(stage);
    clearTimeout(this.#sharpen);
    if (moving || !stage.fade.done(now)) this.dirty();
    else if (quick && drawn) this.#sharpen = window.setTimeout(() => this.dirty(), this.pace.left(now, stage.tiles.complete) + 1);
  }

  /** @param {Stage} stage */
  #afterwards(stage) {
    if (!this.#ready) {
      const slot = Math.round(stage.target);
      this.#ready = true;
      this.tell("pf-ready", { slot });
      stage.frames.fetchAll(slot);
      this.loadDepth();
    }
    this.caption();
  }

  /** @param {number} x fraction @param {number} y @returns {[number, number]} client pixels */
  mapPoint(x, y) {
    const { left, top } = this.getBoundingClientRect();
    const [sx, sy] = this.camera.place(x, y);
    return [left + sx, top + sy];
  }
}
