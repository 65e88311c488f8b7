// @ts-check
/** What is on the canvas: the frames, tiles or merge to be seen, in the view chosen, drawn when something changed. */

import { compose, invert, rect, STILL } from "./affine.js";
import { Fade, partsOf, same } from "./fade.js";
import { Frames } from "./frames.js";
import { MergePreview } from "./merge-preview.js";
import { Tiles } from "./tiles.js";
import * as geometry from "./view.js";

/** @typedef {import("./types.js").Box} Box */
/** @typedef {import("./types.js").FocusSource} FocusSource */
/** @typedef {import("./types.js").Layer} Layer */
/** @typedef {import("./types.js").Painter} Painter */
/** @typedef {import("./types.js").Sheet} Sheet */
/** @typedef {import("./types.js").View} View */
/** @typedef {{x:number, y:number, scale:number, radius:number, px:number, py:number}} LoupeView centre on the box, CSS pixels; scale; place */
/** @typedef {{loupe:LoupeView|null, depth:boolean, peaking:{threshold:number, colour:readonly number[]}|null}} Aids */

const SQUARE = 3.99;
const TILES_FROM = 1.1;
/** Device pixels by which tiles reach over one another: too little to be seen, enough for rounding to leave no gap. */
const SEAM = 0.02;
/** Slots a millisecond from which whole frames do: no blend would be seen twice. */
const FAST = 0.03;

export class Stage {
  fade = new Fade();
  target = 0;
  #aim = 0;
  /** @type {readonly [number, number]|null} slots the shown merge spans */ merge = null;
  /** @type {string|null} a full-size one of it */ mergeKey = null;
  /** Whether the loupe shows all that the original has, as drawn last. */ original = false;
  /** @type {{view:View, room:Box}|null} */ #drawn = null;
  #length = 0;
  /** Slots of the last move, with its sign. */ #way = 1;
  #changed = 0;

  /** @param {FocusSource} source @param {Painter} painter @param {()=>void} changed @param {(error:unknown, slot:number)=>void} failed @param {()=>void} progressed a merge went on */
  constructor(source, painter, changed, failed, progressed) {
    this.source = source;
    this.painter = painter;
    this.changed = changed;
    this.frames = new Frames(source, painter, (slot) => this.update(slot), failed);
    this.tiles = new Tiles(source, painter, changed);
    this.merges = new MergePreview(this.frames, painter, changed, progressed);
  }

  get facts() {
    return this.source.facts;
  }

  /** What people call a frame: its number in the input. @param {number} slot */
  number(slot) {
    const at = Math.round(slot);
    return this.facts.frames?.[at] ?? at;
  }

  /** @param {FocusSource} source the same sweep, grown */
  grow(source) {
    this.source = source;
    this.frames.source = source;
    this.tiles.source = source;
    this.update();
    this.changed();
  }

  /** The same sweep, read anew: slots may have changed. What is seen stays until the new frame is there.
   * @param {FocusSource} source @param {number} slot */
  replace(source, slot) {
    const frame = this.fade.end[0]?.slot;
    this.source = source;
    this.frames.replace(source, frame, slot);
    this.tiles.close();
    this.tiles = new Tiles(source, this.painter, this.changed);
    this.fade.start([{ slot, weight: 1 }], 0, 0);
    this.target = this.#aim = slot;
    this.update();
    this.changed();
  }

