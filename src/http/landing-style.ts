// The landing page's style sheet, and the policy under which a browser shows the page: this style sheet and
// nothing else, no scripts, nothing loaded from anywhere.
import { createHash } from 'node:crypto';
import { Html } from './html.ts';

const style = `
:root {
  color-scheme: light dark;
  --paper: #fff; --raised: #f5f6f8; --ink: #16191d; --soft: #535b66; --line: #d5d9df; --link: #0b57b0;
  --good: #14682f; --good-back: #ddf3e2; --bad: #a1160f; --bad-back: #fde6e4; --wait: #6a4a00; --wait-back: #fbefcf;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #121417; --raised: #1c2025; --ink: #e7eaee; --soft: #a5aeb9; --line: #363d46; --link: #7db7ff;
    --good: #86dc9c; --good-back: #12351d; --bad: #ffaba4; --bad-back: #471613; --wait: #f0cd78; --wait-back: #3b2e0b;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.25rem 1rem 3rem; max-width: 60rem;
  background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif;
}
h1 { margin: 0; font-size: 1.4rem; line-height: 1.25; }
h2 { margin: 0; font-size: 1.15rem; overflow-wrap: anywhere; }
p { margin: .5rem 0; overflow-wrap: anywhere; }
a { color: var(--link); }
nav a { display: inline-block; margin-right: 1.25rem; padding: .25rem 0; }
small, dt, caption, footer { color: var(--soft); font-size: .875rem; }
section { margin-top: 1.25rem; padding: 1rem; border: 1px solid var(--line); border-radius: .5rem; }
section > header { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; justify-content: space-between; }
.state { padding: .05rem .6rem; border-radius: 1rem; font-weight: 600; white-space: nowrap; }
.up { color: var(--good); background: var(--good-back); }
.down { color: var(--bad); background: var(--bad-back); }
.starting, .listing { color: var(--wait); background: var(--wait-back); }
.failure { margin: .75rem 0; padding: .5rem .75rem; border-left: .25rem solid var(--bad); background: var(--raised); }
progress { width: 100%; height: 1rem; accent-color: var(--link); }
dl { margin: .75rem 0 0; display: grid; gap: .5rem 1rem; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); }
dd { margin: 0; overflow-wrap: anywhere; }
time { white-space: nowrap; }
dl.numbers { grid-template-columns: repeat(auto-fit, minmax(7rem, 1fr)); }
.numbers div { padding: .5rem .75rem; border-radius: .375rem; background: var(--raised); }
.numbers dd { font-size: 1.5rem; font-weight: 600; line-height: 1.25; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { width: 100%; margin-top: 1rem; border-collapse: collapse; }
caption { text-align: left; padding-bottom: .25rem; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
td { font-variant-numeric: tabular-nums; white-space: nowrap; }
thead th { font-size: .875rem; }
th:first-child { text-align: left; padding-left: 0; }
tbody th { min-width: 8rem; font-weight: 400; overflow-wrap: anywhere; }
@media (max-width: 40rem) { th, td { padding: .3rem; font-size: .875rem; } }
footer { margin-top: 1.5rem; }
`;

/** The whole element in one piece: the policy holds for these very bytes, blanks included. */
export const landingStyle = new Html(`<style>${style}</style>`);

const styleHash = createHash('sha256').update(style).digest('base64');

/** The value of the page's Content-Security-Policy. */
export const landingPagePolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
