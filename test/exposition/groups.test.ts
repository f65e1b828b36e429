import { expect, it } from 'vitest';
import { Ledger } from '../../src/core/ledger.ts';
import { groupLabel } from '../../src/core/room-labels.ts';
import { Exposition } from '../../src/exposition/exposition.ts';
import { complete, listedPart, noon, sessionRow } from '../core/session-rows.ts';
import { itWithPrometheus, promtoolComplaints } from '../prometheus-programs.ts';
import { added } from './added.ts';

const scraper = { address: 'x', agent: 'prometheus', connection: { destroyed: false } };
const rules = {
  window: 7 * 86_400,
  rooms: { limit: 0, linger: 600 },
  details: true,
  labelRoom: (name: string) => ({ name, publishable: true }),
  groups: { limit: 10, labelOf: (name: string) => groupLabel(/^\w+(?=-)/.exec(name)?.[0]) },
};

async function scrape(exposition: Exposition): Promise<string> {
  const { body, receivedBy } = await exposition.metrics({ format: 'text', encoding: 'identity' });
  await receivedBy(scraper);
  return body.toString();
}

/** The samples of one family, without its name. */
function samplesOf(text: string, family: string): string[] {
  return text.split('\n').flatMap((line) => (line.startsWith(`${family}{`) ? line.slice(family.length) : []));
}

it('shows the counters of a new group as 0 until they were scraped, and then as they are', async () => {
  let now = 0;
  const exposition = new Exposition({ values: () => Promise.resolve([]) }, () => now);
  const ledger = new Ledger(rules, noon);
  const before: string[] = [];
  const project = await added(exposition, 'p', ledger.initialSnapshot(), {
    beforeValues: (table, names) =>
      Promise.resolve(void before.push(...names.map((name) => `${table} ${name}`))),
  });
  await project.publish(complete(ledger.advance(listedPart(noon, []), noon)));
  const started = sessionRow({
    sessionId: 'RM_1',
    roomName: 'acme-1',
    createdAt: noon + 10,
    bandwidthOut: 7,
  });
  await project.publish(complete(ledger.advance(listedPart(noon + 30, [[started]]), noon + 30)));

  const bytes = 'livekit_cloud_group_bandwidth_out_bytes_total';
  const first = await scrape(exposition);
  expect(samplesOf(first, bytes)).toEqual([
    '{project="p",group="__none__"} 0',
    '{project="p",group="__other__"} 0',
    '{project="p",group="acme"} 0',
  ]);
  expect(samplesOf(first, 'livekit_cloud_group_active_participants')[2]).toBe('{project="p",group="acme"} 2');
  now += 1000;
  const second = await scrape(exposition);
  expect(samplesOf(second, bytes)[2]).toBe('{project="p",group="acme"} 7');
  expect(samplesOf(second, 'livekit_cloud_group_billable_connection_seconds_total')).toHaveLength(3);
  expect(before).toContain('groups acme');
});

itWithPrometheus('promtool finds nothing to complain about', async () => {
  const exposition = new Exposition({ values: () => Promise.resolve([]) }, () => 0);
  const ledger = new Ledger(rules, noon);
  const project = await added(exposition, 'p', ledger.initialSnapshot());
  await project.publish(complete(ledger.advance(listedPart(noon, []), noon)));
  expect(promtoolComplaints(await scrape(exposition))).toBe('');
});

it('gives the same as values', async () => {
  const exposition = new Exposition({ values: () => Promise.resolve([]) }, () => 0);
  const ledger = new Ledger(rules, noon);
  await added(exposition, 'p', ledger.initialSnapshot());
  const { families } = await exposition.values();
  const family = [...families].find(({ name }) => name === 'livekit_cloud_group_sessions_started_total');
  expect([...(family?.samples ?? [])]).toEqual([
    { labels: { project: 'p', group: '__none__' }, value: 0, since: noon },
    { labels: { project: 'p', group: '__other__' }, value: 0, since: noon },
  ]);
});

it('never takes the values of a room back that was received while groups were rendered', async () => {
  const exposition = new Exposition({ values: () => Promise.resolve([]) }, () => 0);
  const ledger = new Ledger({ ...rules, rooms: { limit: 10, linger: 600 } }, noon);
  let groups = Promise.resolve();
  let groupsBegin = (): void => undefined;
  const render = async (rendered: readonly { readonly name: string }[], onlyCounters = false) => {
    if (onlyCounters || !rendered.some(({ name }) => name === '__none__')) return [];
    groupsBegin();
    await groups;
    return [];
  };
  const project = await added(exposition, 'p', ledger.initialSnapshot(), { render });
  const poll = (at: number, bandwidthOut: number): Promise<void> => {
    const row = sessionRow({ sessionId: 'RM_1', roomName: 'acme-1', createdAt: noon + 10, bandwidthOut });
    return project.publish(complete(ledger.advance(listedPart(at, [[row]]), at)));
  };
  const bytes = async (): Promise<unknown> => {
    const { families } = await exposition.values();
    const family = [...families].find(({ name }) => name === 'livekit_cloud_room_bandwidth_out_bytes_total');
    return [...(family?.samples ?? [])].find(({ labels }) => labels['room'] === 'acme-1')?.value;
  };
  await project.publish(complete(ledger.advance(listedPart(noon, []), noon)));
  await poll(noon + 30, 7);
  expect(await bytes()).toBe(0);
  const { receivedBy } = await exposition.values();

  let finish = (): void => undefined;
  groups = new Promise((resolve) => (finish = resolve));
  const begun = new Promise<void>((resolve) => (groupsBegin = resolve));
  const published = poll(noon + 60, 9);
  await begun;
  const received = receivedBy(scraper);
  const shown = [await bytes()];
  finish();
  await published;
  shown.push(await bytes());
  await received;
  shown.push(await bytes());
  await poll(noon + 90, 11);
  expect([...shown, await bytes()]).toEqual([0, 0, 9, 11]);
});
