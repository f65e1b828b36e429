// The kinds of values a setting can have: how each is read, and how its mistakes are worded.
import { parseDuration } from './duration.ts';
import { isList, isSection } from './given.ts';
import type { Given, Report } from './given.ts';
import { parseListenAddress } from './listen-address.ts';
import type { ListenAddress } from './settings.ts';

export interface Kind<Value> {
  /** What is allowed, as it ends a sentence. */
  readonly allowed: string;
  /** How it stands on the command line: with a value, as a switch, with a value several times, or not at all. */
  readonly flag: 'value' | 'switch' | 'repeatable' | 'none';
  /** The value; undefined when it cannot be used, which is then reported. */
  read(given: Given, report: Report): Value | undefined;
}

type ScalarType = 'string' | 'number' | 'boolean';

export type Parsed<Value> = { readonly value: Value } | { readonly problem: string };

interface ScalarRules<Value> {
  /** With its article: `a duration`. */
  readonly noun: string;
  readonly allowed: string;
  /** What a file may hold; the command line and the environment know text only. */
  readonly types: readonly ScalarType[];
  /**
   * A value is repeated in an error only when it looks like this: the value itself, mistyped. Anything else
   * may be a secret that got into the wrong place.
   */
  readonly harmless: RegExp;
  readonly flag?: 'value' | 'switch';
  parse(text: string): Parsed<Value>;
}

const typeNames: Record<ScalarType, string> = { string: 'text', number: 'a number', boolean: 'a boolean' };

export function scalar<Value>(rules: ScalarRules<Value>): Kind<Value> {
  const { noun, allowed, types, harmless } = rules;
  return {
    allowed,
    flag: rules.flag ?? 'value',
    read({ label, value, typed }, report) {
      const complain = (what: string) => void report(`${label}: ${what}; allowed: ${allowed}`);
      if (value === null) return complain('the value is missing');
      if (isList(value)) return complain(`a list is not ${noun}`);
      if (isSection(value)) return complain(`a section is not ${noun}`);

      const type = typeof value as ScalarType;
      const text = String(value);
      const shown = harmless.test(text) ? text : 'the value';
      if (typed && !types.includes(type)) {
        const quoted = type === 'string' && shown === text ? `"${text}"` : shown;
        return complain(`${quoted} is ${typeNames[type]}, not ${noun}`);
      }
      const parsed = rules.parse(text);
      return 'value' in parsed ? parsed.value : complain(`${shown} ${parsed.problem}`);
    },
  };
}

const nothing = /(?!)/;
const aNumber = /^[-+]?\d[\w.]{0,11}$/;
const aWord = /^[A-Za-z]{1,12}$/;

/**
 * A text in which this expression is found, and that is no secret: LiveKit's are longer, and its keys are 15
 * letters and digits in a row.
 */
export function shortText(sign: RegExp): RegExp {
  return new RegExp(`^(?=.*(?:${sign.source}))(?!.*[A-Za-z0-9]{12})[ -~]{1,20}$`);
}

/** A span of time; the value is in seconds. The limits are inclusive and written as a user would. */
export function duration(from: string, to: string, example: string): Kind<number> {
  const least = parseDuration(from) ?? NaN;
  const most = parseDuration(to) ?? NaN;
  return scalar({
    noun: 'a duration',
    allowed: `${from} to ${to}, for example ${example}`,
    types: ['string', 'number'],
    harmless: aNumber,
    parse(text) {
      const value = parseDuration(text);
      if (value === undefined) return { problem: 'is not a duration' };
      return value >= least && value <= most ? { value } : { problem: 'is out of range' };
    },
  });
}

/** A whole number; the limits are inclusive. */
export function integer(from: number, to: number): Kind<number> {
  return scalar({
    noun: 'a whole number',
    allowed: `${from} to ${to}`,
    types: ['number'],
    harmless: aNumber,
    parse(text) {
      if (!/^[-+]?\d+$/.test(text)) return { problem: 'is not a whole number' };
      const value = Number(text);
      return value >= from && value <= to ? { value } : { problem: 'is out of range' };
    },
  });
}

