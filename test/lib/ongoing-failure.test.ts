import { expect, it } from 'vitest';
import { OngoingFailure } from '../../src/lib/ongoing-failure.ts';

interface Attempt {
  readonly at: number;
  /** Undefined when it succeeded. */
  readonly reason?: string;
}

function logged(attempts: readonly Attempt[]): string[] {
  let now = 0;
  const lines: string[] = [];
  const log = (level: string) => (message: string, fields?: object) =>
    void lines.push([now, level, message, ...Object.values(fields ?? {})].join(' '));
  const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  const failure = new OngoingFailure(logger, () => now);
  for (const { at, reason } of attempts) {
    now = at;
    if (reason === undefined) failure.succeeded('works');
    else failure.failed({ level: 'error', message: 'fails', reason });
  }
  return lines;
}

it('says that something fails when it begins, every ten minutes while it lasts, and when it ends', () => {
  const night = Array.from({ length: 51 }, (_, index) => ({ at: 30 * index, reason: 'timeout' }));
  const lines = logged([...night, { at: 1530 }, { at: 1560 }]).filter((line) => !line.includes('debug'));
  expect(lines).toEqual([
    '0 error fails timeout',
    '600 error fails timeout 600s 21',
    '1200 error fails timeout 1200s 41',
    '1530 info works 1530s timeout',
  ]);
});

it('says at once that something fails for another reason, and counts from its beginning', () => {
  const lines = logged([
    { at: 0, reason: 'timeout' },
    { at: 500, reason: 'auth' },
    { at: 700, reason: 'auth' },
    { at: 1100, reason: 'auth' },
  ]);
  expect(lines).toEqual([
    '0 error fails timeout',
    '500 error fails auth 500s 2',
    '700 debug fails auth 700s 3',
    '1100 error fails auth 1100s 4',
  ]);
});

it('says nothing of what goes on working', () => {
  expect(logged([{ at: 0 }, { at: 30 }])).toEqual([]);
});
