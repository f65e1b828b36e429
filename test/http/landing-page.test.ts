import { expect, test } from 'vitest';
import { landingPage } from '../../src/http/landing-page.ts';
import type { ProjectStatus } from '../../src/http/status.ts';
import { healthyProject, now, planFailure, programStatus, room, startingProject } from './statuses.ts';

/** What a reader of the page reads: no markup, single blanks. */
function textOf(...projects: ProjectStatus[]): string {
  return landingPage(programStatus(...projects), '/metrics')
    .replace(/<style>.*<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replace(/\s+/g, ' ');
}

test('shows the numbers, polls and rooms of a project that is up', () => {
  const text = textOf(healthyProject());
  for (const part of [
    '1 of 1 project up.',
    '✓ Up',
    'Rooms 1,204 Sessions 1,310 Participants 23,456 Egresses 17',
    'Last poll 2025-11-21T21:43:48Z (12 s ago)',
    'Last complete poll 2025-11-21T21:43:48Z (12 s ago)',
    'Last poll took 1.5 s',
    'Next poll 2025-11-21T21:44:18Z (in 18 s)',
    'Sessions tracked 52,310',
    'Requests 14 in the last poll, at most 100 a minute',
    'town-hall 2 815 3.2 GB 880 GB',
    'Version 1.2.3, started 2 h 5 min ago.',
  ]) {
    expect(text).toContain(part);
  }
});

test('names the cause of a failure and what to do about it', () => {
  const text = textOf(healthyProject({ failure: planFailure }), healthyProject({ name: 'staging' }));
  for (const part of [
    '1 of 2 projects up, 1 down.',
    '✕ Down for 1 h 2 min',
    'What happened: The API answered 403: "needs the Scale plan" (reason plan)',
    'What to do: Upgrade the project to the Scale plan.',
    'Polls have failed since 2025-11-21T20:41:55Z (1 h 2 min ago).',
    'the values of the last one stay in the metrics',
    'Rooms 1,204',
  ]) {
    expect(text).toContain(part);
  }
});

test('shows no numbers once the gauges are withdrawn', () => {
  const text = textOf(healthyProject({ failure: planFailure, gaugesWithdrawn: true }));
  expect(text).toContain('its gauges are no longer in the metrics');
  expect(text).not.toContain('1,204');
  expect(text).not.toContain('town-hall');
});

test('says that there are no values before the first complete poll', () => {
  const text = textOf(startingProject({ pollsFinished: 3, failure: planFailure }));
  expect(text).toContain('✕ Down');
  expect(text).toContain('No poll has been complete yet');
});

test('says that a project is starting before its first poll', () => {
  const text = textOf(startingProject());
  expect(text).toContain('0 of 1 project up, 1 starting.');
  expect(text).toContain('○ Starting');
  expect(text).toContain('Last poll none yet');
});

const week = 7 * 86_400;
const progress = { startedAt: now - 42, windowStart: now - 42 - week, pages: 310, rows: 30_871 };

test.each([
  { name: 'half way', oldestStart: now - 42 - week / 2, value: '50' },
  { name: 'beyond the range', oldestStart: now - 42 - 2 * week, value: '100' },
  { name: 'not begun', oldestStart: now, value: '0' },
])('shows the progress of the first listing as a bar: $name', ({ oldestStart, value }) => {
  const page = landingPage(
    programStatus(startingProject({ progress: { ...progress, oldestStart } })),
    '/metrics',
  );
  expect(page).toContain(`<progress aria-label="Listing" max="100" value="${value}">`);
});

test('shows the progress of the first listing in numbers', () => {
  const text = textOf(startingProject({ progress: { ...progress, oldestStart: now - 42 - week / 2 } }));
  expect(text).toContain('◔ Listing for the first time');
  expect(text).toContain('310 pages, 30,871 sessions, back to 2025-11-18T09:43:18Z (50 %).');
  expect(text).toContain('This poll running for 42 s');
});

test('shows a bar without an end while no session has been read', () => {
  const project = startingProject({ progress: { ...progress, oldestStart: undefined } });
  expect(landingPage(programStatus(project), '/metrics')).toContain(
    '<progress aria-label="Listing"></progress>',
  );
});

test('shows no bar for a poll after the first complete one', () => {
  const project = healthyProject({ progress: { ...progress, oldestStart: now } });
  expect(landingPage(programStatus(project), '/metrics')).not.toContain('<progress');
  expect(textOf(project)).toContain('✓ Up');
});

test('shows the ten busiest rooms', () => {
  const rooms = Array.from({ length: 11 }, (_, index) => room(`room ${index + 1};`));
  const text = textOf(healthyProject({ busiestRooms: rooms }));
  expect(text).toContain('room 10;');
  expect(text).not.toContain('room 11;');
});

test.each([
  {
    name: 'markup',
    given: '<img src=x onerror=alert(1)>',
    want: '<bdi>&lt;img src=x onerror=alert(1)&gt;</bdi>',
  },
  { name: 'nothing', given: '  ', want: '<i>(room without a name)</i>' },
  { name: 'a long text', given: '🏢'.repeat(65), want: `<bdi>${'🏢'.repeat(64)}…</bdi>` },
  { name: 'a text that just fits', given: '🏢'.repeat(64), want: `<bdi>${'🏢'.repeat(64)}</bdi>` },
])('isolates a room name that is $name', ({ given, want }) => {
  const project = healthyProject({ busiestRooms: [room(given)] });
  expect(landingPage(programStatus(project), '/metrics')).toContain(`<th scope="row">${want}</th>`);
});

test('escapes what the API and the configuration say', () => {
  const project = healthyProject({
    name: '<b>p</b>',
    failure: { ...planFailure, reason: '<b>r</b>', message: '<b>m</b>', remedy: '<b>d</b>' },
  });
  const page = landingPage({ ...programStatus(project), version: '<b>v</b>' }, '/metrics');
  expect(page).not.toContain('<b>');
  for (const letter of ['p', 'r', 'm', 'd', 'v']) expect(page).toContain(`&lt;b&gt;${letter}&lt;/b&gt;`);
});

test.each([
  { name: 'a project starts', projects: [healthyProject(), startingProject()], seconds: 5 },
  { name: 'all have settled', projects: [healthyProject({ failure: planFailure })], seconds: 30 },
])('renews itself every $seconds seconds when $name', ({ projects, seconds }) => {
  const page = landingPage(programStatus(...projects), '/metrics');
  expect(page).toContain(`<meta http-equiv="refresh" content="${seconds}"`);
});

test('links to the pages for machines relative to itself', () => {
  const page = landingPage(programStatus(), '/telemetry/livekit');
  const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, link]) => link);
  expect(links).toEqual(['./telemetry/livekit', './-/healthy', './-/ready']);
});
