// @ts-check
/** Nodes of the page, made without ever reading text as markup: names of files stay text. */

import { draw } from "../element/dom.js";

/** @typedef {Node|string|null|undefined|false} Child */

/**
 * An element with attributes, listeners (`onclick`) and children.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  fill(node, ...children);
  return node;
}

/**
 * Put children at the end of a node; empty ones are left out.
 * @param {Node} node
 * @param {...Child} children
 */
export function fill(node, ...children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    node.appendChild(typeof child === "string" ? document.createTextNode(child) : child);
  }
}

/**
 * One of our icons, unseen by screen readers.
 * @param {string} name
 * @param {string} [kind] extra class
 */
export function icon(name, kind = "") {
  const use = draw("use", { href: `#icon-${name}` });
  return draw("svg", { class: `icon ${kind}`.trim(), viewBox: "0 0 24 24", "aria-hidden": "true" }, use);
}

/** Our icons become part of the page once, so that they are there even when the server is gone. */
export async function loadIcons() {
  const words = await (await fetch("/viewer/icons.svg")).text();
  const sprite = document.importNode(new DOMParser().parseFromString(words, "image/svg+xml").documentElement, true);
  for (const symbol of sprite.querySelectorAll("symbol")) symbol.id = `icon-${symbol.id}`;
  sprite.setAttribute("class", "sprite");
  sprite.setAttribute("aria-hidden", "true");
  document.body.append(sprite);
}

/**
 * Set an attribute only if it differs, so that nothing is laid out anew for nothing.
 * @param {Element} node
 * @param {string} name
 * @param {string|number|boolean|null} value `null` and `false` remove it
 */
export function attr(node, name, value) {
  const now = node.getAttribute(name);
  if (value === null || value === false) {
    if (now !== null) node.removeAttribute(name);
  } else {
    const text = value === true ? "" : String(value);
    if (now !== text) node.setAttribute(name, text);
  }
}

/**
 * @param {Node} node
 * @param {string} value
 */
export function text(node, value) {
  if (node.textContent !== value) node.textContent = value;
}

/**
 * Hear an event of our own elements.
 * @param {HTMLElement} node
 * @param {string} name
 * @param {(detail: any) => void} run
 */
export function listen(node, name, run) {
  node.addEventListener(name, (event) => run(/** @type {CustomEvent} */ (event).detail));
}
