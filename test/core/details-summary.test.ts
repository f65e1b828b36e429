import { expect, it } from 'vitest';
import { type DetailsTarget, summarizeDetails } from '../../src/core/session-details.ts';
import { utcMonth } from '../../src/core/utc-month.ts';
import { connection, details, participant } from './details.ts';
import { complete, noon } from './session-rows.ts';

const all: DetailsTarget = {
  sessionId: 'RM_1',
  countFrom: -Infinity,
  endedAt: 0,
  isFinal: false,
  month: utcMonth(noon),
};

/** Connections, connected seconds, billable minutes and reconnects. */
function totalsOf(
  ...[given, target = {}, readTo = noon]: [Parameters<typeof details>, Partial<DetailsTarget>?, number?]
) {
  const { totals } = complete(summarizeDetails(details(...given), { ...all, ...target }, readTo));
  return [totals.connections, totals.connected / 1e6, totals.billableMinutes, totals.reconnects];
}

it.each<{ name: string; totals: () => number[]; want: number[] }>([
  { name: 'nobody', totals: () => totalsOf([[]]), want: [0, 0, 0, 0] },
  {
    name: 'one who left after a minute and a half',
    totals: () => totalsOf([[participant([connection(noon - 100, noon - 10)])]]),
    want: [1, 90, 2, 0],
  },
  {
    name: 'a minute to the microsecond, although times are no round numbers',
    totals: () => totalsOf([[participant([connection(noon - 99.123457, noon - 39.123457)])]]),
    want: [1, 60, 1, 0],
  },
  {
    name: 'one who is connected, up to the time of the answer',
    totals: () => totalsOf([[participant([connection(noon - 61)])]]),
    want: [1, 61, 2, 0],
  },
  {
    name: 'one who joined after the time of the answer',
    totals: () => totalsOf([[participant([connection(noon + 5)])]]),
    want: [1, 0, 0, 0],
  },
  {
    name: 'of one who will have left, what has passed',
    totals: () => totalsOf([[participant([connection(noon - 30, noon + 80_000)])]]),
    want: [1, 30, 1, 0],
  },
  {
    name: 'of one who will have left, all that is in the session',
    totals: () => totalsOf([[participant([connection(noon - 30, noon + 90)])], { endedAt: noon + 40 }]),
    want: [1, 70, 2, 0],
  },
  {
    name: 'one who reconnected twice',
    totals: () =>
      totalsOf([
        [
          participant([
            connection(noon - 300, noon - 290),
            connection(noon - 200, noon - 100),
            connection(noon - 50),
          ]),
        ],
      ]),
    want: [3, 160, 4, 2],
  },
  {
    name: 'one who left before joining',
    totals: () => totalsOf([[participant([connection(noon - 100, noon - 200)])]]),
    want: [1, 0, 0, 0],
  },
  {
    name: 'connections that outlast the session, which the answer says',
    totals: () =>
      totalsOf([
        [participant([connection(noon - 200)]), participant([connection(noon - 200, noon)])],
        { endedAt: noon - 140 },
      ]),
    want: [2, 120, 2, 0],
  },
  {
    name: 'connections that outlast the session, which only the list says',
    totals: () => totalsOf([[participant([connection(noon - 200)])]], { endedAt: noon - 140 }),
    want: [1, 60, 1, 0],
  },
  {
    name: 'only what happened since the counting began',
    totals: () =>
      totalsOf(
        [
          [
            // Before it began; across; within; the second one of somebody who was there before.
            participant([connection(noon - 960, noon - 900)]),
            participant([connection(noon - 610, noon - 500)]),
            participant([connection(noon - 590, noon - 580)]),
            participant([connection(noon - 700, noon - 650), connection(noon - 400, noon - 399)]),
          ],
        ],
        { countFrom: noon - 600 },
      ),
    want: [2, 100 + 10 + 1, 1 + 1 + 1, 1],
  },
  {
    name: 'one who joined as the counting began',
    totals: () => totalsOf([[participant([connection(noon - 60, noon)])]], { countFrom: noon - 60 }),
    want: [1, 60, 1, 0],
  },
])('counts $name', ({ totals, want }) => {
  expect(totals()).toEqual(want);
});

it('never says less at a later time, and nothing that the end takes back', () => {
  const joined = noon - 1234.567891;
  const before = { connected: 0, billableMinutes: 0 };
  for (let time = joined; time < joined + 200; time += 0.7) {
    const running = details([participant([connection(joined)])]);
    const { totals } = complete(summarizeDetails(running, all, time));
    const ended = details([participant([connection(joined, time)])], { endedAt: time });
    const final = complete(summarizeDetails(ended, all, time + 100)).totals;
    expect(totals.connected).toBeGreaterThanOrEqual(before.connected);
    expect(totals.billableMinutes).toBeGreaterThanOrEqual(before.billableMinutes);
    expect(totals).toEqual(final);
    Object.assign(before, totals);
  }
});

it('tells kinds of connections, who publishes what, and how long those were there who have left', () => {
  const eu = { region: 'eu', connectionType: 'udp', sdk: 'js 2' };
  const summary = complete(
    summarizeDetails(
      details(
        [
          participant(
            [connection(noon - 100, noon - 50, eu), connection(noon - 40, 0, { region: 'us' })],
            ['camera'],
          ),
          participant([connection(noon - 100, noon - 95, eu)], ['camera', 'microphone']),
          participant([connection(noon - 100)], ['microphone', 'screen_share']),
        ],
        { billableBandwidth: 12, unusable: 2 },
      ),
      all,
      noon,
    ),
  );
  expect(summary).toMatchObject({
    participants: 5,
    connected: 2,
    billableBandwidth: 12,
    publishing: { camera: 1, microphone: 1, screen_share: 1, screen_share_audio: 0 },
    durations: { sum: 5 },
  });
  expect(summary.durations.counts.slice(0, 2)).toEqual([1, 0]);
  expect([...summary.regions]).toEqual([
    ['eu', 2],
    ['us', 1],
  ]);
  expect([...summary.connectionTypes]).toEqual([['udp', 2]]);
  expect([...summary.sdks]).toEqual([['js 2', 2]]);
});

it('observes no stay that began before the counting, and holds 64 values of a kind', () => {
  const people = Array.from({ length: 100 }, (_, number) =>
    participant([connection(noon - 10, noon - 5, { region: String(number) })]),
  );
  const before = participant([connection(noon - 100, noon - 5)]);
  const target = { ...all, countFrom: noon - 10 };
  const summary = complete(summarizeDetails(details([...people, before]), target, noon));
  expect(summary.durations.sum).toBe(500);
  expect([summary.regions.size, summary.regions.get('__other__')]).toEqual([65, 36]);
});

it('can be interrupted in a session of ten thousand', () => {
  const people = Array.from({ length: 10_000 }, () => participant([connection(noon - 60)]));
  const steps = summarizeDetails(details(people), all, noon);
  let interruptions = 0;
  for (let step = steps.next(); !step.done; step = steps.next()) interruptions += 1;
  expect(interruptions).toBeGreaterThan(100);
});
