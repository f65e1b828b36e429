// From the text of a YAML file to the values in it, and from the path of a value to its line and column. Knows no settings.
// The parser's own messages are not used: they repeat what stands in the file.
import * as yaml from 'yaml';
import type { Path, Source } from './validation.ts';
import { invisibleCharacter, type Report } from './mistakes.ts';

const wrongIndentation =
  'wrong indentation: the keys of a section, and the dashes of a list, begin in the same column';

/** By what the parser says about a line; the first that fits counts. */
const syntaxProblems: readonly [messages: RegExp, problem: string][] = [
  [
    /^Nested mappings.*\nImplicit keys/s,
    'wrong indentation of the next line: keys of a section begin in the same column',
  ],
  [/^Flow (map|sequence)/, 'a bracket is not closed, or what stands in it is not indented'],
  [/same column|without - indicator|block sequence may not/, wrongIndentation],
  [/^Tabs/, 'a tab in the indentation; use spaces'],
  [/^Missing closing/, 'a quote is not closed'],
  [/^Missing ,|^Unexpected ,/, 'a comma or a bracket is missing'],
  [/^Implicit map keys/, 'a key without a colon behind it, or wrong indentation'],
  [/^Implicit keys/, 'a key without a colon and a space behind it, or wrong indentation of the next line'],
  [/^Nested mappings/, 'a colon in a value; put the value in quotes or on a line of its own'],
  [/escape sequence/, 'not an escape sequence; double the backslash or use single quotes'],
  [/cannot start with/, 'a value cannot begin with this character; put it in quotes'],
  [/must be unique/, 'this key stands in the section already; remove one of the two'],
  [/multiple documents/, 'a second document begins here; the file must hold one'],
  [/keys must be strings/, 'a key must be text'],
  [/call stack/, 'nested too deep'],
  [/^Unresolved tag/, 'tags (!name) are not supported'],
  [/directive/, 'YAML directives are not supported'],
];

const mostSyntaxErrors = 1000;
/** How often all aliases together may repeat something. */
const mostAliases = 10_000;

export interface YamlOptions {
  /** Takes every single value as the text that is written, as exporter-toolkit does. */
  readonly textOnly?: boolean;
  /** Keys that are no secrets, whatever they look like. */
  readonly knownKeys?: readonly string[];
  readonly hint?: Source['hint'];
}

export interface YamlFile {
  readonly value: unknown;
  /** Where in the file a value stands. */
  readonly source: Source;
}

/** Undefined when the text cannot be understood at all. All mistakes are reported. */
export function readYaml(
  text: string,
  fileName: string,
  report: Report,
  { textOnly = false, knownKeys = [], hint = () => undefined }: YamlOptions = {},
): YamlFile | undefined {
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    stringKeys: true,
    uniqueKeys: true,
    ...(textOnly && { schema: 'failsafe', customTags: ['null'] }),
  });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${fileName}:${line}:${col}`;
  };
  reportSyntax(document, text, place, report);
  if (document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')) return undefined;

  let isComplete = true;
  yaml.visit(document, {
    Alias(_, alias, ancestors) {
      const meant = alias.resolve(document);
      if (meant && !ancestors.includes(meant)) return;
      isComplete = false;
      const problem = meant
        ? 'an alias stands for what it is in'
        : 'no anchor above has the name of this alias';
      report(`${place(beginning(alias))}: ${problem}`);
    },
  });
  if (!isComplete) return undefined;
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: mostAliases });
  } catch {
    return void report(`${fileName}: aliases (*name) repeat more than ${mostAliases} values`);
  }
  const source: Source = {
    label(path, of) {
      const words = pathInWords(path, knownKeys);
      const at = place(offsetOf(document, path, of));
      return words === '' ? at : `${at}: ${words}`;
    },
    isMultiline: textOnly,
    hint,
  };
  return { value, source };
}

function reportSyntax(
  { errors, warnings }: yaml.Document.Parsed,
  text: string,
  place: (offset: number) => string,
  report: Report,
): void {
  // Mistakes of syntax come in swarms; the first of a line is the one to mend.
  const byLine = new Map<string, { offset: number; messages: string[] }>();
  for (const { message, pos } of [...errors, ...warnings].slice(0, mostSyntaxErrors)) {
    const [line = ''] = /^.*:(?=\d+$)/s.exec(place(pos[0])) ?? [];
    const known = byLine.get(line);
    if (known) known.messages.push(message);
    else byLine.set(line, { offset: pos[0], messages: [message] });
  }
  for (const { offset, messages } of byLine.values()) {
    const character = invisibleCharacter(lineAround(text, offset).replaceAll('\t', ' '));
    const said = messages.join('\n');
    const problem = syntaxProblems.find(([pattern]) => pattern.test(said))?.[1] ?? 'not valid YAML from here';
    report(`${place(offset)}: ${character ? `the line holds ${character}; remove it` : problem}`);
  }
}

function lineAround(text: string, offset: number): string {
  const end = text.slice(offset).search(/\r?\n|$/);
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset + end);
}

/** Where the value at a path begins, or its key; where it is missing, the section around it. */
function offsetOf(document: yaml.Document.Parsed, path: Path, of: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = beginning(node);
  for (const [depth, step] of path.entries()) {
    const container = yaml.isAlias(node) ? node.resolve(document) : node;
    if (yaml.isMap(container)) {
      const pair = container.items.findLast(({ key }) => yaml.isScalar(key) && String(key.value) === step);
      if (!pair) return offset;
      node = pair.value;
      if (depth === path.length - 1 && of === 'key') return beginning(pair.key);
    } else if (yaml.isSeq(container)) {
      node = container.items[Number(step)];
    }
    offset = beginning(yaml.isAlias(node) ? node.resolve(document) : node);
  }
  return offset;
}

function beginning(node: unknown): number {
  return yaml.isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

/** A key is repeated only when it is short and made of words: it may be a secret in the wrong place. */
const harmlessKey = /^(?=.{1,20}$)[A-Z]?[a-z]+(?:[A-Z][a-z]+|[_.-][a-z]+)*$/;

function pathInWords(path: Path, knownKeys: readonly string[]): string {
  return path
    .map((step, depth) => {
      if (typeof step === 'number') return `[${step}]`;
      const key = String(step);
      const name = knownKeys.includes(key) || harmlessKey.test(key) ? key : '(a key)';
      return depth === 0 ? name : `.${name}`;
    })
    .join('');
}