export function choice<Name extends string>(...names: readonly Name[]): Kind<Name> {
  return scalar({
    noun: 'text',
    allowed: names.join(', '),
    types: ['string'],
    harmless: aWord,
    parse(text) {
      const value = names.find((name) => name === text);
      return value === undefined ? { problem: 'is not one of them' } : { value };
    },
  });
}

export const onOff: Kind<boolean> = scalar({
  noun: 'a boolean',
  allowed: 'true or false',
  types: ['boolean'],
  harmless: aWord,
  flag: 'switch',
  parse: (text) =>
    text === 'true' || text === 'false' ? { value: text === 'true' } : { problem: 'is not a boolean' },
});

const path = (allowed: string): Kind<string> =>
  scalar({
    noun: 'text',
    allowed,
    types: ['string'],
    harmless: nothing,
    parse: (text) => (/\p{Cc}/u.test(text) ? { problem: 'holds a control character' } : { value: text }),
  });

/** Paths in the file system; empty: none. */
export const filePath = path('the path of a file');
export const folderPath = path('the path of a folder');

/** The base URL of an HTTP API; the value has no trailing slash. */
export const baseUrl: Kind<string> = scalar({
  noun: 'text',
  allowed: 'an http or https URL, for example https://cloud-api.livekit.io',
  types: ['string'],
  // Without @, ? and #, behind which passwords and tokens stand.
  harmless: /^(?=.*[.:])(?!.*[A-Za-z0-9]{12})[\w.:/-]{1,20}$/,
  parse(text) {
    if (/[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return { problem: 'is not a URL' };
    const url = new URL(text);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return { problem: 'is not an http(s) URL' };
    if (url.username !== '' || url.password !== '') return { problem: 'holds a user name or password' };
    if (/[?#]/.test(text)) return { problem: 'holds a query or fragment' };
    return { value: url.href.replace(/\/+$/, '') };
  },
});

/** A path that the exporter answers itself, and what is under it. */
const takenPath = /^\/(?:-|sd)(?:\/|$)/;

export const urlPath: Kind<string> = scalar({
  noun: 'text',
  allowed: 'a path of letters, digits and ._~- other than /, for example /metrics',
  types: ['string'],
  harmless: shortText(/^\/|^[a-z]{1,12}$/),
  parse(text) {
    if (takenPath.test(text)) return { problem: 'is taken by the exporter itself' };
    return /^(?:\/[A-Za-z0-9._~-]+)+$/.test(text) ? { value: text } : { problem: 'is not such a path' };
  },
});

export const listenAddress: Kind<ListenAddress> = scalar({
  noun: 'text',
  allowed: 'HOST:PORT or :PORT for all interfaces, for example :17880, 127.0.0.1:17880 or [::1]:17880',
  types: ['string'],
  harmless: shortText(/[.:]|^\d+$/),
  parse(text) {
    const value = parseListenAddress(text);
    return value ? { value } : { problem: 'is not a listen address' };
  },
});

/** Text that is never repeated in an error: it is a secret, or stands beside one. */
export function privateText(allowed: string, pattern: RegExp): Kind<string> {
  return scalar({
    noun: 'text',
    allowed,
    types: ['string'],
    harmless: nothing,
    parse(text) {
      if (text.trim() === '') return { problem: 'is empty' };
      if (/\p{Cc}/u.test(text)) return { problem: 'holds a control character or a line break' };
      return pattern.test(text) ? { value: text } : { problem: 'holds other characters' };
    },
  });
}

/** One value or more of a kind; on the command line the flag is repeated. */
export function several<Value>(kind: Kind<Value>): Kind<readonly Value[]> {
  return {
    allowed: kind.allowed,
    flag: 'repeatable',
    read(given, report) {
      const values = isList(given.value) ? given.value : [given];
      return values.map((value) => kind.read(value, report)).filter((value) => value !== undefined);
    },
  };
}
