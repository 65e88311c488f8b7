// @ts-check
/** What a person should know of a sweep: said once, when it is opened first, and kept behind a small sign in the top bar. */

import { send, sweepPath } from "./api.js";
import { dialog } from "./dialog.js";
import { attr, h, icon, text } from "./dom.js";
import { recall, remember } from "./memory.js";
import { popover } from "./popover.js";
import { toast } from "./toasts.js";
import { troubleToast } from "./trouble.js";
import { number, t } from "./words.js";

/** @typedef {import("./types.js").Facts} Facts */
/** @typedef {import("./choice.js").State} State */

/** Notes that a toast says in full. */
const SAID = 2;
/** Sweeps of which the browser remembers that their notes were said. */
const REMEMBERED = 300;

/**
 * As sentences, what concerns the picture itself first.
 * @param {Facts|null} facts
 * @returns {string[]}
 */
export function notesOf(facts) {
  return (facts?.notes ?? []).map(sentence).reverse();
}

/** With a capital, unless it begins with the name of a file. @param {string} words */
export function sentence(words) {
  const trimmed = words.trim();
  const first = /^[^:]+\.\w+: /.test(trimmed) ? trimmed : trimmed.charAt(0).toLocaleUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

/** @param {number} count */
function countWords(count) {
  return count === 1 ? t("1 note") : t("n notes", { n: number(count) });
}

/** @param {Facts|null} facts */
function notesList(facts) {
  return h("ul", { class: "notes-list" }, ...notesOf(facts).map((words) => h("li", {}, icon("info"), h("span", {}, words))));
}

/** In the middle of everything, where there is no room for the sign. @param {Facts|null} facts */
export function showNotes(facts) {
  dialog("notes", countWords(notesOf(facts).length), notesList(facts));
}

/** The sign: how many notes there are; pressed, what they say. @param {import("./state.js").Store<State>} store */
export function notesButton(store) {
  const count = h("span", { class: "notes-count" });
  const node = h("button", { type: "button", class: "button notes" }, icon("info"), count);
  popover(node, () => notesList(store.now.facts));
  store.watch(["facts"], ({ facts }) => {
    const { length } = notesOf(facts);
    attr(node, "hidden", length === 0);
    text(count, number(length));
    attr(node, "aria-label", countWords(length));
    node.dataset.tip = countWords(length);
  });
  return node;
}

/** Whether the notes of a sweep, as it was read, are still to be said; from now on they are not. @param {Facts} facts */
function firstTime({ name, version }) {
  const own = `${version} ${name}`;
  const said = recall("said", "").split("\n").filter(Boolean);
  if (said.includes(own)) return false;
  remember("said", [...said, own].slice(-REMEMBERED).join("\n"));
  return true;
}

/** A word on what was found, once for each sweep; it makes way for a panel. @param {import("./state.js").Store<State>} store */
export function tellNotes(store) {
  const told = new Set();
  let away = () => {};
  store.watch(["facts", "panel"], ({ facts, panel }) => {
    if (panel || !facts) away();
    if (facts?.state !== "ready" || told.has(facts.version)) return;
    told.add(facts.version);
    if (facts.changed) away = tellChanged(facts);
    else if (facts.notes.length > 0 && firstTime(facts)) away = tell(facts);
  });
}

/** @param {Facts} facts */
function tell(facts) {
  const notes = notesOf(facts);
  const more = notes.length - SAID;
  const words = notes.slice(0, SAID).join(" ");
  return more > 0 ? toast(`${words} ${t("more notes", { n: number(more) })}`, { word: t("show"), press: () => showNotes(facts) }) : toast(words);
}

/** What is shown was read from other files than those that lie there now. @param {Facts} facts */
function tellChanged({ id, name }) {
  const again = () => void send("POST", `${sweepPath(id)}/read`).catch(troubleToast);
  return toast(t("changed", { name }), { word: t("read again"), press: again }, { stays: true, alarm: true });
}
