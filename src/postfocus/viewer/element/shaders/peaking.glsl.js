// @ts-check
/** Outlines of what is sharp: where local contrast changes its sign, and is strong beside it. */

export const VERTEX = `#version 300 es
void main() {
  gl_Position = vec4(vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2. - 1., 0, 1);
}`;

/** Grey and local contrast of the shown picture, a shown pixel apart. */
export const CONTRAST = `#version 300 es
precision highp float;
uniform sampler2D uShown;
uniform vec3 uCircle;
uniform vec2 uStep;
out vec4 colour;
vec2 grey(ivec2 p) {
  vec4 c = texelFetch(uShown, clamp(p, ivec2(0), textureSize(uShown, 0) - 1), 0);
  return vec2(dot(c.rgb, vec3(.2126, .7152, .0722)), 1. - c.a);
}
void main() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  int s = int(distance(gl_FragCoord.xy, uCircle.xy) < uCircle.z ? uStep.y : uStep.x);
  vec2 ring = grey(p + ivec2(s, 0)) + grey(p - ivec2(s, 0)) + grey(p + ivec2(0, s)) + grey(p - ivec2(0, s));
  float contrast = ring.y > 0. ? 0. : grey(p).x - ring.x / 4.;
  colour = vec4(clamp(contrast * 2. + .5, 0., 1.));
}`;

export const LINES = `#version 300 es
precision highp float;
uniform sampler2D uShown, uContrast;
uniform vec3 uCircle, uColour;
uniform vec2 uStep;
uniform float uThreshold;
out vec4 colour;
float contrast(ivec2 p) {
  return (texelFetch(uContrast, clamp(p, ivec2(0), textureSize(uContrast, 0) - 1), 0).r - .5) / 2.;
}
void main() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  vec4 c = texelFetch(uShown, p, 0);
  float from = distance(gl_FragCoord.xy, uCircle.xy) - uCircle.z;
  int s = int(from < 0. ? uStep.y : uStep.x);
  float here = contrast(p), e = contrast(p + ivec2(1, 0)), w = contrast(p - ivec2(1, 0));
  float n = contrast(p + ivec2(0, 1)), o = contrast(p - ivec2(0, 1));
  float least = min(min(min(e, w), min(n, o)), here), most = max(max(max(e, w), max(n, o)), here);
  if (s > 1) {
    e = contrast(p + ivec2(s, 0)); w = contrast(p - ivec2(s, 0));
    n = contrast(p + ivec2(0, s)); o = contrast(p - ivec2(0, s));
  }
  float strength = max(max(max(e, w), max(n, o)), here) - min(min(min(e, w), min(n, o)), here);
  bool line = least < 0. && most > 0. && strength > uThreshold && abs(from) > 3. * step(1., uCircle.z);
  colour = vec4(line ? mix(c.rgb, uColour, .9) : c.rgb, c.a);
}`;
