// @ts-check
/** The picture takes every pixel: full screen, and bars that leave when nobody moves. */

import { still } from "../element/motion.js";

const LEAVE = still() ? 5000 : 2500;
const root = document.documentElement;
let timer = 0;

/** Full screen on or off. */
export async function toggleFull() {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await root.requestFullscreen({ navigationUI: "hide" });
  } catch {
    toggleHidden();
  }
}

/** Bars away, or back. */
export function toggleHidden() {
  if (root.dataset.bars) delete root.dataset.bars;
  else root.dataset.bars = "hidden";
}

function wake() {
  if (!document.fullscreenElement) return;
  root.dataset.bars = "over";
  clearTimeout(timer);
  timer = setTimeout(() => {
    const held = document.querySelector(".bars :focus-visible, .panel, [popover]:popover-open:not(.tooltip), dialog[open]");
    if (document.fullscreenElement && !held) root.dataset.bars = "away";
  }, LEAVE);
}

/** Let bars float and leave while in full screen. */
export function startFullscreen() {
  document.addEventListener("fullscreenchange", () => {
    clearTimeout(timer);
    if (document.fullscreenElement) wake();
    else delete root.dataset.bars;
  });
  for (const event of ["pointermove", "pointerdown", "keydown", "focusin"]) {
    document.addEventListener(event, wake, { passive: true, capture: true });
  }
}
