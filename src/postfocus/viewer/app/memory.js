// @ts-check
/** Small things this browser remembers; without storage they are simply forgotten. */

/**
 * @param {string} key
 * @param {string} otherwise
 */
export function recall(key, otherwise) {
  try {
    return localStorage.getItem(`postfocus.${key}`) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/**
 * @param {string} key
 * @param {string} value
 */
export function remember(key, value) {
  try {
    localStorage.setItem(`postfocus.${key}`, value);
  } catch {
    return;
  }
}
