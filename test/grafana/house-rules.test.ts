// What every board keeps to, so that people can rely on it: after the rules of Grafana's dashboard-linter.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { describe, expect, it } from 'vitest';
import { boards } from '../../grafana/src/boards.ts';
import { complaints } from '../promql/complaints.ts';
import { readExpression } from '../promql/expression.ts';
import { knownMetrics, recordedMetrics } from '../promql/known-metrics.ts';
import { filledIn, panelsOf, queriesOf, targetsOf } from './board-queries.ts';

const known = new Map([...knownMetrics(), ...recordedMetrics()]);
const knownUnits: readonly unknown[] = Object.values(units);
const chosenDatasource = { type: 'prometheus', uid: '${datasource}' };

/** The units of a panel and of the overrides of its columns. */
function unitsOf(panel: ReturnType<typeof panelsOf>[number]): unknown[] {
  const overrides = panel.fieldConfig?.overrides ?? [];
  const overridden = overrides.flatMap(({ properties }) => properties.filter(({ id }) => id === 'unit'));
  return [panel.fieldConfig?.defaults.unit, ...overridden.map(({ value }) => value as unknown)];
}

function variablesOf(board: Dashboard): string[] {
  return (board.templating.list ?? []).map(({ name }) => name);
}

it('the boards have the identifiers that links and bookmarks rely on', () => {
  expect(Object.fromEntries(Object.entries(boards).map(([file, { uid }]) => [file, uid]))).toEqual({
    'overview.json': 'livekit-cloud-overview',
    'room.json': 'livekit-cloud-room',
    'usage.json': 'livekit-cloud-usage',
    'customers.json': 'livekit-cloud-customers',
    'exporter.json': 'livekit-cloud-exporter',
  });
});

