// @ts-check
/**
 * Many frames into one: each adds its light where the depth map says that it, or a neighbour, is the sharp one.
 * The share falls off like a tent between the frames in use, so shares add up to one.
 */

import { PLANES, SRGB } from "./colour.glsl.js";

/** Two triangles for each block of the depth map in which the frame has a share. */
export const VERTEX = `
uniform sampler2D uBlocks;
uniform mat3 uFrom;
uniform vec2 uBlock, uRange;
uniform vec3 uTent;
out vec2 vRef, vUv;
void main() {
  int i = gl_VertexID / 6, corner = gl_VertexID % 6, cols = textureSize(uBlocks, 0).x;
  if (corner > 2) corner -= 2;
  ivec2 block = ivec2(i % cols, i / cols);
  vec2 ends = clamp(texelFetch(uBlocks, block, 0).rg, uRange.x, uRange.y);
  vRef = min((vec2(block) + vec2(corner & 1, corner >> 1)) * uBlock, 1.);
  vUv = (uFrom * vec3(vRef, 1)).xy;
  gl_Position = ends.y > uTent.x && ends.x < uTent.z ? vec4(vRef * 2. - 1., 0, 1) : vec4(2, 2, 2, 1);
}`;

export const ADD = `
uniform sampler2D uFrame, uChroma, uDepth;
uniform float uGain;
uniform vec2 uRange;
uniform vec3 uTent;
in vec2 vRef, vUv;
out vec4 colour;
${SRGB}${PLANES}float share(ivec2 cell) {
  float d = clamp(texelFetch(uDepth, clamp(cell, ivec2(0), textureSize(uDepth, 0) - 1), 0).r, uRange.x, uRange.y);
  return clamp(min((d - uTent.x) / (uTent.y - uTent.x), (uTent.z - d) / (uTent.z - uTent.y)), 0., 1.);
}
void main() {
  vec2 at = vRef * vec2(textureSize(uDepth, 0)) - .5;
  ivec2 c = ivec2(floor(at));
  vec2 f = at - floor(at);
  float w = mix(mix(share(c), share(c + ivec2(1, 0)), f.x), mix(share(c + ivec2(0, 1)), share(c + 1), f.x), f.y);
  if (w <= 0.) discard;
  colour = vec4(toLinear(FRAME(PLANES > 0, uFrame, uChroma, vUv) * uGain) * w, w);
}`;

export const RESOLVE = `
uniform sampler2D uLight;
out vec4 colour;
${SRGB}
void main() {
  vec4 light = texelFetch(uLight, ivec2(gl_FragCoord.xy), 0);
  colour = vec4(toCode(light.rgb / max(light.a, 1e-3)), 1);
}`;
