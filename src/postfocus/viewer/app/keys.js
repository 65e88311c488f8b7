// @ts-check
/** The one table of keys: what runs when a key is pressed, and what the Keys panel lists. */

/** @typedef {import("./actions.js").Actions} Actions */
/** @typedef {import("./words.js").Word} Word */

/**
 * @typedef {object} Key
 * @property {string[]} keys as `event.key`, with `Ctrl+` and `Shift+` before it
 * @property {(act: Actions, event: KeyboardEvent) => void} [run]
 * @property {(act: Actions) => void} [release] when it is let go
 * @property {Word} [words] its line in the panel
 * @property {string[]} [caps] what the panel shows for it
 * @property {"group focus"|"group look"|"group merge"|"group retouch"|"group keep"} [group]
 */

const FAST = 0.06;
const SLOW = 0.02;

/** @param {number} dx @param {number} dy @returns {Key["run"]} */
const nudge = (dx, dy) => (act, event) => {
  const by = event.repeat ? FAST : SLOW;
  act.nudge(dx * by, dy * by);
};

/** @type {Key[]} */
export const KEYS = [
  { keys: [], words: "key place", caps: ["{click}"], group: "group focus" },
  { keys: ["ArrowLeft"], run: (act) => act.session.step(-1), words: "key step", caps: ["←", "→"], group: "group focus" },
  { keys: ["ArrowRight"], run: (act) => act.session.step(1) },
  { keys: ["PageUp"], run: (act) => act.session.step(-5), words: "key five", caps: ["PgUp", "PgDn"], group: "group focus" },
  { keys: ["PageDown"], run: (act) => act.session.step(5) },
  { keys: ["Home"], run: (act) => act.session.toEnd("near"), words: "key ends", caps: ["Home", "End"], group: "group focus" },
  { keys: ["End"], run: (act) => act.session.toEnd("far") },
  { keys: ["Enter"], run: (act) => act.enter(), words: "key best", caps: ["Enter"], group: "group focus" },
  { keys: ["Shift+ArrowLeft"], run: nudge(-1, 0), words: "key move", caps: ["Shift", "{arrows}"], group: "group focus" },
  { keys: ["Shift+ArrowRight"], run: nudge(1, 0) },
  { keys: ["Shift+ArrowUp"], run: nudge(0, -1) },
  { keys: ["Shift+ArrowDown"], run: nudge(0, 1) },

  { keys: ["+", "="], run: (act) => act.zoom(1), words: "key zoom", caps: ["+", "−"], group: "group look" },
  { keys: ["-", "−"], run: (act) => act.zoom(-1) },
  { keys: ["0"], run: (act) => act.fit(), words: "key fit", caps: ["0", "1"], group: "group look" },
  { keys: ["1"], run: (act) => act.actual() },
  { keys: ["l"], run: (act) => act.loupe(), words: "loupe", caps: ["L"], group: "group look" },
  { keys: ["p"], run: (act) => act.peaking(), words: "peaking", caps: ["P"], group: "group look" },
  { keys: ["d"], run: (act) => act.depth(), words: "depth", caps: ["D"], group: "group look" },
  {
    keys: ["x"], run: (act) => act.compare(true), release: (act) => act.compare(false),
    words: "key compare", caps: ["{hold X}"], group: "group look",
  },
  { keys: ["h"], run: (act) => act.hide(), words: "hide", caps: ["H"], group: "group look" },
  { keys: ["f"], run: (act) => act.full(), words: "full screen", caps: ["F"], group: "group look" },

  { keys: ["t"], run: (act) => act.mode("place"), words: "place", caps: ["T"], group: "group merge" },
  { keys: ["r"], run: (act) => act.mode("range"), words: "range", caps: ["R"], group: "group merge" },
  { keys: [], words: "key range places", caps: ["{click}"], group: "group merge" },
  { keys: ["a"], run: (act) => act.mode("all"), words: "all", caps: ["A"], group: "group merge" },
  { keys: ["i"], run: (act) => act.endHere(0), words: "key range ends", caps: ["I", "O"], group: "group merge" },
  { keys: ["o"], run: (act) => act.endHere(1) },

  { keys: ["b"], run: (act) => act.retouch(), words: "retouch", caps: ["B"], group: "group retouch" },
  { keys: ["["], run: (act) => act.resize(-2), words: "key brush size", caps: ["[", "]"], group: "group retouch" },
  { keys: ["]"], run: (act) => act.resize(2) },
  { keys: ["{"], run: (act) => act.soften(-10), words: "key brush soft", caps: ["{", "}"], group: "group retouch" },
  { keys: ["}"], run: (act) => act.soften(10) },
  { keys: ["e"], run: (act) => act.brush.choose(), words: "key brush source", caps: ["E", "←", "→"], group: "group retouch" },
  { keys: [], words: "key brush dab", caps: ["Enter"], group: "group retouch" },

  { keys: ["k"], run: (act) => act.keep(), words: "keep tip", caps: ["K"], group: "group keep" },
  { keys: ["s"], run: (act) => act.panel("save"), words: "save", caps: ["S"], group: "group keep" },
  { keys: ["Ctrl+s"], run: (act) => act.saveAgain(), words: "key save again", caps: ["Ctrl S"], group: "group keep" },
  { keys: ["Ctrl+z"], run: (act) => act.undo(), words: "key undo", caps: ["Ctrl Z", "Ctrl Y"], group: "group keep" },
  { keys: ["Ctrl+y", "Ctrl+Shift+z"], run: (act) => act.redo() },
  { keys: ["Ctrl+c"], run: (act) => void act.copyLook(), words: "key look", caps: ["Ctrl C", "Ctrl V"], group: "group keep" },
  { keys: ["g"], run: (act) => act.library(), words: "sweeps tip", caps: ["G"], group: "group keep" },
  { keys: ["?"], run: (act) => act.keys(), words: "key keys", caps: ["?"], group: "group keep" },
  { keys: ["Escape"], run: (act) => act.back(), words: "key back", caps: ["Esc"], group: "group keep" },
];

