// @ts-check
/** The drawn parts of the slide bar: well, curve, ticks, notches, band, handles and playhead. */

import { draw } from "../element/dom.js";
import { monotonePath } from "./curve.js";

/**
 * @typedef {object} Geometry
 * @property {number} top of the well
 * @property {number} well height of it
 *
 * @typedef {object} Shown
 * @property {number} count
 * @property {number} slot
 * @property {Float64Array<ArrayBufferLike>} shares curve heights 0 to 1
 * @property {boolean} found
 * @property {number|null} best
 * @property {number|null} second
 * @property {[number, number]|null} range
 * @property {boolean} handles
 * @property {boolean} hollow
 * @property {boolean} whole band over everything, without handles
 * @property {number[]} places
 * @property {Set<number>} kept
 * @property {number} unread first frame not read yet; `count` when all are
 * @property {Set<number>} leftOut
 * @property {boolean} depthShown
 * @property {boolean} headHidden
 */

/** Set the attributes that differ, so that nothing is laid out anew for nothing. @param {Element} node @param {Record<string, string|number>} attributes */
export function dress(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const words = String(value);
    if (node.getAttribute(name) !== words) node.setAttribute(name, words);
  }
}

export class Drawing {
  constructor() {
    this.svg = draw("svg", { class: "drawing", "aria-hidden": "true" });
    /** @type {Record<string, Element>} */
    this.parts = {};
    this.add("well", "rect", { rx: 8 });
    this.addDepth();
    this.add("band", "rect", {});
    for (const kind of ["fill", "curve", "unreadline", "stem"]) this.add(kind, "path", {});
    for (const kind of ["ticks", "ticksin", "dots", "crosses", "flags", "brackets"]) this.add(kind, "path", {});
    for (const kind of ["headkey", "headline", "notch", "second", "placenotch"]) this.add(kind, "path", {});
    this.add("grip", "rect", { width: 18, height: 22, rx: 5 });
    this.add("griplines", "path", {});
    for (const side of ["a", "b"]) {
      this.add(`handle handle${side}`, "rect", { width: 14, height: 26, rx: 5 });
      this.add(`handlelines handlelines${side}`, "path", {});
    }
  }

  /** @param {string} kind @param {string} tag @param {Record<string, string|number>} attributes */
  add(kind, tag, attributes) {
    const node = draw(tag, { class: kind, ...attributes });
    this.parts[/** @type {string} */ (kind.split(" ").pop())] = node;
    this.svg.append(node);
  }

  addDepth() {
    const ramp = draw("linearGradient", { id: "ramp" });
    for (let i = 0; i < 9; i += 1) ramp.append(draw("stop", { class: `depth${i}`, offset: i / 8 }));
    this.svg.append(ramp);
    this.add("legend", "rect", { height: 10, fill: "url(#ramp)" });
  }

  /** @param {string} part @param {Record<string, string|number>} attributes */
  put(part, attributes) {
    dress(/** @type {Element} */ (this.parts[part]), attributes);
  }

  /**
   * @param {Shown} shown
   * @param {import("./scale.js").Scale} scale
   * @param {Geometry} geometry
   */
  draw(shown, scale, geometry) {
    const { top, well } = geometry;
    this.put("well", { x: 0.5, y: top + 0.5, width: Math.max(1, scale.width - 1), height: well - 1 });
    this.drawCurve(shown, scale, top, well);
    this.drawTicks(shown, scale, top + well);
    this.drawMarks(shown, scale, top, well);
    this.drawRange(shown, scale, top, well);
    this.drawHead(shown, scale, top, well);
    this.put("legend", {
      x: scale.left,
      y: top + well - 11,
      width: scale.right - scale.left,
      visibility: shown.depthShown ? "visible" : "hidden",
    });
  }

  /** @param {Shown} shown @param {import("./scale.js").Scale} scale @param {number} top @param {number} well */
  drawCurve(shown, scale, top, well) {
    const floor = top + well - (shown.depthShown ? 14 : 5);
    const high = floor - (top + 9);
    /** @type {[number, number][]} */
    const points = [];
    const end = Math.min(shown.shares.length, shown.unread);
    for (let i = 0; i < end; i += 1) {
      const share = /** @type {number} */ (shown.shares[i]);
      if (!Number.isNaN(share)) points.push([scale.x(i), floor - share * high]);
    }
    const line = points.length > 1 ? monotonePath(points) : "";
    const first = points[0];
    const last = points.at(-1);
    const base = top + well - 1;
    const fill = line && first && last && shown.found ? `${line}L${last[0]} ${base}L${first[0]} ${base}Z` : "";
    this.put("curve", { d: line, "data-found": String(shown.found) });
    this.put("fill", { d: fill });
    const at = shown.unread < shown.count && shown.unread > 0 ? scale.x(shown.unread - 0.5) : null;
    this.put("unreadline", { d: at === null ? "" : `M${at} ${top + 2}V${top + well - 2}` });
  }

