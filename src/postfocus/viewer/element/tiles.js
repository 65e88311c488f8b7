// @ts-check
/** Original pixels of the part that is seen: fetched the middle first, forgotten when no longer looked at. */

import { decode } from "./decode.js";
import { Lru } from "./lru.js";

/** @typedef {import("./types.js").FocusSource} FocusSource */
/** @typedef {import("./types.js").Painter} Painter */
/** @typedef {import("./types.js").Texture} Texture */
/** @typedef {{of:number|string, col:number, row:number}} Place */

const BUDGET = 24e6;
const AT_ONCE = 4;
/** Milliseconds between looks at what is there of a view: drawing it again for each tile takes longer than they do. */
const SOME = 150;

/** @param {Place} t */
const keyOf = (t) => `${t.of}/${t.col}/${t.row}`;

export class Tiles {
  /** @type {Lru<string, Texture>} */ #textures;
  /** @type {Map<string, AbortController>} */ #loading = new Map();
  /** @type {Set<string>} */ #missing = new Set();
  /** @type {Place[]} */ #wanted = [];
  /** @type {Place[]} */ #hoped = [];
  /** @type {Set<string>} */ #seen = new Set();
  #soon = 0;

  /** @param {FocusSource} source @param {Painter} painter @param {()=>void} ready */
  constructor(source, painter, ready) {
    this.source = source;
    this.painter = painter;
    this.ready = ready;
    this.#textures = new Lru(BUDGET, (t) => painter.free(t), (key) => this.#seen.has(key));
  }

  /** @param {Place} tile @returns {Texture|null} */
  texture(tile) {
    return this.#textures.get(keyOf(tile)) ?? null;
  }

  /** Which tiles are looked at; the others are not fetched any more. @param {Place[]} tiles */
  want(tiles) {
    this.#wanted = tiles;
    this.#look();
  }

  /** Which tiles will perhaps be looked at next. @param {Place[]} tiles */
  hope(tiles) {
    this.#hoped = tiles;
    this.#look();
  }

  #look() {
    this.#seen = new Set([...this.#wanted, ...this.#hoped].map(keyOf));
    for (const [key, stop] of this.#loading) if (!this.#seen.has(key)) stop.abort();
    this.#pump();
  }

  /** Whether everything asked for is there, or never will be. */
  get complete() {
    return this.#wanted.every((t) => this.#textures.has(keyOf(t)) || this.#missing.has(keyOf(t)));
  }

  close() {
    clearTimeout(this.#soon);
    this.#hoped = [];
    this.want([]);
    this.#textures.clear();
  }

  #pump() {
    for (const tile of [...this.#wanted, ...this.#hoped]) {
      if (this.#loading.size >= AT_ONCE) return;
      const key = keyOf(tile);
      if (!this.#textures.has(key) && !this.#loading.has(key) && !this.#missing.has(key)) this.#load(tile, key);
    }
  }

  /** @param {Place} tile @param {string} key */
  async #load(tile, key) {
    const stop = new AbortController();
    this.#loading.set(key, stop);
    try {
      const blob = await this.source.tile?.(tile.of, tile.col, tile.row, stop.signal);
      const pixels = blob && !stop.signal.aborted ? await decode(blob, this.painter.planes) : null;
      if (pixels && !stop.signal.aborted) {
        const texture = this.painter.texture(pixels);
        this.#textures.set(key, texture, texture.bytes);
      }
    } catch {
      if (!stop.signal.aborted) this.#missing.add(key);
    }
    this.#loading.delete(key);
    if (this.#textures.has(key) && this.#wanted.some((t) => keyOf(t) === key)) this.#came();
    this.#pump();
  }

  #came() {
    if (this.complete) this.#tell();
    else this.#soon ||= setTimeout(() => this.#tell(), SOME);
  }

  #tell() {
    clearTimeout(this.#soon);
    this.#soon = 0;
    this.ready();
  }
}
