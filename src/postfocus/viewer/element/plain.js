// @ts-check
/** Drawing without WebGL: frames, zoom, tiles and loupe on a plain canvas; blends in code values, no peaking, no merges. */

import { compose, invert } from "./affine.js";

/** @typedef {import("./types.js").Layer} Layer */
/** @typedef {import("./types.js").Painter} Painter */
/** @typedef {import("./types.js").Texture} Texture */

/** @implements {Painter} */
export class PlainPainter {
  planes = false;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  }

  /** @param {ImageBitmap|import("./decode.js").Planes} pixels @returns {Texture} */
  texture(pixels) {
    const bitmap = /** @type {ImageBitmap} */ (pixels);
    return { width: bitmap.width, height: bitmap.height, bytes: bitmap.width * bitmap.height * 4, handle: bitmap };
  }

  /** @param {Texture} texture */
  free(texture) {
    /** @type {ImageBitmap} */ (texture.handle).close();
  }

  /** @param {number} width @param {number} height */
  begin(width, height) {
    this.context.resetTransform();
    this.context.clearRect(0, 0, width, height);
  }

  /** @param {Layer} layer */
  draw({ sheets, ref, clip, within, circle, square }) {
    const { context } = this;
    const { width: W, height: H } = context.canvas;
    const toPixels = [(clip[0] * W) / 2, 0, ((clip[1] + 1) * W) / 2, 0, (-clip[2] * H) / 2, ((1 - clip[3]) * H) / 2];
    context.save();
    context.beginPath();
    context.rect(within[0], H - within[1] - within[3], within[2], within[3]);
    context.clip();
    if (circle) {
      context.beginPath();
      context.arc(circle[0], H - circle[1], circle[2], 0, 7);
      context.clip();
    }
    context.imageSmoothingEnabled = !square;
    let sum = 0;
    for (const { texture, from, weight } of sheets) {
      const [a, b, c, d, e, f] = compose(toPixels, compose(ref, invert(from)));
      sum += weight;
      context.globalAlpha = weight / sum;
      context.setTransform(a / texture.width, d / texture.width, b / texture.height, e / texture.height, c, f);
      context.drawImage(/** @type {ImageBitmap} */ (texture.handle), 0, 0);
    }
    context.restore();
  }

  end() {}

  setDepth() {}
}
