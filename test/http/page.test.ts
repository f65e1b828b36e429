import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { planOf } from '../../src/config/plans.ts';
import { projectSections } from '../../src/config/project-schema.ts';
import type { EgressSnapshot } from '../../src/core/egress-ledger.ts';
import { landingPage, projectPage } from '../../src/http/page.ts';
import type { PushStatus } from '../../src/http/status.ts';
import type { ProjectStatus } from '../../src/poll/poll-status.ts';
import {
  healthyProject,
  now,
  planFailure,
  programStatus,
  room,
  snapshot,
  startingProject,
} from './statuses.ts';

/** What a reader of the page reads: no markup, single blanks. */
function textOf(...projects: ProjectStatus[]): string {
  return plain(landingPage(programStatus(...projects), '/metrics'));
}

function plain(page: string): string {
  return (
    page
      .replace(/<style>.*<\/style>/s, '')
      .replace(/<\/?time.*?>/g, '')
      // A meter and a bar show their own numbers to those who see them.
      .replace(/<(meter|progress).*?<\/\1>/gs, ' ')
      .replace(/<[^>]*>/g, ' ')
      .replaceAll('&quot;', '"')
      .replace(/\s+/g, ' ')
  );
}

function headings(page: string): string[] {
  return [...page.matchAll(/<h[12].*?>(.*?)<\/h[12]>/gs)].map(([, text = '']) =>
    text.replace(/<[^>]*>/g, ''),
  );
}

