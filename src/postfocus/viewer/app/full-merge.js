// @ts-check
/** Merged pictures are drawn quickly from previews; from 100 % on and under the loupe, the server makes them at full size. */

import { ServerSaysNo, send, sweepPath } from "./api.js";
import { OVER } from "./events.js";
import { troubleToast } from "./trouble.js";

const WAIT = 400;
/** While it is being retouched: strokes come one after another. */
const LONG_WAIT = 2500;
const LOOK_AGAIN = 120;

/** @typedef {import("./types.js").Job} Job */
/** @typedef {import("./choice.js").State} State */

/**
 * @param {import("./state.js").Store<State>} store
 * @param {import("./session.js").Session} session
 * @returns {(job: Job) => void} to be told of merge jobs
 */
export function fullMerges(store, session) {
  let timer = 0;
  let wanted = "";
  /** @type {string|null} */
  let running = null;
  /** @type {Map<string, Job>} told before the answer came */
  const early = new Map();

  store.watch(["mode", "range", "asked", "strokes", "brushing", "percent", "zoomed", "loupe", "facts"], (now) => {
    clearTimeout(timer);
    const merged = now.mode === "all" || (now.mode === "range" && now.range !== null);
    const look = merged && now.facts?.state === "ready" ? session.look() : null;
    const key = look && now.facts ? `${now.facts.id} ${JSON.stringify(look)}` : "";
    if (key !== wanted) leave();
    const close = now.loupe > 0 || (now.zoomed && now.percent >= 100);
    if (!key || !close || key === wanted) return;
    timer = setTimeout(() => void start(key, look), now.brushing ? LONG_WAIT : WAIT);
  });

  let asking = 0;
  store.watch(["mode", "range", "comparing"], () => {
    clearTimeout(asking);
    const look = () => {
      if (running) return;
      const { mode, comparing } = store.now;
      const part = mode === "all" || comparing ? session.view.progress : 1;
      store.set({ merging: part < 1 ? Math.floor(100 * part) : null });
      if (part < 1) asking = setTimeout(look, LOOK_AGAIN);
    };
    asking = setTimeout(look, LOOK_AGAIN);
  });

  /** Another merge is looked at, or none: whoever comes back to this one asks again, and the server remembers. */
  function leave() {
    wanted = "";
    session.view.mergeKey = null;
    if (store.now.made) store.set({ made: null });
    if (!running) return;
    cancel(running);
    running = null;
    store.set({ merging: null });
  }

  /** @param {string} job */
  function cancel(job) {
    send("DELETE", `/api/jobs/${encodeURIComponent(job)}`).catch(() => undefined);
  }

  /** @param {string} key @param {unknown} look */
  async function start(key, look) {
    const id = store.now.facts?.id;
    if (!id) return;
    wanted = key;
    early.clear();
    store.set({ merging: 0 });
    try {
      const job = await send("POST", `${sweepPath(id)}/merge`, { look, size: "full" });
      if (wanted !== key) return cancel(job.id);
      running = job.id;
      told(early.get(job.id) ?? job);
    } catch (error) {
      if (wanted !== key) return;
      wanted = "";
      store.set({ merging: null });
      troubleToast(error);
    }
  }

  /** @param {Job} job */
  function told(job) {
    if (job.id !== running) {
      if (job.kind === "merge" && !running) early.set(job.id, job);
      return;
    }
    if (job.state === "running" && job.total) store.set({ merging: Math.floor((100 * job.done) / job.total) });
    if (job.state === "done" && job.result?.key) {
      session.view.mergeKey = job.result.key;
      const { notes = [], held = null, never_sharp = null, glow = null } = job.result;
      store.set({ made: { notes, held, never_sharp, glow } });
    }
    if (job.state === "failed" && job.error) troubleToast(new ServerSaysNo(500, job.error));
    if (OVER.includes(job.state)) {
      running = null;
      if (job.state !== "done") wanted = "";
      store.set({ merging: null });
    }
  }
  return told;
}
