// @ts-check
/** How the slide bar looks; colours and sizes are the page's tokens. */

export const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { display: block; position: relative; direction: ltr; height: calc(var(--bar-well, 56px) + 32px); min-width: 0;
  touch-action: none; user-select: none; -webkit-user-select: none; cursor: pointer; -webkit-tap-highlight-color: transparent; }
.drawing { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; pointer-events: none; }
path { fill: none; stroke-linecap: round; stroke-linejoin: round; }
.well { fill: var(--pf-well); }
.band { fill: var(--pf-band); }
.curve { stroke: var(--pf-curve); stroke-width: 1.75; }
.curve[data-found="false"] { stroke-dasharray: 4 4; stroke-linecap: butt; }
.fill { fill: var(--pf-curve-fill); }
.unreadline { stroke: var(--pf-edge); stroke-width: 1.5; stroke-dasharray: 2 3; stroke-linecap: butt; }
.stem { stroke: var(--pf-found); stroke-width: 1.5; stroke-dasharray: 2 3; stroke-linecap: butt; }
.ticks, .ticksin, .crosses { stroke: var(--pf-tick); stroke-width: 1.5; stroke-linecap: butt; }
.ticksin { stroke: var(--pf-range); stroke-width: 2; }
.crosses { stroke-width: 1.25; stroke: var(--pf-text-2); }
.dots { stroke: var(--pf-tick); stroke-width: 2; }
.flags { fill: var(--pf-text); }
.notch { fill: var(--pf-found); }
.second { stroke: var(--pf-found); stroke-width: 1.5; }
.placenotch { fill: var(--pf-range); }
.brackets { stroke: var(--pf-range); stroke-width: 2; }
.handle { fill: var(--pf-range); stroke: var(--pf-head-key); stroke-width: 2; }
.handlelines { stroke: var(--pf-on-range); stroke-width: 1.75; }
.handle[data-hollow="true"] { fill: var(--pf-well); stroke: var(--pf-range); }
.handlelines[data-hollow="true"] { stroke: var(--pf-range); }
.headkey { stroke: var(--pf-head-key); stroke-width: 4; stroke-linecap: butt; opacity: 0.5; }
.headline { stroke: var(--pf-head); stroke-width: 2; }
.grip { fill: var(--pf-head); stroke: var(--pf-head-key); stroke-width: 2; paint-order: stroke; }
.griplines { stroke: var(--pf-head-key); stroke-width: 1.25; opacity: 0.75; }
${Array.from({ length: 9 }, (_, i) => `.depth${i} { stop-color: var(--pf-depth-${i}); }`).join("\n")}
[role="slider"] { position: absolute; outline: none; border-radius: 8px; }
.main { inset: 0; }
.end { width: 44px; top: 0; bottom: 0; margin-left: -22px; cursor: ew-resize; }
.main:focus-visible, .end:focus-visible { outline: 2px solid var(--pf-ring); outline-offset: 0; box-shadow: 0 0 0 4px var(--pf-ring-outer); }
.main:focus-visible { outline-offset: 2px; box-shadow: 0 0 0 6px var(--pf-ring-outer); z-index: -1; }
[hidden] { display: none; }
@media (forced-colors: active) {
  :host { forced-color-adjust: none; }
  .well { stroke: ButtonBorder; }
  .ticks, .dots { stroke: CanvasText; }
  .handlelines, .griplines { stroke: Canvas; }
  .band { opacity: 0.35; }
  .handle { stroke: Canvas; }
}
`);
