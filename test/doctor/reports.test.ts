import { expect, test } from 'vitest';
import { fail, ok, skip, warn } from '../../src/doctor/finding.ts';
import { JsonReport, type Report, type Subject, TextReport } from '../../src/doctor/report.ts';

const one: Subject = { name: 'production', id: 'p_1' };
const two: Subject = { name: 'p_2', id: 'p_2' };

function fill(report: Report): void {
  report.add({ check: 'configuration', ...ok('fine') });
  report.add({ check: 'clock', ...warn('12 s off', 'keep time') }, two);
  report.add({ check: 'proxy', ...ok('none') }, one);
  report.endOf(two, 3);
  report.add({ check: 'key and secret', ...fail('answered 401', 'check the key') }, one);
  report.add({ check: 'requests', ...skip('not checked') }, one);
  report.endOf(one, 1);
  report.close();
}

function textOf(subjects: readonly Subject[], use: (report: TextReport) => void): string {
  let text = '';
  use(new TextReport(subjects, (more) => (text += more)));
  return text;
}

test('lines come project after project, whatever the order of the findings', () => {
  expect(textOf([one, two], fill)).toBe(`ok    configuration    fine

Project production (p_1)
ok    proxy            none
FAIL  key and secret   answered 401
                       what to do: check the key
skip  requests         not checked

Project p_2
warn  clock            12 s off
                       what to do: keep time

1 failed, 1 to be looked at; requests made: 4.
`);
});

test('a line is written as soon as it can be', () => {
  const written: string[] = [];
  const report = new TextReport([one, two], (text) => written.push(text));
  report.add({ check: 'proxy', ...ok('none') }, one);
  expect(written.join('')).toContain('ok    proxy            none\n');
  report.add({ check: 'proxy', ...ok('two') }, two);
  expect(written.join('')).not.toContain('two');
  report.endOf(one, 0);
  expect(written.join('')).toContain('two');
});

test('lines are at most 80 columns wide where words are not longer', () => {
  const words = Array.from({ length: 60 }, (_, index) => 'x'.repeat((index % 11) + 1)).join(' ');
  const text = textOf([], (report) => report.add({ check: 'name resolution', ...fail(words, words) }));
  const lines = text.trimEnd().split('\n');
  for (const line of lines) {
    expect(line.length).toBeLessThanOrEqual(80);
    expect(line).toBe(line.trimEnd());
  }
  // All of it is there, twice.
  expect(text.match(/x+/g)?.join(' ')).toBe(`${words} ${words}`);
});

test('a long word begins further to the left', () => {
  const url = `https://${'y'.repeat(50)}`;
  const text = textOf([], (report) => report.add({ check: 'API', ...fail(`GET ${url} failed`, 'wait') }));
  expect(text).toBe(`FAIL  API              GET
      ${url} failed
      what to do: wait
`);
});

test('the last line says that nothing has failed', () => {
  expect(textOf([], (report) => report.close())).toBe('\nNothing has failed; requests made: 0.\n');
});

function jsonOf(subjects: readonly Subject[], use: (report: JsonReport) => void): unknown {
  const written: string[] = [];
  use(new JsonReport(subjects, (text) => written.push(text)));
  expect(written).toHaveLength(1);
  return JSON.parse(written[0] ?? '');
}

test('JSON holds everything in one document', () => {
  expect(jsonOf([one, two], fill)).toEqual({
    status: 'fail',
    checks: [{ check: 'configuration', status: 'ok', message: 'fine', remedy: null }],
    projects: [
      {
        name: 'production',
        id: 'p_1',
        status: 'fail',
        requests: 1,
        checks: [
          { check: 'proxy', status: 'ok', message: 'none', remedy: null },
          { check: 'key and secret', status: 'fail', message: 'answered 401', remedy: 'check the key' },
          { check: 'requests', status: 'skip', message: 'not checked', remedy: null },
        ],
      },
      {
        name: 'p_2',
        id: 'p_2',
        status: 'warn',
        requests: 3,
        checks: [{ check: 'clock', status: 'warn', message: '12 s off', remedy: 'keep time' }],
      },
    ],
  });
});

test('JSON of a bad configuration has no projects', () => {
  const document = jsonOf([], (report) => {
    report.add({ check: 'configuration', ...fail('bad') });
    report.close();
  });
  expect(document).toEqual({
    status: 'fail',
    checks: [{ check: 'configuration', status: 'fail', message: 'bad', remedy: null }],
    projects: [],
  });
});

test.each([
  ['a terminal command', '\u001b[2Jx'],
  ['a line break', 'a\nFAIL  clock'],
  ['a change of the writing direction', '\u202Ex'],
])('%s in a name or message is taken out', (_, foreign) => {
  const subject = { name: foreign, id: 'p_1' };
  const use = (report: Report) => {
    report.add({ check: 'API', ...fail(foreign, foreign) }, subject);
    report.endOf(subject, 0);
    report.close();
  };
  const text = textOf([subject], use);
  const json = JSON.stringify(jsonOf([subject], use));
  for (const output of [text, json]) {
    expect(output).not.toContain(foreign);
    expect(output).toContain('\uFFFD');
  }
  expect(text).not.toMatch(/^FAIL {2}clock/m);
});
