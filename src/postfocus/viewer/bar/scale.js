// @ts-check
/** Where each frame lies along the slide bar, in pixels. Near is left, far is right. */

/** Room between the end of the well and the first frame. */
const INSET = 14;

export class Scale {
  /**
   * @param {number} width of the well
   * @param {number} count of frames
   */
  constructor(width, count) {
    this.width = width;
    this.count = count;
    this.left = INSET;
    this.right = Math.max(INSET + 1, width - INSET);
    this.last = Math.max(1, count - 1);
    this.step = (this.right - this.left) / this.last;
  }

  /** @param {number} frame */
  x(frame) {
    return this.count < 2 ? (this.left + this.right) / 2 : this.left + frame * this.step;
  }

  /** @param {number} x */
  frame(x) {
    return this.clamp((x - this.left) / this.step);
  }

  /** @param {number} frame */
  clamp(frame) {
    return Math.min(Math.max(frame, 0), Math.max(0, this.count - 1));
  }

  /** Frames from tick to tick, so that ticks never come closer than six pixels. */
  get every() {
    return [1, 5, 10, 50, 100, 500].find((n) => n * this.step >= 6) ?? 1000;
  }
}

/**
 * The range after one end was moved; ends may meet, the pushed one moves along.
 * @param {[number, number]} range
 * @param {number} side
 * @param {number} to
 * @returns {[number, number]}
 */
export function pushed(range, side, to) {
  return side === 0 ? [to, Math.max(to, range[1])] : [Math.min(to, range[0]), to];
}
