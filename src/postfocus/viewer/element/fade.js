// @ts-check
/** How one frame turns into another: shares of frames over time, interruptible from what is seen. */

/** @typedef {import("./types.js").Part} Part */

const MOST_PARTS = 3;

/** What a slot with a fraction consists of. @param {number} slot @param {number} count @returns {Part[]} */
export function partsOf(slot, count) {
  const at = Math.min(Math.max(slot, 0), count - 1);
  const low = Math.floor(at);
  const t = at - low;
  if (t < 0.002) return [{ slot: low, weight: 1 }];
  if (t > 0.998) return [{ slot: low + 1, weight: 1 }];
  return [{ slot: low, weight: 1 - t }, { slot: low + 1, weight: t }];
}

/** Both pictures laid over one another; never more than three frames, the strongest.
 * @param {readonly Part[]} from @param {readonly Part[]} to @param {number} t @returns {Part[]} */
export function mix(from, to, t) {
  if (t >= 1) return [...to];
  /** @type {Map<number, number>} */
  const share = new Map();
  const add = (/** @type {readonly Part[]} */ parts, /** @type {number} */ by) => {
    for (const { slot, weight } of parts) share.set(slot, (share.get(slot) ?? 0) + weight * by);
  };
  add(from, 1 - t);
  add(to, t);
  const kept = [...share].filter(([, weight]) => weight > 0.002).sort((a, b) => b[1] - a[1]).slice(0, MOST_PARTS);
  const sum = kept.reduce((s, [, weight]) => s + weight, 0);
  return kept.map(([slot, weight]) => ({ slot, weight: weight / sum }));
}

/** @param {readonly Part[]} a @param {readonly Part[]} b */
export const same = (a, b) =>
  a.length === b.length && a.every((p, i) => p.slot === b[i].slot && Math.abs(p.weight - b[i].weight) < 1e-3);

/** A change under way. */
export class Fade {
  /** @type {Part[]} */ #from = [];
  /** @type {Part[]} */ #to = [];
  #start = 0;
  #length = 0;

  /** @param {Part[]} to @param {number} now ms @param {number} length ms; 0 cuts */
  start(to, now, length) {
    this.#from = length > 0 ? this.at(now) : [];
    this.#to = to;
    this.#start = now;
    this.#length = this.#from.length ? length : 0;
  }

  /** What is seen. @param {number} now @returns {Part[]} */
  at(now) {
    return this.done(now) ? this.#to : mix(this.#from, this.#to, Math.max(0, now - this.#start) / this.#length);
  }

  /** What it ends in. */
  get end() {
    return this.#to;
  }

  /** @param {number} now */
  done(now) {
    return now - this.#start >= this.#length;
  }
}
