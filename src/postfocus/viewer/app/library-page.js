// @ts-check
/** All sweeps as a contact sheet: sorted, searched, opened; reading goes on while one looks. */

import { send, sweepPath } from "./api.js";
import { action, button } from "./controls.js";
import { attr, fill, h, icon, text } from "./dom.js";
import { hide } from "./hidden.js";
import { makeCard } from "./library-card.js";
import { recall, remember } from "./memory.js";
import { menuLine, themeChoice } from "./more-menu.js";
import { namesOf } from "./naming.js";
import { popover } from "./popover.js";
import { emptyPage } from "./receive.js";
import { toast } from "./toasts.js";
import { troubleToast } from "./trouble.js";
import { number, t } from "./words.js";

/** @typedef {import("./types.js").Brief} Brief */
/** @typedef {import("./choice.js").State} State */

const SORTS = /** @type {const} */ (["oldest", "newest", "name"]);
/** @typedef {(typeof SORTS)[number]} Sort */

/** @type {Record<Sort, (a: Brief, b: Brief) => number>} */
const ORDER = {
  oldest: (a, b) => time(a) - time(b) || byName(a, b),
  newest: (a, b) => time(b) - time(a) || byName(a, b),
  name: byName,
};

/** @param {Brief} a @param {Brief} b */
function byName(a, b) {
  return a.name.localeCompare(b.name, undefined, { numeric: true });
}

/** @param {Brief} brief */
function time(brief) {
  const when = brief.date ? Date.parse(brief.date) : Number.NaN;
  return Number.isNaN(when) ? Number.MAX_SAFE_INTEGER : when;
}

/** @param {Brief[]} sweeps @param {string} query @param {Sort} sort */
export function chosenSweeps(sweeps, query, sort) {
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const fits = (/** @type {Brief} */ { name, file, folder, camera }) => {
    const all = `${name} ${file ?? ""} ${folder ?? ""} ${camera ?? ""}`.toLocaleLowerCase();
    return words.every((word) => all.includes(word));
  };
  return sweeps.filter(fits).sort(ORDER[sort]);
}

/**
 * @param {import("./state.js").Store<State>} store
 * @param {import("./receive.js").Receiver} receiver
 * @param {() => void} showKeys
 */
export function libraryPage(store, receiver, showKeys) {
  const kept = recall("sort", "oldest");
  let sort = SORTS.find((name) => name === kept) ?? "oldest";
  let query = "";
  /** @type {Map<string, ReturnType<typeof makeCard>>} */
  const cards = new Map();
  const count = h("span", { class: "status" });
  const grid = h("ul", { class: "cards" });
  const nothing = h("p", { class: "nothing", role: "status" });
  const search = h("input", { type: "search", class: "input", placeholder: t("search short"), "aria-label": t("search"), autocomplete: "off", spellcheck: "false", oninput: () => { query = search.value; show(store.now); } });
  const order = sortButton(() => sort, (next) => { sort = next; remember("sort", next); show(store.now); });
  const open = action(t("open"), () => undefined);
  popover(open, () => openMenu(receiver));
  const empty = emptyPage(store, receiver);
  const title = h("h1", {});
  const tools = h("div", { class: "library-tools" }, h("span", { class: "search" }, icon("search"), search), order, open);
  const sun = button({ icon: "sun", word: "theme", kind: "bare" });
  popover(sun, themeChoice);
  const head = h("header", { class: "library-head" }, title, count, tools, sun, button({ icon: "help", word: "keys", key: "?", kind: "bare", press: showKeys }));
  const main = h("main", { class: "library-main", "aria-label": t("sweeps") }, grid, nothing);
  const page = h("div", { class: "library" }, head, main, empty);
  grid.addEventListener("keydown", (event) => move(event, grid));

  /** @param {State} now */
  function show({ sweeps, folder }) {
    const any = sweeps.length > 0;
    text(title, any ? t("sweeps") : t("app"));
    for (const node of [tools, count, main]) attr(node, "hidden", !any);
    attr(empty, "hidden", any);
    text(count, folder ? t("count in folder", { n: number(sweeps.length), folder }) : number(sweeps.length));
    const chosen = chosenSweeps(sweeps, query, sort);
    text(nothing, any && chosen.length === 0 ? t("nothing matches", { q: query }) : "");
    for (const id of [...cards.keys()]) if (!sweeps.some((brief) => brief.id === id)) cards.delete(id);
    const names = namesOf(sweeps);
    const nodes = chosen.map((brief) => {
      const card = cards.get(brief.id) ?? makeCard(brief.id, (id) => removeSweep(store, id));
      cards.set(brief.id, card);
      card.show(brief, names.get(brief.id) ?? brief.name, folder);
      return card.node;
    });
    if (nodes.length !== grid.children.length || nodes.some((node, i) => grid.children[i] !== node)) grid.replaceChildren(...nodes);
  }
  store.watch(["sweeps", "folder"], show);
  return page;
}

/** Off the list, with a way back for a while; the files are untouched. @param {import("./state.js").Store<State>} store @param {string} id */
export function removeSweep(store, id) {
  const hidden = hide(store, id);
  let undone = false;
  toast(t("toast removed"), { word: t("undo"), press: () => { undone = true; hidden.back(); } });
  setTimeout(() => {
    if (!undone) send("DELETE", sweepPath(id)).catch(troubleToast).finally(hidden.over);
  }, 10_000);
}

/** @param {() => Sort} now @param {(sort: Sort) => void} choose */
function sortButton(now, choose) {
  const node = button({ icon: "sort", word: "sort oldest", tip: "sort tip" });
  const name = () => {
    const word = node.querySelector(".word");
    if (word) text(word, t(`sort ${now()}`));
  };
  popover(node, () => {
    const box = h("div", { class: "menu" });
    for (const sort of SORTS) {
      const line = h("button", { type: "button", class: "button line", "aria-pressed": String(sort === now()) }, h("span", { class: "word" }, t(`sort ${sort}`)));
      line.addEventListener("click", () => {
        choose(sort);
        name();
        line.dispatchEvent(new CustomEvent("pf-close", { bubbles: true }));
      });
      fill(box, line);
    }
    return box;
  });
  name();
  return node;
}

/** @param {import("./receive.js").Receiver} receiver */
function openMenu(receiver) {
  return h("div", { class: "menu" },
    menuLine("video", "choose files", () => receiver.choose(false)),
    menuLine("open", "choose folder", () => receiver.choose(true)),
    menuLine("place", "sample", () => void receiver.sample()));
}

/** Arrows move among the cards as they lie. @param {KeyboardEvent} event @param {HTMLElement} grid */
function move(event, grid) {
  const links = [...grid.querySelectorAll("a")];
  const from = links.indexOf(/** @type {HTMLAnchorElement} */ (document.activeElement));
  const first = links[0];
  if (from < 0 || !first) return;
  const top = first.getBoundingClientRect().top;
  const columns = Math.max(1, links.filter((link) => Math.abs(link.getBoundingClientRect().top - top) < 4).length);
  const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
  const to = by === undefined ? { Home: 0, End: links.length - 1 }[event.key] : from + by;
  const link = to === undefined ? undefined : links[to];
  if (!link) return;
  event.preventDefault();
  link.focus();
}
