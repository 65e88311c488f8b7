// @ts-check
/** Fewer pixels while something moves, where drawing all of them takes too long to follow the hand; at rest always all. */

/** Milliseconds that a drawing may take in motion. */
const MOST = 14;
/** Milliseconds without a change until it is at rest. */
const REST = 80;
/** The same while original pixels are on their way: of a preview that is blown up there is no more to see. */
const WAIT = 240;
const KEPT = 3;
/** CSS pixels to a drawn one, at most. */
const COARSEST = 3;
/** Milliseconds a pixel, without a graphics card. */
const SLOW = 2e-5;

export class Pace {
  /** @type {number[]} milliseconds a pixel, of the last drawings */ #costs = [];
  #last = -1e9;
  /** Whether motion may be coarse: as measured, or as told. @type {boolean|null} */ coarse = null;

  /** A drawing took so long. @param {number} ms @param {number} pixels */
  drawn(ms, pixels) {
    this.#costs = [...this.#costs, ms / pixels].slice(-KEPT);
  }

  /** Nothing was drawn yet, but drawing will be slow. */
  expect() {
    this.#costs = Array.from({ length: KEPT }, () => SLOW);
  }

  /** Something moved. @param {number} now ms */
  move(now) {
    this.#last = now;
  }

  /** Milliseconds until all pixels are due. @param {number} now @param {boolean} complete all that is looked at is there */
  left(now, complete) {
    return Math.max(0, this.#last + (complete ? REST : WAIT) - now);
  }

  /** In motion: pixels of the canvas along a line, to one there is room for. Another program's work may have made one drawing
   * slow, so the quickest of the last few counts.
   * @param {number} pixels there is room for @param {number} ratio of them to CSS pixels */
  share(pixels, ratio) {
    if (this.coarse === false) return 1;
    const full = this.coarse ? Number.POSITIVE_INFINITY : this.#costs.length === KEPT ? Math.min(...this.#costs) * pixels : 0;
    let n = 1;
    while (full / (n * n) > MOST && n + 1 <= COARSEST * ratio) n++;
    return 1 / n;
  }
}
