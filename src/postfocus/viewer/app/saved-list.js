// @ts-check
/** What was saved: a small picture, its name, where it lies now, and the way to it. */

import { attr, h, icon } from "./dom.js";
import { previewPath } from "./server-source.js";
import { megabytes, t } from "./words.js";

/** @typedef {import("./types.js").SavedFile} SavedFile */
/** @typedef {import("./types.js").Facts} Facts */

/** The frame, or the sign of the kind of merge. @param {SavedFile} file @param {Facts|null} facts */
function thumbOf({ slot, kind }, facts) {
  if (kind || typeof slot !== "number" || !facts) return h("span", { class: "saved-thumb" }, icon(kind === "range" ? "range" : "allsharp"));
  return h("span", { class: "saved-thumb" }, h("img", { alt: "", src: previewPath(facts, slot), decoding: "async" }));
}

/** @param {SavedFile} file */
export function placeWords(file) {
  if (file.url) return t("saved downloads");
  return file.folder ? t("saved in", { folder: file.folder }) : t("beside");
}

/** @param {SavedFile} file @param {Facts|null} facts */
function line(file, facts) {
  const what = h("div", { class: "saved-what", title: file.path ?? file.name },
    h("bdi", { class: "saved-name" }, file.name),
    h("span", { class: "saved-where" }, h("bdi", {}, placeWords(file)), h("span", { class: "saved-size" }, t("megabytes", { m: megabytes(file.bytes) }))));
  const right = file.url
    ? h("a", { class: "button bare", href: file.url, download: file.name, "aria-label": t("get", { name: file.name }) }, icon("save"))
    : icon("check", "found");
  return h("li", {}, thumbOf(file, facts), what, right);
}

/** The list, hidden while nothing was saved. */
export function savedList() {
  const list = h("ul", { class: "saved-list" });
  const node = h("section", { class: "saved" }, h("h3", { class: "caption" }, t("saved list")), list);
  /** @type {SavedFile[]|null} */
  let listed = null;
  return {
    node,
    /** @param {SavedFile[]} files @param {Facts|null} facts */
    show(files, facts) {
      attr(node, "hidden", files.length === 0);
      if (files === listed) return;
      const more = listed !== null && files.length > listed.length;
      listed = files;
      list.replaceChildren(...files.map((file) => line(file, facts)));
      if (more) list.firstElementChild?.scrollIntoView({ block: "nearest" });
    },
  };
}
