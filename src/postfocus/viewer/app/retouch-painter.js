// @ts-check
/**
 * The merged preview with strokes over it, drawn by the graphics card as they are painted: each shows its frame through
 * a mask that fades as the one of the full-size picture does. Only what a stroke touches is drawn again.
 */

import { columns } from "../element/affine.js";
import { PLANES } from "../element/shaders/colour.glsl.js";
import { VERTEX } from "../element/shaders/peaking.glsl.js";
import { softnessOf } from "./strokes.js";

/** @typedef {import("./strokes.js").Stroke} Stroke */
/** @typedef {import("../element/renderer.js").Target} Target */
/** @typedef {import("../element/types.js").Texture} Texture */
/** @typedef {[number, number, number, number]} Box pixels: left, top, right, bottom */

/** Pixels over which the edge of the hardest brush fades. */
const SHARPEST = 1;

const COVER = `
uniform vec4 uLine;
uniform vec2 uFade;
out vec4 colour;
void main() {
  vec2 p = gl_FragCoord.xy - uLine.xy, line = uLine.zw - uLine.xy;
  float away = distance(p, line * clamp(dot(p, line) / max(dot(line, line), 1e-6), 0., 1.));
  float t = clamp((uFade.y - away) / (uFade.y - uFade.x), 0., 1.);
  colour = vec4(t * t * (3. - 2. * t));
}`;

const PAINT = `
uniform sampler2D uFrame, uChroma, uDone, uMask;
uniform mat3 uFrom;
uniform float uGain;
out vec4 colour;
${PLANES}
void main() {
  ivec2 at = ivec2(gl_FragCoord.xy);
  vec2 p = (uFrom * vec3(gl_FragCoord.xy / vec2(textureSize(uDone, 0)), 1)).xy;
  float share = p == clamp(p, 0., 1.) ? texelFetch(uMask, at, 0).r : 0.;
  vec3 frame = min(FRAME(PLANES > 0, uFrame, uChroma, p) * uGain, 1.);
  colour = vec4(mix(texelFetch(uDone, at, 0).rgb, frame, share), 1);
}`;

const COPY = `
uniform sampler2D uDone;
out vec4 colour;
void main() {
  colour = texelFetch(uDone, ivec2(gl_FragCoord.xy), 0);
}`;

export class RetouchPainter {
  /** @type {unknown} the merge that lies below */ #base = null;
  /** @type {Target|null} all finished strokes */ #done = null;
  /** @type {Target|null} and the one being painted */ #shown = null;
  /** @type {Target|null} what the one being painted covers */ #mask = null;
  /** @type {Stroke[]} */ #finished = [];
  /** @type {{stroke:Stroke, count:number, box:Box}|null} */ #live = null;
  /** @type {Texture|null} */ #texture = null;

  /** @param {import("../element/renderer.js").Renderer} renderer @param {import("../element/frames.js").Frames} frames @param {()=>void} ready a frame that was needed came */
  constructor(renderer, frames, ready) {
    this.renderer = renderer;
    this.gl = renderer.gl;
    this.frames = frames;
    this.ready = ready;
  }

