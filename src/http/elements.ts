// What the pages are made of: badges, facts, tables, notes on failures.
import { html, type Content, type Html } from './html.ts';
import type { FailureStatus } from './status.ts';
import { utc } from './words.ts';

export type Look = 'up' | 'down' | 'starting' | 'listing';

const signs: Readonly<Record<Look, string>> = { down: '✕', starting: '○', listing: '◔', up: '✓' };

/** A state, shown by its colour and by a sign, for readers who cannot tell the colours apart. */
export function badge(look: Look, words: string): Html {
  return html`<span class="state ${look}"><span aria-hidden="true">${signs[look]}</span> ${words}</span>`;
}

type Fact = readonly [name: string, value: Content] | false | undefined;

/** Names with their values. `numbers`: set large, for short values; `wide numbers`: some values are longer. */
export function facts(kind: 'words' | 'numbers' | 'wide numbers', list: readonly Fact[]): Html {
  const shown = list.filter((fact) => fact !== undefined && fact !== false);
  return html`<dl class="${kind}">
    ${shown.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

export function section(id: string, title: Content, state: Content, content: Content): Html {
  return html`<section aria-labelledby="${id}">
    <header>
      <h2 id="${id}">${title}</h2>
      ${state}
    </header>
    ${content}
  </section>`;
}

/** On narrow screens rows wrap, each number after its column's name; some browsers then forget the elements' own roles. */
export function table(
  caption: string,
  [thing = '', ...columns]: readonly string[],
  rows: readonly (readonly Content[])[],
): Content {
  if (rows.length === 0) return undefined;
  const heads = [thing, ...columns].map((column) => html`<th role="columnheader" scope="col">${column}</th>`);
  const cell = (value: Content, index: number) =>
    html`<td role="cell" data-label="${columns[index]}">${value}</td>`;
  return html`<table role="table">
    <caption>
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${heads}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map(
        ([name, ...values]) =>
          html`<tr role="row">
            <th role="rowheader" scope="row">${name}</th>
            ${values.map(cell)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

export function lastingNote(
  failing: string,
  { message, since }: Pick<FailureStatus, 'message' | 'since'>,
  consequence: Content,
): Html {
  return html`<div class="failure">
    <p><strong>${failing} since ${utc(since)}:</strong> ${message}</p>
    <p><small>${consequence}</small></p>
  </div>`;
}

export function failureNote(failure: FailureStatus, failing: string, consequence: string): Html {
  const { message, reason, remedy, since } = failure;
  return html`<div class="failure">
    <p><strong>What happened:</strong> ${message} <small>(reason ${reason})</small></p>
    <p><strong>What to do:</strong> ${remedy}</p>
    <p><small>${failing} since ${utc(since)}. ${consequence}</small></p>
  </div>`;
}