test('shows the numbers, polls and rooms of a project that is up', () => {
  const text = textOf(healthyProject());
  for (const part of [
    '1 of 1 project up.',
    '✓ Up',
    'Rooms 1,204 Sessions 1,310 Participants 23,456 Egresses 17',
    'As of 2025-11-21 21:44:00 UTC; refreshed every 30 seconds.',
    'Last complete poll 12 s ago 2025-11-21 21:43:48 UTC took 1.5 s',
    'Next poll in 18 s 2025-11-21 21:44:18 UTC',
    'Sessions tracked 52,310',
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
    'Polls have failed since 2025-11-21 20:41:55 UTC.',
    'Last poll 12 s ago 2025-11-21 21:43:48 UTC took 1.5 s',
    'Last complete poll 12 s ago 2025-11-21 21:43:48 UTC',
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
  expect(text).toContain('Last complete poll none yet');
});

test('says that older days are still being listed', () => {
  const text = textOf(healthyProject({ windowComplete: false }));
  expect(text).toContain('Sessions tracked 52,310 older days are still being listed');
});

describe('several projects', () => {
  const projects = [
    healthyProject({ name: 'first' }),
    healthyProject({ name: 'second', failure: planFailure, gaugesWithdrawn: true }),
    startingProject({ name: 'third' }),
  ];

  test('are shown in a table first, those that need somebody before the others', () => {
    const text = textOf(...projects);
    expect(text).toContain('second ✕ Down for 1 h 2 min plan – – 12 s ago');
    expect(text).toContain('third ○ Starting – – none yet');
    expect(text).toContain('first ✓ Up 1,204 23,456 12 s ago');
    expect(headings(landingPage(programStatus(...projects), '/metrics'))).toEqual([
      'LiveKit Cloud exporter',
      'Projects',
      'second',
      'third',
      'first',
    ]);
  });

  test('have a page of their own each, whatever they are called', () => {
    const odd = healthyProject({ name: 'a&b=c#d/é \ud800"' });
    const page = landingPage(programStatus(odd, ...projects), '/metrics');
    expect(page).toContain('<a href="./?project=a%26b%3Dc%23d%2F%C3%A9%20%EF%BF%BD%22">');
    expect(page).toContain('<a href="./?project=second"><bdi class="name">second</bdi></a>');
    expect(page).toContain('<a href="./metrics?project=second">Metrics of this project</a>');
    // A page with a fragment in its address does not refresh.
    expect(page).not.toContain('href="#');
  });

  test('are only lines in the table when they are many and up', () => {
    const many = Array.from({ length: 48 }, (_, index) =>
      healthyProject({ name: `tenant ${String(index)}` }),
    );
    const page = landingPage(programStatus(...many, ...projects), '/metrics');
    expect(headings(page)).toEqual(['LiveKit Cloud exporter', 'Projects', 'second', 'third']);
    expect(page.match(/\?project=tenant%20/g)).toHaveLength(48);
    expect(textOf(...many)).toContain('Choose a project to see more of it.');
    expect(textOf(...projects)).not.toContain('Choose');
  });

  test('of which there is one need no table', () => {
    expect(headings(landingPage(programStatus(healthyProject()), '/metrics'))).toEqual([
      'LiveKit Cloud exporter',
      'production',
    ]);
  });
});

describe('the push by OTLP', () => {
  const push: PushStatus = {
    receiver: 'https://otlp.example/v1/metrics',
    protocol: 'http/protobuf',
    interval: 60,
    lastSuccessAt: now - 12,
    failure: undefined,
  };
  const failure = { reason: 'network', message: '<b>gone</b>', remedy: 'Look for it.', since: now - 130 };
  const pageWith = (changes: Partial<PushStatus>) =>
    landingPage({ ...programStatus(healthyProject()), push: { ...push, ...changes } }, '/metrics');
  const textWith = (changes: Partial<PushStatus>) => plain(pageWith(changes));

  test('that arrives', () => {
    expect(textWith({})).toContain(
      'Push by OTLP ✓ Arriving Receiver https://otlp.example/v1/metrics http/protobuf, every 1 min Last push that arrived 12 s ago 2025-11-21 21:43:48 UTC',
    );
  });

  test('that fails, with the cause and what to do', () => {
    const text = textWith({ failure });
    expect(text).toContain('1 of 1 project up; pushes fail.');
    expect(text).toContain(
      '✕ Failing for 2 min 10 s What happened: &lt;b&gt;gone&lt;/b&gt; (reason network)',
    );
    expect(text).toContain('What to do: Look for it. Pushes have failed since 2025-11-21 21:41:50 UTC.');
  });

  test('before the first one has ended', () => {
    const text = textWith({ lastSuccessAt: undefined });
    expect(text).toContain('○ Starting');
    expect(text).toContain('Last push that arrived none yet');
  });

  test('is not mentioned where there is none, or on the page of a project', () => {
    expect(landingPage(programStatus(healthyProject()), '/metrics')).not.toContain('OTLP');
    const status = { ...programStatus(healthyProject()), push };
    expect(projectPage(status, '/metrics', 'production')).not.toContain('OTLP');
  });
});

describe('configuration that is not in use', () => {
  const failure = {
    what: 'The web configuration file',
    since: now - 3725,
    problems: ['/etc/web.yml:3:5: users: unknown key <b>', '/etc/web.yml:4:5: two'],
  };
  const page = landingPage(
    { ...programStatus(healthyProject()), configurationFailures: [failure] },
    '/metrics',
  );

  test('comes first, with all that is wrong', () => {
    const text = plain(page);
    expect(text).toContain('1 of 1 project up; the configuration cannot be used.');
    expect(text).toContain(
      'Configuration ✕ Not in use for 1 h 2 min The web configuration file cannot be used as it is now: ' +
        '/etc/web.yml:3:5: users: unknown key &lt;b&gt; /etc/web.yml:4:5: two ' +
        'Since 2025-11-21 20:41:55 UTC. The previous one stays in use.',
    );
    expect(headings(page).slice(0, 2)).toEqual(['LiveKit Cloud exporter', 'Configuration']);
  });

  test('is not mentioned while it is in use', () => {
    expect(textOf(healthyProject())).not.toMatch(/configuration/i);
  });
});

test.each([
  { name: 'due now', nextPollAt: now + 0.4 },
  { name: 'overdue', nextPollAt: now - 5 },
])('a poll that is $name is about to begin, not "now" or "5 s ago"', ({ nextPollAt }) => {
  expect(textOf(healthyProject({ nextPollAt }))).toContain('Next poll about to begin Sessions');
});

const week = 7 * 86_400;
const progress = { startedAt: now - 42, windowStart: now - 42 - week, pages: 310, rows: 30_871 };

test.each([
  { name: 'half way', oldestStart: now - 42 - week / 2, value: '50' },
  { name: 'beyond the range', oldestStart: now - 42 - 2 * week, value: '100' },
  { name: 'not begun', oldestStart: now, value: '0' },
  { name: 'no session read yet', oldestStart: Infinity, value: '0' },
])('shows the progress of the first listing as a bar: $name', ({ oldestStart, value }) => {
  const page = landingPage(
    programStatus(startingProject({ progress: { ...progress, oldestStart } })),
    '/metrics',
  );
  expect(page).toContain(`<progress aria-label="Listing" max="100" value="${value}">`);
});

test('shows the progress of the first listing in numbers', () => {
  const text = textOf(startingProject({ progress: { ...progress, oldestStart: now - 42 - week / 2 } }));
  expect(text).toContain('◔ First listing');
  expect(text).toContain('310 pages, 30,871 sessions, back to 2025-11-18 09:43:18 UTC (50 %).');
  expect(text).toContain('This poll running for 42 s');
});

test('shows no bar for a poll after the first complete one', () => {
  const project = healthyProject({ progress: { ...progress, oldestStart: now } });
  expect(landingPage(programStatus(project), '/metrics')).not.toContain('<progress');
  expect(textOf(project)).toContain('✓ Up');
});

test('shows the ten busiest rooms', () => {
  const rooms = Array.from({ length: 14 }, (_, index) => room(`room ${index + 1};`, index + 1));
  const idle = { ...room('idle;', 100), activeSessions: 0 };
  const text = textOf(
    healthyProject({
      snapshot: snapshot({ rooms: [room('__other__', 99), idle, ...rooms], foldedRooms: 34 }),
    }),
  );
  expect(text).not.toContain('__other__ 2 99');
  const shown = [...text.matchAll(/(room \d+|idle);/g)].map(([, name]) => name);
  expect(shown).toEqual(Array.from({ length: 10 }, (_, index) => `room ${14 - index}`));
  expect(text).toContain('34 more active rooms in room="__other__" .');
});

test.each([
  {
    name: 'markup',
    given: '<img src=x onerror=alert(1)>',
    want: '<bdi class="name">&lt;img src=x onerror=alert(1)&gt;</bdi>',
  },
  { name: 'nothing', given: '  ', want: '<i>(room without a name)</i>' },
])('isolates a room name that is $name', ({ given, want }) => {
  const project = healthyProject({ snapshot: snapshot({ rooms: [room(given)] }) });
  expect(landingPage(programStatus(project), '/metrics')).toContain(
    `<th role="rowheader" scope="row">${want}`,
  );
});

test('escapes what the API and the configuration say', () => {
  const project = healthyProject({
    name: '<b>p</b>',
    failure: { ...planFailure, reason: '<b>r</b>' as 'plan', message: '<b>m</b>', remedy: '<b>d</b>' },
  });
  const page = landingPage({ ...programStatus(project), version: '<b>v</b>' }, '/metrics');
  expect(page).not.toContain('<b>');
  for (const letter of ['p', 'r', 'm', 'd', 'v']) expect(page).toContain(`&lt;b&gt;${letter}&lt;/b&gt;`);
});

test.each([
  { name: 'a project starts', projects: [healthyProject(), startingProject()], seconds: 5 },
  { name: 'all have settled', projects: [healthyProject({ failure: planFailure })], seconds: 30 },
])('refreshes itself every $seconds seconds when $name', ({ projects, seconds }) => {
  const page = landingPage(programStatus(...projects), '/metrics');
  expect(page).toContain(`<meta http-equiv="refresh" content="${seconds}"`);
});

describe('the page of one project', () => {
  const status = programStatus(healthyProject({ name: 'a <b>' }), startingProject({ name: 'other' }));

  test('shows it alone, with the way back to all', () => {
    const page = projectPage(status, '/metrics', 'a <b>') ?? expect.fail();
    expect(headings(page)).toEqual(['LiveKit Cloud exporter', 'a &lt;b&gt;']);
    expect(page).toContain('<title>a &lt;b&gt;: Up · LiveKit Cloud exporter</title>');
    expect(page).toContain('<a href="./">All projects</a>');
    expect(page).toContain('<meta http-equiv="refresh" content="30"');
    expect(projectPage(status, '/metrics', 'other')).toContain('<meta http-equiv="refresh" content="5"');
  });

  test('needs no way back when there is no other', () => {
    expect(projectPage(programStatus(healthyProject()), '/metrics', 'production')).not.toContain('href="./"');
  });

  test.each(['', 'a', 'production', '__proto__'])('is none for the unknown name %j', (name) => {
    expect(projectPage(status, '/metrics', name)).toBeUndefined();
  });
});

test('links to the pages for machines relative to itself', () => {
  const page = landingPage(programStatus(), '/telemetry/livekit');
  const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, link]) => link);
  expect(links).toEqual(['./telemetry/livekit', './sd', './-/healthy', './-/ready']);
});