  /**
   * @param {Texture} merge @param {readonly Stroke[]} strokes finished ones, later over earlier
   * @param {Stroke|null} live the one being painted, whose points may grow
   * @returns {Texture} the merge itself where nothing is painted
   */
  paint(merge, strokes, live) {
    if (!strokes.length && !live) return merge;
    const same = this.#base === merge.handle && this.#finished.every((stroke, i) => stroke === strokes[i]);
    if (!same) this.#start(merge);
    const others = strokes.slice(this.#finished.length);
    if (others.length || this.#live?.stroke !== live) this.#unlive();
    for (const stroke of others) {
      if (!this.#draw(stroke, true)) return this.#texture ?? merge; // its frame is on the way
    }
    if (live) this.#draw(live, false);
    return this.#texture ?? merge;
  }

  /** Begin anew on a merge. @param {Texture} merge */
  #start({ handle, width, height }) {
    const { gl, renderer } = this;
    if (this.#texture?.width !== width || this.#texture.height !== height) {
      this.close();
      this.#done = renderer.target(width, height, gl.RGBA8);
      this.#shown = renderer.target(width, height, gl.RGBA8);
      this.#mask = renderer.target(width, height, gl.R8, gl.NEAREST);
      this.#texture = { width, height, bytes: 2 * width * height * 4, handle: this.#shown.texture };
    }
    this.#base = handle;
    this.#finished = [];
    this.#live = null;
    /** @type {Box} */
    const whole = [0, 0, width, height];
    this.#copy(handle, this.#done, whole);
    this.#copy(handle, this.#shown, whole);
    this.#clear(whole);
  }

  /** Draw a stroke, or what is new of it. @param {Stroke} stroke @param {boolean} finished @returns {boolean} whether its frame is at hand */
  #draw(stroke, finished) {
    const { frames } = this;
    const slot = frames.source.facts.frames?.indexOf(stroke.frame) ?? -1;
    const frame = slot < 0 ? null : frames.texture(slot);
    if (slot >= 0 && !frame) {
      frames.load(slot).then((came) => came && this.ready());
      return false;
    }
    const live = this.#live?.stroke === stroke ? this.#live : { stroke, count: 0, box: /** @type {Box} */ ([1e9, 1e9, 0, 0]) };
    if (frame && live.count < stroke.points.length) {
      const box = this.#cover(stroke, live.count);
      this.#blend(frame, slot, box);
      live.box = joined(live.box, box);
      live.count = stroke.points.length;
    }
    this.#live = live;
    if (!finished) return true;
    this.#finished.push(stroke);
    if (frame) this.#copy(this.#shown?.texture, this.#done, live.box);
    this.#clear(live.box);
    this.#live = null;
    return true;
  }

  /** Add the line from a point on to the mask. @param {Stroke} stroke @param {number} from @returns {Box} what it touches */
  #cover(stroke, from) {
    const { gl, renderer } = this;
    const { width, height } = /** @type {Texture} */ (this.#texture);
    const radius = stroke.radius * width;
    const full = Math.min(radius * (1 - softnessOf(stroke)), radius - SHARPEST / 2);
    const end = Math.max(radius, full + SHARPEST);
    const { at } = renderer.programs.use("retouch cover", VERTEX, COVER);
    gl.uniform2f(at("uFade"), full, end);
    gl.enable(gl.BLEND);
    gl.blendEquation(gl.MAX);
    /** @type {Box} */
    let all = [1e9, 1e9, 0, 0];
    const points = stroke.points.map(([x, y]) => [x * width, y * height]);
    for (let i = Math.max(from, points.length > 1 ? 1 : 0); i < points.length; i += 1) {
      const [b, a] = [points[i], points[Math.max(i - 1, 0)]];
      const low = [0, 1].map((k) => Math.max(0, Math.floor(Math.min(a[k], b[k]) - end)));
      const high = [0, 1].map((k) => Math.min([width, height][k], Math.ceil(Math.max(a[k], b[k]) + end)));
      /** @type {Box} */
      const box = [low[0], low[1], high[0], high[1]];
      gl.uniform4f(at("uLine"), a[0], a[1], b[0], b[1]);
      this.#fill(this.#mask, box);
      all = joined(all, box);
    }
    gl.blendEquation(gl.FUNC_ADD);
    gl.disable(gl.BLEND);
    return all;
  }

  /** @param {Texture} frame @param {number} slot @param {Box} box */
  #blend(frame, slot, box) {
    const { gl, renderer, frames } = this;
    const kind = `#define PLANES ${frame.chroma ? 1 : 0}`;
    const { at } = renderer.programs.use(`retouch ${kind}`, VERTEX, kind + PAINT);
    renderer.bind(frame, 0, at("uFrame"), at("uChroma"));
    renderer.sample(at("uDone"), 1, this.#done?.texture);
    renderer.sample(at("uMask"), 2, this.#mask?.texture);
    gl.uniformMatrix3fv(at("uFrom"), false, columns(frames.pose(slot)));
    gl.uniform1f(at("uGain"), frames.gain(slot));
    this.#fill(this.#shown, box);
  }

  /** Take back the stroke being painted. */
  #unlive() {
    if (!this.#live) return;
    this.#copy(this.#done?.texture, this.#shown, this.#live.box);
    this.#clear(this.#live.box);
    this.#live = null;
  }

  /** @param {unknown} from texture @param {Target|null} to @param {Box} box */
  #copy(from, to, box) {
    const { at } = this.renderer.programs.use("retouch copy", VERTEX, COPY);
    this.renderer.sample(at("uDone"), 1, from);
    this.#fill(to, box);
  }

  /** Nothing is covered there. @param {Box} box */
  #clear(box) {
    const { gl } = this;
    this.#into(this.#mask, box);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.disable(gl.SCISSOR_TEST);
  }

  /** @param {Target|null} target @param {Box} box */
  #fill(target, box) {
    const { gl } = this;
    this.#into(target, box);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.disable(gl.SCISSOR_TEST);
  }

  /** @param {Target|null} target @param {Box} box */
  #into(target, [left, top, right, bottom]) {
    const { gl } = this;
    if (!target) return;
    gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
    gl.viewport(0, 0, target.width, target.height);
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(left, top, Math.max(0, right - left), Math.max(0, bottom - top));
  }

  close() {
    for (const target of [this.#done, this.#shown, this.#mask]) this.renderer.drop(target);
    this.#done = this.#shown = this.#mask = null;
    this.#texture = this.#base = null;
  }
}

/** @param {Box} a @param {Box} b @returns {Box} */
function joined(a, b) {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}
