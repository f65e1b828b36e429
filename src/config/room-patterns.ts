// Regular expressions over room names, and the rules that rewrite names with them.
import { isList } from './given.ts';
import type { Given, Report } from './given.ts';
import { scalar, shortText } from './kinds.ts';
import type { Kind, Parsed } from './kinds.ts';
import { readEntries, readEntry } from './sections.ts';
import type { RoomGroup } from './settings.ts';

/** Names are any Unicode: `.` matches line breaks and whole code points. */
const expressionFlags = 'su';

const allowed = 'a JavaScript regular expression that matches the whole name, for example standup-.*';
/** Has a sign that only expressions have. */
const harmless = shortText(/[()[\]{}*+?\\|]/);

/** An expression over the whole name. */
function expression(whenEmpty: Parsed<RegExp>): Kind<RegExp> {
  return scalar({
    noun: 'text',
    allowed,
    types: ['string'],
    harmless,
    parse: (text) => (text === '' ? whenEmpty : parseExpression(text)),
  });
}

/** Refuses an empty expression: it would leave no room. */
export const includedRooms = expression({ problem: 'is empty and would leave no room' });

/** Empty: nothing is excluded. */
export const excludedRooms = expression({ value: /(?!)/ });

const groupPattern = expression({ problem: 'is empty' });

function parseExpression(text: string): Parsed<RegExp> {
  try {
    // Alone first: `a)(b` is no expression, but would be one inside the brackets of the anchors.
    new RegExp(text, expressionFlags);
    return { value: new RegExp(`^(?:${text})$`, expressionFlags) };
  } catch (error) {
    // The engine's message is "Invalid regular expression: /…/: reason"; the reason alone repeats no input.
    const reason = /: ([A-Za-z ()'-]+)$/.exec(error instanceof Error ? error.message : '')?.[1];
    return { problem: `is not a regular expression${reason ? ` (${reason.toLowerCase()})` : ''}` };
  }
}

/** A replacement in Prometheus' spelling, for the groups of its pattern. */
function replacementFor(pattern: RegExp | undefined): Kind<string> {
  return scalar({
    noun: 'text',
    allowed: 'text in which $1 or ${1} stands for a group of the pattern and $$ for a dollar sign',
    types: ['string'],
    harmless: shortText(/\$/),
    parse: (text) => (pattern ? parseReplacement(text, pattern) : { value: text }),
  });
}

function parseReplacement(text: string, pattern: RegExp): Parsed<string> {
  const groups = new RegExp(`${pattern.source}|`, pattern.flags).exec('');
  const count = (groups?.length ?? 1) - 1;
  const names = Object.keys(groups?.groups ?? {});
  const problems: string[] = [];
  const value = text.replaceAll(/\$(?:\$|(\w+)|\{(\w*)\})?/g, (whole, bare?: string, braced?: string) => {
    if (whole === '$$') return '$$';
    const group = braced ?? bare;
    if (group === undefined || (bare !== undefined && !/^\d+$/.test(bare))) {
      problems.push('holds a $ that is followed by neither a number nor a group in braces');
    } else if (/^\d+$/.test(group)) {
      if (Number(group) <= Math.min(count, 99)) return Number(group) === 0 ? '$&' : `$${twoDigits(group)}`;
      problems.push(`refers to group ${Number(group)}, but the pattern has ${count}`);
    } else {
      if (names.includes(group)) return `$<${group}>`;
      problems.push('refers to a named group that the pattern does not have');
    }
    return '';
  });
  return problems[0] === undefined ? { value } : { problem: problems[0] };
}

/** `$1` before a digit would be read as group 10 and up; `$01` is not. */
function twoDigits(group: string): string {
  return String(Number(group)).padStart(2, '0');
}

/** Rules that rewrite names. */
export const roomGroups: Kind<readonly RoomGroup[]> = {
  allowed: 'a list of rules, each with pattern and replacement',
  flag: 'none',
  read({ label, value }, report) {
    if (!isList(value)) return void report(`${label}: not a list; allowed: ${this.allowed}`);
    return value.map((rule) => readGroup(rule, report)).filter((group) => group !== undefined);
  },
};

function readGroup(rule: Given, report: Report): RoomGroup | undefined {
  const keys = ['pattern', 'replacement'];
  const entries = readEntries(rule, { known: keys }, report);
  if (!entries) return undefined;
  for (const key of keys) {
    if (!entries.has(key)) report(`${rule.label}.${key}: missing`);
  }
  const pattern = readEntry(entries.get('pattern'), groupPattern, report);
  const replacement = readEntry(entries.get('replacement'), replacementFor(pattern), report);
  return pattern && replacement !== undefined ? { pattern, replacement } : undefined;
}
