// @ts-check
/**
 * The shapes of what the server says and the page remembers. Types only.
 *
 * @typedef {{title: string, text: string, detail?: string}} Trouble
 *
 * @typedef {object} Brief
 * @property {string} id
 * @property {string} name
 * @property {string|null} date
 * @property {string|null} camera
 * @property {number|null} count
 * @property {number} width
 * @property {number} height
 * @property {"waiting"|"reading"|"ready"|"failed"|"stopped"} state
 * @property {"frames"|"depth"|null} stage
 * @property {number} done
 * @property {number} total
 * @property {number|null} seconds_left
 * @property {Trouble|null} error
 * @property {boolean} thumb
 * @property {boolean} beside
 * @property {string} [file] name with extension
 * @property {string|null} [folder] in which the input lies
 * @property {boolean} [changed] its files are not those that were read
 *
 * @typedef {object} FactsOnly
 * @property {number} count
 * @property {number[]} frames
 * @property {number[][]} poses
 * @property {boolean[]} usable
 * @property {number[]} gain
 * @property {number[]} sweep
 * @property {number} reference
 * @property {{width: number, height: number}} preview
 * @property {number} tile
 * @property {[number, number, number, number]} valid
 * @property {number} best_slot
 * @property {number} depth_scale steps of a slot in the depth map
 * @property {string[]} notes
 * @property {number} [expected] frames that the input says it has
 * @property {string[]|null} [files] names of the frames' own files, where each has one
 * @property {boolean} [location] the input says where it was taken
 * @property {Look|null} look
 * @property {number[]} [kept] input frames chosen for saving
 * @property {string} version
 *
 * @typedef {Omit<Brief, "count"> & FactsOnly} Facts
 *
 * @typedef {{x: number, y: number}} Place
 *
 * @typedef {object} Look
 * @property {Place} [focus]
 * @property {Place} [near]
 * @property {Place} [far]
 * @property {{first?: number|null, last?: number|null}} [frames]
 * @property {{first?: number|null, last?: number|null}[]} [ranges]
 * @property {number} [soft]
 * @property {number} [reference]
 * @property {import("./strokes.js").Stroke[]} [retouch]
 * @property {boolean} [keep_glow]
 *
 * @typedef {object} Pick
 * @property {number} x
 * @property {number} y
 * @property {number} frame
 * @property {number} slot
 * @property {number} confidence
 * @property {string} state
 * @property {string} [why]
 * @property {number[]} curve
 * @property {number} noise
 * @property {number|null} [second]
 *
 * @typedef {{name: string, where: string, url: string|null, bytes: number, folder?: string|null, path?: string|null, slot?: number|null, kind?: "range"|"all", notes?: string[]}} SavedFile
 *
 * @typedef {object} Job
 * @property {string} id
 * @property {string} sweep
 * @property {"merge"|"save"} kind
 * @property {"waiting"|"running"|"done"|"failed"|"cancelled"} state
 * @property {number} done
 * @property {number} total
 * @property {number|null} seconds_left
 * @property {Trouble|null} error
 * @property {{key?: string, files?: SavedFile[], notes?: string[], held?: string|null, never_sharp?: string|null, glow?: string|null}|null} result
 *
 * @typedef {{notes: string[], held: string|null, never_sharp: string|null, glow: string|null}} Made what there is to say of a merge, and the addresses of pictures of what was held still, of what is sharp in no frame, of where glow was
 *
 * @typedef {object} Whole
 * @property {string} version
 * @property {string|null} folder
 * @property {Brief[]} sweeps
 * @property {{max_bytes: number, max_files: number}} upload
 * @property {boolean} sample
 * @property {boolean} phone
 *
 * @typedef {"place"|"range"|"all"} Mode
 * @typedef {{x: number, y: number, at: number}} RangePlace
 */
export {};
