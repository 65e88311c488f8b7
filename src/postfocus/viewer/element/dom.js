// @ts-check
/** Elements without markup: text stays text. */

/** @template {keyof HTMLElementTagNameMap} K @param {K} tag @param {string} [name] @param {string} [text] @returns {HTMLElementTagNameMap[K]} */
export function make(tag, name = "", text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

/** Colours without a mark between them, 0..1. @param {string} hex */
export const parts = (hex) => (hex.match(/../g) ?? []).map((two) => Number.parseInt(two, 16) / 255);

/** Words in two weights. @param {HTMLElement} node @param {string} first @param {string} second */
export const put = (node, first, second) => node.replaceChildren(make("b", "", first), ...(second ? [make("span", "", second)] : []));

/** @param {string} tag @param {Record<string, string|number>} attributes @param {...Element} inside @returns {SVGElement} */
export function draw(tag, attributes, ...inside) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...inside);
  return made;
}
