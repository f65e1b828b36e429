// The style sheet of the pages, and the Content-Security-Policy that allows nothing but this style sheet.
import { createHash } from 'node:crypto';
import { Html } from './html.ts';

const style = `
:root {
  color-scheme: light dark;
  --paper: #fff; --raised: #f3f5f8; --ink: #16191d; --soft: #525a65; --line: #d3d8df; --link: #0b57b0;
  --good: #14682f; --good-back: #ddf3e2; --bad: #a1160f; --bad-back: #fde6e4; --wait: #6a4a00; --wait-back: #fbefcf;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #121417; --raised: #1d2126; --ink: #e7eaee; --soft: #a8b1bc; --line: #39414b; --link: #7db7ff;
    --good: #86dc9c; --good-back: #12351d; --bad: #ffaba4; --bad-back: #471613; --wait: #f0cd78; --wait-back: #3b2e0b;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.25rem 1rem 3rem; max-width: 62rem;
  background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif;
}
h1 { margin: 0; font-size: 1.4rem; line-height: 1.25; }
h3 { margin: 1rem 0 0; font-size: 1rem; }
h2 { margin: 0; font-size: 1.15rem; line-height: 1.35; overflow-wrap: anywhere; }
p { margin: .5rem 0; overflow-wrap: anywhere; }
body > header > p { margin: .25rem 0; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: .1875rem solid var(--link); outline-offset: .125rem; border-radius: .125rem; }
nav a, .links a { display: inline-block; margin-right: 1.25rem; padding: .375rem 0; }
small, dt, caption, footer, .links { color: var(--soft); font-size: .875rem; }
ul { margin: .5rem 0; padding-left: 1.25rem; overflow-wrap: anywhere; }
section { margin-top: 1.25rem; padding: 1rem; border: 1px solid var(--line); border-radius: .5rem; }
section > header { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; justify-content: space-between; }
/* What piles up over or under a letter stays in its line; a long name ends after two. */
.name { display: inline-block; max-width: 100%; max-height: 3em; overflow: hidden; vertical-align: bottom; white-space: pre-wrap; overflow-wrap: anywhere; }
.state { display: inline-block; padding: .05rem .6rem; border: 1px solid transparent; border-radius: 1rem; font-weight: 600; }
.up { color: var(--good); background: var(--good-back); }
.down { color: var(--bad); background: var(--bad-back); }
.starting, .listing { color: var(--wait); background: var(--wait-back); }
.failure { margin: .75rem 0; padding: .5rem .75rem; border-left: .25rem solid var(--bad); background: var(--raised); }
progress { width: 100%; height: 1rem; accent-color: var(--link); }
dl { margin: .75rem 0 0; display: grid; gap: .75rem 1rem; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); }
dd { margin: 0; overflow-wrap: anywhere; }
dl.words dd small { display: block; }
.numbers small { white-space: nowrap; }
dl.numbers { gap: .5rem; grid-template-columns: repeat(auto-fit, minmax(7rem, 1fr)); }
dl.wide.numbers { grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); }
.numbers div { padding: .5rem .75rem; border-radius: .375rem; background: var(--raised); }
.numbers dd { font-size: 1.5rem; font-weight: 600; line-height: 1.25; font-variant-numeric: tabular-nums; }
.wide.numbers dd { font-size: 1.25rem; line-height: 1.5; }
.wide.numbers small { white-space: normal; }
table { width: 100%; margin-top: 1rem; border-collapse: collapse; }
caption { text-align: left; padding-bottom: .25rem; }
th, td { padding: .3rem 0 .3rem .75rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
td { font-variant-numeric: tabular-nums; white-space: nowrap; }
thead th { font-size: .875rem; vertical-align: bottom; }
th:first-child { padding-left: 0; text-align: left; }
tbody th { min-width: 9rem; font-weight: 400; }
footer { margin-top: 1.5rem; }
@media (max-width: 40rem) {
  /* Names on a line of their own; below, as many numbers a line as there is room for, each with its name. */
  table, caption, tbody { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { display: flex; flex-wrap: wrap; gap: 0 1.25rem; padding: .4rem 0; border-bottom: 1px solid var(--line); }
  th, td { padding: 0; border: 0; text-align: left; white-space: normal; }
  th:first-child { flex-basis: 100%; min-width: 0; }
  td::before { content: attr(data-label) " "; color: var(--soft); font-size: .75rem; }
}
`;

/** The whole element in one piece: the policy holds for these very bytes, blanks included. */
export const pageStyle = new Html(`<style>${style}</style>`);

export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
