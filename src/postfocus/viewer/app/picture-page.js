// @ts-check
/** The page of one picture: the picture itself, what should be sharp below it, how to look at it above. */

import { send, sweepPath } from "./api.js";
import { connectBar } from "./bar-link.js";
import { brushHand } from "./brush-hand.js";
import { action, button } from "./controls.js";
import { attr, fill, h, text } from "./dom.js";
import { madeNotes, markedMap } from "./made.js";
import { modes } from "./modes.js";
import { moreButton } from "./more-menu.js";
import { navigator } from "./navigator.js";
import { notesButton } from "./notes.js";
import { keepButton, readout, zoomControl } from "./readout.js";
import { retouchBar, retouchButton } from "./retouch-bar.js";
import { statusWords } from "./status.js";
import { troubleToast } from "./trouble.js";
import { viewTools } from "./view-tools.js";
import { t } from "./words.js";

/** @typedef {import("./choice.js").State} State */
/** @typedef {import("./actions.js").Actions} Actions */

/**
 * @param {import("./state.js").Store<State>} store
 * @param {import("./session.js").Session} session
 * @param {Actions} act
 */
export function picturePage(store, session, act) {
  const stage = h("main", { class: "stage" }, session.view, markedMap(store, session.view), legend(store), madeNotes(store), navigator(store, session), retouchBar(store, act.brush));
  brushHand(store, act.brush, stage);
  const dock = h("section", { class: "dock bars", "aria-label": t("modes") });
  const top = h("header", { class: "top bars" });
  const page = h("div", { class: "picture-page" }, stage, dock, top);
  const parts = makeParts(store, session, act);
  store.watch(["layout"], ({ layout }) => {
    dock.replaceChildren();
    top.replaceChildren();
    ({ wide: arrangeWide, upright: arrangeUpright, low: arrangeLow })[layout](parts, top, dock);
  });
  store.watch(["facts", "closed"], (now) => {
    attr(page, "data-closed", now.closed);
    attr(session.view, "aria-label", now.facts ? t("picture label", { name: now.facts.name }) : null);
  });
  return page;
}

/** @typedef {ReturnType<typeof makeParts>} Parts */

/**
 * @param {import("./state.js").Store<State>} store
 * @param {import("./session.js").Session} session
 * @param {Actions} act
 */
function makeParts(store, session, act) {
  const undo = button({ icon: "undo", word: "undo", key: "Ctrl Z", kind: "bare", press: () => act.undo() });
  const redo = button({ icon: "redo", word: "redo", key: "Ctrl Y", kind: "bare", press: () => act.redo() });
  store.watch(["undo", "redo"], (now) => {
    for (const [node, word, tip, what] of /** @type {const} */ ([[undo, "undo", "undo tip", now.undo], [redo, "redo", "redo tip", now.redo]])) {
      attr(node, "aria-disabled", what === null ? "true" : null);
      node.dataset.tip = what ? t(tip, { what: t(/** @type {import("./words.js").Word} */ (what)) }) : t(word);
    }
  });
  const save = action(t("save"), () => act.panel("save"));
  save.classList.add("save");
  save.dataset.tip = t("save tip");
  save.dataset.key = "S";
  store.watch(["panel"], ({ panel }) => attr(save, "aria-expanded", String(panel === "save")));
  const sweeps = (/** @type {string} */ kind) =>
    button({ icon: "library", word: "sweeps", tip: "sweeps tip", key: "G", kind, press: () => act.library() });
  return {
    store, undo, redo, save, sweeps,
    lead: lead(store),
    tools: (/** @type {string} */ kind) => viewTools(store, act, kind),
    modes: modes(store, (mode) => act.mode(mode)),
    retouch: (/** @type {string} */ kind) => retouchButton(store, () => act.retouch(), kind),
    bar: connectBar(store, session),
    readout: readout(store, session),
    keep: (/** @type {string} */ kind) => keepButton(store, session, act, kind),
    zoom: zoomControl(store, act),
    full: button({ icon: "full", word: "full screen", key: "F", kind: "bare", press: () => act.full() }),
    keys: button({ icon: "help", word: "keys", key: "?", kind: "bare", press: () => act.keys() }),
    more: (/** @type {string} */ kind) => moreButton(store, act, kind),
  };
}

