// @ts-check
/** Fingers, mouse, pen and wheel on the picture: the page's events turned into what the gestures mean. */

import { Gestures } from "./gestures.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./gestures.js").Doings} Doings */

/**
 * @typedef {object} Picture what hands can do, besides the gestures
 * @property {Camera} camera
 * @property {()=>boolean} begin any input: ends what runs by itself; false if there is no picture
 * @property {(x:number, y:number, kind:string, down:boolean)=>void} point the pointer is here
 * @property {()=>void} leave
 * @property {(n:number)=>void} step
 */

const NOTCH = Math.log(1.25) / 100;
const LINE = 33;

export class Hands {
  /** @param {HTMLElement} host @param {Picture} picture @param {Doings} doings */
  constructor(host, picture, doings) {
    this.host = host;
    this.picture = picture;
    const after = (/** @type {()=>void} */ call, /** @type {number} */ ms) => {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    };
    this.gestures = new Gestures(doings, after, () => performance.now());
    host.addEventListener("pointerdown", (e) => this.#down(e));
    host.addEventListener("pointermove", (e) => this.#move(e));
    host.addEventListener("pointerup", (e) => {
      this.gestures.up(this.#touch(e));
      if (e.pointerType === "touch") picture.leave();
    });
    host.addEventListener("pointercancel", (e) => {
      this.gestures.cancel(e.pointerId);
      picture.leave();
    });
    host.addEventListener("pointerleave", (e) => e.pointerType === "mouse" && picture.leave());
    host.addEventListener("wheel", (e) => this.#wheel(e), { passive: false });
    host.addEventListener("contextmenu", (e) => this.gestures.state === "compare" && e.preventDefault());
  }

  /** @param {PointerEvent|WheelEvent} e @returns {[number, number]} */
  #at(e) {
    const { left, top } = this.host.getBoundingClientRect();
    return [e.clientX - left, e.clientY - top];
  }

  /** @param {PointerEvent} e */
  #touch(e) {
    const [x, y] = this.#at(e);
    return { id: e.pointerId, type: e.pointerType, x, y };
  }

  /** @param {PointerEvent} e */
  #down(e) {
    const touch = this.#touch(e);
    if (e.button !== 0 || !this.picture.begin()) return;
    if (!this.picture.camera.holds(touch.x, touch.y) && this.gestures.state === "idle") return;
    this.host.setPointerCapture(e.pointerId);
    this.picture.point(touch.x, touch.y, e.pointerType, true);
    this.gestures.down(touch);
  }

  /** @param {PointerEvent} e */
  #move(e) {
    const touch = this.#touch(e);
    this.picture.point(touch.x, touch.y, e.pointerType, e.buttons > 0);
    this.gestures.move(touch);
  }

  /** @param {WheelEvent} e */
  #wheel(e) {
    e.preventDefault();
    if (!this.picture.begin()) return;
    const lines = e.deltaMode === 0 ? 1 : LINE;
    const amount = (e.deltaY || e.deltaX) * lines;
    if (e.shiftKey) return this.picture.step(Math.sign(amount));
    const { camera } = this.picture;
    const factor = Math.exp(-amount * (e.ctrlKey && Math.abs(amount) < 50 ? 0.01 : NOTCH));
    camera.zoom(camera.scale * factor, ...this.#at(e));
  }
}
