// @ts-check
/** A sweep that was taken off the list can be brought back for a while, and with it nothing else changes. */

/** @typedef {import("./types.js").Brief} Brief */

/**
 * Hide a sweep. News of it may come until it is off the server's list, too: then it stays hidden, and comes
 * back as it is by then.
 * @template {{sweeps: Brief[]}} T
 * @param {import("./state.js").Store<T>} store
 * @param {string} id
 * @returns {{back: () => void, over: () => void}} show it again where it was; or hide it no longer, for it is gone
 */
export function hide(store, id) {
  const at = store.now.sweeps.findIndex((brief) => brief.id === id);
  /** @type {Brief|undefined} */
  let latest;
  const over = store.watch(["sweeps"], ({ sweeps }) => {
    const found = sweeps.find((brief) => brief.id === id);
    if (!found) return;
    latest = found;
    put(sweeps.filter((brief) => brief !== found));
  });

  /** @param {Brief[]} sweeps */
  function put(sweeps) {
    store.set(/** @type {Partial<T>} */ ({ sweeps }));
  }

  function back() {
    over();
    if (!latest) return;
    const sweeps = [...store.now.sweeps];
    sweeps.splice(at, 0, latest);
    put(sweeps);
  }

  return { back, over };
}