describe.each(Object.entries(boards))('%s', (_, board) => {
  const panels = panelsOf(board);
  const queries = queriesOf(board);
  const annotations = (board.annotations?.list ?? []).map(({ name, expr }) => ({
    name,
    template: expr ?? '',
  }));

  it('is made for provisioning and links to the others', () => {
    expect(board).toMatchObject({ editable: false, tags: ['livekit-cloud'] });
    expect(board.description).toMatch(/\.$/);
    expect(board).not.toHaveProperty('__inputs');
    expect(board.links).toMatchObject([
      { type: 'dashboards', tags: ['livekit-cloud'], includeVars: true, keepTime: true },
    ]);
  });

  it('lets data source, job and instance be chosen, again for each time range', () => {
    const variables = board.templating.list ?? [];
    expect(variables.slice(0, 3)).toMatchObject([
      { name: 'datasource', type: 'datasource', query: 'prometheus' },
      { name: 'job', multi: true, includeAll: true, allValue: '.+' },
      { name: 'instance', multi: true, includeAll: true, allValue: '.+' },
    ]);
    for (const variable of variables.filter(({ type }) => type === 'query')) {
      expect(variable).toMatchObject({ datasource: chosenDatasource, refresh: 2 });
    }
  });

  it('has panels that explain themselves, each with a title and a number of its own', () => {
    for (const panel of panels) {
      expect(panel.title).toMatch(/\S/);
      expect(panel.description).toMatch(/^[A-Z].{40,}\.$/);
      if (panel.type === 'text') continue;
      expect(panel.fieldConfig?.defaults.noValue, panel.title).toMatch(/\S/);
      expect(panel.datasource).toEqual(chosenDatasource);
      for (const { datasource } of targetsOf(panel)) expect(datasource).toEqual(chosenDatasource);
    }
    const titles = panels.map(({ title }) => title);
    expect(titles).toEqual([...new Set(titles)]);
    expect(panels.map(({ id }) => id)).toEqual(panels.map((_panel, index) => index + 1));
  });

  it('has units that Grafana knows', () => {
    for (const panel of panels.filter(({ type }) => type !== 'text'))
      expect(knownUnits, panel.title).toEqual(expect.arrayContaining(unitsOf(panel)));
  });

  it('has no panel that lies on another or beyond the edge', () => {
    const taken = new Map<string, string | undefined>();
    for (const { title, gridPos } of panels) {
      const { x, y, w, h } = gridPos ?? { x: 0, y: 0, w: 0, h: 0 };
      expect(w * h, title).toBeGreaterThan(0);
      expect(x + w, title).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++) {
        for (let row = y; row < y + h; row++) {
          const cell = `${String(column)},${String(row)}`;
          expect(taken.get(cell), title).toBeUndefined();
          taken.set(cell, title);
        }
      }
    }
  });

  it('asks for what the program publishes', () => {
    const wrong = [...queries, ...annotations].map(({ name, template }) => [
      name,
      ...complaints(filledIn(template), known),
    ]);
    expect(wrong.filter(({ length }) => length > 1)).toEqual([]);
  });

  it('marks alerts and starts of exporters', () => {
    expect(annotations.map(({ name }) => name)).toEqual(['Alerts', 'Starts of exporters']);
  });

  it('asks only the chosen exporters', () => {
    for (const { name, template } of [...queries, ...annotations]) {
      for (const { metric, labels } of readExpression(filledIn(template)).selectors) {
        // Alerts have the labels of their rules.
        if (metric.startsWith('ALERTS')) continue;
        // What is recorded of a project is the same at each of its exporters.
        const recorded = metric.includes(':') && !metric.endsWith(':now');
        expect(labels, name).toEqual(expect.arrayContaining(recorded ? ['job'] : ['job', 'instance']));
      }
    }
  });

  it('has rates that do not dip where polls are rare', () => {
    const isShort = /^(\$.*|\d+s|\dm)$/;
    for (const { name, template } of queries) {
      const polled = /((livekit_cloud_(?!exporter_)\w+)\{(?:`[^`]*`|[^`}])*\})\[([^\]:]+)\]/g;
      for (const [, selector = '', metric = '', range = ''] of template.matchAll(polled)) {
        if (known.get(metric)?.type !== 'counter' || !isShort.test(range)) continue;
        // As polledRateOf() and polledRateOfRooms() have it.
        expect(template, `${name}: ${metric}[${range}]`).toContain(`increase(${selector}[20m])`);
      }
    }
  });

  it('has axes of counts and shares up to 1 at least, not up to 100 for a line at 0', () => {
    for (const { type, title, fieldConfig } of panels) {
      const { unit, max, custom } = fieldConfig?.defaults ?? {};
      const { axisSoftMax, drawStyle } = (custom ?? {}) as Readonly<Record<string, unknown>>;
      if (type !== 'timeseries' || drawStyle === 'bars') continue;
      if (unit === 'short' || unit === 'percentunit')
        expect(max ?? axisSoftMax, title).toBeGreaterThanOrEqual(1);
    }
  });

  it('draws and lists few rooms, however many there are', () => {
    for (const { name, template } of queries) {
      const { groupingLabels, selectors } = readExpression(filledIn(template));
      const byRoom = groupingLabels.includes('room');
      // Of rooms for which an alert fires there are few, and each is worth a line.
      const ofAlerts = selectors.every(({ metric }) => metric.startsWith('ALERTS'));
      if (byRoom && !ofAlerts) expect(template, name).toMatch(/topk\(10, /);
      for (const { metric, labels } of selectors) {
        const ofRooms = known.get(metric)?.labels.includes('room');
        if (ofRooms && !byRoom) expect(labels, name).toContain('room');
      }
    }
  });

  it('has links that lead to boards and variables that exist', () => {
    const byUid = new Map(Object.values(boards).map((target) => [target.uid, target]));
    const links = JSON.stringify(board).matchAll(/"\/d\/([\w-]+)\?([^"]*)"/g);
    for (const [, uid, query] of links) {
      const target = byUid.get(uid);
      expect(target, uid).toBeDefined();
      for (const [, name] of (query ?? '').matchAll(/var-(\w+)=/g)) {
        expect(target && variablesOf(target)).toContain(name);
      }
    }
  });
});

it('rooms and projects that are clicked on open their board', () => {
  const links = JSON.stringify(boards['overview.json']).match(/\/d\/[\w-]+/g);
  expect(links).toEqual(['/d/livekit-cloud-room', '/d/livekit-cloud-room', '/d/livekit-cloud-exporter']);
});

it('the overview says how many rooms it does not show one by one: in all, and of each project', () => {
  const isAbout = (query: string): boolean =>
    readExpression(filledIn(query)).selectors.some(
      ({ metric }) => metric === 'livekit_cloud_exporter_folded_rooms',
    );
  const panels = Object.values(boards)
    .filter(({ uid }) => uid === 'livekit-cloud-overview')
    .flatMap(panelsOf)
    .filter((panel) => targetsOf(panel).some(({ expr }) => isAbout(expr)));
  expect(panels.map(({ type, title }) => [type, title])).toEqual([
    ['stat', 'Folded'],
    ['table', 'Projects'],
  ]);
});