test('says that the state cannot be written, why, and what a restart would do', () => {
  const state = {
    place: '/data',
    lastWriteAt: now - 130,
    failure: { message: 'Cannot write the state /data/<a>.json: the disk is full.', since: now - 120 },
  };
  const text = plain(landingPage({ ...programStatus(healthyProject()), state }, '/metrics'));
  expect(text).toContain('1 of 1 project up; state cannot be written.');
  expect(text).toContain(
    'The state cannot be written since 2025-11-21 21:42:00 UTC: Cannot write the state /data/&lt;a&gt;.json: the disk is full.',
  );
  expect(text).toContain('the last state written, of 2025-11-21 21:41:50 UTC');
  const healthy = landingPage(
    { ...programStatus(healthyProject()), state: { ...state, failure: undefined } },
    '/metrics',
  );
  expect(plain(healthy)).not.toContain('state cannot');
});

test('shows the rooms that are busy now by the live source', () => {
  const rooms = {
    ...{ rooms: 2, emptyRooms: 1, participants: 12, publishers: 3, recordedRooms: 0 },
    published: [
      { name: '__other__', participants: 5, publishers: 0 },
      { name: 'quiet', participants: 1, publishers: 1 },
      { name: 'empty', participants: 0, publishers: 0 },
      { name: 'lobby', participants: 6, publishers: 2 },
    ],
  };
  const published = { rooms, egresses: undefined, unconfirmedSessions: undefined, listLag: undefined };
  const live = {
    pollsFinished: 3,
    lastSuccessAt: now - 7,
    failure: undefined,
    gaugesWithdrawn: false,
    snapshot: published,
  };
  const project = startingProject({ hasList: false, pollsFinished: 3, live });
  const text = textOf(project, healthyProject({ name: 'other' }));
  expect(text).toContain('production ✓ Up 2 12 7 s ago');
  expect(text).toContain('Room Participants Publishers lobby 6 2 quiet 1 1 Metrics');
  expect(text).not.toContain('Session list');
  const withdrawn = textOf({ ...project, live: { ...live, gaugesWithdrawn: true } });
  expect(withdrawn).not.toContain('lobby');
  // With a session list it says which rooms are busy, and the list what they have moved.
  const both = healthyProject({
    live,
    snapshot: snapshot({ rooms: [room('lobby', 900), room('over', 800)] }),
  });
  expect(textOf(both)).toContain(
    'Room Participants Publishers Uploaded Downloaded lobby 6 2 3.2 GB 880 GB quiet 1 1 – – Metrics',
  );
});