  /** @param {Shown} shown @param {import("./scale.js").Scale} scale @param {number} under */
  drawTicks(shown, scale, under) {
    const paths = { ticks: "", ticksin: "", dots: "", crosses: "", flags: "" };
    const y = under + 5;
    const range = shown.hollow ? null : shown.range;
    const every = scale.every;
    for (let i = 0; i < shown.count; i += 1) {
      const x = scale.x(i);
      if (shown.kept.has(i)) paths.flags += `M${x - 4} ${y - 1}h8v11l-4 -3l-4 3z`;
      else if (i >= shown.unread) paths.dots += i % every ? "" : `M${x} ${y + 2}h0.01`;
      else if (shown.leftOut.has(i)) paths.crosses += `M${x - 2.5} ${y}l5 5m0 -5l-5 5`;
      else if (i % every === 0) {
        const inside = range && i >= range[0] && i <= range[1];
        paths[inside ? "ticksin" : "ticks"] += `M${x} ${y}v6`;
      }
    }
    for (const [part, d] of Object.entries(paths)) this.put(part, { d });
  }

  /** @param {Shown} shown @param {import("./scale.js").Scale} scale @param {number} top @param {number} well */
  drawMarks(shown, scale, top, well) {
    const notch = (/** @type {number} */ at) => {
      const x = scale.x(at);
      return `M${x - 6} ${top - 7}h12l-6 7z`;
    };
    this.put("notch", { d: shown.best === null ? "" : notch(shown.best) });
    this.put("second", { d: shown.second === null ? "" : notch(shown.second) });
    this.put("placenotch", { d: shown.places.map(notch).join("") });
    const stem = shown.best !== null && Math.abs(shown.best - shown.slot) > 0.3;
    this.put("stem", { d: stem ? `M${scale.x(shown.best ?? 0)} ${top + 2}V${top + well - 2}` : "" });
  }

  /** @param {Shown} shown @param {import("./scale.js").Scale} scale @param {number} top @param {number} well */
  drawRange(shown, scale, top, well) {
    const range = shown.whole ? [0, shown.count - 1] : shown.range;
    const [a, b] = range ? [scale.x(range[0] ?? 0), scale.x(range[1] ?? 0)] : [0, 0];
    this.put("band", {
      x: shown.whole ? 1 : a,
      y: top + 1,
      width: range ? (shown.whole ? scale.width - 2 : Math.max(1, b - a)) : 0,
      height: well - 2,
      rx: shown.whole ? 7 : 0,
      visibility: range && !shown.hollow ? "visible" : "hidden",
    });
    const shownHandles = shown.handles && range !== null && !shown.whole;
    const bottom = top + well + 2;
    const brackets = `M${a + 6} ${top - 3}H${a}V${bottom}h6M${b - 6} ${top - 3}H${b}V${bottom}h-6`;
    this.put("brackets", { d: shownHandles ? brackets : "" });
    const middle = top + well / 2;
    for (const [side, x] of /** @type {[string, number][]} */ ([["a", a], ["b", b]])) {
      const visibility = shownHandles ? "visible" : "hidden";
      this.put(`handle${side}`, { x: x - 7, y: middle - 13, visibility, "data-hollow": String(shown.hollow) });
      this.put(`handlelines${side}`, {
        d: `M${x - 2} ${middle - 4.5}v9M${x + 2} ${middle - 4.5}v9`,
        visibility,
        "data-hollow": String(shown.hollow),
      });
    }
  }

  /** @param {Shown} shown @param {import("./scale.js").Scale} scale @param {number} top @param {number} well */
  drawHead(shown, scale, top, well) {
    const x = scale.x(shown.slot);
    const visibility = shown.headHidden ? "hidden" : "visible";
    const d = `M${x} ${top - 2}V${top + well}`;
    this.put("headkey", { d, visibility });
    this.put("headline", { d, visibility });
    this.put("grip", { x: x - 9, y: top + well - 2, visibility });
    const y = top + well + 5;
    this.put("griplines", { d: `M${x - 3.5} ${y}v8M${x} ${y}v8M${x + 3.5} ${y}v8`, visibility });
  }
}