const TABLE = new Map(KEYS.flatMap((entry) => entry.keys.map((key) => [key, entry])));

/**
 * The name of a key press as in the table. Ctrl and the Mac's Command count as one.
 * @param {KeyboardEvent} event
 */
export function keyName(event) {
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const shift = event.shiftKey && (event.key.length > 1 || event.ctrlKey || event.metaKey) ? "Shift+" : "";
  return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${shift}${letter}`;
}

/** Whether keys are text now. @param {EventTarget|null} target */
function writing(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest("textarea, select, dialog[open], [popover]:popover-open")) return true;
  return target instanceof HTMLInputElement;
}

/** @param {KeyboardEvent} event */
function pressesButton(event) {
  return (event.key === "Enter" || event.key === " ") && event.target instanceof Element && event.target.closest("button, a, label") !== null;
}

/**
 * Listen for keys while the picture page is shown.
 * @param {Actions} act
 * @param {() => boolean} awake
 */
export function startKeys(act, awake) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || !awake() || event.altKey || event.isComposing) return;
    if (pressesButton(event)) return;
    const entry = TABLE.get(keyName(event));
    if (!entry?.run) return;
    if (writing(event.target) && event.key !== "Escape" && keyName(event) !== "Ctrl+s") return;
    if (event.target instanceof Element && event.target.closest("dialog[open], [popover]:popover-open")) return;
    if (event.key === "Escape" && document.querySelector(".floating:popover-open")) return; // it closes by itself
    if (keyName(event) === "Ctrl+c" && String(getSelection() ?? "") !== "") return;
    event.preventDefault();
    if (event.repeat && entry.release) return;
    entry.run(act, event);
  });
  document.addEventListener("keyup", (event) => {
    TABLE.get(event.key.toLowerCase())?.release?.(act);
  });
  let wheel = -Infinity; // when the middle button was pressed: some systems paste with it, here it moves the picture
  addEventListener("pointerdown", ({ button, timeStamp }) => { if (button === 1) wheel = timeStamp; }, true);
  addEventListener("pointerup", ({ button, timeStamp }) => { if (button === 1) wheel = timeStamp; }, true);
  document.addEventListener("paste", (event) => {
    if (!awake() || writing(event.target) || event.timeStamp - wheel < 500) return;
    event.preventDefault();
    void act.pasteLook(event.clipboardData?.getData("text/plain") ?? "");
  });
  addEventListener("blur", () => act.compare(false));
}
