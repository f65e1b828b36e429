// A name and what there is to say of it, in a list of such.
import { html, type Html } from './html.ts';

export function fact(name: string, value: Html): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}
