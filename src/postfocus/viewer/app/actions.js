// @ts-check
/** Everything that a key, a button or a gesture can do to the open picture. */

import { frameAt } from "./choice.js";
import { toggleFull, toggleHidden } from "./fullscreen.js";
import { readLook, showLook } from "./look.js";
import { recall, remember } from "./memory.js";
import { clearRange, endHere } from "./ranging.js";
import { toast } from "./toasts.js";
import { t } from "./words.js";

/** @typedef {import("./choice.js").State} State */
/** @typedef {import("./types.js").Mode} Mode */

export class Actions {
  /**
   * @param {import("./state.js").Store<State>} store
   * @param {import("./session.js").Session} session
   * @param {import("./retouch.js").Retouch} brush
   * @param {{saveAgain: () => void, showKeys: () => void, showPhone: () => void}} others
   */
  constructor(store, session, brush, others) {
    this.store = store;
    this.session = session;
    this.brush = brush;
    this.others = others;
  }

  get view() { return this.session.view; }
  get ready() { return this.store.now.facts?.state === "ready"; }

  /** @param {Mode} mode */
  mode(mode) { this.session.setMode(mode); }
  undo() { this.session.undo(); }
  redo() { this.session.redo(); }
  /** The range begins or ends at the frame shown. @param {0|1} side */
  endHere(side) { endHere(this.session, side); }
  clearRange() { clearRange(this.session); }

  retouch() { this.brush.toggle(); }

  /** Of the brush, while it is in hand. @param {number} by */
  resize(by) { if (this.store.now.brushing) this.brush.resize(by); }
  /** @param {number} by */
  soften(by) { if (this.store.now.brushing) this.brush.soften(by); }

  /** Move the place touched last, or the brush. @param {number} dx fraction @param {number} dy */
  nudge(dx, dy) {
    if (this.store.now.brushing) return this.brush.nudge(dx, dy);
    this.store.set({ touched: true });
    void this.view.moveMark(dx, dy);
  }

  /** The sharpest frame of the place; with the brush, a dab. */
  enter() {
    if (this.store.now.brushing) this.brush.dab();
    else this.session.best();
  }

  keep() {
    if (this.store.now.mode !== "place") return; // no single frame is shown
    const first = this.session.toggleKeep();
    if (!first || recall("told-keep", "") || !this.store.now.kept.length) return;
    remember("told-keep", "1");
    const { facts, at } = this.store.now;
    toast(t("toast kept", { i: facts ? frameAt(facts, at) : "" }));
  }

  /** @param {number} [level] the next one when left out */
  peaking(level) {
    const { peakLevel, peakColour } = this.store.now;
    const next = level ?? (peakLevel + 1) % 4;
    this.store.set({ peakLevel: next });
    this.view.peaking = { level: next, colour: peakColour };
  }

  /** @param {number} colour */
  peakColour(colour) {
    const level = this.store.now.peakLevel || 2;
    this.store.set({ peakColour: colour, peakLevel: level });
    this.view.peaking = { level, colour };
    remember("peak-colour", String(colour));
  }

  loupe() {
    this.lay(/** @type {0|200|400} */ ({ 0: 200, 200: 400, 400: 0 }[this.store.now.loupe] ?? 0));
  }

  /** The loupe, so strong; 0 puts it away. @param {0|200|400} loupe */
  lay(loupe) {
    this.store.set({ loupe });
    this.view.loupe = loupe;
  }

  depth() {
    if (!this.ready) return;
    const depthShown = !this.store.now.depthShown;
    this.store.set({ depthShown });
    this.view.depthShown = depthShown;
  }

  /** @param {boolean} on */
  compare(on) {
    if (on && !this.ready) return;
    if (on === this.store.now.comparing) return;
    this.store.set({ comparing: on });
    this.view.comparing = on;
  }

  /** @param {1|-1} way */
  zoom(way) { this.view.zoomStep(way); }
  fit() { this.view.fit(); }
  actual() { this.view.actual(); }

  fitOrActual() {
    if (this.store.now.zoomed) this.view.fit();
    else this.view.actual();
  }

  full() { void toggleFull(); }
  hide() { toggleHidden(); }
  keys() { this.others.showKeys(); }
  phone() { this.others.showPhone(); }
  saveAgain() { this.others.saveAgain(); }

  /** @param {"save"|"look"} panel */
  panel(panel) {
    this.store.set({ panel: this.store.now.panel === panel ? null : panel });
  }

  library() { location.hash = "#/"; }

  /** The Look as text to the clipboard. */
  async copyLook() {
    const look = this.session.look();
    if (!look) return toast(t("look none"));
    try {
      await navigator.clipboard.writeText(showLook(look));
    } catch {
      return toast(t("toast no copy"));
    }
    return toast(t("toast copied"));
  }

  /** Choose what pasted text says. @param {string} words @returns {Promise<boolean>} whether it was a look */
  async pasteLook(words) {
    const look = readLook(words);
    if (!look || !this.ready) {
      toast(t("toast not look"), null, { alarm: true });
      return false;
    }
    this.session.record("what look");
    await this.session.apply(look);
    this.session.changed();
    toast(t("toast applied"), { word: t("undo"), press: () => this.undo() });
    return true;
  }

  /** Esc: back one level. */
  back() {
    const { panel, mode, range, places, zoomed, loupe, depthShown, brushing, picking } = this.store.now;
    if (panel) this.store.set({ panel: null });
    else if (picking) this.brush.choose(false);
    else if (brushing) this.brush.toggle(false);
    else if (loupe) this.lay(0);
    else if (depthShown) this.depth();
    else if (mode === "range" && (range || places.length)) this.clearRange();
    else if (zoomed) this.view.fit();
    else if (document.fullscreenElement) void document.exitFullscreen();
    else if (document.documentElement.dataset.bars) toggleHidden();
    else if (mode !== "place") this.mode("place");
    else if (this.store.now.sweeps.length > 1) this.library();
  }
}
