// The push loop alone, with a transport and a clock that the test moves.
import { resourceFromAttributes } from '@opentelemetry/resources';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { protobuf } from '../../src/push/encoding.ts';
import type { MetricReading } from '../../src/push/metric-source.ts';
import { Pusher, type PusherOptions } from '../../src/push/pusher.ts';
import { SendFailure, type Receipt } from '../../src/push/transport.ts';
import { manyRooms, someFamilies, traced, type Trace } from './published.ts';

type Send = (signal: AbortSignal) => Promise<Receipt>;

const taken: Receipt = { rejectedPoints: 0, message: '' };
const takes: Send = () => Promise.resolve(taken);
const fails =
  (reason: 'auth' | 'network' | 'server', retryAfterSeconds?: number): Send =>
  () =>
    Promise.reject(
      new SendFailure(reason, `what ${reason} says`, 'the mend', { retriable: false, retryAfterSeconds }),
    );
const hangs: Send = (signal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('cancelled'))));
const takesSeconds =
  (seconds: number): Send =>
  () =>
    new Promise((resolve) => setTimeout(() => resolve(taken), seconds * 1000));

let trace: Trace;
/** How requests go, in order; the last one for ever. */
let sends: Send[];
/** When requests came, in seconds since the start. */
let requests: number[];
let closed: number;

const noon = 1_700_000_000;
const clock = () => Date.now() / 1000 - noon;

function pusher(options: Partial<PusherOptions> = {}): Pusher {
  return new Pusher({
    interval: 60,
    timeout: 10,
    pushTimeout: 30,
    shownEndpoint: 'http://receiver:4318/v1/metrics',
    source: {
      read: () =>
        Promise.resolve({
          families: someFamilies(),
          received: () => {
            trace.received += 1;
            return Promise.resolve();
          },
        }),
    },
    transport: {
      send: (_, signal) => {
        requests.push(clock());
        return (sends[Math.min(requests.length, sends.length) - 1] ?? hangs)(signal);
      },
      close: () => void (closed += 1),
    },
    encoding: protobuf,
    resource: resourceFromAttributes({}),
    scope: { name: 'tests', version: '1' },
    ...traced(trace),
    now: () => Date.now() / 1000,
    clock,
    random: () => 0.5,
    ...options,
  });
}

/** Lets this many seconds pass. The slices wait for real turns of the event loop, which fake time leaves alone. */
async function pass(seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 0.5) {
    await settle();
    await vi.advanceTimersByTimeAsync(Math.min(left, 0.5) * 1000);
  }
  await settle();
}

