// The past as it is replayed from rows that were read at its end.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionRow } from '../../src/core/session-row.ts';
import { type ProjectPast, replay } from '../../src/history/replay.ts';
import { connection, details, participant } from '../core/details.ts';
import { noon, sessionRow } from '../core/session-rows.ts';
import { assertProperty } from '../property.ts';

const rules = {
  window: 7 * 86_400,
  rooms: { limit: 3, linger: 600 },
  details: false,
  labelRoom: (name: string) => ({ name, publishable: true }),
};
const from = noon - 6 * 3600;

type Values = ReadonlyMap<string, number>;

/** What was published at each step, in order: the values of the series. */
async function replayed(
  rows: readonly SessionRow[],
  { step = 60, ...past }: Partial<ProjectPast> & { step?: number } = {},
): Promise<{ time: number; values: Values }[]> {
  const sorted = [...rows].sort((a, b) => a.createdAt - b.createdAt);
  const project = { name: 'p', rules, plan: undefined, rows: sorted, details: () => undefined, ...past };
  const scrapes: { time: number; values: Values }[] = [];
  await replay([project], { from, until: noon, step }, (time, families) => {
    const values = new Map<string, number>();
    for (const { name, samples } of families) {
      for (const { labels, value } of samples) {
        const others = Object.values(labels).slice(1);
        const series = [name.replace('livekit_cloud_', ''), ...others].join(' ');
        if (typeof value === 'number') values.set(series, value);
        else
          values.set(
            `${series}_count`,
            value.counts.reduce((sum, count) => sum + count, 0),
          );
      }
    }
    scrapes.push({ time, values });
  });
  return scrapes;
}

const ended = (id: string, start: number, seconds: number, row: Partial<SessionRow> = {}): SessionRow =>
  sessionRow({
    sessionId: id,
    createdAt: from + start,
    endedAt: from + start + seconds,
    lastActive: from + start + seconds,
    activeParticipants: 0,
    ...row,
  });

/** Seconds after `from`. */
const at = (scrapes: Awaited<ReturnType<typeof replayed>>, seconds: number): Values =>
  scrapes.find(({ time }) => time === from + seconds)!.values;

it('spreads what a session came to evenly over its life', async () => {
  const scrapes = await replayed([
    ended('RM_1', 600, 6000, { bandwidthIn: 10_001, bandwidthOut: 600, participants: 5, egress: 2 }),
  ]);
  const shown = [540, 600, 1200, 3600, 6540, 6600].map((seconds) => {
    const values = at(scrapes, seconds);
    return [
      'active_sessions',
      'active_participants',
      'active_egresses',
      'bandwidth_in_bytes_total',
      'participants_joined_total',
      'sessions_ended_total',
      'room_bandwidth_out_bytes_total lobby',
    ].map((series) => values.get(series));
  });
  expect(shown).toEqual([
    [0, 0, 0, 0, 0, 0, undefined],
    [1, 1, 1, 0, 1, 0, 0],
    [1, 1, 1, 1000, 1, 0, 60],
    [1, 3, 1, 5000, 3, 0, 300],
    [1, 5, 1, 9900, 5, 0, 594],
    [0, 0, 0, 10_001, 5, 1, 600],
  ]);
});

it('ends with what the list says now: who is there, and sessions that nobody is in', async () => {
  const running = { endedAt: 0, bandwidthIn: 999 };
  const scrapes = await replayed([
    ended('RM_1', 600, 0, { ...running, participants: 9, activeParticipants: 4, lastActive: noon }),
    ended('RM_2', 600, 0, { ...running, participants: 3, activeParticipants: 0, lastActive: from + 1200 }),
  ]);
  const series = ['active_sessions', 'active_participants', 'bandwidth_in_bytes_total'];
  const shown = [900, 1260, noon - from].map((seconds) => series.map((one) => at(scrapes, seconds).get(one)));
  expect(shown).toEqual([
    [2, 3, 499 + 14],
    [1, 1, 999 + 31],
    [1, 4, 2 * 999],
  ]);
});

