// @ts-check
/** The looks of what lies over the picture. Colours come from the page's tokens, with their values as a fallback. */

const TEXT = `
:host {
  display: block; position: relative; overflow: hidden; touch-action: none; user-select: none; -webkit-user-select: none;
  -webkit-touch-callout: none; outline: none; background: var(--pf-surround, #262626);
  font: var(--pf-weight, 400) var(--pf-size-3, 0.9375rem) / 1.35 var(--pf-font, system-ui, sans-serif);
  --key: var(--pf-keyline, rgb(0 0 0 / 0.78));
}
:host([hidden]) { display: none; }
.picture, .over, .over::after { position: absolute; inset: 0; }
.picture { width: 100%; height: 100%; }
.over { overflow: hidden; pointer-events: none; }
:host(:focus-visible) .over::after {
  content: ""; border: 2px solid var(--pf-ring, #fff);
  box-shadow: inset 0 0 0 2px var(--pf-ring-outer, #000);
}
:host(.aims) { cursor: none; }
:host(.pans) { cursor: grabbing; }
.mark, .plate, .loupe { position: absolute; left: 0; top: 0; }
.mark { --tone: var(--pf-mark-seek, #fff); forced-color-adjust: none; transition: opacity 300ms; }
.mark.found { --tone: var(--pf-mark-found, #4df08f); }
.mark.none { --tone: var(--pf-mark-none, #ff6b60); }
.mark.range { --tone: var(--pf-mark-range, #ffc14a); }
.mark svg { position: absolute; left: -36px; top: -36px; width: 72px; height: 72px; overflow: visible; fill: none; stroke-linecap: round; stroke-linejoin: round; }
.mark .key { stroke: var(--key); stroke-width: 5; }
.mark .line { stroke: var(--tone); stroke-width: 2.5; transition: stroke var(--pf-quick, 90ms); }
.mark .fill { fill: var(--tone); stroke: var(--key); stroke-width: 1.25; }
.mark text { fill: #161616; font-size: 13px; font-weight: 600; text-anchor: middle; stroke: none; }
.mark.dim { opacity: 0.55; }
.mark.hover { opacity: 0.7; transition: none; }
.mark.new svg { animation: in 90ms ease-out; }
@keyframes in { from { transform: scale(1.12); } }
[hidden] { display: none !important; }
.plate, .loupe span { background: var(--pf-plate, rgb(20 20 20 / 0.86)); color: var(--pf-on-plate, #f5f5f5); }
.plate { box-sizing: border-box; border-radius: 8px; padding: 6px 12px 7px; max-width: min(90%, 26rem); width: max-content; }
.plate b { display: block; font-weight: 600; font-size: 0.875rem; }
.plate span { color: var(--pf-on-plate-2, #cfcfcf); font-size: 0.8125rem; display: block; }
.plate.state { border-radius: 999px; display: flex; gap: 0.5rem; align-items: baseline; }
.plate.hint { left: 50%; top: auto; bottom: 28px; translate: -50%; border-radius: 999px; padding: 10px 18px 11px 14px; display: flex; gap: 0.75rem; align-items: center; }
.plate.hint span { font-size: 0.9375rem; color: inherit; }
.plate.hint svg { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; flex: none; }
.loupe { border-radius: 50%; box-sizing: border-box; border: 1.5px solid #fff; box-shadow: 0 0 0 1.5px var(--key), inset 0 0 0 1px var(--key); forced-color-adjust: none; }
.loupe svg { position: absolute; left: 50%; top: 50%; width: 24px; height: 24px; translate: -50% -50%; stroke-linecap: round; }
.loupe span { position: absolute; left: 50%; bottom: 16px; translate: -50%; border-radius: 999px; padding: 1px 9px 2px; font-size: 0.75rem; font-weight: 600; white-space: nowrap; font-variant-numeric: tabular-nums; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-height: 519px) { .mark svg { scale: 0.857; } }
`;

/** @returns {CSSStyleSheet} */
export function sheet() {
  const made = new CSSStyleSheet();
  made.replaceSync(TEXT);
  return made;
}
