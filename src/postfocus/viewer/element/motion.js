// @ts-check
/** Short, interruptible movements of the view. */

/** @typedef {import("./types.js").View} View */

export const FADE = 140;
export const MOVE = 220;

/** Whether the person asked for less movement. */
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Quick at first, then settling; close to cubic-bezier(0.2, 0, 0, 1). @param {number} t 0..1 */
export const ease = (t) => 1 - (1 - t) ** 3;

/** Slow, quick, slow. @param {number} t 0..1 */
export const easeBoth = (t) => t * t * (3 - 2 * t);

/** Between two views, so that the point both have in common stays. @param {View} a @param {View} b @param {number} t @returns {View} */
export function between(a, b, t) {
  const scale = a.scale * (b.scale / a.scale) ** t;
  const p = Math.abs(b.scale / a.scale - 1) < 1e-6 ? t : (1 / scale - 1 / a.scale) / (1 / b.scale - 1 / a.scale);
  return { scale, x: a.x + (b.x - a.x) * p, y: a.y + (b.y - a.y) * p };
}

/** From one end of the sweep to the other, then to rest: the slot at a time, 0..1.
 * @param {number} last slot @param {number} rest slot @param {boolean} backwards begins at the last one @returns {(t:number)=>number} */
export function rackPath(last, rest, backwards) {
  const back = backwards ? rest : last - rest;
  return (t) => {
    const way = t * (last + back);
    const at = Math.min(way, 2 * last - way);
    return backwards ? last - at : at;
  };
}

/** A value on its way. @template T */
export class Tween {
  /** @param {(t:number)=>T} at @param {number} start ms @param {number} length ms @param {(t:number)=>number} [curve] */
  constructor(at, start, length, curve = ease) {
    this.at = at;
    this.start = start;
    this.length = length;
    this.curve = curve;
  }

  /** @param {number} now @returns {T} */
  value(now) {
    return this.at(this.curve(Math.min(1, Math.max(0, (now - this.start) / this.length))));
  }

  /** @param {number} now */
  done(now) {
    return now >= this.start + this.length;
  }
}
