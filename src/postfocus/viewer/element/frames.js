// @ts-check
/** The frames at hand: all previews compressed, the last used ones decoded and ready to draw. */

import { STILL } from "./affine.js";
import { decode } from "./decode.js";
import { Lru } from "./lru.js";

/** @typedef {import("./types.js").FocusSource} FocusSource */
/** @typedef {import("./types.js").Painter} Painter */
/** @typedef {import("./types.js").Texture} Texture */

/** Bytes of decoded frames that are kept: all of a short sweep, else those about the hand. */
const WHOLE = 96e6;
const PART = 48e6;
const DECODES = 2;
const FETCHES = 4;

export class Frames {
  /** @type {Map<number, Promise<Blob>>} */ #blobs = new Map();
  /** @type {Lru<number, Texture>} */ #textures;
  /** @type {Set<number>} */ #decoding = new Set();
  /** @type {Map<number, ((t:Texture|null)=>void)[]>} */ #waiting = new Map();
  /** @type {number[]} */ #wanted = [];
  /** @type {number[]} */ #hoped = [];
  #closed = new AbortController();
  /** @type {Set<number>} */ held = new Set();

  /** @param {FocusSource} source @param {Painter} painter @param {(slot:number)=>void} ready @param {(error:unknown, slot:number)=>void} failed */
  constructor(source, painter, ready, failed) {
    this.source = source;
    this.painter = painter;
    this.ready = ready;
    this.failed = failed;
    this.#textures = new Lru(WHOLE, (t) => painter.free(t), (slot) => this.held.has(slot));
  }

  /** From places of the reference to places of a frame. @param {number} slot @returns {import("./types.js").Affine} */
  pose(slot) {
    return this.source.facts.poses[slot] ?? STILL;
  }

  /** What brings a frame to the reference's brightness. @param {number} slot */
  gain(slot) {
    return 1 / (this.source.facts.gain?.[slot] || 1);
  }

  /** The decoded frame, if at hand. @param {number} slot @returns {Texture|null} */
  texture(slot) {
    return this.#textures.get(slot) ?? null;
  }

  /** Which frames are needed, the most urgent first; what was asked before and is not begun is forgotten.
   * @param {number[]} slots */
  want(slots) {
    this.#wanted = slots;
    this.#pump();
  }

  /** A frame that will perhaps be asked for, after those that were. @param {number} slot */
  hope(slot) {
    this.#hoped = [slot];
    this.#pump();
  }

  /** For a merge: the frame, after what is wanted. @param {number} slot @returns {Promise<Texture|null>} */
  load(slot) {
    const texture = this.texture(slot);
    if (texture) return Promise.resolve(texture);
    return new Promise((done) => {
      this.#waiting.set(slot, [...(this.#waiting.get(slot) ?? []), done]);
      this.#pump();
    });
  }

  /** The nearest frame at hand. @param {number} slot @returns {number} -1 if none */
  nearest(slot) {
    let best = -1;
    for (const k of this.#textures.keys()) if (best < 0 || Math.abs(k - slot) < Math.abs(best - slot)) best = k;
    return best;
  }

  /** The compressed preview. @param {number} slot @returns {Promise<Blob>} */
  blob(slot) {
    const kept = this.#blobs.get(slot);
    if (kept) return kept;
    const blob = this.source.preview(slot, this.#closed.signal);
    this.#blobs.set(slot, blob);
    blob.catch(() => this.#blobs.delete(slot));
    return blob;
  }

  /** Fetch all previews, outwards from a slot, a few at a time. @param {number} from */
  async fetchAll(from) {
    const n = this.source.facts.count;
    const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => Math.abs(a - from) - Math.abs(b - from));
    const next = async () => {
      for (let slot = order.shift(); slot !== undefined && !this.#closed.signal.aborted; slot = order.shift()) {
        await this.blob(slot).catch(() => {});
      }
    };
    await Promise.all(Array.from({ length: FETCHES }, next));
  }

  /** Other slots: everything is read again but the frame that is seen, which keeps its picture under its new slot.
   * @param {FocusSource} source @param {number|undefined} seen @param {number} slot */
  replace(source, seen, slot) {
    this.source = source;
    this.#blobs.clear();
    const kept = seen === undefined ? null : this.#textures.take(seen);
    this.held.clear();
    this.#hoped = [];
    this.#textures.clear();
    if (kept) this.#textures.set(slot, kept, kept.bytes);
  }

  close() {
    this.#closed.abort();
    this.#wanted = this.#hoped = [];
    for (const list of this.#waiting.values()) for (const done of list) done(null);
    this.#waiting.clear();
    this.#textures.clear();
    this.#blobs.clear();
  }

  #pump() {
    for (const slot of [...this.#wanted, ...this.#hoped, ...this.#waiting.keys()]) {
      if (this.#decoding.size >= DECODES) return;
      if (!this.#textures.has(slot) && !this.#decoding.has(slot)) this.#decode(slot);
    }
  }

  /** @param {number} slot */
  async #decode(slot) {
    this.#decoding.add(slot);
    /** @type {Texture|null} */
    let texture = null;
    try {
      const pixels = await decode(await this.blob(slot), this.painter.planes);
      if (!this.#closed.signal.aborted) {
        texture = this.painter.texture(pixels);
        this.#textures.budget = texture.bytes * this.source.facts.count <= WHOLE ? WHOLE : PART;
        this.#textures.set(slot, texture, texture.bytes);
      }
    } catch (error) {
      [this.#wanted, this.#hoped] = [this.#wanted, this.#hoped].map((list) => list.filter((k) => k !== slot));
      if (!this.#closed.signal.aborted) this.failed(error, slot);
    }
    this.#decoding.delete(slot);
    const waiting = this.#waiting.get(slot) ?? [];
    this.#waiting.delete(slot);
    for (const done of waiting) done(texture);
    if (texture) this.ready(slot);
    if (!this.#closed.signal.aborted) this.#pump();
  }
}
