import { execFileSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { Ledger } from '../../src/core/ledger.ts';
import { roomLabels } from '../../src/core/room-labels.ts';
import type { SessionRow } from '../../src/core/session-row.ts';
import type { ProjectSnapshot } from '../../src/core/snapshot.ts';
import type { FamilyValues } from '../../src/core/family.ts';
import { Exposition, type Wanted } from '../../src/exposition/exposition.ts';
import { complete, noon, sessionRow, listedPart } from '../core/session-rows.ts';
import { familyText } from '../../src/exposition/text-format.ts';
import { itWithOpenMetricsParser, parseOpenMetrics } from '../open-metrics-parser.ts';
import { itWithPrometheus, promtoolComplaints } from '../prometheus-programs.ts';
import { added } from './added.ts';

const labelRoom = roomLabels({ include: /^(?:.*)$/su, exclude: /^(?:)$/su, rewrite: [] });
const rules = { window: 7 * 86_400, rooms: { limit: 100_000, linger: 600 }, details: false, labelRoom };
const initial = new Ledger(rules, noon - 60).initialSnapshot();

function snapshotOf(...rows: SessionRow[]): ProjectSnapshot {
  return complete(new Ledger(rules, noon - 60).advance(listedPart(noon, [rows]), noon));
}

let time: number;
/** The exporter's own metrics. */
let own: readonly FamilyValues[];
let exposition: Exposition;

function ownValues(value: number): readonly FamilyValues[] {
  return [
    { name: 'own', help: 'Looked at.', type: 'gauge', samples: [{ labels: {}, value, since: undefined }] },
  ];
}

beforeEach(() => {
  time = 0;
  own = ownValues(1);
  const values = () => Promise.resolve([own]);
  exposition = new Exposition({ values }, () => time);
});

const gzip = { format: 'text', encoding: 'gzip' } as const;
const identity = { format: 'text', encoding: 'identity' } as const;

async function text(wanted: Partial<Wanted> = {}): Promise<string> {
  const plain = (await exposition.metrics({ ...identity, ...wanted })).body.toString();
  const compressed = (await exposition.metrics({ ...gzip, ...wanted })).body;
  expect(withoutOwn(gunzipSync(compressed).toString())).toBe(withoutOwn(plain));
  return plain;
}

function withoutOwn(exposed: string): string {
  return exposed.replace(/# \S+ own [^]*?own \d+\n/, '');
}

describe('the exposition', () => {
  it('publishes the counters of a project from the first moment, without gauges', async () => {
    await added(exposition, 'p', initial);
    const lines = withoutOwn(await text())
      .split('\n')
      .filter((line) => !line.startsWith('#') && line !== '');
    expect(lines.filter((line) => !line.includes('session_'))).toEqual([
      'livekit_cloud_up{project="p"} 0',
      'livekit_cloud_bandwidth_in_bytes_total{project="p"} 0',
      'livekit_cloud_bandwidth_out_bytes_total{project="p"} 0',
      'livekit_cloud_sessions_started_total{project="p"} 0',
      'livekit_cloud_sessions_ended_total{project="p"} 0',
      'livekit_cloud_participants_joined_total{project="p"} 0',
      'livekit_cloud_room_bandwidth_in_bytes_total{project="p",room="__other__"} 0',
      'livekit_cloud_room_bandwidth_out_bytes_total{project="p",room="__other__"} 0',
      'livekit_cloud_room_sessions_started_total{project="p",room="__other__"} 0',
      'livekit_cloud_room_participants_joined_total{project="p",room="__other__"} 0',
    ]);
  });

  it('writes a room as the format wants it, whatever its name holds', async () => {
    const project = await added(exposition, 'p', initial);
    const roomName = 'say "hi"\\\nback é🎉';
    await project.publish(
      snapshotOf(sessionRow({ sessionId: 'RM_1', roomName, egress: 2, bandwidthIn: 2 ** 53 })),
    );
    const labels = 'project="p",room="say \\"hi\\"\\\\\\nback é🎉"';
    const lines = (await text()).split('\n').filter((line) => line.includes('back'));
    expect(lines).toEqual([
      `livekit_cloud_room_active_sessions{${labels}} 1`,
      `livekit_cloud_room_active_participants{${labels}} 2`,
      `livekit_cloud_room_session_participants{${labels}} 2`,
      `livekit_cloud_room_session_bandwidth_in_bytes{${labels}} 9007199254740992`,
      `livekit_cloud_room_session_bandwidth_out_bytes{${labels}} 0`,
      `livekit_cloud_room_egress_state{${labels},state="never_started"} 0`,
      `livekit_cloud_room_egress_state{${labels},state="active"} 0`,
      `livekit_cloud_room_egress_state{${labels},state="ended"} 1`,
      `livekit_cloud_room_session_start_timestamp_seconds{${labels}} ${String(noon - 600)}`,
      `livekit_cloud_room_last_active_timestamp_seconds{${labels}} ${String(noon)}`,
      `livekit_cloud_room_bandwidth_in_bytes_total{${labels}} 0`,
      `livekit_cloud_room_bandwidth_out_bytes_total{${labels}} 0`,
      `livekit_cloud_room_sessions_started_total{${labels}} 0`,
      `livekit_cloud_room_participants_joined_total{${labels}} 0`,
    ]);
  });

  it('writes histograms with rising buckets, sum and count', async () => {
    const project = await added(exposition, 'p', initial);
    const sessionParticipants = { bounds: [1, 5], counts: [2, 0, 1], sum: 12 };
    await project.publish({ ...snapshotOf(), sessionParticipants });
    expect(await text()).toContain(
      [
        '# TYPE livekit_cloud_session_participants histogram',
        'livekit_cloud_session_participants_bucket{project="p",le="1"} 2',
        'livekit_cloud_session_participants_bucket{project="p",le="5"} 2',
        'livekit_cloud_session_participants_bucket{project="p",le="+Inf"} 3',
        'livekit_cloud_session_participants_sum{project="p"} 12',
        'livekit_cloud_session_participants_count{project="p"} 3',
      ].join('\n'),
    );
  });

  it('keeps the samples of a family together over several projects', async () => {
    for (const name of ['one', 'two']) {
      const project = await added(exposition, name, initial);
      await project.publish(snapshotOf(sessionRow({ sessionId: 'RM_1', roomName: 'r' })));
    }
    const answer = await text();
    const headers = answer.match(/^# TYPE \S+/gm) ?? [];
    expect(headers).toHaveLength(new Set(headers).size);
    const family = answer
      .split('# HELP ')
      .find((part) => part.startsWith('livekit_cloud_room_active_sessions '));
    expect(family?.match(/^livekit.*/gm)?.slice(1)).toEqual([
      'livekit_cloud_room_active_sessions{project="one",room="__other__"} 0',
      'livekit_cloud_room_active_sessions{project="one",room="r"} 1',
      'livekit_cloud_room_active_sessions{project="two",room="__other__"} 0',
      'livekit_cloud_room_active_sessions{project="two",room="r"} 1',
    ]);
  });

  it('keeps all values of a project that is down, and says that it is', async () => {
    const project = await added(exposition, 'p', initial);
    await project.publish(snapshotOf(sessionRow({ sessionId: 'RM_1' })));
    const good = await text();
    project.showDown();
    expect(withoutOwn(await text())).toBe(
      withoutOwn(good.replace('livekit_cloud_up{project="p"} 1', 'livekit_cloud_up{project="p"} 0')),
    );
  });

  it('withdraws the gauges of one project and keeps its counters, until it publishes again', async () => {
    const project = await added(exposition, 'p', initial);
    const other = await added(exposition, 'q', initial);
    const snapshot = snapshotOf(sessionRow({ sessionId: 'RM_1' }));
    await project.publish(snapshot);
    await other.publish(snapshot);
    project.showDown();
    project.withdrawGauges();
    const withdrawn = await text();
    expect(withdrawn).not.toMatch(/^livekit_cloud_(room_)?active_\w+\{project="p"/m);
    expect(withdrawn).toContain('livekit_cloud_room_active_sessions{project="q",room="lobby"} 1');
    expect(withdrawn).toContain('livekit_cloud_up{project="p"} 0');
    expect(withdrawn).toContain('livekit_cloud_room_bandwidth_in_bytes_total{project="p",room="lobby"} 0');
    await project.publish(snapshot);
    expect(await text()).toContain('livekit_cloud_room_active_sessions{project="p",room="lobby"} 1');
  });

  it('renders a new room at 0 until it was received so, then with its values, and its gauges as they were', async () => {
    const project = await added(exposition, 'p', initial);
    const other = await added(exposition, 'q', initial);
    const ledger = new Ledger(rules, noon - 60);
    const next = (now: number, ...rows: SessionRow[]): ProjectSnapshot =>
      complete(ledger.advance(listedPart(now, [rows]), now));
    await project.publish(next(noon));
    await other.publish(snapshotOf(sessionRow({ sessionId: 'RM_2', roomName: 'steady' })));
    const scraper = { address: '', agent: '', connection: { destroyed: false } };
    await scrape();
    const room = sessionRow({ sessionId: 'RM_1', roomName: 'new', createdAt: noon, bandwidthIn: 7 });
    await project.publish(next(noon + 30, room));

    const first = await text();
    expect(first).toContain('livekit_cloud_room_bandwidth_in_bytes_total{project="p",room="new"} 0\n');
    expect(first).toContain('livekit_cloud_room_session_bandwidth_in_bytes{project="p",room="new"} 7\n');
    expect(first).toContain('livekit_cloud_bandwidth_in_bytes_total{project="p"} 7\n');
    expect(await text()).toBe(first);
    await scrape();
    expect(withoutOwn(await text())).toBe(
      withoutOwn(first)
        .replace(/(_in_bytes_total\{project="p",room="new"\}) 0/, '$1 7')
        .replace(/(_started_total\{project="p",room="new"\}) 0/, '$1 1')
        .replace(/(_joined_total\{project="p",room="new"\}) 0/, '$1 2'),
    );

    async function scrape(): Promise<void> {
      await (await exposition.metrics(gzip)).receivedBy(scraper);
    }
  });

  it('answers scrapes and publishes polls after a scrape whose values could not be kept', async () => {
    const failures: unknown[] = [];
    const failing = new Exposition(
      { values: () => Promise.resolve([]) },
      () => time,
      (error) => failures.push(error),
    );
    let keep = (): Promise<void> => Promise.reject(new Error('disk full'));
    const project = await added(failing, 'p', initial, { beforeValues: () => keep() });
    const ledger = new Ledger(rules, noon - 60);
    for (const rows of [[], [sessionRow({ sessionId: 'RM_1', roomName: 'new', createdAt: noon })]]) {
      await project.publish(complete(ledger.advance(listedPart(noon, [rows]), noon)));
    }
    const scrape = async () => {
      const { body, receivedBy } = await failing.metrics(identity);
      await receivedBy({ address: '', agent: '', connection: { destroyed: false } });
      return body.toString();
    };
    const room = 'livekit_cloud_room_sessions_started_total{project="p",room="new"}';
    expect(await scrape()).toContain(`${room} 0\n`);
    expect(await scrape()).toContain(`${room} 0\n`);
    expect(failures).toEqual([new Error('disk full'), new Error('disk full')]);
    keep = () => Promise.resolve();
    await scrape();
    expect(await scrape()).toContain(`${room} 1\n`);
  });

  it('shows a new room of a project that is added later at 0 until all have received it who scrape already', async () => {
    const scrapers = ['one', 'other'].map((agent) => ({
      ...{ address: '', agent, connection: { destroyed: false } },
    }));
    for (const scraper of scrapers) await (await exposition.metrics(identity)).receivedBy(scraper);
    const project = await added(exposition, 'later', initial);
    const ledger = new Ledger(rules, noon - 60);
    complete(ledger.advance(listedPart(noon, [[]]), noon));
    const row = sessionRow({ sessionId: 'RM_1', roomName: 'new', createdAt: noon + 1, bandwidthIn: 7 });
    await project.publish(complete(ledger.advance(listedPart(noon + 30, [[row]]), noon + 30)));
    const seen: (string | undefined)[] = [];
    for (const scraper of scrapers) {
      const { body, receivedBy } = await exposition.metrics(identity);
      seen.push(
        /^livekit_cloud_room_bandwidth_in_bytes_total{project="later",room="new"} (.*)$/m.exec(
          body.toString(),
        )?.[1],
      );
      await receivedBy(scraper);
      time += 1000;
    }
    expect(seen).toEqual(['0', '0']);
    expect(await text()).toContain(
      'livekit_cloud_room_bandwidth_in_bytes_total{project="later",room="new"} 7\n',
    );
  });

  it('renders nothing again when a scrape has received rooms that have not grown', async () => {
    const project = await added(exposition, 'p', initial);
    await project.publish(snapshotOf(sessionRow({ sessionId: 'RM_1' })));
    const { body, receivedBy } = await exposition.metrics(gzip);
    await receivedBy({ address: '', agent: '', connection: { destroyed: false } });
    expect((await exposition.metrics(gzip)).body).toBe(body);
  });

  it('makes one body for all who ask at the same time', async () => {
    await added(exposition, 'p', initial);
    const [first, second] = await Promise.all([exposition.metrics(identity), exposition.metrics(identity)]);
    expect(second.body).toBe(first.body);
  });

  it('renders the own metrics when they have changed, and after each poll', async () => {
    const project = await added(exposition, 'p', initial);
    const { body } = await exposition.metrics(gzip);
    own = ownValues(2);
    time = 100;
    expect((await exposition.metrics(gzip)).body).not.toBe(body);
    project.showDown();
    expect((await exposition.metrics(identity)).body.toString()).toContain('own 2');
  });

  it('answers one gzip member with the right checksum and length, also for many rooms', async () => {
    const rows = Array.from({ length: 3000 }, (_, index) =>
      sessionRow({
        sessionId: `RM_${String(index)}`,
        roomName: `room ${String(index)} ü`,
        bandwidthIn: index ** 4,
      }),
    );
    const project = await added(exposition, 'p', initial);
    await project.publish(snapshotOf(...rows));
    const { body: compressed } = await exposition.metrics(gzip);
    const { body: plain } = await exposition.metrics(identity);
    // The gzip program verifies checksum and length, and that nothing follows the first member.
    const out = execFileSync('gzip', ['-dc'], { input: compressed, maxBuffer: 2 ** 26 }).toString();
    expect(withoutOwn(out)).toBe(withoutOwn(plain.toString()));
    expect(out.match(/room="room /g)).toHaveLength(3000 * 14);
  });

  it('answers with one project alone, and what is about no project', async () => {
    for (const name of ['one', 'two']) {
      const project = await added(exposition, name, initial);
      await project.publish(snapshotOf(sessionRow({ sessionId: 'RM_1', roomName: name })));
    }
    const all = await text();
    const one = await text({ project: 'one' });
    const lines = (exposed: string) => withoutOwn(exposed).split('\n');
    expect(lines(one)).toEqual(lines(all).filter((line) => !line.includes('project="two"')));
    expect(one).toContain('own ');
    expect(exposition.has('two')).toBe(true);
    expect(exposition.has('three')).toBe(false);
  });

  it('takes the own metrics of other projects away from an answer with one project', async () => {
    const samples = ['one', 'two'].map((project) => ({ labels: { project }, value: 1, since: undefined }));
    const families: FamilyValues[] = [{ name: 'own', help: 'Of each.', type: 'gauge', samples }];
    exposition = new Exposition({ values: () => Promise.resolve([families]) }, () => time);
    await added(exposition, 'one', initial);
    expect((await exposition.metrics({ ...identity, project: 'one' })).body.toString()).toMatch(
      /# TYPE own gauge\nown\{project="one"\} 1\n$/,
    );
  });

  it('tells only the projects of an answer that it was received', async () => {
    const shows: string[] = [];
    const snapshots = new Map<string, (now: number) => Promise<void>>();
    for (const name of ['one', 'two']) {
      const ledger = new Ledger(rules, noon - 60);
      const project = await added(exposition, name, initial, {
        beforeValues: (_, rooms) => {
          shows.push(...rooms.map((room) => `${room} of ${name}`));
          return Promise.resolve();
        },
      });
      snapshots.set(name, async (now) => {
        const row = sessionRow({ sessionId: 'RM_1', roomName: 'new', createdAt: noon, bandwidthIn: 7 });
        await project.publish(complete(ledger.advance(listedPart(now, now > noon ? [[row]] : []), now)));
      });
    }
    for (const now of [noon, noon + 30]) for (const poll of snapshots.values()) await poll(now);
    const { receivedBy } = await exposition.metrics({ ...identity, project: 'one' });
    await receivedBy({ address: '', agent: '', connection: { destroyed: false } });
    expect(shows).toEqual(['__other__ of one', 'new of one']);
  });

  it('forgets a project that is removed', async () => {
    const gone = await added(exposition, 'gone', initial);
    await added(exposition, 'stays', initial);
    expect(await text()).toContain('gone');
    gone.remove();
    expect(await text()).not.toContain('gone');
    expect(exposition.has('gone')).toBe(false);
  });

  it('shows the same as values: names, labels, numbers, and when counters began', async () => {
    const project = await added(exposition, 'p', initial);
    await project.publish(snapshotOf(sessionRow({ sessionId: 'RM_1', roomName: 'r "1"' })));
    await (await added(exposition, 'q', initial)).publish(snapshotOf());
    const { families } = await exposition.values();
    const asText = [...families].map((family) => familyText(family, 'text')).join('');
    expect(withoutOwn(asText)).toBe(withoutOwn(await text()));
    for (const { name, type, samples } of families) {
      const beginnings = new Set([...samples].map(({ since }) => since));
      if (name === 'own' || beginnings.size === 0) continue;
      expect([name, ...beginnings]).toEqual([name, type === 'gauge' ? undefined : noon - 60]);
    }
  });

  it('gives values that stay as they are while another poll is published', async () => {
    const project = await added(exposition, 'p', initial);
    await project.publish(snapshotOf(sessionRow({ sessionId: 'RM_1', roomName: 'before' })));
    const { families } = await exposition.values();
    await project.publish(snapshotOf(sessionRow({ sessionId: 'RM_1', roomName: 'after' })));
    const rooms = [...families].flatMap(({ samples }) =>
      [...samples].flatMap(({ labels }) => labels['room'] ?? []),
    );
    expect(new Set(rooms)).toEqual(new Set(['__other__', 'before']));
  });

  itWithOpenMetricsParser('is read by the parser of OpenMetrics as the same as text', async () => {
    const project = await added(exposition, 'p', initial);
    await project.publish(
      snapshotOf(sessionRow({ sessionId: 'RM_1', roomName: 'a "b" \\ \n c', bandwidthIn: 2 ** 60 })),
    );
    const families = parseOpenMetrics(await text({ format: 'openmetrics' }));
    const samples = families.flatMap((family) =>
      family.samples.map(([name, labels, value]) => ({ name, labels, value })),
    );
    const lines = withoutOwn(await text())
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(samples).toHaveLength(lines.length + 1);
    expect(samples).toContainEqual({
      name: 'livekit_cloud_room_session_bandwidth_in_bytes',
      labels: { project: 'p', room: 'a "b" \\ \n c' },
      value: '1.152921504606847e+18',
    });
    const units = new Map(families.map(({ name, unit }) => [name, unit]));
    expect(units.get('livekit_cloud_bandwidth_in_bytes')).toBe('bytes');
    expect(units.get('livekit_cloud_session_duration_seconds')).toBe('seconds');
    expect(units.get('livekit_cloud_active_rooms')).toBe('');
  });

  itWithPrometheus('passes promtool check metrics', async () => {
    const project = await added(exposition, 'p', initial);
    await project.publish(snapshotOf(sessionRow({ sessionId: 'RM_1', roomName: 'a "b" \\ \n c' })));
    expect(promtoolComplaints(await text())).toBe('');
  });
});
