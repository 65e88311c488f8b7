// @ts-check
/** The look and the kept frames are kept beside the picture a moment after each change, and found again next time. */

import { send, sweepPath } from "./api.js";

const WAIT = 800;

/**
 * @param {import("./session.js").Session} session
 * @returns {() => void} keeps what waits, now: before another picture is opened
 */
export function keepLooks(session) {
  let timer = 0;
  /** @type {string|null} */
  let waiting = null;
  let told = "";
  let retouched = false;

  function put() {
    clearTimeout(timer);
    const id = waiting;
    waiting = null;
    const { facts, mode, kept, strokes } = session.now;
    if (!id || facts?.id !== id) return;
    /** @type {{look?: import("./types.js").Look|null, kept?: number[]}} */
    const chosen = {};
    // All sharp is a way to look at a picture, not a choice in it, unless it was retouched: the place chosen last stays kept.
    if (mode !== "all" || strokes.length || retouched) chosen.look = session.look();
    retouched = strokes.length > 0;
    // Only what was changed here: another tab may keep other frames.
    const frames = kept.map((slot) => facts.frames[slot] ?? slot);
    const before = told;
    if (JSON.stringify(frames) !== told) chosen.kept = frames;
    told = JSON.stringify(frames);
    if (!Object.keys(chosen).length) return;
    send("PUT", `${sweepPath(id)}/look`, chosen).catch(() => { if (chosen.kept) told = before; });
  }

  session.store.watch(["facts"], ({ facts }) => { told = JSON.stringify(facts?.kept ?? []); retouched = Boolean(facts?.look?.retouch); });

  session.changed = () => {
    const { facts } = session.now;
    if (facts?.state !== "ready") return;
    waiting = facts.id;
    clearTimeout(timer);
    timer = setTimeout(put, WAIT);
  };
  addEventListener("pagehide", put);
  return put;
}
