// @ts-check
/** Keeps what was used last, within a number of bytes. */

/** @template K, V */
export class Lru {
  /** @type {Map<K, {value:V, bytes:number}>} */ #items = new Map();
  bytes = 0;

  /** @param {number} budget bytes @param {(value:V)=>void} drop called for what is let go @param {(key:K)=>boolean} [held] never let go */
  constructor(budget, drop, held = () => false) {
    this.budget = budget;
    this.drop = drop;
    this.held = held;
  }

  /** @param {K} key */
  has(key) {
    return this.#items.has(key);
  }

  keys() {
    return this.#items.keys();
  }

  /** Marks it as used. @param {K} key @returns {V|undefined} */
  get(key) {
    const item = this.#items.get(key);
    if (!item) return undefined;
    this.#items.delete(key);
    this.#items.set(key, item);
    return item.value;
  }

  /** @param {K} key @param {V} value @param {number} bytes */
  set(key, value, bytes) {
    this.delete(key);
    this.#items.set(key, { value, bytes });
    this.bytes += bytes;
    for (const old of [...this.#items.keys()]) {
      if (this.bytes <= this.budget) break;
      if (old !== key && !this.held(old)) this.delete(old);
    }
  }

  /** @param {K} key */
  delete(key) {
    const item = this.#items.get(key);
    if (!item) return;
    this.#items.delete(key);
    this.bytes -= item.bytes;
    this.drop(item.value);
  }

  /** Out of here, not let go. @param {K} key @returns {V|null} */
  take(key) {
    const item = this.#items.get(key);
    if (!item) return null;
    this.#items.delete(key);
    this.bytes -= item.bytes;
    return item.value;
  }

  clear() {
    for (const key of [...this.#items.keys()]) this.delete(key);
  }
}
