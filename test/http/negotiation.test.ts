import { describe, expect, test } from 'vitest';
import { createNegotiation } from '../../src/http/metrics.ts';

const openMetrics = 'application/openmetrics-text';

test.each([
  { name: 'nothing', given: undefined, want: 'text' },
  { name: 'nothing in it', given: '', want: 'text' },
  { name: 'anything', given: '*/*', want: 'text' },
  {
    name: 'a browser',
    given: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    want: 'text',
  },
  {
    name: 'Prometheus 2.42',
    given: `${openMetrics};version=1.0.0,${openMetrics};version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`,
    want: 'openmetrics',
  },
  {
    name: 'Prometheus 3',
    given:
      `${openMetrics};version=1.0.0;escaping=allow-utf-8;q=0.5,${openMetrics};version=0.0.1;q=0.4,` +
      'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,/;q=0.1',
    want: 'openmetrics',
  },
  {
    name: 'Prometheus 3 that prefers the text format',
    given: `text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,${openMetrics};version=1.0.0;q=0.4`,
    want: 'text',
  },
  {
    name: 'Prometheus that prefers protobuf',
    given:
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,' +
      `${openMetrics};version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2`,
    want: 'openmetrics',
  },
  { name: 'OpenMetrics of no version', given: openMetrics, want: 'openmetrics' },
  {
    name: 'OpenMetrics in capitals',
    given: 'Application/OpenMetrics-Text; Version=1.0.0',
    want: 'openmetrics',
  },
  { name: 'a quoted version', given: `${openMetrics}; version="1.0.0"`, want: 'openmetrics' },
  { name: 'a draft of OpenMetrics', given: `${openMetrics};version=0.0.1`, want: 'text' },
  { name: 'a later OpenMetrics', given: `${openMetrics};version=2.0.0`, want: 'text' },
  { name: 'OpenMetrics refused', given: `${openMetrics};q=0, text/plain;q=0`, want: 'text' },
  {
    name: 'OpenMetrics as gladly as text, and first',
    given: `${openMetrics}, text/plain`,
    want: 'openmetrics',
  },
  { name: 'text as gladly as OpenMetrics, and first', given: `text/plain, ${openMetrics}`, want: 'text' },
  { name: 'OpenMetrics less gladly than text', given: `text/plain, ${openMetrics};q=0.9`, want: 'text' },
  { name: 'OpenMetrics less gladly than any text', given: `${openMetrics};q=0.5, text/*`, want: 'text' },
  {
    name: 'OpenMetrics more gladly than text 0.0.4, but not than others',
    given: `${openMetrics};q=0.5, text/plain;version=0.0.4;q=0.4, */*`,
    want: 'openmetrics',
  },
  { name: 'OpenMetrics by a weight that cannot be read', given: `${openMetrics};q=high`, want: 'text' },
  { name: 'what nobody has', given: 'image/png', want: 'text' },
  { name: 'a comma in quotes', given: `text/plain;a="x,${openMetrics}"`, want: 'text' },
])('answers Accept of $name with $want', ({ given, want }) => {
  expect(createNegotiation()(given, undefined).format).toBe(want);
});

test.each([
  { name: 'nothing', given: undefined, want: 'identity' },
  { name: 'gzip', given: 'gzip', want: 'gzip' },
  { name: 'gzip in capitals', given: 'GZIP', want: 'gzip' },
  { name: 'a browser', given: 'gzip, deflate, br, zstd', want: 'gzip' },
  { name: 'anything', given: '*', want: 'gzip' },
  { name: 'gzip, if hardly', given: 'gzip;q=0.001', want: 'gzip' },
  { name: 'gzip less gladly than plain bytes', given: 'gzip;q=0.5, identity', want: 'identity' },
  { name: 'others only', given: 'deflate, br', want: 'identity' },
  { name: 'gzip refused', given: 'gzip;q=0, *', want: 'identity' },
  { name: 'everything refused', given: 'gzip;q=0, identity;q=0', want: 'identity' },
])('answers Accept-Encoding of $name with $want', ({ given, want }) => {
  expect(createNegotiation()(undefined, given).encoding).toBe(want);
});

describe('the same client', () => {
  test('gets the same every time, whoever asks in between', () => {
    const negotiation = createNegotiation();
    const first = negotiation(openMetrics, 'gzip');
    for (let client = 0; client < 100; client++) negotiation(`text/plain;q=0.${String(client)}`, 'gzip');
    expect(negotiation(openMetrics, 'gzip')).toEqual(first);
    expect(first).toEqual({ format: 'openmetrics', encoding: 'gzip' });
  });
});
