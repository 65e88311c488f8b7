// @ts-check
/** Where the reading of a sweep stands, in words. */

import { number, t } from "./words.js";

/** @typedef {import("./types.js").Facts} Facts */
/** @typedef {import("./types.js").Brief} Brief */

/** @param {number|null|undefined} seconds */
export function seconds(seconds) {
  return typeof seconds === "number" && Number.isFinite(seconds) ? number(Math.max(1, Math.ceil(seconds))) : null;
}

/** The line beside the name. @param {Facts|null} facts */
export function statusWords(facts) {
  if (!facts) return "";
  const s = seconds(facts.seconds_left);
  if (facts.state === "ready") {
    const whole = facts.expected ?? facts.count;
    const values = { n: number(facts.count), k: number(whole) };
    return t(whole > facts.count ? "frames of, near to far" : "frames near to far", values);
  }
  if (facts.state === "stopped") return t("stopped", { i: number(facts.done) });
  if (facts.state === "waiting") return t("waiting");
  if (facts.state === "failed") return facts.error?.title ?? t("wrong");
  if (facts.stage === "depth") return s ? t("measuring left", { s }) : t("measuring");
  if (!facts.total) return t("reading start");
  const values = { i: number(facts.done), n: number(facts.total) };
  return s ? t("reading left", { ...values, s }) : t("reading", values);
}

/** Why something is not there yet. @param {Facts|null} facts */
export function waitWords(facts) {
  const s = seconds(facts?.seconds_left);
  return s ? t("ready in", { s }) : t("ready soon");
}

/** Per cent of the reading. @param {Brief} brief */
export function readPercent(brief) {
  return brief.total ? Math.min(99, Math.floor((100 * brief.done) / brief.total)) : 0;
}