it('lets participants come and go when their details say they did', async () => {
  const joined = [connection(from + 660, from + 1260), connection(from + 1500, from + 1800)];
  const known = details([participant(joined, ['camera']), participant([connection(from + 900)])], {
    endedAt: from + 2400,
    billableBandwidth: 1000,
  });
  const row = ended('RM_1', 600, 1800, { participants: 2, bandwidthIn: 1000 });
  const scrapes = await replayed([row], {
    rules: { ...rules, details: true },
    details: (sessionId) => (sessionId === 'RM_1' ? known : undefined),
  });
  const series = ['active_participants', 'participants_joined_total', 'publishing_participants camera'];
  const shown = [600, 720, 960, 1320, 1560, 1860, 2400].map((seconds) =>
    series.map((one) => at(scrapes, seconds).get(one)),
  );
  expect(shown).toEqual([
    [0, 0, 0],
    [1, 1, 1],
    [2, 2, 1],
    [1, 2, 0],
    [2, 2, 1],
    [1, 2, 0],
    [0, 2, 0],
  ]);
  const last = scrapes.at(-1)!.values;
  expect(last.get('participant_connections_total')).toBe(3);
  expect(last.get('participant_reconnects_total')).toBe(1);
  expect(last.get('connection_seconds_total')).toBe(600 + 300 + 1500);
  expect(last.get('billable_bandwidth_bytes_total')).toBe(1000);
  expect(last.get('participant_duration_seconds_count')).toBe(2);
});

it('says of the exporter itself only that it polled at each step', async () => {
  const values = at(await replayed([]), 600);
  expect([...values].filter(([series]) => series.startsWith('exporter_')).sort()).toEqual([
    ['exporter_last_poll_timestamp_seconds', from + 600],
    ['exporter_last_successful_poll_timestamp_seconds', from + 600],
    ['exporter_polls_skipped_total', 0],
    ['exporter_polls_total', 11],
  ]);
});

describe('whatever the list says', () => {
  const bytes = fc.maxSafeNat();
  const row = fc
    .record({
      start: fc.integer({ min: 0, max: noon - from }),
      seconds: fc.option(fc.integer({ min: 0, max: 3 * 3600 })),
      roomName: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      bandwidthIn: bytes,
      bandwidthOut: bytes,
      participants: fc.nat(50),
      activeParticipants: fc.option(fc.nat(50), { nil: undefined }),
      lastActive: fc.option(fc.integer({ min: from, max: noon }), { nil: 0 }),
      egress: fc.constantFrom(0 as const, 1 as const, 2 as const),
    })
    .map(({ start, seconds, ...rest }): Omit<SessionRow, 'sessionId'> => {
      const createdAt = from + start;
      return { ...rest, createdAt, endedAt: seconds === null ? 0 : Math.min(noon, createdAt + seconds) };
    });
  const rows = fc
    .array(row, { maxLength: 10 })
    .map((all) => all.map((one, index): SessionRow => ({ ...one, sessionId: `RM_${String(index)}` })));

  it('counters rise from 0 to the sums of the list', () =>
    assertProperty(
      fc.asyncProperty(rows, async (all) => {
        const scrapes = await replayed(all, { step: 300 });
        const sum = (field: 'bandwidthIn' | 'bandwidthOut' | 'participants'): number =>
          Number(all.reduce((total, one) => total + BigInt(one[field]), 0n));
        expect(Object.fromEntries(scrapes.at(-1)!.values)).toMatchObject({
          bandwidth_in_bytes_total: sum('bandwidthIn'),
          bandwidth_out_bytes_total: sum('bandwidthOut'),
          participants_joined_total: sum('participants'),
          sessions_started_total: all.length,
          sessions_ended_total: all.filter(({ endedAt }) => endedAt > 0).length,
        });
        // Of each counter that is shown: it begins at 0 and never falls. When its room comes back it goes on, or begins again.
        const known = new Map<string, number>();
        let before: Values = known;
        const wrong = scrapes.flatMap(({ time, values }) => {
          const counters = [...values].filter(([series]) => /^(?!exporter_).*_total/.test(series));
          const unexpected = counters.filter(([series, value]) => {
            const last = known.get(series);
            const begins = !before.has(series) && value === 0;
            return !begins && (last === undefined || value < last);
          });
          for (const [series, value] of counters) known.set(series, value);
          before = values;
          return unexpected.map((counter) => [time, ...counter]);
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: 15 },
    ));
});
