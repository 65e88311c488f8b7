// @ts-check
/** The drawing of a merge: light added up in a half-float picture, then turned into a picture of its own. */

import { columns } from "./affine.js";
import { ADD, RESOLVE, VERTEX } from "./shaders/merge.glsl.js";
import { VERTEX as SCREEN } from "./shaders/peaking.glsl.js";

/** @typedef {import("./types.js").Affine} Affine */
/** @typedef {import("./types.js").Texture} Texture */
/** @typedef {import("./renderer.js").Target} Target */
/** @typedef {import("./tent.js").Node} Node */

export class MergePainter {
  /** @type {WebGLBuffer|null} */ #buffer;

  /** @param {import("./renderer.js").Renderer} renderer */
  constructor(renderer) {
    this.renderer = renderer;
    this.gl = renderer.gl;
    this.#buffer = this.gl.createBuffer();
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
   * @param {number[]} rects where it has a share @param {Node} node @param {readonly [number, number]} range slots
   */
  add(light, texture, pose, gain, rects, node, [a, b]) {
    const { gl, renderer } = this;
    if (!rects.length) return;
    const kind = `#version 300 es\n#define PLANES ${texture.chroma ? 1 : 0}`;
    const { at } = renderer.programs.use(kind, VERTEX, kind + ADD);
    gl.bindFramebuffer(gl.FRAMEBUFFER, light.frame);
    gl.viewport(0, 0, light.width, light.height);
    renderer.bind(texture, 0, at("uFrame"), at("uChroma"));
    gl.activeTexture(gl.TEXTURE3);
    gl.bindTexture(gl.TEXTURE_2D, renderer.depth);
    gl.uniform1i(at("uDepth"), 3);
    gl.uniform1f(at("uGain"), gain);
    gl.uniform2f(at("uRange"), a, b);
    gl.uniform3f(at("uTent"), node.before, node.slot, node.after);
    gl.uniformMatrix3fv(at("uFrom"), false, columns(pose));
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(rects), gl.STREAM_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 4, gl.FLOAT, false, 0, 0);
    gl.vertexAttribDivisor(0, 1);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, rects.length / 4);
    gl.disable(gl.BLEND);
    gl.disableVertexAttribArray(0);
  }

  /** @param {Target} light given up @param {Texture|null} old replaced @returns {Texture} in the reference's geometry */
  finish(light, old) {
    const { gl, renderer } = this;
    const { width, height } = light;
    const picture = renderer.target(width, height, gl.RGBA8);
    const { at } = renderer.programs.use("resolve", SCREEN, RESOLVE);
    gl.viewport(0, 0, width, height);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, light.texture);
    gl.uniform1i(at("uLight"), 0);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.deleteFramebuffer(picture.frame);
    renderer.drop(light);
    if (old) renderer.free(old);
    return { width, height, bytes: width * height * 4, handle: picture.texture };
  }
}