test.each([
  [1, '1 session that the session list calls active has no room any more.'],
  [3, '3 sessions that the session list calls active have no room any more.'],
  [0, undefined],
])('tells of %d sessions that no room confirms', (unconfirmedSessions, told) => {
  const rooms = { rooms: 2, emptyRooms: 0, participants: 3, publishers: 1, recordedRooms: 0, published: [] };
  const live = {
    pollsFinished: 3,
    lastSuccessAt: now - 7,
    failure: undefined,
    gaugesWithdrawn: false,
    snapshot: { rooms, egresses: undefined, unconfirmedSessions, listLag: undefined },
  };
  const text = textOf(healthyProject({ live }));
  if (told === undefined) expect(text).not.toContain('any more');
  else expect(text).toContain(told);
});

describe('links to Grafana', () => {
  const project = healthyProject({ name: 'a&b', snapshot: snapshot({ rooms: [room('town/hall "1"')] }) });
  const linksOf = (grafanaUrl: string) => {
    const page = landingPage({ ...programStatus(project), grafanaUrl }, '/metrics');
    return [...page.matchAll(/href="(http[^"]*)"/g)].map(([, link = '']) => link.replaceAll('&amp;', '&'));
  };

  test('lead from a room and from a project to their boards', () => {
    expect(linksOf('https://grafana.example.com/team')).toEqual([
      'https://grafana.example.com/team/d/livekit-cloud-room?var-project=a%26b&var-room=town%2Fhall%20%221%22',
      'https://grafana.example.com/team/d/livekit-cloud-overview?var-project=a%26b',
    ]);
  });

  test('name boards and variables that there are', () => {
    for (const link of linksOf('https://grafana.example.com')) {
      const { pathname, searchParams } = new URL(link);
      const uid = pathname.replace('/d/', '');
      const path = new URL(
        `../../grafana/dashboards/${uid.replace('livekit-cloud-', '')}.json`,
        import.meta.url,
      );
      const board = JSON.parse(readFileSync(path, 'utf8')) as Board;
      expect(board.uid).toBe(uid);
      const variables = board.templating.list.map(({ name }) => `var-${name}`);
      expect(variables).toEqual(expect.arrayContaining([...searchParams.keys()]));
    }
  });

  test('are not there without its address', () => {
    expect(linksOf('')).toEqual([]);
  });
});

interface Board {
  readonly uid: string;
  readonly templating: { readonly list: readonly { readonly name: string }[] };
}

