// From the text of a YAML file to the values in it, each with its line and column. Knows no settings.
// The parser's own messages are not used: they repeat what stands in the file.
import type * as Yaml from 'yaml';
import type { Document, ErrorCode, LineCounter, Node } from 'yaml';
import type { Entry, Given, Report } from './given.ts';
import { keyPath } from './sections.ts';

/** More than any sensible file has; aliases of aliases would get there from a few lines. */
const mostValues = 100_000;
const deepest = 12;

const syntaxProblems: Partial<Record<ErrorCode, string>> = {
  BAD_DIRECTIVE: 'this YAML directive is not supported',
  BAD_DQ_ESCAPE: 'not an escape sequence; double the backslash or use single quotes',
  BAD_INDENT: 'wrong indentation, or a bracket that is not closed',
  BAD_SCALAR_START: 'a value cannot begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a colon in a value; put the value in quotes or on a line of its own',
  DUPLICATE_KEY: 'this key stands in the section already; remove one of the two',
  MISSING_CHAR: 'a quote, bracket or colon is missing',
  MULTILINE_IMPLICIT_KEY: 'a key without a colon behind it, or wrong indentation',
  MULTIPLE_DOCS: 'a second document begins here; the file must hold one',
  NON_STRING_KEY: 'a key must be text',
  RESOURCE_EXHAUSTION: 'nested too deep',
  TAB_AS_INDENT: 'a tab in the indentation; use spaces',
  TAG_RESOLVE_FAILED: 'tags (!name) are not supported',
  UNEXPECTED_TOKEN: 'not valid YAML from here',
};

/** Reads a file's text; undefined when it cannot be understood at all. All mistakes are reported. */
export async function readYaml(text: string, fileName: string, report: Report): Promise<Given | undefined> {
  return readYamlWith(await import('yaml'), text, fileName, report);
}

/** The same at once, for who has the parser already. Errors name the known keys whatever they look like. */
export function readYamlWith(
  yaml: typeof Yaml,
  text: string,
  fileName: string,
  report: Report,
  knownKeys: readonly string[] = [],
): Given | undefined {
  const lineCounter = new yaml.LineCounter();
  const document = yaml.parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    strict: true,
    stringKeys: true,
    uniqueKeys: true,
  });

  const reportedLines = new Set<number>();
  for (const { code, pos } of [...document.errors, ...document.warnings]) {
    const { line, col } = lineCounter.linePos(pos[0]);
    // Mistakes of syntax come in swarms; the first of a line is the one to mend.
    if (reportedLines.has(line)) continue;
    reportedLines.add(line);
    report(`${fileName}:${line}:${col}: ${syntaxProblems[code] ?? 'not valid YAML'}`);
    if (code === 'RESOURCE_EXHAUSTION') return undefined;
  }
  if (document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')) return undefined;
  return new Tree(yaml, document, lineCounter, fileName, report, knownKeys).read();
}

/** Turns the parser's nodes into values, aliases replaced by what they stand for. */
class Tree {
  readonly #yaml: typeof Yaml;
  readonly #document: Document.Parsed;
  readonly #lineCounter: LineCounter;
  readonly #fileName: string;
  readonly #report: Report;
  readonly #knownKeys: readonly string[];
  readonly #anchors = new Map<string, Node>();
  #values = 0;
  #failed = false;

  constructor(
    yaml: typeof Yaml,
    document: Document.Parsed,
    lineCounter: LineCounter,
    fileName: string,
    report: Report,
    knownKeys: readonly string[],
  ) {
    this.#yaml = yaml;
    this.#document = document;
    this.#lineCounter = lineCounter;
    this.#fileName = fileName;
    this.#report = report;
    this.#knownKeys = knownKeys;
  }

  read(): Given | undefined {
    const root = this.#given(this.#document.contents, '', 0);
    return this.#failed ? undefined : root;
  }

  #given(node: Node | null, path: string, depth: number): Given {
    const { isAlias, isMap, isScalar, isSeq } = this.#yaml;
    const label = this.#label(node, path);
    const given = (value: Given['value']): Given => ({ label, value, typed: true });
    if (this.#failed) return given(null);
    if (depth > deepest) return given(this.#fail(`${label}: nested too deep`));
    this.#values += 1;
    if (this.#values > mostValues) {
      return given(this.#fail(`${label}: more than ${mostValues} values, counting what aliases stand for`));
    }
    if (isAlias(node)) {
      // Anchors stand above their aliases, so those of the way so far are all there are.
      const meant = this.#anchors.get(node.source);
      if (meant) return this.#given(meant, path, depth + 1);
      return given(this.#fail(`${label}: no anchor above has the name of this alias`));
    }
    if (node?.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isSeq<Node>(node)) {
      return given(node.items.map((child, index) => this.#given(child, `${path}[${index}]`, depth + 1)));
    }
    if (isMap<Node, Node | null>(node)) {
      return given({ entries: node.items.map(({ key, value }) => this.#entry(key, value, path, depth)) });
    }
    if (!isScalar(node)) return given(null);
    const bare = node.type === 'PLAIN' ? node.source : undefined;
    return { ...given(plain(node.value)), ...(bare !== undefined && { bare }) };
  }

  #entry(keyNode: Node, value: Node | null, path: string, depth: number): Entry {
    const key = this.#yaml.isScalar(keyNode) ? String(keyNode.value) : '';
    const below = keyPath(path, key, this.#knownKeys);
    return { key, label: this.#label(keyNode, below), value: this.#given(value ?? null, below, depth + 1) };
  }

  #fail(problem: string): null {
    this.#failed = true;
    this.#report(problem);
    return null;
  }

  #label(node: Node | null, path: string): string {
    const { line, col } = this.#lineCounter.linePos(node?.range?.[0] ?? 0);
    const place = `${this.#fileName}:${line}:${col}`;
    return path === '' ? place : `${place}: ${path}`;
  }
}

function plain(value: unknown): Given['value'] {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return null;
}
