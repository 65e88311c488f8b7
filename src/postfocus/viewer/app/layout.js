// @ts-check
/** Which of the three layouts fits the window. In em, so that large text moves to the roomier one. */

/** @typedef {"wide"|"upright"|"low"} Layout */

const low = matchMedia("(max-height: 32.49em) and (min-width: 30em)");
const upright = matchMedia("(max-width: 44.99em)");

/** @returns {Layout} */
function layout() {
  if (low.matches) return "low";
  return upright.matches ? "upright" : "wide";
}

/**
 * @param {(layout: Layout) => void} tell now and at every change
 */
export function watchLayout(tell) {
  const say = () => {
    document.documentElement.dataset.layout = layout();
    tell(layout());
  };
  low.addEventListener("change", say);
  upright.addEventListener("change", say);
  say();
}
