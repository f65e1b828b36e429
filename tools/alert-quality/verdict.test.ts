// What a verdict on the alerts rests on: when an alert fires, which incident that finds, what is a false alarm, and what the
// figures of all weeks amount to.
import { describe, expect, it } from 'vitest';
import { alarmsIn, secondsOf, type Alarm } from './alarms.ts';
import { Facts } from './facts.ts';
import type { IncidentKind } from './incidents.ts';
import { report } from './report.ts';
import type { Incident } from './schedule.ts';
import { detectionsOf, falseAlarms, type Detection } from './verdict.ts';

const jumped = 'LiveKitCloudParticipantsJumped';
const silent = 'LiveKitCloudRoomSilent';

const kind: IncidentKind = {
  name: 'a room has more people',
  minutes: [10, 10],
  count: 1,
  where: 'settled room',
  strength: [3, 3],
  effect: () => ({}),
  expects: { [silent]: 60 },
  explains: /Jumped$/,
};
/** Shown from 10,060 on, and in the session list, two minutes late, until 10,720. */
const incident: Incident = { kind, from: 10_000, until: 10_600, room: 'lobby' };

function alarm(from: number, { alert = silent, room }: { alert?: string; room?: string } = {}): Alarm {
  return { alert, labels: room === undefined ? {} : { room }, from, until: from };
}

describe('an alert', () => {
  const series = (...times: number[]) => [
    { metric: { room: 'lobby' }, values: times.map((time) => [time, '1'] as const) },
  ];
  /** Evaluations every 30 s. */
  const each = (from: number, until: number): number[] =>
    Array.from({ length: (until - from) / 30 + 1 }, (_, index) => from + index * 30);

  it.each([
    { name: 'whose condition holds for too short a time does not fire', times: each(0, 30), want: [] },
    { name: 'fires once it has held for that time', times: each(0, 90), want: [[60, 90]] },
    {
      name: 'waits again after one evaluation at which it did not hold',
      times: [...each(0, 30), ...each(90, 150)],
      want: [[150, 150]],
    },
    {
      name: 'that comes back within a quarter of an hour is the same alarm',
      times: [...each(0, 60), ...each(900, 960)],
      want: [[60, 960]],
    },
    {
      name: 'that comes back later is another',
      times: [...each(0, 60), ...each(930, 990)],
      want: [
        [60, 60],
        [990, 990],
      ],
    },
  ])('$name', ({ times, want }) => {
    const labels = { room: 'lobby' };
    const alarms = want.map(([from, until]) => ({ alert: silent, labels, from, until }));
    expect(alarmsIn(silent, series(...times), 30, 60)).toEqual(alarms);
  });

  it('fires for each series by itself', () => {
    const both = [...series(...each(0, 30)), ...series(...each(60, 90))];
    expect(alarmsIn(silent, both, 30, 60)).toEqual([]);
    expect(alarmsIn(silent, both, 30, 0)).toHaveLength(2);
  });

  it.each([
    ['30s', 30],
    ['2m', 120],
    ['1h', 3600],
  ])('that waits for %s waits for %i s', (duration, seconds) => expect(secondsOf(duration)).toBe(seconds));

  it('that waits for two units is refused', () => expect(() => secondsOf('1h30m')).toThrow('1h30m'));
});

describe('an incident', () => {
  it.each([
    { name: 'not without an alarm', alarms: [], delay: undefined },
    { name: 'by an alarm when the data shows it', alarms: [alarm(10_060)], delay: 0 },
    { name: 'by an evaluation a minute before that', alarms: [alarm(10_000)], delay: -60 },
    { name: 'not by an alarm before that', alarms: [alarm(9999)], delay: undefined },
    { name: 'as long as the session list shows it', alarms: [alarm(10_780)], delay: 720 },
    { name: 'not by an alarm after that', alarms: [alarm(10_781)], delay: undefined },
    { name: 'by the first of several', alarms: [alarm(10_300), alarm(10_200)], delay: 140 },
    { name: 'by an alarm of its room', alarms: [alarm(10_060, { room: 'lobby' })], delay: 0 },
    { name: 'not by one of another room', alarms: [alarm(10_060, { room: 'other' })], delay: undefined },
    { name: 'not by another alert', alarms: [alarm(10_060, { alert: jumped })], delay: undefined },
  ])('is found $name', ({ alarms, delay }) => {
    expect(detectionsOf([incident], alarms)).toEqual([{ alert: silent, incident, delay, shownAfter: 120 }]);
  });

  it.each([
    ['of the load, where the session list shows it', 'settled room', silent, 120],
    ['of the load, where the live source shows it', 'settled room', jumped, 0],
    ['of the exporter', 'exporter', silent, 0],
  ])('%s', (_, where, alert, shownAfter) => {
    const one = { ...incident, kind: { ...kind, where, expects: { [alert]: 0 } } as IncidentKind };
    expect(detectionsOf([one], [])).toMatchObject([{ alert, shownAfter }]);
  });
});

