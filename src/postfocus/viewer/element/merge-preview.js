// @ts-check
/**
 * The merge of a range as a quick picture: previews are added up in linear light where the depth map wants them;
 * a few frames first, then all of them.
 */

import { compose } from "./affine.js";
import { MergePainter } from "./merge-painter.js";
import { Renderer } from "./renderer.js";
import { blocks, chosen, nodes } from "./tent.js";

/** @typedef {import("./types.js").DepthCells} DepthCells */
/** @typedef {import("./types.js").Painter} Painter */
/** @typedef {import("./types.js").Texture} Texture */
/** @typedef {readonly [number, number]} Range */
/** @typedef {{range:Range, texture:Texture|null, progress:number, complete:boolean}} Made */

const FIRST = 16;
const BLOCK = 12;
const KEPT = 2;

export class MergePreview {
  /** @type {DepthCells|null} */ #cells = null;
  /** @type {ReturnType<typeof blocks>|null} */ #grid = null;
  /** @type {Made[]} */ #made = [];
  /** @type {MergePainter|null} */ #painter;
  #turn = 0;
  /** @type {Range|null} */ #wanted = null;

  /** @param {import("./frames.js").Frames} frames @param {Painter} painter @param {()=>void} changed */
  constructor(frames, painter, changed) {
    this.frames = frames;
    this.changed = changed;
    this.#painter = painter instanceof Renderer ? new MergePainter(painter) : null;
  }

  /** @param {DepthCells|null} cells */
  setDepth(cells) {
    this.#cells = cells;
    this.#grid = cells && blocks(cells, BLOCK);
    this.#forget(0);
    if (this.#wanted) this.want(this.#wanted);
  }

  /** @param {Range} range */
  #find(range) {
    return this.#made.find((m) => m.range[0] === range[0] && m.range[1] === range[1]);
  }

  /** The merge, or what there is of it. @param {Range} range @returns {Texture|null} */
  texture(range) {
    return this.#find(range)?.texture ?? null;
  }

  /** 0..1 @param {Range} range */
  progress(range) {
    return this.#find(range)?.progress ?? 0;
  }

  /** Make it; what was under way is left, what was finished is kept. @param {Range|null} range */
  async want(range) {
    this.#wanted = range;
    const turn = ++this.#turn;
    if (!range || !this.#cells || !this.#painter) return;
    let made = this.#find(range);
    if (made?.complete) return;
    if (!made) {
      this.#forget(KEPT - 1);
      made = { range, texture: null, progress: 0, complete: false };
      this.#made.push(made);
    }
    const { facts } = this.frames.source;
    const usable = (facts.sweep ?? Array.from({ length: facts.count }, (_, i) => i)).filter((k) => facts.usable?.[k] ?? true);
    const all = chosen(usable, range[0], range[1], Number.POSITIVE_INFINITY);
    const first = chosen(usable, range[0], range[1], FIRST);
    if (first.length < all.length && !made.texture) await this.#pass(made, first, turn, 0, 0.4);
    if (turn === this.#turn) await this.#pass(made, all, turn, first.length < all.length ? 0.4 : 0, 1);
    if (turn === this.#turn) made.complete = true;
  }

  /** @param {Made} made @param {number[]} slots @param {number} turn @param {number} from progress @param {number} to */
  async #pass(made, slots, turn, from, to) {
    const cells = this.#cells;
    const grid = this.#grid;
    const { facts } = this.frames.source;
    if (!cells || !grid || !this.#painter) return;
    const light = this.#painter.begin(facts.preview.width, facts.preview.height);
    let done = 0;
    for (const node of nodes(slots)) {
      const texture = await this.frames.load(node.slot);
      if (turn !== this.#turn) break;
      if (texture) {
        const [a, b] = made.range;
        this.#painter.add(light, texture, compose(facts.poses[node.slot], [1, 0, 0, 0, 1, 0]), 1 / (facts.gain?.[node.slot] || 1), node, a, b, grid, cells);
      }
      made.progress = from + ((to - from) * ++done) / slots.length;
      this.changed();
    }
    if (turn === this.#turn) made.texture = this.#painter.finish(light, made.texture);
    else this.#painter.drop(light);
    this.changed();
  }

  /** @param {number} keep */
  #forget(keep) {
    while (this.#made.length > keep) {
      const old = this.#made.shift();
      if (old?.texture) this.#painter?.free(old.texture);
    }
  }

  close() {
    this.#turn++;
    this.#forget(0);
  }
}
