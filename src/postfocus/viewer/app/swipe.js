// @ts-check
/** A panel is pushed away with the finger that opened it: a sheet downwards, one at the side outwards. */

/** Pixels, and pixels a millisecond, from which it goes. */
const FAR = 90;
const FAST = 0.5;
const SLACK = 10;

/**
 * @param {HTMLElement} panel
 * @param {HTMLElement} head what a sheet is held by; one at the side is held anywhere
 * @param {() => "x"|"y"|null} axis along which it goes now; `null`: it stays
 * @param {() => void} away
 */
export function swipeAway(panel, head, axis, away) {
  /** @type {{id: number, x: number, y: number, when: number, by: number, on: boolean}|null} */
  let drag = null;

  panel.addEventListener("pointerdown", (event) => {
    const way = axis();
    const target = /** @type {Element} */ (event.target);
    if (!way || drag || event.pointerType === "mouse" || target.closest("input, textarea, button")) return;
    if (way === "y" && !head.contains(target) && target !== panel) return;
    drag = { id: event.pointerId, x: event.clientX, y: event.clientY, when: event.timeStamp, by: 0, on: false };
  });
  panel.addEventListener("pointermove", (event) => {
    if (drag?.id !== event.pointerId) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    const [along, across] = axis() === "x" ? [dx, dy] : [dy, dx];
    if (!drag.on && Math.abs(across) > SLACK) return end(false);
    if (!drag.on && along < SLACK) return;
    if (!drag.on) panel.setPointerCapture(event.pointerId);
    drag.on = true;
    drag.by = Math.max(0, along);
    panel.style.translate = axis() === "x" ? `${drag.by}px 0` : `0 ${drag.by}px`;
  });
  panel.addEventListener("pointerup", (event) => {
    if (drag?.id !== event.pointerId) return;
    const speed = drag.by / Math.max(1, event.timeStamp - drag.when);
    end(drag.on && (drag.by > FAR || speed > FAST));
  });
  panel.addEventListener("pointercancel", (event) => {
    if (drag?.id === event.pointerId) end(false);
  });

  /** @param {boolean} gone */
  function end(gone) {
    drag = null;
    if (gone) away();
    else panel.style.translate = "";
  }
}
