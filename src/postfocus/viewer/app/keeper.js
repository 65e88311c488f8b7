// @ts-check
/** The look is kept beside the picture a moment after each change, and found again next time. */

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

  function put() {
    clearTimeout(timer);
    const id = waiting;
    waiting = null;
    // All sharp is a way to look at a picture, not a choice in it: the place chosen last stays kept.
    if (!id || session.now.facts?.id !== id || session.now.mode === "all") return;
    send("PUT", `${sweepPath(id)}/look`, { look: session.look() }).catch(() => undefined);
  }

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
