// @ts-check
/** Outlines of what is sharp: where local contrast changes its sign, and is strong beside it. */

export const VERTEX = `
void main() {
  gl_Position = vec4(vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2. - 1., 0, 1);
}`;

const HEAD = `
uniform sampler2D uShown;
uniform vec3 uCircle;
uniform vec2 uStep, uPixel;
out vec4 colour;
`;

/** Local contrast, half being none: a cross of five shown pixels against the ring round it. */
export const CONTRAST = `${HEAD}
vec2 sum = vec2(0);
float grey(vec2 p) {
  vec4 c = texture(uShown, p);
  sum.y = max(sum.y, 1. - c.a);
  return dot(c.rgb, vec3(.2126, .7152, .0722));
}
void main() {
  vec2 p = gl_FragCoord.xy * uPixel;
  vec2 s = uPixel * (distance(gl_FragCoord.xy, uCircle.xy) < uCircle.z ? uStep.y : uStep.x);
  vec2 x = vec2(s.x, 0), y = vec2(0, s.y);
  float near = grey(p) + grey(p + x) + grey(p - x) + grey(p + y) + grey(p - y);
  float ring = grey(p + 2. * x) + grey(p - 2. * x) + grey(p + 2. * y) + grey(p - 2. * y);
  colour = vec4(sum.y > 0. ? .5 : clamp((near / 5. - ring / 4.) * 2. + .5, 0., 1.));
}`;

/** Two device pixels wide, whatever the zoom. */
export const LINES = `${HEAD}
uniform sampler2D uContrast;
uniform vec3 uColour;
uniform float uThreshold;
void main() {
  vec2 p = gl_FragCoord.xy * uPixel;
  vec4 c = texture(uShown, p);
  float from = distance(gl_FragCoord.xy, uCircle.xy) - uCircle.z;
  vec2 s = uPixel * (from < 0. ? uStep.y : uStep.x);
  float here = texture(uContrast, p).r - .5;
  float right = texture(uContrast, p + vec2(uPixel.x, 0)).r - .5, left = texture(uContrast, p - vec2(uPixel.x, 0)).r - .5;
  float up = texture(uContrast, p + vec2(0, uPixel.y)).r - .5, down = texture(uContrast, p - vec2(0, uPixel.y)).r - .5;
  bool line = false;
  if (here * right < 0. || here * left < 0. || here * up < 0. || here * down < 0.) {
    float e = texture(uContrast, p + vec2(s.x, 0)).r, w = texture(uContrast, p - vec2(s.x, 0)).r;
    float n = texture(uContrast, p + vec2(0, s.y)).r, o = texture(uContrast, p - vec2(0, s.y)).r;
    line = max(abs(e - w), abs(n - o)) > 2. * uThreshold && (uCircle.z < 1. || abs(from) > 3. * max(uStep.x, uStep.y));
  }
  colour = vec4(line ? mix(c.rgb, uColour, .9) : c.rgb, c.a);
}`;
