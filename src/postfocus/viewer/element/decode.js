// @ts-check
/** A JPEG's pixels, off the main path: as planes of brightness and colour where the browser gives them, else as a bitmap. */

/** @typedef {{width:number, height:number, luma:Uint8Array<ArrayBuffer>, stride:number, chroma:Uint8Array, across:number, down:number}} Planes 0..255, row after row; `stride` bytes from row to row of `luma`; `chroma` U and V by turns, `down` rows of `across` pairs */

/** Colours as they stand in the file. @param {Blob} blob */
export const bitmapOf = (blob) => createImageBitmap(blob, { colorSpaceConversion: "none" });

/** @type {Uint8Array<ArrayBuffer>[]} */
const spare = [];

/** The planes are on the graphics card: their memory serves the next picture. @param {Planes} planes */
export const recycle = ({ luma }) => spare.length < 2 && spare.push(new Uint8Array(luma.buffer));

/** Planes need a third of the memory, and no conversion on the way to the graphics card.
 * @param {Blob} blob @param {boolean} planes whether they are of use @returns {Promise<ImageBitmap|Planes>} */
export async function decode(blob, planes) {
  if (planes && "ImageDecoder" in globalThis && blob.type === "image/jpeg") {
    const found = await planesOf(blob).catch(() => null);
    if (found) return found;
  }
  return bitmapOf(blob);
}

/** @param {Blob} blob @returns {Promise<Planes|null>} null if they are none that we know */
async function planesOf(blob) {
  const decoder = new ImageDecoder({ data: await blob.arrayBuffer(), type: blob.type });
  const frame = (await decoder.decode()).image;
  decoder.close();
  try {
    const { format, colorSpace } = frame;
    if ((format !== "I420" && format !== "I444") || colorSpace.matrix !== "smpte170m" || !colorSpace.fullRange) return null;
    const { width, height } = frame.visibleRect ?? { width: frame.codedWidth, height: frame.codedHeight };
    const size = frame.allocationSize();
    const kept = spare.pop();
    const bytes = kept?.length === size ? kept : new Uint8Array(size);
    const [y, u, v] = await frame.copyTo(bytes);
    const halve = format === "I420" ? 2 : 1;
    const across = Math.ceil(width / halve);
    const down = Math.ceil(height / halve);
    const pairs = new Uint16Array(across * down);
    for (let row = 0, i = 0; row < down; row++) {
      const fromU = u.offset + row * u.stride;
      const fromV = v.offset + row * v.stride;
      for (let col = 0; col < across; col++) pairs[i++] = bytes[fromU + col] | (bytes[fromV + col] << 8);
    }
    return { width, height, luma: bytes.subarray(y.offset, y.offset + y.stride * height), stride: y.stride, chroma: new Uint8Array(pairs.buffer), across, down };
  } finally {
    frame.close();
  }
}
