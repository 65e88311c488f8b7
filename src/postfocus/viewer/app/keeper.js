// @ts-check
/** The look is kept beside the picture a moment after each change, and found again next time. */

import { send } from "./api.js";

const WAIT = 800;

/** @param {import("./session.js").Session} session */
export function keepLooks(session) {
  let timer = 0;
  /** @type {{id: string, words: string}|null} */
  let next = null;

  function put() {
    clearTimeout(timer);
    if (!next) return;
    const { id, words } = next;
    next = null;
    send("PUT", `/api/sweeps/${encodeURIComponent(id)}/look`, { look: JSON.parse(words) }).catch(() => undefined);
  }

  session.changed = () => {
    const { facts } = session.now;
    if (facts?.state !== "ready") return;
    next = { id: facts.id, words: JSON.stringify(session.look()) };
    clearTimeout(timer);
    timer = setTimeout(put, WAIT);
  };
  addEventListener("pagehide", put);
  return put;
}
