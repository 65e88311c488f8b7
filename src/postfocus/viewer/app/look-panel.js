// @ts-check
/** What was chosen, as the text that the command line takes: to read, copy, paste and change. */

import { action } from "./controls.js";
import { attr, h, text } from "./dom.js";
import { readLook, showLook } from "./look.js";
import { t } from "./words.js";

/** @typedef {import("./choice.js").State} State */

/**
 * @param {import("./state.js").Store<State>} store
 * @param {import("./session.js").Session} session
 * @param {import("./actions.js").Actions} act
 */
export function lookPanel(store, session, act) {
  const field = h("textarea", { class: "input code-field", rows: 8, spellcheck: "false", autocomplete: "off", "aria-label": t("look label") });
  const note = h("p", { class: "about", role: "status" });
  let edited = false;
  const copy = action(t("copy"), () => void act.copyLook(), "edged");
  const apply = h("button", { type: "submit", class: "action solid" }, t("look apply"));
  field.addEventListener("input", () => {
    edited = true;
    const wrong = field.value.trim() !== "" && readLook(field.value) === null;
    attr(field, "aria-invalid", wrong ? "true" : null);
    text(note, wrong ? t("toast not look") : "");
    apply.disabled = wrong || field.value.trim() === "";
  });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    edited = !(await act.pasteLook(field.value));
    show();
  };
  function show() {
    if (edited) return;
    const look = session.look();
    field.value = look ? showLook(look) : "";
    field.placeholder = t("look none");
    apply.disabled = look === null;
  }
  const node = h("form", { class: "look-form", onsubmit: submit },
    h("p", { class: "about" }, t("look text")), field, note, h("div", { class: "row end" }, copy, apply));
  const stop = store.watch(["mode", "at", "place", "pick", "range", "places", "asked", "strokes", "facts"], show);
  return { node, stop };
}
