// The kinds of values that settings have: how zod checks them, and how mistakes in them are worded.
import { isIPv6 } from 'node:net';
import * as z from 'zod';
import type { ListenAddress } from '../lib/text.ts';
import { invisibleCharacter, leftover, quotes } from './mistakes.ts';
import { RoomPattern, RoomRewrite } from './room-patterns.ts';

/** How invisible characters in it are worded is up to `validate`. */
function visible(...params: Parameters<typeof z.string>) {
  return z.string(...params).refine((input) => invisibleCharacter(input) === undefined);
}

const visibleText = visible({
  error: ({ input }) =>
    `is not text${['number', 'boolean'].includes(typeof input) ? ': put it in quotes' : ''}`,
});

/** Text that `parse` turns into a value; it throws a SyntaxError that says what the text is or does instead. */
function text<Value>(allowed: string, parse: (input: string) => Value, kind = visibleText) {
  return kind.transform((input, context) => attempt(context, input, () => parse(input))).meta({ allowed });
}

function attempt<Value>(
  context: z.RefinementCtx,
  input: string,
  parse: () => Value,
  path: string[] = [],
): Value {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    context.addIssue({ code: 'custom', message: error.message, path, input });
    return z.NEVER;
  }
}

const units = { y: 31_536_000, w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };
const durationPattern =
  /^(?=.)(?:(?<y>\d+)y)?(?:(?<w>\d+)w)?(?:(?<d>\d+)d)?(?:(?<h>\d+)h)?(?:(?<m>\d+)m)?(?:(?<s>\d+)s)?(?:(?<ms>\d+)ms)?$/;

/** Seconds, from a duration as Prometheus writes it: 30s, 1h30m, 7d, 500ms, 0. Throws a SyntaxError. */
export function parseDuration(input: string): number {
  if (input === '0') return 0;
  const amounts = durationPattern.exec(input)?.groups;
  if (!amounts) throw new SyntaxError('is not a duration');
  let seconds = Number(amounts['ms'] ?? 0) / 1000;
  for (const [unit, length] of Object.entries(units)) seconds += Number(amounts[unit] ?? 0) * length;
  return seconds;
}

/** A span of time; the value is in seconds. The limits are inclusive. */
export function duration(from: string, to: string, example: string) {
  const [least, most] = [parseDuration(from), parseDuration(to)];
  const allowed = `${from} to ${to}, for example ${example}`;
  const parse = (input: string) => {
    const value = parseDuration(input);
    if (value < least || value > most) throw new SyntaxError('is out of range');
    return value;
  };
  const seconds = text(allowed, parse, visible('is not a duration'));
  return z.preprocess((input) => (input === 0 ? '0' : input), seconds).meta({ allowed });
}

function inRange(kind: z.ZodNumber) {
  return (from: number, to: number) =>
    kind
      .min(from)
      .max(to)
      .meta({ allowed: `${from} to ${to}` });
}

export const integer = inRange(z.int('is not a whole number'));
export const number = inRange(z.number('is not a number'));

export const pageSize = z
  .union([z.int().min(1).max(1000), z.literal('auto')], 'is not a number of rows')
  .meta({ allowed: 'auto or 1 to 1000' });

export const onOff = z.boolean('is not a boolean').meta({ allowed: 'true or false' });

export function choice<const Names extends readonly string[]>(...names: Names) {
  return z.enum(names, 'is not one of them').meta({ allowed: names.join(', ') });
}

// Empty: none.
export const filePath = visibleText.meta({ allowed: 'the path of a file' });
export const folderPath = visibleText.meta({ allowed: 'the path of a folder' });

export const labelValue = visibleText.meta({ allowed: 'any text' });

function parseUrl(input: string): URL {
  if (/\s/.test(clean(input)) || !URL.canParse(input)) throw new SyntaxError('is not a URL');
  return new URL(input);
}

