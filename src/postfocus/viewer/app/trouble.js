// @ts-check
/** When nothing can be shown: what happened, why, and what to do now. */

import { ServerGone, ServerSaysNo } from "./api.js";
import { action, button } from "./controls.js";
import { h, icon } from "./dom.js";
import { showKeys } from "./keys-panel.js";
import { toast } from "./toasts.js";
import { t } from "./words.js";

/** @typedef {import("./types.js").Trouble} Trouble */

/**
 * Any failure as a title and a text.
 * @param {unknown} error
 * @returns {Trouble}
 */
export function troubleOf(error) {
  if (error instanceof ServerGone) return { title: t("closed short"), text: t("toast closed") };
  if (error instanceof ServerSaysNo) {
    if (error.status === 403 && !error.trouble.title) return { title: t("no key"), text: t("no key text") };
    if (error.trouble.title) return error.trouble;
    return { ...error.trouble, title: t("wrong"), text: t("wrong text") };
  }
  const detail = error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error);
  return { title: t("wrong"), text: t("wrong text"), detail };
}

/** A failure in passing. @param {unknown} error */
export function troubleToast(error) {
  if (error instanceof DOMException && error.name === "AbortError") return;
  const { title, text, detail } = troubleOf(error);
  const copy = detail ? { word: t("copy details"), press: () => void copyDetails(detail) } : null;
  toast(text ? `${title}. ${text}` : title, copy, { alarm: true });
}

/** @param {string} detail */
async function copyDetails(detail) {
  try {
    await navigator.clipboard.writeText(detail);
    toast(t("details copied"));
  } catch {
    toast(t("toast no copy"));
  }
}

/** Where am I, and the way back. @param {string} name @param {() => void} back */
export function troubleHead(name, back) {
  return h("header", { class: "trouble-head" },
    button({ icon: "library", word: "sweeps", tip: "sweeps tip", key: "G", kind: "bare", press: back }), h("bdi", { class: "name" }, name),
    button({ icon: "help", word: "keys", key: "?", kind: "bare", press: showKeys }));
}

/**
 * @param {Trouble} trouble
 * @param {{word: string, press: () => void}[]} ways out, the main one first
 */
export function troubleCard(trouble, ways) {
  const buttons = ways.map(({ word, press }, i) => action(word, press, i === 0 ? "solid" : "edged"));
  const words = [trouble.title, trouble.text, trouble.detail ?? ""].filter(Boolean).join("\n");
  return h("main", {}, h("section", { class: "trouble", role: "alert" }, icon("warn", "none"), h("h1", {}, trouble.title), h("p", {}, trouble.text),
    h("div", { class: "row centre" }, ...buttons), action(t("copy details"), () => void copyDetails(words), "link")));
}
