import { describe, expect, it } from 'vitest';
import type { FamilyValues, SampleValue } from '../../src/core/family.ts';
import { familyText, openMetricsEnd } from '../../src/exposition/text-format.ts';
import type { Format } from '../../src/exposition/text-format.ts';
import { itWithOpenMetricsParser, parseOpenMetrics } from '../open-metrics-parser.ts';

function sample(value: SampleValue['value'], labels: SampleValue['labels'] = {}): SampleValue {
  return { labels, value, since: undefined };
}

const histogram = {
  bounds: [0.005, 1, 1.5, 300, 86_400],
  counts: [1, 0, 2, 0, 0, 1],
  sum: 7.25,
};

const cases: readonly {
  readonly name: string;
  readonly family: FamilyValues;
  readonly text: string;
  readonly openmetrics: string;
}[] = [
  {
    name: 'a counter in seconds',
    family: { name: 'a_wait_seconds_total', help: 'Waited.', type: 'counter', samples: [sample(1.5)] },
    text: '# HELP a_wait_seconds_total Waited.\n# TYPE a_wait_seconds_total counter\na_wait_seconds_total 1.5\n',
    openmetrics:
      '# TYPE a_wait_seconds counter\n# UNIT a_wait_seconds seconds\n# HELP a_wait_seconds Waited.\na_wait_seconds_total 1.5\n',
  },
  {
    name: 'a gauge without a unit',
    family: { name: 'a_rooms', help: 'Rooms.', type: 'gauge', samples: [sample(2 ** 53)] },
    text: '# HELP a_rooms Rooms.\n# TYPE a_rooms gauge\na_rooms 9007199254740992\n',
    openmetrics: '# TYPE a_rooms gauge\n# HELP a_rooms Rooms.\na_rooms 9007199254740992\n',
  },
  {
    name: 'a name that only looks as if it had a unit',
    family: { name: 'a_requests_per_second', help: 'Rate.', type: 'gauge', samples: [sample(1)] },
    text: '# HELP a_requests_per_second Rate.\n# TYPE a_requests_per_second gauge\na_requests_per_second 1\n',
    openmetrics:
      '# TYPE a_requests_per_second gauge\n# HELP a_requests_per_second Rate.\na_requests_per_second 1\n',
  },
  {
    name: 'help and label values with what has to be escaped',
    family: {
      name: 'a',
      help: 'Say "hi"\\\nbye é',
      type: 'gauge',
      samples: [sample(1, { room: 'say "hi"\\\nbye é🎉', state: '' })],
    },
    text: '# HELP a Say "hi"\\\\\\nbye é\n# TYPE a gauge\na{room="say \\"hi\\"\\\\\\nbye é🎉",state=""} 1\n',
    openmetrics:
      '# TYPE a gauge\n# HELP a Say \\"hi\\"\\\\\\nbye é\na{room="say \\"hi\\"\\\\\\nbye é🎉",state=""} 1\n',
  },
  {
    name: 'values that are no plain numbers',
    family: {
      name: 'a',
      help: 'Odd.',
      type: 'gauge',
      samples: [NaN, Infinity, -Infinity, 1e21, 1e-7, -0.5].map((value, n) =>
        sample(value, { n: String(n) }),
      ),
    },
    text: '# HELP a Odd.\n# TYPE a gauge\na{n="0"} NaN\na{n="1"} +Inf\na{n="2"} -Inf\na{n="3"} 1e+21\na{n="4"} 1e-7\na{n="5"} -0.5\n',
    openmetrics:
      '# TYPE a gauge\n# HELP a Odd.\na{n="0"} NaN\na{n="1"} +Inf\na{n="2"} -Inf\na{n="3"} 1e+21\na{n="4"} 1e-7\na{n="5"} -0.5\n',
  },
  {
    name: 'a histogram, whose bounds are canonical in OpenMetrics',
    family: { name: 'a_bytes', help: 'Sizes.', type: 'histogram', samples: [sample(histogram, { p: 'x' })] },
    text: [
      '# HELP a_bytes Sizes.',
      '# TYPE a_bytes histogram',
      'a_bytes_bucket{p="x",le="0.005"} 1',
      'a_bytes_bucket{p="x",le="1"} 1',
      'a_bytes_bucket{p="x",le="1.5"} 3',
      'a_bytes_bucket{p="x",le="300"} 3',
      'a_bytes_bucket{p="x",le="86400"} 3',
      'a_bytes_bucket{p="x",le="+Inf"} 4',
      'a_bytes_sum{p="x"} 7.25',
      'a_bytes_count{p="x"} 4',
      '',
    ].join('\n'),
    openmetrics: [
      '# TYPE a_bytes histogram',
      '# UNIT a_bytes bytes',
      '# HELP a_bytes Sizes.',
      'a_bytes_bucket{p="x",le="0.005"} 1',
      'a_bytes_bucket{p="x",le="1.0"} 1',
      'a_bytes_bucket{p="x",le="1.5"} 3',
      'a_bytes_bucket{p="x",le="300.0"} 3',
      'a_bytes_bucket{p="x",le="86400.0"} 3',
      'a_bytes_bucket{p="x",le="+Inf"} 4',
      'a_bytes_sum{p="x"} 7.25',
      'a_bytes_count{p="x"} 4',
      '',
    ].join('\n'),
  },
  {
    name: 'a family without samples',
    family: { name: 'a', help: 'None.', type: 'gauge', samples: [] },
    text: '',
    openmetrics: '',
  },
];

describe.each(['text', 'openmetrics'] as const satisfies readonly Format[])('the format %s', (format) => {
  it.each(cases)('writes $name', ({ family, ...want }) => {
    expect(familyText(family, format)).toBe(want[format]);
  });
});

itWithOpenMetricsParser('is read by the parser of the authors of OpenMetrics as it was meant', () => {
  const named = cases.map(({ family }, index) => ({
    ...family,
    name: family.name.replace(/^a/, `a${String(index)}`),
  }));
  const text = named.map((family) => familyText(family, 'openmetrics')).join('') + openMetricsEnd;
  const [counter, gauge, , escaped, odd, sizes] = parseOpenMetrics(text);
  expect(counter).toEqual({
    name: 'a0_wait_seconds',
    type: 'counter',
    unit: 'seconds',
    help: 'Waited.',
    samples: [['a0_wait_seconds_total', {}, '1.5']],
  });
  expect(gauge?.samples).toEqual([['a1_rooms', {}, '9007199254740992.0']]);
  expect(escaped).toMatchObject({
    help: 'Say "hi"\\\nbye é',
    samples: [['a3', { room: 'say "hi"\\\nbye é🎉', state: '' }, '1.0']],
  });
  expect(odd?.samples.map(([, , value]) => value)).toEqual(['nan', 'inf', '-inf', '1e+21', '1e-07', '-0.5']);
  expect(sizes?.unit).toBe('bytes');
  expect(() => parseOpenMetrics(text.replace(openMetricsEnd, ''))).toThrow('EOF');
});