/** A base URL; the value has no trailing slash. Where it is optional, empty means none. */
function url(allowed: string, protocols: RegExp, wrongProtocol: string, isOptional = false) {
  return text(allowed, (input) => {
    if (isOptional && input === '') return input;
    const { protocol, username, password, href } = parseUrl(input);
    if (!protocols.test(protocol)) throw new SyntaxError(wrongProtocol);
    if (username !== '' || password !== '') throw new SyntaxError('holds a user name or password');
    if (/[?#]/.test(input)) throw new SyntaxError('holds a query or fragment');
    return href.replace(/\/+$/, '');
  });
}

function httpUrl(example: string, isOptional = false) {
  const allowed = `an http or https URL, for example ${example}`;
  return url(allowed, /^https?:$/, 'is not an http(s) URL', isOptional);
}

export const baseUrl = httpUrl('https://cloud-api.livekit.io');

export const grafanaUrl = httpUrl('https://grafana.example.com', true);

/** Of a project, as LiveKit's tools write it. */
export const projectUrl = url(
  'a URL with wss, ws, https or http, for example wss://acme-4k2j.livekit.cloud',
  /^(?:ws|http)s?:$/,
  'is not a URL with wss or https',
);

export const urlPath = text(
  'a path of letters, digits and ._~- other than /, for example /metrics',
  (input) => {
    if (/^\/(?:-|sd)(?:\/|$)/.test(input)) throw new SyntaxError('is taken by the exporter itself');
    if (!/^(?:\/[A-Za-z0-9._~-]+)+$/.test(input)) throw new SyntaxError('is not a path of this form');
    return input;
  },
);

const hostName = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)?$/;

export const listenAddress = text(
  'HOST:PORT or :PORT for all interfaces, for example :17880, 127.0.0.1:17880 or [::1]:17880',
  (input): ListenAddress => {
    const [, ipv6, name = '', port] = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(input) ?? [];
    const isHost = ipv6 === undefined ? hostName.test(name) : isIPv6(ipv6);
    if (port === undefined || !isHost || Number(port) > 65_535)
      throw new SyntaxError('is not a listen address');
    return { host: ipv6 ?? name, port: Number(port) };
  },
);

/** The shards of a `count` are counted from 0; a count of 1 means that this process has all projects. */
export const shard = text(
  'I/N for shard number I of N, counted from 0, for example 0/3, 1/3 and 2/3; N up to 10000',
  (input) => {
    const [, index, count] = /^(\d{1,5})\/(\d{1,5})$/.exec(input)?.map(Number) ?? [];
    if (index === undefined || count === undefined) throw new SyntaxError('is not a shard');
    if (index >= count || count > 10_000) throw new SyntaxError('is out of range');
    return { index, count };
  },
);

export type Shard = z.output<typeof shard>;

function pattern(isRequired: boolean) {
  const allowed = "a regular expression in RE2's syntax that matches the whole name, for example standup-.*";
  return text(allowed, (input) => {
    const problem = isRequired && input === '' ? 'is empty: no room would match' : quotes(input);
    if (problem) throw new SyntaxError(problem);
    return new RoomPattern(input);
  });
}

/** Empty: matches the empty name alone. */
export const roomPattern = pattern(false);

export const requiredRoomPattern = pattern(true);

const replacement = visibleText.meta({
  allowed: 'text in which $1 or ${1} stands for a group of the pattern and $$ for a dollar sign',
});

/** Rules that make other names of names. `key`: what the other name is called. */
function nameRules(key: 'replacement' | 'group') {
  const result = { [key]: replacement } as Record<typeof key, typeof replacement>;
  const rule = z
    .strictObject({ pattern: requiredRoomPattern, ...result })
    .transform(({ pattern, [key]: text }, context) =>
      attempt(context, text, () => new RoomRewrite(pattern.text, text), [key]),
    );
  return z.array(rule).meta({ allowed: `a list of rules, each with pattern and ${key}` });
}

export const roomRewrites = nameRules('replacement');

export const groupRules = nameRules('group');

/** Of a Redis or Valkey server; holds a password as a rule. Empty: none. */
export const redisUrl = text(
  'redis://HOST:PORT, or rediss://HOST:PORT with TLS; USER:PASSWORD@ may stand before the host, /DATABASE after the port',
  (input) => {
    if (input === '') return input;
    const { protocol, hostname, pathname, username, password } = parseUrl(input);
    if (protocol !== 'redis:' && protocol !== 'rediss:')
      throw new SyntaxError('is not a URL with redis or rediss');
    if (hostname === '') throw new SyntaxError('names no host');
    if (/[?#]/.test(input)) throw new SyntaxError('holds ? or #; write %3F and %23 in a password');
    if (!/^\/?\d*$/.test(pathname))
      throw new SyntaxError('ends with a path that is not the number of a database');
    try {
      decodeURIComponent(username + password);
    } catch {
      throw new SyntaxError('has a % without two hexadecimal digits in user or password; write %25 for it');
    }
    return input;
  },
).meta({ isSecret: true });

/** What other programs leave in a value by mistake is refused with words of its own. */
function clean(input: string): string {
  const problem = input.trim() === '' ? 'is empty' : leftover(input);
  if (problem) throw new SyntaxError(problem);
  return input;
}

/** For people. A secret can stand in its place. */
export const projectName = text('any text in one line', (input) => clean(input).trim()).meta({
  isSecret: true,
});

/** Ids, keys and secrets. LiveKit's hold letters and digits, ids `_` too. */
export const credentialText = text('letters, digits, _ and -', (input) => {
  if (/\s/.test(clean(input))) throw new SyntaxError('holds a space');
  if (!/^[\w-]+$/.test(input)) throw new SyntaxError('holds other characters');
  return input;
}).meta({ isSecret: true });
