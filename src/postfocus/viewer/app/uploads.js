// @ts-check
/** Files that were dropped or chosen travel to the server, with progress and a way to stop. */

import { ServerGone, ServerSaysNo, send } from "./api.js";
import { number, t } from "./words.js";

/** @typedef {{name: string, file: File}} Chosen */
/** @typedef {{done: number, total: number, secondsLeft: number|null, files: {name: string, done: number, size: number}[]}} Progress */

/**
 * All files of what was dropped, folders opened; names hold the path inside the folder.
 * @param {DataTransfer} data
 * @returns {Promise<Chosen[]>}
 */
export async function droppedFiles(data) {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry !== null && entry !== undefined);
  if (entries.length === 0) return [...data.files].map((file) => ({ name: file.name, file }));
  const found = await Promise.all(entries.map((entry) => walk(entry, "")));
  return found.flat();
}

/** @param {FileSystemEntry} entry @param {string} under @returns {Promise<Chosen[]>} */
async function walk(entry, under) {
  const name = `${under}${entry.name}`;
  if (entry.name.startsWith(".")) return [];
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
    return [{ name, file }];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {Chosen[]} */
  const found = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found;
    for (const inner of some) found.push(...(await walk(inner, `${name}/`)));
  }
}

/** Files of an `<input type="file">`. @param {FileList|null} files @returns {Chosen[]} */
export function chosenFiles(files) {
  return [...(files ?? [])].filter((file) => !file.name.startsWith(".")).map((file) => ({ name: file.webkitRelativePath || file.name, file }));
}

/** Refuse what is too much before a byte travels. @param {Chosen[]} chosen @param {{max_bytes: number, max_files: number}} limit */
function check(chosen, limit) {
  const gigabytes = (/** @type {number} */ bytes) => number(bytes / 1e9, 1);
  if (limit.max_files && chosen.length > limit.max_files) {
    throw new ServerSaysNo(413, { title: t("too many"), text: t("too many text", { n: number(chosen.length), l: number(limit.max_files) }) });
  }
  const total = chosen.reduce((sum, { file }) => sum + file.size, 0);
  if (limit.max_bytes && total > limit.max_bytes) {
    const name = chosen.length === 1 ? (chosen[0]?.name ?? "") : t("receiving");
    throw new ServerSaysNo(413, { title: t("too large"), text: t("too large text", { name, g: gigabytes(total), l: gigabytes(limit.max_bytes) }) });
  }
}

/**
 * @param {Chosen[]} chosen
 * @param {{max_bytes: number, max_files: number}} limit
 * @param {(progress: Progress) => void} tell
 * @param {AbortSignal} signal
 * @returns {Promise<{sweeps: string[], words: string}>}
 */
export async function upload(chosen, limit, tell, signal) {
  check(chosen, limit);
  const { id } = await send("POST", "/api/uploads", { files: chosen.map(({ name, file }) => ({ name, size: file.size })) }, signal);
  const root = `/api/uploads/${encodeURIComponent(id)}`;
  const files = chosen.map(({ name, file }) => ({ name, done: 0, size: file.size }));
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const start = performance.now();
  const say = () => {
    const done = files.reduce((sum, file) => sum + file.done, 0);
    const spent = (performance.now() - start) / 1000;
    tell({ done, total, files, secondsLeft: done > 0 && spent > 1 ? (spent * (total - done)) / done : null });
  };
  try {
    for (const [index, { file }] of chosen.entries()) {
      const entry = /** @type {{done: number}} */ (files[index]);
      await put(`${root}/${index}`, file, (done) => { entry.done = done; say(); }, signal);
      entry.done = file.size;
      say();
    }
    return await send("POST", `${root}/done`, undefined, signal);
  } catch (error) {
    send("DELETE", root).catch(() => undefined);
    throw error;
  }
}

/** `fetch` cannot say how much was sent; this can. @param {string} path @param {File} file @param {(done: number) => void} tell @param {AbortSignal} signal @returns {Promise<void>} */
function put(path, file, tell, signal) {
  return new Promise((resolve, reject) => {
    const line = new XMLHttpRequest();
    line.open("PUT", path);
    line.setRequestHeader("X-Postfocus", "1");
    line.setRequestHeader("Content-Type", "application/octet-stream");
    line.upload.onprogress = (event) => tell(event.loaded);
    line.onload = () => (line.status < 300 ? resolve() : reject(refusal(line)));
    line.onerror = () => reject(new ServerGone());
    line.onabort = () => reject(new DOMException("stopped", "AbortError"));
    signal.addEventListener("abort", () => line.abort());
    if (signal.aborted) line.abort();
    else line.send(file);
  });
}

/** @param {XMLHttpRequest} line */
function refusal(line) {
  try {
    return new ServerSaysNo(line.status, JSON.parse(line.responseText).error);
  } catch {
    return new ServerSaysNo(line.status, { title: "", text: "", detail: `${line.status}` });
  }
}
