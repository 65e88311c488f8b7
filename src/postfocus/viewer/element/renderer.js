// @ts-check
/** Draws frames, tiles and merges with WebGL 2, in the geometry of the reference picture. */

import { columns } from "./affine.js";
import { recycle } from "./decode.js";
import { parts } from "./dom.js";
import { Programs } from "./programs.js";
import { CONTRAST, LINES, VERTEX as SCREEN } from "./shaders/peaking.glsl.js";
import { FRAGMENT, VERTEX } from "./shaders/picture.glsl.js";

/** @typedef {import("./types.js").DepthCells} DepthCells */
/** @typedef {import("./decode.js").Planes} Planes */
/** @typedef {import("./types.js").Layer} Layer */
/** @typedef {import("./types.js").Painter} Painter */
/** @typedef {import("./types.js").Peaking} Peaking */
/** @typedef {import("./types.js").Texture} Texture */
/** @typedef {{frame:WebGLFramebuffer, texture:WebGLTexture, width:number, height:number}} Target */

/** Near to far, cividis reversed: the same nine colours as the bar's legend. */
const RAMP = parts("fee838e1cc55c3b369a69c758a8678707173575d6d35456c00224e");

/** @implements {Painter} */
export class Renderer {
  planes = true;
  /** @type {Target|null} */ #shown = null;
  /** @type {Target|null} */ #contrast = null;
  /** @type {WebGLTexture|null} */ depth = null;
  last = 1;
  #unit = 1;
  #begun = 0;
  #pixels = 1;
  /** @type {WebGLSync|null} */ #fence = null;
  /** Told how long a drawing of so many pixels took. @type {(ms:number, pixels:number)=>void} */ timed = () => {};

  /** Whether the processor draws, as far as the driver's name tells. */
  get soft() {
    const { gl } = this;
    const name = gl.getExtension("WEBGL_debug_renderer_info")?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER;
    return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(String(gl.getParameter(name)));
  }

  /** @param {HTMLCanvasElement} canvas @returns {Renderer|null} null where there is no WebGL 2 */
  static make(canvas) {
    const gl = canvas.getContext("webgl2", { antialias: false, depth: false, powerPreference: "high-performance" });
    return gl && new Renderer(gl);
  }

  /** @param {WebGL2RenderingContext} gl */
  constructor(gl) {
    this.gl = gl;
    this.programs = new Programs(gl);
    this.half = Boolean(gl.getExtension("EXT_color_buffer_float") ?? gl.getExtension("EXT_color_buffer_half_float"));
    gl.bindVertexArray(gl.createVertexArray());
    gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  }

