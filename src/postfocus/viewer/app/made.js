// @ts-check
/** What there is to say of the merge that is shown: its notes as plain text, and maps of what it held still, of what is never sharp, of where glow was taken off. */

import { button, setOn } from "./controls.js";
import { attr, h, listen } from "./dom.js";
import { sentence } from "./notes.js";
import { t } from "./words.js";

/** @typedef {import("./choice.js").State} State */

const MAPS = /** @type {const} */ (["held", "never_sharp", "glow"]);

/** Notes, and a switch for each map; nothing where there is neither. @param {import("./state.js").Store<State>} store */
export function madeNotes(store) {
  const words = h("ul", { class: "notes-list" });
  const switches = MAPS.map((kind) => {
    const press = () => store.set({ marked: store.now.marked === kind ? null : kind });
    return { kind, node: button({ icon: "info", word: kind, tip: `${kind} tip`, press }) };
  });
  const nodes = switches.map(({ node }) => node);
  const node = h("div", { class: "made", role: "group", "aria-label": t("merge notes"), hidden: true }, words, ...nodes);
  store.watch(["made", "marked", "brushing"], ({ made, marked, brushing }) => {
    const notes = made?.notes ?? [];
    words.replaceChildren(...notes.map((note) => h("li", {}, sentence(note))));
    attr(words, "hidden", notes.length === 0);
    for (const one of switches) {
      attr(one.node, "hidden", !made?.[one.kind]);
      setOn(one.node, marked === one.kind);
    }
    attr(node, "hidden", brushing || (notes.length === 0 && !MAPS.some((kind) => made?.[kind])));
  });
  return node;
}

/**
 * The map that is asked for, laid over the picture; it goes with it as it is moved and zoomed.
 * @param {import("./state.js").Store<State>} store
 * @param {import("../element/post-focus.js").PostFocus} view
 */
export function markedMap(store, view) {
  const map = h("img", { class: "marks", alt: "", hidden: true });
  const lay = () => {
    const { made, marked, comparing, facts } = store.now;
    const address = (marked && made?.[marked]) || null;
    const shown = address !== null && !comparing && facts !== null;
    attr(map, "hidden", !shown);
    if (!shown) return;
    if (map.getAttribute("src") !== address) map.src = address;
    const [left, top] = view.camera.place(0, 0);
    const { scale } = view.camera.view;
    map.style.transform = `translate(${left}px, ${top}px)`;
    map.style.width = `${facts.width * scale}px`;
    map.style.height = `${facts.height * scale}px`;
  };
  listen(view, "pf-view", lay);
  store.watch(["made", "marked", "comparing", "facts"], lay);
  return map;
}
