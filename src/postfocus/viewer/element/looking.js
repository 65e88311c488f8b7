// @ts-check
/** How the picture is looked at: peaking, depth, loupe, zoom. Nothing here changes what is sharp. */

import { Screen } from "./screen.js";

export class Looking extends Screen {
  /** level 0..3, colour 0..4 */
  get peaking() {
    return { level: this.aids.level, colour: this.aids.colour };
  }

  set peaking({ level, colour }) {
    Object.assign(this.aids, { level, colour });
    this.measureNoise();
    this.dirty();
  }

  get depthShown() {
    return this.aids.depth;
  }

  set depthShown(on) {
    this.aids.depth = on;
    this.dirty();
  }

  /** 0, 200 or 400 per cent. */
  get loupe() {
    return this.aids.loupe;
  }

  set loupe(level) {
    this.aids.loupe = level;
    this.dirty();
  }

  /** Words low on the picture; they go with the first touch. */
  get hint() {
    return this.plates.text;
  }

  set hint(text) {
    if (text !== this.plates.text) this.plates.hint(text);
  }

  get zoomed() {
    return this.camera.zoomed;
  }

  /** Any input: what runs by itself ends. @returns {boolean} false if there is no picture */
  begin() {
    return this.stage !== null;
  }

  /** @param {number} way 1 in, -1 out */
  zoomStep(way) {
    this.begin();
    this.camera.step(way, ...this.#zoomPlace());
  }

  /** CSS pixels: the place touched; the middle if it is not seen. @returns {[number, number]} */
  #zoomPlace() {
    const last = this.marks.list.at(-1);
    const at = last && this.place(last.x, last.y);
    const { width, height } = this.camera.box;
    return at && this.camera.holds(...at) ? at : [width / 2, height / 2];
  }

  fit() {
    this.camera.fit();
  }

  /** A pixel of the picture on each of the screen. */
  actual() {
    this.begin();
    this.camera.zoom(1, ...this.#zoomPlace(), true);
  }

  /** Fractions to CSS pixels of the element. @param {number} x @param {number} y */
  place(x, y) {
    return this.camera.place(x, y);
  }
}
