// HTML as a template tag that escapes every value put into it. Text that is not ours cannot become markup,
// nor can its invisible characters act on the page.

/** Finished markup; only the tag `html` makes it. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

/** Text and numbers are escaped, Html is put in as it is; false and undefined leave nothing. */
export type Content = Html | string | number | false | undefined | readonly Html[];

/** `html`<p>${text}</p>``. Attributes must be quoted. */
export function html(literals: TemplateStringsArray, ...contents: Content[]): Html {
  let markup = literals[0] ?? '';
  contents.forEach((content, index) => {
    markup += render(content) + (literals[index + 1] ?? '');
  });
  return new Html(markup);
}

function render(content: Content): string {
  if (content === undefined || content === false) return '';
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

// The joiners U+200C and U+200D where scripts and emoji need them: behind a letter without capitals (Arabic, scripts of
// India), a mark, or a picture. Elsewhere they only hide in a name.
const joiner = String.raw`(?<=[\p{Lo}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}])[\u200c\u200d](?=\S)`;
/** Variation selectors, behind what can be an emoji. */
const variation = String.raw`(?<=[\p{Emoji}])[\ufe0e\ufe0f]`;
/** Invisible characters that can change how others are shown, such as overrides of the writing direction. */
const invisible = String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]`;
const invisibles = new RegExp(`${joiner}|${variation}|(${invisible})`, 'gu');

/** Shows invisible characters as their code points, and replaces lone surrogates. */
function visible(text: string): string {
  return text.toWellFormed().replace(invisibles, (kept: string, shown?: string) => {
    const code = shown?.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
    return code === undefined ? kept : `⟨U+${code}⟩`;
  });
}
