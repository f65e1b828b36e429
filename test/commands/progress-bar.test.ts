import { expect, it } from 'vitest';
import { progressLine } from '../../src/commands/progress-bar.ts';
import { noon } from '../core/session-rows.ts';

const day = 86_400;
const progress = {
  startedAt: noon,
  windowStart: noon - 7 * day,
  pages: 12,
  rows: 1187,
  oldestStart: undefined,
};

it.each([
  { name: 'nothing read yet', oldestStart: undefined, filled: 0 },
  { name: 'half of the window', oldestStart: noon - 3.5 * day, filled: 15 },
  { name: 'the whole window', oldestStart: noon - 7 * day, filled: 30 },
  { name: 'more than was asked for', oldestStart: noon - 9 * day, filled: 30 },
  { name: 'a session from the future', oldestStart: noon + 60, filled: 0 },
])('shows how far back a listing has come: $name', ({ oldestStart, filled }) => {
  const line = progressLine({ ...progress, oldestStart });
  expect(line).toContain(` ${'█'.repeat(filled)}${'░'.repeat(30 - filled)} 12 pages, 1187 sessions`);
});

it('names the time it has come back to', () => {
  expect(progressLine({ ...progress, oldestStart: noon - day })).toMatch(/, back to 2026-11-19T12:00Z$/);
});
