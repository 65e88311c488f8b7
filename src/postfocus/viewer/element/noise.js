// @ts-check
/** How much a preview flickers where nothing is: what peaking must not outline. */

const SIDE = 24;

/** Grey levels 0..1: spread of local contrast in the plainest tenth of the picture.
 * @param {ArrayLike<number>} rgba 0..255, row after row @param {number} width @param {number} height @returns {number} */
export function noiseOf(rgba, width, height) {
  const green = (/** @type {number} */ i) => rgba[4 * i + 1] / 255;
  const spreads = [];
  for (let top = 1; top + SIDE < height; top += 2 * SIDE) {
    for (let left = 1; left + SIDE < width; left += 2 * SIDE) {
      let sum = 0;
      for (let k = 0; k < SIDE ** 2; k++) {
        const i = (top + Math.floor(k / SIDE)) * width + left + (k % SIDE);
        sum += (green(i) - (green(i - 1) + green(i + 1) + green(i - width) + green(i + width)) / 4) ** 2;
      }
      spreads.push(Math.sqrt(sum) / SIDE);
    }
  }
  spreads.sort((a, b) => a - b);
  return Math.min(Math.max(spreads[Math.floor(spreads.length / 10)] ?? 0, 0.0035), 0.02);
}

/** @param {Blob} blob a preview */
export async function measure(blob) {
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(Math.min(bitmap.width, 960), Math.min(bitmap.height, 540));
  const context = canvas.getContext("2d");
  if (!context) return 0.004;
  context.drawImage(bitmap, (canvas.width - bitmap.width) / 2, (canvas.height - bitmap.height) / 2);
  bitmap.close();
  return noiseOf(context.getImageData(0, 0, canvas.width, canvas.height).data, canvas.width, canvas.height);
}
