// @ts-check
/**
 * sRGB code values to linear light and back. A cubic and roots instead of powers, several times as quick without a
 * graphics card; there and back again is right to half a code value.
 */

export const SRGB = `
vec3 toLinear(vec3 c) {
  return c * (c * (c * .305306 + .682171) + .0125229);
}
vec3 toCode(vec3 c) {
  vec3 s = sqrt(c);
  return min(s * (1.287367 + c * .09729) - .050803 * sqrt(s) - .333 * c, 1.);
}`;

/** A frame as planes of brightness and colour (JFIF, BT.601 full range), or as it is. */
export const PLANES = `
vec3 fromParts(float luma, vec2 chroma) {
  vec2 c = chroma - 128. / 255.;
  return clamp(luma + vec3(1.402 * c.y, -.344136 * c.x - .714136 * c.y, 1.772 * c.x), 0., 1.);
}
vec3 fromPlanes(sampler2D luma, sampler2D chroma, vec2 p) {
  return fromParts(texture(luma, p).r, texture(chroma, p).rg);
}
#define FRAME(planes, luma, chroma, p) (planes ? fromPlanes(luma, chroma, p) : texture(luma, p).rgb)
`;