/** What the colours of the depth overlay mean. @param {import("./state.js").Store<State>} store */
function legend(store) {
  const parts = [h("span", {}, t("legend near")), h("i", { class: "ramp" }), h("span", {}, t("legend far")), h("i", { class: "hatch" }), h("span", {}, t("legend unsure"))];
  const node = h("div", { class: "legend", role: "img", "aria-label": t("legend") }, ...parts);
  store.watch(["depthShown", "comparing", "facts"], (now) => attr(node, "hidden", !now.depthShown || !now.facts));
  return node;
}

/** Name, and where its reading stands. @param {import("./state.js").Store<State>} store */
function lead(store) {
  const name = h("h1", { class: "name" });
  const line = h("span", { class: "status" });
  const cancel = action(t("cancel"), () => void reading("stop"), "edged");
  const goOn = action(t("go on"), () => void reading("read"), "edged");
  const reading = async (/** @type {string} */ verb) => {
    if (store.now.facts) await send("POST", `${sweepPath(store.now.facts.id)}/${verb}`).catch(troubleToast);
  };
  const node = h("div", { class: "lead" }, h("bdi", { class: "namebox" }, name), line, notesButton(store), cancel, goOn);
  store.watch(["facts"], ({ facts }) => {
    text(name, facts?.name ?? "");
    const file = facts?.file ?? facts?.name ?? "";
    name.title = facts?.folder ? `${facts.folder} / ${file}` : file;
    text(line, statusWords(facts));
    attr(node, "data-ready", facts?.state === "ready");
    attr(cancel, "hidden", facts?.state !== "reading");
    attr(goOn, "hidden", facts?.state !== "stopped");
  });
  return node;
}

/** @param {Parts} parts @param {HTMLElement} top @param {HTMLElement} dock */
function arrangeWide(parts, top, dock) {
  const tools = parts.tools("tool");
  fill(dock, parts.bar.near("tall end"), parts.bar.bar, parts.bar.far("tall end"), parts.modes);
  fill(dock, h("div", { class: "aside" }, parts.readout, h("div", { class: "asiderow" }, parts.keep("tool"), h("i", { class: "rule" }), parts.zoom)));
  const group = h("div", { class: "view-tools", role: "group", "aria-label": t("view tools") }, tools.peaking, tools.loupe, tools.depth, tools.compare);
  const change = h("div", { class: "view-tools" }, parts.retouch("tool"));
  fill(top, group, h("i", { class: "rule" }), change, parts.undo, parts.redo, parts.full, parts.keys, parts.more("bare"), parts.save);
  fill(top, parts.sweeps("bare sweeps"), parts.lead);
}

/** @param {Parts} parts @param {HTMLElement} top @param {HTMLElement} dock */
function arrangeUpright(parts, top, dock) {
  const tools = parts.tools("tall");
  fill(dock, parts.bar.bar, parts.modes);
  fill(dock, h("div", { class: "readline" }, parts.bar.near("tool"), parts.readout, parts.bar.far("tool end")));
  fill(dock, h("div", { class: "view-tools", role: "group", "aria-label": t("view tools") }, tools.peaking, tools.loupe, tools.depth, tools.compare, parts.keep("tall")));
  fill(top, parts.more("bare"), parts.save, parts.sweeps("bare sweeps"), parts.lead);
}

/** @param {Parts} parts @param {HTMLElement} top @param {HTMLElement} dock */
function arrangeLow(parts, top, dock) {
  const tools = parts.tools("tall");
  fill(dock, h("div", { class: "well" }, parts.bar.bar, parts.readout));
  fill(dock, h("div", { class: "rail left" }, parts.modes, parts.sweeps("tall"), parts.bar.near("tall end")));
  fill(top, parts.lead, h("div", { class: "rail right" }, parts.save, parts.keep("tall"), tools.compare, parts.more("tall"), parts.bar.far("tall end")));
}
