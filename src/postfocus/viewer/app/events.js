// @ts-check
/** News from the server as it happens: reading, jobs, the end. */

/** @typedef {import("./types.js").Brief} Brief */
/** @typedef {import("./types.js").Job} Job */

/**
 * @typedef {object} News
 * @property {(brief: Brief) => void} sweep
 * @property {(id: string) => void} gone
 * @property {(job: Job) => void} job
 * @property {(closed: boolean) => void} closed the server went away, or is back
 */

/** States that a job does not leave again. */
export const OVER = ["done", "failed", "cancelled"];

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;

/**
 * Listen until told to stop. A lost line is taken up again; after `closing` or a second failure in a row
 * the page is told that postfocus is closed, and told again when it answers. A page that is told to rest
 * listens again when somebody looks at it.
 * @param {News} news
 * @returns {{again: () => void, stop: () => void}}
 */
export function listen(news) {
  /** @type {EventSource|null} */
  let line = null;
  let wait = FIRST_WAIT;
  let failures = 0;
  let timer = 0;
  let resting = false;

  function connect() {
    clearTimeout(timer);
    line?.close();
    resting = false;
    line = new EventSource("/api/events");
    line.onopen = () => {
      wait = FIRST_WAIT;
      failures = 0;
      news.closed(false);
    };
    line.onerror = () => retry();
    line.addEventListener("sweep", (event) => news.sweep(JSON.parse(event.data)));
    line.addEventListener("gone", (event) => news.gone(JSON.parse(event.data).id));
    line.addEventListener("job", (event) => news.job(JSON.parse(event.data)));
    line.addEventListener("closing", () => {
      failures = 2;
      news.closed(true);
    });
    // More pages are open than can be told: who came back at once would push out the next.
    line.addEventListener("rest", () => {
      line?.close();
      resting = true;
    });
  }

  function wake() {
    if (resting && document.visibilityState === "visible") connect();
  }

  function retry() {
    line?.close();
    failures += 1;
    if (failures >= 2) news.closed(true);
    clearTimeout(timer);
    timer = setTimeout(connect, wait);
    wait = Math.min(LONGEST_WAIT, wait * 2);
  }

  connect();
  document.addEventListener("visibilitychange", wake);
  addEventListener("focus", wake);
  return {
    again: connect,
    stop: () => {
      document.removeEventListener("visibilitychange", wake);
      removeEventListener("focus", wake);
      clearTimeout(timer);
      line?.close();
    },
  };
}
