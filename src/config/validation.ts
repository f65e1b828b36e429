// Checks a value against a schema, and words every mistake: where it stands, what is wrong, what is allowed.
import * as z from 'zod';
import { harmlessText, invisibleCharacter, nearMiss, type Report } from './mistakes.ts';

export type Path = readonly PropertyKey[];

/** Where values come from. */
export interface Source {
  /** How a message begins that is about a value, or about its key: `config.yaml:3:5: poll.interval`. */
  label(path: Path, of: 'key' | 'value'): string;
  /** What to say when a value is missing; null: it was said. */
  missing?(path: Path): string | null | undefined;
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
  const { data, error } = schema.safeParse(value, { reportInput: true });
  for (const issue of error?.issues ?? []) {
    const mistakes =
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKey(issue.path, key, schema, source))
        : wrongValue(issue, schema, source);
    for (const [place, problem] of mistakes) report(`${place}: ${problem}`);
  }
  return data;
}

type Mistake = readonly [place: string, problem: string];

function unknownKey(path: Path, key: string, schema: z.ZodType, source: Source): Mistake {
  const place = source.label([...path, key], 'key');
  const character = invisibleCharacter(key);
  if (character) return [place, `the key holds ${character}`];
  const known = keysOf(schemaAt(schema, path));
  const meant = nearMiss(key, known);
  const mend = meant ? `did you mean ${meant}?` : source.hint?.(path, key);
  return [place, `unknown key; ${mend ? `${mend} ` : ''}allowed: ${known.join(', ')}`];
}

function wrongValue(issue: z.core.$ZodIssue, schema: z.ZodType, source: Source): Mistake[] {
  const { input, path } = issue;
  const place = source.label(path, 'value');
  if (issue.code === 'custom' && issue.params?.['isSentence']) return [[place, issue.message]];
  if (input === undefined) {
    const missing = source.missing?.(path);
    return missing === null ? [] : [[place, missing ?? 'missing']];
  }
  const character = typeof input === 'string' && invisibleCharacter(input);
  if (character) return [[place, `the value holds ${character}`]];
  const kind = schemaAt(schema, path);
  const keys = keysOf(kind);
  const { noun = 'text', allowed = '', isSecret = false } = kind?.meta() ?? {};
  if (keys.length > 0) {
    const isKey = /^\w+\s*[:=]/.test(String(input));
    const why = isKey ? ': a key ends with a colon and a space' : '';
    return [[place, `not a section${why}; allowed: ${keys.join(', ')}`]];
  }
  if (kind instanceof z.ZodArray) return [[place, `not a list; allowed: ${allowed}`]];

  // In a file `100` and `"100"` differ.
  const isQuoted = /^invalid_(?:type|union)$/.test(issue.code) && /^(?:\d+|true|false)$/.test(String(input));
  const text = isQuoted ? JSON.stringify(input) : String(input);
  const value = !isSecret && typeof input !== 'object' && harmlessText.test(text) ? text : 'the value';
  const isOutOfRange = issue.code === 'too_small' || issue.code === 'too_big';
  const isUnquoted = noun === 'text' && ['number', 'boolean'].includes(typeof input);
  const what =
    issue.code === 'custom'
      ? issue.message
      : isOutOfRange
        ? 'is out of range'
        : `is not ${noun}${isUnquoted ? ': put it in quotes' : ''}`;
  return [[place, `${value} ${what}${allowed && `; allowed: ${allowed}`}`]];
}

/** What a setting or section is, without its default. */
export function kindOf(schema: z.ZodType): z.ZodType {
  const isWrapper = schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault;
  return isWrapper ? kindOf(schema.unwrap() as z.ZodType) : schema;
}

function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  let here: z.ZodType | undefined = kindOf(schema);
  for (const step of path) {
    const outside: z.ZodType | undefined = here && beforeTransform(here);
    here =
      outside instanceof z.ZodArray ? (outside.element as z.ZodType) : here && shapeOf(here)?.[String(step)];
    here = here && kindOf(here);
  }
  return here;
}

function beforeTransform(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodPipe ? beforeTransform(schema.in as z.ZodType) : schema;
}

/** What is in a section, by its keys; undefined of what is none. */
export function shapeOf(schema: z.ZodType): Record<string, z.ZodType> | undefined {
  const section = beforeTransform(kindOf(schema));
  return section instanceof z.ZodObject ? (section.shape as Record<string, z.ZodType>) : undefined;
}

function keysOf(schema: z.ZodType | undefined): string[] {
  return Object.keys((schema && shapeOf(schema)) ?? {});
}
