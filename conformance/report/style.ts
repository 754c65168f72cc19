// The style sheet of the HTML report: light and dark, narrow and wide, and on paper.

/** Colours by their use; the pairs have a contrast of 4.5 to 1 or more. */
const colours = `
:root {
  color-scheme: light dark;
  --page: #fff; --ink: #1b1f24; --dim: #59636e; --edge: #d1d9e0; --soft: #f3f5f7; --link: #0757ba;
  --pass: #116329; --fail: #b3141d; --differs: #8a4600; --new: #0757ba; --skip: #59636e;
  --fail-soft: #ffebe9; --differs-soft: #fff3d6; --new-soft: #ddf4ff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1318; --ink: #e9edf1; --dim: #9aa6b2; --edge: #3a434d; --soft: #1a2027; --link: #79b8ff;
    --pass: #57c86b; --fail: #ff8a80; --differs: #eab14f; --new: #79b8ff; --skip: #9aa6b2;
    --fail-soft: #3a1518; --differs-soft: #33260c; --new-soft: #0d2942;
  }
}`

const page = `
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 75rem; padding: 1rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; } h3 { font-size: 1rem; margin: 0; }
a { color: var(--link); } code, pre, svg text { font-family: ui-monospace, monospace; }
pre { background: var(--soft); padding: .6rem; overflow-x: auto; font-size: .8rem; overflow-wrap: normal; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip-link { position: absolute; left: -999rem; } .skip-link:focus { position: static; }
.dim { color: var(--dim); } .scroll { overflow: auto; }
table { border-collapse: collapse; font-size: .85rem; }
th, td { border: 1px solid var(--edge); padding: .2rem .5rem; text-align: left; overflow-wrap: normal; }
thead th { background: var(--soft); position: sticky; top: 0; z-index: 2; }
.matrix { max-height: 85vh; border: 1px solid var(--edge); }
.matrix tbody th { position: sticky; left: 0; background: var(--page); font-weight: normal; min-width: 9rem; }
.matrix td { white-space: nowrap; } .matrix a { display: block; text-decoration: none; color: inherit; }
.matrix a:hover { text-decoration: underline; } td.number { text-align: right; }
.pass { color: var(--pass); } .fail, .xpass { color: var(--fail); background: var(--fail-soft); font-weight: bold; }
.differs { color: var(--differs); background: var(--differs-soft); }
.new { color: var(--new); background: var(--new-soft); } .skip { color: var(--skip); }
body:has(#bad:checked) .quiet { display: none; }
label { display: inline-block; padding: .4rem 0; } input { width: 1.1rem; height: 1.1rem; vertical-align: -.15rem; }
section.check { border-top: 1px solid var(--edge); padding: .8rem 0; }
details { margin: .3rem 0; } summary { cursor: pointer; padding: .2rem; } summary > span { padding: 0 .3rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem .8rem; margin: .5rem 0; font-size: .9rem; }
dt { color: var(--dim); } dd { margin: 0; } .here { background: var(--fail-soft); font-weight: bold; }
:target { scroll-margin-top: 1rem; } details:has(> :target) > summary { background: var(--soft); }`

const drawing = `
svg { display: block; height: auto; min-width: 45rem; } svg text { font-size: 11.5px; fill: var(--ink); }
svg .time, svg .line { fill: var(--dim); } svg .name { font-weight: bold; }
svg path { fill: none; stroke: var(--ink); } svg .axis, svg .lane { stroke: var(--edge); stroke-width: 2; }
svg .bar { stroke: var(--dim); stroke-width: 5; opacity: .55; } svg circle { fill: var(--dim); }
svg .note text { fill: var(--dim); } svg .wrong text { fill: var(--fail); } svg .wrong circle { fill: var(--fail); }
svg .data path { stroke: var(--link); } svg .fin path { stroke: var(--pass); stroke-width: 2; }
svg .rst path { stroke: var(--fail); stroke-width: 2; stroke-dasharray: 6 3; }
svg .data text { fill: var(--link); } svg .fin text { fill: var(--pass); } svg .rst text { fill: var(--fail); }
svg .fin text, svg .rst text { font-weight: bold; }
.key svg { min-width: 0; display: inline-block; vertical-align: middle; }
@media (max-width: 40rem) {
  body { padding: .6rem; } dl { grid-template-columns: 1fr; } dd { margin-left: .8rem; }
  .matrix tbody th { min-width: 0; max-width: 9.5rem; }
}`

const paper = `
@page { size: A4; margin: 14mm; }
@media print {
  :root { --page: #fff; --ink: #000; --dim: #444; --edge: #999; --soft: #eee; --link: #00408a; --pass: #0b4d1f;
    --fail: #8f0d14; --differs: #6b3600; --new: #00408a; --skip: #444; }
  body { max-width: none; padding: 0; font-size: 9.5pt; } .screen { display: none; }
  .scroll, .matrix { overflow: visible; max-height: none; border: 0; } thead th, .matrix tbody th { position: static; }
  table { font-size: 8pt; } tr, dl, h3, summary { break-inside: avoid; } h2, h3, summary { break-after: avoid; }
  th, td { padding: .1rem .3rem; } .matrix td { white-space: normal; }
  svg { min-width: 0; width: 100%; max-height: 245mm; } pre { white-space: pre-wrap; }
  section.check.quiet:not(:has(details[open])) { display: none; }
}`

/** The whole style sheet. */
export const styleSheet = `${colours}${page}${drawing}${paper}\n`
