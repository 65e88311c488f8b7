// @ts-check
/** Every word the page says, in one table; the picture and its markers have their own (`../element/words.js`). Values go into {braces}; {Click} becomes Touch under a finger. */

export const WORDS = {
  "app": "postfocus",

  "sweeps": "Sweeps",
  "sweeps tip": "All sweeps",
  "place": "One place",
  "place tip": "Sharp where you {click}",
  "range": "Range",
  "range tip": "Sharp from one place to another",
  "all": "All sharp",
  "all tip": "Everything sharp",
  "peaking": "Peaking",
  "peaking tip": "Outline what is sharp",
  "loupe": "Loupe",
  "loupe tip": "Magnify under the pointer",
  "depth": "Depth",
  "depth tip": "Colour by distance",
  "compare": "Compare",
  "compare tip": "Hold to see all sharp",
  "undo": "Undo",
  "undo tip": "Undo {what}",
  "redo": "Redo",
  "redo tip": "Redo {what}",
  "near": "Near",
  "near tip": "Nearest frame",
  "far": "Far",
  "far tip": "Farthest frame",
  "keep": "Keep",
  "keep tip": "Keep this frame for saving",
  "kept": "Kept",
  "kept tip": "Do not keep this frame",
  "full screen": "Full screen",
  "keys": "Keys",
  "save": "Save",
  "save tip": "Save pictures",
  "fit": "Fit",
  "fit tip": "Fit or actual size",
  "zoom in": "Zoom in",
  "zoom out": "Zoom out",
  "percent": "{p} %",
  "clear": "Clear",
  "clear tip": "Clear the range",
  "more": "More",
  "look": "Look",
  "phone tip": "Open on your phone",
  "theme": "Light or dark",
  "theme dark": "Dark",
  "theme light": "Light",
  "theme auto": "As the system",
  "hide": "Hide controls",
  "close": "Close",
  "cancel": "Cancel",
  "go on": "Go on",
  "copy": "Copy",
  "ready in": "Ready in {s} s",
  "ready soon": "Ready when all frames are read",
  "changed": "{name} changed on disk.",
  "card changed": "Changed on disk",
  "notes": "Notes on this sweep",
  "1 note": "1 note on this sweep",
  "n notes": "{n} notes on this sweep",
  "more notes": "And {n} more.",
  "legend near": "Near",
  "legend far": "Far",
  "legend unsure": "Not sure",
  "legend": "Depth: yellow is near, blue is far, striped is not sure",
  "modes": "What should be sharp",
  "view tools": "How to look at it",

  "frames near to far": "{n} frames, near to far",
  "frame": "Frame {i}",
  "of": "of {a}–{b}",
  "frames sharp": "Frames {a} to {b}",
  "one frame sharp": "Frame {a}",
  "sharp": "sharp",
  "choose two": "Choose two places",
  "all sharp progress": "Merging, {p} %",

  "picture label": "{name}, focus picture",
  "bar label": "Focus",
  "bar value": "Frame {i} of {a} to {b}",
  "bar best": "Frame {i} of {a} to {b}, sharpest at this place",
  "bar nearer": "Frame {i} of {a} to {b}, {k} frames nearer than the sharpest",
  "bar farther": "Frame {i} of {a} to {b}, {k} frames farther than the sharpest",
  "bar nearer one": "Frame {i} of {a} to {b}, 1 frame nearer than the sharpest",
  "bar farther one": "Frame {i} of {a} to {b}, 1 frame farther than the sharpest",
  "range starts": "Range starts",
  "range ends": "Range ends",

  "reading": "Read {i} of {n} frames",
  "reading left": "Read {i} of {n} frames, {s} s left",
  "reading start": "Reading",
  "measuring": "Measuring sharpness",
  "measuring left": "Measuring sharpness, {s} s left",
  "waiting": "Waiting to be read",
  "so far": "Sharpest of the {i} frames read so far",
  "unread advice": "Reading goes on.",
  "stopped": "Reading stopped after {i} frames.",

  "hint place": "{Click} anything to make it sharp",
  "hint near": "{Click} the nearest thing to keep sharp",
  "hint far": "Now the farthest",
  "hint stretch": "{Click} more to stretch it. Clear starts anew.",
  "same focus": "Sharp in the same frame",
  "same focus, try": "{Click} something nearer or farther.",
  "inside range": "Already in the range",
  "hint two": "Two depths here. {Click} again for the other.",

  "peaking off": "Off",
  "peaking low": "Low",
  "peaking middle": "Middle",
  "peaking high": "High",
  "peaking rests": "Peaking rests while depth is shown",
  "peaking at": "Peaking, {level}, {colour}",
  "loupe at": "Loupe, {p} %",
  "peaking options": "Peaking level and colour",
  "colour": "Colour",
  "colour 0": "Light blue",
  "colour 1": "Yellow",
  "colour 2": "Magenta",
  "colour 3": "Red",
  "colour 4": "White",

  "save frame": "This frame",
  "save kept": "Kept frames",
  "save range": "Range",
  "save all": "All sharp",
  "save range value": "{a} to {b}",
  "save all value": "{n} frames",
  "save kept value": "{n} frames",
  "what": "Picture",
  "format": "Format",
  "quality": "Quality",
  "sixteen": "16 bit, nothing lost.",
  "lossless": "8 bit, nothing lost.",
  "name": "Name",
  "where": "Where",
  "beside": "Beside the original",
  "download": "Download",
  "about": "{w} × {h}, about {m} MB. Camera data and colour profile are kept.",
  "about placeless": "{w} × {h}, about {m} MB. Camera data and colour profile are kept, a location is not.",
  "save 1": "Save 1 picture",
  "save k": "Save {k} pictures",
  "saving": "Saving {i} of {k}",
  "saving left": "Saving {i} of {k}, {s} s left",
  "saving start": "Saving",
  "saved list": "Saved",
  "full size later": "Made at full size when you save.",
  "location": "Include location",
  "location note": "The place where the picture was taken, if the camera wrote it.",
  "replace": "Replace a file of that name",
  "replace note": "Otherwise a number is added when the name is taken.",
  "name bad": "A name cannot hold / or \\.",
  "name empty": "The picture needs a name.",
  "get": "Download {name}",

  "look title": "Look",
  "look text": "What you chose, as text. The command line takes the same: --look.",
  "look label": "Look as text",
  "look apply": "Apply",
  "look none": "Nothing chosen yet.",

  "phone title": "Open on your phone",
  "phone text": "Scan this with the camera of a phone on the same network.",
  "phone alt": "Square code of the address",
  "phone off": "This page answers only this computer. Start it with --host 0.0.0.0 to open it on your phone.",

  "toast saved": "Saved {name}",
  "toast saved k": "Saved {k} pictures",
  "toast kept": "Frame {i} is kept. Save all kept frames with S.",
  "toast copied": "Look copied",
  "toast applied": "Look applied",
  "toast not look": "That text is not a look.",
  "toast no copy": "The browser does not allow copying here.",
  "toast removed": "Removed from the list. The files are untouched.",
  "toast closed": "postfocus was closed. Start it again to go on.",
  "toast graphics": "The graphics driver restarted.",
  "toast pick": "That place could not be looked at. Touch it again.",
  "toast no webgl": "This browser has no WebGL 2: peaking, loupe and blending are off.",
  "toast cancelled": "Cancelled.",
  "toast gone": "{name} is no longer in the list.",
  "show": "Show",
  "try again": "Try again",
  "choose another": "Choose another",
  "copy details": "Copy details",
  "details copied": "Details copied",

  "drop": "Drop a focus sweep here",
  "drop text": "A Post Focus clip, a set of stills, or a whole folder",
  "drop over": "Let go to open",
  "choose files": "Choose files",
  "choose folder": "Choose folder",
  "sample": "Try the sample picture",
  "sample wait": "Making the sample picture",
  "promise": "Your pictures stay on this computer.",
  "receiving": "Receiving",
  "received": "{a} of {b} MB",
  "received left": "{a} of {b} MB, {s} s left",
  "files more": "and {n} more",
  "closed short": "Closed",

  "count in folder": "{n} in {folder}",
  "search": "Search name, folder or camera",
  "search short": "Search",
  "sort oldest": "Oldest first",
  "sort newest": "Newest first",
  "sort name": "Name",
  "sort tip": "Order of the sweeps",
  "open": "Open",
  "n frames": "{n} frames",
  "1 frame": "1 frame",
  "reading p": "Reading {p} %",
  "not read": "Not read yet",
  "card stopped": "Stopped",
  "nothing matches": "Nothing matches “{q}”.",
  "remove": "Remove {name} from the list",
  "remove from list": "Remove from the list",
  "read again": "Read again",

  "wrong": "Something went wrong",
  "wrong text": "postfocus did not expect this. Your pictures are untouched.",
  "too large": "Too large",
  "too large text": "{name} is {g} GB. The limit for dropped files is {l} GB; files opened from the command line have none.",
  "too many": "Too many files",
  "too many text": "{n} files were dropped. The limit is {l}; a folder opened from the command line has none.",
  "no key": "This page has no key",
  "no key text": "Open the address that postfocus printed, with everything after the question mark.",
  "gone page": "This sweep is not in the list",
  "gone page text": "It may have been removed, or postfocus was started anew.",

  "what focus": "focus",
  "what frame": "frame",
  "what range": "range",
  "what mode": "mode",
  "what keep": "keep",
  "what look": "look",

  "group focus": "Focus",
  "group look": "Look",
  "group merge": "Merge",
  "group keep": "Keep",
  "key place": "Make a place sharp",
  "key step": "Nearer, farther",
  "key five": "Five frames",
  "key ends": "Nearest, farthest",
  "key best": "Sharpest frame of this place",
  "key move": "Move the place",
  "key zoom": "Zoom in, out",
  "key fit": "Fit, actual size",
  "key compare": "Compare with all sharp",
  "key range places": "In a range: stretch it",
  "keys note": "Frames are counted from 0, as on the command line and in the names of saved files.",
  "key range ends": "Range starts, ends here",
  "key save again": "Save again",
  "key undo": "Undo, redo",
  "key look": "Copy look, paste look",
  "key back": "Close, step back",
  "key keys": "These keys",
  "cap click": "{Click}",
  "cap arrows": "arrows",
  "cap hold": "hold {key}",
};

/** @typedef {keyof typeof WORDS} Word */

const coarse = globalThis.matchMedia?.("(pointer: coarse)");
let finger = coarse?.matches ?? false;

/**
 * From the first touch on, the words say Touch; from the first mouse press, Click.
 * @param {string} kind of pointer
 */
export function sawPointer(kind) {
  finger = kind === "touch";
}

/**
 * @param {Word} key
 * @param {Record<string, string|number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  return WORDS[key].replace(/\{(\w+)\}/g, (whole, name) => {
    if (name === "Click") return finger ? "Touch" : "Click";
    if (name === "click") return finger ? "touch" : "click";
    return name in values ? String(values[name]) : whole;
  });
}

/**
 * A number as the browser's language writes it.
 * @param {number} value
 * @param {number} [digits]
 */
export function number(value, digits = 0) {
  return value.toLocaleString(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/**
 * Bytes as megabytes, with one decimal below ten.
 * @param {number} bytes
 */
export function megabytes(bytes) {
  const mega = bytes / 1e6;
  return number(mega, mega < 9.95 ? 1 : 0);
}