/** Everything that is due now, also what waits for turns of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await vi.advanceTimersByTimeAsync(0);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: noon * 1000 });
  trace = { told: [], logged: [], received: 0 };
  sends = [takes];
  requests = [];
  closed = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the times of pushes', () => {
  it('the first comes within seconds, the others at the interval', async () => {
    pusher().start();
    await pass(2);
    expect(requests).toEqual([]);
    await pass(180);
    expect(requests).toEqual([2.5, 62.5, 122.5]);
  });

  it('a push that is due while one runs is left out and counted', async () => {
    sends = [takesSeconds(9.5), takes];
    pusher({ interval: 4 }).start();
    await pass(20);
    expect(requests).toEqual([2, 14, 18]);
    expect(trace.told).toEqual([
      'points 5 0',
      'finished',
      'skipped 2',
      'points 5 0',
      'finished',
      'points 5 0',
      'finished',
    ]);
  });

  it('waits for the pause that the receiver asks for, but never longer than ten minutes', async () => {
    sends = [fails('server', 100_000), takes];
    pusher().start();
    await pass(700);
    expect(requests).toEqual([2.5, 602.5, 662.5]);
    expect(trace.told.filter((line) => line === 'skipped 1')).toHaveLength(9);
  });

  it('a source that fails is a defect, and does not end the pushes', async () => {
    let reads = 0;
    const read = (): Promise<MetricReading> => {
      reads += 1;
      if (reads === 1) throw new TypeError('x is not a function');
      return Promise.resolve({ families: someFamilies(), received: () => Promise.resolve() });
    };
    pusher({ source: { read } }).start();
    await pass(70);
    expect(trace.told).toEqual(['finished internal', 'points 5 0', 'finished']);
    expect(trace.logged[0]).toContain('TypeError: x is not a function');
    expect(trace.logged[0]).toContain('"stack":"TypeError: x is not a function\\n');
  });
});

describe('the end', () => {
  it('pushes a last time', async () => {
    const pushes = pusher();
    pushes.start();
    await pass(10);
    await pushes.stop();
    expect(requests).toEqual([2.5, 10]);
    expect(closed).toBe(1);
    await pass(200);
    expect(requests).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes three seconds at the longest when the receiver hangs', async () => {
    sends = [takes, hangs];
    const pushes = pusher();
    pushes.start();
    await pass(10);
    const stopped = pushes.stop().then(clock);
    await pass(5);
    expect(await stopped).toBe(13);
    expect(requests).toEqual([2.5, 10]);
    expect(trace.told.at(-1)).toBe('finished timeout');
    expect(trace.logged.at(-1)).toContain('3 s after the process was asked to stop');
    expect(closed).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes three seconds at the longest when a push hangs already, and when it waits to send again', async () => {
    for (const send of [
      hangs,
      () => Promise.reject(new SendFailure('server', 'x', 'y', { retriable: true, retryAfterSeconds: 8 })),
    ]) {
      sends = [send];
      const pushes = pusher();
      pushes.start();
      const began = clock();
      await pass(4);
      const stopped = pushes.stop().then(clock);
      await pass(5);
      expect(await stopped).toBe(began + 7);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it('does not wait for a source that never answers', async () => {
    const pushes = pusher({ source: { read: () => new Promise(() => undefined) } });
    const stopped = pushes.stop().then(clock);
    await pass(5);
    expect(await stopped).toBe(3);
  });

  it('does not push when the receiver wants its pause', async () => {
    sends = [fails('server', 120)];
    const pushes = pusher();
    pushes.start();
    await pass(10);
    await pushes.stop();
    expect(requests).toHaveLength(1);
  });
});

describe('the log', () => {
  it('tells of a failure when it starts, when its reason changes and when it ends', async () => {
    const { network, auth } = { network: fails('network'), auth: fails('auth') };
    sends = [takes, network, network, auth, auth, takes, takes];
    pusher().start();
    await pass(400);
    expect(trace.logged).toEqual([
      'info First push complete {"points":5}',
      'error Push failed: scrapes and polls go on {"reason":"network","err":"what network says","remedy":"the mend"}',
      'error Push failed: scrapes and polls go on {"reason":"auth","err":"what auth says","remedy":"the mend"}',
      'info Pushes succeed again {"points":5,"reason":"auth"}',
    ]);
  });

  it('repeats a warning of the receiver only when it is another one', async () => {
    const warns =
      (message: string): Send =>
      () =>
        Promise.resolve({ rejectedPoints: 0, message });
    sends = [warns('deprecated'), warns('deprecated'), warns('slow'), takes];
    pusher().start();
    await pass(300);
    expect(trace.logged.slice(1)).toEqual([
      'warn The receiver has taken all points and warns {"rejected":0,"accepted":5,"receiver_says":"deprecated"}',
      'warn The receiver has taken all points and warns {"rejected":0,"accepted":5,"receiver_says":"slow"}',
    ]);
    expect(trace.received).toBe(5);
  });
});

describe('a large push', () => {
  it('lets others have turns before, between and after its requests', async () => {
    let turns = 0;
    const turnsAt: number[] = [];
    const count = (): void => {
      turns += 1;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    sends = [
      () => {
        turnsAt.push(turns);
        return Promise.resolve(taken);
      },
    ];
    const read = () => Promise.resolve({ families: [manyRooms(10_000)], received: () => Promise.resolve() });
    await pusher({ source: { read } }).stop();
    clearImmediate(timer);
    expect(turnsAt).toHaveLength(5);
    // At least one turn while a request is put together, and one more before it is serialized.
    for (const [index, at] of turnsAt.entries())
      expect(at - (turnsAt[index - 1] ?? 0)).toBeGreaterThanOrEqual(2);
  });
});
