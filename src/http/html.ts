// HTML as a template tag that escapes every value put into it. Text that is not ours cannot become markup,
// nor can its invisible characters act on the page.

/** Finished markup; only the tag `html` makes it. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

type Content = Html | string | number | readonly Html[];

/** `html`<p>${text}</p>``: text and numbers are escaped, Html is put in as it is. Attributes must be quoted. */
export function html(literals: TemplateStringsArray, ...contents: Content[]): Html {
  let markup = literals[0] ?? '';
  contents.forEach((content, index) => {
    markup += render(content) + (literals[index + 1] ?? '');
  });
  return new Html(markup);
}

function render(content: Content): string {
  if (content instanceof Html) return content.markup;
  if (typeof content === 'object') return content.map((part) => part.markup).join('\n');
  return escape(visible(String(content)));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/**
 * Control and formatting characters (overrides of the writing direction among them) as their code points,
 * and lone surrogates replaced. The joiners U+200C and U+200D stay: scripts and emoji need them.
 */
function visible(text: string): string {
  return text
    .toWellFormed()
    .replace(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `⟨U+${codePoint(character)}⟩`);
}

function codePoint(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}
