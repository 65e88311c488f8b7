// @ts-check
/** Dropping on the page, choosing files or a folder, and the progress of what arrives. */

import { send } from "./api.js";
import { action } from "./controls.js";
import { attr, h, icon, text } from "./dom.js";
import { seconds } from "./status.js";
import { toast } from "./toasts.js";
import { troubleToast } from "./trouble.js";
import { chosenFiles, droppedFiles, upload } from "./uploads.js";
import { megabytes, number, t } from "./words.js";

/** @typedef {import("./choice.js").State} State */
/** @typedef {import("./uploads.js").Chosen} Chosen */

const LISTED = 6;

export class Receiver {
  /** @param {import("./state.js").Store<State>} store @param {(sweeps: string[]) => void} arrived */
  constructor(store, arrived) {
    this.store = store;
    this.arrived = arrived;
    /** @type {AbortController|null} */
    this.running = null;
  }

  /** Let the whole window take drops. */
  start() {
    const root = document.documentElement;
    const files = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
    /** Taken in either event: when the page changes under the drag, only an entry comes before the drop. */
    const take = (/** @type {DragEvent} */ event) => {
      if (!files(event)) return;
      event.preventDefault();
      root.dataset.drop = "over";
    };
    addEventListener("dragenter", take);
    addEventListener("dragover", take);
    addEventListener("dragleave", (event) => {
      // What is left for something else on the page is not left; nor are parts of it that are gone already.
      // Older Safari never says what for: there the next "dragover" takes it back.
      if (event.relatedTarget === null) delete root.dataset.drop;
    });
    addEventListener("drop", (event) => {
      delete root.dataset.drop;
      if (!event.dataTransfer || !files(event)) return;
      event.preventDefault();
      droppedFiles(event.dataTransfer).then((chosen) => this.take(chosen), troubleToast);
    });
  }

  /** Ask for files, or for a folder. @param {boolean} folder */
  choose(folder) {
    const input = h("input", { type: "file", multiple: true, webkitdirectory: folder });
    input.addEventListener("change", () => void this.take(chosenFiles(input.files)));
    input.click();
  }

  /** The sample picture of the house. */
  async sample() {
    const away = toast(t("sample wait"), null, { stays: true });
    try {
      const answer = await send("POST", "/api/sample");
      this.arrived(answer?.sweeps ?? (answer?.id ? [answer.id] : []));
    } catch (error) {
      troubleToast(error);
      return;
    }
    away();
  }

  /** @param {Chosen[]} chosen */
  async take(chosen) {
    if (chosen.length === 0 || this.running) return;
    const running = new AbortController();
    this.running = running;
    const view = progressView(() => running.abort());
    document.getElementById("float")?.append(view.node);
    view.node.showModal();
    try {
      const { sweeps, words } = await upload(chosen, this.store.now.upload, view.show, running.signal);
      if (words) toast(words);
      this.arrived(sweeps);
    } catch (error) {
      if (running.signal.aborted) toast(t("toast cancelled"));
      else troubleToast(error);
    } finally {
      this.running = null;
      view.node.close();
      view.node.remove();
    }
  }
}

/** @param {() => void} stop */
function progressView(stop) {
  const line = h("p", { class: "about", role: "status" });
  const bar = h("progress", { class: "progress", max: 100, value: 0, "aria-label": t("receiving") });
  const list = h("ul", { class: "arriving" });
  const node = h("dialog", { class: "dialog receiving", "aria-label": t("receiving") },
    h("h2", {}, t("receiving")), bar, line, list, h("div", { class: "row end" }, action(t("cancel"), stop, "edged")));
  node.addEventListener("cancel", (event) => {
    event.preventDefault();
    stop();
  });
  /** @param {import("./uploads.js").Progress} progress */
  function show({ done, total, secondsLeft, files }) {
    const s = seconds(secondsLeft);
    const values = { a: megabytes(done), b: megabytes(total) };
    bar.value = total ? (100 * done) / total : 0;
    text(line, s ? t("received left", { ...values, s }) : t("received", values));
    const waiting = files.filter((file) => file.done < file.size);
    const rows = waiting.slice(0, LISTED).map((file) =>
      h("li", {}, h("bdi", {}, file.name), h("progress", { class: "progress", max: Math.max(1, file.size), value: file.done, "aria-label": file.name })));
    if (waiting.length > LISTED) rows.push(h("li", {}, t("files more", { n: number(waiting.length - LISTED) })));
    list.replaceChildren(...rows);
  }
  return { node, show };
}

/**
 * The page of somebody who has opened nothing yet.
 * @param {import("./state.js").Store<State>} store
 * @param {Receiver} receiver
 */
export function emptyPage(store, receiver) {
  const sample = h("button", { type: "button", class: "action link", onclick: () => void receiver.sample() }, t("sample"));
  store.watch(["sample"], (now) => attr(sample, "hidden", !now.sample));
  const art = h("div", { class: "art", "aria-hidden": "true" }, h("i"), h("i"), h("i", {}, icon("place", "found")));
  return h("main", { class: "drop" }, h("div", { class: "drop-area" },
    h("div", { class: "drop-middle" }, art,
      h("h2", { class: "drop-title" }, h("span", { class: "calm" }, t("drop")), h("span", { class: "over" }, t("drop over"))),
      h("p", {}, t("drop text")),
      h("div", { class: "row centre" }, action(t("choose files"), () => receiver.choose(false)), action(t("choose folder"), () => receiver.choose(true), "edged")),
      sample),
    h("p", { class: "promise" }, t("promise"))));
}
