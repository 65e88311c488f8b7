// @ts-check
/** The look and the kept frames are kept beside the picture a moment after each change, and found again next time. */

import { send, sweepPath } from "./api.js";
import { slotsOfFrames } from "./choice.js";
import { factsOf } from "./session.js";

/** @typedef {import("./types.js").Look} Look */

const WAIT = 800;

/**
 * @param {import("./session.js").Session} session
 * @returns {() => void} keeps what waits, now: before another picture is opened
 */
export function keepLooks(session) {
  let timer = 0;
  /** @type {{id: string, look?: Look|null}|null} */
  let waiting = null;
  /** @type {number[]} frames kept, as the server knows */
  let told = [];
  let retouched = false;

  function put() {
    clearTimeout(timer);
    const changed = waiting;
    waiting = null;
    const { facts, kept } = session.now;
    if (!changed || facts?.id !== changed.id) return;
    /** @type {{look?: Look|null, kept?: number[], before?: number[]}} */
    const chosen = {};
    if (changed.look !== undefined) chosen.look = changed.look;
    // With what was known before: another tab may keep other frames.
    const frames = kept.map((slot) => facts.frames[slot] ?? slot);
    const before = told;
    if (String(frames) !== String(told)) Object.assign(chosen, { kept: frames, before });
    told = frames;
    if (!Object.keys(chosen).length) return;
    send("PUT", `${sweepPath(changed.id)}/look`, chosen).then(
      (answer) => known(changed.id, answer),
      () => { told = before; },
    );
  }

  /** What is kept of a picture now, by all tabs. @param {string} id @param {{kept?: readonly number[]}} answer */
  function known(id, { kept }) {
    const { facts } = session.now;
    if (waiting || facts?.id !== id || !kept || String(kept) === String(told)) return;
    told = [...kept];
    session.store.set({ kept: slotsOfFrames(facts, kept) });
  }

  /** Another tab may have kept frames meanwhile. */
  function ask() {
    const { facts } = session.now;
    if (document.hidden || waiting || facts?.state !== "ready") return;
    factsOf(facts.id).then((answer) => known(facts.id, answer), () => {}); // what matters is told when something is done
  }

  session.store.watch(["facts"], ({ facts }) => {
    told = [...(facts?.kept ?? [])];
    retouched = Boolean(facts?.look?.retouch);
  });

  session.changed = () => {
    const { facts, mode, strokes } = session.now;
    if (facts?.state !== "ready") return;
    if (waiting?.id !== facts.id) waiting = { id: facts.id };
    // All sharp is a way to look at a picture, not a choice in it, unless it was retouched: the place chosen last stays kept.
    if (mode !== "all" || strokes.length || retouched) waiting.look = session.look();
    retouched = strokes.length > 0;
    clearTimeout(timer);
    timer = setTimeout(put, WAIT);
  };
  addEventListener("pagehide", put);
  document.addEventListener("visibilitychange", ask);
  addEventListener("focus", ask);
  return put;
}
