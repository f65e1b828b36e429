// The page for people in a real browser, served by the built program: what it loads, how it reads, what hostile names
// can do to it.
import { readFileSync } from 'node:fs';
import type { Page, ViewportSize } from 'playwright-core';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { afterAllTests } from '../at-end.ts';
import { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';
import type { Simulator } from '../simulator-support/test-simulator.ts';
import { describeWithChromium, startChromium, type Chromium } from '../chromium.ts';
import { eventually } from './eventually.ts';
import { hostileNames } from './hostile/answers.ts';
import { serve, type RunningProgram } from './running-program.ts';
import { configurationFile } from './shared-run.ts';
import { cloudOf, environmentOf, project, simulate, unixSeconds } from './simulated-api.ts';

interface Audit {
  readonly title: string;
  readonly language: string;
  readonly landmarks: readonly string[];
  readonly headings: readonly string[];
  readonly overflowing: readonly string[];
  readonly overflow: number;
  readonly names: readonly string[];
}

const audit = readFileSync(new URL('page-audit.js', import.meta.url), 'utf8');
/** What nobody may find on a page. */
const flawless = {
  unlabelled: [],
  tablesWithoutCaption: 0,
  headersWithoutScope: 0,
  repeatedIds: [],
  fragments: 0,
  lowContrast: [],
  smallText: [],
  smallLinks: [],
  overflowing: [],
  overflow: 0,
  active: [],
  markupInNames: 0,
};

interface Look {
  readonly viewport: ViewportSize;
  readonly colorScheme?: 'light' | 'dark';
}

const phone = { viewport: { width: 360, height: 740 } };
const desktop = { viewport: { width: 1280, height: 800 } };
const looks: readonly Look[] = [
  { viewport: { width: 320, height: 568 }, colorScheme: 'light' },
  { viewport: { width: 320, height: 568 }, colorScheme: 'dark' },
  { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
  { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
  { ...desktop, colorScheme: 'light' },
  { ...desktop, colorScheme: 'dark' },
];

/** A name in angle brackets alone is taken for a placeholder. */
const projectNames = hostileNames().map((name) => `tenant ${name}`);

interface ConfiguredProject {
  readonly name: string;
  readonly id: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

describeWithChromium('the page for people', () => {
  let browser: Chromium;
  let window: Page;
  let program: RunningProgram;
  let simulator: Simulator;
  let url: string;
  const atEnd = afterAllTests();

  /** All that the browser asked for, and all it complained of, since the test began. */
  let asked: string[];
  let complaints: string[];

  beforeAll(async () => {
    browser = await startChromium();
    atEnd(() => browser.close());
    window = await (await browser.open({})).newPage();
    window.on('request', (request) => asked.push(request.url()));
    window.on('console', (message) => complaints.push(message.text()));
    window.on('pageerror', (error) => complaints.push(String(error)));
    const cloud = new ScriptedCloud({ startedAt: unixSeconds() });
    for (const [index, roomName] of hostileNames().slice(0, 10).entries()) {
      const startsAt = unixSeconds() - 600 - index;
      cloud.addSession({ roomName, startsAt, participants: 20 - index, inRate: 1e6 });
    }
    simulator = await simulate(cloud, {}, atEnd);
    // The second project is one whose key LiveKit does not know.
    const [name = '', otherName = ''] = projectNames;
    const file = configFile([
      { ...project, name },
      // One that LiveKit does not know.
      { ...project, name: otherName, id: 'p_2' },
    ]);
    program = serve(
      {
        LIVEKIT_ANALYTICS_URL: simulator.url,
        // No receiver of metrics.
        OTEL_EXPORTER_OTLP_ENDPOINT: simulator.url,
        OTEL_METRIC_EXPORT_INTERVAL: '1000',
      },
      { 'config.file': file },
      atEnd,
    );
    await program.ready();
    url = await program.url();
    await eventually(async () => expect(await (await fetch(url)).text()).toContain('pushes fail'));
  });

  beforeEach(async () => {
    // A page that was left open would renew itself.
    await window.goto('about:blank');
    asked = [];
    complaints = [];
  });

  /** Its path; it goes when all tests are over. */
  function configFile(projects: readonly ConfiguredProject[]): string {
    const written = projects.map(({ name, id, apiKey, apiSecret }) => ({
      ...{ name, id },
      ...{ api_key: apiKey, api_secret: apiSecret },
      plan: { name: 'scale', budget_dollars: 12_345.5 },
    }));
    return configurationFile({ projects: written }, atEnd);
  }

  /** In the one window that the tests share: a new one takes the browser longer than all else. */
  async function open({ viewport, colorScheme = 'light' }: Look, address = url): Promise<Page> {
    await window.setViewportSize(viewport);
    await window.emulateMedia({ colorScheme });
    await window.goto(address);
    return window;
  }

  /** Goes to another page, and waits until all of it is there: a click alone waits for its beginning. */
  async function follow(page: Page, link: string): Promise<void> {
    await page.getByRole('link', { name: link }).click();
    await page.waitForLoadState();
  }

  async function auditOf(page: Page): Promise<Audit> {
    return page.evaluate(audit);
  }

  it.each(looks)('is without a flaw in $colorScheme at $viewport.width pixels', async (look) => {
    const page = await open(look);
    const report = await auditOf(page);
    expect(report).toMatchObject({
      ...flawless,
      title: '1 of 2 projects up, 1 down; pushes fail · LiveKit Cloud exporter',
      language: 'en',
      landmarks: ['header', 'nav', 'main', 'footer'],
    });
    expect(report.headings.map((heading) => heading.slice(0, 2))).toEqual([
      'h1',
      'h2',
      'h2',
      'h2',
      'h3',
      'h2',
    ]);
    expect(report.names).toHaveLength(10);
  });

  it('loads itself and nothing else, without breaking its policy', async () => {
    const page = await open(desktop);
    // A page that breaks its policy says so on the console; so it would for a script that a name brought along.
    expect(complaints).toEqual([]);
    expect(asked).toEqual([`${url}/`]);
    await page.getByRole('link', { name: 'Metrics', exact: true }).click();
    await page.getByText('livekit_cloud_up').first().waitFor();
    expect(new Set(asked.map((address) => new URL(address).origin))).toEqual(new Set([url]));
  });

  it('shows names as text that stands still', async () => {
    const page = await open(desktop);
    const { names } = await auditOf(page);
    expect(names[0]).toBe('<img src="https://evil.invalid/" onerror="document.title=1">');
    expect(names).toContain('⟨U+202E⟩gnp.exe⟨U+2066⟩⟨U+2067⟩⟨U+2068⟩');
    for (const name of names) expect(name).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b]/u);
  });

  it('says without scripts what is wrong and what to do', async () => {
    const context = await browser.open({ ...phone, javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(url);
    await page.getByText('check the project id').waitFor();
    await page.getByText('OTEL_EXPORTER_OTLP').first().waitFor();
    expect(await page.getByRole('table').count()).toBe(2);
    expect(await page.getByRole('row', { name: /\bUp\b/ }).count()).toBe(1);
    await page.getByText('of $12,346 budget').waitFor();
    await context.close();
  });

  it('shows where the keyboard is, and leads from the table to each project', async () => {
    const page = await open(desktop);
    const focused: string[] = [];
    for (let presses = 0; presses < 6; presses++) {
      await page.keyboard.press('Tab');
      focused.push(
        await page.evaluate(
          '(({ search, pathname }) => pathname + search)(document.activeElement) + " " + getComputedStyle(document.activeElement).outlineStyle',
        ),
      );
    }
    const [name = '', otherName = ''] = projectNames.map(encodeURIComponent);
    expect(focused).toEqual([
      '/metrics solid',
      '/sd solid',
      '/-/healthy solid',
      '/-/ready solid',
      // The one that is down comes first.
      `/?project=${otherName} solid`,
      `/?project=${name} solid`,
    ]);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'All projects' }).waitFor();
    await page.waitForLoadState();
    expect(await auditOf(page)).toMatchObject({
      ...flawless,
      title: `${projectNames[0] ?? ''}: Up · LiveKit Cloud exporter`,
    });
  });

  it('refreshes itself, and shows what has come since', async () => {
    const waiting = await simulate(cloudOf(7), {}, atEnd);
    waiting.faults.order({ kind: 'hang' });
    // Polls fail after eight times as long: until then the page has to be open.
    const starting = serve(environmentOf(waiting), { 'api.request-timeout': '4s' }, atEnd);
    const page = await open(desktop, await starting.url());
    expect((await auditOf(page)).title).toMatch(/^0 of 1 project up, 1 (?:starting|listing)/);
    waiting.faults.clear();
    await eventually(async () => expect((await auditOf(page)).title).toMatch(/^1 of 1 project up/));
    await page.waitForLoadState();
    expect(await page.getByText('Rooms').locator('xpath=..').first().innerText()).toContain('7');
  });

  it('shows of fifty projects those that need somebody, and the one that is chosen', async () => {
    const tenants = Array.from({ length: 50 }, (_, index) => ({ ...project, id: `p_${String(index)}` }));
    const cloud = cloudOf(3);
    const known = tenants.slice(1).map((tenant) => ({ ...tenant, cloud }));
    const many = await simulate(cloud, { projects: known }, atEnd);
    const file = configFile(
      tenants.map(({ id, apiKey, apiSecret }) => ({ name: `tenant ${id}`, id, apiKey, apiSecret })),
    );
    const fleet = serve({ LIVEKIT_ANALYTICS_URL: many.url }, { 'config.file': file }, atEnd);
    await fleet.ready();

    const page = await open(phone, await fleet.url());
    expect(await auditOf(page)).toMatchObject({
      ...flawless,
      headings: ['h1 LiveKit Cloud exporter', 'h2 Projects', 'h2 tenant p_0'],
    });
    await follow(page, 'tenant p_33');
    expect(await auditOf(page)).toMatchObject({
      ...flawless,
      headings: ['h1 LiveKit Cloud exporter', 'h2 tenant p_33', 'h3 This month'],
    });
    await follow(page, 'All projects');
    expect((await auditOf(page)).title).toMatch(/^49 of 50 projects up, 1 down/);
  });
});
