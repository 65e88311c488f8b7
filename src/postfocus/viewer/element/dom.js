// @ts-check
/** Elements without markup: text stays text. */

/** @template {keyof HTMLElementTagNameMap} K @param {K} tag @param {string} [name] @param {string} [text] @returns {HTMLElementTagNameMap[K]} */
export function make(tag, name = "", text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

/** @param {string} tag @param {Record<string, string>} attributes @param {...Element} inside @returns {SVGElement} */
export function draw(tag, attributes, ...inside) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}
