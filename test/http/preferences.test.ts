import { expect, test } from 'vitest';
import { Preferences } from '../../src/http/preferences.ts';

const openMetrics = 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5';

test('tells what each client prefers, also when it is asked again', () => {
  const preferences = new Preferences();
  for (let time = 0; time < 2; time++) {
    expect(preferences.of(openMetrics, 'gzip')).toEqual({ format: 'openmetrics', encoding: 'gzip' });
    expect(preferences.of(openMetrics, undefined)).toEqual({ format: 'openmetrics', encoding: 'identity' });
    expect(preferences.of(undefined, 'gzip')).toEqual({ format: 'text', encoding: 'gzip' });
    expect(preferences.of()).toEqual({ format: 'text', encoding: 'identity' });
  }
});

test('keeps apart what two headers say', () => {
  const preferences = new Preferences();
  expect(preferences.of('gzip', '')).toEqual({ format: 'text', encoding: 'identity' });
  expect(preferences.of('', 'gzip')).toEqual({ format: 'text', encoding: 'gzip' });
});

test('goes on telling, whatever many clients prefer', () => {
  const preferences = new Preferences();
  for (let client = 0; client < 100; client++)
    expect(preferences.of(`text/plain;client=${String(client)}`, 'gzip').encoding).toBe('gzip');
  expect(preferences.of(openMetrics, 'gzip').format).toBe('openmetrics');
});