  /** @param {number} slot with fraction @param {number} length ms of the fade */
  show(slot, length) {
    const now = performance.now();
    const fast = length === 0 && Math.abs(slot - this.target) > FAST * (now - this.#changed);
    const moved = slot - this.target;
    if (moved) this.#way = fast ? Math.round(moved) || Math.sign(moved) : Math.sign(moved);
    this.target = slot;
    this.#aim = fast ? Math.round(slot) : slot;
    this.#length = length;
    this.#changed = now;
    this.update();
  }

  /** This frame will perhaps be asked for: have it ready, and its original pixels if such are looked at. @param {number} slot */
  hope(slot) {
    this.frames.hope(slot);
    if (this.#drawn && !this.merge) this.tiles.hope(this.#seen(this.#drawn.view, this.#drawn.room, slot));
  }

  /** The hand rests: both frames, in full, and those beside them. */
  settle() {
    if (this.#aim === this.target && Math.abs(this.#way) === 1) return;
    this.#way = Math.sign(this.#way);
    this.#aim = this.target;
    this.update();
  }

  /** Bring what is seen nearer to what is wanted, with the frames at hand. @param {number} [came] the frame that just came */
  update(came) {
    const now = performance.now();
    const n = this.facts.count;
    const parts = partsOf(this.#aim, n);
    const near = Math.round(this.#aim);
    const way = this.#way;
    const around = (Math.abs(way) > 1 ? [near + way] : [near + way, near - way, near + 2 * way]).filter((k) => k >= 0 && k < n);
    this.frames.held = new Set([...this.fade.at(now), ...parts].map((p) => p.slot));
    if (parts.every((p) => this.frames.texture(p.slot))) {
      const other = !same(this.fade.end, parts);
      if (other) this.fade.start(parts, now, this.#length);
      if (other || parts.some((p) => p.slot === came)) this.changed();
    } else {
      const nearest = this.frames.nearest(this.#aim);
      const shown = this.fade.end[0]?.slot ?? -1e9;
      if (nearest >= 0 && this.#length === 0 && Math.abs(nearest - this.#aim) < Math.abs(shown - this.#aim)) {
        this.fade.start([{ slot: nearest, weight: 1 }], now, 0);
        this.changed();
      }
    }
    this.frames.want([...parts.map((p) => p.slot), ...around]);
  }

  /** Whether there is anything to draw. */
  get any() {
    return this.#sheets(performance.now()).length > 0;
  }

  /** Draw. @param {View} view @param {Box} room @param {number} share of its pixels along a line @param {boolean} quick something moves @param {Aids} aids @returns {boolean} whether there was anything to draw */
  draw(view, room, share, quick, aids) {
    const now = performance.now();
    const sheets = this.#sheets(now);
    if (!sheets.length) return false;
    const alone = sheets.length === 1;
    const box = { ...room, ratio: room.ratio * share };
    if (this.#drawn?.view !== view || this.merge) this.tiles.hope([]);
    this.#drawn = { view, room };
    const { loupe } = aids;
    const circle = loupe ? [loupe.x * box.ratio, (box.height - loupe.y) * box.ratio, loupe.radius * box.ratio] : undefined;
    const near = loupe && geometry.holding(this.facts, box, loupe.scale, loupe.px, loupe.py, loupe.x, loupe.y);
    const tiles = alone && this.fade.done(now) ? this.#tiles(view, loupe, room) : { main: [], loupe: [] };
    this.tiles.want([...tiles.loupe, ...tiles.main]);
    this.original = this.#enough((loupe?.scale ?? 0) * room.ratio) || this.#whole(tiles.loupe);
    const peaking = alone && this.fade.done(now) && !aids.depth ? aids.peaking : null;
    this.painter.begin(Math.round(box.width * box.ratio), Math.round(box.height * box.ratio), Boolean(peaking), box.ratio);
    const square = (/** @type {View} */ v) => v.scale * room.ratio > SQUARE;
    const how = { quick, depth: aids.depth };
    this.#paint(sheets, tiles.main, view, box, { ...how, square: square(view) });
    if (near) this.#paint(sheets, tiles.loupe, near, box, { ...how, square: square(near), circle });
    const step = (/** @type {View|null} */ v) => Math.max(1, Math.round((v?.scale ?? 0) * box.ratio));
    this.painter.end(peaking && { ...peaking, step: step(view), circle: circle ?? [0, 0, 0], circleStep: step(near) });
    return true;
  }

  /** Of a tile, pixels of the original. */
  get #side() {
    return this.facts.tile ?? 512;
  }

  /** The merge to be seen, or what there is of it. */
  get merged() {
    return this.merge && this.merges.texture(this.merge);
  }

  /** @param {number} now @returns {Sheet[]} */
  #sheets(now) {
    const ref = rect(...geometry.shown(this.facts));
    const merged = this.merged;
    if (merged) return [{ texture: merged, from: ref, weight: 1, gain: 1 }];
    const parts = this.fade.at(now).slice().sort((a, b) => b.weight - a.weight);
    return parts.flatMap((part) => {
      const texture = this.frames.texture(part.slot);
      return texture ? [{ texture, from: compose(this.frames.pose(part.slot), ref), weight: part.weight, gain: this.frames.gain(part.slot) }] : [];
    });
  }

  /** @param {View} view @param {LoupeView|null} loupe @param {Box} box */
  #tiles(view, loupe, box) {
    const of = this.merged ? this.mergeKey : (this.fade.end[0]?.slot ?? null);
    const wide = 2 * (loupe?.radius ?? 0);
    const near = loupe && { scale: loupe.scale, x: loupe.px, y: loupe.py };
    return { main: this.#seen(view, box, of), loupe: this.#seen(near, { ...box, width: wide, height: wide }, of) };
  }

  /** Whether previews have all that can be seen. @param {number} scale device pixels per picture pixel */
  #enough(scale) {
    return scale < (this.facts.preview.height / this.facts.height) * TILES_FROM;
  }

  /** Whether there are tiles, and all at hand. @param {import("./tiles.js").Place[]} tiles */
  #whole(tiles) {
    return tiles.length > 0 && tiles.every((t) => this.tiles.texture(t));
  }

  /** Tiles of a picture that lie in a view, if it is large enough to need them.
   * @param {View|null} view @param {Box} box @param {number|string|null} of */
  #seen(view, box, of) {
    const { facts } = this;
    const scale = (view?.scale ?? 0) * box.ratio;
    const merged = typeof of === "string"; // a merged preview shows what moves many times over: from 100 % on it is never enough
    if (of === null || !view || !this.source.tile || (this.#enough(scale) && !(merged && scale > 0.99))) return [];
    const pose = merged ? STILL : this.frames.pose(of);
    return geometry.tilesSeen(view, facts, box, pose, this.#side).map((t) => ({ ...t, of }));
  }

  /** @param {Sheet[]} sheets @param {{of:number|string, col:number, row:number}[]} tiles @param {View} view @param {Box} box @param {{square:boolean, quick:boolean, depth:boolean, circle?:readonly number[]}} how */
  #paint(sheets, tiles, view, box, how) {
    const { facts } = this;
    const clip = geometry.clipOf(view, facts, box);
    const shown = geometry.shown(facts);
    const common = { ...how, clip, within: within(clip, shown, box) };
    const hidden = shown === facts.valid && this.#whole(tiles);
    if (!hidden) this.painter.draw({ ...common, sheets, ref: rect(...shown) });
    const side = this.#side;
    for (const tile of tiles) {
      const texture = this.tiles.texture(tile);
      if (!texture) continue;
      const place = rect(
        (tile.col * side) / facts.width,
        (tile.row * side) / facts.height,
        texture.width / facts.width,
        texture.height / facts.height,
      );
      const seam = SEAM / (view.scale * box.ratio);
      const [x, y] = [seam / texture.width, seam / texture.height];
      const grown = rect(-x, -y, 1 + 2 * x, 1 + 2 * y);
      const slot = typeof tile.of === "number" ? tile.of : -1;
      const ref = slot < 0 ? place : compose(invert(this.frames.pose(slot)), place);
      const sheet = { texture, from: grown, weight: 1, gain: slot < 0 ? 1 : this.frames.gain(slot) };
      this.painter.draw({ ...common, sheets: [sheet], ref: compose(ref, grown) });
    }
  }

  close() {
    this.merges.close();
    this.frames.close();
    this.tiles.close();
  }
}

/** Device pixels of the shown part, from the bottom left. @param {readonly number[]} clip @param {readonly number[]} shown @param {Box} box */
function within(clip, shown, box) {
  const W = Math.round(box.width * box.ratio);
  const H = Math.round(box.height * box.ratio);
  const x = (/** @type {number} */ f) => Math.round(((f * clip[0] + clip[1] + 1) / 2) * W);
  const y = (/** @type {number} */ f) => Math.round(((f * clip[2] + clip[3] + 1) / 2) * H);
  const left = Math.max(0, x(shown[0]));
  const bottom = Math.max(0, y(shown[1] + shown[3]));
  return [left, bottom, Math.min(W, x(shown[0] + shown[2])) - left, Math.min(H, y(shown[1])) - bottom].map((v) => Math.max(0, v));
}
