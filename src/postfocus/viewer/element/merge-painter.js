// @ts-check
/** The drawing of a merge: light added up in a half-float picture, then turned into a picture of its own. */

import { columns } from "./affine.js";
import { ADD, RESOLVE, VERTEX } from "./shaders/merge.glsl.js";
import { VERTEX as SCREEN } from "./shaders/peaking.glsl.js";
import { blocks } from "./tent.js";

/** @typedef {import("./types.js").Affine} Affine */
/** @typedef {import("./types.js").DepthCells} DepthCells */
/** @typedef {import("./types.js").Texture} Texture */
/** @typedef {import("./renderer.js").Target} Target */
/** @typedef {import("./tent.js").Node} Node */

/** Cells along the side of a block. */
const BLOCK = 12;

export class MergePainter {
  /** @type {WebGLTexture|null} */ #blocks = null;
  #count = 0;
  /** Of a block, fractions of the picture. @type {readonly number[]} */ #size = [1, 1];

  /** @param {import("./renderer.js").Renderer} renderer */
  constructor(renderer) {
    this.renderer = renderer;
    this.gl = renderer.gl;
  }

  /** Where which depths lie, roughly. @param {DepthCells} cells */
  setDepth(cells) {
    const { gl, renderer } = this;
    const { cols, rows, ends } = blocks(cells, BLOCK);
    gl.deleteTexture(this.#blocks);
    this.#blocks = renderer.empty(gl.NEAREST);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RG16F, cols, rows, 0, gl.RG, gl.FLOAT, ends);
    this.#count = cols * rows;
    this.#size = [BLOCK / cells.cols, BLOCK / cells.rows];
  }

  /** @param {number} width @param {number} height @returns {Target} no light yet */
  begin(width, height) {
    const { gl, renderer } = this;
    const light = renderer.target(width, height, renderer.half ? gl.RGBA16F : gl.RGBA8);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    return light;
  }

  /**
   * @param {Target} light @param {Texture} texture @param {Affine} pose @param {number} gain
   * @param {Node} node @param {readonly [number, number]} range slots
   */
  add(light, texture, pose, gain, node, [a, b]) {
    const { gl, renderer } = this;
    const kind = `#define PLANES ${texture.chroma ? 1 : 0}`;
    const { at } = renderer.programs.use(kind, VERTEX, kind + ADD);
    gl.bindFramebuffer(gl.FRAMEBUFFER, light.frame);
    gl.viewport(0, 0, light.width, light.height);
    renderer.bind(texture, 0, at("uFrame"), at("uChroma"));
    renderer.sample(at("uDepth"), 3, renderer.depth);
    renderer.sample(at("uBlocks"), 2, this.#blocks);
    gl.uniform2fv(at("uBlock"), this.#size);
    gl.uniform1f(at("uGain"), gain);
    gl.uniform2f(at("uRange"), a, b);
    gl.uniform3f(at("uTent"), node.before, node.slot, node.after);
    gl.uniformMatrix3fv(at("uFrom"), false, columns(pose));
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE);
    gl.drawArrays(gl.TRIANGLES, 0, 6 * this.#count);
    gl.disable(gl.BLEND);
  }

  /** @param {Target} light given up @param {Texture|null} old replaced @returns {Texture} in the reference's geometry */
  finish(light, old) {
    const { gl, renderer } = this;
    const { width, height } = light;
    const picture = renderer.target(width, height, gl.RGBA8);
    const { at } = renderer.programs.use("resolve", SCREEN, RESOLVE);
    gl.viewport(0, 0, width, height);
    renderer.sample(at("uLight"), 0, light.texture);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.deleteFramebuffer(picture.frame);
    renderer.drop(light);
    if (old) renderer.free(old);
    return { width, height, bytes: width * height * 4, handle: picture.texture };
  }
}
