// @ts-check
/** What there is to say of the merge that is shown: its notes as plain text, and a map of what it held still. */

import { button, setOn } from "./controls.js";
import { attr, h, listen } from "./dom.js";
import { sentence } from "./notes.js";
import { t } from "./words.js";

/** @typedef {import("./choice.js").State} State */

/** Notes, and the switch for the map; nothing where there is neither. @param {import("./state.js").Store<State>} store */
export function madeNotes(store) {
  const words = h("ul", { class: "notes-list" });
  const held = button({ icon: "info", word: "held", tip: "held tip", press: () => store.set({ heldShown: !store.now.heldShown }) });
  const node = h("div", { class: "made", role: "group", "aria-label": t("merge notes"), hidden: true }, words, held);
  store.watch(["made", "heldShown", "brushing"], ({ made, heldShown, brushing }) => {
    const notes = made?.notes ?? [];
    words.replaceChildren(...notes.map((note) => h("li", {}, sentence(note))));
    attr(words, "hidden", notes.length === 0);
    attr(held, "hidden", !made?.held);
    attr(node, "hidden", brushing || (notes.length === 0 && !made?.held));
    setOn(held, heldShown);
  });
  return node;
}

/**
 * The map, laid over the picture; it goes with it as it is moved and zoomed.
 * @param {import("./state.js").Store<State>} store
 * @param {import("../element/post-focus.js").PostFocus} view
 */
export function heldMap(store, view) {
  const map = h("img", { class: "held", alt: "", hidden: true });
  const lay = () => {
    const { made, heldShown, comparing, facts } = store.now;
    const shown = heldShown && !comparing && facts !== null && Boolean(made?.held);
    attr(map, "hidden", !shown);
    if (!shown || !facts || !made?.held) return;
    if (map.getAttribute("src") !== made.held) map.src = made.held;
    const [left, top] = view.camera.place(0, 0);
    const { scale } = view.camera.view;
    map.style.transform = `translate(${left}px, ${top}px)`;
    map.style.width = `${facts.width * scale}px`;
    map.style.height = `${facts.height * scale}px`;
  };
  listen(view, "pf-view", lay);
  store.watch(["made", "heldShown", "comparing", "facts"], lay);
  return map;
}