test('says how much of what the plan allows is in use', () => {
  const limits = { participants: 50_000, egresses: 100 };
  const text = textOf(healthyProject({ plan: planOf(projectSections.plan.parse({ limits })) }));
  expect(text).toContain('Participants 23,456 of 50,000 Egresses 17 of 100');
});

describe('the month', () => {
  const begin = Date.parse('2025-11-01') / 1000;
  const month = {
    ...{ begin, coveredSince: begin, ended: undefined },
    ...{ downstreamBytes: 812_430_000_000, connectionSeconds: 60 * 1_612_345 },
  };
  const plan = planOf(projectSections.plan.parse({ name: 'scale', budget_dollars: 4000 }));
  const egressMonth = { begin, seconds: 60 * 5210.7, coveredSince: begin + 86_400, before: undefined };
  const egresses = {
    ...{ since: begin, running: {}, ended: {}, seconds: 0 },
    month: { ...egressMonth, hasTurned: false },
  } as unknown as EgressSnapshot;
  const live = {
    ...{ pollsFinished: 3, lastSuccessAt: now - 7, failure: undefined, gaugesWithdrawn: false },
    snapshot: { rooms: undefined, egresses, unconfirmedSessions: undefined, listLag: undefined },
  };

  test('is shown with its cost, what the plan includes, and since when it is known', () => {
    expect(textOf(healthyProject({ plan, live, snapshot: snapshot({ month }) }))).toContain(
      'This month Cost so far $544.94 of $4,000 budget Connection minutes 1,612,345 of 1,500,000 ' +
        'Downstream GB 812.43 of 3,000 Egress minutes 5,211 of 8,000 Complete since 2025-11-01 00:00:00 UTC. ',
    );
  });

  test('says what is not known of it', () => {
    const late = { ...month, coveredSince: begin + 3 * 86_400 + 60 };
    expect(textOf(healthyProject({ snapshot: snapshot({ month: late }) }))).toContain(
      'Complete since 2025-11-04 00:01:00 UTC: earlier use may be missing. ',
    );
  });

  test('leaves out what is not measured or has no limit', () => {
    const unread = { ...month, connectionSeconds: undefined };
    expect(textOf(healthyProject({ snapshot: snapshot({ month: unread }) }))).toContain(
      'This month Downstream GB 812.43 Complete since',
    );
    expect(textOf(startingProject({ hasList: false, plan, live }))).toContain(
      'This month Egress minutes 5,211 of 8,000 Complete since 2025-11-02 00:00:00 UTC: ',
    );
  });

  test.each([
    ['before anything was listed', { snapshot: snapshot({ month: { ...month, coveredSince: undefined } }) }],
    ['once the gauges are withdrawn', { snapshot: snapshot({ month }), gaugesWithdrawn: true }],
  ])('is not shown %s', (_when, changes) => {
    expect(textOf(healthyProject({ plan, ...changes }))).not.toContain('This month');
  });
});

test('shows the busiest groups, where rooms are grouped', () => {
  const groups = [room('__none__', 4), room('__other__', 90), room('acme', 300)];
  const text = textOf(healthyProject({ snapshot: snapshot({ groups }) }));
  expect(text).toMatch(/Group Sessions Participants Uploaded Downloaded acme 2 300 .* __none__ 2 4 /);
  expect(text).not.toContain('__other__');
});

describe('replicas', () => {
  const sharing = {
    name: 'host-1',
    replicas: 3,
    elsewhere: [
      { project: 'a<b', replica: 'host-2' },
      { project: 'staging', replica: undefined },
      { project: 'other', replica: 'host-2' },
    ],
    failure: undefined,
  };
  const pageWith = (given: typeof sharing | { failure: { message: string; since: number } }) =>
    plain(landingPage({ ...programStatus(healthyProject()), sharing: { ...sharing, ...given } }, '/metrics'));

  test('are named with the projects that they have', () => {
    const text = pageWith(sharing);
    expect(text).toContain('Replicas ✓ 3 replicas');
    expect(text).toContain('host-2 : a&lt;b, other');
    expect(text).toContain('No replica yet : staging');
  });

  test('whose state server cannot be reached say so in the summary and in red', () => {
    const text = pageWith({
      failure: { message: 'Cannot use redis://redis:6379: nothing listens there.', since: now - 60 },
    });
    expect(text).toContain('the state server cannot be reached');
    expect(text).toMatch(/✕ Unreachable for 1 min .*nothing listens there.*none moves while this lasts/);
  });
});
