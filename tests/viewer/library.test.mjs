// A sweep taken off the list comes back alone; a page that is told to rest comes back when it is looked at.
import assert from "node:assert/strict";
import test from "node:test";
import { listen } from "../../src/postfocus/viewer/app/events.js";
import { hide } from "../../src/postfocus/viewer/app/hidden.js";
import { Store } from "../../src/postfocus/viewer/app/state.js";

/** @param {string[]} ids */
const briefs = (...ids) => ids.map((id) => ({ id, state: "reading" }));
/** @param {Store<any>} store */
const ids = (store) => store.now.sweeps.map((/** @type {{id: string}} */ brief) => brief.id).join("");

test("what came meanwhile stays when a sweep is brought back", () => {
  const store = new Store({ sweeps: briefs("a", "b", "c") });
  const hidden = hide(store, "b");
  assert.equal(ids(store), "ac");
  store.set({ sweeps: [...store.now.sweeps, ...briefs("d")] });
  hidden.back();
  assert.equal(ids(store), "abcd");
});

test("news of a hidden sweep does not show it, and is not lost", () => {
  const store = new Store({ sweeps: briefs("a", "b") });
  const hidden = hide(store, "a");
  store.set({ sweeps: [...store.now.sweeps, { id: "a", state: "ready" }] });
  assert.equal(ids(store), "b");
  hidden.back();
  assert.equal(ids(store), "ab");
  assert.equal(store.now.sweeps[0]?.state, "ready");
});

test("what has gone is hidden no longer: the same may be opened again", () => {
  const store = new Store({ sweeps: briefs("a") });
  hide(store, "a").over();
  store.set({ sweeps: briefs("a") });
  assert.equal(ids(store), "a");
});

test("a page that is told to rest listens again when somebody looks at it", () => {
  /** @type {any[]} */
  const lines = [];
  /** @type {Record<string, () => void>} */
  const told = {};
  const listener = (/** @type {string} */ name, /** @type {() => void} */ run) => {
    told[name] = run;
  };
  const world = /** @type {any} */ (globalThis);
  world.document = { visibilityState: "hidden", addEventListener: listener };
  world.addEventListener = listener;
  world.EventSource = class {
    constructor() {
      /** @type {Record<string, (event: any) => void>} */
      this.heard = {};
      this.open = true;
      lines.push(this);
    }
    addEventListener(/** @type {string} */ name, /** @type {(event: any) => void} */ run) {
      this.heard[name] = run;
    }
    close() {
      this.open = false;
    }
  };
  const ignore = () => undefined;
  listen({ sweep: ignore, gone: ignore, job: ignore, closed: ignore });
  lines[0].heard.rest({});
  assert.equal(lines[0].open, false);
  told.visibilitychange?.();
  assert.equal(lines.length, 1);
  world.document.visibilityState = "visible";
  told.visibilitychange?.();
  assert.equal(lines.length, 2);
  told.focus?.();
  assert.equal(lines.length, 2);
});
