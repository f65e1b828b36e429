// How patterns over room names, and the rules that rewrite by them, are read from a configuration.
import { isList } from './given.ts';
import type { Given, Report } from './given.ts';
import { scalar, shortText } from './kinds.ts';
import type { Kind, Parsed } from './kinds.ts';
import { RoomPattern, RoomRewrite } from './room-patterns.ts';
import { readEntries, readEntry } from './sections.ts';

const allowed = "a regular expression in RE2's syntax that matches the whole name, for example standup-.*";

function pattern(whenEmpty: Parsed<RoomPattern>): Kind<RoomPattern> {
  return scalar({
    noun: 'text',
    allowed,
    types: ['string'],
    // Has a sign that only patterns have.
    harmless: shortText(/[()[\]{}*+?\\|]/),
    parse: (text) => (text === '' ? whenEmpty : compiled(() => new RoomPattern(text))),
  });
}

/** Refuses an empty pattern: it would leave no room. */
export const includedRooms = pattern({ problem: 'is empty and would leave no room' });

/** Empty: only a room without a name is excluded, which is not published anyhow. */
export const excludedRooms = pattern({ value: new RoomPattern('') });

const rewrittenRooms = pattern({ problem: 'is empty' });

function replacementFor(text: string | undefined): Kind<RoomRewrite> {
  return scalar({
    noun: 'text',
    allowed: 'text in which $1 or ${1} stands for a group of the pattern and $$ for a dollar sign',
    types: ['string'],
    harmless: shortText(/\$/),
    parse: (replacement) => compiled(() => new RoomRewrite(text ?? '', replacement)),
  });
}

function compiled<Value>(compile: () => Value): Parsed<Value> {
  try {
    return { value: compile() };
  } catch (error) {
    return { problem: (error as SyntaxError).message };
  }
}

export const roomRewrites: Kind<readonly RoomRewrite[]> = {
  allowed: 'a list of rules, each with pattern and replacement',
  flag: 'none',
  read({ label, value }, report) {
    if (!isList(value)) return void report(`${label}: not a list; allowed: ${this.allowed}`);
    return value.map((rule) => readRewrite(rule, report)).filter((rewrite) => rewrite !== undefined);
  },
};

function readRewrite(rule: Given, report: Report): RoomRewrite | undefined {
  const keys = ['pattern', 'replacement'];
  const entries = readEntries(rule, { known: keys }, report);
  if (!entries) return undefined;
  for (const key of keys) {
    if (!entries.has(key)) report(`${rule.label}.${key}: missing`);
  }
  const pattern = readEntry(entries.get('pattern'), rewrittenRooms, report);
  return pattern && readEntry(entries.get('replacement'), replacementFor(pattern.text), report);
}
