// @ts-check
/**
 * The words in which the element and whoever feeds it speak of a sweep. Types only, no code.
 *
 * Places are fractions of the reference picture's width and height from its top left corner.
 * A slot is a frame's place in the sweep, counted from 0; between two slots lie fractions.
 */

/**
 * Row-major 2x3 matrix: `x' = m0 x + m1 y + m2`, `y' = m3 x + m4 y + m5`.
 * @typedef {readonly number[]} Affine
 */

/**
 * What is known of a sweep. May grow while it is being read: set `source` again.
 * @typedef {object} Facts
 * @property {string} [id]
 * @property {string} [version] changes when the slots do
 * @property {string} [name]
 * @property {number} width original pixels
 * @property {number} height
 * @property {number} count slots
 * @property {readonly number[]} [frames] input frame number of each slot
 * @property {readonly Affine[]} poses reference fractions to frame fractions, per slot
 * @property {readonly boolean[]} [usable]
 * @property {readonly number[]} [gain] brightness over the reference's, in code values
 * @property {readonly number[]} [sweep] slots of the sweep in order
 * @property {number} [reference]
 * @property {{width:number, height:number}} preview
 * @property {number} [tile] side of a tile, pixels
 * @property {readonly [number, number, number, number]} [valid] x, y, width, height every frame covers
 * @property {number} [best_slot] most in focus
 */

/**
 * @typedef {object} Pick the answer to a touch
 * @property {number} x
 * @property {number} y
 * @property {number} frame fraction of slots
 * @property {number} slot nearest usable
 * @property {number} confidence
 * @property {string} state
 * @property {string} [why] key of the words
 * @property {readonly number[]} [curve]
 * @property {number} [noise]
 * @property {number|null} [second] slot of another depth at the same place
 */

/**
 * @typedef {object} DepthCells position of sharpest focus, per cell; arrays of rows * cols, row after row
 * @property {number} cols
 * @property {number} rows
 * @property {Float32Array} position slots, with fraction, 0 to count - 1
 * @property {Uint8Array} confidence 0 to 255
 * @property {Uint8Array} state 0 in focus, 1 no texture, 2 outside, 3 moved
 */

/**
 * Where the pictures come from. The element knows no server.
 * @typedef {object} FocusSource
 * @property {Facts} facts
 * @property {(slot:number, signal?:AbortSignal)=>Promise<Blob>} preview
 * @property {((slot:number|string, col:number, row:number, signal?:AbortSignal)=>Promise<Blob>)|null} [tile]
 * @property {(x:number, y:number, signal?:AbortSignal)=>Promise<Pick>} pick
 * @property {(()=>Promise<DepthCells>)|null} [depth]
 */

/** @typedef {{slot:number, weight:number}} Part one frame's share of what is shown */
/** @typedef {"seek"|"found"|"away"|"none"|"range"} MarkState */
/** @typedef {{x:number, y:number, state:MarkState, label:string}} Mark */
/** @typedef {{width:number, height:number, ratio:number}} Box CSS pixels, and device pixels in one */
/** @typedef {{scale:number, x:number, y:number}} View CSS pixels per picture pixel; place at the box's centre */
/** @typedef {{width:number, height:number, bytes:number, handle:unknown, chroma?:unknown}} Texture */
/** @typedef {{texture:Texture, from:Affine, weight:number, gain:number}} Sheet */

/**
 * @typedef {object} Layer something to draw
 * @property {Sheet[]} sheets up to three, blended in linear light
 * @property {Affine} ref unit square to reference fractions
 * @property {readonly number[]} clip reference fractions to clip space: x scale, x offset, y scale, y offset
 * @property {readonly number[]} within device pixels drawn on: x, y, width, height from the bottom left
 * @property {boolean} [quick] something moves
 * @property {boolean} square pixels as squares
 * @property {boolean} [depth] coloured by depth
 * @property {readonly number[]} [circle] only inside: x, y, radius in device pixels from the bottom left
 */

/**
 * @typedef {object} Peaking
 * @property {number} threshold grey levels 0..1
 * @property {readonly number[]} colour 0..1
 * @property {number} step device pixels of a shown pixel, 1 or more
 * @property {readonly number[]} circle of the loupe, or radius 0
 * @property {number} circleStep
 */

/**
 * @typedef {object} Painter what can draw: WebGL 2, or a plain canvas
 * @property {boolean} planes takes pictures as planes too
 * @property {(pixels:ImageBitmap|import("./decode.js").Planes)=>Texture} texture
 * @property {(texture:Texture)=>void} free
 * @property {(width:number, height:number, peaking:boolean, unit:number)=>void} begin
 * @property {(layer:Layer)=>void} draw
 * @property {(peaking:Peaking|null)=>void} end
 * @property {(cells:DepthCells, last:number)=>void} setDepth
 */

export {};
