// @ts-check
/** One to three frames through their poses, laid over one another in linear light; perhaps coloured by depth. */

import { PLANES, SRGB } from "./colour.glsl.js";

export const VERTEX = `
uniform mat3 uRef, uFrom[3];
uniform vec4 uClip;
out vec2 vRef, vUv0, vUv1, vUv2;
void main() {
  vec3 p = vec3(gl_VertexID & 1, gl_VertexID >> 1, 1);
  vRef = (uRef * p).xy;
  vUv0 = (uFrom[0] * p).xy;
  vUv1 = (uFrom[1] * p).xy;
  vUv2 = (uFrom[2] * p).xy;
  gl_Position = vec4(vRef * uClip.xz + uClip.yw, 0, 1);
}`;

/** `COUNT` frames, `PLANES` a bit for each that comes in planes; `DEPTH` 1 colours them; `CIRCLE` 1 draws inside the loupe only;
 * `QUICK` 1, while something moves, mixes two frames' brightness alone and takes the colour of the stronger. */
export const FRAGMENT = `
uniform sampler2D uFrame0, uFrame1, uFrame2, uChroma0, uChroma1, uChroma2;
uniform vec3 uWeight, uGain;
uniform vec3 uCircle;
uniform sampler2D uDepth;
uniform float uLast, uUnit;
in vec2 vRef, vUv0, vUv1, vUv2;
out vec4 colour;
${SRGB}${PLANES}#if DEPTH
uniform vec3 uRamp[9];
vec3 byDepth(vec3 c) {
  vec2 cell = texture(uDepth, vRef).rg;
  float grey = dot(c, vec3(.2126, .7152, .0722));
  float t = clamp(cell.r / uLast, 0., 1.) * 8.;
  int i = min(int(t), 7);
  vec3 ramp = mix(uRamp[i], uRamp[i + 1], t - float(i));
  float stripe = smoothstep(.33, .41, abs(fract((gl_FragCoord.x - gl_FragCoord.y) / (9.9 * uUnit)) - .5));
  vec3 unsure = vec3(mix(.03 + .2 * grey, .32 + .3 * grey, stripe));
  return mix(unsure, mix(vec3(grey), ramp * (.5 + .75 * grey), .88), smoothstep(.35, .65, cell.g));
}
#endif
void main() {
#if CIRCLE
  if (distance(gl_FragCoord.xy, uCircle.xy) > uCircle.z) discard;
#endif
#if QUICK
  vec2 y = vec2(texture(uFrame0, vUv0).r, texture(uFrame1, vUv1).r) * uGain.xy;
  vec3 c = fromParts(sqrt(dot(y * y, uWeight.xy)), texture(uChroma0, vUv0).rg);
#else
  vec3 c = FRAME((PLANES & 1) > 0, uFrame0, uChroma0, vUv0) * uGain.x;
#if COUNT > 1
  c = toLinear(c) * uWeight.x + toLinear(FRAME((PLANES & 2) > 0, uFrame1, uChroma1, vUv1) * uGain.y) * uWeight.y;
#if COUNT > 2
  c += toLinear(FRAME((PLANES & 4) > 0, uFrame2, uChroma2, vUv2) * uGain.z) * uWeight.z;
#endif
  c = toCode(c);
#endif
#endif
#if DEPTH
  c = byDepth(c);
#endif
  colour = vec4(c, 1);
}`;
