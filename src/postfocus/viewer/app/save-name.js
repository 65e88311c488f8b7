// @ts-check
/** The name of what is saved: first as it will be, then, for who wants another, as words and fields to put in. */

import { attr, h, text } from "./dom.js";
import { fieldsOf, nameOf, setTemplate, template } from "./saving.js";
import { t } from "./words.js";

/** @typedef {import("./saving.js").SaveForm} SaveForm */
/** @typedef {import("./saving.js").Field} Field */
/** @typedef {import("./words.js").Word} Word */

/** What the server calls a field, and the word for it here. @type {[Field, Word][]} */
const FIELDS = [["stem", "field stem"], ["frame", "field frame"], ["date", "field date"], ["time", "field time"], ["kind", "field kind"]];

/** A template with its fields in the page's words. @param {string} own */
export function inWords(own) {
  return own.replace(/\{(\w+)\}/g, (whole, name) => {
    const word = FIELDS.find(([field]) => field === name)?.[1];
    return word ? `{${t(word).toLocaleLowerCase()}}` : whole;
  });
}

/** A template as the server takes it. @param {string} shown */
export function fromWords(shown) {
  return shown.replace(/\{([^{}]*)\}/g, (whole, name) => {
    const wanted = name.trim().toLocaleLowerCase();
    const field = FIELDS.find(([own, word]) => wanted === own || wanted === t(word).toLocaleLowerCase())?.[0];
    return field ? `{${field}}` : whole;
  });
}

/** What is wrong with a template. @param {string} own @returns {string|null} */
export function nameTrouble(own) {
  if (!own.trim()) return t("name empty");
  if (/[/\\]/.test(own)) return t("name bad");
  const stranger = [...own.matchAll(/\{([^{}]*)\}/g)].find(([, name]) => !FIELDS.some(([field]) => field === name));
  return stranger ? t("name field", { field: stranger[0] }) : null;
}

/**
 * @param {SaveForm} form
 * @param {import("./session.js").Session} session
 * @param {() => void} redraw
 */
export function nameField(form, session, redraw) {
  const take = () => {
    setTemplate(form, fromWords(input.value));
    redraw();
  };
  const input = h("input", { type: "text", id: "save-name", "aria-label": t("name"), class: "input", autocomplete: "off", spellcheck: "false", "aria-describedby": "save-name-note", oninput: take });
  const trouble = h("p", { class: "about wrong", id: "save-name-note", role: "status" });
  const chips = FIELDS.map(([field, word]) => {
    const chip = h("button", { type: "button", class: "chip", onclick: () => {
      const put = `{${t(word).toLocaleLowerCase()}}`;
      input.setRangeText(put, input.selectionStart ?? input.value.length, input.selectionEnd ?? input.value.length, "end");
      input.focus();
      take();
    } }, t(word));
    return { field, chip };
  });
  const box = h("input", { type: "checkbox", onchange: () => { form.replace = box.checked; } });
  box.checked = form.replace;
  const shown = h("bdi", { class: "name-shown" });
  const node = h("details", { class: "field name-field" },
    h("summary", {}, h("span", { class: "caption" }, t("name")), h("span", { class: "name-line" }, shown, h("span", { class: "name-change" }, t("name change")))),
    input, trouble,
    h("div", { class: "chips", role: "group", "aria-label": t("name add") }, h("span", { class: "caption" }, t("name add")), ...chips.map(({ chip }) => chip)),
    h("label", { class: "check" }, box, h("span", {}, t("replace"))), h("p", { class: "about faint" }, t("replace note")));
  node.addEventListener("toggle", () => {
    if (node.open) node.scrollIntoView({ block: "nearest" });
  });
  return {
    node,
    show() {
      const own = template(form);
      if (document.activeElement !== input) input.value = inWords(own);
      const wrong = nameTrouble(own);
      text(trouble, wrong ?? "");
      attr(trouble, "hidden", wrong === null);
      attr(input, "aria-invalid", wrong ? "true" : null);
      const name = nameOf(form, session);
      text(shown, name);
      shown.title = name;
      const fields = fieldsOf(form, session);
      for (const { field, chip } of chips) {
        attr(chip, "hidden", fields[field] === "");
        chip.dataset.tip = fields[field];
      }
    },
  };
}
