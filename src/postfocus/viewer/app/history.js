// @ts-check
/** Undo and redo of what was chosen; quick changes of one kind count as one. */

/** @typedef {import("./choice.js").Choice} Choice */
/** @typedef {{what: string, choice: Choice}} Step */

/** Milliseconds within which steps along the bar are one; other changes are only one while a key repeats. */
const TOGETHER = 700;
const REPEATED = 200;
const LONGEST = 200;

export class History {
  constructor() {
    /** @type {Step[]} */
    this.past = [];
    /** @type {Step[]} */
    this.future = [];
    this.last = { what: "", when: 0 };
  }

  clear() {
    this.past = [];
    this.future = [];
    this.last = { what: "", when: 0 };
  }

  /**
   * Remember how it was before a change.
   * @param {string} what kind of change, a word of the words table
   * @param {Choice} before
   * @param {number} [now]
   */
  record(what, before, now = performance.now()) {
    const same = what === this.last.what && now - this.last.when < (what === "what frame" ? TOGETHER : REPEATED);
    this.last = { what, when: now };
    this.future = [];
    if (same) return;
    this.past.push({ what, choice: before });
    if (this.past.length > LONGEST) this.past.shift();
  }

  /** @param {Choice} present @returns {Choice|null} */
  undo(present) {
    return this.swap(this.past, this.future, present);
  }

  /** @param {Choice} present @returns {Choice|null} */
  redo(present) {
    return this.swap(this.future, this.past, present);
  }

  /** @param {Step[]} from @param {Step[]} to @param {Choice} present */
  swap(from, to, present) {
    const step = from.pop();
    if (!step) return null;
    to.push({ what: step.what, choice: present });
    this.last = { what: "", when: 0 };
    return step.choice;
  }
}
