import { expect, test } from 'vitest';
import { createLogger } from '../../src/lib/logger.ts';
import type { Level, Logger, LoggerOptions } from '../../src/lib/logger.ts';

const now = () => Date.parse('2026-11-21T10:00:00.123Z') / 1000;

function lines(log: (logger: Logger) => void, options: Partial<LoggerOptions> = {}): string[] {
  const written: string[] = [];
  const write = (line: string) => void written.push(line);
  log(createLogger({ level: 'debug', format: 'logfmt', write, now, ...options }));
  return written;
}

test('writes the time, the level, the message and the fields, in this order', () => {
  expect(lines((logger) => logger.info('Poll complete', { project: 'production', rooms: 3 }))).toEqual([
    'time=2026-11-21T10:00:00.123Z level=INFO msg="Poll complete" project=production rooms=3',
  ]);
  expect(
    lines((logger) => logger.warn('Poll failed', { err: new Error('no answer') }), { format: 'json' }),
  ).toEqual(['{"time":"2026-11-21T10:00:00.123Z","level":"WARN","msg":"Poll failed","err":"no answer"}']);
});

const levels: readonly Level[] = ['debug', 'info', 'warn', 'error'];

test.each(levels.map((level, index) => ({ level, written: levels.slice(index) })))(
  'at $level writes $written',
  ({ level, written }) => {
    const all = lines((logger) => levels.forEach((each) => logger[each]('m')), { level });
    expect(all.map((line) => / level=(\w+) /.exec(line)?.[1]?.toLowerCase())).toEqual(written);
  },
);

test('a child adds its fields to each message, and a message can replace them', () => {
  const child = (logger: Logger) => logger.child({ project: 'p1', page: 1 }).child({ component: 'poll' });
  expect(lines((logger) => child(logger).error('m', { page: 2 }))).toEqual([
    'time=2026-11-21T10:00:00.123Z level=ERROR msg=m project=p1 page=2 component=poll',
  ]);
  expect(lines((logger) => (child(logger), logger.error('m')))).toEqual([
    'time=2026-11-21T10:00:00.123Z level=ERROR msg=m',
  ]);
});

const refused = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
const endless = new Error('round');
endless.cause = endless;

const values: { name: string; value: unknown; logfmt: string; json: string }[] = [
  { name: 'a word', value: 'word', logfmt: 'word', json: '"word"' },
  { name: 'nothing', value: '', logfmt: '""', json: '""' },
  { name: 'a space', value: 'two words', logfmt: '"two words"', json: '"two words"' },
  { name: 'a quote', value: 'say "hi"', logfmt: '"say \\"hi\\""', json: '"say \\"hi\\""' },
  { name: 'an equals sign', value: 'a=b', logfmt: '"a=b"', json: '"a=b"' },
  { name: 'a backslash alone', value: 'C:\\x', logfmt: 'C:\\x', json: '"C:\\\\x"' },
  { name: 'a backslash among spaces', value: 'C:\\x y', logfmt: '"C:\\\\x y"', json: '"C:\\\\x y"' },
  { name: 'a forged line', value: 'x\nlevel=ERROR', logfmt: '"x\\nlevel=ERROR"', json: '"x\\nlevel=ERROR"' },
  { name: 'a terminal command', value: '\u001b[2J', logfmt: '"\\u001b[2J"', json: '"\\u001b[2J"' },
  { name: 'a delete character', value: 'a\u007fb', logfmt: '"a\\u007fb"', json: '"a\\u007fb"' },
  { name: 'a right-to-left override', value: 'a\u202eb', logfmt: '"a\\u202eb"', json: '"a\\u202eb"' },
  { name: 'a line separator', value: 'a\u2028b', logfmt: '"a\\u2028b"', json: '"a\\u2028b"' },
  { name: 'a lone surrogate', value: 'a\ud800', logfmt: '"a\\ud800"', json: '"a\\ud800"' },
  {
    name: 'an invisible tag',
    value: 'a\u{e0041}',
    logfmt: '"a\\udb40\\udc41"',
    json: '"a\\udb40\\udc41"',
  },
  { name: 'letters of any script', value: 'Müller会議🎉', logfmt: 'Müller会議🎉', json: '"Müller会議🎉"' },
  { name: 'a number', value: 1.5, logfmt: '1.5', json: '1.5' },
  { name: 'a boolean', value: false, logfmt: 'false', json: 'false' },
  { name: 'null', value: null, logfmt: 'null', json: 'null' },
  { name: 'a list', value: [1, 'a'], logfmt: '"[1,\\"a\\"]"', json: '"[1,\\"a\\"]"' },
  {
    name: 'an error with causes',
    value: new Error('the proxy failed', { cause: refused }),
    logfmt: '"the proxy failed: ECONNREFUSED"',
    json: '"the proxy failed: ECONNREFUSED"',
  },
  {
    name: 'an error that is a sentence',
    value: new Error('Try another port.', { cause: new Error('listen', { cause: refused }) }),
    logfmt: '"Try another port. (listen: ECONNREFUSED)"',
    json: '"Try another port. (listen: ECONNREFUSED)"',
  },
  { name: 'an error without words', value: new RangeError(), logfmt: 'RangeError', json: '"RangeError"' },
  {
    name: 'an error that causes itself',
    value: endless,
    logfmt: '"round: round: round: round: round"',
    json: '"round: round: round: round: round"',
  },
];

test.each(values)('writes $name', ({ value, logfmt, json }) => {
  const log = (logger: Logger) => logger.info('m', { value });
  expect(lines(log)).toEqual([`time=2026-11-21T10:00:00.123Z level=INFO msg=m value=${logfmt}`]);
  expect(lines(log, { format: 'json' })).toEqual([
    `{"time":"2026-11-21T10:00:00.123Z","level":"INFO","msg":"m","value":${json}}`,
  ]);
});

test('leaves out what is undefined', () => {
  const log = (logger: Logger) => logger.info('m', { a: undefined, b: 1 });
  expect(lines(log)[0]).toMatch(/ msg=m b=1$/);
  expect(JSON.parse(lines(log, { format: 'json' })[0]!)).not.toHaveProperty('a');
});
