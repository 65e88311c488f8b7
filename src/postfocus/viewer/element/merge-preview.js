// @ts-check
/**
 * The merge of a range as a quick picture: previews are added up in linear light where the depth map wants them;
 * a few frames first, then all of them.
 */

import { MergePainter } from "./merge-painter.js";
import { Renderer } from "./renderer.js";
import { chosen, nodes } from "./tent.js";

/** @typedef {import("./types.js").DepthCells} DepthCells */
/** @typedef {import("./types.js").Painter} Painter */
/** @typedef {import("./types.js").Texture} Texture */
/** @typedef {readonly [number, number]} Range */
/** @typedef {{range:Range, texture:Texture|null, progress:number, complete:boolean}} Made */

const FIRST = 12;
const KEPT = 2;
const AHEAD = 3;

/** Let the screen have its turn. */
const painted = () => new Promise((done) => requestAnimationFrame(done));

export class MergePreview {
  #known = false;
  /** @type {Map<string, Made>} by their ends */ #made = new Map();
  /** @type {MergePainter|null} */ #painter;
  #turn = 0;
  /** Device pixels the whole picture is wide on the screen: the first look needs no more. */
  size = Number.POSITIVE_INFINITY;
  /** @type {Range|null} */ #wanted = null;
  /** Who paints over merges: takes one, gives what is to be seen. @type {((made:Texture)=>Texture)|null} */ over = null;

  /** @param {import("./frames.js").Frames} frames @param {Painter} painter @param {()=>void} changed @param {()=>void} progressed a merge went on */
  constructor(frames, painter, changed, progressed) {
    this.frames = frames;
    this.changed = changed;
    this.progressed = progressed;
    this.#painter = painter instanceof Renderer ? new MergePainter(painter) : null;
  }

  /** @param {DepthCells} cells */
  setDepth(cells) {
    this.#known = true;
    this.#painter?.setDepth(cells);
    this.#forget(0);
    if (this.#wanted) this.want(this.#wanted);
  }

  /** The merge, or what there is of it. @param {Range} range @returns {Texture|null} */
  texture(range) {
    const made = this.#made.get(String(range))?.texture ?? null;
    return made && this.over ? this.over(made) : made;
  }

  /** 0..1 @param {Range} range */
  progress(range) {
    return this.#made.get(String(range))?.progress ?? 0;
  }

  /** Make it; what was under way is left, what was finished is kept. @param {Range|null} range */
  async want(range) {
    this.#wanted = range;
    const turn = ++this.#turn;
    if (!range || !this.#known || !this.#painter) return;
    let made = this.#made.get(String(range));
    if (made?.complete) return;
    if (made) made.progress = made.texture ? 0.4 : 0;
    else {
      this.#forget(KEPT - 1);
      made = { range, texture: null, progress: 0, complete: false };
      this.#made.set(String(range), made);
    }
    const { facts } = this.frames.source;
    const usable = (facts.sweep ?? Array.from({ length: facts.count }, (_, i) => i)).filter((k) => facts.usable?.[k] ?? true);
    const all = chosen(usable, range[0], range[1], Number.POSITIVE_INFINITY);
    const { width, height } = facts.preview;
    const small = Math.min(1, this.size / width);
    if (!made.texture) {
      await this.#pass(made, chosen(usable, range[0], range[1], FIRST), turn, 0, Math.round(width * small), Math.round(height * small));
    }
    await painted();
    await painted();
    if (turn === this.#turn && (all.length > FIRST || small < 1)) await this.#pass(made, all, turn, 0.4, width, height);
    if (turn !== this.#turn) return;
    Object.assign(made, { progress: 1, complete: true });
    this.changed();
  }

  /** @param {Made} made @param {number[]} slots @param {number} turn @param {number} from progress @param {number} width @param {number} height */
  async #pass(made, slots, turn, from, width, height) {
    if (!this.#painter) return;
    const light = this.#painter.begin(width, height);
    const loads = slots.slice(0, AHEAD).map((slot) => this.frames.load(slot));
    for (const [i, node] of nodes(slots).entries()) {
      const texture = await loads[i];
      if (turn !== this.#turn) break;
      if (i + AHEAD < slots.length) loads.push(this.frames.load(slots[i + AHEAD]));
      const { slot } = node;
      if (texture) this.#painter.add(light, texture, this.frames.pose(slot), this.frames.gain(slot), node, made.range);
      made.progress = from + (0.4 + from / 2) * ((i + 1) / slots.length);
      this.progressed();
      if (from > 0 && i % 4 === 3) await painted();
    }
    if (turn === this.#turn) made.texture = this.#painter.finish(light, made.texture);
    else this.#painter.renderer.drop(light);
    this.changed();
  }

  /** @param {number} keep */
  #forget(keep) {
    for (const [range, { texture }] of [...this.#made].slice(0, Math.max(0, this.#made.size - keep))) {
      if (texture) this.#painter?.renderer.free(texture);
      this.#made.delete(range);
    }
  }

  close() {
    this.#turn++;
    this.#forget(0);
  }
}
