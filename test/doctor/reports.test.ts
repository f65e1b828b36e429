import { expect, test } from 'vitest';
import {
  type CheckFinding,
  type Examined,
  fail,
  findingLines,
  jsonDocument,
  lastLine,
  ok,
  projectLines,
  skip,
  warn,
} from '../../src/doctor/findings.ts';

const common: CheckFinding[] = [{ check: 'configuration', ...ok('fine') }];
const one: Examined = {
  name: 'production',
  id: 'p_1',
  requests: 1,
  findings: [
    { check: 'proxy', ...ok('none') },
    { check: 'key and secret', ...fail('answered 401', 'check the key') },
    { check: 'requests', ...skip('not checked') },
  ],
};
const two: Examined = {
  name: 'p_2',
  id: 'p_2',
  requests: 3,
  findings: [{ check: 'clock', ...warn('12 s off', 'keep time') }],
};

test('lines say what was found, project after project', () => {
  const text = common.map(findingLines).join('') + projectLines(one) + projectLines(two);
  expect(text + lastLine(common, [one, two])).toBe(`ok    configuration    fine

Project production (p_1)
ok    proxy            none
FAIL  key and secret   answered 401
                       what to do: check the key
skip  requests         not checked

Project p_2
warn  clock            12 s off
                       what to do: keep time

1 failed, 1 warning; requests made: 4.
`);
});

test('lines are at most 80 columns wide where words are not longer', () => {
  const words = Array.from({ length: 60 }, (_, index) => 'x'.repeat((index % 11) + 1)).join(' ');
  const text = findingLines({ check: 'name resolution', ...fail(words, words) });
  for (const line of text.trimEnd().split('\n')) {
    expect(line.length).toBeLessThanOrEqual(80);
    expect(line).toBe(line.trimEnd());
  }
  // All of it is there, twice.
  expect(text.match(/x+/g)?.join(' ')).toBe(`${words} ${words}`);
});

test('a long word begins further to the left', () => {
  const url = `https://${'y'.repeat(50)}`;
  expect(findingLines({ check: 'API', ...fail(`GET ${url} failed`, 'wait') }))
    .toBe(`FAIL  API              GET
      ${url} failed
      what to do: wait
`);
});

test('the last line says that nothing has failed', () => {
  expect(lastLine([], [])).toBe('\nNo check failed; requests made: 0.\n');
});

test('JSON holds everything in one document', () => {
  expect(JSON.parse(jsonDocument(common, [one, two]))).toEqual({
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
  expect(JSON.parse(jsonDocument([{ check: 'configuration', ...fail('bad') }], []))).toEqual({
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
  const examined = {
    name: foreign,
    id: 'p_1',
    requests: 0,
    findings: [{ check: 'API', ...fail(foreign, foreign) }],
  };
  for (const output of [projectLines(examined), jsonDocument([], [examined])]) {
    expect(output).not.toContain(foreign);
    expect(output).toContain('\uFFFD');
    expect(output).not.toMatch(/^FAIL {2}clock/m);
  }
});
