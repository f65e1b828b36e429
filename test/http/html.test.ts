import { expect, test } from 'vitest';
import { html } from '../../src/http/html.ts';

test.each([
  { name: 'tags', given: '<script>alert(1)</script>', want: '&lt;script&gt;alert(1)&lt;/script&gt;' },
  { name: 'quotes and ampersands', given: `"a" & 'b'`, want: '&quot;a&quot; &amp; &#39;b&#39;' },
  { name: 'entities', given: '&lt;', want: '&amp;lt;' },
  { name: 'control characters', given: 'a\u0000b\nc\u007f', want: 'a⟨U+0000⟩b⟨U+000A⟩c⟨U+007F⟩' },
  { name: 'overrides of the writing direction', given: 'exe\u202egnp', want: 'exe⟨U+202E⟩gnp' },
  { name: 'isolates', given: '\u2066a\u2069', want: '⟨U+2066⟩a⟨U+2069⟩' },
  {
    name: 'zero-width spaces and separators',
    given: 'a\ufeff\u2028\u2029',
    want: 'a⟨U+FEFF⟩⟨U+2028⟩⟨U+2029⟩',
  },
  { name: 'lone surrogates', given: 'a\ud800b', want: 'a\ufffdb' },
  {
    name: 'joiners between letters that need none',
    given: 'pay\u200dpal\u200c, \u200d',
    want: 'pay⟨U+200D⟩pal⟨U+200C⟩, ⟨U+200D⟩',
  },
  {
    name: 'letters that are never seen',
    given: '\u3164\u115f\u034f\u17b4a\ufe0f\u{e0041}',
    want: '⟨U+3164⟩⟨U+115F⟩⟨U+034F⟩⟨U+17B4⟩a⟨U+FE0F⟩⟨U+E0041⟩',
  },
  {
    name: 'nothing of what joiners and variations are for',
    given: '❤️‍🔥 🧑🏽‍🚀 می‌خواهم क्‍ष 1️⃣',
    want: '❤️‍🔥 🧑🏽‍🚀 می‌خواهم क्‍ष 1️⃣',
  },
  { name: 'nothing of other scripts and emoji', given: 'بث 会議 👩‍👩‍👧', want: 'بث 会議 👩‍👩‍👧' },
])('makes harmless: $name', ({ given, want }) => {
  expect(html`<p>${given}</p>`.markup).toBe(`<p>${want}</p>`);
});

test('puts finished markup in as it is, and lists of it line by line', () => {
  const terms = ['<', '>'].map((text) => html`<li>${text}</li>`);
  expect(html`${terms}${html`<b>${'&'}</b>`}${7}`.markup).toBe('<li>&lt;</li>\n<li>&gt;</li><b>&amp;</b>7');
});
