// @ts-check
/** sRGB code values to linear light and back (IEC 61966-2-1). */

export const SRGB = `
vec3 toLinear(vec3 c) {
  return mix(c / 12.92, pow((c + .055) / 1.055, vec3(2.4)), step(.04045, c));
}
vec3 toCode(vec3 c) {
  c = clamp(c, 0., 1.);
  return mix(c * 12.92, 1.055 * pow(c, vec3(1. / 2.4)) - .055, step(.0031308, c));
}`;