  /** @param {ImageBitmap|Planes} pixels a bitmap is closed afterwards @returns {Texture} */
  texture(pixels) {
    const { gl } = this;
    const { width, height } = pixels;
    const handle = this.empty();
    if (!("luma" in pixels)) {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
      pixels.close();
      return { width, height, bytes: width * height * 4, handle };
    }
    const { luma, stride, chroma: pairs, across, down } = pixels;
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, stride);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, width, height, 0, gl.RED, gl.UNSIGNED_BYTE, luma);
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, 0);
    const chroma = this.empty();
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RG8, across, down, 0, gl.RG, gl.UNSIGNED_BYTE, pairs);
    recycle(pixels);
    return { width, height, bytes: width * height + 2 * across * down, handle, chroma };
  }

  /** A bound texture without pixels. @param {number} [filter] */
  empty(filter = this.gl.LINEAR) {
    const { gl } = this;
    const handle = /** @type {WebGLTexture} */ (gl.createTexture());
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, handle);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, filter);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, filter);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    return handle;
  }

  /** @param {Texture} texture @param {number} unit @param {WebGLUniformLocation|null} pixels @param {WebGLUniformLocation|null} chroma @param {boolean} [square] @param {boolean} [quick] while something moves: colour need not be smooth */
  bind(texture, unit, pixels, chroma, square = false, quick = false) {
    const { gl } = this;
    this.sample(pixels, unit, texture.handle);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, square ? gl.NEAREST : gl.LINEAR);
    if (!texture.chroma) return;
    this.sample(chroma, 4 + unit, texture.chroma);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, quick ? gl.NEAREST : gl.LINEAR);
  }

  /** A shader finds a texture in a unit. @param {WebGLUniformLocation|null} place @param {number} unit @param {unknown} texture */
  sample(place, unit, texture) {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, /** @type {WebGLTexture|null} */ (texture));
    gl.uniform1i(place, unit);
  }

  /** @param {Texture} texture */
  free(texture) {
    this.gl.deleteTexture(/** @type {WebGLTexture} */ (texture.handle));
    if (texture.chroma) this.gl.deleteTexture(/** @type {WebGLTexture} */ (texture.chroma));
  }

  /** @param {number} width @param {number} height @param {GLenum} format @param {number} [filter] @returns {Target} */
  target(width, height, format, filter) {
    const { gl } = this;
    const texture = this.empty(filter);
    gl.texStorage2D(gl.TEXTURE_2D, 1, format, width, height);
    const frame = /** @type {WebGLFramebuffer} */ (gl.createFramebuffer());
    gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    return { frame, texture, width, height };
  }

  /** @param {Target|null} target */
  drop(target) {
    if (!target) return;
    this.gl.deleteFramebuffer(target.frame);
    this.gl.deleteTexture(target.texture);
  }

  /** @param {DepthCells} cells @param {number} last greatest position */
  setDepth(cells, last) {
    const { gl } = this;
    gl.deleteTexture(this.depth);
    this.last = Math.max(1, last);
    const pairs = new Float32Array(cells.cols * cells.rows * 2);
    for (let i = 0; i < cells.position.length; i++) {
      pairs[2 * i] = cells.position[i];
      pairs[2 * i + 1] = cells.state[i] === 0 && cells.confidence[i] > 25 ? 1 : 0;
    }
    this.depth = this.empty();
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RG16F, cells.cols, cells.rows, 0, gl.RG, gl.FLOAT, pairs);
  }

  /** @param {number} width device pixels @param {number} height @param {boolean} peaking @param {number} unit device pixels per CSS pixel */
  begin(width, height, peaking, unit) {
    const { gl } = this;
    this.#unit = unit;
    this.#begun = performance.now();
    this.#pixels = width * height;
    if (peaking && (this.#shown?.width !== width || this.#shown?.height !== height)) {
      this.drop(this.#shown);
      this.drop(this.#contrast);
      this.#shown = this.target(width, height, gl.RGBA8, gl.NEAREST);
      this.#contrast = this.target(width, height, gl.R8, gl.NEAREST);
    }
    gl.bindFramebuffer(gl.FRAMEBUFFER, peaking && this.#shown ? this.#shown.frame : null);
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  /** @param {Layer} layer */
  draw(layer) {
    const { gl } = this;
    const coloured = layer.depth && this.depth ? 1 : 0;
    const count = layer.sheets.length;
    if (!count) return;
    const [x, y, w, h] = layer.within;
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(x, y, w, h);
    const circle = layer.circle ? 1 : 0;
    const planes = layer.sheets.reduce((bits, s, i) => bits | (s.texture.chroma ? 1 << i : 0), 0);
    const kind = `#define COUNT ${count}\n#define PLANES ${planes}\n#define QUICK ${layer.quick && planes === 3 ? 1 : 0}\n#define DEPTH ${coloured}\n#define CIRCLE ${circle}\n`;
    const { at } = this.programs.use(kind, VERTEX, kind + FRAGMENT);
    layer.sheets.forEach(({ texture }, i) => {
      this.bind(texture, i, at(`uFrame${i}`), at(`uChroma${i}`), layer.square, layer.quick);
    });
    const three = [0, 1, 2].map((i) => layer.sheets[Math.min(i, count - 1)]);
    gl.uniformMatrix3fv(at("uRef"), false, columns(layer.ref));
    gl.uniformMatrix3fv(at("uFrom"), false, three.flatMap((s) => columns(s.from)));
    gl.uniform3fv(at("uWeight"), three.map((s) => s.weight));
    gl.uniform3fv(at("uGain"), three.map((s) => s.gain));
    gl.uniform4fv(at("uClip"), layer.clip);
    if (layer.circle) gl.uniform3fv(at("uCircle"), layer.circle);
    if (coloured) {
      this.sample(at("uDepth"), 3, this.depth);
      gl.uniform1f(at("uLast"), this.last);
      gl.uniform1f(at("uUnit"), this.#unit);
      gl.uniform3fv(at("uRamp"), RAMP);
    }
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.disable(gl.SCISSOR_TEST);
  }

  /** @param {Peaking|null} peaking */
  end(peaking) {
    this.#peak(peaking);
    this.#time();
  }

  /** See when the drawing is done, without waiting for it. */
  #time() {
    const { gl } = this;
    if (this.#fence) return;
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    if (!fence) return;
    gl.flush();
    this.#fence = fence;
    const [begun, pixels] = [this.#begun, this.#pixels];
    const look = () => {
      if (gl.isContextLost()) return;
      if (gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED) return void setTimeout(look, 2);
      gl.deleteSync(fence);
      this.#fence = null;
      this.timed(performance.now() - begun, pixels);
    };
    setTimeout(look);
  }

  /** @param {Peaking|null} peaking */
  #peak(peaking) {
    const { gl } = this;
    const [shown, contrast] = [this.#shown, this.#contrast];
    if (!peaking || !shown || !contrast) return;
    const pass = (/** @type {import("./programs.js").Program} */ { at }, /** @type {WebGLFramebuffer|null} */ into) => {
      gl.bindFramebuffer(gl.FRAMEBUFFER, into);
      this.sample(at("uShown"), 0, shown.texture);
      this.sample(at("uContrast"), 1, into ? null : contrast.texture);
      gl.uniform3fv(at("uCircle"), peaking.circle);
      gl.uniform2f(at("uStep"), peaking.step, peaking.circleStep);
      gl.uniform2f(at("uPixel"), 1 / shown.width, 1 / shown.height);
      gl.uniform1f(at("uThreshold"), peaking.threshold);
      gl.uniform3fv(at("uColour"), peaking.colour);
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    };
    pass(this.programs.use("contrast", SCREEN, CONTRAST), contrast.frame);
    pass(this.programs.use("lines", SCREEN, LINES), null);
  }
}
