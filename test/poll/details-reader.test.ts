import { utcMonth } from '../../src/core/utc-month.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DetailsTarget } from '../../src/core/session-details.ts';
import { SourceError } from '../../src/core/source-error.ts';
import { DetailsReader } from '../../src/poll/details-reader.ts';
import { details } from '../core/details.ts';
import { noon } from '../core/session-rows.ts';
import { eventually } from '../end-to-end/eventually.ts';

type Answer = Awaited<ReturnType<ConstructorParameters<typeof DetailsReader>[0]['source']['read']>>;

let asked: string[];
let answers: Map<string, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>;
let rejected: string[];
let logged: string[];
/** At level debug. */
let detailed: string[];
let logFails: boolean;
let reader: DetailsReader;
let stop: AbortController;

beforeEach(() => {
  asked = [];
  answers = new Map();
  rejected = [];
  logged = [];
  detailed = [];
  logFails = false;
  stop = new AbortController();
  const log = (level: string) => (message: string) => void logged.push(`${level} ${message}`);
  const debug = (message: string, fields: object = {}) => {
    if (logFails) throw new Error('the log is gone');
    detailed.push(`${message} ${JSON.stringify(fields)}`);
  };
  reader = new DetailsReader({
    source: {
      read: (sessionId) => {
        asked.push(sessionId);
        return new Promise((resolve, reject) => answers.set(sessionId, { resolve, reject }));
      },
    },
    rowRejected: (reason) => void rejected.push(reason),
    log: { debug, info: log('info'), warn: log('warn'), error: log('error') },
    now: () => noon,
  });
});

const targets = (...ids: string[]): DetailsTarget[] =>
  ids.map((sessionId) => ({
    sessionId,
    countFrom: -Infinity,
    endedAt: 0,
    isFinal: false,
    month: utcMonth(noon),
  }));

async function answer(sessionId: string): Promise<void> {
  await eventually(() => expect(answers.has(sessionId)).toBe(true));
  answers.get(sessionId)?.resolve({ details: details([]), rejected: [], sentAt: noon - 1, time: noon - 1 });
}

async function fail(sessionId: string, reason: 'server' | 'not_found' = 'server'): Promise<void> {
  await eventually(() => expect(answers.has(sessionId)).toBe(true));
  answers.get(sessionId)?.reject(new SourceError(reason, 'answered 500', 'wait'));
}

const taken = () => reader.take().map(({ target, outcome }) => [target.sessionId, typeof outcome]);

describe('the reader of details', () => {
  it('asks for two at a time, in order, and gives once what was read', async () => {
    reader.want(targets('a', 'b', 'c'), stop.signal);
    await eventually(() => expect(asked).toEqual(['a', 'b']));
    await answer('b');
    await eventually(() => expect(asked).toEqual(['a', 'b', 'c']));
    await answer('a');
    await answer('c');
    await eventually(() => expect(answers.size).toBe(3));
    const read: unknown[] = [];
    await eventually(() => {
      read.push(...taken());
      expect(read).toHaveLength(3);
    });
    expect(taken()).toEqual([]);
  });

  it('leaves what was wanted before and has not begun, and asks for nothing twice at once', async () => {
    reader.want(targets('a', 'b', 'c', 'd'), stop.signal);
    await eventually(() => expect(asked).toEqual(['a', 'b']));
    reader.want(targets('b', 'e'), stop.signal);
    await answer('a');
    await eventually(() => expect(asked).toEqual(['a', 'b', 'e']));
    await answer('b');
    await answer('e');
    await eventually(() => expect(taken()).toBeDefined());
    expect(asked).toEqual(['a', 'b', 'e']);
  });

  it('says when all that was wanted is read, also where the rest is left', async () => {
    reader.want(targets('a', 'b'), stop.signal);
    const reading = reader.reading;
    await answer('a');
    await answer('b');
    await reading;
    expect(taken()).toHaveLength(2);
    reader.want(targets('c', 'd', 'e', 'f', 'g'), stop.signal);
    for (const session of ['c', 'd', 'e']) await fail(session);
    await answer('f');
    await reader.reading;
    expect(asked).not.toContain('g');
  });

  it('tells of a session that cannot be read, and goes on with the others', async () => {
    reader.want(targets('a', 'b', 'c'), stop.signal);
    await fail('a', 'not_found');
    await answer('b');
    await answer('c');
    const read: unknown[][] = [];
    await eventually(() => {
      read.push(...taken());
      expect(read).toHaveLength(3);
    });
    expect(read).toContainEqual(['a', 'string']);
    expect(logged).toEqual([]);
    expect(detailed).toEqual([expect.stringContaining('{"session":"a","reason":"not_found",')]);
  });

  it('takes what is none of the failures there are for a defect, and goes on', async () => {
    reader.want(targets('a', 'b'), stop.signal);
    await eventually(() => expect(answers.has('a')).toBe(true));
    answers.get('a')?.reject(new RangeError('off by one'));
    await answer('b');
    const read: unknown[] = [];
    await eventually(() => {
      read.push(...reader.take().map(({ outcome }) => (typeof outcome === 'string' ? outcome : 'read')));
      expect(read.sort()).toEqual(['internal', 'read']);
    });
    expect(detailed).toEqual([expect.stringContaining('RangeError: off by one')]);
  });

  it('leaves the rest when one after the other fails, and says so when it starts and when it ends', async () => {
    reader.want(targets('a', 'b', 'c', 'd', 'e'), stop.signal);
    for (const id of ['a', 'b', 'c', 'd']) await fail(id);
    await eventually(() =>
      expect(logged).toEqual(['warn Session details cannot be read: their metrics stay as they are']),
    );
    expect(asked).not.toContain('e');
    reader.want(targets('f', 'e'), stop.signal);
    await fail('f');
    await answer('e');
    await eventually(() => expect(logged.at(-1)).toBe('info Session details are read again'));
    expect(logged).toHaveLength(2);
  });

  it('reads a session again whose failure could not even be logged', async () => {
    logFails = true;
    reader.want(targets('a', 'b', 'c'), stop.signal);
    for (const id of ['a', 'b', 'c']) await fail(id);
    logFails = false;
    await eventually(() => expect(reader.take()).toHaveLength(3));
    answers.clear();
    await eventually(() => {
      reader.want(targets('a'), stop.signal);
      expect(answers.has('a')).toBe(true);
    });
    await answer('a');
    await eventually(() => expect(taken()).toEqual([['a', 'object']]));
  });

  it('says nothing of what is given up because the program stops', async () => {
    reader.want(targets('a'), stop.signal);
    await eventually(() => expect(asked).toEqual(['a']));
    stop.abort();
    await fail('a');
    await eventually(() => expect(asked).toEqual(['a']));
    expect([taken(), logged]).toEqual([[], []]);
  });
});
