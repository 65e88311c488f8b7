// @ts-check
/** Talking to the server: JSON there and back, errors as sentences. */

/** @typedef {import("./types.js").Trouble} Trouble */

/** An answer that says no, in words for people. */
export class ServerSaysNo extends Error {
  /**
   * @param {number} status
   * @param {Trouble} trouble
   */
  constructor(status, trouble) {
    super(trouble.title);
    this.name = "ServerSaysNo";
    this.status = status;
    this.trouble = trouble;
  }
}

/** The server did not answer at all: it was closed, or the network is gone. */
export class ServerGone extends Error {
  constructor() {
    super("no answer");
    this.name = "ServerGone";
  }
}

/** Where the server has a sweep. @param {string} id */
export const sweepPath = (id) => `/api/sweeps/${encodeURIComponent(id)}`;

/**
 * @param {string} path
 * @param {RequestInit} [init]
 * @returns {Promise<Response>}
 */
export async function ask(path, init = {}) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...init });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ServerGone();
  }
  if (!response.ok) throw new ServerSaysNo(response.status, await troubleIn(response));
  return response;
}

/**
 * @param {Response} response
 * @returns {Promise<Trouble>}
 */
async function troubleIn(response) {
  const detail = `${response.status} ${response.statusText} ${new URL(response.url).pathname}`;
  try {
    const body = await response.json();
    if (body?.error?.title) return { detail, text: "", ...body.error };
  } catch {
    return { title: "", text: "", detail };
  }
  return { title: "", text: "", detail };
}

/**
 * Get JSON.
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function get(path, signal) {
  return (await ask(path, signal ? { signal } : {})).json();
}

/**
 * Send JSON (or nothing) and read the JSON that comes back, if any.
 * @param {"POST"|"PUT"|"DELETE"} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function send(method, path, body, signal) {
  /** @type {Record<string, string>} */
  const headers = { "X-Postfocus": "1" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const init = {
    method, headers, body: body === undefined ? null : JSON.stringify(body), signal: signal ?? null,
    keepalive: method === "PUT", // what was chosen arrives though the page is being closed
  };
  const response = await ask(path, init);
  const words = await response.text();
  return words ? JSON.parse(words) : null;
}
