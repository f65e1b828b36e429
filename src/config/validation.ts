// Checks a value against a schema, and words every mistake: where it stands, what is wrong, what is allowed.
import * as z from 'zod';
import { harmlessText, invisibleCharacter, nearMiss, type Report } from './mistakes.ts';

export type Path = readonly PropertyKey[];

export type Tree = Readonly<Record<string, unknown>>;

export function isSection(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where values come from. */
export interface Source {
  /** How a message begins that is about a value, or about its key: `config.yaml:3:5: poll.interval`. */
  label(path: Path, of?: 'key'): string;
  /** What to say when a value is missing; undefined: it was said. */
  missing?(path: Path): string | undefined;
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
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys)
        report(
          `${source.label([...issue.path, key], 'key')}: ${unknownKey(issue.path, key, schema, source)}`,
        );
    } else {
      const problem = wrongValue(issue, schema, source);
      if (problem !== undefined) report(`${source.label(issue.path)}: ${problem}`);
    }
  }
  return data;
}

function unknownKey(path: Path, key: string, schema: z.ZodType, source: Source): string {
  const character = invisibleCharacter(key);
  if (character) return `the key holds ${character}`;
  const known = keysOf(schemaAt(schema, path));
  const meant = nearMiss(key, known);
  const mend = meant ? `did you mean ${meant}?` : source.hint?.(path, key);
  return `unknown key; ${mend ? `${mend} ` : ''}allowed: ${known.join(', ')}`;
}

/** Undefined: it was said. */
function wrongValue(issue: z.core.$ZodIssue, schema: z.ZodType, source: Source): string | undefined {
  const { input, path } = issue;
  if (issue.code === 'custom' && issue.params?.['isSentence']) return issue.message;
  if (input === undefined) return source.missing ? source.missing(path) : 'missing';
  const character = typeof input === 'string' && invisibleCharacter(input);
  if (character) return `the value holds ${character}`;
  const kind = schemaAt(schema, path);
  const keys = keysOf(kind);
  const { allowed = '', isSecret = false } = kind?.meta() ?? {};
  if (keys.length > 0) {
    const isKey = /^\w+\s*[:=]/.test(String(input));
    return `not a section${isKey ? ': a key ends with a colon and a space' : ''}; allowed: ${keys.join(', ')}`;
  }
  if (kind instanceof z.ZodArray) return `not a list; allowed: ${allowed}`;

  // In a file `100` and `"100"` differ.
  const isQuoted = /^invalid_(?:type|union)$/.test(issue.code) && /^(?:\d+|true|false)$/.test(String(input));
  const text = isQuoted ? JSON.stringify(input) : String(input);
  const value = !isSecret && typeof input !== 'object' && harmlessText.test(text) ? text : 'the value';
  const isOutOfRange = issue.code === 'too_small' || issue.code === 'too_big';
  return `${value} ${isOutOfRange ? 'is out of range' : issue.message}${allowed && `; allowed: ${allowed}`}`;
}

/** Adds a mistake whose message says it all. */
export function complain(context: z.RefinementCtx, path: PropertyKey[], message: string): void {
  context.addIssue({ code: 'custom', path, message, params: { isSentence: true } });
}

/** What a setting or section is, without its default. */
export function kindOf(schema: z.ZodType): z.ZodType {
  const isWrapper = schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault;
  return isWrapper ? kindOf(schema.unwrap() as z.ZodType) : schema;
}

function schemaAt(schema: z.ZodType | undefined, [step, ...below]: Path): z.ZodType | undefined {
  const kind = schema && kindOf(schema);
  if (!kind || step === undefined) return kind;
  return schemaAt(
    kind instanceof z.ZodArray ? (kind.element as z.ZodType) : shapeOf(kind)?.[String(step)],
    below,
  );
}

/** What is in a section, by its keys; undefined of what is none. */
export function shapeOf(schema: z.ZodType): Record<string, z.ZodType> | undefined {
  const kind = kindOf(schema);
  if (kind instanceof z.ZodPipe) return shapeOf(kind.in as z.ZodType);
  return kind instanceof z.ZodObject ? (kind.shape as Record<string, z.ZodType>) : undefined;
}

function keysOf(schema: z.ZodType | undefined): string[] {
  return Object.keys((schema && shapeOf(schema)) ?? {});
}
