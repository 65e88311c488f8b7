// @ts-check
/** What a sweep is called on the page: by its stem, or whole where that would not tell it from another. */

/** @typedef {import("./types.js").Brief} Brief */
/** @typedef {Pick<Brief, "id"|"name"|"file"|"state">} Named */

/**
 * The names of all sweeps there are.
 * @param {readonly Named[]} sweeps
 * @returns {Map<string, string>} by id
 */
export function namesOf(sweeps) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  for (const { name } of sweeps) seen.set(name, (seen.get(name) ?? 0) + 1);
  return new Map(sweeps.map((brief) => {
    const whole = brief.state === "failed" || (seen.get(brief.name) ?? 0) > 1;
    return [brief.id, whole ? (brief.file ?? brief.name) : brief.name];
  }));
}
