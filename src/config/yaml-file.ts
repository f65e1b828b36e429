// From the text of a YAML file to the values in it, and from the path of a value to its line and column. Knows no settings.
// The parser's own messages are not used: they repeat what stands in the file.
import * as yaml from 'yaml';
import { fileProblem, invisibleCharacter, type Report } from './mistakes.ts';
import type { Path, Source } from './validation.ts';

/** By what the parser says about a line; the first that fits counts. */
const syntaxProblems: readonly [messages: RegExp, problem: string][] = [
  [/^Nested mappings.*\nImplicit keys/s, 'wrong indentation of the next line'],
  [/same column|without - indicator|block sequence may not/, 'wrong indentation'],
  [/^Implicit/, 'a key without a colon and a space behind it, or wrong indentation of the next line'],
  [/^Flow (map|sequence)/, 'a bracket is not closed, or its content is not indented'],
  [/^Tabs/, 'a tab in the indentation; use spaces'],
  [/^Missing closing/, 'a quote is not closed'],
  [
    /^Nested mappings/,
    'a colon in a value; put the value in quotes, or the keys of a section on lines of their own',
  ],
  [/escape sequence/, 'not an escape sequence; double the backslash or use single quotes'],
  [/cannot start with/, 'a value cannot begin with this character; put it in quotes'],
  [/must be unique/, 'this key is already in the section; remove one of the two'],
  [/multiple documents/, 'a second document begins here; the file must hold one'],
  [/^Unresolved tag/, 'tags (!name) are not supported'],
];

interface YamlOptions {
  /** Takes every single value as the text that is written, as exporter-toolkit does. */
  readonly textOnly?: boolean;
  /** Keys that are no secrets, whatever they look like. */
  readonly knownKeys?: readonly string[];
}

/** The values and their places; undefined when the file cannot be read or understood at all. All mistakes are reported. */
export async function readYaml(
  file: Promise<string>,
  fileName: string,
  report: Report,
  { textOnly = false, knownKeys = [] }: YamlOptions = {},
): Promise<{ readonly value: unknown; readonly label: Source['label'] } | undefined> {
  const text = await file.catch((error: unknown) => void report(`${fileName}: ${fileProblem(error)}`));
  if (text === undefined) return undefined;
  if (/[\0\ufffd]/.test(text)) return void report(`${fileName}: not text in UTF-8; save the file as UTF-8`);
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    ...(textOnly && { schema: 'failsafe', customTags: ['null'] }),
  });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${fileName}:${line}:${col}`;
  };
  // Mistakes of syntax come in swarms; the first of a line is the one to mend.
  const swarms = new Map<number, { offset: number; messages: string[] }>();
  for (const { message, pos } of [...document.errors, ...document.warnings]) {
    const { line } = lines.linePos(pos[0]);
    if (!swarms.has(line)) swarms.set(line, { offset: pos[0], messages: [] });
    swarms.get(line)?.messages.push(message);
  }
  const rows = text.split('\n');
  for (const [line, { offset, messages }] of swarms) {
    const row = rows[line - 1] ?? '';
    const character = invisibleCharacter(row.replaceAll(/[\t\r]/g, ''));
    const problem = row.includes('{{')
      ? '{{ begins a placeholder that nothing has replaced, or a value that needs quotes'
      : syntaxProblems.find(([pattern]) => pattern.test(messages.join('\n')))?.[1];
    const words = character
      ? `the line holds ${character}`
      : (problem ?? 'not valid YAML from here; a value with special characters needs quotes');
    report(`${place(offset)}: ${words}`);
  }
  if (document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')) return undefined;

  let isUsable = true;
  yaml.visit(document, {
    Alias(_, alias, ancestors) {
      const meant = alias.resolve(document);
      if (meant && !ancestors.includes(meant)) return;
      isUsable = false;
      report(
        `${place(beginning(alias))}: no anchor that ends above has the name of this alias; ` +
          'put a value that begins with * in quotes',
      );
    },
  });
  if (!isUsable) return undefined;
  const label: Source['label'] = (path, of) => {
    const words = pathInWords(path, knownKeys);
    return `${place(offsetOf(document, path, of))}${words && `: ${words}`}`;
  };
  // An empty file is an empty section.
  return { value: document.toJS({ maxAliasCount: -1 }) ?? {}, label };
}

/** Where the value at a path begins, or its key; where it is missing, the section around it. */
function offsetOf(document: yaml.Document.Parsed, path: Path, of?: 'key'): number {
  let node: unknown = document.contents;
  for (const [depth, step] of path.entries()) {
    if (yaml.isMap(node)) {
      const pair = node.items.findLast(({ key }) => yaml.isScalar(key) && String(key.value) === step);
      if (!pair) break;
      node = of === 'key' && depth === path.length - 1 ? pair.key : pair.value;
    } else if (yaml.isSeq(node)) {
      node = node.items[Number(step)];
    }
    if (yaml.isAlias(node)) node = node.resolve(document);
  }
  return beginning(node);
}

function beginning(node: unknown): number {
  return yaml.isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

/** A key is repeated only when it is short and made of words: it may be a secret in the wrong place. */
const harmlessKey = /^(?=.{1,20}$)[A-Z]?[a-z]+(?:[A-Z][a-z]+|[_.-][a-z]+)*$/;

function pathInWords(path: Path, knownKeys: readonly string[]): string {
  const words = path.map((step) => {
    if (typeof step === 'number') return `[${step}]`;
    const key = String(step);
    return `.${knownKeys.includes(key) || harmlessKey.test(key) ? key : '(a key)'}`;
  });
  return words.join('').replace(/^\./, '');
}