describe('an alarm', () => {
  it.each([
    { name: 'before the incident', given: alarm(9999), isFalse: true },
    { name: 'from its start', given: alarm(10_000), isFalse: false },
    { name: 'up to 20 minutes after the list shows its end', given: alarm(11_920), isFalse: false },
    { name: 'later', given: alarm(11_921), isFalse: true },
    { name: 'about another room', given: alarm(10_100, { room: 'other' }), isFalse: true },
    {
      name: 'of an alert that the incident explains',
      given: alarm(10_100, { alert: jumped }),
      isFalse: false,
    },
    {
      name: 'of any other alert',
      given: alarm(10_100, { alert: 'LiveKitCloudExporterDown' }),
      isFalse: true,
    },
  ])('$name is false: $isFalse', ({ given, isFalse }) => {
    expect(falseAlarms([incident], [given], () => false)).toEqual(isFalse ? [given] : []);
    expect(falseAlarms([incident], [given], () => true)).toEqual([]);
  });

  it('about what is so without any incident is none', () => {
    const facts = new Facts();
    const room = { people: 1, bytesIn: 0, bytesOut: 0, egress: false, sessions: 1, start: 0, lastActive: 0 };
    const now = 86_430;
    for (const time of [now - 60, now])
      facts.add(time, { ...room, egressesEnded: 0, rooms: new Map([['lobby', room]]) });
    const tooLong = (from: number, name = 'lobby') =>
      facts.holds(alarm(from, { alert: 'LiveKitCloudSessionTooLong', room: name }));
    expect([now - 30, now, now + 150, now + 210].map((from) => tooLong(from))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(tooLong(now, 'other')).toBe(false);
  });
});

describe('the report', () => {
  function reportOf(weeks: number, delays: readonly (number | undefined)[], alarms: number) {
    const detections = delays.map((delay): Detection => ({
      alert: silent,
      incident,
      delay,
      shownAfter: 120,
    }));
    const none = { seed: 1, shape: 'mixed', detections: [], falseAlarms: [], withoutLive: [] };
    const first = { ...none, detections, falseAlarms: Array.from({ length: alarms }, () => alarm(1)) };
    return report([first, ...Array.from({ length: weeks - 1 }, () => none)]);
  }
  const found = (inTime: number, all: number) =>
    Array.from({ length: all }, (_, index) => (index < inTime ? 300 : index % 2 ? undefined : 301));

  // The intervals are those of R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3, and of the counts of
  // F. Garwood, Biometrika 28 (1936).
  it.each([
    {
      inTime: 81,
      all: 263,
      share: '30.8',
      ends: '25.5 % to 36.6',
      weeks: 1,
      alarms: 0,
      means: '0.00 to 3.69',
    },
    { inTime: 1, all: 29, share: '3.4', ends: '0.6 % to 17.2', weeks: 2, alarms: 10, means: '2.40 to 9.20' },
    {
      inTime: 18,
      all: 20,
      share: '90.0',
      ends: '69.9 % to 97.2',
      weeks: 1,
      alarms: 1,
      means: '0.03 to 5.57',
    },
    {
      inTime: 19,
      all: 20,
      share: '95.0',
      ends: '76.4 % to 99.1',
      weeks: 5,
      alarms: 5,
      means: '0.32 to 2.33',
      met: true,
    },
    {
      inTime: 20,
      all: 20,
      share: '100.0',
      ends: '83.9 % to 100.0',
      weeks: 4,
      alarms: 5,
      means: '0.41 to 2.92',
    },
  ])(
    'says how sure it is of $inTime in time of $all and $alarms false alarms in $weeks weeks',
    ({ inTime, all, share, ends, weeks, alarms, means, met = false }) => {
      const figures = reportOf(weeks, found(inTime, all), alarms);
      expect(figures.met).toBe(met);
      expect(figures.text).toContain(
        `${share} % found within 3 minutes of the data showing it (95 % interval ${ends} %; goal: 95.0 %); ` +
          `${(alarms / weeks).toFixed(2)} false alarms a week over all alerts (95 % interval ${means}; goal: at most 1)`,
      );
    },
  );

  it('lists what was missed, late and false', () => {
    const { text } = reportOf(1, [300, 301, undefined], 1);
    const lines = text.split('\n').filter((line) => line.startsWith('Seed'));
    const about = `Seed 1, mixed: ${silent}, a room has more people, 1970-01-01T02:46:40.000Z`;
    expect(lines).toEqual([
      `${about}: found after 301 s`,
      `${about}: not found`,
      `Seed 1, mixed: ${silent}, , 1970-01-01T00:00:01.000Z: false`,
    ]);
    expect(text).toContain('| mixed | 1 | 3 | 2 | 1 | 1 |');
  });
});
