// @ts-check
/** What the gestures do to the picture. */

import { fillScale } from "./view.js";

/** @typedef {import("./post-focus.js").PostFocus} PostFocus */

/** @param {PostFocus} host @param {import("./aim.js").Aim} aim @returns {import("./gestures.js").Doings} */
export function doings(host, aim) {
  const { camera } = host;
  const moving = (/** @type {boolean} */ on) => {
    host.classList.toggle("pans", on);
    host.marks.hide(on || host.unmarked);
  };
  return {
    zoomed: () => camera.zoomed,
    guess: (x, y) => aim.guess(...camera.under(x, y)),
    focus: (x, y) => host.focusAt(...camera.under(x, y)),
    refocus: (x, y) => camera.holds(x, y) && aim.refocus(...camera.under(x, y)),
    refocused: (x, y) => camera.holds(x, y) && host.mode === "place" && aim.focus(...camera.under(x, y)),
    pan: (dx, dy) => {
      moving(true);
      camera.pan(dx, dy);
    },
    panned: (vx, vy) => {
      moving(false);
      camera.glide(vx, vy);
    },
    pinch: (factor, x, y, dx, dy) => {
      moving(true);
      camera.pan(dx, dy);
      camera.zoom(camera.scale * factor, x, y);
    },
    pinched: () => moving(false),
    compare: (on) => {
      host.comparing = on;
    },
    undo: () => host.tell("pf-undo", {}),
    twice: (x, y, touch) => twice(camera, x, y, touch),
  };
}

/** To 100 per cent and back; a finger fills the screen in between.
 * @param {import("./camera.js").Camera} camera @param {number} x CSS pixels @param {number} y @param {boolean} touch */
function twice(camera, x, y, touch) {
  const full = fillScale(camera.facts, camera.box) * camera.box.ratio;
  const fills = touch && full < 1;
  if (fills && !camera.zoomed && full > camera.scale * 1.05) camera.zoom(full, x, y, true);
  else if (!camera.zoomed || (fills && Math.abs(camera.scale - full) < 0.01 * full)) camera.zoom(1, x, y, true);
  else camera.fit();
}
