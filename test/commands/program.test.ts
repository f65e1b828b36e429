import { beforeEach, describe, expect, it, vi } from 'vitest';
import { showProgress } from '../../src/commands/program.ts';

let written: string[];
let logged: unknown[];
let share: number;

beforeEach(() => {
  vi.useFakeTimers();
  [written, logged, share] = [[], [], 0];
  return () => vi.useRealTimers();
});

function show(isTTY: boolean): () => void {
  const log = { info: (message: string, fields: object) => void logged.push({ message, ...fields }) };
  const errorOutput = { isTTY, write: (text: string) => written.push(text) };
  return showProgress({ errorOutput, log } as never, () => ({
    what: 'Reading',
    share,
    waitsFor: 'an answer',
  }));
}

it('is a bar at a terminal with the time that is left, and goes at the end', () => {
  const hide = show(true);
  share = 0.25;
  vi.advanceTimersByTime(60_000);
  expect(written.at(-1)).toBe(
    `\r\u001b[2KReading ${'█'.repeat(8)}${'░'.repeat(22)} 25 %, 3 min left, waiting for an answer`,
  );
  hide();
  expect(written.at(-1)).toBe('\r\u001b[2K');
  expect(logged).toEqual([]);
});

describe('in a log', () => {
  it('says nothing of what is over within two seconds', () => {
    const hide = show(false);
    vi.advanceTimersByTime(1999);
    hide();
    vi.advanceTimersByTime(200_000);
    expect([written, logged]).toEqual([[], []]);
  });

  it('is a line after two seconds and one a minute', () => {
    show(false);
    share = 0.5;
    vi.advanceTimersByTime(120_000);
    const line = { message: 'Reading', done: '50 %', waiting_for: 'an answer' };
    expect(logged).toEqual([
      { ...line, left: '2 s' },
      { ...line, left: '60 s' },
      { ...line, left: '2 min' },
    ]);
  });
});
