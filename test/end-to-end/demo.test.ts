// What somebody sees who tries the program without an account.
import { expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { serve, startProgram, valueIn } from './running-program.ts';

it('`demo` ends with addresses that can be opened: rooms for a Prometheus, two projects for a person', async () => {
  const program = startProgram([
    'demo',
    '--web.listen-address=127.0.0.1:0',
    '--simulator.active-rooms=60',
    '--simulator.seed=7',
  ]);
  const [page, metrics] = await eventually(() => {
    const open = /^ {2}Open {4}(http:\S+)$/m.exec(program.output)?.[1];
    const scrape = /^ {2}Scrape {2}(http:\S+)$/m.exec(program.output)?.[1];
    return [open ?? expect.fail('There is no URL yet.'), scrape ?? expect.fail('There is no URL yet.')];
  });
  expect(page).toBe(`${await program.url()}/`);
  await program.ready();

  const exposition = await (await fetch(metrics)).text();
  for (const project of ['production', 'staging']) {
    expect(valueIn(exposition, `livekit_cloud_up{project="${project}"}`)).toBe(1);
    const rooms = exposition.match(
      new RegExp(
        `^livekit_cloud_room_active_sessions\\{project="${project}",room="(?!__other__").*\\} [1-9]`,
        'gm',
      ),
    );
    const active = valueIn(exposition, `livekit_cloud_active_rooms{project="${project}"}`);
    // In the night of a Sunday staging may have none.
    expect(rooms ?? []).toHaveLength(active ?? NaN);
  }
  expect(valueIn(exposition, 'livekit_cloud_active_rooms{project="production"}')).toBeGreaterThan(5);

  const response = await fetch(page);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const html = await response.text();
  for (const project of ['production', 'staging'])
    expect(html).toMatch(new RegExp(`<h2[^>]*><bdi[^>]*>${project}</bdi></h2>`));
  expect(html).toContain('2 of 2 projects up');
  expect(program.said + exposition + html).not.toContain('simulated-secret-of-the');
});

it('`simulate` prints what `serve` needs to be pointed at it', async () => {
  const simulator = startProgram([
    'simulate',
    '--simulator.listen-address=127.0.0.1:0',
    '--simulator.active-rooms=10',
  ]);
  const environment = await eventually(() => {
    const lines = simulator.output.match(/^LIVEKIT_\w+=.+$/gm) ?? [];
    expect(lines).toHaveLength(10);
    // Of the two projects the first: in the environment there is one.
    return Object.fromEntries(lines.slice(0, 5).map((line) => line.split('=') as [string, string]));
  });
  const program = serve(environment, { 'api.page-size': '1000' });
  await program.ready();
  const labels = `{project="${environment.LIVEKIT_PROJECT_ID ?? ''}"}`;
  expect(await program.value(`livekit_cloud_up${labels}`)).toBe(1);
  await eventually(async () => expect(await program.value(`livekit_cloud_live_up${labels}`)).toBe(1));
  expect(await program.value(`livekit_cloud_exporter_tracked_sessions${labels}`)).toBeGreaterThan(100);
  simulator.signal('SIGTERM');
  expect(await simulator.exit()).toBe(0);
});
