// @ts-check
/** What to save, in which format, under which name; and the job that does it. */

import { send, sweepPath } from "./api.js";
import { recall, remember } from "./memory.js";

/** @typedef {import("./types.js").Job} Job */
/** @typedef {import("./choice.js").State} State */
/** @typedef {"frame"|"kept"|"range"|"all"} What */
/** @typedef {"stem"|"kind"|"frame"|"date"|"time"} Field of a name */

/**
 * @typedef {object} SaveForm
 * @property {What} what
 * @property {"jpg"|"png"|"tif"|"webp"|"avif"} format
 * @property {number} quality
 * @property {string} frameName template of single frames
 * @property {string} mergeName template of merged pictures
 * @property {"beside"|"download"} where
 * @property {boolean} replace
 * @property {boolean} location keep where the picture was taken
 */

export const FORMATS = /** @type {const} */ ([["jpg", "JPEG"], ["png", "PNG"], ["tif", "TIFF"], ["webp", "WebP"], ["avif", "AVIF"]]);

/** Bytes a pixel, by experience, at quality 95; only to say "about". */
const BYTES = { jpg: 0.5, png: 1.9, tif: 5.2, webp: 0.35, avif: 0.3 };

/** @returns {SaveForm} */
export function rememberedForm() {
  /** @type {SaveForm} */
  const form = {
    what: "frame", format: "jpg", quality: 95, frameName: "{stem}_focus-{frame}", mergeName: "{stem}_{kind}", where: "beside", replace: false, location: false,
  };
  try {
    const kept = JSON.parse(recall("save", "{}"));
    for (const name of /** @type {const} */ (["quality", "frameName", "mergeName", "where", "location"])) {
      if (typeof kept[name] === typeof form[name]) Object.assign(form, { [name]: kept[name] });
    }
    if (FORMATS.some(([format]) => format === kept.format)) form.format = kept.format;
  } catch {
    return form;
  }
  return form;
}

/** @param {SaveForm} form */
export function rememberForm({ format, quality, frameName, mergeName, where, location }) {
  remember("save", JSON.stringify({ format, quality, frameName, mergeName, where, location }));
}

/** Which choice is right for what is on screen. @param {State} now @param {boolean} kept opened from Keep */
export function rightWhat(now, kept = false) {
  if (kept && now.kept.length) return "kept";
  if (now.mode === "range" && now.range) return "range";
  return now.mode === "all" ? "all" : "frame";
}

/** Whether the choice is frames as they were taken, or a merge. @param {What} what */
export function merges(what) {
  return what === "range" || what === "all";
}

/** @param {SaveForm} form */
export function template(form) {
  return merges(form.what) ? form.mergeName : form.frameName;
}

/** @param {SaveForm} form @param {string} own */
export function setTemplate(form, own) {
  if (merges(form.what)) form.mergeName = own;
  else form.frameName = own;
}

/** The number of an input frame as names have it. @param {number} frame */
function digits(frame) {
  return String(frame).padStart(4, "0");
}

/**
 * Frames that the picture is made of, as names have them.
 * @param {SaveForm} form
 * @param {import("./session.js").Session} session
 */
function framesWords(form, session) {
  const { facts, at, range, kept } = session.now;
  const frameOf = (/** @type {number} */ slot) => facts?.frames[slot] ?? slot;
  if (!merges(form.what)) return digits(frameOf(form.what === "kept" ? (kept[0] ?? 0) : session.slotAt(Math.round(at))));
  const ends = form.what === "range" && range ? range.map(session.slotAt) : [facts?.sweep[0] ?? 0, facts?.sweep.at(-1) ?? 0];
  const frames = ends.map(frameOf);
  return `${digits(Math.min(...frames))}-${digits(Math.max(...frames))}`;
}

/**
 * What the fields of a name stand for now.
 * @param {SaveForm} form
 * @param {import("./session.js").Session} session
 * @returns {Record<Field, string>}
 */
export function fieldsOf(form, session) {
  const { facts } = session.now;
  const stem = (facts?.name ?? "").replace(/\.[A-Za-z0-9]{1,5}$/, "");
  const kind = { frame: "frame", kept: "frame", range: "range", all: "stack" }[form.what];
  const [date = "", time = ""] = (facts?.date ?? today()).split("T");
  return { stem, kind, frame: framesWords(form, session), date, time: time.slice(0, 8).replaceAll(":", "-") };
}

/** Now, where the camera does not say when: as the server does. */
function today() {
  const now = new Date();
  return new Date(now.getTime() - 60_000 * now.getTimezoneOffset()).toISOString();
}

/**
 * The name that a template gives, as the server will fill it in.
 * @param {SaveForm} form
 * @param {import("./session.js").Session} session
 */
export function nameOf(form, session) {
  const values = fieldsOf(form, session);
  const written = template(form).replace(/\{(stem|kind|frame|date|time)\}/g, (_, key) => values[/** @type {Field} */ (key)]);
  return `${written}.${form.format}`;
}

/** @param {SaveForm} form @param {number} width @param {number} height */
export function aboutBytes(form, width, height) {
  const lossy = form.format === "jpg" || form.format === "webp" || form.format === "avif";
  const share = lossy ? 0.1 + 0.9 * (form.quality / 95) ** 4 : 1;
  return width * height * BYTES[form.format] * share;
}

/**
 * Ask the server to save.
 * @param {import("./session.js").Session} session
 * @param {SaveForm} form
 * @returns {Promise<Job>}
 */
export async function startSaving(session, form) {
  const { facts, kept, at } = session.now;
  if (!facts) throw new Error("nothing is open");
  const { strokes } = session.now;
  const look = form.what === "all" ? { ...(strokes.length && { retouch: strokes }) } : session.look();
  // A look says by itself which frame it is; only an untouched picture, or kept frames, need their numbers.
  const bare = form.what === "frame" && (look === null || session.now.mode !== "place");
  const slots = form.what === "kept" ? kept : bare ? [session.slotAt(Math.round(at))] : [];
  return send("POST", `${sweepPath(facts.id)}/save`, {
    what: merges(form.what) ? "merge" : form.what,
    look: bare ? null : look,
    slots,
    format: form.format,
    quality: form.quality,
    name: template(form),
    where: facts.beside ? form.where : "download",
    replace: form.replace,
    location: form.location && facts.location === true,
  });
}

/** Let the browser fetch what was saved for download. @param {Job} job */
export function fetchSaved(job) {
  for (const file of job.result?.files ?? []) {
    if (!file.url) continue;
    const link = document.createElement("a");
    link.href = file.url;
    link.download = file.name;
    link.click();
  }
}
