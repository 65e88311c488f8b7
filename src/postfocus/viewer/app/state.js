// @ts-check
/** What the page knows, in one place; whoever shows a part of it is told when that part changes. */

/** @template {object} T */
export class Store {
  /** @param {T} start */
  constructor(start) {
    /** @type {T} */
    this.now = start;
    /** @type {Set<{keys: (keyof T)[], tell: (now: T) => void}>} */
    this.watchers = new Set();
  }

  /**
   * Change some values and tell those who watch them.
   * @param {Partial<T>} patch
   */
  set(patch) {
    const changed = new Set();
    for (const key of /** @type {(keyof T)[]} */ (Object.keys(patch))) {
      if (!Object.is(this.now[key], patch[key])) changed.add(key);
    }
    if (changed.size === 0) return;
    this.now = { ...this.now, ...patch };
    for (const watcher of [...this.watchers]) {
      if (this.watchers.has(watcher) && watcher.keys.some((key) => changed.has(key))) watcher.tell(this.now);
    }
  }

  /**
   * Be told now and at every change of these values.
   * @param {(keyof T)[]} keys
   * @param {(now: T) => void} tell
   * @returns {() => void} ends it
   */
  watch(keys, tell) {
    const watcher = { keys, tell };
    this.watchers.add(watcher);
    tell(this.now);
    return () => void this.watchers.delete(watcher);
  }
}
