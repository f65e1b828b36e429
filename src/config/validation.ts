// Checks what one source gives against a schema, and words every mistake: where it stands, what is wrong, what is allowed.
import * as z from 'zod';
import { harmlessText, invisibleCharacter, nearMiss, type Report } from './mistakes.ts';

export type Path = readonly PropertyKey[];

/** Where values come from. */
export interface Source {
  /** How a message begins that is about a value, or about its key: `config.yaml:3:5: poll.interval`. */
  label(path: Path, of: 'key' | 'value'): string;
  /** Whether values can have several lines. */
  readonly isMultiline?: boolean;
  /** What to say when a value is missing. */
  missing?(path: Path): string | undefined;
  /** Whether what is wrong at a path was reported already. */
  isReported?(path: Path): boolean;
  /** What to say about an unknown key that has its place elsewhere. */
  hint?(path: Path, key: string): string | undefined;
}

/** What the schema makes of a value; undefined after a mistake. Every mistake is reported, one line each. */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  source: Source,
  report: Report,
): z.output<Schema> | undefined {
  let isUsable = true;
  const complain: Report = (problem) => {
    isUsable = false;
    report(problem);
  };
  for (const { path, of, problem } of invisibleCharacters(value, [], source.isMultiline)) {
    if (!source.isReported?.(path)) complain(`${source.label(path, of)}: ${problem}`);
  }
  const { data, error } = schema.safeParse(value, { reportInput: true });
  for (const issue of error?.issues ?? []) {
    isUsable = false;
    const { input } = issue;
    // Said already, as is what is missing because of another mistake.
    const isSaid = typeof input === 'string' && invisibleCharacter(input) !== undefined;
    if (isSaid || source.isReported?.(issue.path)) continue;
    if (issue.code === 'unrecognized_keys') {
      const visible = issue.keys.filter((key) => invisibleCharacter(key) === undefined);
      for (const key of visible) complain(unknownKey(issue.path, key, schema, source));
    } else {
      complain(wrongValue(issue, schema, source));
    }
  }
  return isUsable ? data : undefined;
}

function* invisibleCharacters(
  value: unknown,
  path: Path,
  isMultiline = false,
): Generator<{ path: Path; of: 'key' | 'value'; problem: string }> {
  if (typeof value === 'string') {
    const character = invisibleCharacter(isMultiline ? value.replaceAll(/[\r\n\t]/g, '') : value);
    if (character) yield { path, of: 'value', problem: `the value holds ${character}; remove it` };
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, below] of Object.entries(value)) {
    const inside = [...path, Array.isArray(value) ? Number(key) : key];
    const character = invisibleCharacter(key);
    if (character) yield { path: inside, of: 'key', problem: `the key holds ${character}; remove it` };
    else yield* invisibleCharacters(below, inside, isMultiline);
  }
}

function unknownKey(path: Path, key: string, schema: z.ZodType, source: Source): string {
  const known = keysOf(schemaAt(schema, path));
  const meant = nearMiss(key, known);
  const mend = source.hint?.(path, key) ?? (meant && `did you mean ${meant}?`);
  const label = source.label([...path, key], 'key');
  return `${label}: unknown key; ${mend ? `${mend} ` : ''}allowed: ${known.join(', ')}`;
}

const typeNames: Readonly<Record<string, string>> = { number: 'a number', boolean: 'a boolean' };

function wrongValue(issue: z.core.$ZodIssue, schema: z.ZodType, source: Source): string {
  const { input } = issue;
  const place = source.label(issue.path, 'value');
  if (issue.code === 'custom' && issue.params?.['isSentence']) return `${place}: ${issue.message}`;
  if (input === undefined) return `${place}: ${source.missing?.(issue.path) ?? 'missing'}`;
  const kind = schemaAt(schema, issue.path);
  const keys = keysOf(kind);
  if (keys.length > 0) return `${place}: not a section; allowed: ${keys.join(', ')}`;

  const { noun = 'text', allowed = '', isSecret = false } = kind?.meta() ?? {};
  const value = !isSecret && harmlessText.test(String(input)) ? String(input) : 'the value';
  const what =
    kind instanceof z.ZodArray ? 'not a list' : whatIsWrong(issue, value, noun, kind instanceof z.ZodNumber);
  return `${place}: ${what}${allowed && `; allowed: ${allowed}`}`;
}

function whatIsWrong(issue: z.core.$ZodIssue, value: string, noun: string, isNumeric: boolean): string {
  const { input } = issue;
  if (input === null) return 'the value is missing';
  if (typeof input === 'object') return `a ${Array.isArray(input) ? 'list' : 'section'} is not ${noun}`;
  // In a file `100` and `"100"` differ.
  const isText = typeof input === 'string' && /^(?:[-+]?\d+|true|false)$/.test(input);
  const type = typeof input === 'number' && isNumeric ? undefined : typeNames[typeof input];
  switch (issue.code) {
    case 'custom':
      return `${value} ${issue.message}`;
    case 'too_small':
    case 'too_big':
      return `${value} is out of range`;
    case 'invalid_value':
      return `${value} is not one of them`;
    default:
      if (isText) return `"${input}" is text, not ${noun}`;
      return type ? `${value} is ${type}, not ${noun}` : `${value} is not ${noun}`;
  }
}

/** What a setting or section is, without its default. */
export function kindOf(schema: z.ZodType): z.ZodType {
  const isWrapper = schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault;
  return isWrapper ? kindOf(schema.unwrap() as z.ZodType) : schema;
}

/** The schema of what stands at a path, as it is written in the source. */
function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  let here: z.ZodType | undefined = kindOf(schema);
  for (const step of path) {
    const outside: z.ZodType | undefined = here && written(here);
    if (outside instanceof z.ZodArray) here = outside.element as z.ZodType;
    else if (outside instanceof z.ZodObject) here = (outside.shape as Record<PropertyKey, z.ZodType>)[step];
    else return undefined;
    here = here && kindOf(here);
  }
  return here;
}

/** A section or list before it is transformed. */
function written(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodPipe ? written(schema.in as z.ZodType) : schema;
}

/** The keys of a section. */
export function keysOf(schema: z.ZodType | undefined): string[] {
  const section = schema && written(schema);
  return section instanceof z.ZodObject ? Object.keys(section.shape) : [];
}
